"""The pages of hashtags."""

from xml.etree import ElementTree

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


async def test_a_tag_has_feeds_of_the_same_with_their_authors(
    visitor: AsyncClient, section: Actor, member: Actor, remote_actor: Actor, say: Say
) -> None:
    await say(section, "Réunion #Été2027")
    await say(member, "J'y serai #été2027")
    await say(member, "Secret #été2027", Visibility.FOLLOWERS)

    page = read(await visitor.get("/tags/été2027"))
    feeds = [link["href"] for link in page.select("link[rel=alternate]")]

    assert feeds == [f"/tags/%C3%A9t%C3%A92027.{form}" for form in ("atom", "rss", "json")]
    atom, rss, json = [await visitor.get(address) for address in feeds]
    root = ElementTree.fromstring(atom.content)
    assert [name.text for name in root.findall("{*}entry/{*}author/{*}name")] == ["Zoé", "Section de Lille"]
    assert [name.text for name in ElementTree.fromstring(rss.content).findall(".//{*}creator")] == [
        "Zoé",
        "Section de Lille",
    ]
    assert [item["authors"][0]["name"] for item in json.json()["items"]] == ["Zoé", "Section de Lille"]
    assert root.findtext("{*}id") == "https://lille.test/tags/%C3%A9t%C3%A92027"
    assert {answer.headers["x-robots-tag"] for answer in (atom, rss, json)} == {"noindex"}


async def test_a_feed_of_a_tag_has_one_spelling_and_no_other_name(visitor: AsyncClient, section: Actor) -> None:
    reply = await visitor.get("/tags/LILLE.atom")
    assert (reply.status_code, reply.headers["location"]) == (302, "https://lille.test/tags/lille.atom")
    assert ElementTree.fromstring((await visitor.get("/tags/rien.atom")).content).findall("{*}entry") == []
    read(await visitor.get(f"/tags/{'a' * 101}.rss"), 404)
