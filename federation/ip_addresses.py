"""Say which network addresses a request to another server may reach.

`ipaddress.is_global` is the beginning; the lists below name what it misses, and what hides another address inside.
Source: the IANA special-purpose address registries; RFC 6052 (NAT64), RFC 6598 (shared), RFC 7526 (6to4).
"""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

_UNICAST_V6 = ip_network("2000::/3")  # the only part of IPv6 ever given to the public
_NAT64 = ip_network("64:ff9b::/96")
_SPECIAL = tuple(
    ip_network(block)
    for block in (
        "100.64.0.0/10",  # shared by the customers of one provider
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # 6to4 relays
        "224.0.0.0/4",  # multicast
        "2001::/23",  # Teredo and other protocols: some hide a v4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: hides a v4 address
        "3fff::/20",  # documentation
    )
)
_LOCAL = tuple(
    ip_network(block)
    for block in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "::1/128",
        "fc00::/7",
    )
)


class AddressRefused(OSError):
    """No request goes there. An OSError, the one kind that HTTP clients pass on from a resolver or a socket."""


def is_reachable(text: str, *, allow_private: bool = False) -> bool:
    """Whether a request may be sent to this address, as `getaddrinfo` or a socket spells it.

    `allow_private` opens loopback and private networks, for tests and a demonstration on one machine; link-local,
    multicast, unspecified and reserved addresses stay shut.
    """
    try:
        address = _unwrapped(ip_address(text))
    except ValueError:
        return False
    if allow_private and any(address in network for network in _LOCAL):
        return True
    if address.version == 6 and address not in _UNICAST_V6:
        return False
    return address.is_global and not any(address in network for network in _SPECIAL)


def open_socket(address: tuple[int, int, int, str, tuple[Any, ...]], *, allow_private: bool) -> socket.socket:
    """Make the socket for a connection, if its true destination may be reached: the last check, whatever DNS said.

    Raises:
        AddressRefused: it may not.
    """
    family, kind, protocol, _, destination = address
    if not is_reachable(destination[0], allow_private=allow_private):
        raise AddressRefused(f"{destination[0]} is not a public address")
    return socket.socket(family, kind, protocol)


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Give the v4 address that a v4-mapped or NAT64 address leads to, and any other as it is."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address
