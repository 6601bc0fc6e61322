"""What stands in the fields of an event's form is read as it was put there, and nothing that may be sent breaks it."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.event import EventKind, EventStatus, JoinMode, Place
from models.post import Visibility
from server.errors import Invalid
from server.events.drafts import EventDraft, PlaceDraft, QuestionDraft, ShiftDraft, check
from server.events.templates import drafted
from web.organising.clocks import ending, read_date, read_time, written_ending
from web.organising.typed import ALONE, OF_A_QUESTION, OF_A_SHIFT, EventForm, of_draft, of_typed, read

clock = datetime.fromisoformat
FULL = EventDraft(
    title="Porte-à-porte",
    text="Rendez-vous devant les halles.\n\nEt après ?",
    starts=clock("2026-12-05 14:00"),
    ends=clock("2026-12-05 17:00"),
    timezone="America/Martinique",
    kind=EventKind.CANVASSING,
    place=PlaceDraft("Halles", "12 rue Colbert", "59000", "Lille"),
    online_url="https://visio.example/lille",
    has_wheelchair_access=True,
    is_streamed=True,
    join_mode=JoinMode.RESTRICTED,
    capacity=40,
    most_guests=2,
    questions=[
        QuestionDraft("Une voiture ?", "yes_no", is_required=True, id="1"),
        QuestionDraft("Quoi ?", "choice", ("Du pain", "Du vin")),
    ],
    shifts=[ShiftDraft("Accueil", clock("2026-12-05 14:00"), clock("2026-12-05 15:00"), 2, 7)],
    visibility=Visibility.UNLISTED,
    language="fr",
)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"ends": None},
        {"ends": clock("2026-12-06 01:00")},
        {"ends": clock("2026-12-07 17:00")},
        {"is_all_day": True, "starts": clock("2026-12-05"), "ends": clock("2026-12-05"), "shifts": []},
        {"is_all_day": True, "starts": clock("2026-12-05"), "ends": clock("2026-12-08"), "shifts": []},
        {"shifts": [ShiftDraft("La veille", clock("2026-12-04 22:00"), clock("2026-12-05 02:00"))]},
        {"join_mode": JoinMode.EXTERNAL, "external_url": "https://far.test/inscription"},
        {"capacity": None, "questions": [], "shifts": []},
    ],
)
def test_an_event_comes_back_from_its_form_as_it_was(changed: dict[str, Any]) -> None:
    draft = replace(FULL, **changed)
    assert _plain(read(of_typed(of_draft(draft).flat), [])) == _plain(draft)


@pytest.mark.parametrize("kind", [kind for kind in EventKind if kind is not EventKind.OTHER])
def test_every_template_comes_back_from_its_form(kind: EventKind) -> None:
    draft = replace(drafted(kind, clock("2027-03-06 10:00"), "fr"), place=PlaceDraft("Halles"))
    assert _plain(read(of_typed(of_draft(draft).flat), [])) == _plain(draft)


def _plain(draft: EventDraft | None) -> EventDraft:
    assert draft is not None
    return replace(draft, questions=list(draft.questions), shifts=list(draft.shifts))


ODD = (
    "2026-12-05", "0001-01-01", "9999-12-31", "14:00", "23:59", "25:61", "-1", "10", "yes", "text", "choice", "free",
    "meeting", "public", "\u00b2", "Europe/Paris", "Mars/Olympus", "https://far.test/", "javascript:alert(1)",
)  # fmt: skip
_words = st.one_of(
    st.text(max_size=20),
    st.sampled_from(ODD),
)
_rows = st.builds(
    "{}-{}-{}".format,
    st.sampled_from(["question", "shift"]),
    st.integers(0, 120),
    st.sampled_from([*OF_A_QUESTION, *OF_A_SHIFT]),
)


@given(st.dictionaries(st.one_of(st.sampled_from(ALONE), _rows, st.text(max_size=12)), _words, max_size=40))
def test_whatever_is_sent_is_an_event_a_problem_or_no_form_of_ours(typed: dict[str, str]) -> None:
    form = of_typed({**of_draft(FULL).flat, **typed})
    try:
        draft = read(form, [])
    except Invalid:
        return
    if draft is None:
        assert form.problems
    else:
        check(draft)


@given(st.text(max_size=12))
def test_any_text_is_a_day_and_an_hour_or_none(typed: str) -> None:
    day, hour = read_date(typed), read_time(typed)
    assert day is None or day.isoformat() == typed.strip()
    assert hour is None or typed.strip().startswith(f"{hour:%H:%M}")


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - what clocks show
    st.integers(0, 60 * 24 * 40),
)
def test_every_end_is_read_as_it_is_written(starts: datetime, minutes: int) -> None:
    starts = starts.replace(second=0, microsecond=0)
    ends = starts + timedelta(minutes=minutes)
    day, hour = written_ending(starts, ends)
    at = read_time(hour)
    assert at is not None
    assert ending(starts, read_date(day), at) == ends


@pytest.mark.parametrize(
    "typed", ["", "05/12/2026", "2026-13-01", "2026-02-30", "1999-12-31", "2200-01-01", "20261205"]
)
def test_what_is_no_day_is_none(typed: str) -> None:
    assert read_date(typed) is None


@pytest.mark.parametrize(
    ("typed", "hour"), [("19:00", time(19)), ("09:05:30", time(9, 5)), ("9:00", None), ("24:00", None)]
)
def test_an_hour_is_read_as_browsers_send_it(typed: str, hour: time | None) -> None:
    assert read_time(typed) == hour


def test_an_evening_lasts_into_the_night_and_a_slip_does_not() -> None:
    assert ending(clock("2026-12-05 20:00"), None, time(1)) == clock("2026-12-06 01:00")
    assert ending(clock("2026-12-05 14:00"), None, time(12)) == clock("2026-12-05 12:00")
    assert ending(clock("2026-12-05 20:00"), date(2026, 12, 5), time(1)) == clock("2026-12-05 01:00")


def _problems(**changed: str) -> dict[str, str]:
    form = of_typed({**of_draft(FULL).flat, **changed})
    read(form, [])
    return form.problems


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": ""}, "title"),
        ({"starts_on": ""}, "starts_on"),
        ({"starts_at": "tôt"}, "starts_at"),
        ({"ends_at": "12:00"}, "ends"),
        ({"ends_on": "2026-12-06", "ends_at": ""}, "ends"),
        ({"ends_on": "demain"}, "ends"),
        ({"place": "", "street": "", "postal_code": "", "locality": "", "online_url": ""}, "place"),
        ({"online_url": "javascript:alert(1)"}, "online_url"),
        ({"join_mode": "external"}, "external_url"),
        ({"capacity": "beaucoup"}, "capacity"),
        ({"capacity": "0"}, "capacity"),
        ({"most_guests": "51"}, "most_guests"),
        ({"question-0-label": "x" * 256}, "question-0"),
        ({"question-1-choices": "Du pain"}, "question-1"),
        ({"question-1-label": ""}, "question-1"),
        ({"shift-0-name": ""}, "shift-0"),
        ({"shift-0-to": "13:00"}, "shift-0"),
        ({"shift-0-from": ""}, "shift-0"),
        ({"shift-0-places": "0"}, "shift-0"),
        ({"shift-0-on": "2027-12-05"}, "shift-0"),
    ],
)
def test_each_problem_is_told_where_it_is(changed: dict[str, str], field: str) -> None:
    assert set(_problems(**changed)) == {field}


def test_all_problems_are_told_at_once() -> None:
    assert set(_problems(title="", starts_on="", capacity="x", **{"shift-0-name": ""})) == {
        "title",
        "starts_on",
        "capacity",
        "shift-0",
    }


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "party"},
        {"join_mode": "x"},
        {"visibility": "direct"},
        {"timezone": "Mars/Olympus"},
        {"language": "x" * 17},
    ],
)
def test_what_no_form_of_ours_sends_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        _problems(**changed)


def test_rows_with_nothing_in_them_are_left_out() -> None:
    form = of_draft(replace(FULL, questions=[], shifts=[]))
    form.questions, form.shifts = [{"kind": "text"}, {"label": " "}], [{"places": "1"}]
    draft = read(of_typed(form.flat), [])
    assert draft is not None
    assert (draft.questions, draft.shifts) == ([], [])


PLACE = Place(id=5, name="Halles", locality="Lille", latitude=50.6, longitude=3.0, country="FR")


def test_a_place_that_is_chosen_or_typed_again_keeps_its_point_on_the_map() -> None:
    for typed in ({"place_id": "5", "place": "Ailleurs"}, {"place": "Halles", "locality": "Lille"}):
        values = of_draft(replace(FULL, place=None)).values | typed
        draft = read(EventForm(values), [PLACE])
        assert draft is not None
        assert draft.place == PlaceDraft("Halles", locality="Lille", country="FR", latitude=50.6, longitude=3.0)


def test_a_place_that_is_not_among_those_is_not_taken() -> None:
    form = EventForm(of_draft(replace(FULL, place=None, online_url="")).values | {"place_id": "6"})
    assert read(form, [PLACE]) is None
    assert set(form.problems) == {"place"}


@pytest.mark.parametrize(
    ("before", "ticked", "after"),
    [
        (EventStatus.POSTPONED, True, EventStatus.CONFIRMED),
        (EventStatus.POSTPONED, False, EventStatus.POSTPONED),
        (EventStatus.CANCELLED, True, EventStatus.CANCELLED),
        (EventStatus.TENTATIVE, False, EventStatus.TENTATIVE),
    ],
)
def test_whether_it_takes_place_and_who_sees_it_stay_unless_said(
    before: EventStatus, ticked: bool, after: EventStatus
) -> None:
    form = of_typed(of_draft(FULL).flat | ({"takes_place": "yes"} if ticked else {}) | {"visibility": "public"})
    draft = read(form, [], replace(FULL, status=before, visibility=Visibility.SECTION))
    assert draft is not None
    assert (draft.status, draft.visibility) == (after, Visibility.SECTION)
