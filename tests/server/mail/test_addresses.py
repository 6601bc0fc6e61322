"""E-mail addresses that letters can go to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import Invalid
from server.mail.addresses import sendable


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" zoe@post.example ", "zoe@post.example"),
        ("Zoe.L+lille@Post.Example", "Zoe.L+lille@post.example"),
        ("zoe@été.example", "zoe@xn--t-9fab.example"),
        ("o'brien@post.example", "o'brien@post.example"),
    ],
)
def test_an_address_is_read(typed: str, address: str) -> None:
    assert sendable(typed) == address


@pytest.mark.parametrize(
    "typed",
    ["", "zoe", "@post.example", "zoe@", "zoe@post", "zoé@post.example", "a@b@post.example", "zoe.@post.example",
     "zoe@post.example\nBcc: all@post.example", "zoe@post.example, ali@post.example", "<zoe@post.example>",
     "a b@post.example",
     '"a b"@post.example', "zoe@[127.0.0.1]", "zoe@post..example", "zoe@-post.example", f"{'a' * 65}@post.example",
     f"a@{'b.' * 130}fr", "zoe(x)@post.example", "zoe@post.example."],
)  # fmt: skip
def test_what_no_letter_can_go_to_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        sendable(typed)


@given(st.one_of(st.text(), st.emails(), st.builds("{}@{}".format, st.text(max_size=9), st.text(max_size=9))))
def test_whatever_is_typed_is_refused_or_safe_to_write_to(typed: str) -> None:
    try:
        address = sendable(typed)
    except Invalid:
        return
    assert address.isascii()
    assert address.isprintable()
    assert not set(address) & set(' <>,;:"()[]\\')
    assert address.count("@") == 1
    assert sendable(address) == address
