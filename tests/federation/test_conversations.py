"""Conversations of other servers: fetched from their homes, within bounds, and told to nobody."""

from typing import Any

import pytest

from federation import conversations
from federation.context import Context
from federation.errors import NotAuthorised, ObjectGone, RejectedByPolicy, RemoteUnavailable
from models.actor import Actor
from models.errand import Errand, ErrandType
from models.notification import Notification
from models.post import Post
from models.timeline import HomeRow
from tests import factories
from tests.factories import PUBLIC
from tests.federation.submitting import submit
from tests.world import World

NOOR = "https://far.test/users/noor"
MAX = "https://elsewhere.test/users/max"


@pytest.fixture
async def noor(member: Actor, remote_actor: Actor) -> Actor:
    """A remote actor whom a member here follows."""
    await factories.follow(member, remote_actor)
    return remote_actor


@pytest.fixture
def others(world: World) -> None:
    """Somebody of a third server, whom nobody here has met."""
    world.serve(factories.actor_document(MAX))


def serve(world: World, author: str, number: int, **more: Any) -> str:
    """Have a post served by its home; its uri."""
    document = factories.note(author, number, **more)
    world.serve(document)
    return str(document["id"])


def serve_chain(world: World, length: int, author: str = NOOR) -> list[str]:
    """Posts that each answer the one before, the first answering nothing."""
    uris: list[str] = []
    for number in range(length):
        uris.append(serve(world, author, f"c{number}", **({"inReplyTo": uris[-1]} if uris else {})))
    return uris


async def thread_of(uri: str) -> list[str]:
    """What a post answers, the nearest first, as far as it is here and linked."""
    ids = await Post.ancestor_ids((await Post.get(uri=uri)).id, 100)
    uris = {post.id: post.uri for post in await Post.filter(id__in=ids)}
    return [uris[id_] for id_ in ids]


class TestAncestors:
    async def test_everything_above_a_post_is_fetched_linked_and_counted(
        self, noor: Actor, ctx: Context, world: World
    ) -> None:
        chain = serve_chain(world, 4)
        await submit(factories.create(NOOR, "last", inReplyTo=chain[-1]), noor, ctx)

        await conversations.fetch_ancestors(chain[-1], ctx)

        assert await thread_of(f"{NOOR}/notes/last") == chain[::-1]
        assert set(await Post.all().values_list("replies_count", flat=True)) == {0, 1}
        assert (await Post.get(uri=chain[-1])).replies_count == 1

    async def test_nothing_of_it_enters_a_home_timeline_or_notifies_anybody(
        self, noor: Actor, member: Actor, ctx: Context, world: World
    ) -> None:
        tag = [{"type": "Mention", "href": member.uri}]
        uri = serve(world, NOOR, "above", tag=tag, cc=[member.uri])
        await submit(factories.create(NOOR, "below", inReplyTo=uri), noor, ctx)
        items, told = await HomeRow.all().count(), await Notification.all().count()

        await conversations.fetch_ancestors(uri, ctx)

        assert await Post.exists(uri=uri)
        assert (await HomeRow.all().count(), await Notification.all().count()) == (items, told)

    async def test_thirty_are_fetched_and_no_more(self, noor: Actor, ctx: Context, world: World) -> None:
        chain = serve_chain(world, 40)
        await conversations.fetch_ancestors(chain[-1], ctx)
        assert await Post.all().count() == conversations.MAX_ANCESTORS

    async def test_what_broke_off_is_taken_up_where_it_ended(self, noor: Actor, ctx: Context, world: World) -> None:
        chain = serve_chain(world, 5)
        world.statuses[chain[1]] = 0
        with pytest.raises(RemoteUnavailable):
            await conversations.fetch_ancestors(chain[-1], ctx)
        del world.statuses[chain[1]]
        world.fetched.clear()

        await conversations.fetch_ancestors(chain[-1], ctx)

        assert await thread_of(chain[-1]) == chain[-2::-1]
        assert chain[-1] not in world.fetched

    async def test_posts_that_answer_each_other_do_not_go_round_for_ever(
        self, noor: Actor, ctx: Context, world: World
    ) -> None:
        first = f"{NOOR}/notes/1"
        second = serve(world, NOOR, 2, inReplyTo=first)
        serve(world, NOOR, 1, inReplyTo=second)
        await conversations.fetch_ancestors(first, ctx)
        assert await Post.all().count() == 2
        assert len([url for url in world.fetched if "/notes/" in url]) == 2

    async def test_it_is_fetched_from_several_homes(
        self, noor: Actor, others: None, ctx: Context, world: World
    ) -> None:
        top = serve(world, MAX, 1)
        uri = serve(world, NOOR, 2, inReplyTo=top)
        await conversations.fetch_ancestors(uri, ctx)
        assert await thread_of(uri) == [top]
        assert (await Post.get(uri=top).select_related("actor")).actor.uri == MAX

    async def test_an_answer_that_calls_it_by_another_name_is_linked(
        self, noor: Actor, ctx: Context, world: World
    ) -> None:
        uri = serve(world, NOOR, 1)
        world.serve(world.documents[uri], url="https://far.test/@noor/1")
        await submit(factories.create(NOOR, 2, inReplyTo="https://far.test/@noor/1"), noor, ctx)
        await conversations.fetch_ancestors("https://far.test/@noor/1", ctx)
        assert await thread_of(f"{NOOR}/notes/2") == [uri]

    async def test_a_blocked_domain_is_not_fetched_from(
        self, noor: Actor, blocked_origin: str, ctx: Context, world: World
    ) -> None:
        uri = serve(world, NOOR, 1, inReplyTo=f"{blocked_origin}/notes/1")
        with pytest.raises(RejectedByPolicy):
            await conversations.fetch_ancestors(uri, ctx)
        assert not [url for url in world.fetched if url.startswith(blocked_origin)]

    async def test_what_is_not_for_everybody_is_not_kept(self, noor: Actor, ctx: Context, world: World) -> None:
        uri = serve(world, NOOR, 1, to=[f"{NOOR}/followers"], cc=[])
        with pytest.raises(NotAuthorised):
            await conversations.fetch_ancestors(uri, ctx)
        assert not await Post.exists()

    async def test_nothing_is_asked_of_ourselves(self, ctx: Context, world: World) -> None:
        with pytest.raises(ObjectGone):
            await conversations.fetch_ancestors(ctx.names.post(1), ctx)
        assert world.fetched == []


def collection(uri: str, items: list[Any], **more: Any) -> dict[str, Any]:
    """A collection with one page that is embedded."""
    first = {"id": f"{uri}?page=1", "type": "CollectionPage", "partOf": uri, "items": items}
    return {"id": uri, "type": "Collection", "first": first, **more}


class TestReplies:
    @pytest.fixture
    async def post(self, noor: Actor, ctx: Context) -> Post:
        """A post of another server, here."""
        await submit(factories.create(NOOR, "root"), noor, ctx)
        return await Post.get(uri=f"{NOOR}/notes/root")

    def answer(self, world: World, post: Post, author: str, number: int, **more: Any) -> str:
        return serve(world, author, number, inReplyTo=post.uri, **more)

    def list_replies(self, world: World, post: Post, items: list[Any], **more: Any) -> None:
        serve(world, NOOR, "root", replies=collection(f"{post.uri}/replies", items), **more)

    async def test_those_that_its_home_lists_are_fetched_from_their_homes(
        self, post: Post, others: None, ctx: Context, world: World
    ) -> None:
        uris = [self.answer(world, post, author, 1) for author in (NOOR, MAX)]
        self.list_replies(world, post, uris)

        await conversations.fetch_replies(post.uri, 0, ctx)

        assert {reply.uri for reply in await Post.filter(in_reply_to_id=post.id)} == set(uris)
        await post.refresh_from_db()
        assert post.replies_count == 2
        assert not await Notification.exists()

    async def test_an_embedded_one_is_believed_of_its_own_home_alone(
        self, post: Post, others: None, ctx: Context, world: World
    ) -> None:
        own = factories.note(NOOR, 1, inReplyTo=post.uri)
        forged = factories.note(MAX, 2, inReplyTo=post.uri, content="<p>forgé</p>")
        self.answer(world, post, MAX, 2, content="<p>vrai</p>")
        self.list_replies(world, post, [own, forged])

        await conversations.fetch_replies(post.uri, 0, ctx)

        assert own["id"] not in world.fetched
        assert (await Post.get(uri=forged["id"])).content_html == "<p>vrai</p>"

    async def test_a_listed_post_that_answers_something_else_is_not_kept(
        self, post: Post, others: None, ctx: Context, world: World
    ) -> None:
        stray = [serve(world, MAX, 1), serve(world, MAX, 2, inReplyTo="https://elsewhere.test/notes/unknown")]
        self.list_replies(world, post, stray)
        await conversations.fetch_replies(post.uri, 0, ctx)
        assert await Post.all().count() == 1

    async def test_two_pages_are_read_and_sixty_items(self, post: Post, ctx: Context, world: World) -> None:
        replies = f"{post.uri}/replies"
        serve(world, NOOR, "root", replies={"id": replies, "type": "Collection", "first": f"{replies}?page=1"})
        for page in (1, 2, 3):
            uris = [self.answer(world, post, NOOR, 100 * page + number) for number in range(40)]
            following = {"next": f"{replies}?page={page + 1}"}
            world.serve({"id": f"{replies}?page={page}", "type": "CollectionPage", "items": uris, **following})

        await conversations.fetch_replies(post.uri, 0, ctx)

        assert await Post.filter(in_reply_to_id=post.id).count() == conversations.MAX_ITEMS
        assert f"{replies}?page=3" not in world.fetched

    async def test_a_collection_of_another_server_is_not_asked(
        self, post: Post, others: None, ctx: Context, world: World
    ) -> None:
        serve(world, NOOR, "root", replies="https://elsewhere.test/replies")
        with pytest.raises(NotAuthorised):
            await conversations.fetch_replies(post.uri, 0, ctx)
        assert "https://elsewhere.test/replies" not in world.fetched

    async def test_a_host_that_is_away_is_asked_once_and_holds_up_no_other(
        self, post: Post, others: None, ctx: Context, world: World
    ) -> None:
        away = [f"https://away.test/notes/{number}" for number in range(5)]
        world.statuses |= dict.fromkeys(away, 0)
        there = self.answer(world, post, MAX, 1)
        self.list_replies(world, post, [*away, there])
        await conversations.fetch_replies(post.uri, 0, ctx)
        assert await Post.exists(uri=there)
        assert len([url for url in world.fetched if url in away]) == 1

    async def test_a_blocked_domain_is_not_fetched_from(
        self, post: Post, blocked_origin: str, ctx: Context, world: World
    ) -> None:
        self.list_replies(world, post, [f"{blocked_origin}/notes/1"])
        await conversations.fetch_replies(post.uri, 0, ctx)
        assert f"{blocked_origin}/notes/1" not in world.fetched

    async def test_answers_to_answers_are_asked_for_three_deep(self, post: Post, ctx: Context, world: World) -> None:
        self.list_replies(world, post, [self.answer(world, post, NOOR, 1)])
        await conversations.fetch_replies(post.uri, 1, ctx)
        asked = await Errand.get(type=ErrandType.REPLIES)
        assert (asked.uri, asked.depth) == (f"{NOOR}/notes/1", 2)

        await Errand.all().delete()
        await Post.filter(uri=f"{NOOR}/notes/1").delete()
        await conversations.fetch_replies(post.uri, 2, ctx)
        assert await Post.exists(uri=f"{NOOR}/notes/1")
        assert not await Errand.exists()

    async def test_what_was_deleted_does_not_come_back(
        self, post: Post, noor: Actor, ctx: Context, world: World
    ) -> None:
        uri = self.answer(world, post, NOOR, 1)
        await submit(factories.activity("Delete", NOOR, uri), noor, ctx)
        self.list_replies(world, post, [uri])
        await conversations.fetch_replies(post.uri, 0, ctx)
        assert not await Post.exists(uri=uri)

    async def test_a_post_of_ours_is_not_asked_for(self, ctx: Context, world: World) -> None:
        await conversations.fetch_replies(ctx.names.post(1), 0, ctx)
        assert world.fetched == []


class TestContexts:
    CONTEXT = "https://far.test/conversations/1"

    @pytest.fixture
    async def post(self, noor: Actor, ctx: Context, world: World) -> Post:
        """The first post of a conversation that its home lists, here."""
        create = factories.create(NOOR, "root", context=self.CONTEXT)
        world.serve(create["object"])
        await submit(create, noor, ctx)
        return await Post.get(uri=f"{NOOR}/notes/root")

    def list_conversation(self, world: World, items: list[Any], **more: Any) -> None:
        world.serve(
            {"id": self.CONTEXT, "type": "OrderedCollection", "orderedItems": items, "attributedTo": NOOR} | more
        )

    async def test_all_of_the_conversation_is_fetched_in_whatever_order_it_is_listed(
        self, post: Post, others: None, ctx: Context, world: World
    ) -> None:
        first = serve(world, MAX, 1, inReplyTo=post.uri)
        second = serve(world, NOOR, 2, inReplyTo=first)
        self.list_conversation(world, [second, first, post.uri])
        await conversations.fetch_replies(post.uri, 0, ctx)
        assert await thread_of(second) == [first, post.uri]
        assert not await Errand.exists()

    async def test_activities_name_the_posts_they_are_about(self, post: Post, ctx: Context, world: World) -> None:
        uri = serve(world, NOOR, 1, inReplyTo=post.uri)
        create = {"id": f"{uri}/create", "type": "Create", "actor": NOOR, "object": uri}
        self.list_conversation(world, [{"type": "Add", "actor": NOOR, "object": create}])
        await conversations.fetch_replies(post.uri, 0, ctx)
        assert await Post.exists(uri=uri)

    @pytest.mark.parametrize("owner", [MAX, "https://else.test/a"])
    async def test_a_collection_that_belongs_to_another_server_is_not_believed(
        self, post: Post, ctx: Context, world: World, owner: str
    ) -> None:
        self.list_conversation(world, [serve(world, NOOR, 1, inReplyTo=post.uri)], attributedTo=owner)
        await conversations.fetch_replies(post.uri, 0, ctx)
        assert await Post.all().count() == 1

    async def test_a_context_that_is_no_collection_leaves_the_replies(
        self, post: Post, ctx: Context, world: World
    ) -> None:
        uri = serve(world, NOOR, 1, inReplyTo=post.uri)
        world.serve({"id": self.CONTEXT, "type": "Note"})
        serve(world, NOOR, "root", context=self.CONTEXT, replies=collection(f"{post.uri}/replies", [uri]))
        await conversations.fetch_replies(post.uri, 0, ctx)
        assert await Post.exists(uri=uri)

    async def test_a_conversation_kept_by_a_blocked_domain_is_not_fetched(
        self, post: Post, blocked_origin: str, ctx: Context, world: World
    ) -> None:
        serve(world, NOOR, "root", context=f"{blocked_origin}/c", to=[PUBLIC])
        await conversations.fetch_replies(post.uri, 0, ctx)
        assert not [url for url in world.fetched if url.startswith(blocked_origin)]
