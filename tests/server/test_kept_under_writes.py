"""What is kept outlives what is written elsewhere, and nothing that changes it."""

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from federation.context import Context
from models.actor import Actor
from models.post import Post
from models.section import Section
from models.setting import Setting
from server.kept_answers import KeptAnswers
from server.posts.actions import Draft, edit, publish
from server.sections.setup import ZONE_SETTING
from tests import factories
from tests.server.api import LogIn, app, log_in
from tests.web.conftest import browser, visitor

__all__ = ["app", "log_in", "visitor"]

ACTIVITY = {"Accept": "application/activity+json"}


@pytest.fixture
def made(app: Starlette, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses of the answers that were made."""
    addresses: list[str] = []
    make = KeptAnswers.make

    async def noted(self, key, request, endpoint, **more):
        addresses.append(request.scope["path"])
        return await make(self, key, request, endpoint, **more)

    monkeypatch.setattr(KeptAnswers, "make", noted)
    return addresses


async def read_all(visitor: AsyncClient, post: Post) -> dict[str, bytes]:
    pages = {path: (await visitor.get(path)).content for path in ("/", "/@lille", f"/@lille/{post.id}", "/@lille.atom")}
    documents = {
        path: (await visitor.get(path, headers=ACTIVITY)).content
        for path in (f"/posts/{post.id}", f"/actors/{post.actor_id}")
    }
    address = "/.well-known/webfinger?resource=acct:lille@lille.test"
    return pages | documents | {address: (await visitor.get(address)).content}


async def test_posts_of_strangers_leave_our_pages_and_documents_as_they_are(
    visitor: AsyncClient, section: Actor, stranger: Actor, ctx: Context, made: list[str]
) -> None:
    post = await publish(section, Draft("Bonjour"), ctx)
    before = await read_all(visitor, post)
    made.clear()
    for number in range(3):
        await factories.post(stranger, str(number))
        assert await read_all(visitor, post) == before

    assert made == []


async def test_a_change_of_one_post_leaves_the_others(
    visitor: AsyncClient, section: Actor, ctx: Context, made: list[str]
) -> None:
    one, two = [await publish(section, Draft(text), ctx) for text in ("Un", "Deux")]
    for post in (one, two):
        await visitor.get(f"/posts/{post.id}", headers=ACTIVITY)
    made.clear()
    await edit(section, one, Draft("Trois"), ctx)
    found = [(await visitor.get(f"/posts/{post.id}", headers=ACTIVITY)).json()["content"] for post in (one, two)]

    assert found == ["<p>Trois</p>", "<p>Deux</p>"]
    assert made == [f"/posts/{one.id}"]


async def test_the_head_of_a_kept_page_is_looked_at_too(
    visitor: AsyncClient, section: Actor, member: Actor, ctx: Context
) -> None:
    post = await publish(member, Draft("Bonjour"), ctx)
    for _ in range(2):
        await visitor.get(f"/@zoe/{post.id}")
    await Actor.filter(id=section.id).update(display_name="Section de Roubaix")
    assert "Section de Roubaix" in (await visitor.get(f"/@zoe/{post.id}")).text
    await Section.all().update(place="Tourcoing")
    assert "Tourcoing" in (await visitor.get(f"/@zoe/{post.id}")).text
    before = (await visitor.get(f"/@zoe/{post.id}")).text
    await Setting.write(ZONE_SETTING, "Pacific/Auckland")
    assert (await visitor.get(f"/@zoe/{post.id}")).text != before


async def test_a_home_timeline_outlives_what_is_not_in_it(
    log_in: LogIn, member: Actor, stranger: Actor, ctx: Context, made: list[str]
) -> None:
    zoe = await log_in(member)
    await publish(member, Draft("Bonjour"), ctx)
    first = (await zoe.get("/api/v1/timelines/home")).content
    made.clear()
    await factories.post(stranger)
    assert (await zoe.get("/api/v1/timelines/home")).content == first
    assert made == []

    await Post.filter(actor_id=member.id).update(likes_count=7)
    assert (await zoe.get("/api/v1/timelines/home")).json()[0]["favourites_count"] == 7


async def test_two_visitors_have_each_their_language_under_writes(
    app: Starlette, visitor: AsyncClient, section: Actor, stranger: Actor
) -> None:
    async with browser(app, language="en") as reader:
        for number in range(2):
            await factories.post(stranger, str(number))
            assert 'lang="fr"' in (await visitor.get("/")).text
            assert 'lang="en"' in (await reader.get("/")).text


async def test_a_home_timeline_answers_to_its_tag_until_it_changes(log_in: LogIn, member: Actor, ctx: Context) -> None:
    zoe = await log_in(member)
    await publish(member, Draft("Bonjour"), ctx)
    first = await zoe.get("/api/v1/timelines/home")
    tag = {"If-None-Match": first.headers["etag"]}
    assert first.headers["cache-control"] == "private, no-cache"
    again = await zoe.get("/api/v1/timelines/home", headers=tag)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])

    await publish(member, Draft("Bonsoir"), ctx)
    assert len((await zoe.get("/api/v1/timelines/home", headers=tag)).json()) == 2
