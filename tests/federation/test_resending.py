"""What our sections pass on: posts addressed to them, once, and what is said about those; nothing else."""

from typing import Any

import pytest

from federation.context import Context
from federation.jsonld import load
from federation.proofs import is_proven
from models.activity import ActivityRecord
from models.actor import Actor
from models.delivery import Delivery
from models.membership import Membership, MembershipState
from models.moderation import Block
from models.post import Post, Visibility
from models.reaction import Announce
from models.section import AnnouncesFrom, Section
from models.timeline import HomeRow
from server.posts import actions
from server.posts.actions import Draft
from server.sections.actions import announce_from, stop_announcing
from tests import factories
from tests.factories import PUBLIC
from tests.federation.submitting import submit
from tests.world import World

FOLLOWER = "https://third.test/users/ines"


async def join(actor: Actor, section: Actor) -> None:
    await Membership.create(group=section, member=actor, state=MembershipState.ACCEPTED)


@pytest.fixture
async def follower(section: Actor, ctx: Context, world: World) -> Actor:
    """Somebody elsewhere who follows the section."""
    actor = await factories.remote_actor(ctx, world, FOLLOWER)
    await factories.follow(actor, section)
    return actor


@pytest.fixture
async def author(section: Actor, remote_actor: Actor, follower: Actor) -> Actor:
    """A member of the section who lives elsewhere."""
    await join(remote_actor, section)
    return remote_actor


def create(author: Actor, section: Actor, number: int = 1, **more: Any) -> dict[str, Any]:
    """A post for the section."""
    return factories.create(author.uri, number, **({"cc": [section.uri], "audience": section.uri} | more))


async def announced(section: Actor) -> list[dict[str, Any]]:
    """What the section announced, oldest first."""
    rows = await ActivityRecord.filter(actor_uri=section.uri, type="Announce").order_by("id")
    return [load(row.document) for row in rows]


async def owed_to(actor: Actor) -> list[str]:
    rows = await Delivery.filter(inbox_uri=actor.delivery_uri).select_related("activity").order_by("id")
    return [row.activity.type for row in rows]


class TestAPostForASection:
    async def test_is_announced_as_itself_and_as_its_create(
        self, section: Actor, author: Actor, follower: Actor, ctx: Context
    ) -> None:
        said = create(author, section)
        await submit(said, author, ctx)

        as_post, as_activity = await announced(section)
        assert (as_post["object"], as_post["to"]) == (said["object"]["id"], [PUBLIC])
        assert as_post["cc"] == [section.followers_uri, author.uri]
        assert as_activity["object"] == said
        assert (as_activity["to"], as_activity["cc"]) == ([PUBLIC], [section.followers_uri])
        assert as_post["id"] != as_activity["id"]
        assert await owed_to(follower) == ["Announce", "Announce"]
        assert await owed_to(author) == ["Announce"]

    async def test_belongs_to_it_from_then_on(self, section: Actor, author: Actor, ctx: Context) -> None:
        await submit(create(author, section, audience=None), author, ctx)
        post = await Post.get()
        assert (post.group_id, post.announces_count) == (section.id, 1)

    async def test_comes_to_its_followers_here_once(
        self, section: Actor, author: Actor, other_member: Actor, ctx: Context
    ) -> None:
        await factories.follow(other_member, section)
        await factories.follow(other_member, author)
        await submit(create(author, section), author, ctx)
        assert await HomeRow.filter(owner_id=other_member.id).count() == 1

    async def test_is_announced_once_however_often_it_comes(self, section: Actor, author: Actor, ctx: Context) -> None:
        said = create(author, section)
        await submit(said, author, ctx)
        await submit(said, author, ctx)
        await submit(said | {"id": f"{said['id']}/again"}, author, ctx)
        assert len(await announced(section)) == 2

    async def test_of_a_member_here_bears_their_proof(
        self, section: Actor, member: Actor, follower: Actor, ctx: Context
    ) -> None:
        await join(member, section)
        post = await actions.publish(member, Draft("Bonjour @lille"), ctx)

        as_post, as_activity = await announced(section)
        assert as_post["object"] == post.uri
        assert as_activity["object"]["object"]["audience"] == section.uri
        assert is_proven(as_activity["object"])
        assert is_proven(as_activity)
        assert (await Announce.get()).actor_id == section.id

    async def test_that_answers_one_of_its_posts_is_announced(
        self, section: Actor, author: Actor, ctx: Context
    ) -> None:
        await submit(create(author, section), author, ctx)
        reply = factories.create(author.uri, 2, inReplyTo=f"{author.uri}/notes/1")
        await submit(reply, author, ctx)
        assert len(await announced(section)) == 4
        assert (await Post.get(uri=reply["object"]["id"])).group_id == section.id

    async def test_that_does_not_name_it_is_not_announced(
        self, section: Actor, author: Actor, member: Actor, ctx: Context
    ) -> None:
        await factories.follow(member, author)
        await submit(factories.create(author.uri), author, ctx)
        assert await announced(section) == []

    async def test_of_its_own_is_not_announced(self, section: Actor, follower: Actor, ctx: Context) -> None:
        await actions.publish(section, Draft("De la section @lille"), ctx)
        assert await announced(section) == []
        assert await owed_to(follower) == ["Create"]

    @pytest.mark.parametrize("to", [["https://far.test/users/noor/followers"], []])
    async def test_that_is_not_for_everybody_is_not_announced(
        self, section: Actor, author: Actor, ctx: Context, to: list[str]
    ) -> None:
        await submit(create(author, section, to=to), author, ctx)
        assert (await Post.get()).visibility in (Visibility.FOLLOWERS, Visibility.DIRECT)
        assert await announced(section) == []


@pytest.mark.parametrize(
    ("rule", "passes"),
    [
        (AnnouncesFrom.NOBODY, set()),
        (AnnouncesFrom.MEMBERS, {"member"}),
        (AnnouncesFrom.FOLLOWERS, {"member", "follower"}),
        (AnnouncesFrom.EVERYBODY, {"member", "follower", "stranger", "asker"}),
    ],
)
@pytest.mark.parametrize("who", ["member", "follower", "stranger", "asker", "blocked"])
async def test_a_section_chooses_whose_posts_it_passes_on(
    section: Actor, remote_actor: Actor, ctx: Context, who: str, rule: AnnouncesFrom, passes: set[str]
) -> None:
    await announce_from(await Section.get(actor_id=section.id), rule, None)
    if who in ("member", "blocked"):
        await join(remote_actor, section)
    if who == "asker":
        await Membership.create(group=section, member=remote_actor)
    if who == "follower":
        await factories.follow(remote_actor, section)
    if who == "blocked":
        await Block.create(uri=f"{section.uri}/blocks/1", blocker=section, blocked=remote_actor)
    await submit(create(remote_actor, section), remote_actor, ctx)
    assert bool(await announced(section)) == (who in passes)


async def test_members_are_whose_posts_a_new_section_passes_on(section: Actor) -> None:
    assert (await Section.get(actor_id=section.id)).announces_from is AnnouncesFrom.MEMBERS


class TestWhatIsSaidLater:
    @pytest.fixture
    async def post(self, section: Actor, author: Actor, ctx: Context) -> Post:
        """A post that the section passed on."""
        await submit(create(author, section), author, ctx)
        await Delivery.all().delete()
        return await Post.get()

    async def last(self, section: Actor) -> dict[str, Any] | None:
        """What the section announced about it since."""
        every = await announced(section)
        assert len(every) <= 3
        return every[2] if len(every) == 3 else None

    async def test_an_update_is_passed_on_as_it_came(
        self, post: Post, section: Actor, author: Actor, follower: Actor, ctx: Context
    ) -> None:
        changed = factories.note(author.uri, content="<p>Mieux</p>")
        update = factories.activity("Update", author.uri, changed, to=[PUBLIC])
        await submit(update, author, ctx)
        found = await self.last(section)
        assert found is not None
        assert found["object"] == update
        assert await owed_to(follower) == ["Announce"]

    async def test_an_update_for_fewer_is_not(self, post: Post, section: Actor, author: Actor, ctx: Context) -> None:
        narrower = factories.note(author.uri, to=[f"{author.uri}/followers"], cc=[])
        await submit(factories.activity("Update", author.uri, narrower), author, ctx)
        assert await self.last(section) is None

    async def test_an_update_by_who_belongs_no_longer_is_not_and_their_delete_is(
        self, post: Post, section: Actor, author: Actor, ctx: Context
    ) -> None:
        await Membership.all().delete()
        changed = factories.note(author.uri, content="<p>Votez autrement</p>")
        await submit(factories.activity("Update", author.uri, changed, to=[PUBLIC]), author, ctx)
        assert await self.last(section) is None
        await submit(factories.activity("Delete", author.uri, post.uri), author, ctx)
        found = await self.last(section)
        assert found is not None
        assert found["object"]["type"] == "Delete"

    async def test_a_delete_is(self, post: Post, section: Actor, author: Actor, follower: Actor, ctx: Context) -> None:
        await submit(factories.activity("Delete", author.uri, post.uri), author, ctx)
        found = await self.last(section)
        assert found is not None
        assert found["object"]["type"] == "Delete"
        assert await owed_to(follower) == [
            "Undo",
            "Announce",
        ]  # for those who know the post only from its Announce, too

    async def test_a_like_for_the_section_is_and_so_is_its_undo(
        self, post: Post, section: Actor, author: Actor, ctx: Context
    ) -> None:
        like = factories.activity("Like", author.uri, post.uri, audience=section.uri)
        await submit(like, author, ctx)
        found = await self.last(section)
        assert found is not None
        assert found["object"] == like
        await submit(factories.activity("Undo", author.uri, like, audience=section.uri), author, ctx)
        assert (await announced(section))[3]["object"]["type"] == "Undo"

    async def test_a_like_for_the_author_alone_is_nobody_elses_business(
        self, post: Post, section: Actor, author: Actor, member: Actor, ctx: Context
    ) -> None:
        await join(member, section)
        await actions.like(member, post, ctx)
        await actions.unlike(member, post, ctx)
        assert await self.last(section) is None

    async def test_a_strangers_like_is_not(self, post: Post, section: Actor, stranger: Actor, ctx: Context) -> None:
        await submit(factories.activity("Like", stranger.uri, post.uri, to=[PUBLIC, section.uri]), stranger, ctx)
        assert await self.last(section) is None

    async def test_nothing_is_said_about_posts_that_were_not_passed_on(
        self, section: Actor, author: Actor, member: Actor, ctx: Context
    ) -> None:
        await factories.follow(member, author)
        await submit(factories.create(author.uri), author, ctx)
        await submit(factories.activity("Like", author.uri, f"{author.uri}/notes/1", to=[PUBLIC]), author, ctx)
        assert await announced(section) == []

    async def test_the_section_takes_both_announces_back(
        self, post: Post, section: Actor, follower: Actor, ctx: Context
    ) -> None:
        await stop_announcing(await Section.get(actor_id=section.id), post, None, ctx)
        undone = [load(row.document)["object"]["id"] for row in await ActivityRecord.filter(type="Undo").order_by("id")]
        assert undone == [item["id"] for item in await announced(section)]
        assert await owed_to(follower) == ["Undo", "Undo"]
        assert not await Announce.exists()
        assert (await Post.get()).announces_count == 0

    async def test_a_delete_still_reaches_those_who_got_the_post(
        self, post: Post, section: Actor, author: Actor, follower: Actor, ctx: Context
    ) -> None:
        await stop_announcing(await Section.get(actor_id=section.id), post, None, ctx)
        await Delivery.all().delete()
        update = factories.activity("Update", author.uri, factories.note(author.uri), to=[PUBLIC])
        await submit(update, author, ctx)
        assert await owed_to(follower) == []
        await submit(factories.activity("Delete", author.uri, post.uri), author, ctx)
        assert await owed_to(follower) == ["Announce"]
