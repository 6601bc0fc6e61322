"""Asking to come to an event: who may, who is let in at once, who decides, and how it ends."""

from datetime import timedelta
from typing import Any

import orjson
import pytest

from federation.activities import embed, parse
from federation.context import Context
from federation.errors import NotAuthorised, UnsupportedActivity
from models.activity import ActivityRecord
from models.actor import Actor
from models.delivery import Delivery
from models.event import EventStatus, JoinMode
from models.notification import Notification, NotificationType
from models.participation import Participation, ParticipationState
from models.post import Post, Visibility
from tests import factories
from tests.factories import PUBLIC
from tests.federation.sending import sent_by
from tests.federation.submitting import submit
from tests.world import World

ACCEPTED, REQUESTED, WAITING, DECLINED, REFUSED = (
    ParticipationState.ACCEPTED,
    ParticipationState.REQUESTED,
    ParticipationState.WAITING,
    ParticipationState.DECLINED,
    ParticipationState.REFUSED,
)


async def hold(organiser: Actor, **terms: Any) -> Post:
    """An event of this organiser, with these columns."""
    return await factories.event(organiser, **terms)


async def state_of(actor: Actor) -> ParticipationState | None:
    """What became of somebody's wish to come."""
    row = await Participation.get_or_none(actor_id=actor.id)
    return row.state if row else None


def join(actor: Actor, event: Post, number: int = 1) -> dict[str, Any]:
    """A Join of another server."""
    return factories.activity("Join", actor.uri, event.uri, number, cc=[f"{actor.uri}/followers"])


async def test_to_an_open_event_anybody_may_come(section: Actor, remote_actor: Actor, ctx: Context) -> None:
    event = await hold(section)
    asked = join(remote_actor, event)

    await submit(asked, remote_actor, ctx)

    assert await state_of(remote_actor) is ACCEPTED
    [accept] = await sent_by(section)
    assert (accept["type"], accept["object"]) == ("Accept", embed(parse(asked)))
    assert (accept["to"], accept.get("cc")) == ([remote_actor.uri], None)
    assert (await Delivery.get()).inbox_uri == remote_actor.delivery_uri
    assert not await Notification.exists()


async def test_the_acceptance_goes_to_no_follower_and_not_to_the_public(
    section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    await factories.follow(stranger, section)
    await submit(join(remote_actor, await hold(section)), remote_actor, ctx)
    assert [row.host for row in await Delivery.all()] == [remote_actor.host]
    assert PUBLIC not in orjson.dumps(await sent_by(section)).decode()


async def test_asked_again_it_is_answered_again(section: Actor, remote_actor: Actor, ctx: Context) -> None:
    event = await hold(section)
    for number in (1, 2):
        await submit(join(remote_actor, event, number), remote_actor, ctx)
    assert [item["object"]["id"][-1] for item in await sent_by(section)] == ["1", "2"]
    assert await Participation.all().count() == 1


@pytest.mark.parametrize("mode", [JoinMode.RESTRICTED, JoinMode.INVITE])
async def test_to_any_other_the_organiser_decides_who_comes(
    section: Actor, remote_actor: Actor, ctx: Context, mode: JoinMode
) -> None:
    event = await hold(section, join_mode=mode)
    await submit(join(remote_actor, event), remote_actor, ctx)
    assert await state_of(remote_actor) is REQUESTED
    assert await sent_by(section) == []
    told = await Notification.get()
    assert (told.recipient_id, told.type, told.post_id) == (section.id, NotificationType.EVENT_REQUEST, event.id)


@pytest.mark.parametrize("mode", [JoinMode.EXTERNAL, JoinMode.NONE])
async def test_whoever_asks_in_vain_is_ignored_and_told_so_alone(
    section: Actor, remote_actor: Actor, ctx: Context, mode: JoinMode
) -> None:
    """Source: FEP-8a8e"""
    asked = join(remote_actor, await hold(section, join_mode=mode)) | {"participationMessage": "Je viens"}

    await submit(asked, remote_actor, ctx)

    assert not await Participation.exists()
    [ignore] = await sent_by(section)
    assert (ignore["type"], ignore["to"], ignore.get("cc")) == ("Ignore", [remote_actor.uri], None)
    assert ignore["object"] == {name: value for name, value in asked.items() if name[0] not in "@p"}
    assert (await Delivery.get()).inbox_uri == remote_actor.delivery_uri
    assert "Je viens" not in (await ActivityRecord.get(type="Join")).document


@pytest.mark.parametrize("mode", [JoinMode.EXTERNAL, JoinMode.NONE])
async def test_one_of_ours_does_not_ask_in_vain(section: Actor, member: Actor, ctx: Context, mode: JoinMode) -> None:
    with pytest.raises(UnsupportedActivity, match="not joined by asking"):
        await submit(join(member, await hold(section, join_mode=mode)), member, ctx)


async def test_a_stranger_ignores_nobody_in_our_name(
    section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    asked = join(remote_actor, await hold(section))
    await submit(asked, remote_actor, ctx)
    with pytest.raises(NotAuthorised, match="does not organise"):
        await submit(factories.activity("Ignore", stranger.uri, asked), stranger, ctx)
    assert await state_of(remote_actor) is ACCEPTED


async def test_where_it_is_full_whoever_asks_waits(
    section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    event = await hold(section, capacity=1)
    await submit(join(remote_actor, event), remote_actor, ctx)
    await submit(join(stranger, event), stranger, ctx)
    await submit(join(remote_actor, event, 2), remote_actor, ctx)
    assert (await state_of(remote_actor), await state_of(stranger)) == (ACCEPTED, WAITING)
    assert [item["type"] for item in await sent_by(section)] == ["Accept", "TentativeAccept", "Accept"]


@pytest.mark.parametrize("end", ["leave", "undo", "no", "sent away"])
async def test_a_place_that_becomes_free_goes_to_whoever_waits_longest(
    section: Actor, remote_actor: Actor, stranger: Actor, member: Actor, ctx: Context, end: str
) -> None:
    event, first = await hold(section, capacity=1), None
    for actor in (remote_actor, stranger):
        asked = join(actor, event)
        first = first or asked
        await submit(asked, actor, ctx)
    await submit(
        {"type": "Join", "id": ctx.names.new_activity(), "actor": member.uri, "object": event.uri}, member, ctx
    )
    assert first is not None
    ends = {
        "leave": (remote_actor, factories.activity("Leave", remote_actor.uri, event.uri)),
        "undo": (remote_actor, factories.activity("Undo", remote_actor.uri, first["id"])),
        "no": (remote_actor, factories.activity("Reject", remote_actor.uri, event.uri)),
        "sent away": (section, factories.activity("Reject", section.uri, first) | {"id": ctx.names.new_activity()}),
    }
    by, said = ends[end]
    await submit(said, by, ctx)
    assert (await state_of(stranger), await state_of(member)) == (ACCEPTED, WAITING)
    last = (await sent_by(section))[-1]
    assert (last["type"], last["object"]["actor"], last["to"]) == ("Accept", stranger.uri, [stranger.uri])


async def test_what_a_join_says_in_private_is_sealed_and_goes_nowhere(
    section: Actor, remote_actor: Actor, ctx: Context
) -> None:
    event = await hold(section, most_guests=3)
    private = {"participationMessage": "J'apporte la table", "guests": 2, "answers": [{"id": "1", "content": "Oui"}]}
    await submit(join(remote_actor, event) | private, remote_actor, ctx)
    row = await Participation.get()
    assert (row.message, row.guests, row.answers) == ("J'apporte la table", 2, '{"1":"Oui"}')
    [sent] = await sent_by(section)
    assert private.keys().isdisjoint(sent["object"])
    assert "la table" not in (await ActivityRecord.get(type="Join")).document


async def test_whom_the_organiser_refused_is_not_let_in_by_asking_again(
    section: Actor, remote_actor: Actor, ctx: Context
) -> None:
    event = await hold(section)
    asked = join(remote_actor, event)
    await submit(asked, remote_actor, ctx)
    await submit(factories.activity("Reject", section.uri, asked) | {"id": ctx.names.new_activity()}, section, ctx)
    assert await state_of(remote_actor) is REFUSED
    await submit(join(remote_actor, event, 2), remote_actor, ctx)
    assert await state_of(remote_actor) is REQUESTED


async def test_who_said_no_themselves_may_think_again(section: Actor, remote_actor: Actor, ctx: Context) -> None:
    event = await hold(section)
    await submit(factories.activity("Reject", remote_actor.uri, event.uri), remote_actor, ctx)
    assert await state_of(remote_actor) is DECLINED
    await submit(join(remote_actor, event), remote_actor, ctx)
    assert await state_of(remote_actor) is ACCEPTED


async def test_a_cancelled_event_takes_nobody(section: Actor, remote_actor: Actor, ctx: Context) -> None:
    event = await hold(section, status=EventStatus.CANCELLED)
    with pytest.raises(NotAuthorised, match="does not take place"):
        await submit(join(remote_actor, event), remote_actor, ctx)


async def test_one_that_has_begun_takes_people_until_it_is_over(
    section: Actor, remote_actor: Actor, member: Actor, ctx: Context, world: World
) -> None:
    event = await hold(section, starts_at=ctx.now() - timedelta(hours=1), ends_at=ctx.now() + timedelta(hours=1))
    await submit(join(remote_actor, event), remote_actor, ctx)
    world.pass_time(hours=1)
    for actor in (remote_actor, member):
        asked = join(actor, event, 2) | ({"id": ctx.names.new_activity()} if actor.is_local else {})
        with pytest.raises(NotAuthorised, match="is over"):
            await submit(asked, actor, ctx)
    assert (await state_of(remote_actor), await state_of(member)) == (ACCEPTED, None)


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.DIRECT])
async def test_nobody_comes_to_what_is_not_for_them(
    section: Actor, remote_actor: Actor, ctx: Context, visibility: Visibility
) -> None:
    event = await factories.post(section, type="Event", visibility=visibility)
    with pytest.raises(NotAuthorised, match="is not for"):
        await submit(join(remote_actor, event), remote_actor, ctx)
    assert not await Participation.exists()


async def test_an_event_between_strangers_is_none_of_our_business(
    remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    event = await hold(remote_actor)
    with pytest.raises(UnsupportedActivity, match="other servers"):
        await submit(join(stranger, event), stranger, ctx)


@pytest.mark.parametrize("kind", ["Join", "Leave"])
async def test_nobody_comes_to_a_note_or_to_what_is_not_here(
    member: Actor, remote_actor: Actor, ctx: Context, kind: str
) -> None:
    note = await factories.post(member)
    for number, uri in enumerate((note.uri, ctx.names.post(7))):
        with pytest.raises(UnsupportedActivity):
            await submit(factories.activity(kind, remote_actor.uri, uri, number), remote_actor, ctx)


@pytest.mark.parametrize("shape", ["leave", "undo by uri", "undo embedded", "undo embedded under another id"])
async def test_whoever_was_to_come_may_say_otherwise(
    section: Actor, remote_actor: Actor, ctx: Context, shape: str
) -> None:
    event = await hold(section)
    asked = join(remote_actor, event)
    await submit(asked, remote_actor, ctx)
    shapes = {
        "leave": factories.activity("Leave", remote_actor.uri, event.uri),
        "undo by uri": factories.activity("Undo", remote_actor.uri, asked["id"]),
        "undo embedded": factories.activity("Undo", remote_actor.uri, asked),
    }
    odd = factories.activity("Undo", remote_actor.uri, asked | {"id": f"{remote_actor.uri}/odd"})
    end = shapes.get(shape, odd)
    await submit(end, remote_actor, ctx)
    assert not await Participation.exists()
    with pytest.raises(UnsupportedActivity):
        await submit(end | {"id": f"{end['id']}/2"}, remote_actor, ctx)


async def test_nobody_else_takes_it_back(section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context) -> None:
    asked = join(remote_actor, await hold(section))
    await submit(asked, remote_actor, ctx)
    with pytest.raises(NotAuthorised, match="is not by"):
        await submit(factories.activity("Undo", stranger.uri, asked["id"]), stranger, ctx)
    assert await state_of(remote_actor) is ACCEPTED


class TestTheirEvent:
    """Our member asks to come to another server's event, and that server answers."""

    @pytest.fixture
    async def asked(self, member: Actor, remote_actor: Actor, ctx: Context) -> dict[str, Any]:
        event = await factories.post(remote_actor, type="Event", uri="https://far.test/events/1")
        activity = {"type": "Join", "id": ctx.names.new_activity(), "actor": member.uri, "object": event.uri}
        await submit(activity, member, ctx)
        return activity

    @pytest.mark.parametrize(
        ("kind", "state"),
        [
            ("Accept", ACCEPTED),
            ("Reject", REFUSED),
            ("TentativeAccept", WAITING),
            ("TentativeReject", REQUESTED),
            ("Ignore", REQUESTED),
        ],
    )
    @pytest.mark.parametrize("shape", ["by uri", "embedded"])
    async def test_the_organiser_answers(
        self, asked: dict[str, Any], member: Actor, remote_actor: Actor, ctx: Context, kind: str, state: str, shape: str
    ) -> None:
        assert await state_of(member) is REQUESTED
        for number in (1, 2):
            said = asked if shape == "embedded" else asked["id"]
            await submit(factories.activity(kind, remote_actor.uri, said, number), remote_actor, ctx)
        assert await state_of(member) == state
        told = await Notification.filter(recipient_id=member.id, type=NotificationType.EVENT_ANSWER).count()
        assert told == (0 if state == REQUESTED else 1)

    async def test_a_moderator_of_the_same_server_answers_for_a_group(
        self, asked: dict[str, Any], member: Actor, ctx: Context, world: World
    ) -> None:
        moderator = await factories.remote_actor(ctx, world, "https://far.test/users/moderator")
        await submit(factories.activity("Accept", moderator.uri, asked), moderator, ctx)
        assert await state_of(member) is ACCEPTED

    @pytest.mark.parametrize("kind", ["Accept", "Reject", "TentativeAccept", "TentativeReject", "Ignore"])
    async def test_nobody_of_another_server_answers(
        self, asked: dict[str, Any], member: Actor, stranger: Actor, ctx: Context, kind: str
    ) -> None:
        with pytest.raises(NotAuthorised, match="does not organise"):
            await submit(factories.activity(kind, stranger.uri, asked["id"]), stranger, ctx)
        assert await state_of(member) is REQUESTED

    async def test_nobody_answers_what_was_not_asked(
        self, asked: dict[str, Any], remote_actor: Actor, section: Actor, ctx: Context
    ) -> None:
        lie = asked | {"id": ctx.names.new_activity(), "actor": section.uri}
        with pytest.raises(UnsupportedActivity, match="is not here"):
            await submit(factories.activity("Accept", remote_actor.uri, lie), remote_actor, ctx)


async def test_another_member_here_does_not_answer_for_the_organiser(
    section: Actor, member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    asked = join(remote_actor, await hold(section, join_mode=JoinMode.RESTRICTED))
    await submit(asked, remote_actor, ctx)
    with pytest.raises(NotAuthorised, match="does not organise"):
        await submit(factories.activity("Accept", member.uri, asked["id"]), member, ctx)
