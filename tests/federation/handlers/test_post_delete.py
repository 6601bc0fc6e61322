"""The end of a post: what goes with it, and that it does not come back."""

from typing import Any

import pytest

from federation import pipeline
from federation.activities import parse
from federation.context import Context
from federation.errors import NotAuthorised, ObjectGone, UnsupportedActivity
from models.actor import Actor
from models.notification import Notification
from models.post import Attachment, Mention, Post, PostTag
from models.reaction import Announce, Like
from models.timeline import HomeRow
from tests import factories
from tests.federation.submitting import submit
from tests.world import World


@pytest.fixture
async def author(member: Actor, remote_actor: Actor) -> Actor:
    """A remote actor whom a member here follows."""
    await factories.follow(member, remote_actor)
    return remote_actor


@pytest.mark.parametrize("object_", ["by uri", "Tombstone", "the whole post"])
async def test_its_author_deletes_it_in_any_shape(author: Actor, ctx: Context, object_: str) -> None:
    create = factories.create(author.uri)
    uri = create["object"]["id"]
    shapes = {"by uri": uri, "Tombstone": {"id": uri, "type": "Tombstone"}, "the whole post": create["object"]}
    await submit(create, author, ctx)

    await submit(factories.activity("Delete", author.uri, shapes[object_]), author, ctx)

    assert await Post.all().count() == 0
    assert (await Actor.get(id=author.id)).posts_count == 0


async def test_what_hangs_on_it_goes_with_it(author: Actor, member: Actor, stranger: Actor, ctx: Context) -> None:
    create = factories.create(
        author.uri,
        to=[factories.PUBLIC, member.uri],
        tag=[{"type": "Hashtag", "name": "#nord"}],
        attachment=[{"type": "Image", "url": "https://media.far.test/1.png"}],
    )
    await submit(create, author, ctx)
    uri = create["object"]["id"]
    await submit(factories.activity("Like", stranger.uri, uri), stranger, ctx)
    await submit(factories.activity("Announce", stranger.uri, uri), stranger, ctx)
    hanging: list[Any] = [HomeRow, Notification, Mention, PostTag, Attachment, Like, Announce]
    assert all([await rows.exists() for rows in hanging])

    await submit(factories.activity("Delete", author.uri, uri), author, ctx)

    assert not any([await rows.exists() for rows in hanging])


async def test_what_it_answered_counts_one_answer_less(author: Actor, member: Actor, ctx: Context) -> None:
    parent = await factories.post(member)
    create = factories.create(author.uri, inReplyTo=parent.uri)
    await submit(create, author, ctx)
    for number in (1, 2):
        await submit(factories.activity("Delete", author.uri, create["object"]["id"], number), author, ctx)
    assert (await Post.get(id=parent.id)).replies_count == 0


async def test_answers_to_it_stay(author: Actor, member: Actor, ctx: Context) -> None:
    create = factories.create(author.uri)
    await submit(create, author, ctx)
    answered = await Post.get()
    reply = await factories.post(member, in_reply_to=answered, in_reply_to_uri=answered.uri)
    await submit(factories.activity("Delete", author.uri, answered.uri), author, ctx)
    found = await Post.get(id=reply.id)
    assert (found.in_reply_to_id, found.in_reply_to_uri) == (None, answered.uri)


async def test_nobody_else_deletes_it(author: Actor, stranger: Actor, ctx: Context, world: World) -> None:
    create = factories.create(author.uri)
    await submit(create, author, ctx)
    neighbour = await factories.remote_actor(ctx, world, "https://far.test/users/eve")
    for actor in (neighbour, stranger):
        for number, object_ in enumerate((create["object"]["id"], create["object"])):
            with pytest.raises(NotAuthorised, match="is not by"):
                await submit(factories.activity("Delete", actor.uri, object_, number), actor, ctx)
    assert await Post.all().count() == 1


async def test_deleted_before_it_was_created_it_stays_deleted(author: Actor, ctx: Context) -> None:
    create = factories.create(author.uri)
    await submit(factories.activity("Delete", author.uri, create["object"]["id"]), author, ctx)
    with pytest.raises(NotAuthorised, match="was deleted"):
        await submit(create, author, ctx)
    assert await Post.all().count() == 0


async def test_deleted_it_is_not_created_anew(author: Actor, ctx: Context) -> None:
    create = factories.create(author.uri)
    await submit(create, author, ctx)
    await submit(factories.activity("Delete", author.uri, create["object"]["id"]), author, ctx)
    with pytest.raises(NotAuthorised, match="was deleted"):
        await submit(create | {"id": f"{author.uri}/create/again"}, author, ctx)


async def test_deleted_it_is_not_brought_back_by_an_announce(
    author: Actor, member: Actor, stranger: Actor, ctx: Context, world: World
) -> None:
    await factories.follow(member, stranger)
    note = factories.note(author.uri)
    world.serve(note)
    await submit(factories.activity("Delete", author.uri, note["id"]), author, ctx)
    with pytest.raises(ObjectGone):
        await submit(factories.activity("Announce", stranger.uri, note["id"]), stranger, ctx)
    assert await Post.all().count() == 0


async def test_in_one_batch_too(author: Actor, ctx: Context) -> None:
    create = factories.create(author.uri)
    delete = factories.activity("Delete", author.uri, create["object"]["id"])
    outcomes = await pipeline.submit_many(
        [pipeline.Submission(parse(item), author.uri) for item in (delete, create)], ctx
    )
    assert [type(outcome.error) for outcome in outcomes] == [type(None), NotAuthorised]


@pytest.mark.parametrize("object_", ["https://elsewhere.test/users/max/notes/1", "https://lille.test/posts/1"])
async def test_nobody_buries_what_another_server_named(
    author: Actor, stranger: Actor, ctx: Context, object_: str
) -> None:
    with pytest.raises(NotAuthorised, match="server"):
        await submit(factories.activity("Delete", author.uri, object_), author, ctx)


async def test_a_tombstone_without_a_name_buries_nothing(author: Actor, ctx: Context) -> None:
    with pytest.raises(NotAuthorised):
        await submit(factories.activity("Delete", author.uri, {"type": "Tombstone"}), author, ctx)


async def test_an_activity_is_not_deleted_as_if_it_were_a_post(author: Actor, ctx: Context) -> None:
    create = factories.create(author.uri)
    await submit(create, author, ctx)
    with pytest.raises(UnsupportedActivity):
        await submit(factories.activity("Delete", author.uri, create["id"]), author, ctx)
