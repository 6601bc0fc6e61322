"""What is written about somebody in words: when they are gone, nothing here names them but what says that they are."""

from datetime import timedelta

import pytest

from federation.context import Context
from federation.errors import NotAuthorised
from federation.jsonld import load
from models.activity import ActivityRecord
from models.actor import Actor
from models.consent import Look
from models.delivery import Delivery
from models.errand import Errand, ErrandType
from models.ids import new_id
from models.inbox import InboxMessage
from models.membership import Membership
from models.post import Post
from models.role import SectionAct
from models.section import AnnouncesFrom, Section
from server.housekeeping import run
from server.housekeeping.chores import Terms
from server.members import leaving
from server.posts import actions
from server.posts.actions import Draft
from server.privacy.erasing import forget
from server.sections import membership, people, transfer
from tests import factories
from tests.factories import PUBLIC
from tests.federation.submitting import submit
from tests.world import World

FOLLOWER = "https://third.test/users/ines"


async def naming(actor: Actor) -> list[str]:
    """The types of the activities kept that name somebody, oldest first."""
    rows = await ActivityRecord.all().order_by("id")
    written = ((row, f"{row.uri} {row.actor_uri} {row.object_uri} {row.concerns_uri} {row.document}") for row in rows)
    return [row.type for row, text in written if actor.uri in text]


async def later(ctx: Context) -> None:
    """Let everything be delivered, and a week go by."""
    await Delivery.all().delete()
    await run.sweep(Terms(ctx.now() + timedelta(days=8), 0), seconds=3600)


@pytest.fixture
async def brest(ctx: Context) -> Actor:
    """A second section here."""
    return await factories.section(ctx, "brest", "Section de Brest", is_main=False)


@pytest.fixture
async def belonging(section: Actor, remote_actor: Actor, ctx: Context, world: World) -> Actor:
    """Somebody elsewhere who belongs, follows, has spoken to the section, and wants to move; others hear of it."""
    await Section.all().update(announces_from=AnnouncesFrom.MEMBERS)
    await factories.follow(await factories.remote_actor(ctx, world, FOLLOWER), section)
    await submit(factories.activity("Join", remote_actor.uri, section.uri, to=[section.uri]), remote_actor, ctx)
    await membership.approve(section, remote_actor, None, ctx)
    await submit(factories.activity("Follow", remote_actor.uri, section.uri), remote_actor, ctx)
    for number, to in enumerate(([PUBLIC], [section.members_uri])):
        create = factories.create(remote_actor.uri, number, to=to, cc=[section.uri])
        await submit(create, remote_actor, ctx)
    return remote_actor


def farewell(actor: Actor) -> dict[str, object]:
    return factories.activity("Delete", actor.uri, actor.uri, "self")


async def test_what_sections_said_of_somebody_elsewhere_goes_with_them(
    belonging: Actor, section: Actor, brest: Actor, ctx: Context
) -> None:
    ends = {"origin": section.uri, "target": brest.uri, "to": [section.uri, brest.uri]}
    await submit(factories.activity("Move", belonging.uri, belonging.uri, **ends), belonging, ctx)
    await submit(factories.activity("Undo", belonging.uri, f"{belonging.uri}/move/1"), belonging, ctx)
    await membership.remove(section, belonging, None, ctx)
    await membership.invite(section, belonging, None, ctx)
    assert {"Join", "Accept", "Move", "Undo", "Reject", "Remove", "Invite", "Announce"} <= set(await naming(belonging))

    await submit(farewell(belonging), belonging, ctx)

    assert await naming(belonging) == ["Delete", "Undo"]
    assert [row.activity.type for row in await Delivery.all().select_related("activity")] == ["Undo"]


async def test_the_end_of_what_was_shown_goes_once_it_was_delivered(belonging: Actor, ctx: Context) -> None:
    await submit(farewell(belonging), belonging, ctx)
    await run.sweep(Terms(ctx.now() + timedelta(days=8), 0), seconds=3600)
    assert await naming(belonging) == ["Delete", "Undo"]
    await later(ctx)
    assert await naming(belonging) == ["Delete"]


async def test_what_was_deleted_before_goes_too_and_its_deletion_is_still_passed_on(
    belonging: Actor, section: Actor, member: Actor, ctx: Context, world: World
) -> None:
    comrade = await factories.remote_actor(ctx, world, "https://fourth.test/users/lou")
    await Membership.create(group=section, member=comrade, state="accepted")
    delete = factories.activity("Delete", belonging.uri, f"{belonging.uri}/notes/1", to=[section.members_uri])
    await submit(delete, belonging, ctx)

    await submit(farewell(belonging), belonging, ctx)

    owed = await Delivery.filter(inbox_uri=comrade.delivery_uri).select_related("activity")
    assert [load(row.activity.document)["object"]["type"] for row in owed] == ["Delete"]
    await later(ctx)
    assert await naming(belonging) == ["Delete", "Delete"]


async def test_who_is_gone_stays_gone(belonging: Actor, section: Actor, ctx: Context) -> None:
    await submit(farewell(belonging), belonging, ctx)
    await later(ctx)
    create = factories.create(belonging.uri, 0, to=[PUBLIC], cc=[section.uri])
    for said in (create, factories.activity("Join", belonging.uri, section.uri)):
        with pytest.raises(NotAuthorised, match="is no more"):
            await submit(said, belonging, ctx)
    assert not await Post.exists()


async def test_others_lose_nothing(belonging: Actor, section: Actor, stranger: Actor, ctx: Context) -> None:
    await submit(factories.activity("Join", stranger.uri, section.uri, to=[section.uri]), stranger, ctx)
    await membership.approve(section, stranger, None, ctx)
    await submit(factories.create(stranger.uri, to=[PUBLIC], cc=[section.uri]), stranger, ctx)
    before = await naming(stranger)

    await submit(farewell(belonging), belonging, ctx)

    assert await naming(stranger) == before


async def test_what_waits_to_be_done_about_them_goes(belonging: Actor, section: Actor, ctx: Context) -> None:
    now, host = ctx.now(), belonging.host
    said = {"type": "Create", "actor_uri": section.uri, "is_local": True, "document": "{}"}
    record = await ActivityRecord.create(id=new_id(), uri=f"{section.uri}/1", **said)
    for number, who in enumerate((belonging.uri, f"https://{host}/users/ali")):
        await InboxMessage.create(actor_uri=who, activity_uri=f"{who}/{number}", body="{}")
        await Errand.ask(ErrandType.FOLLOWERS, f"{who}/digest", now, about_uri=who)
        inbox = {"inbox_uri": f"{who}/inbox", "host": host, "due_at": None}
        await Delivery.create(activity=record, sender_id=section.id, **inbox)
    await Errand.ask(ErrandType.REPLIES, f"{belonging.uri}/notes/0", now)

    await submit(farewell(belonging), belonging, ctx)

    assert [row.actor_uri for row in await InboxMessage.all()] == [f"https://{host}/users/ali"]
    assert [row.about_uri for row in await Errand.all()] == [f"https://{host}/users/ali"]
    assert [row.inbox_uri for row in await Delivery.filter(activity_id=record.id)] == [
        f"https://{host}/users/ali/inbox"
    ]


async def test_journals_of_sections_name_them_no_longer(
    belonging: Actor, section: Actor, brest: Actor, other_member: Actor, ctx: Context
) -> None:
    row = await Section.get(actor_id=section.id).select_related("actor")
    await people.person(row, belonging, None)
    await people.set_note(row, belonging, "Vient le jeudi.", None)
    ends = {"origin": section.uri, "target": brest.uri, "to": [section.uri, brest.uri]}
    await submit(factories.activity("Move", belonging.uri, belonging.uri, **ends), belonging, ctx)
    [asked] = await transfer.own(belonging)
    await transfer.answer(brest, asked, None, ctx, agrees=True)
    await SectionAct.create(section=row, author=other_member, act="hide", about=f"{belonging.uri}/notes/0")
    await membership.invite(section, other_member, None, ctx)

    await submit(farewell(belonging), belonging, ctx)

    acts = await SectionAct.all().order_by("id")
    assert {row.about for row in acts} == {"somebody erased", other_member.uri}
    assert other_member.id in {row.author_id for row in acts}
    assert {look.at_what for look in await Look.all()} == {"somebody erased"}


async def test_a_member_of_ours_who_closes_their_account_is_named_by_nothing_but_that(
    section: Actor, member: Actor, other_member: Actor, brest: Actor, ctx: Context, world: World
) -> None:
    follower = await factories.remote_actor(ctx, world, FOLLOWER)
    await factories.follow(follower, section)
    for who in (member, other_member):
        await membership.ask(who, section, ctx)
        await membership.approve(section, who, None, ctx)
    asked = await transfer.ask(member, section, brest, ctx)
    assert asked is not None
    await transfer.answer(section, asked, None, ctx, agrees=True)
    post = await actions.publish(member, Draft("Bonjour à tous", section=section), ctx)
    await actions.like(other_member, post, ctx)
    assert {"Join", "Accept", "Move", "Create", "Announce", "Like"} <= set(await naming(member))

    await leaving.delete(member, ctx)

    assert await naming(member) == ["Delete"]
    assert await Delivery.exists(activity__type="Delete", inbox_uri=follower.delivery_uri)
    assert {row.about for row in await SectionAct.all()} == {"somebody erased", f"Accept {other_member.uri}"}
    assert await ActivityRecord.filter(type="Accept", concerns_uri=other_member.uri).count() == 1


async def test_who_is_forgotten_is_still_told_what_they_are_owed(
    section: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await submit(factories.activity("Join", remote_actor.uri, section.uri, to=[section.uri]), remote_actor, ctx)
    await membership.refuse(section, remote_actor, None, ctx)

    await forget(remote_actor)

    assert [row.activity.type for row in await Delivery.all().select_related("activity")] == ["Reject"]
    assert await naming(remote_actor) == ["Reject"]
    await later(ctx)
    assert await naming(remote_actor) == []
