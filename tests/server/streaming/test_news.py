"""What processes tell each other: whatever was written is read again, and nothing else breaks anybody."""

import json
from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from server.streaming.news import Gone, News, merge, parse

IDS = st.lists(st.integers(0, 2**63 - 1), max_size=4).map(tuple)
GONE = st.builds(Gone, st.integers(0, 2**63 - 1), st.booleans(), IDS)
PAIRS = st.lists(st.tuples(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1)), max_size=3).map(tuple)
NEWS = st.builds(
    News, IDS, PAIRS, IDS, st.lists(GONE, max_size=3).map(tuple), IDS, IDS, PAIRS, PAIRS, IDS, IDS, IDS
)  # fmt: skip


@given(NEWS)
def test_what_was_written_is_read(news: News):
    assert parse(news.write()) == news


@given(st.binary())
def test_junk_is_no_news(message: bytes):
    assert parse(message) is None


@given(
    st.recursive(st.none() | st.integers() | st.text(), lambda part: st.lists(part) | st.dictionaries(st.text(), part))
)
def test_other_json_is_no_news(value: object):
    for shape in (value, {part.name: value for part in fields(News)}):
        found = parse(json.dumps(shape).encode())
        assert found is None or isinstance(value, list)


@given(NEWS, NEWS)
def test_two_are_told_as_one_each_thing_once(first: News, second: News):
    both = merge([first, second, first])

    assert set(both.posts) == {*first.posts, *second.posts}
    assert len(both.posts) == len(set(both.posts))
    assert set(both.gone) == {*first.gone, *second.gone}
