"""What the server says of itself to those who count servers."""

from pathlib import Path

import orjson
import pytest

from federation.context import Context
from models.actor import Actor
from models.member import Member
from models.post import Visibility
from models.section import Section
from server.config import VERSION
from server.posts import actions
from server.posts.actions import Draft
from tests import factories
from tests.conftest import SHARED
from tests.server.activitypub.asker import Asker
from tests.world import ORIGIN, World

NODEINFO = SHARED / "corpus" / "_nodeinfo"


async def test_nodeinfo_lists_its_versions_and_the_actor_of_the_server(asker: Asker, instance: Actor):
    links = {link["rel"]: link["href"] for link in (await asker.get("/.well-known/nodeinfo")).json["links"]}

    assert links == {
        "http://nodeinfo.diaspora.software/ns/schema/2.0": f"{ORIGIN}/nodeinfo/2.0",
        "http://nodeinfo.diaspora.software/ns/schema/2.1": f"{ORIGIN}/nodeinfo/2.1",
        "https://www.w3.org/ns/activitystreams#Application": instance.uri,
    }
    for uri in links.values():
        assert (await asker.get(uri)).status == 200


@pytest.mark.parametrize("version", ["2.0", "2.1"])
async def test_nodeinfo_describes_the_server(asker: Asker, version: str, section: Actor):
    reply = await asker.get(f"/nodeinfo/{version}")

    assert reply.headers["content-type"] == (
        f'application/json; profile="http://nodeinfo.diaspora.software/ns/schema/{version}#"'
    )
    assert reply.json == {
        "version": version,
        "software": {"name": "coopole", "version": VERSION},
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": False,
        "usage": {"users": {"total": 0, "activeMonth": 0, "activeHalfyear": 0}, "localPosts": 0},
        "metadata": {"nodeName": "Section de Lille"},
    }


async def test_a_server_without_a_section_goes_by_its_host(asker: Asker, ctx: Context):
    assert (await asker.get("/nodeinfo/2.0")).json["metadata"] == {"nodeName": "lille.test"}


async def test_other_versions_of_nodeinfo_are_not_found(asker: Asker, ctx: Context):
    for version in ("1.0", "2.2", "x"):
        assert (await asker.get(f"/nodeinfo/{version}")).status == 404


@pytest.mark.skipif(not NODEINFO.is_dir(), reason=f"the samples of other servers are not at {NODEINFO}")
@pytest.mark.parametrize("path", sorted(NODEINFO.glob("*nodeinfo2*.json")), ids=lambda path: path.stem)
async def test_nodeinfo_has_the_shape_that_others_have(asker: Asker, ctx: Context, path: Path):
    theirs = orjson.loads(path.read_bytes())
    ours = (await asker.get(f"/nodeinfo/{theirs['version']}")).json

    assert set(theirs) <= set(ours)
    assert set(theirs["usage"]["users"]) == set(ours["usage"]["users"])
    for name, value in theirs.items():
        assert type(ours[name]) is type(value)


class TestUsage:
    """People are counted by their logins, and as active by what they published for everybody."""

    async def usage(self, asker: Asker) -> tuple[int, int, int, int]:
        found = (await asker.get("/nodeinfo/2.0")).json["usage"]
        return (*found["users"].values(), found["localPosts"])

    async def test_counts_logins_and_their_open_posts(
        self, asker: Asker, member: Actor, other_member: Actor, section: Actor, remote_actor: Actor, ctx: Context
    ):
        await actions.publish(member, Draft("Un"), ctx)
        await actions.publish(member, Draft("Deux", Visibility.UNLISTED), ctx)
        await actions.publish(section, Draft("Trois"), ctx)
        await factories.post(remote_actor)

        assert await self.usage(asker) == (2, 1, 1, 3)

    async def test_does_not_show_who_writes_in_private(self, asker: Asker, member: Actor, ctx: Context):
        await actions.publish(member, Draft("entre nous", Visibility.FOLLOWERS), ctx)
        await actions.publish(member, Draft("pour toi", Visibility.DIRECT), ctx)

        assert await self.usage(asker) == (1, 0, 0, 0)

    async def test_leaves_out_the_gone_and_the_shut_out(
        self, asker: Asker, member: Actor, other_member: Actor, ctx: Context
    ):
        await actions.publish(member, Draft("Un"), ctx)
        await Actor.filter(id=other_member.id).update(gone_at=ctx.now())
        await Member.filter(actor_id=member.id).update(disabled_at=ctx.now())

        assert await self.usage(asker) == (0, 0, 0, 1)

    async def test_forgets_who_has_long_been_silent(self, asker: Asker, member: Actor, world: World, ctx: Context):
        await actions.publish(member, Draft("Un"), ctx)
        world.pass_time(days=40)

        assert await self.usage(asker) == (1, 0, 1, 1)

    async def test_is_counted_again_after_a_while_and_not_before(
        self, asker: Asker, member: Actor, world: World, ctx: Context
    ):
        before = await self.usage(asker)
        await actions.publish(member, Draft("Un"), ctx)

        assert await self.usage(asker) == before
        world.pass_time(minutes=11)
        assert await self.usage(asker) == (1, 1, 1, 1)

    async def test_names_the_main_section_and_no_other(self, asker: Asker, main_section: Section, ctx: Context):
        await factories.section(ctx, "fives", "Section de Fives", is_main=False)

        assert (await asker.get("/nodeinfo/2.1")).json["metadata"] == {"nodeName": "Section de Lille"}
