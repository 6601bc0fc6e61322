"""Giving pictures out: to whoever knows the address, as what they are, and no longer than they are shown."""

import pytest
from httpx2 import AsyncClient

from federation.context import Context
from models.actor import Actor
from models.media import Media, small_url
from models.post import Visibility
from server.media.store import MediaStore
from server.posts import actions
from server.posts.actions import Draft
from tests.pictures import moving, photograph
from tests.server.media.conftest import Bring


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (photograph(), "image/jpeg"), (photograph("PNG"), "image/png"), (photograph("WEBP"), "image/webp"),
        (moving(), "image/gif"),
    ],
)  # fmt: skip
async def test_a_picture_is_given_as_what_it_is_and_can_run_nothing(
    public: AsyncClient, member: Actor, bring: Bring, ctx: Context, data: bytes, media_type: str
) -> None:
    media = await bring(member, data=data)
    await actions.publish(member, Draft("Voici", media=[media]), ctx)

    for url, kind in ((media.url, media_type), (small_url(media.url), "image/webp")):
        answer = await public.get(url)
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert "set-cookie" not in answer.headers
        assert int(answer.headers["content-length"]) == len(answer.content) > 0
    assert (await public.head(media.url)).status_code == 200


async def test_a_page_of_another_origin_may_show_it(public: AsyncClient, member: Actor, bring: Bring) -> None:
    answer = await public.get((await bring(member)).url, headers={"Origin": "https://phanpy.test"})

    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.DIRECT])
async def test_what_is_not_for_everybody_is_kept_by_no_proxy(
    public: AsyncClient, member: Actor, bring: Bring, ctx: Context, visibility: Visibility
) -> None:
    media = await bring(member)
    assert (await public.get(media.url)).headers["cache-control"].startswith("private")
    await actions.publish(member, Draft("Entre nous", visibility, media=[media]), ctx)

    answer = await public.get(media.url)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, max-age=86400")


async def test_what_no_post_shows_any_more_is_gone_at_once(
    public: AsyncClient, member: Actor, bring: Bring, store: MediaStore, ctx: Context
) -> None:
    media = await bring(member)
    post = await actions.publish(member, Draft("Voici", media=[media]), ctx)
    await actions.delete(member, post, ctx)

    assert await Media.exists()  # its files have yet to be removed
    for url in (media.url, small_url(media.url)):
        assert (await public.get(url)).status_code == 404


async def test_a_file_that_was_lost_is_not_found(
    public: AsyncClient, member: Actor, bring: Bring, store: MediaStore
) -> None:
    media = await bring(member)
    await store.remove(media.name)

    assert (await public.get(media.url)).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "", "incoming", "ab/cd/", f"{'a' * 32}.jpg", f"{'a' * 32}-small.webp", f"{'a' * 32}.svg",
        "%2e%2e%2fcoopole.db", f"..%2f{'a' * 32}.jpg", "%00",
    ],
)  # fmt: skip
async def test_nothing_else_is_given_and_nothing_listed(
    public: AsyncClient, member: Actor, bring: Bring, path: str
) -> None:
    await bring(member)

    assert (await public.get(f"/media/{path}")).status_code == 404
