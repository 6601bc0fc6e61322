"""What a post said before it was edited, and which posts count."""

import pytest

from federation.context import Context
from models.actor import Actor
from models.edit import PostEdit
from models.event import Event
from models.post import Post
from server.posts.history import versions
from tests import factories
from tests.factories import PUBLIC
from tests.federation.submitting import submit


@pytest.fixture
async def author(member: Actor, remote_actor: Actor) -> Actor:
    """A remote actor whom a member here follows."""
    await factories.follow(member, remote_actor)
    return remote_actor


async def update(note: dict, author: Actor, ctx: Context, number: int = 1, **changes: object) -> Post:
    changed = note | changes
    await submit(factories.activity("Update", author.uri, changed, number), author, ctx)
    return await Post.get(uri=note["id"])


async def test_an_edit_keeps_what_the_post_said(author: Actor, ctx: Context) -> None:
    create = factories.create(author.uri, summary="Avant", published="2026-01-01T12:00:00Z")
    await submit(create, author, ctx)

    post = await update(create["object"], author, ctx, content="<p>Après</p>", summary=None)

    before, now = await versions(post)
    assert (before.content_html, before.content_warning, before.is_sensitive) == ("<p>Note 1</p>", "Avant", True)
    assert (now.content_html, now.content_warning, now.is_sensitive) == ("<p>Après</p>", "", False)
    assert before.stood_from == post.published_at
    assert now.stood_from == post.edited_at


async def test_an_update_that_changes_nothing_is_no_edit(author: Actor, ctx: Context) -> None:
    create = factories.create(author.uri)
    await submit(create, author, ctx)

    post = await update(create["object"], author, ctx, replies=f"{author.uri}/replies")

    assert post.edited_at is None
    assert not await PostEdit.exists()


async def test_another_picture_is_an_edit_without_another_text(author: Actor, ctx: Context) -> None:
    create = factories.create(author.uri)
    await submit(create, author, ctx)

    picture = {"type": "Image", "url": "https://far.test/1.png"}
    post = await update(create["object"], author, ctx, attachment=[picture])

    assert post.edited_at == ctx.now()
    assert not await PostEdit.exists()


async def test_only_so_many_versions_are_kept(author: Actor, ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("federation.handlers.post.MAX_EDITS", 2)
    create = factories.create(author.uri)
    await submit(create, author, ctx)
    for number in range(1, 5):
        post = await update(create["object"], author, ctx, number, content=f"<p>{number}</p>")
    assert post.content_html == "<p>4</p>"
    assert len(await versions(post)) == 3


@pytest.mark.parametrize("is_open", [True, False])
async def test_only_what_everybody_may_read_is_counted(
    author: Actor, member: Actor, ctx: Context, is_open: bool
) -> None:
    parent = await factories.post(member)
    to = [PUBLIC] if is_open else [member.uri]
    create = factories.create(author.uri, to=to, cc=[], inReplyTo=parent.uri)
    await submit(create, author, ctx)

    await parent.refresh_from_db()
    await author.refresh_from_db()
    assert (parent.replies_count, author.posts_count, author.last_post_at is not None) == (is_open, is_open, is_open)

    await submit(factories.activity("Delete", author.uri, create["object"]["id"]), author, ctx)
    await parent.refresh_from_db()
    await author.refresh_from_db()
    assert (parent.replies_count, author.posts_count) == (0, 0)


async def test_whoever_goes_takes_only_the_open_replies_out_of_the_count(
    author: Actor, member: Actor, ctx: Context
) -> None:
    parent = await factories.post(member)
    for number, to in enumerate(([PUBLIC], [member.uri], [PUBLIC])):
        create = factories.create(author.uri, number, to=to, cc=[], inReplyTo=parent.uri)
        await submit(create, author, ctx)
    await parent.refresh_from_db()
    assert parent.replies_count == 2

    await submit(factories.activity("Delete", author.uri, author.uri), author, ctx)

    await parent.refresh_from_db()
    assert parent.replies_count == 0


async def test_a_post_for_a_group_that_we_have_met_is_the_groups(author: Actor, ctx: Context, world) -> None:
    group = await factories.remote_actor(ctx, world, "https://lemmy.test/c/lille", kind="Group")
    for number, more in enumerate(({"audience": group.uri}, {"cc": [group.uri]}, {})):
        create = factories.create(author.uri, number, **more)
        await submit(create, author, ctx)
    found = [post.group_id for post in await Post.filter(actor_id=author.id).order_by("uri")]
    assert found == [group.id, group.id, None]


async def test_an_event_says_when_and_where_it_is(author: Actor, ctx: Context) -> None:
    place = {"type": "Place", "name": "Halles de Wazemmes", "latitude": 50.6}
    create = factories.create(
        author.uri, type="Event", name="Réunion", startTime="2026-12-05T14:00:00Z", location=place
    )
    await submit(create, author, ctx)

    post = await Post.get(uri=create["object"]["id"])
    assert (post.type, post.title) == ("Event", "Réunion")
    event = await Event.get(post_id=post.id).select_related("place")
    assert event.place is not None
    assert (event.starts_at.hour, event.place.name) == (14, "Halles de Wazemmes")
