"""The pages of hashtags."""

from httpx2 import AsyncClient

from models.actor import Actor
from models.post import Visibility
from tests.web.conftest import Say
from tests.web.pages import read, text, texts
from web.profiles.pages import PAGE_POSTS


async def test_a_tag_shows_the_public_posts_that_bear_it(
    visitor: AsyncClient, section: Actor, member: Actor, say: Say
) -> None:
    await say(section, "Réunion #Été2027")
    await say(member, "J'y serai #été2027")
    await say(member, "Sans mot-dièse")

    page = read(await visitor.get("/tags/été2027"))

    assert text(page, "h1") == "#été2027"
    assert texts(page, ".post .prose") == ["J'y serai # été2027", "Réunion # Été2027"]


async def test_a_tag_shows_nothing_that_is_not_public(visitor: AsyncClient, member: Actor, say: Say) -> None:
    for visibility in (Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.DIRECT):
        await say(member, f"Secret #Lille {visibility}", visibility)
    page = read(await visitor.get("/tags/lille"))
    assert texts(page, ".post") == []
    assert text(page, ".empty") == "Il n’y a encore rien sous ce mot."


async def test_another_spelling_leads_to_the_canonical_one(visitor: AsyncClient, section: Actor) -> None:
    reply = await visitor.get("/tags/LILLE")
    assert (reply.status_code, reply.headers["location"]) == (302, "https://lille.test/tags/lille")


async def test_what_is_no_tag_has_no_page(visitor: AsyncClient, section: Actor) -> None:
    for name in ("%00", "%20", "a" * 101):
        read(await visitor.get(f"/tags/{name}"), 404)


async def test_a_long_tag_is_paged(visitor: AsyncClient, section: Actor, say: Say) -> None:
    for number in range(PAGE_POSTS + 2):
        await say(section, f"{number} #Lille")
    first = read(await visitor.get("/tags/lille"))
    [older] = first.select("a[rel=next]")
    second = read(await visitor.get(f"/tags/lille{older['href']}"))
    assert len(first.select(".post")) == PAGE_POSTS
    assert texts(second, ".post .prose") == ["1 # Lille", "0 # Lille"]
