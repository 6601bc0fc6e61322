"""A block takes away the place at events of the blocker: who had it is told as others are, and whoever waits moves up."""

from datetime import timedelta
from typing import Any

import pytest

from federation.context import Context
from federation.errors import NotAuthorised
from models.actor import Actor
from models.errand import Errand, ErrandType
from models.event import Shift
from models.mail import Letter
from models.member import Member
from models.notification import Notification, NotificationType
from models.participation import Channel, EventNotice, NoticeKind, Participation, ParticipationState, ShiftTaken
from models.post import Post
from server.admin import domains
from server.admin.domains import Rule
from server.events import notices, participation
from server.members import blocks
from tests import factories
from tests.federation.sending import sent_by
from tests.federation.submitting import submit
from tests.server.events.test_notices import letters, plain
from tests.world import World
from workers.errands import run_one

State = ParticipationState


@pytest.fixture
async def event(section: Actor) -> Post:
    """An event of ours with one place."""
    return await factories.event(section, "Réunion", capacity=1, language="fr")


async def join(actor: Actor, event: Post, ctx: Context, number: int = 1) -> None:
    """Ask to come from another server."""
    await submit(factories.activity("Join", actor.uri, event.uri, number), actor, ctx)


async def states(event: Post) -> dict[int | None, State]:
    """Who is in the ledger."""
    return {row.actor_id: row.state for row in await Participation.filter(event_id=event.id)}


async def test_whoever_asked_by_a_join_gets_a_reject_and_the_next_one_an_accept(
    event: Post, section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    for actor in (remote_actor, stranger):
        await join(actor, event, ctx)
    await blocks.block(section, remote_actor, ctx)
    assert await states(event) == {remote_actor.id: State.REFUSED, stranger.id: State.ACCEPTED}
    block, reject, accept = (await sent_by(section))[-3:]
    assert (block["type"], reject["type"], accept["type"]) == ("Block", "Reject", "Accept")
    assert (reject["object"]["actor"], reject["object"]["object"]) == (remote_actor.uri, event.uri)
    assert reject["to"] == [remote_actor.uri]
    assert accept["to"] == [stranger.uri]
    before = len(await sent_by(section))
    await notices.sweep(ctx)
    assert len(await sent_by(section)) == before


@pytest.mark.parametrize("channel", [Channel.ANSWER, Channel.POLL, Channel.REPLY])
async def test_whoever_came_otherwise_gets_one_message_of_their_own(
    event: Post, section: Actor, remote_actor: Actor, ctx: Context, channel: Channel
) -> None:
    await Participation.create(
        event=event, actor=remote_actor, channel=channel, state=State.ACCEPTED, said_at=ctx.now()
    )
    await blocks.block(section, remote_actor, ctx)
    await blocks.block(section, remote_actor, ctx)
    for _ in range(2):
        await notices.sweep(ctx)
    block, told = await sent_by(section)
    assert (block["type"], told["type"], told["to"]) == ("Block", "Create", [remote_actor.uri])
    assert "pas accepté" in told["object"]["content"]


async def test_a_member_of_ours_gets_a_letter_for_the_event_is_on_no_page_for_them(
    event: Post, section: Actor, member: Actor, login: Member, other_member: Actor, ctx: Context
) -> None:
    login.email = "zoe@post.example"
    await login.save()
    for actor in (member, other_member):
        await participation.join(actor, event, ctx)
    await blocks.block(section, member, ctx)
    for _ in range(2):
        await notices.sweep(ctx)
    assert await states(event) == {member.id: State.REFUSED, other_member.id: State.ACCEPTED}
    [letter] = await letters()
    assert letter["To"] == "zoe@post.example"
    assert "n’a pas accepté votre demande de participer à" in plain(letter)
    assert not await Notification.exists(recipient_id=member.id)
    told = await Notification.get(recipient_id=other_member.id)
    assert told.type is NotificationType.EVENT_ANSWER
    assert await sent_by(section) == []


async def test_a_member_without_an_address_is_told_nothing(
    event: Post, section: Actor, member: Actor, ctx: Context
) -> None:
    await participation.join(member, event, ctx)
    await blocks.block(section, member, ctx)
    await notices.sweep(ctx)
    assert not await Letter.exists()
    assert not await EventNotice.exists()


async def test_a_shift_is_free_again_and_what_was_to_be_told_before_is_not(
    event: Post, section: Actor, remote_actor: Actor, ctx: Context
) -> None:
    row = await Participation.create(
        event=event, actor=remote_actor, channel=Channel.ANSWER, state=State.ACCEPTED, said_at=ctx.now()
    )
    shift = await Shift.create(
        uri=f"{event.uri}#1", event_id=event.id, name="Accueil", starts_at=ctx.now(), ends_at=ctx.now()
    )
    await ShiftTaken.create(shift=shift, participation=row)
    await EventNotice.ask([row.id], NoticeKind.REMINDER, ctx.now())
    await blocks.block(section, remote_actor, ctx)
    assert not await ShiftTaken.exists()
    assert [notice.kind for notice in await EventNotice.all()] == [NoticeKind.DECIDED]


async def test_unblocking_gives_no_place_back_and_asking_again_is_for_the_organisers_to_decide(
    event: Post, section: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await join(remote_actor, event, ctx)
    await blocks.block(section, remote_actor, ctx)
    with pytest.raises(NotAuthorised):
        await join(remote_actor, event, ctx, 2)
    await blocks.unblock(section, remote_actor, ctx)
    assert await states(event) == {remote_actor.id: State.REFUSED}
    await join(remote_actor, event, ctx, 3)
    assert await states(event) == {remote_actor.id: State.REQUESTED}


async def test_who_was_only_asked_to_come_is_asked_no_more_and_told_nothing(
    event: Post, section: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await Participation.create(event=event, actor=remote_actor, state=State.INVITED)
    await blocks.block(section, remote_actor, ctx)
    assert await states(event) == {remote_actor.id: State.REFUSED}
    assert not await EventNotice.exists()
    assert [sent["type"] for sent in await sent_by(section)] == ["Block"]


async def test_other_events_what_is_over_and_what_was_said_no_to_stay_as_they_are(
    event: Post, section: Actor, member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    others = await factories.event(other_member)
    over = await factories.event(section, starts_at=ctx.now() - timedelta(days=2))
    elsewhere = await factories.event(remote_actor)
    for at in (others, over, elsewhere):
        await Participation.create(event=at, actor=member, state=State.ACCEPTED)
    await Participation.create(event=event, actor=member, state=State.DECLINED)
    await blocks.block(section, member, ctx)
    for at in (others, over, elsewhere):
        assert await states(at) == {member.id: State.ACCEPTED}
    assert await states(event) == {member.id: State.DECLINED}


async def test_who_blocks_the_organiser_keeps_their_place(
    event: Post, section: Actor, member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await join(remote_actor, event, ctx)
    await submit(factories.activity("Block", remote_actor.uri, section.uri), remote_actor, ctx)
    assert await states(event) == {remote_actor.id: State.ACCEPTED}


async def test_who_comes_from_a_blocked_domain_loses_the_place_without_a_word(
    event: Post, section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context, world: World
) -> None:
    for actor in (remote_actor, stranger):
        await join(actor, event, ctx)
    row = await Participation.get(actor_id=remote_actor.id)
    await EventNotice.ask([row.id], NoticeKind.CHANGED, ctx.now())
    before = len(await sent_by(section))

    await domains.set_rule("far.test", Rule(), ctx)
    for errand in await Errand.filter(type=ErrandType.MOVE_UP):
        await run_one(errand, ctx)
    await notices.sweep(ctx)

    assert await states(event) == {remote_actor.id: State.REFUSED, stranger.id: State.ACCEPTED}
    told: list[dict[str, Any]] = (await sent_by(section))[before:]
    assert [(sent["type"], sent["to"]) for sent in told] == [("Accept", [stranger.uri])]

    await domains.remove_rule("far.test", ctx)
    assert await states(event) == {remote_actor.id: State.REFUSED, stranger.id: State.ACCEPTED}
