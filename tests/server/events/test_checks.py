"""What somebody says who comes, held against what the event asks."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.context import Context
from federation.jsonld import load
from models.actor import Actor
from models.event import Event, Shift
from models.participation import Participation, ParticipationState, ShiftTaken
from server.errors import Conflict, Invalid
from server.events.checks import check_answers, check_guests, check_shifts, read_answers
from tests import factories

QUESTIONS: list[dict[str, Any]] = [
    {"id": "1", "label": "Une voiture ?", "kind": "yes_no", "choices": [], "is_required": True},
    {"id": "2", "label": "Quel repas ?", "kind": "choice", "choices": ["Soupe", "Pizza"], "is_required": False},
    {"id": "3", "label": "Un mot ?", "kind": "text", "choices": [], "is_required": False},
]
EVENT = Event(questions=QUESTIONS, most_guests=2)


def test_answers_are_kept_by_the_ids_of_the_questions() -> None:
    kept = check_answers(EVENT, {"1": " yes ", "2": "Soupe", "3": ""})
    assert read_answers(kept) == {"1": "yes", "2": "Soupe"}


def test_where_nothing_is_asked_nothing_is_kept() -> None:
    assert check_answers(Event(questions=[]), {}) is None
    assert read_answers(None) == {}


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"1": " "},
        {"1": "perhaps"},
        {"1": "yes", "2": "Frites"},
        {"1": "yes", "4": "?"},
        {"1": "yes", "3": "a" * 2001},
    ],
)
def test_what_answers_no_question_is_refused(typed: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        check_answers(EVENT, typed)


@given(st.dictionaries(st.text(max_size=3), st.text(max_size=20), max_size=5))
def test_whatever_is_typed_is_kept_as_offered_or_refused(typed: dict[str, str]) -> None:
    try:
        kept = check_answers(EVENT, typed)
    except Invalid:
        return
    said = load(kept or "{}")
    assert said["1"] in ("yes", "no")
    assert said.get("2", "Soupe") in ("Soupe", "Pizza")
    assert said.keys() <= {"1", "2", "3"}


@pytest.mark.parametrize("guests", [-1, 3])
def test_no_more_guests_than_allowed(guests: int) -> None:
    assert [check_guests(EVENT, few) for few in (0, 2)] == [0, 2]
    with pytest.raises(Invalid):
        check_guests(EVENT, guests)


async def test_a_shift_is_taken_while_there_is_room_and_kept_by_who_has_it(
    section: Actor, remote_actor: Actor, ctx: Context
) -> None:
    post = await factories.event(section)
    event = await Event.get(post_id=post.id)
    times = {"starts_at": event.starts_at, "ends_at": event.ends_at}
    shift = await Shift.create(uri="https://lille.test/shifts/1", event=event, name="Accueil", places=1, **times)
    assert await check_shifts(event, []) == ()
    assert await check_shifts(event, [shift.id, shift.id]) == (shift.id,)
    row = await Participation.create(event=post, actor=remote_actor, state=ParticipationState.ACCEPTED)
    await ShiftTaken.create(shift=shift, participation=row)
    assert await check_shifts(event, [shift.id], row) == (shift.id,)
    with pytest.raises(Conflict):
        await check_shifts(event, [shift.id])


async def test_a_shift_of_another_event_is_none_of_this_one(section: Actor, ctx: Context) -> None:
    event, other = [await Event.get(post_id=(await factories.event(section)).id) for _ in range(2)]
    times = {"starts_at": event.starts_at, "ends_at": event.ends_at}
    shift = await Shift.create(uri="https://lille.test/shifts/1", event=other, name="Accueil", **times)
    with pytest.raises(Invalid):
        await check_shifts(event, [shift.id])


@pytest.mark.parametrize(("left", "is_full"), [(0, True), (1, False)])
async def test_of_another_servers_shift_its_home_tells_what_is_left(
    remote_actor: Actor, ctx: Context, left: int, is_full: bool
) -> None:
    event = await Event.get(post_id=(await factories.event(remote_actor)).id)
    times = {"starts_at": event.starts_at, "ends_at": event.ends_at, "remaining_places": left}
    shift = await Shift.create(uri="https://far.test/shifts/1", event=event, name="Accueil", **times)
    if is_full:
        with pytest.raises(Conflict):
            await check_shifts(event, [shift.id])
    else:
        assert await check_shifts(event, [shift.id]) == (shift.id,)
