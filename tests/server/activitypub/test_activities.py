"""Activities by their own uri: publications for anybody, the rest for the signature of those they are addressed to."""

import pytest

from federation import pipeline
from federation.activities import parse
from federation.context import Context
from federation.handlers import profile
from federation.jsonld import dump
from models.activity import ActivityRecord
from models.actor import Actor
from models.follow import FollowState
from models.post import Post, Visibility
from models.reaction import Announce
from server.follows import actions as follows
from server.posts import actions
from server.posts.actions import Draft
from tests import factories
from tests.server.activitypub.asker import Asker
from tests.world import World


async def publish(author: Actor, ctx: Context, text: str, visibility: Visibility = Visibility.PUBLIC) -> Post:
    return await actions.publish(author, Draft(text, visibility), ctx)


async def record(kind: str) -> ActivityRecord:
    return await ActivityRecord.get(type=kind, is_local=True)


async def test_the_creation_of_an_open_post_is_open(asker: Asker, member: Actor, ctx: Context):
    post = await publish(member, ctx, "Bonjour")
    created = await record("Create")
    reply = await asker.get(created.uri, accept="text/html")

    assert reply.status == 200
    assert (reply.json["id"], reply.json["type"], reply.json["actor"]) == (created.uri, "Create", member.uri)
    assert reply.json["object"]["id"] == post.uri
    assert "@context" in reply.json
    assert "@context" not in reply.json["object"]


async def test_a_creation_shows_the_post_as_it_is_today(asker: Asker, member: Actor, ctx: Context):
    post = await publish(member, ctx, "avant")
    await actions.edit(member, post, Draft("après"), ctx)

    for kind in ("Create", "Update"):
        reply = await asker.get((await record(kind)).uri)
        assert "après" in reply.json["object"]["content"]
        assert "avant" not in reply.body.decode()


async def test_a_deleted_post_is_in_no_activity(asker: Asker, member: Actor, ctx: Context):
    post = await publish(member, ctx, "regrets")
    await actions.edit(member, post, Draft("regrets encore"), ctx)
    await actions.delete(member, post, ctx)

    for kind in ("Create", "Update"):
        reply = await asker.get((await record(kind)).uri)
        assert (reply.status, reply.json["type"]) == (410, "Tombstone")
        assert "regrets" not in reply.body.decode()
    assert (await asker.get((await record("Delete")).uri)).json["object"] == {"id": post.uri, "type": "Tombstone"}


async def test_an_announce_is_open_until_it_is_undone(asker: Asker, member: Actor, remote_actor: Actor, ctx: Context):
    post = await factories.post(remote_actor)
    announce: Announce = await actions.announce(member, post, ctx)
    reply = await asker.get(announce.uri)

    assert (reply.json["type"], reply.json["object"]) == ("Announce", post.uri)

    await actions.unannounce(member, post, ctx)
    assert (await asker.get(announce.uri)).status == 410
    assert (await asker.get((await record("Undo")).uri)).status == 404


async def test_a_gone_actor_announces_nothing(asker: Asker, member: Actor, remote_actor: Actor, ctx: Context):
    announce = await actions.announce(member, await factories.post(remote_actor), ctx)
    await profile.bury(member, ctx)

    assert (await asker.get(announce.uri)).status == 410


async def test_a_change_of_profile_names_the_actor_and_repeats_nothing(asker: Asker, member: Actor, ctx: Context):
    uri = ctx.names.new_activity()
    document = {"id": uri, "type": "Update", "actor": member.uri, "object": {"id": member.uri, "summary": "autrefois"}}
    await ActivityRecord.create(
        uri=uri, type="Update", actor_uri=member.uri, object_uri=member.uri, is_local=True,
        document=dump(document | {"to": [factories.PUBLIC]}),
    )  # fmt: skip

    assert (await asker.get(uri)).json["object"] == member.uri


class TestAFollow:
    """A wish between two actors is for the one who is asked."""

    @pytest.fixture
    async def wish(self, member: Actor, remote_actor: Actor, ctx: Context) -> ActivityRecord:
        await follows.follow(member, remote_actor, ctx)
        return await record("Follow")

    async def test_is_not_there_for_the_unsigned(self, asker: Asker, wish: ActivityRecord):
        reply = await asker.get(wish.uri)

        assert reply.status == 404
        assert reply.json == (await asker.get("/activities/1")).json

    async def test_is_not_there_for_a_stranger(self, asker: Asker, wish: ActivityRecord, stranger: Actor, world: World):
        assert (await asker.get(wish.uri, signer=world.signer(stranger.uri))).status == 404

    async def test_is_there_for_whom_it_names(
        self, asker: Asker, wish: ActivityRecord, remote_actor: Actor, world: World
    ):
        reply = await asker.get(wish.uri, signer=world.signer(remote_actor.uri))

        assert (reply.status, reply.json["type"], reply.json["object"]) == (200, "Follow", remote_actor.uri)
        assert reply.headers["cache-control"] == "private, no-store"

    async def test_ends_when_it_is_undone(
        self, asker: Asker, wish: ActivityRecord, member: Actor, remote_actor: Actor, world: World, ctx: Context
    ):
        await follows.unfollow(member, remote_actor, ctx)

        assert (await asker.get(wish.uri)).status == 404
        ended = await asker.get(wish.uri, signer=world.signer(remote_actor.uri))
        assert (ended.status, ended.headers["cache-control"]) == (410, "private, no-store")
        undo = await asker.get((await record("Undo")).uri, signer=world.signer(remote_actor.uri))
        assert undo.json["type"] == "Undo"


async def test_the_answer_to_a_follow_is_for_whoever_asked(
    asker: Asker, member: Actor, remote_actor: Actor, stranger: Actor, world: World, ctx: Context
):
    wish = parse(factories.activity("Follow", remote_actor.uri, member.uri))
    await pipeline.submit(wish, acting=remote_actor, ctx=ctx)
    accept = await record("Accept")

    assert (await asker.get(accept.uri)).status == 404
    assert (await asker.get(accept.uri, signer=world.signer(stranger.uri))).status == 404
    assert (await asker.get(accept.uri, signer=world.signer(remote_actor.uri))).json["type"] == "Accept"


async def test_a_like_is_for_the_author_of_what_is_liked(
    asker: Asker, member: Actor, remote_actor: Actor, stranger: Actor, world: World, ctx: Context
):
    await actions.like(member, await factories.post(remote_actor), ctx)
    like = await record("Like")

    assert (await asker.get(like.uri)).status == 404
    assert (await asker.get(like.uri, signer=world.signer(stranger.uri))).status == 404
    assert (await asker.get(like.uri, signer=world.signer(remote_actor.uri))).status == 200


async def test_the_creation_of_a_post_for_followers_is_for_followers(
    asker: Asker, member: Actor, remote_actor: Actor, stranger: Actor, world: World, ctx: Context
):
    await factories.follow(remote_actor, member)
    asked = await factories.follow(stranger, member)
    await asked.update_from_dict({"state": FollowState.REQUESTED}).save()
    await publish(member, ctx, "entre nous", Visibility.FOLLOWERS)
    created = await record("Create")

    assert (await asker.get(created.uri)).status == 404
    assert (await asker.get(created.uri, signer=world.signer(stranger.uri))).status == 404
    seen = await asker.get(created.uri, signer=world.signer(remote_actor.uri))
    assert "entre nous" in seen.json["object"]["content"]
    assert seen.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("kind", ["Block", "Flag"])
async def test_a_block_or_a_report_is_shown_to_nobody(
    asker: Asker, member: Actor, remote_actor: Actor, world: World, ctx: Context, kind: str
):
    uri = ctx.names.new_activity()
    document = {"id": uri, "type": kind, "actor": member.uri, "object": remote_actor.uri, "to": [remote_actor.uri]}
    await ActivityRecord.create(
        uri=uri, type=kind, actor_uri=member.uri, object_uri=remote_actor.uri, is_local=True, document=dump(document)
    )

    assert (await asker.get(uri, signer=world.signer(remote_actor.uri))).status == 404


async def test_an_activity_of_another_server_is_not_served(asker: Asker, remote_actor: Actor, ctx: Context):
    uri = f"{ctx.names.origin}/activities/5"
    await ActivityRecord.create(
        uri=uri, type="Create", actor_uri=remote_actor.uri, object_uri=uri, is_local=False, document="{}"
    )

    assert (await asker.get(uri)).status == 404
