"""Browsers are known again by a word, and by nothing that a header could say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.sessions.devices import device_of
from server.sessions.queries import form_token, is_form_token


@pytest.mark.parametrize(
    ("header", "device"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/150.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/150.0 Safari/537.36 Edg/150.0", "Edge, Windows"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)
def test_device_is_named(header, device):
    assert device_of(header) == device


@given(st.text())
def test_nothing_of_the_header_itself_is_kept(header):
    assert all(word in ("Edge", "Opera", "Samsung Internet", "Firefox", "Chrome", "Safari", "Android", "iPhone", "iPad",
                        "Windows", "macOS", "ChromeOS", "Linux", "") for word in device_of(header).split(", "))  # fmt: skip


@given(st.text(), st.text(min_size=1))
def test_only_what_belongs_to_the_cookie_is_its_form_token(typed, cookie):
    assert is_form_token(form_token(cookie), cookie)
    assert not is_form_token(typed, "")
    assert is_form_token(typed, cookie) == (typed == form_token(cookie))
