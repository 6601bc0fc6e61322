"""Every example of JSON in the reference about events: what each program writes goes down the whole path."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from federation.activities import parse
from federation.context import Context
from federation.jsonld import type_of
from federation.objects import event as event_object
from models.actor import Actor
from models.event import Event
from tests import factories
from tests.federation.event_fixtures import check_round_trip
from tests.federation.submitting import submit
from tests.world import World

REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "events.md"
BLOCK = re.compile(r"```json\n(.*?)\n```", re.DOTALL)


def examples() -> Iterator[dict[str, Any]]:
    """Every document in it: one a block, or one a line."""
    decoder = json.JSONDecoder()
    for block in BLOCK.findall(REFERENCE.read_text()) if REFERENCE.is_file() else ():
        rest = block.strip()
        while rest:
            document, end = decoder.raw_decode(rest)
            yield document
            rest = rest[end:].strip()


NO_REFERENCE = pytest.param(None, marks=pytest.mark.skip(reason=f"there is no {REFERENCE}"))
EXAMPLES = [pytest.param(one, id=f"{number}-{one['type']}") for number, one in enumerate(examples())] or [NO_REFERENCE]


@pytest.mark.parametrize("document", EXAMPLES)
async def test_every_example_is_read(document: dict[str, Any], member: Actor, ctx: Context, world: World) -> None:
    if type_of(document) not in ("Event", "Question"):
        said = parse(document)
        assert parse(said.document).document == said.document
        assert (said.actor_uri, bool(said.object_uri)) == (document["actor"], True)
        return
    uri = document["attributedTo"]
    author = await factories.remote_actor(ctx, world, uri, kind="Group", preferredUsername="somebody")
    await factories.follow(member, author)
    if type_of(document) == "Event":
        assert event_object.read(document) is not None
        await submit(factories.activity("Create", uri, document), author, ctx)
        await check_round_trip(await Event.get().select_related("post", "place"))
    else:
        document |= {"to": [member.uri], "tag": []}
        outcome = await submit(factories.activity("Create", uri, document), author, ctx)
        assert outcome.is_new
