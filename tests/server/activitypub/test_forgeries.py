"""What a forger might try at our door: each is refused, leaves nothing behind, and stands in the log."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from federation.context import Context
from federation.errors import RejectedByPolicy
from federation.http import HttpClient
from models.actor import Actor
from models.follow import Follow, FollowState
from models.inbox import InboxMessage
from models.post import Post, Visibility
from models.reaction import Announce, Like
from server.errors import NotFound
from server.follows import lookup
from tests import factories
from tests.server.activitypub.poster import FAR, Poster, build_app
from tests.server.activitypub.test_corpus import work
from tests.world import ORIGIN, World

FORGER = "https://forger.test/users/mallory"
Logs = list[dict[str, Any]]


@pytest.fixture
def poster(ctx: Context, world: World, tmp_path: Path) -> Poster:
    """Whoever knocks."""
    return Poster(build_app(ctx, tmp_path), world)


@pytest.fixture
async def forger(ctx: Context, world: World, member: Actor) -> Actor:
    """Somebody with a key of their own, whom a member follows: they are heard."""
    actor = await factories.remote_actor(ctx, world, FORGER, key=1)
    await factories.follow(member, actor)
    return actor


@pytest.fixture
async def victim(remote_actor: Actor, member: Actor) -> Actor:
    """Somebody on another server, whom a member follows too."""
    await factories.follow(member, remote_actor)
    return remote_actor


@pytest.fixture
def logs() -> Iterator[Logs]:
    """What is logged meanwhile."""
    with capture_logs() as seen:
        yield seen


async def knock(poster: Poster, ctx: Context, document: dict[str, Any], **more: Any) -> int:
    """POST as the forger and perform what was let in; the status."""
    reply = await poster.post(document, actor=FORGER, key=1, **more)
    await work(ctx)
    return reply.status


def refusals(logs: Logs) -> list[str]:
    """Why something was refused, as the log has it."""
    return [str(line["why"]) for line in logs if line["event"] in ("activity refused", "request refused")]


@pytest.mark.parametrize("kind", ["Create", "Update"])
@pytest.mark.parametrize("is_here", [True, False])
async def test_anothers_post_in_a_create_or_update(
    poster: Poster, ctx: Context, world: World, forger: Actor, victim: Actor, logs: Logs, kind: str, is_here: bool
) -> None:
    true = factories.note(FAR)
    world.serve(true)
    if is_here:
        await factories.post(victim, uri=true["id"])
    false = true | {"content": "<p>Je démissionne</p>"}
    await knock(poster, ctx, factories.activity(kind, FORGER, false, to=true["to"]))
    assert not await Post.filter(content_html__contains="démissionne").exists()
    assert len(refusals(logs)) == 1


async def test_a_delete_of_anothers_post(
    poster: Poster, ctx: Context, forger: Actor, victim: Actor, logs: Logs
) -> None:
    post = await factories.post(victim)
    await knock(poster, ctx, factories.activity("Delete", FORGER, post.uri))
    assert await Post.exists(id=post.id)
    assert refusals(logs) == ["NotAuthorised"]


async def test_a_post_named_after_anothers_server(poster: Poster, ctx: Context, forger: Actor, logs: Logs) -> None:
    note = factories.note(FORGER) | {"id": f"{FAR}/notes/9"}
    await knock(poster, ctx, factories.activity("Create", FORGER, note, to=note["to"]))
    assert not await Post.exists()
    assert len(refusals(logs)) == 1


async def test_an_undo_of_anothers_like_and_follow(
    poster: Poster, ctx: Context, member: Actor, forger: Actor, victim: Actor, logs: Logs
) -> None:
    post = await factories.post(member, uri=ctx.names.post(7))
    like = factories.activity("Like", FAR, post.uri)
    await poster.post(like)
    follow = await factories.follow(victim, member)
    await work(ctx)
    embedded = {"id": follow.uri, "type": "Follow", "actor": FAR, "object": member.uri}
    for number, undone in enumerate((like, like["id"], embedded, follow.uri)):
        await knock(poster, ctx, factories.activity("Undo", FORGER, undone, number))
    assert await Like.all().count() == 1
    assert await Follow.exists(id=follow.id)
    assert len(refusals(logs)) == 4


async def test_an_accept_by_somebody_who_was_not_asked(
    poster: Poster, ctx: Context, member: Actor, forger: Actor, stranger: Actor, logs: Logs
) -> None:
    asked = f"{member.uri}/follows/1"
    await Follow.create(uri=asked, follower=member, followed=stranger, state=FollowState.REQUESTED)
    follow = {"id": asked, "type": "Follow", "actor": member.uri, "object": stranger.uri}
    for number, object_ in enumerate((follow, asked)):
        await knock(poster, ctx, factories.activity("Accept", FORGER, object_, number))
    assert (await Follow.get(uri=asked)).state is FollowState.REQUESTED
    assert refusals(logs) == ["NotAuthorised", "NotAuthorised"]


@pytest.mark.parametrize("is_ours", [True, False])
async def test_an_announce_of_a_private_post(
    poster: Poster, ctx: Context, world: World, member: Actor, forger: Actor, logs: Logs, is_ours: bool
) -> None:
    if is_ours:
        uri = (await factories.post(member, visibility=Visibility.DIRECT, uri=ctx.names.post(7))).uri
    else:
        private = factories.note(FAR, to=[FAR], cc=[])
        world.serve(factories.actor_document(FAR))
        world.serve(private)
        uri = private["id"]
    await knock(poster, ctx, factories.activity("Announce", FORGER, uri, to=[factories.PUBLIC]))
    assert not await Announce.exists()
    assert refusals(logs) == ["NotAuthorised"]


async def test_a_key_of_another_host(
    poster: Poster, ctx: Context, world: World, section: Actor, victim: Actor, forger: Actor, logs: Logs
) -> None:
    """The forger's server serves a document that calls the victim the owner of the forger's key."""
    follow = factories.activity("Follow", FAR, section.uri)
    key = {"id": f"{FORGER}#main-key", "owner": FAR, "publicKeyPem": victim.public_key_pem}
    world.serve(factories.actor_document(FORGER, key=1) | {"publicKey": key})
    assert await knock(poster, ctx, follow) in (401, 403)
    assert not await Follow.exists(follower=victim)
    assert len(refusals(logs)) == 1


async def test_an_id_that_leads_elsewhere(
    poster: Poster, ctx: Context, world: World, forger: Actor, logs: Logs
) -> None:
    """What the forger announces is found under the id of somebody else's post."""
    world.serve(factories.actor_document(FAR))
    world.serve(factories.note(FAR) | {"content": "<p>Faux</p>"}, url=f"{FORGER}/notes/1")
    await knock(poster, ctx, factories.activity("Announce", FORGER, f"{FORGER}/notes/1", to=[factories.PUBLIC]))
    assert not await Post.exists()
    assert refusals(logs) == ["NotAuthorised"]


async def test_a_request_sent_once_more(
    poster: Poster, ctx: Context, world: World, member: Actor, victim: Actor, logs: Logs
) -> None:
    """At once it is known by its id, also after what it did was undone; later its date is too old."""
    post = await factories.post(member, uri=ctx.names.post(7))
    like = factories.activity("Like", FAR, post.uri)
    body, headers = world.signed(FAR, like, f"{ORIGIN}/inbox")
    assert (await poster.send(body, headers)).status == 202
    await work(ctx)
    await poster.post(factories.activity("Undo", FAR, like))
    await work(ctx)

    assert (await poster.send(body, headers)).status == 202
    assert not await InboxMessage.exists()
    assert not await Like.exists()

    world.pass_time(hours=13)
    assert (await poster.send(body, headers)).status == 401
    assert refusals(logs) == ["BadSignature"]


async def test_a_webfinger_that_lies_about_the_domain(world: World, ctx: Context, victim: Actor) -> None:
    """The forger's server says that one of its own is somebody of another domain."""
    world.serve(factories.actor_document(FORGER, key=1))
    jrd = {
        "subject": "acct:noor@far.test",
        "links": [{"rel": "self", "type": "application/activity+json", "href": FORGER}],
    }
    asked = "https://forger.test/.well-known/webfinger?resource=acct:mallory@forger.test"
    world.serve(jrd, url=asked, content_type="application/jrd+json")
    with pytest.raises(NotFound):
        await lookup.find("mallory@forger.test", ctx)
    assert asked in world.fetched
    assert not await Actor.exists(uri=FORGER, handle_host="far.test")


@pytest.mark.parametrize("change", ["body", "digest", "unsigned digest"])
async def test_a_digest_that_does_not_hold(
    poster: Poster, world: World, section: Actor, forger: Actor, logs: Logs, change: str
) -> None:
    follow = factories.activity("Follow", FORGER, section.uri)
    body, headers = world.signed(FORGER, follow, f"{ORIGIN}/inbox", key=1)
    names = {name.lower(): name for name in headers}
    if change == "body":
        body = body.replace(b"Follow", b"Block ")
    elif change == "digest":
        headers[names["digest"]] = "SHA-256=" + "A" * 43 + "="
    else:
        signature = headers[names["signature"]]
        headers[names["signature"]] = signature.replace(" digest", "")
    assert (await poster.send(body, headers)).status == 401
    assert not await InboxMessage.exists()
    assert refusals(logs) == ["BadSignature"]


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/inbox", "https://[::1]/inbox", "http://169.254.169.254/latest"]
)
async def test_an_inbox_at_a_private_address_is_never_reached(
    ctx: Context, world: World, section: Actor, address: str
) -> None:
    client, signer = HttpClient(user_agent="tests", allow_http=True), world.signer(FORGER, key=1)
    try:
        with pytest.raises(RejectedByPolicy):
            await client.post(address, b"{}", content_type="application/activity+json", signer=signer, now=ctx.now())
        with pytest.raises(RejectedByPolicy):
            await client.get(address, accept="application/activity+json")
    finally:
        await client.close()
