"""From visibility to addressing and back: the one place that knows who an activity is for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.addressing import address, visibility_of, without_public
from federation.vocabulary import PUBLIC, PUBLIC_SPELLINGS
from models.actor import Actor
from models.post import Visibility
from tests.federation import hostile

ZOE = Actor(uri="https://lille.test/actors/1", followers_uri="https://lille.test/actors/1/followers")
NOOR = "https://far.test/users/noor"
ADDRESSED = [Visibility.PUBLIC, Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.DIRECT]
uris = st.sampled_from([NOOR, "https://far.test/users/max", ZOE.uri, "https://elsewhere.test/groups/1"])


@pytest.mark.parametrize("visibility", ADDRESSED)
@given(named=st.lists(uris, max_size=5))
def test_visibility_survives_being_addressed(visibility: Visibility, named: list[str]) -> None:
    to, cc = address(ZOE, visibility, named)
    assert visibility_of(to, cc, ZOE) is visibility


@pytest.mark.parametrize("visibility", ADDRESSED)
@given(named=st.lists(uris, max_size=5))
def test_everybody_named_is_addressed_once_and_the_author_never(visibility: Visibility, named: list[str]) -> None:
    to, cc = address(ZOE, visibility, named)
    assert {*named} - {ZOE.uri} <= {*to, *cc}
    assert len({*to, *cc}) == len(to) + len(cc)
    assert ZOE.uri not in (*to, *cc)


def test_public_stands_where_mastodon_looks_for_it() -> None:
    assert address(ZOE, Visibility.PUBLIC, [NOOR]) == ([PUBLIC], [ZOE.followers_uri, NOOR])
    assert address(ZOE, Visibility.UNLISTED, [NOOR]) == ([ZOE.followers_uri], [PUBLIC, NOOR])
    assert address(ZOE, Visibility.FOLLOWERS, [NOOR]) == ([ZOE.followers_uri], [NOOR])
    assert address(ZOE, Visibility.DIRECT, [NOOR]) == ([NOOR], [])


def test_what_cannot_be_addressed_is_refused() -> None:
    with pytest.raises(ValueError, match="section"):
        address(ZOE, Visibility.SECTION, [])


@pytest.mark.parametrize("public", sorted(PUBLIC_SPELLINGS))
def test_public_counts_whatever_its_spelling(public: str) -> None:
    assert visibility_of([public], [], ZOE) is Visibility.PUBLIC
    assert visibility_of([NOOR], [public], ZOE) is Visibility.UNLISTED


@pytest.mark.parametrize("almost", ["public", "as:public", f"{PUBLIC}/", PUBLIC.lower(), "https://public.test/#Public"])
def test_what_only_looks_like_public_opens_nothing(almost: str) -> None:
    assert visibility_of([almost], [almost], ZOE) is Visibility.DIRECT


def test_followers_are_those_of_the_author() -> None:
    assert visibility_of([], [str(ZOE.followers_uri)], ZOE) is Visibility.FOLLOWERS
    assert visibility_of([f"{NOOR}/followers"], [], ZOE) is Visibility.DIRECT


def test_an_author_without_followers_addresses_nobody_by_that_name() -> None:
    nobody = Actor(uri=NOOR, followers_uri=None)
    assert visibility_of([NOOR], [], nobody) is Visibility.DIRECT
    assert address(nobody, Visibility.FOLLOWERS, []) == ([], [])


@given(st.lists(st.text() | st.sampled_from(hostile.ODD_STRINGS)), st.lists(st.text()))
def test_nothing_is_open_unless_it_says_so(to: list[str], cc: list[str]) -> None:
    is_open = visibility_of(to, cc, ZOE) in (Visibility.PUBLIC, Visibility.UNLISTED)
    assert is_open == bool(PUBLIC_SPELLINGS & {*to, *cc})


def test_nobody_delivers_to_public() -> None:
    assert without_public([PUBLIC, NOOR, "as:Public", "Public", NOOR]) == [NOOR]
