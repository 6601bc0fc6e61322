"""What a section sees of its own events, and whom a change reaches."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from federation.context import Context
from models.actor import Actor
from models.event import Event, EventStatus
from models.participation import Participation, ParticipationState
from server.events.drafts import EventDraft, PlaceDraft
from server.events.overview import overview, tells_people, told
from tests import factories

DRAFT = EventDraft("Réunion", datetime(2027, 3, 6, 19), place=PlaceDraft("Salle des fêtes"))  # noqa: DTZ001


async def test_each_event_stands_in_one_list(section: Actor, member: Actor, ctx: Context) -> None:
    past = {"starts_at": ctx.now() - timedelta(days=2)}
    await factories.event(section, "Demain")
    await factories.event(section, "Reporté", status=EventStatus.POSTPONED, **past)
    await factories.event(section, "Hier", **past)
    await factories.event(section, "Annulé", status=EventStatus.CANCELLED)
    told_of = await factories.event(section, "Raconté", **past)
    await Event.filter(post_id=told_of.id).update(report_id=(await factories.post(section)).id)
    await factories.event(member, "Chez Zoé")

    found = await overview(section, ctx.now())

    assert [
        [event.post.title for event in events]
        for events in (found.coming, found.unreported, found.cancelled, found.reported)
    ] == [["Demain", "Reporté"], ["Hier"], ["Annulé"], ["Raconté"]]


async def test_those_are_told_who_come_or_may(section: Actor, ctx: Context) -> None:
    event = await factories.event(section)
    for number, state in enumerate(ParticipationState):
        await Participation.create(event=event, state=state, email_fingerprint=str(number))
    await factories.follow(await factories.member(ctx, "lou", "Lou"), section)

    reached = await told(event)

    assert (reached.concerned, reached.followers) == (4, 1)
    assert reached.by_state[ParticipationState.DECLINED] == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"starts": datetime(2027, 3, 7, 19)},  # noqa: DTZ001
        {"ends": datetime(2027, 3, 6, 22)},  # noqa: DTZ001
        {"timezone": "America/Martinique"},
        {"is_all_day": True},
        {"place": PlaceDraft("Ailleurs")},
        {"place": None},
        {"online_url": "https://visio.example/1"},
        {"status": EventStatus.POSTPONED},
    ],
)
def test_when_where_and_whether_are_what_people_are_told_of(changed: dict[str, object]) -> None:
    assert tells_people(DRAFT, replace(DRAFT, **changed))  # type: ignore[arg-type]


def test_nobody_is_told_that_a_text_reads_better_now() -> None:
    assert not tells_people(DRAFT, replace(DRAFT, title="Réunion de rentrée", text="Venez", capacity=12))
