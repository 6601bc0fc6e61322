"""The life of a post of another server: create, update, delete."""

from datetime import timedelta
from typing import Any

import pytest

from federation.context import Context
from federation.errors import (
    FederationError,
    MalformedActivity,
    NotAuthorised,
    ObjectGone,
    RejectedByPolicy,
    RemoteUnavailable,
    UnsupportedActivity,
)
from federation.facts import Posted
from models.activity import ActivityRecord
from models.actor import Actor
from models.ids import unix_ms_of
from models.post import Attachment, Mention, Post, PostTag, Visibility
from tests import factories
from tests.factories import PUBLIC
from tests.federation.submitting import submit
from tests.world import World


@pytest.fixture
async def author(member: Actor, remote_actor: Actor) -> Actor:
    """A remote actor whom a member here follows."""
    await factories.follow(member, remote_actor)
    return remote_actor


# Create


async def test_a_post_is_kept_with_all_that_it_says(author: Actor, member: Actor, ctx: Context) -> None:
    published = ctx.now() - timedelta(minutes=5)
    picture = {"type": "Document", "mediaType": "image/png", "url": "https://media.far.test/1.png", "name": "Chat"}
    create = factories.create(
        author.uri,
        content="<p>Salut</p>",
        published=published.isoformat(),
        tag=[{"type": "Mention", "href": member.uri}, {"type": "Hashtag", "name": "#Nord"}],
        attachment=[picture],
    )

    outcome = await submit(create, author, ctx)

    post = await Post.get(uri=create["object"]["id"])
    assert (post.actor_id, post.is_local, post.type) == (author.id, False, "Note")
    assert (post.content_html, post.visibility, post.published_at) == ("<p>Salut</p>", Visibility.PUBLIC, published)
    assert [row.actor_id for row in await Mention.filter(post_id=post.id)] == [member.id]
    assert [(row.name, row.shown) for row in await PostTag.filter(post_id=post.id)] == [("nord", "Nord")]
    assert [row.url for row in await Attachment.filter(post_id=post.id)] == ["https://media.far.test/1.png"]
    assert outcome.facts == [Posted(post, author, (member.id,))]


async def test_an_answer_hangs_on_what_it_answers(author: Actor, member: Actor, ctx: Context) -> None:
    parent = await factories.post(member)
    await submit(factories.create(author.uri, inReplyTo=parent.uri), author, ctx)
    reply = await Post.get(actor_id=author.id)
    assert (reply.in_reply_to_id, reply.in_reply_to_uri) == (parent.id, parent.uri)
    assert (await Post.get(id=parent.id)).replies_count == 1


async def test_an_answer_to_what_is_not_here_remembers_its_name(author: Actor, ctx: Context) -> None:
    await submit(factories.create(author.uri, inReplyTo="https://elsewhere.test/1"), author, ctx)
    reply = await Post.get(actor_id=author.id)
    assert (reply.in_reply_to_id, reply.in_reply_to_uri) == (None, "https://elsewhere.test/1")


async def test_an_author_counts_its_posts(author: Actor, ctx: Context) -> None:
    now = ctx.now()
    await submit(factories.create(author.uri, 1, published=now.isoformat()), author, ctx)
    await submit(factories.create(author.uri, 2, published="2021-01-01T00:00:00Z"), author, ctx)
    found = await Actor.get(id=author.id)
    assert (found.posts_count, found.last_post_at) == (2, now)


async def test_an_old_post_sorts_where_it_belongs(author: Actor, ctx: Context) -> None:
    await submit(factories.create(author.uri, published="2021-01-01T00:00:00Z"), author, ctx)
    post = await Post.get(actor_id=author.id)
    assert unix_ms_of(post.id) == int(post.published_at.timestamp() * 1000)


async def test_an_object_by_reference_is_fetched_from_home(author: Actor, ctx: Context, world: World) -> None:
    note = factories.note(author.uri, content="<p>De chez moi</p>")
    world.serve(note)
    await submit(factories.activity("Create", author.uri, note["id"]), author, ctx)
    assert (await Post.get(uri=note["id"])).content_html == "<p>De chez moi</p>"
    assert world.fetched == [note["id"]]


async def test_an_embedded_object_of_its_authors_server_is_not_fetched(
    author: Actor, ctx: Context, world: World
) -> None:
    await submit(factories.create(author.uri), author, ctx)
    assert world.fetched == []


async def test_an_embedded_object_of_another_server_is_never_believed(
    author: Actor, stranger: Actor, ctx: Context, world: World
) -> None:
    real = factories.note(stranger.uri, content="<p>Ce que Max a dit</p>")
    world.serve(real)
    put_in_his_mouth = real | {"content": "<p>Ce que Max n'a pas dit</p>"}
    for number, author_uri in enumerate((stranger.uri, author.uri)):
        forged = put_in_his_mouth | {"attributedTo": author_uri}
        with pytest.raises(NotAuthorised, match="is not by"):
            await submit(factories.activity("Create", author.uri, forged, number), author, ctx)
    assert await Post.all().count() == 0
    assert world.fetched == [real["id"], real["id"]]


async def test_not_even_its_home_makes_another_servers_object_the_actors(
    author: Actor, ctx: Context, world: World
) -> None:
    """Another server cannot speak for our neighbour, whoever it says wrote the post.   FEP-fe34"""
    claimed = factories.note("https://elsewhere.test/users/max") | {"attributedTo": author.uri}
    world.serve(claimed)
    with pytest.raises(NotAuthorised, match="author's server"):
        await submit(factories.activity("Create", author.uri, claimed), author, ctx)
    assert await Post.all().count() == 0


async def test_an_object_of_a_blocked_server_is_not_asked_for(
    author: Actor, ctx: Context, world: World, blocked_origin: str
) -> None:
    note = factories.note(f"{blocked_origin}/users/troll")
    world.serve(note)
    with pytest.raises(RejectedByPolicy):
        await submit(factories.activity("Create", author.uri, note), author, ctx)
    assert world.fetched == []


@pytest.mark.parametrize(
    ("status", "error"), [(404, ObjectGone), (410, ObjectGone), (500, RemoteUnavailable), (0, RemoteUnavailable)]
)
async def test_an_object_that_cannot_be_had_is_not_made_up(
    author: Actor, ctx: Context, world: World, status: int, error: type[FederationError]
) -> None:
    note = factories.note(author.uri)
    world.statuses[note["id"]] = status
    with pytest.raises(error):
        await submit(factories.activity("Create", author.uri, note["id"]), author, ctx)
    assert await Post.all().count() == 0
    assert await ActivityRecord.all().count() == 0


async def test_an_object_without_a_name_is_malformed(author: Actor, ctx: Context) -> None:
    with pytest.raises(MalformedActivity):
        await submit(factories.activity("Create", author.uri, {"type": "Note", "content": "x"}), author, ctx)


@pytest.mark.parametrize("kind", ["Create", "Update"])
async def test_a_post_of_ours_is_not_told_of_by_its_name_alone(
    member: Actor, remote_actor: Actor, ctx: Context, world: World, kind: str
) -> None:
    post = await factories.post(member, uri=ctx.names.post(7))
    for actor, error in ((member, MalformedActivity), (remote_actor, (MalformedActivity, NotAuthorised))):
        activity = factories.activity(kind, actor.uri, post.uri)
        with pytest.raises(error):
            await submit(activity, actor, ctx)
    assert world.fetched == []


async def test_an_object_of_a_kind_we_do_not_keep_is_unsupported(author: Actor, ctx: Context) -> None:
    recipe = factories.note(author.uri) | {"type": "Recipe"}
    with pytest.raises(UnsupportedActivity, match="Create of Recipe"):
        await submit(factories.activity("Create", author.uri, recipe), author, ctx)


async def test_nobody_posts_for_another_of_the_same_server(author: Actor, ctx: Context, world: World) -> None:
    neighbour = await factories.remote_actor(ctx, world, "https://far.test/users/eve")
    note = factories.note(author.uri)
    with pytest.raises(NotAuthorised, match="is not by"):
        await submit(factories.activity("Create", neighbour.uri, note, to=[PUBLIC]), neighbour, ctx)


async def test_nobody_takes_over_the_name_of_anothers_post(
    author: Actor, member: Actor, ctx: Context, world: World
) -> None:
    await submit(factories.create(author.uri, to=[author.followers_uri], cc=[]), author, ctx)
    neighbour = await factories.remote_actor(ctx, world, "https://far.test/users/eve")
    await factories.follow(member, neighbour)
    stolen = factories.note(neighbour.uri) | {"id": f"{author.uri}/notes/1"}
    with pytest.raises(NotAuthorised, match="is not by"):
        await submit(factories.activity("Create", neighbour.uri, stolen), neighbour, ctx)


async def test_created_under_two_names_it_is_one_post(author: Actor, ctx: Context) -> None:
    note = factories.note(author.uri)
    for number in (1, 2):
        await submit(factories.activity("Create", author.uri, note, number), author, ctx)
    assert await Post.all().count() == 1
    assert (await Actor.get(id=author.id)).posts_count == 1


# Whether anybody asked for it


@pytest.mark.parametrize("is_embedded", [True, False])
async def test_what_nobody_asked_for_is_neither_kept_nor_fetched(
    stranger: Actor, ctx: Context, world: World, is_embedded: bool
) -> None:
    note = factories.note(stranger.uri)
    world.serve(note)
    with pytest.raises(UnsupportedActivity, match="nobody here follows"):
        await submit(factories.activity("Create", stranger.uri, note if is_embedded else note["id"]), stranger, ctx)
    assert await Post.all().count() + await ActivityRecord.all().count() == 0
    assert world.fetched == []


async def test_a_follow_that_waits_for_its_answer_asks_for_nothing(
    member: Actor, stranger: Actor, ctx: Context
) -> None:
    follow = await factories.follow(member, stranger)
    follow.state = follow.state.REQUESTED
    await follow.save()
    with pytest.raises(UnsupportedActivity):
        await submit(factories.create(stranger.uri), stranger, ctx)


@pytest.mark.parametrize("where", ["to", "cc", "the object's to"])
async def test_what_is_addressed_to_somebody_here_is_kept(
    member: Actor, stranger: Actor, ctx: Context, where: str
) -> None:
    create = factories.create(stranger.uri, to=[PUBLIC], cc=[member.uri])
    if where == "to":
        create |= {"to": [member.uri], "cc": []}
    if where == "the object's to":
        create = {name: value for name, value in create.items() if name not in ("to", "cc")}
    await submit(create, stranger, ctx)
    assert [row.actor_id for row in await Mention.all()] == [member.id]


async def test_what_is_addressed_to_nobody_who_lives_here_is_not(stranger: Actor, ctx: Context) -> None:
    create = factories.create(stranger.uri, to=[PUBLIC, "https://lille.test/actors/12345", "https://lille.test/"])
    with pytest.raises(UnsupportedActivity):
        await submit(create, stranger, ctx)


@pytest.mark.parametrize("shape", ["uri", "object", "list"])
async def test_what_answers_a_post_here_is_kept(member: Actor, stranger: Actor, ctx: Context, shape: str) -> None:
    parent = await factories.post(member)
    shapes: dict[str, Any] = {"uri": parent.uri, "object": {"id": parent.uri}, "list": [parent.uri]}
    await submit(factories.create(stranger.uri, inReplyTo=shapes[shape]), stranger, ctx)
    assert (await Post.get(actor_id=stranger.id)).in_reply_to_id == parent.id
