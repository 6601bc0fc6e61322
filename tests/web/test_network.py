"""What a section's page shows of the sections that it follows."""

from httpx2 import AsyncClient

from federation import pipeline
from federation.activities import parse
from federation.context import Context
from models.actor import Actor
from tests import factories
from tests.web.pages import read, texts
from tests.world import World

BREST = "https://brest.test/actors/1"


async def brest(ctx: Context, world: World, kind: str = "Group") -> Actor:
    return await factories.remote_actor(ctx, world, BREST, kind=kind)


async def publish(author: Actor, ctx: Context, number: int, **more: object) -> None:
    await pipeline.submit(parse(factories.create(author.uri, number, **more)), acting=author, ctx=ctx)


async def test_news_of_followed_sections_stand_on_the_page(
    visitor: AsyncClient, section: Actor, ctx: Context, world: World
) -> None:
    author = await brest(ctx, world)
    await factories.follow(section, author)
    await publish(author, ctx, 1)
    await publish(author, ctx, 2)
    page = read(await visitor.get("/"))
    assert texts(page, ".network .network-title") == ["Note 2", "Note 1"]


async def test_an_edit_and_a_deletion_show_at_once(
    visitor: AsyncClient, section: Actor, ctx: Context, world: World
) -> None:
    author = await brest(ctx, world)
    await factories.follow(section, author)
    await publish(author, ctx, 1)
    edited = factories.note(BREST, 1, content="<p>Reporté</p>", updated="2026-11-22T18:00:00Z")
    update = factories.activity("Update", BREST, edited, to=edited["to"])
    await pipeline.submit(parse(update), acting=author, ctx=ctx)
    assert texts(read(await visitor.get("/")), ".network .network-title") == ["Reporté"]
    await pipeline.submit(parse(factories.activity("Delete", BREST, edited["id"])), acting=author, ctx=ctx)
    assert texts(read(await visitor.get("/")), ".network") == []


async def test_persons_replies_and_private_posts_are_no_news(
    visitor: AsyncClient, section: Actor, stranger: Actor, ctx: Context, world: World
) -> None:
    author = await brest(ctx, world)
    for followed in (author, stranger):
        await factories.follow(section, followed)
    await publish(stranger, ctx, 1)
    await publish(author, ctx, 2, inReplyTo="https://elsewhere.test/notes/1")
    await publish(author, ctx, 3, to=[f"{BREST}/followers"], cc=[])
    assert texts(read(await visitor.get("/")), ".network") == []
