"""Posts by their own uri: open ones for anybody, the others for the signature of those they are for."""

import pytest

from federation.context import Context
from federation.keys import load_private_key
from federation.objects import note
from federation.signatures import Signer
from models.actor import Actor
from models.follow import FollowState
from models.post import Attachment, Post, Visibility
from server.posts import actions
from server.posts.actions import Draft
from tests import factories
from tests.server.activitypub.asker import Asker
from tests.world import World, key_pair


async def publish(author: Actor, ctx: Context, text: str, visibility: Visibility = Visibility.PUBLIC, **more) -> Post:
    return await actions.publish(author, Draft(text, visibility, **more), ctx)


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.UNLISTED])
async def test_an_open_post_is_a_note_for_anybody(asker: Asker, member: Actor, ctx: Context, visibility: Visibility):
    post = await publish(member, ctx, "Bonjour #Lille", visibility)
    reply = await asker.get(post.uri)

    assert reply.status == 200
    assert reply.json == await actions.document_of(post, ctx)
    assert (reply.json["id"], reply.json["attributedTo"]) == (post.uri, member.uri)
    assert reply.headers["cache-control"] == "public, max-age=60"


async def test_all_that_hangs_on_a_post_is_in_it(asker: Asker, member: Actor, remote_actor: Actor, ctx: Context):
    post = await publish(member, ctx, "Bonjour @noor@far.test #Lille")
    await Attachment.create(
        post=post, url="https://lille.test/media/1.jpg", media_type="image/jpeg", description="Une place"
    )
    document = (await asker.get(post.uri)).json

    assert [(tag["type"], tag["name"]) for tag in document["tag"]] == [
        ("Mention", "@noor@far.test"),
        ("Hashtag", "#Lille"),
    ]
    assert [item["name"] for item in document["attachment"]] == ["Une place"]


async def test_another_server_can_read_it_as_a_post(asker: Asker, member: Actor, ctx: Context):
    post = await publish(member, ctx, "Bonjour")
    read = note.read((await asker.get(post.uri)).json, member, activity_to=(), activity_cc=(), now=ctx.now())

    assert read.columns["uri"] == post.uri
    assert read.columns["visibility"] is Visibility.PUBLIC


async def test_an_edited_post_is_served_as_it_is_now(asker: Asker, member: Actor, ctx: Context):
    post = await publish(member, ctx, "avant")
    await actions.edit(member, post, Draft("après"), ctx)
    reply = await asker.get(post.uri)

    assert "après" in reply.json["content"]
    assert "avant" not in reply.body.decode()


async def test_the_address_of_its_page_gives_the_post(asker: Asker, member: Actor, ctx: Context):
    post = await publish(member, ctx, "Bonjour")

    assert (await asker.get(post.url)).json["id"] == post.uri
    assert (await asker.get(f"/@ZOE/{post.id}")).json["id"] == post.uri


async def test_a_post_is_not_found_under_the_name_of_another(asker: Asker, member: Actor, section: Actor, ctx: Context):
    post = await publish(member, ctx, "Bonjour")

    assert (await asker.get(f"/@lille/{post.id}")).status == 404


async def test_a_browser_is_sent_to_the_page_of_a_post(asker: Asker, member: Actor, ctx: Context):
    post = await publish(member, ctx, "Bonjour")
    reply = await asker.get(post.uri, accept="text/html,*/*;q=0.8")

    assert (reply.status, reply.headers["location"]) == (302, post.url)


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.DIRECT])
@pytest.mark.parametrize("suffix", ["", "/replies", "/likes", "/shares"])
async def test_a_post_for_some_is_not_there_for_the_unsigned(
    asker: Asker, member: Actor, ctx: Context, visibility: Visibility, suffix: str
):
    post = await publish(member, ctx, "entre nous", visibility)
    reply = await asker.get(post.uri + suffix)

    assert reply.status == 404
    assert reply.json == (await asker.get(f"/posts/1{suffix}")).json
    assert (await asker.get(post.url)).status == 404


@pytest.mark.parametrize("suffix", ["", "/replies", "/likes", "/shares"])
async def test_a_follower_reads_a_post_for_followers(
    asker: Asker, member: Actor, remote_actor: Actor, world: World, ctx: Context, suffix: str
):
    await factories.follow(remote_actor, member)
    post = await publish(member, ctx, "entre nous", Visibility.FOLLOWERS)
    reply = await asker.get(post.uri + suffix, signer=world.signer(remote_actor.uri))

    assert reply.status == 200
    assert reply.json["id"] == post.uri + suffix
    assert reply.headers["cache-control"] == "private, no-store"


async def test_the_named_read_a_direct_post(
    asker: Asker, member: Actor, remote_actor: Actor, world: World, ctx: Context
):
    post = await publish(member, ctx, "@noor@far.test entre nous", Visibility.DIRECT)

    assert (await asker.get(post.uri, signer=world.signer(remote_actor.uri))).json["id"] == post.uri
    assert (await asker.get(post.url, signer=world.signer(remote_actor.uri))).json["id"] == post.uri


async def test_a_follower_does_not_read_a_direct_post_to_another(
    asker: Asker, member: Actor, remote_actor: Actor, stranger: Actor, world: World, ctx: Context
):
    await factories.follow(stranger, member)
    post = await publish(member, ctx, "@noor@far.test entre nous", Visibility.DIRECT)

    assert (await asker.get(post.uri, signer=world.signer(stranger.uri))).status == 404


async def test_who_only_asked_to_follow_reads_nothing_more(
    asker: Asker, member: Actor, remote_actor: Actor, world: World, ctx: Context
):
    follow = await factories.follow(remote_actor, member)
    await follow.update_from_dict({"state": FollowState.REQUESTED}).save()
    post = await publish(member, ctx, "entre nous", Visibility.FOLLOWERS)

    assert (await asker.get(post.uri, signer=world.signer(remote_actor.uri))).status == 404


async def test_a_known_document_for_some_is_not_sent_twice_either(
    asker: Asker, member: Actor, remote_actor: Actor, world: World, ctx: Context
):
    await factories.follow(remote_actor, member)
    post = await publish(member, ctx, "entre nous", Visibility.FOLLOWERS)
    signer = world.signer(remote_actor.uri)
    etag = (await asker.get(post.uri, signer=signer)).headers["etag"]

    assert (await asker.get(post.uri, signer=signer, if_none_match=etag)).status == 304
    assert (await asker.get(post.uri, if_none_match=etag)).status == 404
    assert (await asker.get(post.uri, if_none_match="*")).status == 404


class TestASignatureThatProvesNothing:
    """Each of these is from a follower, or says so, and gets what the unsigned get."""

    @pytest.fixture
    async def post(self, member: Actor, remote_actor: Actor, ctx: Context) -> Post:
        await factories.follow(remote_actor, member)
        return await publish(member, ctx, "entre nous", Visibility.FOLLOWERS)

    async def test_made_with_another_key(self, asker: Asker, post: Post, remote_actor: Actor, world: World):
        assert (await asker.get(post.uri, signer=world.signer(remote_actor.uri, key=1))).status == 404

    async def test_of_somebody_nobody_has_met(self, asker: Asker, post: Post, world: World):
        unknown = "https://nowhere.test/users/eve"
        world.serve(factories.actor_document(unknown))

        assert (await asker.get(post.uri, signer=world.signer(unknown))).status == 404
        assert world.fetched == []

    async def test_made_for_another_server(self, asker: Asker, post: Post, remote_actor: Actor, world: World):
        url = post.uri.replace("lille.test", "evil.test")
        headers = world.signer(remote_actor.uri).sign("GET", url, None, now=world.now)

        assert (await asker.get(post.uri, **headers)).status == 404

    async def test_made_for_another_post(
        self, asker: Asker, post: Post, remote_actor: Actor, member: Actor, world: World, ctx: Context
    ):
        other = await publish(member, ctx, "Bonjour")
        headers = world.signer(remote_actor.uri).sign("GET", other.uri, None, now=world.now)

        assert (await asker.get(post.uri, **headers)).status == 404

    async def test_made_long_ago(self, asker: Asker, post: Post, remote_actor: Actor, world: World):
        headers = world.signer(remote_actor.uri).sign("GET", post.uri, None, now=world.now)
        world.pass_time(hours=2)

        assert (await asker.get(post.uri, **headers)).status == 404

    async def test_of_an_actor_that_is_gone(self, asker: Asker, post: Post, remote_actor: Actor, world: World):
        await Actor.filter(id=remote_actor.id).update(gone_at=world.now)

        assert (await asker.get(post.uri, signer=world.signer(remote_actor.uri))).status == 404

    async def test_of_a_blocked_server(self, asker: Asker, post: Post, remote_actor: Actor, world: World):
        await factories.blocked_origin("far.test")

        assert (await asker.get(post.uri, signer=world.signer(remote_actor.uri))).status == 404

    @pytest.mark.parametrize(
        "header", ["", "x", 'keyId="x"', "keyId=" * 2000, 'keyId="https://far.test/users/noor#main-key"']
    )
    async def test_that_cannot_be_read(self, asker: Asker, post: Post, header: str):
        assert (await asker.get(post.uri, signature=header)).status == 404

    async def test_of_its_author_with_a_key_of_another(self, asker: Asker, post: Post, member: Actor):
        forged = Signer(f"{member.uri}#main-key", load_private_key(key_pair(0)[0]))

        assert (await asker.get(post.uri, signer=forged)).status == 404


async def test_an_open_post_is_served_whatever_the_signature(asker: Asker, member: Actor, ctx: Context):
    post = await publish(member, ctx, "Bonjour")

    assert (await asker.get(post.uri, signature="nonsense")).status == 200


async def test_a_deleted_open_post_leaves_a_tombstone(asker: Asker, member: Actor, ctx: Context):
    post = await publish(member, ctx, "regrets")
    await actions.delete(member, post, ctx)

    for address in (post.uri, post.url):
        reply = await asker.get(address)
        assert reply.status == 410
        assert (reply.json["id"], reply.json["type"]) == (post.uri, "Tombstone")
        assert "regrets" not in reply.body.decode()
    assert (await asker.get(f"{post.uri}/likes")).status == 410


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.DIRECT])
async def test_a_deleted_post_for_some_leaves_nothing(
    asker: Asker, member: Actor, ctx: Context, visibility: Visibility
):
    post = await publish(member, ctx, "entre nous", visibility)
    await actions.delete(member, post, ctx)

    assert (await asker.get(post.uri)).status == 404


async def test_a_post_of_another_server_is_not_served(asker: Asker, remote_actor: Actor, db: str):
    post = await factories.post(remote_actor)

    assert (await asker.get(f"/posts/{post.id}")).status == 404


@pytest.mark.parametrize(
    "path", ["/posts/1", "/posts/9999999999999999999", "/@zoe/1", "/posts/1/likes", "/posts/1/replies"]
)
async def test_a_post_that_never_was_is_not_found(asker: Asker, path: str, member: Actor):
    reply = await asker.get(path)

    assert reply.status == 404
    assert set(reply.json) == {"error"}
