"""Who comes, for the organisers alone: listed, decided on, taken away; every look is written down."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from federation.context import Context
from models.actor import Actor
from models.consent import Look
from models.event import Event, JoinMode, Shift
from models.notification import Notification, NotificationType
from models.participation import Channel, EventNotice, NoticeKind, Participation, ParticipationState, ShiftTaken
from models.post import Post
from models.role import Role, RoleHolder, SectionAct
from models.section import Section
from server.errors import Forbidden, NotFound
from server.events import people
from tests import factories
from tests.federation.sending import sent_by
from tests.federation.submitting import submit
from tests.world import World

ACCEPTED, REQUESTED, REFUSED, WAITING = (
    ParticipationState.ACCEPTED,
    ParticipationState.REQUESTED,
    ParticipationState.REFUSED,
    ParticipationState.WAITING,
)
QUESTION = {"id": "1", "label": "=Une voiture ?", "kind": "yes_no", "choices": [], "is_required": False}


@pytest.fixture
async def event(section: Actor) -> Post:
    """An event of ours whose organisers agree first."""
    return await factories.event(section, join_mode=JoinMode.RESTRICTED, questions=[QUESTION], most_guests=3)


async def hold(member: Actor, section: Section, role: Role) -> Actor:
    await RoleHolder.create(section=section, holder=member, role=role)
    return member


async def fill(event: Post, remote_actor: Actor, ctx: Context) -> None:
    """Four who said something, and one who has not confirmed it."""
    terms = await Event.get(post_id=event.id)
    times = {"starts_at": terms.starts_at, "ends_at": terms.ends_at}
    shift = await Shift.create(uri="https://lille.test/shifts/1", event=terms, name="Accueil", **times)
    rows: list[dict[str, Any]] = [
        {"state": REQUESTED, "email": "rosa@post.example", "email_fingerprint": "1", "name": "=Rosa", "message": "+1"},
        {"state": ACCEPTED, "actor": remote_actor, "channel": Channel.POLL, "guests": 2, "answers": '{"1":"yes"}'},
        {"state": ACCEPTED, "channel": Channel.DOOR, "name": "Max", "came_at": ctx.now()},
        {"state": ParticipationState.DECLINED, "email_fingerprint": "2", "name": "Zed"},
        {"state": ParticipationState.UNCONFIRMED, "email_fingerprint": "3", "name": "Nobody"},
    ]
    for number, row in enumerate(rows):
        said = {"channel": Channel.EMAIL, "said_at": ctx.now() + timedelta(minutes=number)} | row
        made = await Participation.create(event=event, **said)
        if made.actor_id is not None:
            await ShiftTaken.create(shift=shift, participation=made)


async def test_organisers_see_who_said_what_by_which_way(
    event: Post, main_section: Section, member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await fill(event, remote_actor, ctx)
    found = await people.people(event, await hold(member, main_section, Role.EDITOR))
    assert [one.name for one in found] == ["Noor", "Max", "=Rosa", "Zed"]
    first = found[0]
    assert (first.handle, first.channel, first.guests, first.shifts, first.answers) == (
        remote_actor.handle,
        Channel.POLL,
        2,
        ("Accueil",),
        (("=Une voiture ?", "yes"),),
    )
    assert (found[1].channel, found[1].came_at, found[2].email) == (Channel.DOOR, ctx.now(), "rosa@post.example")
    look = await Look.get()
    assert (look.viewer_id, look.at_what, look.rows, look.group_id) == (member.id, "participants", 4, event.actor_id)


@pytest.mark.parametrize(
    ("role", "sees", "exports"),
    [
        (Role.ANIMATOR, True, True),
        (Role.MANAGER, True, True),
        (Role.EDITOR, True, False),
        (Role.MODERATOR, False, False),
    ],
)
async def test_each_role_sees_what_the_table_says(
    event: Post, main_section: Section, member: Actor, ctx: Context, role: Role, sees: bool, exports: bool
) -> None:
    await hold(member, main_section, role)
    for act, may in ((people.people, sees), (people.exported, exports)):
        if may:
            await act(event, member)
        else:
            with pytest.raises(Forbidden):
                await act(event, member)
    assert await Look.all().count() == sees + exports
    assert await SectionAct.all().count() == exports


async def test_nobody_else_sees_anything(event: Post, member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await fill(event, remote_actor, ctx)
    row = await Participation.get(state=REQUESTED)
    for act in (
        people.people(event, member),
        people.exported(event, member),
        people.decide(event, row.id, member, ctx, accept=True),
    ):
        with pytest.raises(Forbidden):
            await act
    assert (await Participation.get(id=row.id)).state is REQUESTED


async def test_a_member_who_organises_alone_sees_their_own(
    member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    event = await factories.event(member)
    await Participation.create(event=event, actor=remote_actor, state=ACCEPTED)
    assert [one.name for one in await people.people(event, member)] == ["Noor"]
    with pytest.raises(Forbidden):
        await people.people(event, other_member)


async def test_of_another_servers_event_or_a_note_there_is_no_list(
    section: Actor, member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    for post in (await factories.event(remote_actor), await factories.post(section)):
        for by in (member, None):
            with pytest.raises(NotFound):
                await people.people(post, by)


async def test_the_list_is_taken_away_without_formulas(event: Post, remote_actor: Actor, ctx: Context) -> None:
    await fill(event, remote_actor, ctx)
    text = await people.exported(event, None)
    head, *lines = csv.reader(io.StringIO(text))
    assert head == [*people.COLUMNS, "'=Une voiture ?"]
    assert [line[0] for line in lines] == ["Noor", "Max", "'=Rosa", "Zed"]
    assert lines[0][-1] == "yes"
    assert lines[2][7] == "+1"  # a phone number's plus is no formula: see server/sections/spreadsheet.py
    assert [(act.act, act.about) for act in await SectionAct.all()] == [("export participants", event.uri)]


class TestDeciding:
    """Agreeing or not, whatever way somebody asked."""

    @pytest.mark.parametrize("channel", [Channel.POLL, Channel.REPLY, Channel.ANSWER, Channel.EMAIL, Channel.PAGE])
    @pytest.mark.parametrize(("accept", "state"), [(True, ACCEPTED), (False, REFUSED)])
    async def test_every_way_is_decided_on(
        self, event: Post, remote_actor: Actor, ctx: Context, channel: Channel, accept: bool, state: str
    ) -> None:
        whose: dict[str, Any] = (
            {"email_fingerprint": "1"} if channel is Channel.EMAIL else {"actor_id": remote_actor.id}
        )
        row = await Participation.create(event=event, state=REQUESTED, channel=channel, **whose)
        for _ in range(2):
            await people.decide(event, row.id, None, ctx, accept=accept)
        assert (await Participation.get()).state == state
        assert (await EventNotice.get()).kind is NoticeKind.DECIDED

    async def test_who_asked_by_a_join_is_answered_by_an_activity(
        self, event: Post, section: Actor, remote_actor: Actor, ctx: Context
    ) -> None:
        await submit(factories.activity("Join", remote_actor.uri, event.uri), remote_actor, ctx)
        await people.decide(event, (await Participation.get()).id, None, ctx, accept=True)
        assert [item["type"] for item in await sent_by(section)] == ["Accept"]

    async def test_a_member_is_told(self, event: Post, member: Actor, ctx: Context) -> None:
        row = await Participation.create(event=event, actor=member, state=REQUESTED, channel=Channel.REPLY)
        await people.decide(event, row.id, None, ctx, accept=True)
        assert not await EventNotice.exists()
        assert (await Notification.get(recipient_id=member.id)).type is NotificationType.EVENT_ANSWER

    async def test_a_place_taken_back_goes_to_whoever_waits(
        self, section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context, world: World
    ) -> None:
        event = await factories.event(section, capacity=1)
        first = await Participation.create(event=event, actor=stranger, state=ACCEPTED, channel=Channel.REPLY)
        await submit(factories.activity("Join", remote_actor.uri, event.uri), remote_actor, ctx)
        assert (await Participation.get(actor_id=remote_actor.id)).state is WAITING
        await people.decide(event, first.id, None, ctx, accept=False)
        assert (await Participation.get(actor_id=remote_actor.id)).state is ACCEPTED
        assert [item["type"] for item in await sent_by(section)] == ["TentativeAccept", "Accept"]

    @pytest.mark.parametrize(
        "state", [ParticipationState.DECLINED, ParticipationState.TENTATIVE, ParticipationState.INVITED]
    )
    async def test_of_whoever_asks_for_no_place_there_is_nothing_to_decide(
        self, event: Post, remote_actor: Actor, ctx: Context, state: ParticipationState
    ) -> None:
        row = await Participation.create(event=event, actor=remote_actor, state=state)
        with pytest.raises(NotFound):
            await people.decide(event, row.id, None, ctx, accept=True)

    async def test_what_is_not_confirmed_is_nothing_to_decide(self, event: Post, ctx: Context) -> None:
        unconfirmed = {"email_fingerprint": "1", "state": ParticipationState.UNCONFIRMED}
        row = await Participation.create(event=event, **unconfirmed)
        with pytest.raises(NotFound):
            await people.decide(event, row.id, None, ctx, accept=True)

    async def test_who_decided_is_noted_and_what_was_refused_is_not(
        self, event: Post, main_section: Section, member: Actor, remote_actor: Actor, ctx: Context
    ) -> None:
        await hold(member, main_section, Role.MANAGER)
        row = await Participation.create(event=event, actor=remote_actor, state=REQUESTED, channel=Channel.POLL)
        with pytest.raises(NotFound):
            await people.decide(event, 7, member, ctx, accept=True)
        await people.decide(event, row.id, member, ctx, accept=True)
        act = await SectionAct.get()
        assert (act.author_id, act.act, act.about) == (member.id, "decide who comes", event.uri)
