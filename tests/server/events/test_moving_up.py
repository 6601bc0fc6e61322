"""Whoever deletes their account comes no more: their place goes to whoever waits, who is told by the way they came."""

from typing import Any

import pytest

from federation import delivery
from federation.context import Context
from models.activity import ActivityRecord
from models.actor import Actor
from models.errand import Errand, ErrandType
from models.event import Event, EventStatus
from models.mail import Letter
from models.notification import Notification, NotificationType
from models.participation import Channel, EventNotice, NoticeKind, Participation, ParticipationState
from models.post import Post
from models.secrets import fingerprint
from server.events import notices, participation
from server.members import leaving
from tests import factories
from tests.federation.sending import sent_by
from tests.federation.submitting import submit
from tests.server.events.mail import plain
from tests.world import World
from workers.errands import run_one

ACCEPTED, WAITING = ParticipationState.ACCEPTED, ParticipationState.WAITING


@pytest.fixture
async def event(section: Actor) -> Post:
    """An event of ours with one place."""
    return await factories.event(section, "Réunion", capacity=1, most_guests=2, language="fr")


async def join(actor: Actor, event: Post, ctx: Context, **more: Any) -> None:
    """Ask to come from another server."""
    await submit(factories.activity("Join", actor.uri, event.uri) | more, actor, ctx)


async def delete(actor: Actor, ctx: Context) -> None:
    """Have an actor of another server say that it is gone."""
    await submit(factories.activity("Delete", actor.uri, actor.uri), actor, ctx)


async def run_errands(ctx: Context) -> None:
    """Do what a worker does next."""
    for errand in await Errand.filter(type=ErrandType.MOVE_UP, rests_until=None):
        await run_one(errand, ctx)


async def states() -> list[tuple[int | None, ParticipationState]]:
    """Who is in the ledger."""
    return [(row.actor_id, row.state) for row in await Participation.all().order_by("id")]


async def test_the_place_of_somebody_elsewhere_who_deletes_their_account_goes_to_the_next_one(
    event: Post, section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    for actor in (remote_actor, stranger):
        await join(actor, event, ctx)

    await delete(remote_actor, ctx)
    assert await states() == [(stranger.id, WAITING)]
    await run_errands(ctx)

    assert await states() == [(stranger.id, ACCEPTED)]
    accept = (await sent_by(section))[-1]
    assert (accept["type"], accept["object"]["actor"], accept["to"]) == ("Accept", stranger.uri, [stranger.uri])
    for record in await ActivityRecord.filter(actor_uri=section.uri):
        assert remote_actor.uri not in record.document


async def test_so_does_the_place_of_a_member_of_ours_who_closes_their_account(
    event: Post, section: Actor, member: Actor, other_member: Actor, ctx: Context
) -> None:
    for actor in (member, other_member):
        await participation.join(actor, event, ctx)

    await leaving.delete(member, ctx)
    await run_errands(ctx)
    await notices.sweep(ctx)

    assert await states() == [(other_member.id, ACCEPTED)]
    told = await Notification.get(recipient_id=other_member.id)
    assert (told.type, told.actor_id) == (NotificationType.EVENT_ANSWER, section.id)


async def test_and_of_somebody_whose_server_says_that_their_inbox_is_no_more(
    event: Post, remote_actor: Actor, member: Actor, ctx: Context
) -> None:
    await join(remote_actor, event, ctx)
    await participation.join(member, event, ctx)

    await delivery.bury_owner(remote_actor.inbox_uri, ctx)
    await run_errands(ctx)

    assert await states() == [(member.id, ACCEPTED)]


@pytest.mark.parametrize("channel", [Channel.ANSWER, Channel.POLL, Channel.REPLY, Channel.EMAIL])
async def test_whoever_moves_up_is_told_by_the_way_they_came(
    event: Post, section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context, channel: Channel
) -> None:
    await join(remote_actor, event, ctx)
    who: dict[str, Any] = {"actor": stranger}
    if channel is Channel.EMAIL:
        who = {"email": "rosa@post.example", "email_fingerprint": fingerprint("rosa@post.example")}
    await Participation.create(event=event, channel=channel, state=WAITING, said_at=ctx.now(), **who)

    await delete(remote_actor, ctx)
    await run_errands(ctx)
    await notices.sweep(ctx)

    if channel is Channel.EMAIL:
        letter = await Letter.get()
        assert (letter.recipient, "Une place s" in plain(letter)) == ("rosa@post.example", True)
    else:
        sent = (await sent_by(section))[-1]
        assert (sent["type"], sent["to"]) == ("Create", [stranger.uri])
        assert "Une place s’est libérée" in sent["object"]["content"].replace("\xa0", " ")


async def test_a_large_party_that_waited_makes_room_too(
    event: Post, remote_actor: Actor, stranger: Actor, member: Actor, ctx: Context
) -> None:
    await join(stranger, event, ctx, guests=2)  # who needs three places of one
    await participation.join(member, event, ctx)
    assert await states() == [(stranger.id, WAITING), (member.id, WAITING)]

    await delete(stranger, ctx)
    await run_errands(ctx)

    assert await states() == [(member.id, ACCEPTED)]


async def test_whoever_said_no_or_was_refused_leaves_no_place(
    event: Post, section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    await Participation.create(event=event, actor=remote_actor, state=ParticipationState.REFUSED)
    await Participation.create(event=event, actor=stranger, state=ParticipationState.DECLINED)
    for actor in (remote_actor, stranger):
        await delete(actor, ctx)
    assert await states() == []
    assert not await Errand.exists()


async def test_another_servers_event_is_its_homes_business(
    member: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    event = await factories.event(remote_actor, capacity=1)
    await Participation.create(event=event, actor=member, state=ACCEPTED)
    await leaving.delete(member, ctx)
    assert await states() == []
    assert not await Errand.filter(type=ErrandType.MOVE_UP).exists()


async def test_a_place_is_given_once_however_often_a_worker_looks(
    event: Post, section: Actor, remote_actor: Actor, stranger: Actor, member: Actor, ctx: Context
) -> None:
    for actor in (remote_actor, stranger):
        await join(actor, event, ctx)
    await participation.join(member, event, ctx)

    await delete(remote_actor, ctx)
    for _ in range(2):
        await Errand.all().update(rests_until=None)
        await run_errands(ctx)

    assert await states() == [(stranger.id, ACCEPTED), (member.id, WAITING)]
    assert [sent["type"] for sent in await sent_by(section)] == ["TentativeAccept", "Accept"]


@pytest.mark.parametrize("what", ["event", "section", "over", "cancelled"])
async def test_of_what_is_no_more_nobody_is_told(
    event: Post, section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context, world: World, what: str
) -> None:
    for actor in (remote_actor, stranger):
        await join(actor, event, ctx)
    await delete(remote_actor, ctx)
    before = len(await sent_by(section))
    if what == "event":
        await Post.filter(id=event.id).delete()
    elif what == "section":
        await Actor.filter(id=section.id).update(gone_at=ctx.now())
    elif what == "over":
        world.pass_time(days=4)
    else:
        await Event.filter(post_id=event.id).update(status=EventStatus.CANCELLED)

    await run_errands(ctx)

    assert len(await sent_by(section)) == before
    assert ACCEPTED not in [state for _, state in await states()]
    assert not await EventNotice.filter(kind=NoticeKind.MOVED_UP).exists()
