"""Events as other programs write them, and whoever sends them."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from federation.context import Context
from federation.objects import event as event_object
from models.actor import Actor
from models.event import Event, JoinMode
from server.events import queries
from tests import factories
from tests.federation.submitting import submit
from tests.world import World

FIXTURES = Path(__file__).parents[1] / "fixtures" / "events"
AUTHOR = "https://far.test/users/noor"
GROUP, INES, RELAY = "https://mobilizon.test/@nord", "https://mobilizon.test/@ines", "https://mobilizon.test/relay"
START = "2026-12-05T14:00:00+01:00"

Take = Callable[[str], Awaitable[Event]]


def load(name: str, member: Actor) -> dict[str, Any]:
    """An activity as another program writes it."""
    text = (FIXTURES / f"{name}.json").read_text().replace("{{member}}", member.uri)
    return dict(orjson.loads(text))


async def met(document: dict[str, Any], member: Actor, ctx: Context, world: World) -> Actor:
    """Whoever sent it; the member follows them, and the group in whose name they speak."""
    for uri, kind in ((GROUP, "Group"), (RELAY, "Application"), (document["actor"], "Person")):
        if not await Actor.exists(uri=uri):
            named = {"preferredUsername": f"one{await Actor.all().count()}", "kind": kind}
            await factories.follow(member, await factories.remote_actor(ctx, world, uri, **named))
    return await Actor.get(uri=document["actor"])


async def check_round_trip(event: Event) -> None:
    """What was kept of an event is written as it was read; its post and its place are loaded."""
    view = (await queries.views([event.post_id]))[event.post_id]
    read = event_object.read({"id": event.post.uri} | event_object.write(view.whole, event.post.uri))
    assert read is not None
    without = {"participants_count", "remaining_places", *({"join_mode"} if event.join_mode is JoinMode.NONE else ())}
    if event.place is not None:  # one location goes out, and the page beside it as a link
        without.add("online_url")
    kept = {name: getattr(event, name) for name in read.columns if name not in without}
    assert {name: read.columns[name] for name in kept} == kept
    if event.place is not None:
        assert read.location.place == {name: getattr(event.place, name) for name in read.location.place or {}}


@pytest.fixture
def take(member: Actor, ctx: Context, world: World) -> Take:
    """Submit a fixture as its actor would; the event then."""

    async def submitted(name: str) -> Event:
        document = load(name, member)
        await submit(document, await met(document, member, ctx, world), ctx)
        return await Event.get(post__uri=document["object"]["id"]).select_related("post", "place", "organiser")

    return submitted
