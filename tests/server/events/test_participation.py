"""Members come to events, here and elsewhere, and organisers decide: each tells only the other side."""

import pytest

from federation.context import Context
from models.actor import Actor
from models.delivery import Delivery
from models.event import JoinMode
from models.participation import Participation, ParticipationState
from models.post import Post, Visibility
from server.errors import Forbidden, NotFound
from server.events import participation
from server.events.participation import Answer
from tests import factories
from tests.federation.sending import sent_by
from tests.federation.submitting import submit


@pytest.fixture
async def theirs(remote_actor: Actor) -> Post:
    """An event of another server."""
    return await factories.post(remote_actor, type="Event")


@pytest.fixture
async def ours(section: Actor) -> Post:
    """An event of the section, whose organiser decides who comes."""
    return await factories.event(section, join_mode=JoinMode.RESTRICTED)


async def test_a_wish_and_its_end_go_to_the_organiser_alone(
    member: Actor, remote_actor: Actor, stranger: Actor, theirs: Post, ctx: Context
) -> None:
    await factories.follow(stranger, member)
    for _ in range(2):
        assert (await participation.join(member, theirs, ctx)).state is ParticipationState.REQUESTED
    for _ in range(2):
        await participation.leave(member, theirs, ctx)
    sent = await sent_by(member)
    assert [(item["type"], item["to"], item.get("cc")) for item in sent] == [
        ("Join", [remote_actor.uri], None),
        ("Leave", [remote_actor.uri], None),
    ]
    assert {row.inbox_uri for row in await Delivery.all()} == {remote_actor.delivery_uri}
    assert not await Participation.exists()


async def test_whoever_is_refused_may_ask_again(member: Actor, remote_actor: Actor, theirs: Post, ctx: Context) -> None:
    asked = await participation.join(member, theirs, ctx)
    await submit(factories.activity("Reject", remote_actor.uri, asked.uri), remote_actor, ctx)
    assert (await participation.join(member, theirs, ctx)).state is ParticipationState.REQUESTED


async def test_a_member_comes_to_an_open_event_here_at_once(section: Actor, member: Actor, ctx: Context) -> None:
    event = await factories.post(section, type="Event")
    assert (await participation.join(member, event, ctx)).state is ParticipationState.ACCEPTED
    assert not await Delivery.exists()


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (Answer.YES, ParticipationState.ACCEPTED),
        (Answer.PERHAPS, ParticipationState.TENTATIVE),
        (Answer.NO, ParticipationState.DECLINED),
    ],
)
async def test_an_answer_goes_to_the_organiser_alone(
    member: Actor, remote_actor: Actor, theirs: Post, ctx: Context, said: Answer, state: ParticipationState
) -> None:
    assert (await participation.answer(member, theirs, said, ctx)).state is state
    [sent] = await sent_by(member)
    assert (sent["type"], sent["object"], sent["to"]) == (said.value, theirs.uri, [remote_actor.uri])


@pytest.mark.parametrize(("accept", "kind"), [(True, "Accept"), (False, "Reject")])
async def test_the_organiser_decides(
    section: Actor, remote_actor: Actor, ours: Post, ctx: Context, accept: bool, kind: str
) -> None:
    asked = factories.activity("Join", remote_actor.uri, ours.uri)
    await submit(asked, remote_actor, ctx)
    await participation.decide(section, await Participation.get(), ctx, accept=accept)
    [sent] = await sent_by(section)
    assert (sent["type"], sent["object"]["id"], sent["to"]) == (kind, asked["id"], [remote_actor.uri])
    state = ParticipationState.ACCEPTED if accept else ParticipationState.REFUSED
    assert (await Participation.get()).state is state
    assert await Participation.coming([ours.id]) == ({ours.id: 1} if accept else {})


async def test_nobody_else_decides(member: Actor, remote_actor: Actor, ours: Post, ctx: Context) -> None:
    await submit(factories.activity("Join", remote_actor.uri, ours.uri), remote_actor, ctx)
    with pytest.raises(Forbidden):
        await participation.decide(member, await Participation.get(), ctx, accept=True)


async def test_where_nobody_asked_there_is_nothing_to_decide(
    section: Actor, remote_actor: Actor, ours: Post, ctx: Context
) -> None:
    await submit(factories.activity("Reject", remote_actor.uri, ours.uri), remote_actor, ctx)
    said = await Participation.get()
    with pytest.raises(NotFound):
        await participation.decide(section, said, ctx, accept=True)
    await said.delete()
    with pytest.raises(NotFound):
        await participation.decide(section, said, ctx, accept=True)


async def test_nobody_comes_to_a_note_or_to_what_is_not_for_them(
    member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    with pytest.raises(NotFound):
        await participation.join(member, await factories.post(remote_actor), ctx)
    hidden = await factories.post(remote_actor, type="Event", visibility=Visibility.DIRECT)
    with pytest.raises(Forbidden):
        await participation.join(member, hidden, ctx)


async def test_of_no_events_there_are_no_totals(ctx: Context) -> None:
    assert await Participation.coming([]) == {}
