"""What search engines and previews are told in the head of pages, and how pages are passed on."""

import json
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from httpx2 import AsyncClient

from models.actor import Actor
from models.post import Visibility
from models.section import Section
from tests import factories
from tests.web.conftest import Say
from tests.web.pages import read, text


def data_of(page: BeautifulSoup) -> dict[str, object]:
    """The data in the head of a page."""
    [script] = page.select('script[type="application/ld+json"]')
    return dict(json.loads(script.string or ""))


def told(page: BeautifulSoup) -> dict[str, str]:
    """What previews are told, each once."""
    tags = page.select("meta[property^='og:'], meta[name^='twitter:'], meta[name=description]")
    names = [str(tag.get("property") or tag["name"]) for tag in tags]
    assert len(names) == len(set(names))
    return {name: str(tag["content"]) for name, tag in zip(names, tags, strict=True)}


async def test_every_public_page_says_what_it_is_and_where(
    visitor: AsyncClient, section: Actor, member: Actor, say: Say
) -> None:
    post = await say(section, "Bonjour #bus")
    addresses = ["/", "/@zoe", f"/@lille/{post.id}", "/agenda", "/directory", "/tags/bus", "/about"]
    for address in addresses:
        page = read(await visitor.get(address))
        [canonical] = page.select("link[rel=canonical]")
        found = told(page)
        assert canonical["href"] == found["og:url"] == f"https://lille.test{address}"
        assert found["og:title"]
        assert found["og:type"] in ("website", "profile", "article")
        assert (found["og:locale"], found["og:site_name"]) == ("fr_FR", "Section de Lille")
        assert found["twitter:card"] == ("summary_large_image" if "og:image" in found else "summary")


async def test_feeds_of_every_kind_are_told(visitor: AsyncClient, section: Actor) -> None:
    for address, names in (("/", "/@lille"), ("/agenda", "/agenda"), ("/tags/bus", "/tags/bus")):
        feeds = read(await visitor.get(address)).select("link[rel=alternate]")
        told_ = {str(link["type"]): str(link["href"]) for link in feeds}
        for type_, form in (("atom+xml", "atom"), ("rss+xml", "rss"), ("feed+json", "json")):
            assert told_[f"application/{type_}"] == f"{names}.{form}"
            assert (await visitor.get(f"{names}.{form}")).status_code == 200
    assert (await visitor.get("/feed.rss")).headers["content-type"].startswith("application/rss+xml")


async def test_a_section_is_described_as_its_page_does(visitor: AsyncClient, section: Actor) -> None:
    await Actor.filter(id=section.id).update(note_html="<p>Nous nous voyons le jeudi.</p>")
    await Section.filter(actor_id=section.id).update(place="Lille", address="", latitude=50.6, longitude=3.0)
    assert data_of(read(await visitor.get("/"))) == {
        "@context": "https://schema.org",
        "@type": "Organization",
        "@id": section.uri,
        "name": "Section de Lille",
        "url": section.url,
        "description": "Nous nous voyons le jeudi.",
        "location": {
            "@type": "Place",
            "name": "Lille",
            "geo": {"@type": "GeoCoordinates", "latitude": 50.6, "longitude": 3.0},
        },
    }


async def test_a_post_of_a_section_is_described_and_no_persons(
    visitor: AsyncClient, section: Actor, member: Actor, say: Say
) -> None:
    post, theirs = await say(section, "Bonjour </script><!--"), await say(member, "Salut")
    found = data_of(read(await visitor.get(f"/@lille/{post.id}")))
    assert (found["@type"], found["url"], found["author"]) == (
        "Article",
        post.url,
        {"@type": "Organization", "name": "Section de Lille", "url": section.url},
    )
    for address in (f"/@zoe/{theirs.id}", "/@zoe"):
        assert read(await visitor.get(address)).select("script") == []


async def test_what_stands_behind_a_warning_is_not_told(visitor: AsyncClient, section: Actor, say: Say) -> None:
    post = await say(section, "La fin du film", content_warning="Cinéma")
    page = read(await visitor.get(f"/@lille/{post.id}"))
    assert (told(page)["og:description"], data_of(page)["description"]) == ("Cinéma", "Cinéma")
    assert "La fin" not in str(page.head)


@pytest.mark.parametrize(("column", "value"), [("is_silenced", True), ("is_indexable", False)])
async def test_engines_are_kept_from_who_did_not_agree_or_is_limited(
    visitor: AsyncClient, section: Actor, member: Actor, say: Say, column: str, value: bool
) -> None:
    await Actor.filter(id=member.id).update(**({"is_indexable": True} | {column: value}))
    post = await say(member, "Salut")
    for address in ("/@zoe", f"/@zoe/{post.id}"):
        assert read(await visitor.get(address)).select('meta[name=robots][content="noindex"]')


async def test_replies_are_shown_as_far_as_they_are_open(
    visitor: AsyncClient, section: Actor, member: Actor, say: Say
) -> None:
    post = await say(section, "Bonjour")
    await say(member, "Ouverte", in_reply_to=post)
    for visibility in (Visibility.FOLLOWERS, Visibility.DIRECT):
        await say(member, "Fermée @lille", visibility, in_reply_to=post)
    page = read(await visitor.get(f"/@lille/{post.id}"))
    assert [said.get_text(strip=True) for said in page.select(".replies .prose")] == ["Ouverte"]


async def test_a_post_is_passed_on_by_mail_and_from_ones_own_server_and_by_nobody_else(
    visitor: AsyncClient, section: Actor, say: Say
) -> None:
    post = await say(section, "Prix & quantités : 100 % « bio » ?")
    page = read(await visitor.get(f"/@lille/{post.id}"))
    mail = urlsplit(str(page.select_one(".passing-on a")["href"]))
    assert mail.scheme == "mailto"
    assert parse_qs(mail.query) == {"subject": ["Prix & quantités : 100 % « bio » ?"], "body": [post.url]}
    assert "+" not in mail.query
    assert text(page, ".passing-on .copy") == post.url
    assert page.select_one(f'a[href="/follow?post={post.id}&act=share"]') is not None


async def test_an_event_has_its_code_on_paper_alone(
    visitor: AsyncClient, section: Actor, say: Say, now: datetime
) -> None:
    event = await factories.event(section)
    page = read(await visitor.get(f"/@lille/{event.id}"))
    assert page.select_one(".leaflet-code svg path") is not None
    assert page.select_one(".leaflet-code")["aria-hidden"] == "true"
    assert len(str(page.select_one(".leaflet-code"))) < 5000
    assert len(page.select(".copy")) == len({copy.get_text() for copy in page.select(".copy")})
    post, over = await say(section, "Bonjour"), await factories.event(section, starts_at=now - timedelta(days=2))
    for other in (post, over):
        assert read(await visitor.get(f"/@lille/{other.id}")).select(".leaflet-code") == []
