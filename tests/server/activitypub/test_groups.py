"""A section as other servers see it: its collections, and what is for its members, who sign for it."""

import pytest

from federation.context import Context
from models.activity import ActivityRecord
from models.actor import Actor
from models.membership import Membership, MembershipState
from models.post import Post, Visibility
from models.section import Openness, Section
from server.posts import actions
from server.posts.actions import Draft
from server.sections import membership
from tests import factories
from tests.federation.submitting import submit
from tests.server.activitypub.asker import Asker
from tests.world import World

COLLECTIONS = ("members", "posts", "events", "resources", "todos", "discussions")
SERVER = "https://far.test/actor"


async def test_mobilizon_finds_every_collection_of_a_section(section: Actor, asker: Asker) -> None:
    """Source: Mobilizon's refresher, which stops at the first that is missing."""
    document = (await asker.get(section.uri)).json
    assert document["openness"] == "moderated"
    assert document["endpoints"]["sharedInbox"]
    for name in COLLECTIONS:
        uri = document[name]
        assert document["endpoints"][name] == uri
        found = (await asker.get(uri)).json
        assert (found["id"], found["type"]) == (uri, "OrderedCollection")
        assert "first" in found if name in ("posts", "events") else found["orderedItems"] == []


@pytest.mark.parametrize("openness", list(Openness))
async def test_it_says_who_may_come_in_and_where_it_is(section: Actor, asker: Asker, openness: Openness) -> None:
    await Section.filter(actor_id=section.id).update(openness=openness, place="Lille", latitude=50, longitude=3.25)
    document = (await asker.get(section.uri)).json
    assert document["openness"] == openness.value
    assert document["location"] == {"type": "Place", "name": "Lille", "latitude": 50.0, "longitude": 3.25}
    assert isinstance(document["location"]["latitude"], float)


async def test_how_many_belong_is_told_to_nobody(
    section: Actor, member: Actor, remote_actor: Actor, asker: Asker, world: World
) -> None:
    await membership.add(section, member)
    await Membership.create(group=section, member=remote_actor, state=MembershipState.ACCEPTED)
    for signer in (None, world.signer(remote_actor.uri)):
        reply = await asker.get(section.members_uri or "", signer=signer)
        assert set(reply.json) == {"@context", "id", "type", "orderedItems"}
        assert reply.json["orderedItems"] == []


async def test_its_posts_are_what_its_outbox_has(section: Actor, asker: Asker, ctx: Context) -> None:
    for number in range(21):
        await actions.publish(section, Draft(f"Message {number}"), ctx)
    uri = f"{section.uri}/posts"
    collection = (await asker.get(uri)).json
    page = (await asker.get(collection["first"])).json
    assert (collection["totalItems"], page["partOf"], len(page["orderedItems"])) == (21, uri, 20)
    assert page["next"].startswith(f"{uri}?before=")
    outbox = (await asker.get(f"{section.outbox_uri}?page=true")).json
    assert page["orderedItems"] == outbox["orderedItems"]
    assert len((await asker.get(page["next"])).json["orderedItems"]) == 1


@pytest.mark.parametrize("name", COLLECTIONS)
async def test_a_person_has_none_of_them(member: Actor, asker: Asker, name: str) -> None:
    assert (await asker.get(f"{member.uri}/{name}")).status == 404
    assert name not in (await asker.get(member.uri)).json


class TestWhatIsForMembers:
    @pytest.fixture
    async def post(self, section: Actor, member: Actor, ctx: Context) -> Post:
        """What a member says to the others."""
        await membership.add(section, member)
        return await actions.publish(member, Draft("Entre nous", Visibility.SECTION, section=section), ctx)

    async def addresses(self, post: Post, asker: Asker) -> list[str]:
        create = await ActivityRecord.get(type="Create", object_uri=post.uri)
        return [post.uri, f"{post.uri}/replies", create.uri]

    async def statuses(self, post: Post, asker: Asker, world: World, uri: str | None) -> set[int]:
        signer = world.signer(uri) if uri else None
        return {(await asker.get(one, signer=signer)).status for one in await self.addresses(post, asker)}

    async def test_a_member_elsewhere_reads_it(
        self, post: Post, section: Actor, remote_actor: Actor, asker: Asker, world: World
    ) -> None:
        await Membership.create(group=section, member=remote_actor, state=MembershipState.ACCEPTED)
        assert await self.statuses(post, asker, world, remote_actor.uri) == {200}
        reply = await asker.get(post.uri, signer=world.signer(remote_actor.uri))
        assert reply.json["audience"] == section.uri
        assert reply.headers["cache-control"] == "private, no-store"

    async def test_a_members_server_reads_it_in_its_own_name(
        self, post: Post, section: Actor, remote_actor: Actor, asker: Asker, world: World
    ) -> None:
        world.serve(factories.actor_document(SERVER, kind="Application"))
        assert await self.statuses(post, asker, world, SERVER) == {404}
        assert world.fetched == []
        await Membership.create(group=section, member=remote_actor, state=MembershipState.ACCEPTED)
        assert await self.statuses(post, asker, world, SERVER) == {200}

    async def test_the_server_of_a_group_reads_what_is_for_its_members(
        self, member: Actor, ctx: Context, asker: Asker, world: World
    ) -> None:
        uri = "https://far.test/groups/nord"
        group = await factories.remote_actor(ctx, world, uri, kind="Group", members=f"{uri}/members")
        await Membership.create(group=group, member=member, state=MembershipState.ACCEPTED)
        post = await actions.publish(member, Draft("Entre nous", Visibility.SECTION, section=group), ctx)
        world.serve(factories.actor_document(SERVER, kind="Application"))
        world.serve(factories.actor_document("https://third.test/actor", kind="Application"))
        assert await self.statuses(post, asker, world, SERVER) == {200}
        assert await self.statuses(post, asker, world, uri) == {200}
        assert await self.statuses(post, asker, world, "https://third.test/actor") == {404}

    @pytest.mark.parametrize("state", [MembershipState.REQUESTED, MembershipState.INVITED, None])
    async def test_nobody_else_does(
        self, post: Post, section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context, asker: Asker,
        world: World, state: MembershipState | None,
    ) -> None:  # fmt: skip
        await factories.follow(remote_actor, section)
        await factories.follow(remote_actor, await Actor.get(id=post.actor_id))
        if state is not None:
            await Membership.create(group=section, member=remote_actor, state=state)
        await factories.remote_actor(ctx, world, SERVER, kind="Application")
        for reader in (None, remote_actor.uri, stranger.uri, SERVER):
            assert await self.statuses(post, asker, world, reader) == {404}

    async def test_a_person_on_a_members_server_does_not(
        self, post: Post, section: Actor, remote_actor: Actor, ctx: Context, asker: Asker, world: World
    ) -> None:
        await Membership.create(group=section, member=remote_actor, state=MembershipState.ACCEPTED)
        neighbour = await factories.remote_actor(ctx, world, "https://far.test/users/ali")
        assert await self.statuses(post, asker, world, neighbour.uri) == {404}

    async def test_another_groups_members_do_not(
        self, post: Post, remote_actor: Actor, ctx: Context, asker: Asker, world: World
    ) -> None:
        brest = await factories.section(ctx, "brest", "Section de Brest", is_main=False)
        await Membership.create(group=brest, member=remote_actor, state=MembershipState.ACCEPTED)
        assert await self.statuses(post, asker, world, remote_actor.uri) == {404}

    async def test_it_stands_in_no_outbox(self, post: Post, section: Actor, member: Actor, asker: Asker) -> None:
        for actor in (section, member):
            page = await asker.get(f"{actor.outbox_uri}?page=true")
            assert page.json["orderedItems"] == []


async def test_what_a_section_passed_on_is_not_read_there_once_it_is_deleted(
    section: Actor, remote_actor: Actor, asker: Asker, ctx: Context
) -> None:
    await Membership.create(group=section, member=remote_actor, state=MembershipState.ACCEPTED)
    addressed = {"to": [factories.PUBLIC], "cc": [section.uri], "content": "<p>Regretté</p>"}
    await submit(factories.create(remote_actor.uri, **addressed), remote_actor, ctx)
    announces = [record.uri for record in await ActivityRecord.filter(type="Announce")]
    assert len(announces) == 2
    read = [(await asker.get(uri)).body.decode() for uri in announces]
    assert sum("Regretté" in text for text in read) == 1

    gone = factories.activity("Delete", remote_actor.uri, f"{remote_actor.uri}/notes/1", to=[factories.PUBLIC])
    await submit(gone, remote_actor, ctx)

    for uri in announces:
        assert "Regretté" not in (await asker.get(uri)).body.decode()
