"""Keywords: what they find, and that nothing in them means anything but itself."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.filters import Filter, FilterAction, FilterContext, FilterKeyword, FilterPost
from server.filters.matching import ActiveFilter, found, hides, pattern


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("vote", "Le VOTE aura lieu"), ("vote", "(vote)"), ("#vote", "le #vote"), ("a.b", "a.b"), ("été", "L'ÉTÉ vient"),
        ("c++", "du c++ !"), ("deux mots", "ces Deux mots"), ("(a+)+$", "voici (a+)+$ ici"),
    ],
)  # fmt: skip
def test_a_whole_word_is_found(keyword: str, text: str):
    assert pattern(keyword, True).search(text)


@pytest.mark.parametrize(
    ("keyword", "text"),
    [("vote", "il votera"), ("vote", "un prévote"), ("a.b", "acb"), (".*", "tout"), ("vote", ""), ("été", "étés")],
)
def test_what_is_part_of_a_word_or_looks_like_a_pattern_is_not_found(keyword: str, text: str):
    assert not pattern(keyword, True).search(text)


def test_parts_of_words_are_found_where_that_is_wanted():
    assert pattern("vote", False).search("PRÉVOTERA")


@given(st.text(min_size=1, max_size=60), st.booleans(), st.text(max_size=60), st.text(max_size=60))
def test_any_keyword_finds_itself_standing_alone_and_breaks_nothing(
    keyword: str, is_whole_word: bool, before: str, after: str
):
    found_in = pattern(keyword, is_whole_word).search

    assert found_in(f"{before}\n{keyword}\n{after}")
    pieces = found_in(before + after)
    assert pieces is None or len(pieces[0]) == len(keyword)


@given(st.text(min_size=1, max_size=40), st.text(max_size=200))
def test_without_word_boundaries_a_keyword_is_found_exactly_where_it_stands(keyword: str, text: str):
    sensitive = re.compile(pattern(keyword, False).pattern)

    assert (sensitive.search(text) is not None) == (keyword in text)


def test_a_long_text_against_a_keyword_made_to_be_slow_is_read_once():
    assert not pattern("(a+)+" * 80, True).search("a" * 100_000)


async def test_matches_name_the_keywords_and_the_post(db: str):
    row = Filter(id=1, title="x", contexts=["home"], action=FilterAction.HIDE)
    one = ActiveFilter(
        row,
        [FilterKeyword(keyword=word, is_whole_word=True) for word in ("un", "deux", "trois")],
        [FilterPost(post_id=7)],
    )

    [by_word] = found([one], 8, ["Deux", "", "un !"])
    [by_post] = found([one], 7, ["rien"])

    assert (by_word.keywords, by_word.is_named) == (("un", "deux"), False)
    assert (by_post.keywords, by_post.is_named) == ((), True)
    assert found([one], 8, ["rien"]) == []
    assert hides([by_word], FilterContext.HOME)
    assert not hides([by_word], FilterContext.PUBLIC)
