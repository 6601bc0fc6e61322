"""Events of streams beside new posts: what goes, what changed elsewhere, what is told now; and who may listen to what."""

import asyncio
import json
import socket
from typing import Any

import pytest
from httpx2 import AsyncClient
from websockets.exceptions import ConnectionClosed, InvalidStatus

from models.actor import Actor
from models.host import Severity
from models.member import Member
from models.membership import Membership, MembershipState
from models.notification import Notification, NotificationType
from models.oauth import AccessToken
from models.post import Post, Visibility
from server.admin.domains import Rule, set_rule
from server.follows.actions import follow, unfollow
from server.members.blocks import block
from server.members.leaving import delete as leave
from server.posts import actions
from server.posts.actions import Draft
from server.sections.membership import leave as leave_section
from server.streaming.connections import Limits
from tests import factories
from tests.federation.submitting import submit
from tests.server.mastodon.live import SECONDS, Live, heard
from tests.server.mastodon.shapes import CONVERSATION, assert_shape

MANY = 1500
LONG = "é" * 4500


async def said(client: Any) -> dict[str, Any]:
    """Wait for one message, as it is."""
    async with asyncio.timeout(SECONDS):
        found: dict[str, Any] = json.loads(await client.recv())
    return found


async def test_clients_learn_that_filters_changed_however_they_did(
    live: Live, zoe: AsyncClient, member: Actor, other_member: Actor
):
    post = await factories.post(other_member)
    mine, theirs = await live.listen(member, "user"), await live.listen(other_member, "user")
    changed = {"stream": ["user"], "event": "filters_changed"}

    made = (await zoe.post("/api/v2/filters", json={"title": "x", "context": ["home"]})).json()
    assert await said(mine) == changed
    address = f"/api/v2/filters/{made['id']}"
    word = (await zoe.post(f"{address}/keywords", json={"keyword": "foot"})).json()
    assert await said(mine) == changed
    named = (await zoe.post(f"{address}/statuses", json={"status_id": str(post.id)})).json()
    assert await said(mine) == changed
    for method, path in (
        ("PUT", address), ("PUT", f"/api/v2/filters/keywords/{word['id']}"), ("PUT", f"/api/v1/filters/{word['id']}"),
        ("DELETE", f"/api/v2/filters/statuses/{named['id']}"), ("DELETE", f"/api/v2/filters/keywords/{word['id']}"),
        ("DELETE", address),
    ):  # fmt: skip
        assert (await zoe.request(method, path)).status_code == 200
        assert await said(mine) == changed
    old = (await zoe.post("/api/v1/filters", json={"phrase": "foot", "context": ["home"]})).json()
    assert await said(mine) == changed
    await zoe.delete(f"/api/v1/filters/{old['id']}")
    assert await said(mine) == changed
    await actions.publish(other_member, Draft("Moi"), live.ctx)
    assert (await heard(theirs))[1] == "update"


async def test_server_sent_events_say_nothing_of_what_changed(live: Live, zoe: AsyncClient, member: Actor):
    headers = {"Authorization": f"Bearer {await live.token(member)}"}
    async with (
        AsyncClient(base_url=f"http://{live.netloc}", timeout=SECONDS, headers=headers) as client,
        client.stream("GET", "/api/v1/streaming/user") as answer,
    ):
        lines = answer.aiter_lines()
        assert await anext(lines) == ":)"
        await zoe.post("/api/v2/filters", json={"title": "x", "context": ["home"]})
        told = [await anext(lines) for _ in range(3)]
    assert told == ["", "event: filters_changed", "data: undefined"]


async def test_a_refused_filter_changes_nothing(live: Live, zoe: AsyncClient, member: Actor):
    client = await live.listen(member, "user")

    assert (await zoe.post("/api/v2/filters", json={"title": "x"})).status_code == 422
    await actions.publish(member, Draft("Moi"), live.ctx)

    assert (await heard(client))[1] == "update"


async def test_an_accepted_request_is_merged(live: Live, zoe: AsyncClient, member: Actor, other_member: Actor):
    home, alone = (
        await live.listen(member, "user"),
        await live.listen(member, "user:notification", "read:notifications"),
    )
    without = await live.listen(member, "user", "read:statuses")
    apart = {"recipient": member, "actor": other_member, "is_filtered": True, "id": 1}
    await Notification.create(type=NotificationType.FOLLOW, **apart)
    [request] = (await zoe.get("/api/v1/notifications/requests")).json()

    await zoe.post(f"/api/v1/notifications/requests/{request['id']}/accept")
    await zoe.post("/api/v1/notifications/requests/accept", json={"id": ["12"]})

    for client, stream in ((home, "user"), (alone, "user:notification")):
        assert await said(client) == {"stream": [stream], "event": "notifications_merged", "payload": "1"}
    await actions.publish(member, Draft("Moi"), live.ctx)
    assert (await heard(without))[1] == (await heard(home))[1] == "update"


async def test_a_conversation_that_is_read_or_edited_is_told_again(
    live: Live, zoe: AsyncClient, member: Actor, other_member: Actor
):
    written = await actions.publish(other_member, Draft("@zoe psst", Visibility.DIRECT), live.ctx)
    [row] = (await zoe.get("/api/v1/conversations")).json()
    mine, theirs = await live.listen(member, "direct"), await live.listen(other_member, "direct")

    await zoe.post(f"/api/v1/conversations/{row['id']}/read")
    await zoe.post(f"/api/v1/conversations/{row['id']}/read")
    await actions.edit(other_member, await Post.get(id=written.id), Draft("@zoe pst", Visibility.DIRECT), live.ctx)

    stream, event, told = await heard(mine)
    assert (stream, event, told["id"], told["unread"]) == (["direct"], "conversation", row["id"], False)
    assert_shape(told, CONVERSATION)
    assert "pst" in (await heard(mine))[2]["last_status"]["content"]
    assert "pst" in (await heard(theirs))[2]["last_status"]["content"]


async def test_a_boost_that_is_taken_back_goes_from_homes(
    live: Live, member: Actor, other_member: Actor, remote_actor: Actor
):
    await factories.follow(member, other_member)
    post = await factories.post(remote_actor)
    announce = await actions.announce(other_member, post, live.ctx)
    client = await live.listen(member, "user")

    await actions.unannounce(other_member, post, live.ctx)

    assert await heard(client) == (["user"], "delete", announce.id)


async def test_what_was_for_members_goes_from_the_screen_of_whoever_leaves(
    live: Live, member: Actor, other_member: Actor, section: Actor
):
    for actor in (member, other_member):
        await Membership.create(uri=f"{actor.uri}/joins/1", group=section, member=actor, state=MembershipState.ACCEPTED)
    for author in (member, other_member):
        hidden = await actions.publish(author, Draft("Entre nous", Visibility.SECTION, section=section), live.ctx)
    theirs = await live.listen(other_member, "user")
    mine = await live.listen(member, "user")

    await leave_section(member, section, live.ctx)

    assert await heard(mine) == (["user"], "delete", hidden.id)
    await actions.publish(other_member, Draft("Moi"), live.ctx)
    assert (await heard(theirs))[1] == "update"


async def test_what_was_for_followers_goes_from_the_screen_of_whoever_follows_no_longer(
    live: Live, member: Actor, other_member: Actor
):
    await follow(member, other_member, live.ctx)
    hidden = await actions.publish(other_member, Draft("Entre nous", Visibility.FOLLOWERS), live.ctx)
    await actions.publish(other_member, Draft("À tous"), live.ctx)
    mine, theirs = await live.listen(member, "user"), await live.listen(other_member, "user")

    await unfollow(member, other_member, live.ctx)

    assert await heard(mine) == (["user"], "delete", hidden.id)
    for client, actor in ((mine, member), (theirs, other_member)):
        own = await actions.publish(actor, Draft("Moi"), live.ctx)
        assert (await heard(client))[2]["id"] == str(own.id)


async def test_one_who_blocks_has_what_they_could_read_of_the_other_gone_and_the_other_learns_nothing(
    live: Live, member: Actor, other_member: Actor, remote_actor: Actor
):
    shown = await actions.publish(other_member, Draft("Bonjour"), live.ctx)
    await actions.publish(other_member, Draft("Pour les miens", Visibility.FOLLOWERS), live.ctx)
    await actions.publish(other_member, Draft("Pour moi", Visibility.DIRECT), live.ctx)
    await actions.publish(member, Draft("Bonsoir"), live.ctx)
    announce = await actions.announce(other_member, await factories.post(remote_actor), live.ctx)
    mine, public, theirs = [
        await live.listen(actor, stream)
        for actor, stream in ((member, "user"), (member, "public"), (other_member, "user"))
    ]

    await block(member, other_member, live.ctx)

    for client, stream in ((mine, "user"), (public, "public")):
        told = [await heard(client) for _ in range(2)]
        assert told == [([stream], "delete", shown.id), ([stream], "delete", announce.id)]
    for client, actor in ((mine, member), (theirs, other_member)):
        own = await actions.publish(actor, Draft("Moi"), live.ctx)
        assert (await heard(client))[2]["id"] == str(own.id)


@pytest.mark.parametrize("what", ["follow", "membership"])
async def test_one_who_is_refused_learns_nothing_of_what_was_not_for_them(
    live: Live, member: Actor, other_member: Actor, section: Actor, what: str
):
    await Actor.filter(id=other_member.id).update(approves_followers=True)
    await Membership.create(group=section, member=other_member, state=MembershipState.ACCEPTED)
    for draft in (Draft("x", Visibility.FOLLOWERS), Draft("x", Visibility.SECTION, section=section)):
        await actions.publish(other_member, draft, live.ctx)
    client = await live.listen(member, "user")
    if what == "follow":
        await follow(member, await Actor.get(id=other_member.id), live.ctx)
        await unfollow(member, other_member, live.ctx)
    else:
        await Membership.create(
            uri=f"{member.uri}/joins/1", group=section, member=member, state=MembershipState.REQUESTED
        )
        await leave_section(member, section, live.ctx)

    own = await actions.publish(member, Draft("Moi"), live.ctx)

    assert (await heard(client))[2]["id"] == str(own.id)


async def test_what_a_blocked_domain_wrote_goes_from_every_screen(
    live: Live, member: Actor, other_member: Actor, remote_actor: Actor
):
    post = await factories.post(remote_actor)
    hidden = await factories.post(remote_actor, visibility=Visibility.DIRECT)
    client = await live.listen(member, "public")

    await set_rule("far.test", Rule(Severity.SUSPEND), live.ctx)
    await set_rule("far.test", Rule(Severity.SUSPEND), live.ctx)

    assert await heard(client) == (["public"], "delete", post.id)
    await actions.publish(member, Draft("Moi"), live.ctx)
    assert (await heard(client))[1] == "update"
    assert hidden.id != post.id


@pytest.mark.parametrize("is_gone", [True, False])
async def test_what_one_wrote_who_is_gone_or_suspended_elsewhere_goes(
    live: Live, member: Actor, remote_actor: Actor, is_gone: bool
):
    post = await factories.post(remote_actor)
    client = await live.listen(member, "user")
    suspended = {"type": "Person", "id": remote_actor.uri, "suspended": True}
    kind, object_ = ("Delete", remote_actor.uri) if is_gone else ("Update", suspended)

    await submit(factories.activity(kind, remote_actor.uri, object_), remote_actor, live.ctx)

    assert await heard(client) == (["user"], "delete", post.id)


async def test_much_that_goes_at_once_closes_nobody(live: Live, member: Actor, remote_actor: Actor):
    posts = [await factories.post(remote_actor, str(number)) for number in range(30)]
    client = await live.open(await live.token(member))
    for stream in ("user", "public", "public:remote"):
        await client.send(json.dumps({"type": "subscribe", "stream": stream}))
    await client.send("junk")
    await said(client)

    await submit(factories.activity("Delete", remote_actor.uri, remote_actor.uri), remote_actor, live.ctx)

    told = [await heard(client) for _ in range(60)]
    assert {id_ for _, _, id_ in told} == {post.id for post in posts[10:]}


# Who may listen


@pytest.mark.parametrize(
    ("stream", "scopes", "status"),
    [
        ("user", ("read:statuses",), 101), ("user", ("read",), 101), ("user", ("read:notifications",), 403),
        ("user", ("write", "follow", "push", "read:accounts"), 403),
        ("user:notification", ("read:notifications",), 101), ("user:notification", ("read:statuses",), 403),
        ("direct", ("read:statuses",), 101), ("direct", ("read:notifications",), 403),
        ("list&list=1", ("read:lists",), 403), ("list&list=2", ("read:statuses",), 404),
        *((name, ("write:media",), 101) for name in ("public", "public:local", "public:remote:media", "hashtag&tag=a")),
    ],
)  # fmt: skip
async def test_each_stream_asks_for_its_scope(
    live: Live, member: Actor, stream: str, scopes: tuple[str, ...], status: int
):
    token = await live.token(member, *scopes)
    if status == 101:
        await live.open(token, f"?stream={stream}")
        return
    with pytest.raises(InvalidStatus) as refused:
        await live.open(token, f"?stream={stream}")
    assert refused.value.response.status_code == status


async def test_every_public_stream_wants_a_token(live: Live, public: AsyncClient):
    for path in ("user", "user/notification", "public", "public/local", "public/remote", "hashtag", "list", "direct"):
        assert (await public.get(f"/api/v1/streaming/{path}")).status_code == 401
    assert (await public.get("/api/v1/streaming/public/media")).status_code == 404


async def test_a_member_and_an_address_have_only_so_many(live: Live, member: Actor, other_member: Actor):
    live.hub.connections._limits = Limits(a_token=5, a_member=2, an_address=2)
    for _ in range(2):
        await live.listen(member, "user")

    for actor, words in ((member, "for one member"), (other_member, "from one address")):
        with pytest.raises(InvalidStatus) as refused:
            await live.listen(actor, "user")
        assert refused.value.response.status_code == 429
        sentence = json.loads(refused.value.response.body)["error"]
        assert sentence == f"No more than 2 streams can be open {words}. Close one first."


@pytest.mark.parametrize("how", ["revoked", "disabled", "gone"])
async def test_nothing_more_is_told_to_a_token_that_is_no_good(
    live: Live, member: Actor, other_member: Actor, how: str
):
    mine, theirs = await live.listen(member, "public"), await live.listen(other_member, "public")
    if how == "revoked":
        await AccessToken.filter(member__actor_id=member.id).update(revoked_at=live.ctx.now())
    elif how == "disabled":
        await Member.filter(actor_id=member.id).update(disabled_at=live.ctx.now())
    else:
        await leave(member, live.ctx)

    await actions.publish(other_member, Draft("Moi"), live.ctx)

    with pytest.raises(ConnectionClosed):
        await asyncio.wait_for(mine.recv(), SECONDS)
    assert (await heard(theirs))[1] == "update"


async def test_one_who_does_not_read_is_let_go_and_others_hear_everything(
    live: Live, member: Actor, other_member: Actor
):
    quick = await live.listen(other_member, "public")
    host, _, port = live.netloc.partition(":")
    with socket.socket() as small:
        small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        small.connect((host, int(port)))
        token = await live.token(member)
        slow = await live.open(token, f"?stream=public&access_token={token}", sock=small)
        slow.transport.pause_reading()
        [slow_one] = [one for one in live.hub.connections if one.actor.id == member.id]

        for number in range(MANY):
            told = await actions.publish(other_member, Draft(f"{number} {LONG}"), live.ctx)
            assert (await heard(quick))[2]["id"] == str(told.id)
            if slow_one.closing.is_set():
                break

        assert slow_one.closing.is_set()
        assert slow_one.waiting.qsize() <= 1
        async with asyncio.timeout(SECONDS):
            while len(live.hub.connections) > 1:
                await asyncio.sleep(0.01)
