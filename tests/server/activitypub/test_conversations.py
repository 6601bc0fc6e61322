"""What is said around our posts, as other servers find it: open posts alone, by name, a page at a time."""

import pytest

from federation.context import Context
from models.actor import Actor
from models.post import Post, Visibility
from server.activitypub import conversations
from server.posts import actions
from server.posts.actions import Draft
from tests import factories
from tests.server.activitypub.asker import Asker
from tests.world import World

FAR = "https://far.test/conversations/1"


@pytest.fixture
async def post(member: Actor, ctx: Context) -> Post:
    """A post of ours."""
    return await actions.publish(member, Draft("Bonjour"), ctx)


async def answer(post: Post, author: Actor, visibility: Visibility = Visibility.PUBLIC) -> Post:
    """An answer to a post."""
    return await factories.post(author, visibility=visibility, in_reply_to=post, in_reply_to_uri=post.uri)


async def test_a_post_says_where_its_conversation_is(asker: Asker, post: Post):
    document = (await asker.get(post.uri)).json
    assert (document["context"], document["conversation"]) == (f"{post.uri}/context", post.uri)
    for name in ("replies", "likes", "shares", "context"):
        reply = await asker.get(document[name])
        assert (reply.status, reply.json["id"]) == (200, document[name])


class TestReplies:
    async def test_open_answers_are_named_newest_first(
        self, asker: Asker, post: Post, section: Actor, remote_actor: Actor
    ):
        first, second = await answer(post, section), await answer(post, remote_actor)
        await answer(post, section, Visibility.DIRECT)
        await answer(post, section, Visibility.FOLLOWERS)

        reply = await asker.get(f"{post.uri}/replies")

        assert reply.json == {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"{post.uri}/replies",
            "type": "Collection",
            "totalItems": 2,
            "first": {
                "id": f"{post.uri}/replies?page=true",
                "type": "CollectionPage",
                "partOf": f"{post.uri}/replies",
                "items": [second.uri, first.uri],
            },
        }

    async def test_pages_lead_to_the_oldest(
        self, asker: Asker, post: Post, section: Actor, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(conversations, "PAGE_ITEMS", 2)
        uris = [(await answer(post, section)).uri for _ in range(5)]
        page = (await asker.get(f"{post.uri}/replies?page=true")).json
        found = page["items"]
        while "next" in page:
            page = (await asker.get(page["next"])).json
            assert (page["type"], page["partOf"]) == ("CollectionPage", f"{post.uri}/replies")
            found += page["items"]
        assert found == uris[::-1]

    async def test_answers_of_a_silenced_actor_are_left_out(self, asker: Asker, post: Post, remote_actor: Actor):
        await answer(post, remote_actor)
        await Actor.filter(id=remote_actor.id).update(is_suspended=True)
        for name in ("replies", "context"):
            listed = (await asker.get(f"{post.uri}/{name}")).json
            assert listed["totalItems"] == (0 if name == "replies" else 1)

    async def test_they_are_not_sent_again_to_who_has_them(self, asker: Asker, post: Post):
        etag = (await asker.get(f"{post.uri}/replies")).headers["etag"]
        assert (await asker.get(f"{post.uri}/replies", if_none_match=etag)).status == 304

    @pytest.mark.parametrize("name", ["replies", "context"])
    async def test_of_what_is_not_for_everybody_nobody_learns(
        self, asker: Asker, member: Actor, remote_actor: Actor, world: World, name: str
    ):
        quiet = await factories.post(member, visibility=Visibility.FOLLOWERS)
        await Post.filter(id=quiet.id).update(uri=f"https://lille.test/posts/{quiet.id}")
        address = f"https://lille.test/posts/{quiet.id}/{name}"
        assert (await asker.get(address)).status == 404
        await factories.follow(remote_actor, member)
        reply = await asker.get(address, signer=world.signer(remote_actor.uri))
        assert (reply.status, reply.headers["cache-control"]) == (200, "private, no-store")

    @pytest.mark.parametrize("query", ["replies?before=x", "replies?before=-1", "context?after=1e3"])
    async def test_a_page_that_cannot_be_is_not_found(self, asker: Asker, post: Post, query: str):
        assert (await asker.get(f"{post.uri}/{query}")).status == 404


class TestContext:
    async def test_all_open_posts_of_the_conversation_oldest_first(
        self, asker: Asker, post: Post, member: Actor, section: Actor, remote_actor: Actor
    ):
        first = await answer(post, remote_actor)
        hidden = await answer(first, section, Visibility.FOLLOWERS)
        below = await answer(hidden, remote_actor)
        await factories.post(remote_actor, conversation_uri=f"{post.uri}/context")  # claims, and answers nothing

        reply = await asker.get(f"{post.uri}/context")

        assert reply.json == {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"{post.uri}/context",
            "type": "OrderedCollection",
            "attributedTo": member.uri,
            "totalItems": 3,
            "first": {
                "id": f"{post.uri}/context?page=true",
                "type": "OrderedCollectionPage",
                "partOf": f"{post.uri}/context",
                "orderedItems": [post.uri, first.uri, below.uri],
            },
        }

    async def test_pages_lead_to_the_newest(
        self, asker: Asker, post: Post, section: Actor, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(conversations, "PAGE_ITEMS", 2)
        uris = [post.uri] + [(await answer(post, section)).uri for _ in range(4)]
        page = (await asker.get(f"{post.uri}/context?page=true")).json
        found = page["orderedItems"]
        while "next" in page:
            page = (await asker.get(page["next"])).json
            found += page["orderedItems"]
        assert found == uris

    async def test_a_post_that_answers_another_began_none(self, asker: Asker, post: Post, section: Actor, ctx: Context):
        reply = await actions.publish(section, Draft("Oui", in_reply_to=post), ctx)
        assert (await asker.get(f"{reply.uri}/context")).status == 404

    async def test_of_a_deleted_post_nothing_is_left(self, asker: Asker, post: Post, member: Actor, ctx: Context):
        await actions.delete(member, post, ctx)
        assert (await asker.get(f"{post.uri}/context")).status == 410

    async def test_posts_that_answer_each_other_do_not_go_round_for_ever(
        self, asker: Asker, post: Post, remote_actor: Actor
    ):
        one = await answer(post, remote_actor)
        two = await answer(one, remote_actor)
        await Post.filter(id=one.id).update(in_reply_to_id=two.id)
        assert await Post.open_descendant_ids(two.id, 10) == [one.id]
