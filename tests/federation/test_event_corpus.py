"""The events, places, wishes and invitations of the corpus: what other programs really write about events."""

import csv
from pathlib import Path
from typing import Any

import pytest

from federation.activities import parse
from federation.context import Context
from federation.errors import FederationError, NotAuthorised
from federation.jsonld import Json, load, type_of, uri_of
from federation.objects import event as event_object
from federation.objects import place as place_object
from models.actor import Actor
from models.event import Event, Place
from models.participation import Participation, ParticipationState
from models.post import Post
from server.events import participation
from tests import factories
from tests.federation.event_fixtures import check_round_trip
from tests.federation.submitting import submit
from tests.world import World

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
OF_EVENTS = frozenset({"Event", "Join", "Leave", "Invite", "Place"})


def rows() -> list[dict[str, str]]:
    """The lines of the index that are about events."""
    if not CORPUS.is_dir():
        return []
    with (CORPUS / "INDEX.tsv").open() as index:
        found = list(csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE))
    named = ({row["activity_type"], *row["object_type"].split(",")} for row in found)
    return [row for row, kinds in zip(found, named, strict=True) if not OF_EVENTS.isdisjoint(kinds)]


def documents(*kinds: str) -> list[Any]:
    """Those of these types, or that carry one; one that is skipped where there is no corpus."""
    if not CORPUS.is_dir():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"there is no corpus at {CORPUS}"))]
    loaded = [(row["path"], load((CORPUS / row["path"]).read_bytes())) for row in rows()]
    return [pytest.param(document, id=path) for path, document in loaded if {*_kinds(document)} & {*kinds}]


def _kinds(document: Json) -> list[str]:
    inner = document.get("object")
    return [type_of(document) or "", (type_of(inner) or "") if isinstance(inner, dict) else ""]


def as_event(document: Json) -> Json:
    """The event in a document."""
    return document if type_of(document) == "Event" else dict(document["object"])


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"there is no corpus at {CORPUS}")
def test_every_document_about_events_is_read_by_a_test_here() -> None:
    kinds = ("Event", "Join", "Leave", "Invite", "Place")
    read = {case.id for case in documents(*kinds)}
    assert {row["path"] for row in rows()} == read


@pytest.mark.parametrize("document", documents("Event"))
async def test_every_event_is_kept_by_whom_it_says(document: Json, member: Actor, ctx: Context, world: World) -> None:
    found = as_event(document)
    author_uri = uri_of(found["attributedTo"]) or ""
    author = await factories.remote_actor(ctx, world, author_uri, preferredUsername="somebody")
    await factories.follow(member, author)
    create = factories.activity("Create", author_uri, found) if document is found else document

    if not found["id"].startswith("/".join(author_uri.split("/")[:3])):
        pytest.skip("its id is of another server than its author's")
    await submit(create, author, ctx)

    post = await Post.get(uri=found["id"])
    assert (post.type, post.title) == ("Event", found["name"])
    if "startTime" in found:
        event = await Event.get(post_id=post.id).select_related("place", "post")
        await check_round_trip(event)
        assert event_object.read(found) is not None
        assert event.place is None or event.place.name == found["location"]["name"]


@pytest.mark.parametrize("document", documents("Place"))
def test_every_place_is_read(document: Json) -> None:
    read = place_object.read({"location": document}, "https://far.test/events/1").place
    assert read is not None
    columns = {name: value for name, value in read.items() if name != "uri"}
    assert read["name"] == document.get("name", next(iter(document.get("nameMap", {"": ""}).values())))
    written = place_object.write(Place(uri="https://far.test/places/1", **columns))
    again = place_object.read({"location": written}, "https://far.test/events/1").place
    assert again == columns | {"uri": "https://far.test/places/1"}


@pytest.mark.parametrize("document", documents("Join", "Leave"))
async def test_every_wish_does_what_it_says(
    document: Json, section: Actor, member: Actor, ctx: Context, world: World
) -> None:
    event = await factories.event(section, uri=ctx.names.post(8))
    if type_of(document) == "Accept":
        await _accepted(document, member, ctx, world)
        return
    actor = await factories.remote_actor(ctx, world, document["actor"], preferredUsername="somebody")
    if type_of(document) == "Leave":
        await submit(factories.activity("Join", actor.uri, event.uri), actor, ctx)
    await submit(document | {"object": event.uri}, actor, ctx)
    coming = await Participation.filter(event_id=event.id, state=ParticipationState.ACCEPTED).count()
    assert coming == (1 if type_of(document) == "Join" else 0)


async def _accepted(document: Json, member: Actor, ctx: Context, world: World) -> None:
    """The wish was a member's, here; and the id of the answer of its actor's server, which that of the corpus is not."""
    organiser = await factories.remote_actor(ctx, world, document["actor"], preferredUsername="somebody")
    theirs = await factories.event(organiser, uri=document["object"]["object"])
    asked = await participation.join(member, theirs, ctx)
    answered = document["object"] | {"id": asked.uri, "actor": member.uri}
    with pytest.raises(NotAuthorised, match="is not an id"):
        await submit(document | {"object": answered}, organiser, ctx)
    await submit(document | {"id": f"{organiser.uri}/accept/1", "object": answered}, organiser, ctx)
    assert (await Participation.get()).state is ParticipationState.ACCEPTED


@pytest.mark.parametrize("document", documents("Invite"))
async def test_every_invitation_goes_down_the_path(document: Json, member: Actor, ctx: Context, world: World) -> None:
    """Mobilizon invites to groups; to an event it is the same but for the object."""
    inviter = await factories.remote_actor(ctx, world, document["actor"], preferredUsername="somebody")
    event = await factories.event(inviter)
    await submit(document | {"object": event.uri, "target": member.uri}, inviter, ctx)
    assert (await Participation.get(actor_id=member.id)).state is ParticipationState.INVITED
    with pytest.raises(FederationError):
        await submit(document | {"id": f"{document['id']}/2"}, inviter, ctx)
    assert parse(document).type == "Invite"
