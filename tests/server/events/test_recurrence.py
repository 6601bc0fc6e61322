"""Rules of repetition: reckoned by the clock on the wall, and never for long, whoever wrote them."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import Invalid
from server.events.recurrence import (
    MAX_OCCURRENCES,
    Frequency,
    Rule,
    ended,
    occurrences,
    restarted,
)

clock = datetime.fromisoformat
TUESDAY = clock("2026-12-08 19:00")


def days(rule: Rule | str, starts: datetime = TUESDAY) -> list[str]:
    written = rule.written(starts) if isinstance(rule, Rule) else rule
    return [f"{moment:%Y-%m-%d}" for moment in occurrences(written, starts)]


def test_every_second_week_four_times() -> None:
    found = days(Rule(Frequency.WEEKLY, 2, count=4))
    assert found == ["2026-12-08", "2026-12-22", "2027-01-05", "2027-01-19"]


def test_up_to_a_day_and_that_day_too() -> None:
    assert days(Rule(Frequency.DAILY, until=date(2026, 12, 10))) == ["2026-12-08", "2026-12-09", "2026-12-10"]


def test_monthly_on_the_same_day_of_the_week() -> None:
    rule = Rule(Frequency.MONTHLY, count=3, is_by_weekday=True)
    assert rule.written(TUESDAY) == "FREQ=MONTHLY;INTERVAL=1;BYDAY=2TU;COUNT=3"
    assert days(rule) == ["2026-12-08", "2027-01-12", "2027-02-09"]
    last = clock("2026-12-29 19:00")
    assert days(rule, last) == ["2026-12-29", "2027-01-26", "2027-02-23"]


def test_monthly_on_the_same_day_leaves_out_months_without_it() -> None:
    assert days(Rule(Frequency.MONTHLY, count=3), clock("2026-12-31 19:00")) == [
        "2026-12-31",
        "2027-01-31",
        "2027-03-31",
    ]


@pytest.mark.parametrize(
    "rule",
    [
        Rule(Frequency.WEEKLY),
        Rule(Frequency.WEEKLY, count=3, until=date(2027, 1, 1)),
        Rule(Frequency.WEEKLY, count=0),
        Rule(Frequency.WEEKLY, count=MAX_OCCURRENCES + 1),
        Rule(Frequency.WEEKLY, 0, count=3),
        Rule(Frequency.WEEKLY, 367, count=3),
    ],
)
def test_a_rule_that_does_not_end_or_has_no_numbers_is_refused(rule: Rule) -> None:
    with pytest.raises(Invalid):
        rule.written(TUESDAY)


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "FREQ=SECONDLY",
        "FREQ=HOURLY;COUNT=3",
        "FREQ=WEEKLY;BYHOUR=3",
        "FREQ=WEEKLY;COUNT=0",
        "FREQ=WEEKLY;COUNT=²",
        "FREQ=WEEKLY;COUNT=2;COUNT=3",
        "FREQ=WEEKLY;INTERVAL=1000",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=",
        "FREQ=MONTHLY;BYDAY=0TU",
        "FREQ=WEEKLY;UNTIL=soon",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=WEEKLY;WKST=1",
    ],
)
def test_what_is_not_understood_is_refused(rule: str) -> None:
    with pytest.raises(Invalid):
        occurrences(rule, TUESDAY)


@pytest.mark.parametrize("year", [1, 1969, 2201, 9999])
def test_a_beginning_out_of_all_reason_is_refused(year: int) -> None:
    with pytest.raises(Invalid):
        occurrences("FREQ=WEEKLY;COUNT=2", TUESDAY.replace(year=year))


@pytest.mark.parametrize(
    "rule",
    ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;INTERVAL=7;BYDAY=WE", "FREQ=MONTHLY;BYDAY=1MO;BYSETPOS=2"],
)
def test_a_rule_that_nothing_meets_ends(rule: str) -> None:
    assert occurrences(rule, TUESDAY) == []


def test_a_leap_day_comes_every_fourth_year() -> None:
    found = occurrences("FREQ=YEARLY;COUNT=3", clock("2024-02-29 10:00"))
    assert [moment.year for moment in found] == [2024, 2028, 2032]


def test_an_end_in_universal_time_is_one_of_the_wall_there() -> None:
    rule = "FREQ=DAILY;UNTIL=20261209T180000Z"
    assert len(occurrences(rule, TUESDAY, "Europe/Paris")) == 2
    assert len(occurrences(rule, TUESDAY, "UTC")) == 1


def test_of_a_rule_that_began_long_ago_what_is_to_come_is_told() -> None:
    found = occurrences("FREQ=WEEKLY", clock("1998-01-06 19:00"), since=TUESDAY)
    assert (found[0], len(found)) == (TUESDAY, MAX_OCCURRENCES)


def test_a_rule_goes_on_from_another_day_and_ends_on_one() -> None:
    rule = Rule(Frequency.MONTHLY, count=9, is_by_weekday=True).written(TUESDAY)
    assert restarted(rule, clock("2026-12-17 20:00"), 4) == "FREQ=MONTHLY;INTERVAL=1;BYDAY=3TH;COUNT=4"
    assert days(ended(rule, clock("2027-01-12 19:00"))) == ["2026-12-08", "2027-01-12"]
    assert days(ended(rule, TUESDAY - timedelta(seconds=1))) == []


PARTS = st.sampled_from(
    ["FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=YEARLY", "INTERVAL=3", "COUNT=500", "BYDAY=MO,-1SU", "BYDAY=5WE",
     "BYMONTHDAY=31", "BYMONTHDAY=-1", "BYMONTH=2", "BYSETPOS=-366", "WKST=SU", "UNTIL=20280101", "UNTIL=99991231T235959Z"]
)  # fmt: skip


@given(
    st.lists(PARTS | st.text(max_size=12), max_size=6).map(";".join),
    st.datetimes(clock("1960-01-01"), clock("2300-01-01")),
)
def test_any_rule_gives_few_times_or_is_refused(rule: str, starts: datetime) -> None:
    try:
        found = occurrences(rule, starts)
    except Invalid:
        return
    assert len(found) <= MAX_OCCURRENCES
    assert found == sorted(found)
    assert all(moment >= starts.replace(microsecond=0) for moment in found)
