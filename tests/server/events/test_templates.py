"""Every kind of event comes with something sensible, in both languages, that can be announced as it stands."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from models.event import EventKind
from server.events.drafts import PlaceDraft, check
from server.events.templates import LANGUAGES, TEMPLATES, drafted
from web.shared.languages import LANGUAGES as OF_PAGES

MORNING = datetime(2027, 3, 6, 10)  # noqa: DTZ001 - what the clock shows there
HALLES = PlaceDraft("Halles de Wazemmes", locality="Lille")


def test_there_is_one_for_every_kind_in_every_language_of_the_pages() -> None:
    assert set(TEMPLATES) == set(EventKind)
    assert LANGUAGES == OF_PAGES
    assert all(set(template.words) == set(LANGUAGES) for template in TEMPLATES.values())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [kind for kind in EventKind if kind is not EventKind.OTHER])
def test_each_can_be_announced_once_a_place_is_given(kind: EventKind, language: str) -> None:
    draft = drafted(kind, MORNING, language)
    check(replace(draft, place=HALLES))
    assert (draft.kind, draft.starts, draft.language) == (kind, MORNING, language)
    assert draft.text


@pytest.mark.parametrize("kind", list(EventKind))
def test_both_languages_have_as_much_to_do_and_to_ask(kind: EventKind) -> None:
    french, english = (drafted(kind, MORNING, language) for language in LANGUAGES)
    assert [shift.starts for shift in french.shifts] == [shift.starts for shift in english.shifts]
    assert [(asked.kind, len(asked.choices)) for asked in french.questions] == [
        (asked.kind, len(asked.choices)) for asked in english.questions
    ]


def test_shifts_and_the_end_move_along_with_the_beginning() -> None:
    early = drafted(EventKind.LEAFLETING, MORNING, "fr")
    late = drafted(EventKind.LEAFLETING, MORNING + timedelta(hours=5), "fr")
    assert late.ends is not None
    assert early.ends is not None
    assert late.ends - early.ends == timedelta(hours=5)
    assert [shift.starts.hour for shift in late.shifts] == [15, 16]


def test_without_an_hour_it_begins_at_the_usual_one() -> None:
    assert drafted(EventKind.MEETING, datetime(2027, 3, 6), "fr").starts.time() == time(19)  # noqa: DTZ001


def test_a_language_that_is_not_ours_is_given_french() -> None:
    assert drafted(EventKind.MEETING, MORNING, "br").title == "Réunion de la section"
