"""The inbox: who may put what there, and what is answered."""

from pathlib import Path
from typing import Any

import pytest

from federation.actors import create_local
from federation.context import Context
from models.actor import Actor, ActorType
from models.inbox import InboxMessage
from server.runtime import INSTANCE_USERNAME
from tests import factories
from tests.server.activitypub.poster import FAR, Poster, build_app, follow_of, plain_headers
from tests.world import ORIGIN, World


@pytest.fixture
def poster(ctx: Context, world: World, tmp_path: Path) -> Poster:
    """Whoever POSTs."""
    return Poster(build_app(ctx, tmp_path), world)


async def test_a_type_we_have_no_use_for_is_accepted_and_not_kept(
    section: Actor, remote_actor: Actor, poster: Poster, world: World
) -> None:
    reply = await poster.post(factories.activity("Travel", FAR, section.uri))
    assert reply.status == 202
    assert not await InboxMessage.exists()
    assert world.woken == []


async def test_an_actors_own_inbox_takes_what_the_shared_one_does(
    section: Actor, remote_actor: Actor, poster: Poster
) -> None:
    assert (await poster.post(follow_of(section), url=section.inbox_uri)).status == 202
    assert await InboxMessage.all().count() == 1


async def test_the_instance_actor_has_an_inbox(ctx: Context, remote_actor: Actor, poster: Poster) -> None:
    instance = await create_local(
        ctx.names, ActorType.APPLICATION, INSTANCE_USERNAME, now=ctx.now(), uri=ctx.names.instance_actor
    )
    assert (await poster.post(follow_of(instance), url=instance.inbox_uri)).status == 202


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"drop": ["signature"]}, "The request has no Signature header."),
        ({"digest": "SHA-256=AAAA"}, "The body of the request is not the one that its Digest header describes."),
        ({"drop": ["digest"]}, "The signature covers a header that the request does not have."),
        ({"date": "Thu, 01 Jan 2026 00:00:00 GMT"}, "The request was signed too long ago."),
        ({"date": "Fri, 01 Jan 2100 00:00:00 GMT"}, "The request was signed in the future."),
        ({"content_type": "text/plain"}, "The signature does not fit the request and the key."),
        ({"key": 1}, "The signature does not fit the request and the key."),
        ({"signed_for": f"{ORIGIN}/actors/1/inbox"}, "The signature does not fit the request and the key."),
        ({"signed_for": "https://other.test/inbox"}, "The request was signed for another server."),
        ({"host": "other.test"}, "The request was signed for another server."),
        ({"signed_for": "https://other.test/inbox", "host": "lille.test"}, "The signature does not fit"),
    ],
)
async def test_what_is_not_signed_by_its_actor_for_us_and_now_is_refused(
    section: Actor, remote_actor: Actor, poster: Poster, change: dict[str, Any], sentence: str
) -> None:
    reply = await poster.post(follow_of(section), **change)
    assert reply.status == 401
    assert reply.error.startswith(sentence)
    assert not await InboxMessage.exists()


async def test_a_body_changed_on_the_way_is_refused(
    section: Actor, remote_actor: Actor, poster: Poster, world: World
) -> None:
    body, headers = world.signed(FAR, follow_of(section), f"{ORIGIN}/inbox")
    reply = await poster.send(body.replace(b"Follow", b"Fallow"), headers)
    assert reply.status == 401


async def test_nobody_speaks_for_another_who_says_nothing_of_it_at_home(
    section: Actor, remote_actor: Actor, stranger: Actor, poster: Poster
) -> None:
    reply = await poster.post(follow_of(section), actor=stranger.uri)
    assert reply.status == 403
    assert FAR in reply.error
    assert not await InboxMessage.exists()


async def test_nobody_names_an_activity_after_another_server(
    section: Actor, remote_actor: Actor, poster: Poster
) -> None:
    reply = await poster.post(follow_of(section) | {"id": "https://elsewhere.test/follows/1"})
    assert (reply.status, reply.error) == (403, "https://elsewhere.test/follows/1 is not an id that far.test may give")
    assert not await InboxMessage.exists()


@pytest.mark.parametrize("host", ["blocked.test", "deep.below.blocked.test", "blocked.test:8443"])
async def test_a_blocked_domain_is_refused_and_nothing_is_fetched_there(
    section: Actor, blocked_origin: str, poster: Poster, world: World, host: str
) -> None:
    actor = f"https://{host}/users/troll"
    world.serve(factories.actor_document(actor))
    reply = await poster.post(follow_of(section, actor=actor))
    assert (reply.status, reply.error) == (403, f"{host.partition(':')[0]} is blocked here")
    assert world.fetched == []
    assert not await InboxMessage.exists()


async def test_somebody_never_met_is_fetched_and_accepted(section: Actor, poster: Poster, world: World) -> None:
    world.serve(factories.actor_document(FAR))
    world.serve(world.documents[FAR], url=f"{FAR}#main-key")
    assert (await poster.post(follow_of(section))).status == 202
    assert await Actor.exists(uri=FAR)


async def test_somebody_whose_key_has_changed_is_fetched_again_and_accepted(
    section: Actor, remote_actor: Actor, poster: Poster, world: World
) -> None:
    world.pass_time(minutes=5)
    world.serve(factories.actor_document(FAR, key=1))
    world.serve(world.documents[FAR], url=f"{FAR}#main-key")
    assert (await poster.post(follow_of(section), key=1)).status == 202


async def test_somebody_whose_key_is_gone_is_not_known_here(section: Actor, poster: Poster, world: World) -> None:
    world.statuses[f"{FAR}#main-key"] = 410
    reply = await poster.post(follow_of(section))
    assert reply.status == 401
    assert not await InboxMessage.exists()


@pytest.mark.parametrize("status", [0, 429, 503])
async def test_somebody_whose_home_is_away_is_asked_to_come_again(
    section: Actor, poster: Poster, world: World, status: int
) -> None:
    world.statuses[FAR] = status
    reply = await poster.post(follow_of(section))
    assert (reply.status, reply.headers["retry-after"]) == (503, "60")
    assert not await InboxMessage.exists()

    world.statuses.clear()
    world.serve(factories.actor_document(FAR))
    world.pass_time(seconds=60)
    assert (await poster.post(follow_of(section))).status == 202


@pytest.mark.parametrize("status", [404, 410])
async def test_the_end_of_somebody_nobody_knew_is_accepted_and_forgotten(
    poster: Poster, world: World, status: int
) -> None:
    world.statuses[f"{FAR}#main-key"] = status
    reply = await poster.post(factories.activity("Delete", FAR, FAR))
    assert reply.status == 202
    assert not await InboxMessage.exists()


async def test_the_end_of_anything_else_needs_a_signature(poster: Poster, world: World) -> None:
    world.statuses[f"{FAR}#main-key"] = 410
    reply = await poster.post(factories.activity("Delete", FAR, f"{FAR}/notes/1"))
    assert reply.status == 401


async def test_an_inbox_of_nobody_is_not_found(remote_actor: Actor, section: Actor, poster: Poster) -> None:
    for url in (f"{ORIGIN}/actors/1/inbox", f"{ORIGIN}/actors/{'9' * 19}/inbox", f"{ORIGIN}/actor/inbox"):
        reply = await poster.post(follow_of(section), url=url)
        assert (reply.status, reply.error) == (404, "There is no such inbox.")


async def test_the_inbox_of_somebody_gone_is_not_found(
    remote_actor: Actor, member: Actor, poster: Poster, ctx: Context
) -> None:
    await Actor.filter(id=member.id).update(gone_at=ctx.now())
    assert (await poster.post(follow_of(member), url=member.inbox_uri)).status == 404


async def test_the_inbox_of_somebody_elsewhere_is_not_found_here(
    remote_actor: Actor, section: Actor, poster: Poster
) -> None:
    url = f"{ORIGIN}/actors/{remote_actor.id}/inbox"
    assert (await poster.post(follow_of(section), url=url)).status == 404


@pytest.mark.parametrize("path", ["/inbox", "/actor/inbox", "/actors/1/inbox"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_an_inbox_is_only_posted_to(poster: Poster, path: str, method: str) -> None:
    reply = await poster.ask(method, ORIGIN + path, plain_headers())
    assert (reply.status, reply.error) == (405, "Method Not Allowed")
    assert "POST" in reply.headers["allow"]


async def test_the_end_of_somebody_known_is_believed_from_their_home_when_their_key_is_gone(
    remote_actor: Actor, poster: Poster, world: World
) -> None:
    """The key we remember does not fit, and home says 410."""
    world.pass_time(minutes=5)
    world.statuses[FAR] = 410
    assert (await poster.post(factories.activity("Delete", FAR, FAR), key=1)).status == 202
    assert (await Actor.get(id=remote_actor.id)).gone_at is not None


async def test_the_end_of_somebody_known_is_nobody_elses_to_tell(
    remote_actor: Actor, poster: Poster, world: World
) -> None:
    troll = "https://troll.test/users/troll"
    world.statuses[troll] = 410
    assert (await poster.post(factories.activity("Delete", FAR, FAR), actor=troll)).status == 202
    assert (await Actor.get(id=remote_actor.id)).gone_at is None
    assert world.fetched == [troll]
