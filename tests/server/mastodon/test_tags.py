"""Hashtags: shown, followed, read by one or several."""

import pytest
from httpx2 import AsyncClient

from federation.context import Context
from models.actor import Actor
from models.post import Attachment, Post, PostTag, Visibility
from models.tag_follow import TagFollow
from models.timeline import HomeRow
from server.members.blocks import block
from server.members.leaving import delete
from server.posts.actions import Draft, publish
from server.tags.actions import MAX_FOLLOWED
from tests import factories
from tests.server.api import LogIn
from tests.server.mastodon.shapes import OWN_STATUS, STATUS, Many, assert_shape, url

TAG = {"name": str, "url": url, "history": list}


async def tagged(author: Actor, text: str, *names: str, visibility: Visibility = Visibility.PUBLIC) -> Post:
    post = await factories.post(author, text, visibility)
    for name in names:
        await PostTag.create(post=post, name=name, shown=name)
    return post


async def texts(client: AsyncClient, address: str) -> list[str]:
    found = (await client.get(address)).json()
    return [row["content"].removeprefix("<p>").removesuffix("</p>") for row in found]


async def test_a_hashtag_is_shown_in_its_canonical_form(zoe: AsyncClient, public: AsyncClient):
    found = (await zoe.get("/api/v1/tags/Élections")).json()
    assert_shape(found, TAG)
    assert (found["name"], found["following"]) == ("élections", False)
    assert "following" not in (await public.get("/api/v1/tags/Élections")).json()
    for no_tag in ("12", "a b", "a" * 101, "%23", "a-b"):
        assert (await zoe.get(f"/api/v1/tags/{no_tag}")).status_code == 404


async def test_posts_with_a_followed_hashtag_come_home(
    zoe: AsyncClient, ali: AsyncClient, other_member: Actor, member: Actor, ctx: Context
):
    await tagged(other_member, "avant", "lille")
    for _ in range(2):
        assert (await zoe.post("/api/v1/tags/Lille/follow")).json()["following"] is True
    await publish(other_member, Draft("Bonjour #LILLE et #nord"), ctx)
    await publish(other_member, Draft("Entre nous #lille", Visibility.FOLLOWERS), ctx)
    await publish(other_member, Draft("Sans rien"), ctx)

    found = (await zoe.get("/api/v1/timelines/home")).json()
    assert_shape(found, Many(OWN_STATUS))
    assert [row["tags"][0]["name"] for row in found] == ["lille", "lille"]
    assert len((await ali.get("/api/v1/timelines/home")).json()) == 3

    await zoe.post("/api/v1/tags/nord/follow")
    assert (await zoe.post("/api/v1/tags/lille/unfollow")).json()["following"] is False
    assert len((await zoe.get("/api/v1/timelines/home")).json()) == 1
    await zoe.post("/api/v1/tags/nord/unfollow")
    assert (await zoe.get("/api/v1/timelines/home")).json() == []


async def test_what_comes_for_another_reason_stays(
    zoe: AsyncClient, member: Actor, other_member: Actor, section: Actor, ctx: Context
):
    await factories.follow(member, other_member)
    await zoe.post("/api/v1/tags/lille/follow")
    for author, text in ((other_member, "suivi #lille"), (section, "@zoe #lille"), (member, "moi #lille")):
        await publish(author, Draft(text), ctx)
    await publish(section, Draft("autre #lille"), ctx)
    assert await HomeRow.filter(owner_id=member.id).count() == 4
    await zoe.post("/api/v1/tags/lille/unfollow")
    assert await HomeRow.filter(owner_id=member.id).count() == 3


async def test_nobody_comes_home_by_a_hashtag_who_is_kept_apart_muted_or_silenced(
    zoe: AsyncClient, member: Actor, other_member: Actor, section: Actor, remote_actor: Actor, stranger: Actor,
    ctx: Context,
):  # fmt: skip
    await zoe.post("/api/v1/tags/lille/follow")
    await block(member, other_member, ctx)
    await factories.block(stranger, member)
    await zoe.post(f"/api/v1/accounts/{section.id}/mute")
    await Actor.filter(id=remote_actor.id).update(is_silenced=True)
    for author in (other_member, section):
        await publish(author, Draft("#lille"), ctx)
    for author in (stranger, remote_actor):
        await tagged(author, "loin", "lille")
    await HomeRow.bring_tagged([post.id for post in await Post.all()])
    assert (await zoe.get("/api/v1/timelines/home")).json() == []


async def test_followed_hashtags_are_listed_page_by_page(zoe: AsyncClient, ali: AsyncClient):
    for name in ("un", "deux"):
        await zoe.post(f"/api/v1/tags/{name}/follow")
    first = await zoe.get("/api/v1/followed_tags", params={"limit": 1})
    assert_shape(first.json(), Many(TAG))
    assert [(row["name"], row["following"]) for row in first.json()] == [("deux", True)]
    assert [row["name"] for row in (await zoe.get(first.links["next"]["url"])).json()] == ["un"]
    assert (await ali.get("/api/v1/followed_tags")).json() == []
    assert (await zoe.get("/api/v1/featured_tags")).json() == []


async def test_there_are_only_so_many_followed_hashtags(zoe: AsyncClient, member: Actor):
    for number in range(MAX_FOLLOWED):
        await TagFollow.create(actor=member, name=f"mot{number}")
    assert (await zoe.post("/api/v1/tags/encore/follow")).status_code == 422
    assert (await zoe.post("/api/v1/tags/mot1/follow")).status_code == 200


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["c", "b", "a"]), ("?any[]=sud", ["d", "c", "b", "a"]), ("?all[]=sud", ["b"]), ("?all[]=sud&all[]=est", []),
        ("?none[]=Sud", ["c", "a"]), ("?any[]=sud&none[]=est", ["d", "b", "a"]), ("?local=true", ["b", "a"]),
        ("?remote=true", ["c"]), ("?only_media=1", ["a"]), ("?any=%23sud", ["d", "c", "b", "a"]),
        ("?any[]=1", ["c", "b", "a"]),
    ],
)  # fmt: skip
async def test_posts_are_found_by_several_hashtags(
    zoe: AsyncClient, other_member: Actor, remote_actor: Actor, query: str, shown: list[str]
):
    with_media = await tagged(other_member, "a", "nord")
    for number in range(2):
        await Attachment.create(post=with_media, url=f"https://lille.test/{number}.png")
    await tagged(other_member, "b", "nord", "sud")
    await tagged(remote_actor, "c", "nord", "est")
    await tagged(other_member, "d", "sud")
    assert await texts(zoe, f"/api/v1/timelines/tag/Nord{query}") == shown


async def test_the_timeline_of_a_hashtag_is_public_and_shows_what_is(
    zoe: AsyncClient, public: AsyncClient, member: Actor, other_member: Actor, ctx: Context
):
    posts = [await tagged(other_member, str(number), "nord") for number in range(3)]
    for visibility in (Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.DIRECT):
        await tagged(other_member, "non", "nord", visibility=visibility)
    first = await public.get("/api/v1/timelines/tag/nord", params={"limit": 2})
    assert_shape(first.json(), Many(STATUS))
    assert [row["id"] for row in first.json()] == [str(posts[2].id), str(posts[1].id)]
    assert [row["id"] for row in (await public.get(first.links["next"]["url"])).json()] == [str(posts[0].id)]
    newer = await public.get("/api/v1/timelines/tag/nord", params={"min_id": str(posts[0].id), "limit": 1})
    assert [row["id"] for row in newer.json()] == [str(posts[1].id)]
    await block(other_member, member, ctx)
    assert (await zoe.get("/api/v1/timelines/tag/nord")).json() == []


async def test_a_hashtag_in_any_script_is_paged(public: AsyncClient, other_member: Actor):
    for _ in range(2):
        await PostTag.create(post=await factories.post(other_member), name="مدينة", shown="مدينة")

    answer = await public.get("/api/v1/timelines/tag/مدينة", params={"limit": 1})

    assert "/timelines/tag/%D9%85%D8%AF%D9%8A%D9%86%D8%A9?limit=1&max_id=" in answer.headers["link"]
    assert len((await public.get(answer.links["next"]["url"])).json()) == 1


async def test_a_token_must_allow_it(public: AsyncClient, log_in: LogIn, member: Actor):
    other = await log_in(member, "read:lists", "write:lists")
    for method, path in (
        ("GET", "/api/v1/followed_tags"), ("POST", "/api/v1/tags/a/follow"), ("POST", "/api/v1/tags/a/unfollow"),
    ):  # fmt: skip
        assert (await public.request(method, path)).status_code == 401
        assert (await other.request(method, path)).status_code == 403


async def test_followed_hashtags_go_with_the_member(zoe: AsyncClient, member: Actor, ctx: Context):
    await zoe.post("/api/v1/tags/lille/follow")
    await delete(member, ctx)
    assert await TagFollow.all().count() == 0
