"""A post of another server that its author changes."""

from datetime import timedelta

import pytest

from federation import pipeline
from federation.activities import parse
from federation.context import Context
from federation.errors import (
    NotAuthorised,
    UnsupportedActivity,
)
from federation.pipeline import Submission
from models.actor import Actor
from models.post import Mention, Post, PostTag, Visibility
from tests import factories
from tests.factories import PUBLIC
from tests.federation.submitting import submit
from tests.world import World


@pytest.fixture
async def author(member: Actor, remote_actor: Actor) -> Actor:
    """A remote actor whom a member here follows."""
    await factories.follow(member, remote_actor)
    return remote_actor


# Update


async def test_an_update_replaces_what_the_post_says(author: Actor, member: Actor, ctx: Context) -> None:
    create = factories.create(author.uri, tag=[{"type": "Hashtag", "name": "#avant"}])
    await submit(create, author, ctx)
    note = create["object"] | {
        "content": "<p>Après</p>", "summary": "Attention", "updated": ctx.now().isoformat(),
        "tag": [{"type": "Hashtag", "name": "#apres"}, {"type": "Mention", "href": member.uri}],
    }  # fmt: skip

    await submit(factories.activity("Update", author.uri, note), author, ctx)

    post = await Post.get(uri=note["id"])
    assert (post.content_html, post.content_warning, post.edited_at) == ("<p>Après</p>", "Attention", ctx.now())
    assert [row.name for row in await PostTag.all()] == ["apres"]
    assert [row.actor_id for row in await Mention.all()] == [member.id]


async def test_an_update_changes_neither_readers_nor_author_nor_place(
    author: Actor, member: Actor, ctx: Context
) -> None:
    create = factories.create(author.uri, to=[author.followers_uri], cc=[member.uri])
    await submit(create, author, ctx)
    before = await Post.get(actor_id=author.id)
    opened = create["object"] | {
        "to": [PUBLIC], "cc": [], "published": "2021-01-01T00:00:00Z", "inReplyTo": "https://elsewhere.test/1",
        "conversation": "another",
    }  # fmt: skip

    await submit(factories.activity("Update", author.uri, opened, to=[PUBLIC]), author, ctx)

    after = await Post.get(actor_id=author.id)
    for name in ("visibility", "to_uris", "cc_uris", "published_at", "in_reply_to_uri", "conversation_uri", "actor_id"):
        assert getattr(after, name) == getattr(before, name), name
    assert after.visibility is Visibility.FOLLOWERS


async def test_an_update_lets_nobody_read_what_is_not_open(
    author: Actor, member: Actor, other_member: Actor, ctx: Context
) -> None:
    create = factories.create(author.uri, to=[member.uri], cc=[])
    await submit(create, author, ctx)
    tag = [{"type": "Mention", "href": other_member.uri}]
    widened = create["object"] | {"to": [member.uri, other_member.uri], "tag": tag}
    await submit(factories.activity("Update", author.uri, widened, to=[other_member.uri]), author, ctx)
    assert [row.actor_id for row in await Mention.all()] == [member.id]
    assert not await Post.visible_to(other_member).exists()


async def test_an_update_older_than_the_last_is_ignored(author: Actor, ctx: Context) -> None:
    create = factories.create(author.uri)
    await submit(create, author, ctx)
    now = ctx.now()
    for number, (age, text) in enumerate([(10, "dix"), (60, "soixante"), (5, "cinq")]):
        note = create["object"] | {"content": text, "updated": (now - timedelta(minutes=age)).isoformat()}
        await submit(factories.activity("Update", author.uri, note, number), author, ctx)
        assert (await Post.get()).content_html == ("dix" if number < 2 else "cinq")


async def test_an_update_of_the_same_second_is_not_older(author: Actor, ctx: Context) -> None:
    create = factories.create(author.uri)
    await submit(create, author, ctx)
    for number in range(2):
        note = create["object"] | {"content": str(number), "updated": ctx.now().isoformat()}
        await submit(factories.activity("Update", author.uri, note, number), author, ctx)
        assert (await Post.get()).content_html == str(number)


async def test_a_post_edited_in_the_future_can_still_be_edited(author: Actor, ctx: Context, world: World) -> None:
    create = factories.create(author.uri, updated="2999-01-01T00:00:00Z")
    await submit(create, author, ctx)
    world.pass_time(minutes=1)
    await submit(factories.activity("Update", author.uri, create["object"] | {"content": "Après"}), author, ctx)
    assert (await Post.get()).content_html == "Après"


async def test_an_update_by_reference_is_fetched(author: Actor, ctx: Context, world: World) -> None:
    create = factories.create(author.uri)
    await submit(create, author, ctx)
    world.serve(create["object"] | {"content": "Après"})
    await submit(factories.activity("Update", author.uri, create["object"]["id"]), author, ctx)
    assert (await Post.get()).content_html == "Après"


async def test_nobody_else_updates_a_post(author: Actor, member: Actor, ctx: Context, world: World) -> None:
    create = factories.create(author.uri)
    await submit(create, author, ctx)
    neighbour = await factories.remote_actor(ctx, world, "https://far.test/users/eve")
    with pytest.raises(NotAuthorised, match="is not by"):
        await submit(
            factories.activity("Update", neighbour.uri, create["object"] | {"content": "Faux"}), neighbour, ctx
        )
    assert (await Post.get()).content_html == "<p>Note 1</p>"


async def test_what_is_not_here_is_not_updated(author: Actor, ctx: Context) -> None:
    with pytest.raises(UnsupportedActivity, match="is not here"):
        await submit(factories.activity("Update", author.uri, factories.note(author.uri)), author, ctx)
    assert await Post.all().count() == 0


async def test_created_updated_and_deleted_in_one_batch_nothing_is_left(author: Actor, ctx: Context) -> None:
    create = factories.create(author.uri)
    update = factories.activity("Update", author.uri, create["object"] | {"content": "Après"})
    delete = factories.activity("Delete", author.uri, create["object"]["id"])
    outcomes = await pipeline.submit_many(
        [Submission(parse(item), author.uri) for item in (create, update, delete)], ctx
    )
    assert [outcome.error for outcome in outcomes] == [None, None, None]
    assert await Post.all().count() == 0
    assert (await Actor.get(id=author.id)).posts_count == 0
