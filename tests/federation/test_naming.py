"""Every uri this server gives out, and which row a name means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.naming import Names

NAMES = Names("https://lille.test")
ids = st.integers(min_value=0, max_value=2**63 - 1)


def test_the_host_is_what_follows_the_at_of_a_handle() -> None:
    assert Names("http://localhost:8000").host == "localhost:8000"


def test_shared_places_have_their_names() -> None:
    assert NAMES.shared_inbox == "https://lille.test/inbox"
    assert NAMES.instance_actor == "https://lille.test/actor"


def test_pages_have_their_addresses() -> None:
    assert NAMES.profile("zoe") == "https://lille.test/@zoe"
    assert NAMES.post_page("zoe", 7) == "https://lille.test/@zoe/7"
    assert NAMES.tag("santé") == "https://lille.test/tags/sant%C3%A9"


@given(ids)
def test_the_name_of_a_row_leads_back_to_it(id_: int) -> None:
    assert NAMES.post_id(NAMES.post(id_)) == id_
    assert NAMES.actor_id(NAMES.actor(id_)) == id_


@given(ids)
def test_the_name_of_one_kind_of_row_is_none_of_another(id_: int) -> None:
    assert NAMES.post_id(NAMES.actor(id_)) is None
    assert NAMES.actor_id(NAMES.post(id_)) is None


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "https://lille.test/posts/",
        "https://lille.test/posts/007",
        "https://lille.test/posts/-7",
        "https://lille.test/posts/+7",
        "https://lille.test/posts/7/",
        "https://lille.test/posts/7?x",
        "https://lille.test/posts/٧",
        "https://lille.test/posts/9223372036854775808",
        "https://lille.test.evil.test/posts/7",
        "http://lille.test/posts/7",
        "7",
    ],
)
def test_anything_else_is_the_name_of_no_row(uri: str) -> None:
    assert NAMES.post_id(uri) is None


@given(st.text())
def test_any_text_may_be_asked_for(text: str) -> None:
    assert NAMES.post_id(text) is None or text.startswith("https://lille.test/posts/")


def test_names_of_activities_are_never_alike() -> None:
    made = {NAMES.new_activity() for _ in range(1000)}
    assert len(made) == 1000
    assert all(NAMES.is_ours(uri) for uri in made)


@pytest.mark.parametrize("uri", ["https://lille.test", "https://lille.test/", "https://lille.test/posts/1"])
def test_what_we_gave_out_is_ours(uri: str) -> None:
    assert NAMES.is_ours(uri)


@pytest.mark.parametrize(
    "uri",
    ["https://lille.test.evil.test/", "https://lille.test@evil.test/", "http://lille.test/", "https://far.test/", ""],
)
def test_what_another_gave_out_is_not(uri: str) -> None:
    assert not NAMES.is_ours(uri)
