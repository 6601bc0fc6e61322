"""Streams over real sockets: who hears what, by which way, and who does not."""

import asyncio
import json

import pytest
from httpx2 import AsyncClient
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from federation.context import Context
from models.actor import Actor
from models.notification import Notification, NotificationType
from models.oauth import AccessToken
from models.post import Post, Visibility
from server.mastodon.streaming import events
from server.posts import actions
from server.posts.actions import Draft
from server.streaming.connections import Connection, Limits
from tests import factories
from tests.federation.submitting import submit
from tests.server.mastodon.live import SECONDS, Live, heard, hears_nothing_but
from tests.server.mastodon.shapes import CONVERSATION, OWN_STATUS, TOLD_OF_A_STATUS, assert_shape


async def test_a_post_reaches_its_followers_and_its_author_and_no_stranger(
    live: Live, member: Actor, other_member: Actor, section: Actor
):
    await factories.follow(other_member, member)
    mine, theirs = await live.listen(member, "user"), await live.listen(other_member, "user")
    stranger_actor = await factories.member(live.ctx, "eve", "Ève")
    stranger, public = await live.listen(stranger_actor, "user"), await live.listen(stranger_actor, "public")

    hidden = await actions.publish(member, Draft("Entre nous", Visibility.FOLLOWERS), live.ctx)
    shown = await actions.publish(member, Draft("À tous"), live.ctx)

    for client in (mine, theirs):
        stream, event, said = await heard(client)
        assert (stream, event, said["id"]) == (["user"], "update", str(hidden.id))
        assert_shape(said, OWN_STATUS)
        assert (await heard(client))[2]["id"] == str(shown.id)
    stream, event, said = await heard(public)
    assert (stream, event, said["id"]) == (["public"], "update", str(shown.id))
    own = await hears_nothing_but(stranger, lambda: actions.publish(stranger_actor, Draft("Moi"), live.ctx))
    assert own[2]["account"]["acct"] == "eve"


async def test_edits_and_deletes_reach_those_who_had_the_post_alone(live: Live, member: Actor, other_member: Actor):
    post = await actions.publish(member, Draft("Un", Visibility.FOLLOWERS), live.ctx)
    mine, theirs = await live.listen(member, "user"), await live.listen(other_member, "user")

    await actions.edit(member, await Post.get(id=post.id), Draft("Deux", Visibility.FOLLOWERS), live.ctx)
    stream, event, said = await heard(mine)
    assert (stream, event, said["id"]) == (["user"], "status.update", str(post.id))

    await actions.delete(member, await Post.get(id=post.id), live.ctx)
    assert await heard(mine) == (["user"], "delete", post.id)
    found = await hears_nothing_but(theirs, lambda: actions.publish(other_member, Draft("Moi"), live.ctx))
    assert found[1] == "update"


async def test_a_boost_reaches_the_followers(live: Live, member: Actor, other_member: Actor, remote_actor: Actor):
    await factories.follow(member, other_member)
    mine = await live.listen(member, "user")

    await actions.announce(other_member, await factories.post(remote_actor), live.ctx)

    _, event, said = await heard(mine)
    assert (event, said["account"]["acct"], said["reblog"]["account"]["acct"]) == ("update", "ali", remote_actor.handle)
    assert_shape(said, OWN_STATUS)


async def test_notifications_come_alone_or_with_the_home_by_scope(live: Live, member: Actor, other_member: Actor):
    post = await actions.publish(member, Draft("Bonjour"), live.ctx)
    alone = await live.listen(member, "user:notification", "read:notifications")
    home = await live.listen(member, "user", "read")
    without = await live.listen(member, "user", "read:statuses")

    await actions.like(other_member, await Post.get(id=post.id), live.ctx)

    for client, name in ((alone, "user:notification"), (home, "user")):
        stream, event, said = await heard(client)
        assert (stream, event, said["type"]) == ([name], "notification", "favourite")
        assert_shape(said, TOLD_OF_A_STATUS)
    assert (await hears_nothing_but(without, lambda: actions.publish(member, Draft("!"), live.ctx)))[1] == "update"


async def test_what_was_notified_before_or_is_kept_apart_is_not_told(live: Live, member: Actor, other_member: Actor):
    said = {"recipient": member, "type": NotificationType.FOLLOW}
    await Notification.create(**said, actor=other_member)
    mine = await live.listen(member, "user:notification")
    await Notification.create(**said, actor=other_member, is_filtered=True)
    told = await Notification.create(**said, actor=other_member)

    await live.ctx.publish(())
    await live.ctx.publish(())

    assert (await heard(mine))[2]["id"] == str(told.id)
    last = await Notification.create(**said, actor=other_member)
    await live.ctx.publish(())
    assert (await heard(mine))[2]["id"] == str(last.id)


async def test_public_streams_are_divided_by_origin_and_hashtag_and_leave_out_the_blocked(
    live: Live, member: Actor, other_member: Actor, remote_actor: Actor
):
    local, remote = await live.listen(member, "public:local"), await live.listen(member, "public:remote")
    tag = await live.open(await live.token(member), "?stream=hashtag&tag=Nord")
    await factories.follow(other_member, remote_actor)
    await submit(factories.create(remote_actor.uri, 1, to=[factories.PUBLIC]), remote_actor, live.ctx)
    first = await actions.publish(other_member, Draft("Bonjour #nord"), live.ctx)

    stream, _, said = await heard(remote)
    assert (stream, said["account"]["acct"]) == (["public:remote"], remote_actor.handle)
    assert (await heard(local))[2]["id"] == str(first.id)
    stream, _, said = await heard(tag)
    assert (stream, said["id"]) == (["hashtag", "nord"], str(first.id))
    await factories.block(member, other_member)
    await actions.publish(other_member, Draft("Encore"), live.ctx)
    mine = await hears_nothing_but(local, lambda: actions.publish(member, Draft("Moi"), live.ctx))
    assert mine[2]["account"]["acct"] == "zoe"


async def test_conversations(live: Live, member: Actor, other_member: Actor):
    mine = await live.listen(member, "direct")

    await actions.publish(other_member, Draft("@zoe psst", Visibility.DIRECT), live.ctx)

    stream, event, said = await heard(mine)
    assert (stream, event) == (["direct"], "conversation")
    assert_shape(said, CONVERSATION)


async def test_one_socket_follows_many_streams_and_lets_go_of_them(live: Live, member: Actor):
    client = await live.open(await live.token(member))
    for name in ("user", "public"):
        await client.send(json.dumps({"type": "subscribe", "stream": name}))
    await client.send("junk")
    assert json.loads(await client.recv())["status"] == 422

    await actions.publish(member, Draft("Un"), live.ctx)
    assert {(await heard(client))[0][0] for _ in range(2)} == {"user", "public"}

    await client.send(json.dumps({"type": "unsubscribe", "stream": "user"}))
    for wrong in ({"type": "subscribe", "stream": "list"}, {"type": "x"}, [], {"type": "subscribe"}):
        await client.send(json.dumps(wrong))
        assert json.loads(await client.recv())["status"] == 422
    await actions.publish(member, Draft("Deux"), live.ctx)
    await actions.publish(member, Draft("Trois"), live.ctx)
    assert [(await heard(client))[0] for _ in range(2)] == [["public"], ["public"]]


async def test_a_token_comes_in_three_ways_and_as_subprotocol_it_is_echoed(live: Live, member: Actor):
    token = await live.token(member)

    echoed = await live.open(token, subprotocols=[token])
    assert echoed.subprotocol == token
    await live.open(token, f"?access_token={token}", open_timeout=SECONDS)
    await live.open(token)
    assert len(live.hub.connections) == 3


async def test_no_token_a_narrow_one_and_too_many_are_refused(live: Live, member: Actor):
    narrow = await live.token(member, "read:accounts")
    live.hub.connections._limits = Limits(a_token=1)
    good = await live.token(member)
    await live.open(good)

    for token, query, status in (
        ("nope", "", 401),
        (narrow, "?stream=user", 403),
        (good, "?stream=nothing", 422),
        (good, "?stream=hashtag", 422),
        (good, "", 429),
    ):
        with pytest.raises(InvalidStatus) as refused:
            await live.open(token, query)
        assert refused.value.response.status_code == status
    with pytest.raises(InvalidStatus):
        await live.stack.enter_async_context(connect(f"ws://{live.netloc}/api/v1/timelines/home"))


async def test_a_revoked_token_closes_its_streams_and_no_others(live: Live, member: Actor, other_member: Actor):
    mine, theirs = await live.listen(member, "user"), await live.listen(other_member, "user")
    await AccessToken.filter(member__actor_id=member.id).update(revoked_at=live.ctx.now())

    await live.hub.close_revoked()

    with pytest.raises(ConnectionClosed):
        await asyncio.wait_for(mine.recv(), SECONDS)
    await actions.publish(other_member, Draft("Moi"), live.ctx)
    assert (await heard(theirs))[1] == "update"


async def test_hundreds_of_streams_hear_one_post_and_are_forgotten_when_they_go(live: Live, member: Actor):
    token = await live.token(member)
    clients = [await live.open(token, "?stream=public") for _ in range(300)]

    post = await actions.publish(member, Draft("À tous"), live.ctx)

    assert {(await heard(client))[2]["id"] for client in clients} == {str(post.id)}
    await asyncio.gather(*(client.close() for client in clients))
    async with asyncio.timeout(SECONDS):
        while len(live.hub.connections):
            await asyncio.sleep(0.01)


async def test_server_sent_events(live: Live, member: Actor):
    token = await live.token(member)
    async with AsyncClient(base_url=f"http://{live.netloc}", timeout=SECONDS) as client:
        assert (await client.get("/api/v1/streaming/health")).text == "OK"
        assert (await client.get("/api/v1/streaming/user")).status_code == 401
        assert (await client.get("/api/v1/streaming/hashtag", params={"access_token": token})).status_code == 422
        narrow = await live.token(member, "write")
        assert (await client.get("/api/v1/streaming/user", params={"access_token": narrow})).status_code == 403
        async with client.stream("GET", "/api/v1/streaming/user", params={"access_token": token}) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            lines = answer.aiter_lines()
            assert await anext(lines) == ":)"
            post = await actions.publish(member, Draft("Bonjour"), live.ctx)
            said = [await anext(lines) for _ in range(3)]
    assert said[:2] == ["", "event: update"]
    assert json.loads(said[2].removeprefix("data: "))["id"] == str(post.id)
    async with asyncio.timeout(SECONDS):
        while len(live.hub.connections):
            await asyncio.sleep(0.01)


async def test_a_stream_that_is_closed_ends(ctx: Context):
    connection = Connection(Actor(), 1, ("read",), "192.0.2.1")
    connection.close()

    assert [text async for text in events(connection, ctx.names)] == [":)\n\n"]
