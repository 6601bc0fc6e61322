"""Which addresses a request may reach."""

import ipaddress
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.ip_addresses import AddressRefused, is_reachable, open_socket

PUBLIC = ["9.9.9.9", "193.0.6.139", "2620:fe::fe", "2a00:1450::1", "::ffff:9.9.9.9", "64:ff9b::9.9.9.9"]
LOCAL = [
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "100.127.255.255",
    "::1",
    "fc00::1",
    "fdff::1",
    "::ffff:127.0.0.1",
    "::ffff:10.1.2.3",
    "64:ff9b::7f00:1",
    "64:ff9b::192.168.0.1",
]
NEVER = [
    "0.0.0.0",
    "0.1.2.3",
    "169.254.169.254",
    "192.0.0.1",
    "192.0.0.9",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::ffff:0.0.0.0",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:7f00:1::",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:909:909::",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "",
    "example.org",
    "127.1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_reachable(address):
    assert is_reachable(address)
    assert is_reachable(address, allow_private=True)


@pytest.mark.parametrize("address", LOCAL)
def test_local_addresses_are_reachable_only_where_allowed(address):
    assert not is_reachable(address)
    assert is_reachable(address, allow_private=True)


@pytest.mark.parametrize("address", NEVER)
def test_addresses_of_nobody_are_never_reachable(address):
    assert not is_reachable(address)
    assert not is_reachable(address, allow_private=True)


@settings(deadline=None)
@given(st.ip_addresses())
def test_nothing_is_reachable_that_the_standard_library_calls_private(address):
    if is_reachable(str(address)) and not getattr(address, "ipv4_mapped", None):
        in_nat64 = address in ipaddress.ip_network("64:ff9b::/96")
        assert in_nat64 or (address.is_global and not address.is_multicast and not address.is_reserved)


@settings(deadline=None)
@given(st.ip_addresses(v=4))
def test_a_wrapped_address_counts_as_the_one_inside(address):
    assert is_reachable(f"::ffff:{address}") == is_reachable(f"64:ff9b::{address}") == is_reachable(str(address))


def test_a_socket_is_made_only_for_a_reachable_destination():
    destination = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", 443))

    with pytest.raises(AddressRefused):
        open_socket(destination, allow_private=False)
    with open_socket(destination, allow_private=True) as made:
        assert made.family is socket.AF_INET
