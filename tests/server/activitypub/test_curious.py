"""A curious server asks for everything there is, and learns nothing that is not for everybody."""

import re

import pytest

from federation import pipeline
from federation.activities import parse
from federation.context import Context
from models.activity import ActivityRecord
from models.actor import Actor
from models.details import SharedDetails
from models.membership import Membership, MembershipState
from models.post import Post, Visibility
from server.activitypub.routes import ROUTES
from server.follows import actions as follows
from server.posts import actions
from server.posts.actions import Draft
from server.sections.sharing import Shared, share
from tests import factories
from tests.server.activitypub.asker import Asker
from tests.world import World

ACCEPTS = ["application/activity+json", "application/json"]


@pytest.fixture
async def private_life(
    member: Actor, other_member: Actor, remote_actor: Actor, section: Actor, ctx: Context, world: World
) -> None:
    """Two members and a section with something to hide; the uris and words of it all say so."""
    await pipeline.submit(
        parse(factories.activity("Follow", remote_actor.uri, member.uri)), acting=remote_actor, ctx=ctx
    )
    await follows.follow(other_member, section, ctx)
    await follows.follow(other_member, remote_actor, ctx)
    await actions.publish(section, Draft("Réunion publique"), ctx)
    open_post = await actions.publish(member, Draft("Bonjour à tous"), ctx)
    for visibility in (Visibility.FOLLOWERS, Visibility.DIRECT):
        await actions.publish(member, Draft("secret @noor@far.test @ali", visibility), ctx)
        await actions.publish(member, Draft("secret aussi", visibility, in_reply_to=open_post), ctx)
        doomed = await actions.publish(member, Draft("secret oublié", visibility), ctx)
        await actions.edit(member, doomed, Draft("secret retouché"), ctx)
        await actions.delete(member, doomed, ctx)
    regretted = await actions.publish(member, Draft("secret depuis peu"), ctx)
    await actions.edit(member, regretted, Draft("secret toujours"), ctx)
    await actions.delete(member, regretted, ctx)
    await actions.like(other_member, open_post, ctx)
    await actions.like(other_member, await factories.post(remote_actor), ctx)
    announced = await factories.post(remote_actor, "montré")
    await actions.announce(other_member, announced, ctx)
    await actions.unannounce(other_member, announced, ctx)
    group = await factories.remote_actor(ctx, world, "https://far.test/nord", kind="Group", acceptsSharedDetails=True)
    await Membership.create(group=group, member=member, state=MembershipState.ACCEPTED)
    await share(member, group, Shared.EMAIL, "secret@post.example", ctx)


async def addresses(ctx: Context) -> list[str]:
    """Every address that the routes can make of every row there is, deleted posts and undone activities included."""
    records = await ActivityRecord.filter(is_local=True)
    uris = {record.uri for record in records} | {record.object_uri for record in records if record.object_uri}
    ids = {match[0] for uri in uris if (match := re.search(r"\d+$", uri))}
    ids |= {str(id_) for id_ in await Actor.all().values_list("id", flat=True)}
    ids |= {str(id_) for id_ in await Post.all().values_list("id", flat=True)}
    tokens = [uri.rpartition("/")[2] for uri in await SharedDetails.all().values_list("uri", flat=True)]
    assert tokens
    paths = [route.path_format for route in ROUTES if "GET" in route.methods]
    found = {
        path.format(id=id_, username=username, version="2.1", token=token)
        for path in paths
        for id_ in ids
        for username in ("zoe", "ali", "lille")
        for token in tokens
    }
    pages = {f"{path}?page=true" for path in found if path.endswith(("/outbox", "/followers", "/following"))}
    fingers = {f"/.well-known/webfinger?resource=acct:{name}@lille.test" for name in ("zoe", "ali", "lille", "noor")}
    return sorted(found | pages | fingers)


@pytest.mark.parametrize("who", ["unsigned", "stranger"])
async def test_a_curious_server_learns_nothing(
    asker: Asker, private_life: None, instance: Actor, stranger: Actor, world: World, ctx: Context, who: str
):
    asked = await addresses(ctx)
    signer = world.signer(stranger.uri) if who == "stranger" else None
    answered = []
    for address in asked:
        for accept in ACCEPTS:
            reply = await asker.get(address, accept=accept, signer=signer)
            assert reply.status < 500, address
            assert b"secret" not in reply.body, address
            assert b"far.test" not in reply.body, address
            answered.append((address, reply.status))

    assert len(asked) > 200
    assert {status for _, status in answered} >= {200, 404, 410}


async def test_no_document_links_one_of_us_with_another(
    asker: Asker, private_life: None, member: Actor, other_member: Actor, section: Actor, ctx: Context
):
    people = {actor.uri for actor in (member, other_member, section)}
    for address in await addresses(ctx):
        text = (await asker.get(address)).body.decode()
        named = {uri for uri in people if re.search(rf"{re.escape(uri)}(?!\d)", text)}
        assert len(named) <= 1, address
