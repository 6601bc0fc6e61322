"""Calendar files that anybody may have written: what is read of them, why the rest is not, and that reading ends."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.event import EventKind, EventStatus
from server.errors import Invalid
from server.events import calendar_reading
from server.events.calendar_reading import MAX_BYTES, ReadCalendar
from server.events.drafts import EventDraft, PlaceDraft

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
clock = datetime.fromisoformat
USUAL = (
    "UID:reunion-1@agenda.example", "DTSTART;TZID=Europe/Paris:20261205T140000", "DTEND;TZID=Europe/Paris:20261205T160000",
    "SUMMARY:Réunion\\, puis tractage", "LOCATION:Halles de Wazemmes\\, Lille", "ATTENDEE;CN=Zoé:mailto:zoe@example.org",
    "ORGANIZER;CN=Ali:mailto:ali@example.org",
)  # fmt: skip


def read(*events: tuple[str, ...], around: tuple[str, ...] = (), **more: str) -> ReadCalendar:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y", *around]
    for event in events:
        lines += ["BEGIN:VEVENT", *event, "END:VEVENT"]
    body = "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()
    return calendar_reading.read(body, zone="Europe/Paris", now=NOW, **more)


def changed(**lines: str) -> tuple[str, ...]:
    """The usual event with other lines: `changed(DTSTART=":20261205T140000Z")`; '' leaves one out."""
    kept = [line for line in USUAL if line.partition(":")[0].partition(";")[0] not in lines]
    return (*kept, *(f"{name.replace('_', '-')}{value}" for name, value in lines.items() if value))


def only(*events: tuple[str, ...], **more: str) -> EventDraft:
    found = read(*events, **more)
    assert found.unreadable == ()
    [one] = found.found
    return one.draft


def test_an_event_is_read_as_it_would_be_typed() -> None:
    event = changed(
        DESCRIPTION=":Venez\\nnombreux", GEO=":50.62651;3.04987", CATEGORIES=":Tractage,Lille", STATUS=":TENTATIVE"
    )
    assert only(event) == EventDraft(
        title="Réunion, puis tractage",
        starts=clock("2026-12-05 14:00"),
        ends=clock("2026-12-05 16:00"),
        text="Venez\nnombreux",
        kind=EventKind.LEAFLETING,
        status=EventStatus.TENTATIVE,
        place=PlaceDraft("Halles de Wazemmes, Lille", latitude=50.62651, longitude=3.04987),
    )


def test_nobody_who_is_named_in_it_is_read() -> None:
    told = repr(read(USUAL))
    assert not any(name in told for name in ("Zoé", "zoe@", "Ali", "ali@"))


@pytest.mark.parametrize(
    ("starts", "told", "zone"),
    [
        (";TZID=Europe/Paris:20261205T140000", "2026-12-05 14:00", "Europe/Paris"),
        (";TZID=America/Cayenne:20261205T140000", "2026-12-05 14:00", "America/Cayenne"),
        (":20261205T130000Z", "2026-12-05 14:00", "Europe/Paris"),
        (":20261205T140000", "2026-12-05 14:00", "Europe/Paris"),
        (";TZID=Nowhere at all:20261205T140000", "2026-12-05 14:00", "Europe/Paris"),
    ],
)
def test_times_are_what_the_clock_shows_there(starts: str, told: str, zone: str) -> None:
    draft = only(changed(DTSTART=starts, DTEND=""))
    assert (draft.starts, draft.timezone, draft.ends) == (clock(told), zone, None)


def test_zones_of_windows_are_known_by_name() -> None:
    draft = only(changed(DTSTART=";TZID=Romance Standard Time:20261205T140000", DTEND=""))
    assert draft.starts_at == datetime(2026, 12, 5, 13, tzinfo=UTC)


def test_an_event_of_days_lasts_to_the_day_before_its_end() -> None:
    draft = only(changed(DTSTART=";VALUE=DATE:20261205", DTEND=";VALUE=DATE:20261207"))
    assert (draft.is_all_day, draft.starts, draft.ends) == (True, clock("2026-12-05"), clock("2026-12-06"))


def test_an_end_may_be_told_by_how_long_it_lasts() -> None:
    assert only((*changed(DTEND=""), "DURATION:PT90M")).ends == clock("2026-12-05 15:30")


def test_where_people_meet_online_is_read() -> None:
    draft = only(changed(LOCATION=":https://visio.example/salle"))
    assert (draft.place, draft.online_url) == (None, "https://visio.example/salle")


def test_what_names_no_place_takes_place_where_one_says() -> None:
    assert only(changed(LOCATION=""), usual_place="Maison de quartier").place == PlaceDraft("Maison de quartier")
    assert [one.reason for one in read(changed(LOCATION="")).unreadable] == [
        "Say where it takes place, or on which page people meet."
    ]


def test_what_repeats_becomes_single_events_at_the_same_hour() -> None:
    found = read(changed(RRULE=":FREQ=WEEKLY;BYDAY=SA", EXDATE=";TZID=Europe/Paris:20261212T140000")).found
    assert len(found) == 103
    assert [one.draft.starts.day for one in found[:3]] == [5, 19, 26]
    assert {one.draft.starts.hour for one in found} == {14}
    assert len({one.draft.starts_at.hour for one in found}) == 2
    assert len({one.key for one in found}) == len(found)


def test_one_that_the_file_describes_by_itself_takes_the_place_of_its_like() -> None:
    series = changed(RRULE=":FREQ=WEEKLY;COUNT=3")
    other = changed(
        RECURRENCE_ID=";TZID=Europe/Paris:20261212T140000", DTSTART=";TZID=Europe/Paris:20261212T180000", DTEND=""
    )
    found = read(series, other).found
    assert [one.draft.starts for one in found] == [
        clock("2026-12-05 14:00"),
        clock("2026-12-12 18:00"),
        clock("2026-12-19 14:00"),
    ]
    assert found[1].key == read(series).found[1].key


def test_days_that_are_listed_are_read() -> None:
    found = read(changed(RDATE=";TZID=Europe/Paris:20261206T140000,20261207T140000")).found
    assert [one.draft.starts.day for one in found] == [5, 6, 7]


def test_what_is_over_is_counted_and_left_out() -> None:
    found = read(changed(DTSTART=":20251205T140000Z", DTEND=""), USUAL)
    assert (len(found.found), found.over_count) == (1, 1)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ({"DTSTART": "", "DTEND": ""}, "It does not say when it begins."),
        ({"DTSTART": ":soon", "DTEND": ""}, "It is not written as a calendar is."),
        (
            {"SUMMARY": ":", "LOCATION": ":", "URL": ":https://x.example"},
            "The title of an event has 3 to 200 characters.",
        ),
        ({"RRULE": ":FREQ=SECONDLY"}, "It repeats in a way that is not understood here."),
        ({"DTEND": ";TZID=Europe/Paris:20290101T000000"}, "An event may last a year at most."),
    ],
)
def test_one_that_cannot_be_read_fails_alone_and_says_why(lines: dict[str, str], reason: str) -> None:
    found = read(changed(**lines), USUAL)
    assert len(found.found) == 1
    assert [one.reason for one in found.unreadable] == [reason]


def test_a_zone_that_counts_seconds_is_never_reckoned_with() -> None:
    hostile = (
        "BEGIN:VTIMEZONE", "TZID:Europe/Paris", "BEGIN:STANDARD", "DTSTART:19700101T000000", "RRULE:FREQ=SECONDLY",
        "TZOFFSETFROM:+0000", "TZOFFSETTO:+0900", "END:STANDARD", "END:VTIMEZONE",
    )  # fmt: skip
    [one] = read(USUAL, around=hostile).found
    assert one.draft.starts_at == datetime(2026, 12, 5, 13, tzinfo=UTC)


def test_alarms_inside_an_event_change_nothing() -> None:
    alarm = ("BEGIN:VALARM", "SUMMARY:Alarm", "DTSTART:19990101T000000Z", "END:VALARM")
    assert only((*USUAL, *alarm)).title == "Réunion, puis tractage"


def test_only_so_many_may_repeat() -> None:
    events = [changed(UID=f":{number}", RRULE=":FREQ=WEEKLY;COUNT=2") for number in range(52)]
    found = read(*events)
    assert (len(found.found), len(found.unreadable)) == (100, 2)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"<html>", b"BEGIN:VCARD\r\nEND:VCARD", b"x" * (MAX_BYTES + 1)])
def test_what_is_no_calendar_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid):
        calendar_reading.read(body, zone="Europe/Paris", now=NOW)


def test_too_many_events_are_refused() -> None:
    with pytest.raises(Invalid):
        read(*[("SUMMARY:x",)] * 501)


def test_a_folded_line_is_one_line() -> None:
    body = (
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Réu\n nion\nDTSTART:20261205T140000Z\nLOCATION:Li\n\tlle\nEND:VEVENT\n"
    )
    [one] = calendar_reading.read(body.encode(), zone="Europe/Paris", now=NOW).found
    assert (one.draft.title, one.draft.place) == ("Réunion", PlaceDraft("Lille"))


NAMES = st.sampled_from(
    ["UID", "DTSTART", "DTEND", "DURATION", "SUMMARY", "LOCATION", "GEO", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID",
     "CATEGORIES", "STATUS", "BEGIN", "END", "URL", "CONFERENCE", "DESCRIPTION"]
)  # fmt: skip
PARAMETERS = st.sampled_from(
    ["", ";VALUE=DATE", ";TZID=Europe/Paris", ";TZID=", ";VALUE=PERIOD", ';X="', ";ENCODING=BASE64"]
)
VALUES = st.sampled_from(
    ["20261205T140000", "20261205", "00000000", "99991231T235959Z", "FREQ=DAILY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
     "PT1H", "-P9999999D", "nan;inf", "50.6;3.0", "VEVENT", "VALARM", "VTIMEZONE",
     "20261205T140000/PT1H,20261206T140000/PT1H"]
) | st.text(max_size=30)  # fmt: skip
LINES = st.tuples(NAMES, PARAMETERS, VALUES).map(lambda parts: f"{parts[0]}{parts[1]}:{parts[2]}") | st.text(
    max_size=40
)


@given(st.lists(st.lists(LINES, max_size=10).map(tuple), max_size=4))
def test_no_file_makes_reading_fail(events: list[tuple[str, ...]]) -> None:
    found = read(*events)
    for one in found.found:
        assert one.draft.starts_at >= NOW - timedelta(days=1)
        assert len(one.key) == 64


@given(st.binary(max_size=300))
def test_no_bytes_make_reading_fail(body: bytes) -> None:
    calendar_reading.read(b"BEGIN:VCALENDAR\r\n" + body, zone="Europe/Paris", now=NOW)
