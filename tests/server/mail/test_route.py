"""The setting that says how e-mail leaves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.mail.route import Route, read_route


@pytest.mark.parametrize(
    ("url", "route"),
    [
        ("smtp://localhost:25", Route("localhost", 25, "", "", False)),
        ("smtp://post.example", Route("post.example", 587, "", "", False)),
        (
            "smtps://zoe%40post.example:p%2Fw%3A@Post.Example/",
            Route("post.example", 465, "zoe@post.example", "p/w:", True),
        ),
    ],
)
def test_a_mail_server_is_read(url: str, route: Route) -> None:
    assert read_route(url) == route


@pytest.mark.parametrize(
    "url",
    ["", "post.example", "http://post.example", "smtp://", "smtp://:25", "smtp://post.example:0", "smtp://zoe@post.example",
     "smtp://post.example/x", "smtp://post.example?x", "smtp://post.example:99999", "smtp://[::1", "smtp://zoe:sec:ret"],
)  # fmt: skip
def test_what_names_no_mail_server_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match=r"^[a-z ]+$"):
        read_route(url)


@given(st.text().map(lambda text: f"smtp://{text}"))
def test_whatever_is_set_is_read_or_refused(url: str) -> None:
    try:
        route = read_route(url)
    except ValueError:
        return
    assert route.host
    assert 0 < route.port < 65536


def test_only_this_machine_is_spoken_to_in_the_open() -> None:
    assert read_route("smtp://127.0.0.1:25").is_here
    assert not read_route("smtp://localhost.example").is_here
