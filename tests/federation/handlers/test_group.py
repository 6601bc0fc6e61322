"""What a group passes on: performed as if it had come itself, if its own actor vouches for it."""

from typing import Any

import pytest

from federation import pipeline
from federation.activities import parse
from federation.context import Context
from federation.errors import (
    FederationError,
    NotAuthorised,
    RejectedByPolicy,
    RemoteUnavailable,
    UnsupportedActivity,
)
from federation.passing import PASSED_ON
from federation.pipeline import Submission
from federation.vocabulary import ACTIVITY_TYPES
from models.activity import ActivityRecord
from models.actor import Actor
from models.post import Post, Visibility
from models.reaction import Announce, Like
from models.timeline import HomeRow
from tests import factories
from tests.factories import PUBLIC
from tests.federation.submitting import submit
from tests.proving import multikey, proven
from tests.world import World

GROUP = "https://forum.test/c/nord"
MAX = "https://elsewhere.test/users/max"
CREATE = factories.create(MAX, audience=GROUP, to=[GROUP, PUBLIC])
NOTE = CREATE["object"]


@pytest.fixture
async def group(ctx: Context, world: World, member: Actor) -> Actor:
    """A group elsewhere that a member here follows; Max, whom nobody here has met, is served by his own server."""
    world.serve(factories.actor_document(MAX, assertionMethod=[multikey(MAX)]))
    met = await factories.remote_actor(ctx, world, GROUP, kind="Group", members=f"{GROUP}/members")
    await factories.follow(member, met)
    return met


def around(inner: Any, number: int | str = 1, **more: Any) -> dict[str, Any]:
    """The Announce of an activity."""
    return factories.activity("Announce", GROUP, inner, number, to=[PUBLIC], cc=[f"{GROUP}/followers"], **more)


async def homes(post: Post | None = None) -> list[tuple[int, int]]:
    """Whose home has what."""
    rows = await HomeRow.filter(**({"post_id": post.id} if post else {})).order_by("owner_id")
    return [(row.owner_id, row.post_id) for row in rows]


async def count_everything() -> int:
    return await Post.all().count() + await Announce.all().count() + await ActivityRecord.all().count()


class TestACreate:
    async def test_that_is_proven_comes_to_the_followers_of_the_group(
        self, group: Actor, member: Actor, ctx: Context, world: World
    ) -> None:
        await submit(around(proven(CREATE, world.now)), group, ctx)

        post = await Post.get(uri=NOTE["id"]).select_related("actor")
        assert (post.actor.uri, post.group_id, post.announces_count) == (MAX, group.id, 1)
        assert await homes(post) == [(member.id, post.id)]
        assert world.fetched == [MAX]

    async def test_without_a_proof_is_fetched_from_home(self, group: Actor, ctx: Context, world: World) -> None:
        world.serve(CREATE)
        changed = CREATE | {"object": NOTE | {"content": "<p>Jamais dit</p>"}}
        await submit(around(changed), group, ctx)
        assert (await Post.get()).content_html == "<p>Note 1</p>"
        assert CREATE["id"] in world.fetched

    async def test_that_its_home_does_not_serve_announces_the_post_as_its_home_has_it(
        self, group: Actor, member: Actor, ctx: Context, world: World
    ) -> None:
        world.serve(NOTE)
        await submit(around(CREATE | {"id": f"{NOTE['id']}#create"}), group, ctx)
        post = await Post.get()
        assert await homes(post) == [(member.id, post.id)]
        assert not await ActivityRecord.exists(type="Create")

    async def test_by_an_actor_of_the_groups_own_server_needs_no_other_word(
        self, group: Actor, ctx: Context, world: World
    ) -> None:
        author = f"{'/'.join(GROUP.split('/')[:3])}/u/neighbour"
        world.serve(factories.actor_document(author))
        create = factories.create(author, cc=[GROUP], audience=GROUP) | {"id": f"{author}#create-1"}
        await submit(around(create), group, ctx)
        assert (await Post.get().select_related("actor")).actor.uri == author
        assert world.fetched == [author]

    async def test_of_nobody_is_refused_whole(self, group: Actor, ctx: Context) -> None:
        with pytest.raises(FederationError):
            await submit(around(CREATE), group, ctx)
        assert await count_everything() == 0

    async def test_whose_home_does_not_answer_is_for_later(self, group: Actor, ctx: Context, world: World) -> None:
        world.statuses[CREATE["id"]] = 503
        with pytest.raises(RemoteUnavailable):
            await submit(around(CREATE), group, ctx)

    async def test_and_the_announce_of_its_post_are_one(
        self, group: Actor, member: Actor, ctx: Context, world: World
    ) -> None:
        await submit(around(proven(CREATE, world.now)), group, ctx)
        await submit(around(NOTE["id"], 2), group, ctx)
        assert (await Post.get()).announces_count == 1
        assert (await Announce.get()).uri == f"{GROUP}/announce/1"
        assert len(await homes()) == 1

    async def test_comes_once_in_whatever_order_and_however_batched(
        self, group: Actor, member: Actor, ctx: Context, world: World
    ) -> None:
        world.serve(NOTE)
        said = [around(NOTE["id"], 2), around(proven(CREATE, world.now)), around(proven(CREATE, world.now), 3)]
        outcomes = await pipeline.submit_many([Submission(parse(one), GROUP) for one in said], ctx)
        assert [outcome.error for outcome in outcomes] == [None] * 3
        assert (await Announce.get()).uri == f"{GROUP}/announce/2"
        assert len(await homes()) == 1

    async def test_that_came_itself_before_is_not_fetched(
        self, group: Actor, member: Actor, ctx: Context, world: World
    ) -> None:
        author = await factories.remote_actor(ctx, world, MAX)
        await factories.follow(member, author)
        await submit(CREATE, author, ctx)
        await submit(around(CREATE), group, ctx)
        assert world.fetched == []
        assert (await Post.get()).announces_count == 1

    async def test_of_a_post_not_for_everybody_is_refused_whole(self, group: Actor, ctx: Context, world: World) -> None:
        create = factories.create(MAX, to=[f"{MAX}/followers"], cc=[GROUP])
        with pytest.raises(NotAuthorised, match="may not be shown"):
            await submit(around(proven(create, world.now)), group, ctx)
        assert await count_everything() == 0

    async def test_of_a_deleted_post_is_refused_whole(self, group: Actor, ctx: Context, world: World) -> None:
        author = await factories.remote_actor(ctx, world, MAX, assertionMethod=[multikey(MAX)])
        await submit(factories.activity("Delete", MAX, NOTE["id"]), author, ctx)
        with pytest.raises(NotAuthorised, match="deleted"):
            await submit(around(proven(CREATE, world.now)), group, ctx)
        assert not await Announce.exists()

    async def test_of_a_blocked_server_is_refused(self, group: Actor, ctx: Context, world: World) -> None:
        await factories.blocked_origin("elsewhere.test")
        with pytest.raises(RejectedByPolicy):
            await submit(around(proven(CREATE, world.now)), group, ctx)
        assert world.fetched == []

    async def test_with_the_name_of_another_server_is_refused(self, group: Actor, ctx: Context, world: World) -> None:
        with pytest.raises(NotAuthorised):
            await submit(around(proven(CREATE | {"id": "https://forum.test/1"}, world.now)), group, ctx)
        assert await count_everything() == 0

    async def test_put_in_the_mouth_of_our_own_is_refused(self, group: Actor, member: Actor, ctx: Context) -> None:
        with pytest.raises(NotAuthorised):
            await submit(around(factories.create(member.uri)), group, ctx)
        assert not await Post.exists()


class TestOnlyAGroupThatSomebodyFollows:
    async def test_not_one_that_nobody_follows(self, ctx: Context, world: World, member: Actor) -> None:
        world.serve(factories.actor_document(MAX, assertionMethod=[multikey(MAX)]))
        unfollowed = await factories.remote_actor(ctx, world, GROUP, kind="Group")
        named = around(proven(CREATE, world.now)) | {"cc": [member.uri]}
        with pytest.raises(UnsupportedActivity):
            await submit(named, unfollowed, ctx)
        assert world.fetched == []

    async def test_not_a_person(self, ctx: Context, world: World, member: Actor, remote_actor: Actor) -> None:
        await factories.follow(member, remote_actor)
        document = factories.activity("Announce", remote_actor.uri, proven(CREATE, world.now), to=[PUBLIC])
        with pytest.raises(NotAuthorised, match="is no group"):
            await submit(document, remote_actor, ctx)
        assert world.fetched == []

    async def test_not_a_stranger_who_names_it(self, group: Actor, stranger: Actor, ctx: Context) -> None:
        with pytest.raises(UnsupportedActivity, match="nobody here follows"):
            await submit(CREATE, stranger, ctx)

    async def test_not_one_that_passes_on_what_another_passes_on(
        self, group: Actor, ctx: Context, world: World
    ) -> None:
        nested = factories.activity("Announce", MAX, CREATE)
        world.serve(nested)
        with pytest.raises(UnsupportedActivity, match="passed on by nobody"):
            await submit(around(nested), group, ctx)
        assert world.fetched == []

    @pytest.mark.parametrize("kind", sorted(ACTIVITY_TYPES - PASSED_ON - {"Question"}))
    async def test_nothing_that_is_between_two(self, group: Actor, ctx: Context, world: World, kind: str) -> None:
        inner = factories.activity(kind, MAX, GROUP)
        world.serve(inner)
        with pytest.raises(UnsupportedActivity):
            await submit(around(inner), group, ctx)
        assert world.fetched == []


class TestWhatIsSaidAboutAPost:
    @pytest.fixture
    async def post(self, group: Actor, ctx: Context, world: World) -> Post:
        """Max's post, passed on."""
        await submit(around(proven(CREATE, world.now)), group, ctx)
        return await Post.get()

    async def test_an_update(self, post: Post, group: Actor, ctx: Context, world: World) -> None:
        update = factories.activity("Update", MAX, NOTE | {"content": "<p>Mieux dit</p>"}, to=[PUBLIC])
        await submit(around(proven(update, world.now), 2), group, ctx)
        assert (await Post.get()).content_html == "<p>Mieux dit</p>"

    async def test_a_like_and_its_undo(self, post: Post, group: Actor, ctx: Context, world: World) -> None:
        like = factories.activity("Like", MAX, post.uri)
        await submit(around(proven(like, world.now), 2), group, ctx)
        assert (await Post.get()).likes_count == 1
        await submit(around(proven(factories.activity("Undo", MAX, like), world.now), 3), group, ctx)
        assert not await Like.exists()

    async def test_a_delete_in_the_batch_of_the_create(self, group: Actor, ctx: Context, world: World) -> None:
        delete = factories.activity("Delete", MAX, NOTE["id"], to=[PUBLIC])
        said = [around(proven(CREATE, world.now)), around(proven(delete, world.now), 2)]
        outcomes = await pipeline.submit_many([Submission(parse(one), GROUP) for one in said], ctx)
        assert outcomes[0].error is None
        await submit(around(proven(delete, world.now), 3), group, ctx)
        assert not await Post.exists()
        assert await homes() == []

    async def test_about_a_post_that_is_not_here_nothing_is_fetched(
        self, group: Actor, ctx: Context, world: World
    ) -> None:
        like = factories.activity("Like", MAX, "https://third.test/notes/1")
        world.serve(like)
        with pytest.raises(UnsupportedActivity, match="nothing that is here"):
            await submit(around(like), group, ctx)
        assert world.fetched == []

    async def test_another_authors_post_is_nobodys_to_change(
        self, post: Post, group: Actor, ctx: Context, world: World
    ) -> None:
        other = "https://elsewhere.test/users/zoe"
        world.serve(factories.actor_document(other))
        delete = factories.activity("Delete", other, post.uri)
        world.serve(delete)
        with pytest.raises(NotAuthorised, match="is not by"):
            await submit(around(delete, 2), group, ctx)
        assert await Post.exists(id=post.id)


class TestAnUndo:
    @pytest.mark.parametrize("first", ["activity", "post"])
    @pytest.mark.parametrize("undone", ["activity", "post"])
    @pytest.mark.parametrize("is_embedded", [True, False])
    async def test_of_either_announce_takes_the_post_away(
        self, group: Actor, ctx: Context, world: World, first: str, undone: str, is_embedded: bool
    ) -> None:
        said = {"activity": around(proven(CREATE, world.now), "a"), "post": around(NOTE["id"], "p")}
        world.serve(NOTE)
        order = [first, *(name for name in said if name != first)]
        for name in order:
            await submit(said[name], group, ctx)
        for number, name in enumerate([undone, *(name for name in said if name != undone)]):
            object_ = said[name] if is_embedded else said[name]["id"]
            await submit(factories.activity("Undo", GROUP, object_, number), group, ctx)
            assert not await Announce.exists()
            assert (await Post.get()).announces_count == 0
        assert await homes() == []

    async def test_of_the_announce_of_a_like_takes_nothing_away(self, group: Actor, ctx: Context, world: World) -> None:
        await submit(around(proven(CREATE, world.now)), group, ctx)
        like = around(proven(factories.activity("Like", MAX, NOTE["id"]), world.now), 2)
        await submit(like, group, ctx)
        await submit(factories.activity("Undo", GROUP, like), group, ctx)
        assert await Announce.exists()


async def test_a_group_that_announces_a_post_addressed_to_it_makes_it_its_own(
    group: Actor, ctx: Context, world: World
) -> None:
    world.serve(factories.note(MAX, 1, cc=[GROUP]))
    world.serve(factories.note(MAX, 2))
    for number in (1, 2):
        await submit(around(f"{MAX}/notes/{number}", number), group, ctx)
    assert [post.group_id for post in await Post.all().order_by("uri")] == [group.id, None]
    assert {post.visibility for post in await Post.all()} == {Visibility.PUBLIC}
