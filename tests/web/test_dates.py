"""Dates and hours as they are said."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from server.sections.setup import ZONES
from web.setup.pages import zones
from web.shared.dates import written_clock, written_day, written_number

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("moment", "language", "day", "clock"),
    [
        (datetime(2026, 12, 5, 13, 0, tzinfo=UTC), "fr", "samedi 5 décembre 2026", "14\u00a0h\u00a000"),
        (datetime(2026, 12, 5, 13, 0, tzinfo=UTC), "en", "Saturday 5 December 2026", "14:00"),
        (datetime(2026, 8, 1, 7, 5, tzinfo=UTC), "fr", "samedi 1er août 2026", "9\u00a0h\u00a005"),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "fr", "vendredi 1er janvier 2027", "0\u00a0h\u00a030"),
    ],
)
def test_day_and_hour_are_written_out(moment, language, day, clock):
    assert written_day(moment, PARIS, language) == day
    assert written_clock(moment, PARIS, language) == clock


def test_day_is_that_of_the_section():
    moment = datetime(2026, 12, 5, 22, 0, tzinfo=UTC)

    assert written_day(moment, ZoneInfo("Indian/Reunion"), "fr") == "dimanche 6 décembre 2026"


def test_numbers_keep_the_separators_of_the_language():
    assert written_number(1412, "en") == "1,412"
    assert written_number(1412, "fr").replace("\u202f", "\u00a0") == "1\u00a0412"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_time_zone_has_a_name_of_its_own(language):
    named = zones(language)

    assert [zone for zone, _ in named] == list(ZONES)
    assert len({name for _, name in named}) == len(ZONES)
    assert all(ZoneInfo(zone) for zone in ZONES)
