"""Whatever is sent to the composer is read, or refused in a sentence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.post import Visibility
from server.errors import Invalid, NotFound
from server.posts import polls
from server.posts.actions import Draft
from server.posts.polls import DraftPoll
from server.posts.scheduled import AT_LEAST_AHEAD, written
from web.writing import composed
from web.writing.around import back_to, own_place, row_in
from web.writing.audience import NO_WIDER
from web.writing.pictures import read_focus
from web.writing.typed import LANGUAGES

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
VALUES = st.text(max_size=300) | st.sampled_from(
    [*LANGUAGES, "public", "direct", "section-7", "section-99999999999999999999", "3600", "2026-12-01", "18:30", "yes",
     "Europe/Paris", "nobody", "12", "-1", "/home", "0.5,-1"]
)  # fmt: skip
FIT = {"text": "Bonjour", "language": "fr", "visibility": "public", "open_for": "3600", "zone": "Europe/Paris"}


@given(st.dictionaries(st.sampled_from(composed.FIELDS), VALUES), st.booleans(), st.booleans())
def test_whatever_is_typed_is_read_or_refused(typed, has_pictures, is_whole):
    try:
        said = composed.read(FIT | typed if is_whole else typed, NOW, has_pictures=has_pictures)
    except Invalid:
        return
    if said.problems:
        return
    assert said.text.strip() or has_pictures
    assert "\n" not in said.warning
    assert said.language in LANGUAGES
    assert said.due_at is None or said.due_at >= NOW + AT_LEAST_AHEAD
    assert (said.visibility is Visibility.SECTION) == (said.group_id is not None)
    if said.poll is not None:
        polls.check(said.poll)


@given(
    st.builds(
        Draft,
        st.text(max_size=50),
        st.sampled_from([one for one in Visibility if one is not Visibility.SECTION]),
        content_warning=st.sampled_from(["", "Salut"]),
        language=st.sampled_from(["fr", "en"]),
        poll=st.none()
        | st.builds(
            DraftPoll, st.just(["Oui", "Non"]), st.sampled_from(composed.OPEN_FOR), st.booleans(), st.booleans()
        ),
    ),
    st.none() | st.integers(1440, 33_000_000).map(lambda minutes: NOW + timedelta(minutes=minutes)),
)
def test_a_kept_draft_says_the_same_in_the_form(draft, due_at):
    values = composed.of_draft(written(draft), due_at, ZoneInfo("Africa/Nairobi"))

    said = composed.read(FIT | {"text": ""} | values, NOW, has_pictures=draft.poll is None)

    assert (said.text, said.warning, said.language) == (draft.text, draft.content_warning, draft.language)
    assert (said.visibility, said.due_at) == (draft.visibility, due_at)
    if draft.poll is not None:
        assert said.poll is not None
        assert list(said.poll.options) == draft.poll.options
        assert replace(said.poll, options=[]) == replace(draft.poll, options=[])


@given(st.text(max_size=200) | st.from_regex(r"/[a-z/?&=#%\\:@.]*", fullmatch=True))
def test_going_back_never_leads_away(typed):
    address = back_to(typed, "posted", post=7)

    assert address.startswith("/")
    assert not address.startswith(("//", "/\\"))
    assert address.endswith("said=posted&post=7")
    assert "\n" not in address
    assert own_place(typed) in ("", typed)


@given(VALUES)
def test_a_point_lies_on_its_picture(typed):
    try:
        point = read_focus(typed)
    except Invalid:
        return
    assert point is None or max(abs(point[0]), abs(point[1])) <= 1


@given(VALUES)
def test_an_id_is_one_or_refused(typed):
    try:
        assert (row_in({"reply_to": typed}, "reply_to") is None) == (typed == "")
    except (Invalid, NotFound):
        return


@pytest.mark.parametrize("parent", list(Visibility))
def test_an_answer_is_for_no_more_people_than_its_parent(parent):
    order = [Visibility.PUBLIC, Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.SECTION, Visibility.DIRECT]

    assert all(order.index(one) >= order.index(parent) for one in NO_WIDER[parent])
    assert Visibility.DIRECT in NO_WIDER[parent]


def test_the_clock_of_the_writer_counts():
    typed = FIT | {"date": "2026-12-01", "time": "18:30", "zone": "America/Martinique"}

    assert composed.read(typed, NOW, has_pictures=False).due_at == datetime(2026, 12, 1, 22, 30, tzinfo=UTC)
    soon = NOW + timedelta(minutes=5)
    typed |= {"date": f"{soon:%Y-%m-%d}", "time": f"{soon:%H:%M}", "zone": "UTC"}
    assert not composed.read(typed, NOW, has_pictures=False).problems
