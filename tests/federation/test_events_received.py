"""Events as every other program writes them, each down the whole path: kept with its date and place, and written again.

Source: Mobilizon, Gancio, WordPress Event Bridge, Friendica, Hubzilla, gathio, FEP-8a8e
"""

from datetime import UTC, datetime
from typing import Any

import pytest

from federation.context import Context
from models.actor import Actor
from models.event import Event, EventKind, EventStatus, JoinMode, Organising
from models.poll import Poll
from models.post import Post, Visibility
from tests.federation.event_fixtures import GROUP, Take, check_round_trip, load, met, take
from tests.federation.submitting import submit
from tests.world import World

__all__ = ["take"]


class TestEveryProgram:
    KEPT: tuple[tuple[str, dict[str, Any]], ...] = (
        ("coopole", {"kind": EventKind.LEAFLETING, "join_mode": JoinMode.RESTRICTED, "capacity": 12, "remaining_places": 5,
                     "participants_count": 7, "timezone": "Europe/Paris", "is_end_shown": True, "place.locality": "Rennes",
                     "place.longitude": -1.68431, "post.title": "Tractage aux Lices",
                     "post.content_html": "<p>Au coin du marché</p>",
                     "post.language": "fr", "starts_at": datetime(2026, 12, 5, 9, tzinfo=UTC)}),
        ("mobilizon", {"kind": EventKind.MEETING, "organiser.uri": GROUP, "is_end_shown": False,
                       "place.street": "2 rue Courmont",
                       "has_wheelchair_access": True, "ends_at": datetime(2026, 12, 8, 19, 30, tzinfo=UTC), "capacity": 30}),
        ("gancio", {"place.name": "La Condition Publique", "place.street": "14 place Faidherbe, Roubaix",
                    "place.latitude": 50.6972, "timezone": "Etc/GMT-1", "ends_at": datetime(2026, 12, 13, tzinfo=UTC)}),
        ("wordpress", {"place.region": "Nord", "join_mode": JoinMode.EXTERNAL, "status": EventStatus.CONFIRMED,
                       "external_url": "https://blog.test/agenda/cine-debat/", "kind": EventKind.OTHER}),
        ("friendica", {"place.name": "Beffroi de Lille", "timezone": "", "starts_at": datetime(2026, 12, 6, 9, tzinfo=UTC)}),
        ("hubzilla", {"place.name": "Local, 3 rue du Molinel", "post.visibility": Visibility.PUBLIC}),
        ("gathio", {"place.name": "Maison du peuple", "post.visibility": Visibility.DIRECT}),
        ("fep_8a8e", {"status": EventStatus.POSTPONED, "join_mode": JoinMode.NONE, "online_url": "https://visio.test/conf",
                      "place.name": "Bourse du travail", "is_end_shown": False, "participants_count": 31}),
    )  # fmt: skip

    @pytest.mark.parametrize(("name", "expected"), KEPT, ids=[name for name, _ in KEPT])
    async def test_its_event_is_kept(self, take: Take, name: str, expected: dict[str, Any]) -> None:
        event = await take(name)
        for path, value in expected.items():
            found: Any = event
            for step in path.split("."):
                found = getattr(found, step)
            assert found == value, path

    @pytest.mark.parametrize("name", [name for name, _ in KEPT])
    async def test_what_was_kept_is_written_as_it_was_read(self, take: Take, name: str) -> None:
        await check_round_trip(await take(name))

    async def test_its_poll_about_coming_is_a_poll(self, member: Actor, ctx: Context, world: World) -> None:
        document = load("rsvp_question", member)
        await submit(document, await met(document, member, ctx, world), ctx)
        poll = await Poll.get(post__uri=document["object"]["id"]).prefetch_related("options")
        assert [option.title for option in poll.options] == ["Oui", "Peut-être", "Non"]

    async def test_nobody_is_believed_to_organise_who_did_not_say_so(self, take: Take) -> None:
        await take("fep_8a8e")
        assert not await Organising.exists()

    async def test_one_that_is_called_off_keeps_its_title(self, take: Take) -> None:
        await take("coopole")
        event = await take("cancelled")
        assert (event.status, event.post.title, event.sequence) == (EventStatus.CANCELLED, "Tractage aux Lices", 1)

    async def test_a_tombstone_ends_it(self, take: Take, member: Actor, ctx: Context) -> None:
        event = await take("coopole")
        await submit(load("deleted", member), await Actor.get(id=event.organiser_id), ctx)
        assert (await Event.exists(), await Post.exists()) == (False, False)
