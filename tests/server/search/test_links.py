"""Posts that link to a page."""

import pytest
from httpx2 import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from federation import findable
from federation.context import Context
from models.actor import Actor
from models.post import Post, Visibility
from server.posts.actions import Draft, publish
from server.search.links import links_of, same_page
from tests import factories
from tests.server.api import LogIn, app, log_in, public, zoe
from tests.server.mastodon.shapes import OWN_STATUS, Many, assert_shape

__all__ = ["app", "log_in", "public", "zoe"]

PAGE = "https://journal.test/2026/11/une-longue-adresse-de-page?a=1&b=2"


async def found(client: AsyncClient, url: str = PAGE, **more: object) -> list[str]:
    answer = await client.get("/api/v1/timelines/link", params={"url": url, **more})
    assert_shape(answer.json(), Many(OWN_STATUS))
    return [row["id"] for row in answer.json()]


async def elsewhere(author: Actor, address: str = PAGE, **columns: object) -> Post:
    """A post of another server's that links to a page, and may be found."""
    written = address.replace("&", "&amp;")
    post = await factories.post(author, f'<a href="{written}">{written}</a>', **columns)  # type: ignore[arg-type]
    await findable.index_kept(post)
    return post


async def test_posts_with_the_link_are_found_newest_first(
    zoe: AsyncClient, section: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await Actor.filter(id=remote_actor.id).update(is_indexable=True)
    ours = await publish(section, Draft(f"À lire : {PAGE}"), ctx)
    theirs = await elsewhere(remote_actor)
    await elsewhere(remote_actor, f"{PAGE}3")
    await publish(section, Draft("journal.test/2026/11/une-longue-adresse-de-page a=1 b=2"), ctx)

    wanted = [str(theirs.id), str(ours.id)]
    assert await found(zoe) == wanted
    assert await found(zoe, PAGE.replace("https", "http") + "#fin") == wanted
    assert await found(zoe, limit=1) == wanted[:1]
    assert await found(zoe, max_id=wanted[0]) == wanted[1:]
    assert await found(zoe, min_id=wanted[1]) == wanted[:1]
    assert await found(zoe, "https://journal.test/2026") == []


async def test_what_its_author_does_not_want_found_is_not(
    zoe: AsyncClient, section: Actor, remote_actor: Actor, other_member: Actor
) -> None:
    await elsewhere(remote_actor)  # who has not agreed
    await elsewhere(other_member)
    for visibility in (Visibility.UNLISTED, Visibility.FOLLOWERS):
        await elsewhere(section, visibility=visibility)
    assert await found(zoe) == []


@pytest.mark.parametrize(
    "url", ["", "x", "mailto:a@b.test", "https://", "https://[x", "http://" + "a" * 3000, "https:///a"]
)
async def test_what_is_no_page_is_refused(zoe: AsyncClient, url: str) -> None:
    assert (await zoe.get("/api/v1/timelines/link", params={"url": url})).status_code == 422


async def test_it_is_for_members(public: AsyncClient, log_in: LogIn, member: Actor) -> None:
    writer = await log_in(member, "write")
    assert (await public.get("/api/v1/timelines/link", params={"url": PAGE})).status_code == 401
    assert (await writer.get("/api/v1/timelines/link", params={"url": PAGE})).status_code == 403


@given(st.text())
def test_any_text_is_compared(text: str) -> None:
    assert same_page(f"https://{same_page(text)}") in ("", same_page(text))
    links_of(text)


def test_links_are_read_out_of_html() -> None:
    html = '<p><a class="x" href="https://A.test/b/?c&amp;d#e">f</a> <a href="x">g</a> href="https://h.test"</p>'
    assert links_of(html) == {"a.test/b?c&d"}
