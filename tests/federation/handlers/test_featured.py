"""Featured posts of others: added, removed, and fetched where they are not here."""

from typing import Any

import pytest

from federation.context import Context
from federation.errors import NotAuthorised, UnsupportedActivity
from federation.handlers.featured import MAX_FEATURED
from models.actor import Actor
from models.featured import FeaturedPost
from models.post import Post
from tests import factories
from tests.federation.submitting import submit
from tests.world import World

NOOR = "https://far.test/users/noor"
FEATURED = f"{NOOR}/collections/featured"


@pytest.fixture
async def author(ctx: Context, world: World, member: Actor) -> Actor:
    """Somebody with a featured collection, whom a member here follows."""
    actor = await factories.remote_actor(ctx, world, NOOR, featured=FEATURED)
    await factories.follow(member, actor)
    return actor


def change(kind: str, actor: Actor, uri: str, number: int = 1, target: Any = FEATURED) -> dict[str, Any]:
    """An Add or a Remove."""
    return factories.activity(kind, actor.uri, uri, number, target=target)


async def test_a_post_is_put_in_front_once_and_put_back(author: Actor, ctx: Context) -> None:
    post = await factories.post(author)
    for number in (1, 2):
        await submit(change("Add", author, post.uri, number), author, ctx)
    assert (await FeaturedPost.get()).post_id == post.id
    for number in (1, 2):
        await submit(change("Remove", author, post.uri, number), author, ctx)
    assert not await FeaturedPost.exists()


async def test_a_post_that_is_not_here_is_fetched(author: Actor, ctx: Context, world: World) -> None:
    note = factories.note(NOOR, 5)
    world.serve(note)
    await submit(change("Add", author, note["id"]), author, ctx)
    assert (await FeaturedPost.get().select_related("post")).post.uri == note["id"]


async def test_for_somebody_whom_nobody_follows_nothing_is_fetched(ctx: Context, world: World) -> None:
    unfollowed = await factories.remote_actor(ctx, world, NOOR, featured=FEATURED)
    with pytest.raises(UnsupportedActivity, match="follows"):
        await submit(change("Add", unfollowed, f"{NOOR}/notes/5"), unfollowed, ctx)
    assert world.fetched == []


@pytest.mark.parametrize("target", [f"{NOOR}/other", "https://far.test/c/nord/featured", None])
async def test_another_collection_means_nothing_here_and_nothing_is_fetched(
    author: Actor, ctx: Context, world: World, target: str | None
) -> None:
    post = await factories.post(author)
    for number, uri in enumerate((post.uri, f"{NOOR}/notes/5")):
        with pytest.raises(UnsupportedActivity):
            await submit(change("Add", author, uri, number, target), author, ctx)
    assert world.fetched == []


async def test_nobody_features_anothers_post(author: Actor, stranger: Actor, ctx: Context) -> None:
    post = await factories.post(stranger)
    with pytest.raises(NotAuthorised, match="is not by"):
        await submit(change("Add", author, post.uri), author, ctx)


async def test_an_actor_without_the_collection_features_nothing(remote_actor: Actor, ctx: Context) -> None:
    post = await factories.post(remote_actor)
    with pytest.raises(UnsupportedActivity):
        await submit(change("Add", remote_actor, post.uri, target=None), remote_actor, ctx)


async def test_of_too_many_the_oldest_goes(author: Actor, ctx: Context) -> None:
    posts: list[Post] = [await factories.post(author, str(number)) for number in range(MAX_FEATURED + 1)]
    for number, post in enumerate(posts):
        await submit(change("Add", author, post.uri, number), author, ctx)
    kept = await FeaturedPost.all().order_by("id").values_list("post_id", flat=True)
    assert kept == [post.id for post in posts[1:]]


async def test_what_was_removed_by_mistake_of_a_post_that_is_not_here_is_no_error_of_ours(
    author: Actor, ctx: Context
) -> None:
    with pytest.raises(UnsupportedActivity):
        await submit(change("Remove", author, f"{NOOR}/notes/5"), author, ctx)
