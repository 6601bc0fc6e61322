"""What search engines are told of: every public page, nobody who did not agree; and who is asked to stay away."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from httpx2 import AsyncClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Route

from federation.context import Context
from models.actor import Actor
from models.post import Post, Visibility
from server.routes import ROUTES
from server.search import for_engines
from tests import factories
from tests.web.conftest import Say
from tests.web.pages import read
from tests.web.test_queries import asked, needs_sqlite
from web.crawlers.robots import AI_CRAWLERS, DISALLOWED, written
from web.routes import ROUTES as PAGES

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


async def told(visitor: AsyncClient, address: str) -> list[str]:
    """The addresses in a part of the sitemap, or in the list of parts."""
    response = await visitor.get(address)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/xml; charset=utf-8"
    return [str(loc.text) for loc in ElementTree.fromstring(response.content).iter(f"{SITEMAP}loc")]


async def all_told(visitor: AsyncClient) -> list[str]:
    """Every page that the sitemap names."""
    found: list[str] = []
    for part in await told(visitor, "/sitemap.xml"):
        found += await told(visitor, part.removeprefix("https://lille.test"))
    return found


async def test_every_public_page_is_told_of_once_and_is_there(
    visitor: AsyncClient, section: Actor, member: Actor, other_member: Actor, say: Say, ctx: Context
) -> None:
    await Actor.filter(id=member.id).update(is_indexable=True)
    await factories.section(ctx, "roubaix", "Section de Roubaix", is_main=False)
    post, theirs = await say(section, "Bonjour"), await say(member, "Salut")
    await say(other_member, "Pas pour les moteurs")

    found = await all_told(visitor)

    assert found == [
        *(f"https://lille.test{path}" for path in ("/", "/agenda", "/directory", "/about")),
        "https://lille.test/@zoe",
        "https://lille.test/@roubaix",
        "https://lille.test/@roubaix/agenda",
        post.url,
        theirs.url,
    ]
    for address in found:
        page = read(await visitor.get(address.removeprefix("https://lille.test") or "/"))
        assert page.select_one("link[rel=canonical]")["href"] == address
        assert page.select_one("meta[name=robots]") is None


async def test_nothing_else_is_told_of(
    visitor: AsyncClient, section: Actor, member: Actor, remote_actor: Actor, say: Say
) -> None:
    await Actor.filter(id=remote_actor.id).update(is_indexable=True)
    await factories.post(remote_actor)
    for visibility in (Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.DIRECT):
        await say(section, "Chut", visibility)
    await say(section, "Entre nous", Visibility.SECTION, section=section)
    await say(member, "Salut")
    assert len(await all_told(visitor)) == 4


@pytest.mark.parametrize(
    "changes", [{"is_suspended": True}, {"is_silenced": True}, {"gone_at": datetime.now(UTC)}, {"is_indexable": False}]
)
async def test_whoever_is_out_of_sight_is_not_told_of(
    visitor: AsyncClient, section: Actor, member: Actor, say: Say, changes: dict[str, object]
) -> None:
    await Actor.filter(id=member.id).update(is_indexable=True)
    await say(member, "Salut")
    assert len(await all_told(visitor)) == 6
    await Actor.filter(id=member.id).update(**changes)
    assert len(await all_told(visitor)) == 4


async def test_parts_hold_so_many_and_begin_where_the_one_before_ends(
    visitor: AsyncClient, section: Actor, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts = [await say(section, f"Bonjour {number}") for number in range(5)]
    monkeypatch.setattr(for_engines, "PART_ROWS", 2)

    parts = await told(visitor, "/sitemap.xml")

    assert parts == [
        f"https://lille.test/sitemap/{part}.xml"
        for part in ("pages", "posts/0", f"posts/{posts[1].id}", f"posts/{posts[3].id}")
    ]
    assert await told(visitor, f"/sitemap/posts/{posts[1].id}.xml") == [posts[2].url, posts[3].url]
    assert (await all_told(visitor))[4:] == [post.url for post in posts]


async def test_last_changes_are_told_and_a_part_is_not_sent_twice(
    visitor: AsyncClient, section: Actor, say: Say
) -> None:
    post = await say(section, "Bonjour")
    await Post.filter(id=post.id).update(edited_at=datetime(2031, 5, 4, 3, 2, 1, tzinfo=UTC))
    first = await visitor.get("/sitemap/posts/0.xml")
    again = await visitor.get("/sitemap/posts/0.xml", headers={"If-None-Match": first.headers["etag"]})
    assert "<lastmod>2031-05-04T03:02:01+00:00</lastmod>" in first.text
    assert again.status_code == 304
    assert "2031-05-04" in (await visitor.get("/sitemap.xml")).text


async def test_server_without_a_section_tells_of_nothing(visitor: AsyncClient, ctx: Context) -> None:
    assert await all_told(visitor) == []


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(behind=st.integers(0, 10**25) | st.text(alphabet="0123456789-.xé²", max_size=12))
async def test_any_part_is_there_or_is_not(
    app: Starlette, visitor: AsyncClient, section: Actor, behind: int | str
) -> None:
    app.state.buckets = {}
    assert (await visitor.get(f"/sitemap/posts/{behind}.xml")).status_code in (200, 404)


@needs_sqlite
@pytest.mark.parametrize("address", ["/sitemap.xml", "/sitemap/pages.xml", "/sitemap/posts/0.xml"])
async def test_sitemap_asks_as_much_for_many_as_for_one(
    visitor: AsyncClient, section: Actor, say: Say, ctx: Context, address: str
) -> None:
    await say(section, "Bonjour")
    one = await asked(visitor, address)
    for number in range(5):
        await say(section, f"Bonjour {number}")
        await factories.section(ctx, f"s{number}", f"Section {number}", is_main=False)
    assert await asked(visitor, address) == one <= 4


async def test_nobody_reads_the_sitemap_for_ever(visitor: AsyncClient, section: Actor) -> None:
    statuses = [(await visitor.get(f"/sitemap.xml?{number}")).status_code for number in range(31)]
    assert statuses == [200] * 30 + [429]


def groups(body: str) -> dict[str, list[str]]:
    """Read robots.txt as a machine does: the rules for each name."""
    found: dict[str, list[str]] = {}
    names: list[str] = []
    is_open = False
    for line in body.splitlines():
        field, _, value = (part.strip() for part in line.partition(":"))
        if field.lower() == "user-agent":
            names = [*names, value] if is_open else [value]
            is_open = True
            found.setdefault(value, [])
        elif field.lower() == "disallow":
            is_open = False
            for name in names:
                found[name].append(value)
    return found


async def test_every_machine_that_trains_on_people_is_turned_away(visitor: AsyncClient, section: Actor) -> None:
    response = await visitor.get("/robots.txt")
    read_ = groups(response.text)
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert {name for name, rules in read_.items() if rules == ["/"]} == {name for name, _ in AI_CRAWLERS}
    assert set(read_) == {name for name, _ in AI_CRAWLERS} | {"*"}
    assert response.text.endswith("\nSitemap: https://lille.test/sitemap.xml\n")


async def test_every_line_for_the_others_covers_a_page_of_ours(visitor: AsyncClient, section: Actor) -> None:
    rules = groups((await visitor.get("/robots.txt")).text)["*"]
    paths = [re.sub(r"{[^}]*}", "x", route.path) for route in [*ROUTES, *PAGES] if isinstance(route, Route)]
    planned = ["/home", "/notifications", "/people/x", "/threads/x", "/write", "/me?x", "/api/x"]
    assert rules == list(DISALLOWED)
    for rule in rules:
        pattern = re.escape(rule.removesuffix("$")).replace(r"\*", ".*") + ("$" if rule.endswith("$") else "")
        assert any(re.match(pattern, path) for path in [*paths, *planned]), rule


@pytest.mark.parametrize(
    "path", ["/", "/agenda", "/directory", "/@lille", "/@lille/12", "/tags/bus", "/media/x", "/about", "/sitemap.xml"]
)
def test_no_line_keeps_search_engines_from_what_is_public(path: str) -> None:
    for rule in DISALLOWED:
        pattern = re.escape(rule.removesuffix("$")).replace(r"\*", ".*") + ("$" if rule.endswith("$") else "")
        assert not re.match(pattern, path), rule


async def test_who_runs_the_server_may_let_them_in(app: Starlette, visitor: AsyncClient, section: Actor) -> None:
    app.state.settings = replace(app.state.settings, ai_crawlers=True)
    response = await visitor.get("/robots.txt")
    assert list(groups(response.text)) == ["*"]
    assert groups(written("https://x.test", are_ai_crawlers_welcome=True))["*"] == list(DISALLOWED)


async def test_robots_file_is_not_sent_twice(visitor: AsyncClient, section: Actor) -> None:
    first = await visitor.get("/robots.txt")
    again = await visitor.get("/robots.txt", headers={"If-None-Match": first.headers["etag"]})
    assert (first.headers["cache-control"], again.status_code) == ("public, max-age=3600", 304)
