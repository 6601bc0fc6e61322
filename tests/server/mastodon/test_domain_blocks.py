"""Servers that a member does not want to read."""

import pytest
from httpx2 import AsyncClient

from federation import pipeline
from federation.activities import parse
from federation.context import Context
from models.actor import Actor
from models.follow import Follow
from models.mute import HostMute
from models.notification import Notification
from models.post import Post
from models.reaction import Announce
from models.timeline import HomeRow
from server.members.host_mutes import MAX_HOSTS
from server.members.leaving import delete
from tests import factories
from tests.server.api import LogIn

PATH = "/api/v1/domain_blocks"


async def statuses(client: AsyncClient, path: str) -> list[str]:
    return [row["id"] for row in (await client.get(f"/api/v1/timelines/{path}")).json()]


async def test_domains_are_listed_newest_first_and_taken_back(zoe: AsyncClient, ali: AsyncClient):
    for domain in ("far.test", "https://Other.test/about", "far.test"):
        answer = await zoe.post(PATH, data={"domain": domain})
        assert (answer.status_code, answer.json()) == (200, {})
    first = await zoe.get(PATH, params={"limit": 1})
    assert (first.json(), (await zoe.get(first.links["next"]["url"])).json()) == (["other.test"], ["far.test"])
    assert (await ali.get(PATH)).json() == []

    assert (await zoe.request("DELETE", PATH, data={"domain": "other.test"})).json() == {}
    assert (await zoe.delete(PATH, params={"domain": "far.test"})).json() == {}
    assert (await zoe.delete(PATH, params={"domain": "far.test"})).json() == {}
    assert (await zoe.get(PATH)).json() == []


async def test_nothing_from_there_is_read_by_whoever_does_not_want_to(
    zoe: AsyncClient, ali: AsyncClient, member: Actor, remote_actor: Actor, section: Actor
):
    post = await factories.post(remote_actor)
    announce = await Announce.create(uri="https://lille.test/a", actor=section, post=post)
    await HomeRow.create(owner=member, post=post, item_id=announce.id, actor=section, is_announce=True)
    path = f"/api/v1/accounts/relationships?id[]={remote_actor.id}"
    assert await statuses(zoe, "home") == [str(announce.id)]
    assert await statuses(zoe, "public") == [str(post.id)]

    await zoe.post(PATH, data={"domain": "far.test"})

    assert await statuses(zoe, "home") == await statuses(zoe, "public") == []
    assert await statuses(ali, "public") == [str(post.id)]
    assert (await zoe.get(path)).json()[0]["domain_blocking"] is True
    assert (await ali.get(path)).json()[0]["domain_blocking"] is False
    await zoe.delete(PATH, params={"domain": "far.test"})
    assert await statuses(zoe, "home") == [str(announce.id)]


async def test_a_domain_behind_the_at_counts_too(zoe: AsyncClient, remote_actor: Actor):
    await Actor.filter(id=remote_actor.id).update(handle_host="nord.test")
    await factories.post(remote_actor)
    await zoe.post(PATH, data={"domain": "nord.test"})
    assert await statuses(zoe, "public") == []


async def test_nobody_there_is_heard_of_again(zoe: AsyncClient, member: Actor, remote_actor: Actor, ctx: Context):
    await mention(remote_actor, member, 1, ctx)
    assert await Notification.all().count() == 1
    await zoe.post(PATH, data={"domain": "far.test"})
    assert await Notification.all().count() == 0
    await mention(remote_actor, member, 2, ctx)
    assert (await Notification.all().count(), await Post.all().count()) == (0, 2)


async def mention(author: Actor, named: Actor, number: int, ctx: Context) -> None:
    tag = {"type": "Mention", "href": named.uri, "name": f"@{named.username}"}
    note = factories.note(author.uri, number, cc=[named.uri], tag=[tag])
    document = factories.activity("Create", author.uri, note, number, to=note["to"], cc=note["cc"])
    await pipeline.submit(parse(document), acting=author, ctx=ctx)


async def test_follows_end_both_ways(zoe: AsyncClient, member: Actor, remote_actor: Actor, ctx: Context):
    follow = factories.activity("Follow", remote_actor.uri, member.uri)
    await pipeline.submit(parse(follow), acting=remote_actor, ctx=ctx)
    await zoe.post(f"/api/v1/accounts/{remote_actor.id}/follow")
    assert await Follow.all().count() == 2
    at_stake = (await zoe.get(f"{PATH}/preview", params={"domain": "far.test"})).json()
    assert at_stake == {"following_count": 1, "followers_count": 1}

    await zoe.post(PATH, data={"domain": "far.test"})

    assert await Follow.all().count() == 0


@pytest.mark.parametrize("domain", ["", "lille.test", "a b", "far.test/users", "http://"])
async def test_what_is_no_other_server_is_refused(zoe: AsyncClient, domain: str):
    assert (await zoe.post(PATH, data={"domain": domain})).status_code == 422
    preview = await zoe.get(f"{PATH}/preview", params={"domain": domain})
    assert preview.status_code == (200 if domain == "lille.test" else 422)


async def test_only_so_many_servers_are_left_out(zoe: AsyncClient, member: Actor):
    await HostMute.bulk_create(HostMute(muter=member, host=f"x{number}.test") for number in range(MAX_HOSTS))
    assert (await zoe.post(PATH, data={"domain": "far.test"})).status_code == 422


async def test_they_are_for_their_owner_and_go_with_them(
    zoe: AsyncClient, public: AsyncClient, log_in: LogIn, member: Actor, ctx: Context
):
    await zoe.post(PATH, data={"domain": "far.test"})
    other = await log_in(member, "read:lists", "write:lists")
    for method in ("GET", "POST", "DELETE"):
        assert (await public.request(method, PATH)).status_code == 401
        assert (await other.request(method, PATH)).status_code == 403
    await delete(member, ctx)
    assert await HostMute.all().count() == 0
