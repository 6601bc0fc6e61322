"""What is for the members of a group alone: who may say it, whom it reaches, who reads it."""

from typing import Any

import pytest

from federation.context import Context
from federation.errors import FederationError, NotAuthorised, UnsupportedActivity
from federation.jsonld import load
from federation.proofs import is_proven
from models.activity import ActivityRecord
from models.actor import Actor
from models.delivery import Delivery
from models.membership import Membership, MembershipState
from models.post import Post, Visibility
from models.timeline import HomeRow
from server.errors import Forbidden, Invalid
from server.posts import actions
from server.posts.actions import Draft
from server.sections import membership
from tests import factories
from tests.factories import PUBLIC
from tests.federation.submitting import submit
from tests.proving import multikey, proven
from tests.world import World

GROUP = "https://far.test/groups/nord"
MEMBERS = f"{GROUP}/members"
MAX = "https://elsewhere.test/users/max"
COMRADE = "https://third.test/users/ines"


async def join(actor: Actor, group: Actor, state: MembershipState = MembershipState.ACCEPTED) -> None:
    await Membership.create(group=group, member=actor, state=state)


async def owed() -> list[tuple[str, str]]:
    """What is owed, to whom."""
    rows = await Delivery.all().select_related("activity").order_by("id")
    return [(row.activity.type, row.inbox_uri) for row in rows]


async def homes() -> set[int]:
    return {row.owner_id for row in await HomeRow.all()}


async def readers(post: Post, *actors: Actor | None) -> list[bool]:
    return [await Post.visible_to(actor).filter(id=post.id).exists() for actor in actors]


class TestOfASectionOfOurs:
    @pytest.fixture
    async def comrade(self, section: Actor, member: Actor, ctx: Context, world: World) -> Actor:
        """A member of the section on another server; one of ours is one too."""
        await join(member, section)
        actor = await factories.remote_actor(ctx, world, COMRADE)
        await join(actor, section)
        return actor

    @pytest.fixture
    async def followers(self, section: Actor, member: Actor, other_member: Actor, remote_actor: Actor) -> list[Actor]:
        """Those who follow the section and its member, and do not belong to it, though one would like to."""
        for follower in (other_member, remote_actor):
            await factories.follow(follower, section)
            await factories.follow(follower, member)
        await join(remote_actor, section, MembershipState.REQUESTED)
        return [other_member, remote_actor]

    async def test_a_members_post_goes_to_members_and_to_nobody_else(
        self, section: Actor, member: Actor, comrade: Actor, followers: list[Actor], ctx: Context
    ) -> None:
        post = await actions.publish(member, Draft("Entre nous", Visibility.SECTION, section=section), ctx)

        assert (post.visibility, post.group_id) == (Visibility.SECTION, section.id)
        assert (post.to_uris, post.cc_uris) == ([section.members_uri], [section.uri])
        assert await owed() == [("Create", comrade.delivery_uri)]
        assert await homes() == {member.id}
        assert await readers(post, member, comrade, section) == [True] * 3
        assert await readers(post, *followers, None) == [False] * 3
        assert is_proven(load((await ActivityRecord.get(type="Create")).document))
        assert not await ActivityRecord.exists(type="Announce")

    async def test_its_update_and_delete_go_the_same_way(
        self, section: Actor, member: Actor, comrade: Actor, followers: list[Actor], ctx: Context
    ) -> None:
        post = await actions.publish(member, Draft("Entre nous", Visibility.SECTION, section=section), ctx)
        post = await actions.edit(member, post, Draft("Entre nous deux", Visibility.SECTION), ctx)
        await actions.delete(member, post, ctx)
        assert await owed() == [(kind, comrade.delivery_uri) for kind in ("Create", "Update", "Delete")]

    async def test_the_section_speaks_to_its_members(
        self, section: Actor, member: Actor, comrade: Actor, followers: list[Actor], ctx: Context
    ) -> None:
        post = await actions.publish(section, Draft("Ordre du jour", Visibility.SECTION), ctx)
        assert await owed() == [("Create", comrade.delivery_uri)]
        assert await homes() == {section.id, member.id}
        assert await readers(post, member, *followers) == [True, False, False]

    async def test_a_post_of_a_member_elsewhere_is_passed_on_to_members_alone(
        self, section: Actor, member: Actor, comrade: Actor, followers: list[Actor], ctx: Context, world: World
    ) -> None:
        other = await factories.remote_actor(ctx, world, MAX)
        await join(other, section)
        await submit(factories.create(MAX, to=[section.members_uri], cc=[section.uri]), other, ctx)

        post = await Post.get()
        assert (post.visibility, post.group_id, post.announces_count) == (Visibility.SECTION, section.id, 0)
        assert sorted(await owed()) == sorted(("Announce", actor.delivery_uri) for actor in (comrade, other))
        document = load((await ActivityRecord.get(type="Announce")).document)
        assert (document["to"], document.get("cc")) == ([section.members_uri], None)
        assert document["object"]["id"] == f"{MAX}/create/1"
        assert await homes() == {member.id, section.id}
        assert await readers(post, comrade, *followers, None) == [True, False, False, False]

    async def test_its_later_update_and_delete_are_passed_on_to_members_alone(
        self, section: Actor, comrade: Actor, followers: list[Actor], ctx: Context
    ) -> None:
        to = {"to": [section.members_uri]}
        await submit(factories.create(COMRADE, **to, cc=[]), comrade, ctx)
        changed = factories.note(COMRADE, **to, cc=[], content="<p>Mieux</p>")
        await submit(factories.activity("Update", COMRADE, changed, **to), comrade, ctx)
        await submit(factories.activity("Delete", COMRADE, f"{COMRADE}/notes/1", **to), comrade, ctx)
        announces = [load(row.document) for row in await ActivityRecord.filter(type="Announce").order_by("id")]
        assert [item["object"]["type"] for item in announces] == ["Create", "Update", "Delete"]
        assert {(tuple(item["to"]), item.get("cc")) for item in announces} == {((section.members_uri,), None)}

    @pytest.mark.parametrize("state", [MembershipState.REQUESTED, MembershipState.INVITED, None])
    async def test_who_does_not_belong_says_nothing_to_members(
        self, section: Actor, member: Actor, comrade: Actor, stranger: Actor, ctx: Context, state: Any
    ) -> None:
        await factories.follow(member, stranger)
        if state is not None:
            await join(stranger, section, state)
        with pytest.raises(NotAuthorised, match="does not belong"):
            await submit(factories.create(MAX, to=[section.members_uri], cc=[section.uri]), stranger, ctx)
        assert not await Post.exists()
        assert await owed() == []

    async def test_who_does_not_belong_publishes_nothing_for_members(
        self, section: Actor, comrade: Actor, other_member: Actor, ctx: Context
    ) -> None:
        with pytest.raises(Forbidden, match="do not belong"):
            await actions.publish(other_member, Draft("Moi aussi", Visibility.SECTION, section=section), ctx)

    async def test_members_of_nothing_cannot_be_addressed(self, member: Actor, ctx: Context) -> None:
        with pytest.raises(Invalid, match="which section"):
            await actions.publish(member, Draft("Entre nous", Visibility.SECTION), ctx)

    async def test_public_or_followers_beside_members_say_more(
        self, section: Actor, comrade: Actor, ctx: Context
    ) -> None:
        for number, (more, visibility) in enumerate(
            [(PUBLIC, Visibility.UNLISTED), (f"{COMRADE}/followers", Visibility.FOLLOWERS)]
        ):
            await submit(factories.create(COMRADE, number, to=[section.members_uri], cc=[more]), comrade, ctx)
            assert (await Post.get(uri=f"{COMRADE}/notes/{number}")).visibility is visibility

    async def test_who_leaves_reads_it_no_longer(
        self, section: Actor, member: Actor, comrade: Actor, ctx: Context
    ) -> None:
        await submit(factories.create(COMRADE, to=[section.members_uri], cc=[]), comrade, ctx)
        own = await actions.publish(member, Draft("De moi", Visibility.SECTION, section=section), ctx)
        await membership.leave(member, section, ctx)
        theirs = await Post.get(uri=f"{COMRADE}/notes/1")
        assert await readers(theirs, member) == [False]
        assert [row.post_id for row in await HomeRow.filter(owner_id=member.id)] == [own.id]

    async def test_who_has_left_may_delete_what_they_said_and_no_longer_edit_it(
        self, section: Actor, member: Actor, comrade: Actor, ctx: Context
    ) -> None:
        to = {"to": [section.members_uri]}
        await submit(factories.create(COMRADE, **to, cc=[]), comrade, ctx)
        await submit(factories.activity("Leave", COMRADE, section.uri), comrade, ctx)
        await Delivery.all().delete()
        changed = factories.note(COMRADE, **to, cc=[], content="<p>Votez autrement</p>")

        with pytest.raises(NotAuthorised, match="does not belong"):
            await submit(factories.activity("Update", COMRADE, changed, **to), comrade, ctx)
        assert (await Post.get()).content_html == "<p>Note 1</p>"
        assert await owed() == []

        await submit(factories.activity("Delete", COMRADE, f"{COMRADE}/notes/1", **to), comrade, ctx)
        assert not await Post.exists()
        last = await ActivityRecord.filter(type="Announce").order_by("-id").first()
        assert last is not None
        assert load(last.document)["object"]["type"] == "Delete"

    async def test_who_was_removed_edits_nothing_and_who_comes_back_may_again(
        self, section: Actor, member: Actor, comrade: Actor, ctx: Context
    ) -> None:
        to = {"to": [section.members_uri]}
        await submit(factories.create(COMRADE, **to, cc=[]), comrade, ctx)
        await membership.remove(section, comrade, None, ctx)
        changed = factories.note(COMRADE, **to, cc=[], content="<p>Mieux</p>")
        update = factories.activity("Update", COMRADE, changed, **to)
        with pytest.raises(NotAuthorised, match="does not belong"):
            await submit(update, comrade, ctx)

        await submit(factories.activity("Join", COMRADE, section.uri), comrade, ctx)
        with pytest.raises(NotAuthorised, match="does not belong"):
            await submit(update, comrade, ctx)
        await membership.approve(section, comrade, None, ctx)
        await submit(update, comrade, ctx)

        assert (await Post.get()).content_html == "<p>Mieux</p>"
        announces = await ActivityRecord.filter(type="Announce").order_by("id")
        assert [load(row.document)["object"]["type"] for row in announces] == ["Create", "Update"]

    async def test_a_member_of_ours_who_has_left_may_delete_and_no_longer_edit(
        self, section: Actor, member: Actor, comrade: Actor, ctx: Context
    ) -> None:
        post = await actions.publish(member, Draft("Entre nous", Visibility.SECTION, section=section), ctx)
        await membership.leave(member, section, ctx)
        for visibility in (Visibility.SECTION, Visibility.PUBLIC):
            with pytest.raises(Forbidden, match="only be deleted"):
                await actions.edit(member, post, Draft("Entre eux", visibility), ctx)
        await actions.delete(member, post, ctx)
        assert await owed() == [("Create", comrade.delivery_uri), ("Delete", comrade.delivery_uri)]

    async def test_a_member_may_like_it_and_others_may_not(
        self, section: Actor, member: Actor, comrade: Actor, stranger: Actor, ctx: Context
    ) -> None:
        post = await actions.publish(member, Draft("Entre nous", Visibility.SECTION, section=section), ctx)
        await submit(factories.activity("Like", COMRADE, post.uri), comrade, ctx)
        with pytest.raises(NotAuthorised):
            await submit(factories.activity("Like", MAX, post.uri), stranger, ctx)
        with pytest.raises(NotAuthorised):
            await submit(factories.activity("Announce", COMRADE, post.uri), comrade, ctx)
        assert not await ActivityRecord.exists(actor_uri=section.uri)


class TestOfAGroupElsewhere:
    @pytest.fixture
    async def group(self, member: Actor, other_member: Actor, ctx: Context, world: World) -> Actor:
        """A group to which a member of ours belongs, and which another one only follows."""
        found = await factories.remote_actor(ctx, world, GROUP, kind="Group", members=MEMBERS)
        await join(member, found)
        await factories.follow(other_member, found)
        return found

    def around(self, inner: dict[str, Any]) -> dict[str, Any]:
        return factories.activity("Announce", GROUP, inner, to=[MEMBERS])

    async def test_what_it_passes_on_reaches_our_members_alone(
        self, group: Actor, member: Actor, other_member: Actor, ctx: Context, world: World
    ) -> None:
        world.serve(factories.actor_document(MAX, assertionMethod=[multikey(MAX)]))
        create = proven(factories.create(MAX, to=[MEMBERS], cc=[GROUP]), world.now)
        await submit(self.around(create), group, ctx)

        post = await Post.get()
        assert (post.visibility, post.group_id) == (Visibility.SECTION, group.id)
        assert await homes() == {member.id}
        assert await readers(post, member, other_member, None) == [True, False, False]

    async def test_without_a_proof_it_is_fetched_from_home(
        self, group: Actor, member: Actor, ctx: Context, world: World
    ) -> None:
        world.serve(factories.actor_document(MAX))
        create = factories.create(MAX, to=[MEMBERS], cc=[])
        world.serve(create)
        await submit(self.around(create), group, ctx)
        assert await homes() == {member.id}

    async def test_its_own_server_may_say_it_directly(
        self, group: Actor, remote_actor: Actor, member: Actor, ctx: Context
    ) -> None:
        await submit(factories.create(remote_actor.uri, to=[MEMBERS], cc=[GROUP]), remote_actor, ctx)
        await submit(factories.create(GROUP, to=[MEMBERS], cc=[]), group, ctx)
        assert {post.group_id for post in await Post.all()} == {group.id}
        assert await homes() == {member.id}

    async def test_a_stranger_may_not(self, group: Actor, member: Actor, stranger: Actor, ctx: Context) -> None:
        create = factories.create(MAX, to=[MEMBERS], cc=[GROUP])
        with pytest.raises(UnsupportedActivity):
            await submit(create, stranger, ctx)
        await factories.follow(member, stranger)
        with pytest.raises(NotAuthorised, match="has not passed on"):
            await submit(create, stranger, ctx)
        assert not await Post.exists()

    async def test_an_edit_counts_when_the_group_passes_it_on(
        self, group: Actor, member: Actor, stranger: Actor, ctx: Context, world: World
    ) -> None:
        world.serve(factories.actor_document(MAX, assertionMethod=[multikey(MAX)]))
        await submit(self.around(proven(factories.create(MAX, to=[MEMBERS], cc=[GROUP]), world.now)), group, ctx)
        changed = factories.note(MAX, to=[MEMBERS], cc=[GROUP], content="<p>Mieux</p>")
        update = proven(factories.activity("Update", MAX, changed, to=[MEMBERS], cc=[GROUP]), world.now)
        with pytest.raises(NotAuthorised, match="has not passed on"):
            await submit(update, stranger, ctx)
        assert (await Post.get()).content_html == "<p>Note 1</p>"

        await submit(factories.activity("Announce", GROUP, update, 2, to=[MEMBERS]), group, ctx)
        assert (await Post.get()).content_html == "<p>Mieux</p>"

    async def test_another_group_may_not_pass_it_on(
        self, group: Actor, member: Actor, ctx: Context, world: World
    ) -> None:
        uri = "https://forum.test/c/sud"
        other = await factories.remote_actor(ctx, world, uri, kind="Group")
        await factories.follow(member, other)
        world.serve(factories.actor_document(MAX, assertionMethod=[multikey(MAX)]))
        create = proven(factories.create(MAX, to=[MEMBERS], cc=[GROUP]), world.now)
        with pytest.raises(NotAuthorised, match="has not passed on"):
            await submit(factories.activity("Announce", uri, create), other, ctx)
        assert not await Post.exists()

    async def test_what_our_member_says_goes_to_the_group_to_pass_on(
        self, group: Actor, member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context
    ) -> None:
        await factories.follow(remote_actor, member)
        await factories.follow(other_member, member)
        await actions.publish(member, Draft("Entre nous", Visibility.SECTION, section=group), ctx)
        assert await owed() == [("Create", group.delivery_uri)]
        assert await homes() == {member.id}

    async def test_when_nobody_here_belongs_it_is_not_wanted(
        self, group: Actor, remote_actor: Actor, member: Actor, ctx: Context
    ) -> None:
        await Membership.all().delete()
        with pytest.raises(FederationError):
            await submit(factories.create(remote_actor.uri, to=[MEMBERS], cc=[GROUP]), remote_actor, ctx)
