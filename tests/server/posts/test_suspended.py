"""An actor whose home has silenced it: nothing of it is shown here until that is lifted."""

from typing import Any

import pytest

from federation.context import Context
from federation.errors import FederationError
from models.actor import Actor
from models.post import Post, PostTag, Visibility
from models.reaction import Announce
from server.mastodon.entities.account import account
from server.posts import queries
from server.posts.replies import open_totals
from server.search import queries as search
from server.timelines.queries import home, network_news
from tests import factories
from tests.federation.submitting import submit
from tests.world import World


@pytest.fixture
async def known(remote_actor: Actor, member: Actor, ctx: Context) -> Actor:
    """Somebody whom a member here follows, and who has posted."""
    await factories.follow(member, remote_actor)
    document = factories.create(remote_actor.uri, tag=[{"type": "Hashtag", "name": "#lille"}])
    await submit(document, remote_actor, ctx)
    return remote_actor


async def suspend(actor: Actor, ctx: Context, **more: Any) -> Actor:
    """As Mastodon says it: an Update with a document that keeps little else."""
    document = factories.actor_document(actor.uri, suspended=True, name="Noor", summary="<p>Moi</p>", **more)
    await submit(factories.activity("Update", actor.uri, document, "suspend"), actor, ctx)
    return await Actor.get(id=actor.id)


async def everywhere(viewer: Actor, author: Actor) -> dict[str, int]:
    """How many posts of an author each reading shows."""
    post = await Post.filter(actor_id=author.id).first()
    assert post is not None
    listed = {
        "public": await queries.public(None, limit=9),
        "remote": await queries.public(viewer, limit=9, remote=True),
        "tag": await queries.by_tag("lille", None, limit=9),
        "author": await queries.by_actor(author, viewer, limit=9),
        "home": await home(viewer, limit=9),
    }
    single = {"one": await queries.one(post.id, viewer), "address": await Post.visible_to(None).get_or_none(id=post.id)}
    return {name: len(found) for name, found in listed.items()} | {
        name: int(found is not None) for name, found in single.items()
    }


async def test_its_posts_are_hidden_and_come_back(known: Actor, member: Actor, ctx: Context) -> None:
    assert await PostTag.exists()
    assert set((await everywhere(member, known)).values()) == {1}
    await suspend(known, ctx)
    assert set((await everywhere(member, known)).values()) == {0}
    lifted = factories.actor_document(known.uri, name="Noor")
    await submit(factories.activity("Update", known.uri, lifted, "lift"), known, ctx)
    assert set((await everywhere(member, known)).values()) == {1}
    assert (await Actor.get(id=known.id)).display_name == "Noor"


async def test_its_name_and_profile_are_hidden(known: Actor, ctx: Context) -> None:
    found = await suspend(known, ctx, icon={"type": "Image", "url": "https://far.test/noor.png"})
    assert (found.is_suspended, found.name, found.note_html, found.icon_url) == (True, "noor", "", None)
    entity = account(found, ctx.names)
    assert (entity["suspended"], entity["display_name"]) == (True, "")


async def test_a_document_that_says_nothing_else_is_enough(known: Actor, ctx: Context) -> None:
    bare = {"id": known.uri, "type": "Person", "suspended": True}
    await submit(factories.activity("Update", known.uri, bare), known, ctx)
    found = await Actor.get(id=known.id)
    assert (found.is_suspended, found.inbox_uri) == (True, known.inbox_uri)


async def test_nobody_suspends_another(known: Actor, stranger: Actor, ctx: Context) -> None:
    bare = {"id": known.uri, "type": "Person", "suspended": True}
    with pytest.raises(FederationError):
        await submit(factories.activity("Update", stranger.uri, bare), stranger, ctx)
    assert not (await Actor.get(id=known.id)).is_suspended


async def test_one_met_as_suspended_is_kept_so(ctx: Context, world: World) -> None:
    actor = await factories.remote_actor(ctx, world, "https://far.test/users/eve", suspended=True)
    assert (actor.is_suspended, actor.display_name) == (True, "")


async def test_no_search_finds_it(known: Actor, member: Actor, ctx: Context) -> None:
    assert await search.actors("noor", member, limit=9) == [known]
    await suspend(known, ctx)
    assert await search.actors("noor", member, limit=9) == []


async def test_what_it_shows_and_what_shows_it_is_hidden(
    known: Actor, member: Actor, section: Actor, ctx: Context
) -> None:
    ours = await factories.post(member)
    theirs = await Post.get(actor_id=known.id)
    announce = factories.activity("Announce", known.uri, ours.uri, to=[factories.PUBLIC])
    await submit(announce, known, ctx)
    await Announce.create(uri="https://lille.test/a/1", actor=section, post=theirs)
    assert len(await home(member, limit=9)) == 2
    await suspend(known, ctx)
    assert await home(member, limit=9) == []
    assert await queries.by_actor(section, None, limit=9) == []
    assert await queries.by_actor(known, None, limit=9) == []


async def test_its_answers_are_not_counted(known: Actor, member: Actor, ctx: Context) -> None:
    ours = await factories.post(member)
    await factories.post(known, in_reply_to=ours)
    assert await open_totals([ours.id]) == {ours.id: 1}
    await suspend(known, ctx)
    assert await open_totals([ours.id]) == {}
    assert await queries.descendants(ours, None) == []


async def test_the_network_does_not_show_it(section: Actor, ctx: Context, world: World) -> None:
    other = await factories.remote_actor(ctx, world, "https://amiens.test/actors/1", kind="Group")
    await factories.follow(section, other)
    await submit(factories.create(other.uri), other, ctx)
    assert len(await network_news(section, limit=9)) == 1
    await Actor.filter(id=other.id).update(is_suspended=True)
    assert await network_news(section, limit=9) == []


async def test_only_what_is_its_own_is_hidden(known: Actor, member: Actor, ctx: Context) -> None:
    await factories.post(member, visibility=Visibility.PUBLIC)
    await suspend(known, ctx)
    assert len(await queries.public(None, limit=9)) == 1


async def test_one_who_died_is_remembered_as_such(ctx: Context, world: World) -> None:
    actor = await factories.remote_actor(ctx, world, "https://far.test/users/eve", memorial=True)
    assert account(actor, ctx.names)["memorial"] is True
