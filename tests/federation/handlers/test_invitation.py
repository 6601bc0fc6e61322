"""Invitations to events, and answers to the event itself: yes, perhaps, no."""

from datetime import UTC, datetime
from typing import Any

import pytest

from federation.context import Context
from federation.errors import FederationError, NotAuthorised, UnsupportedActivity
from models.actor import Actor
from models.event import Event, EventStatus, JoinMode
from models.follow import Follow, FollowState
from models.notification import Notification, NotificationType
from models.participation import Participation, ParticipationState
from models.post import Post, Visibility
from server.events import notices
from tests import factories
from tests.federation.sending import sent_by
from tests.federation.submitting import submit
from tests.world import World

INVITED = ParticipationState.INVITED


def event_of(actor: Actor, number: int = 1, **more: Any) -> dict[str, Any]:
    """A public event of another server."""
    return factories.note(actor.uri, number, type="Event", name="Pique-nique", **more)


def invite(actor: Actor, event: Any, invited: Actor, number: int = 1, **more: Any) -> dict[str, Any]:
    """An Invite to somebody here."""
    return factories.activity("Invite", actor.uri, event, number, **({"to": [invited.uri]} | more))


async def states() -> list[tuple[int, ParticipationState]]:
    """Who was asked to come, or said something of it."""
    return [(row.actor_id, row.state) for row in await Participation.all().order_by("id")]


async def test_an_event_comes_with_the_invitation_and_the_member_is_told(
    member: Actor, remote_actor: Actor, ctx: Context, world: World
) -> None:
    private = event_of(remote_actor, to=[member.uri], cc=[])
    for number in (1, 2):
        await submit(invite(remote_actor, private, member, number), remote_actor, ctx)
    post = await Post.get(uri=private["id"])
    assert (post.type, post.visibility, post.title) == ("Event", Visibility.DIRECT, "Pique-nique")
    assert await states() == [(member.id, INVITED)]
    told = await Notification.filter(type=NotificationType.EVENT_INVITE)
    assert [(row.recipient_id, row.post_id) for row in told] == [(member.id, post.id)]
    assert world.fetched == []


@pytest.mark.parametrize("named", ["to", "target"])
async def test_an_event_that_is_only_named_is_fetched(
    member: Actor, remote_actor: Actor, ctx: Context, world: World, named: str
) -> None:
    event = event_of(remote_actor)
    world.serve(event)
    activity = invite(remote_actor, event["id"], member) | {"to": [], named: member.uri}
    await submit(activity, remote_actor, ctx)
    assert await states() == [(member.id, INVITED)]


async def test_where_nobody_here_is_asked_nothing_is_fetched(
    remote_actor: Actor, stranger: Actor, ctx: Context, world: World
) -> None:
    world.serve(event_of(remote_actor))
    with pytest.raises(UnsupportedActivity):
        await submit(invite(remote_actor, event_of(remote_actor)["id"], stranger), remote_actor, ctx)
    assert world.fetched == []


async def test_nobody_invites_to_anothers_event(
    member: Actor, remote_actor: Actor, stranger: Actor, section: Actor, ctx: Context
) -> None:
    ours = await factories.event(section)
    theirs = await factories.post(stranger, type="Event")
    for number, event in enumerate((ours.uri, theirs.uri, event_of(stranger, 2))):
        with pytest.raises(FederationError):
            await submit(invite(remote_actor, event, member, number), remote_actor, ctx)
    assert await states() == []


async def test_who_has_said_something_is_not_asked_again(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    event = event_of(remote_actor)
    await submit(invite(remote_actor, event, member), remote_actor, ctx)
    await submit(factories.activity("Reject", member.uri, event["id"]), member, ctx)
    await submit(invite(remote_actor, event, member, 2), remote_actor, ctx)
    assert await states() == [(member.id, ParticipationState.DECLINED)]


async def test_an_organiser_here_invites_people_of_other_servers(
    section: Actor, remote_actor: Actor, member: Actor, ctx: Context
) -> None:
    event = await factories.event(section, visibility=Visibility.DIRECT, join_mode=JoinMode.INVITE)
    await submit(invite(section, event.uri, remote_actor), section, ctx)
    assert await states() == [(remote_actor.id, INVITED)]
    await submit(factories.activity("Join", remote_actor.uri, event.uri), remote_actor, ctx)
    assert await states() == [(remote_actor.id, ParticipationState.ACCEPTED)]
    with pytest.raises(NotAuthorised):
        await submit(factories.activity("Join", member.uri, event.uri), member, ctx)


async def test_an_invitation_is_taken_back_until_it_is_answered(
    member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    event = event_of(remote_actor)
    said = invite(remote_actor, event, member) | {"to": [member.uri, other_member.uri]}
    await submit(said, remote_actor, ctx)
    await submit(factories.activity("Accept", member.uri, event["id"]), member, ctx)
    await submit(factories.activity("Undo", remote_actor.uri, said["id"]), remote_actor, ctx)
    assert await states() == [(member.id, ParticipationState.ACCEPTED)]


async def test_nobody_else_takes_an_invitation_back(
    member: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    said = invite(remote_actor, event_of(remote_actor), member)
    await submit(said, remote_actor, ctx)
    with pytest.raises(NotAuthorised, match="does not organise"):
        await submit(factories.activity("Undo", stranger.uri, said["id"]), stranger, ctx)
    assert await states() == [(member.id, INVITED)]


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("Accept", ParticipationState.ACCEPTED),
        ("TentativeAccept", ParticipationState.TENTATIVE),
        ("Reject", ParticipationState.DECLINED),
        ("TentativeReject", ParticipationState.DECLINED),
    ],
)
@pytest.mark.parametrize("shape", ["by uri", "embedded", "an invite"])
async def test_an_answer_to_an_event_of_ours(
    section: Actor, remote_actor: Actor, ctx: Context, kind: str, state: ParticipationState, shape: str
) -> None:
    event = await factories.event(section)
    shapes: dict[str, Any] = {
        "by uri": event.uri,
        "embedded": {"type": "Event", "id": event.uri, "name": "Ailleurs"},
        "an invite": {"type": "Invite", "id": ctx.names.new_activity(), "actor": section.uri, "object": event.uri},
    }
    for number in (1, 2):
        said = factories.activity(kind, remote_actor.uri, shapes[shape], number)
        await submit(said, remote_actor, ctx)
    assert await states() == [(remote_actor.id, state)]
    await submit(factories.activity("Undo", remote_actor.uri, said["id"]), remote_actor, ctx)
    assert await states() == []


async def test_where_the_organiser_decides_a_yes_is_a_wish(section: Actor, remote_actor: Actor, ctx: Context) -> None:
    event = await factories.event(section, join_mode=JoinMode.RESTRICTED)
    for number in (1, 2):
        await submit(factories.activity("Accept", remote_actor.uri, event.uri, number), remote_actor, ctx)
    assert await states() == [(remote_actor.id, ParticipationState.REQUESTED)]
    assert await Notification.filter(type=NotificationType.EVENT_REQUEST).count() == 1


async def test_who_was_refused_does_not_come_by_saying_so(section: Actor, remote_actor: Actor, ctx: Context) -> None:
    event = await factories.event(section)
    asked = factories.activity("Join", remote_actor.uri, event.uri)
    await submit(asked, remote_actor, ctx)
    await submit(factories.activity("Reject", section.uri, asked["id"]), section, ctx)
    await submit(factories.activity("Accept", remote_actor.uri, event.uri), remote_actor, ctx)
    assert await states() == [(remote_actor.id, ParticipationState.REQUESTED)]


@pytest.mark.parametrize("shape", ["the event", "an invite"])
@pytest.mark.parametrize(
    ("terms", "refused", "why"),
    [
        ({"status": EventStatus.CANCELLED}, NotAuthorised, "does not take place"),
        ({"status": EventStatus.POSTPONED}, NotAuthorised, "does not take place"),
        ({"starts_at": datetime(2020, 1, 1, tzinfo=UTC)}, NotAuthorised, "is over"),
    ],
)
async def test_a_yes_is_refused_where_a_join_would_be_and_a_no_is_not(
    section: Actor, remote_actor: Actor, ctx: Context, terms: dict[str, Any], refused: type[FederationError], why: str,
    shape: str,
) -> None:  # fmt: skip
    event = await factories.event(section, **terms)
    said: Any = event.uri
    if shape == "an invite":
        said = {"type": "Invite", "id": ctx.names.new_activity(), "actor": section.uri, "object": event.uri}
    with pytest.raises(refused, match=why):
        await submit(factories.activity("Accept", remote_actor.uri, said), remote_actor, ctx)
    assert await states() == []
    assert await sent_by(section) == []
    await submit(factories.activity("Reject", remote_actor.uri, said), remote_actor, ctx)
    assert await states() == [(remote_actor.id, ParticipationState.DECLINED)]


@pytest.mark.parametrize("shape", ["the event", "an invite"])
@pytest.mark.parametrize("mode", [JoinMode.EXTERNAL, JoinMode.NONE])
async def test_a_yes_in_vain_is_written_down_as_refused_and_its_author_told_once(
    section: Actor, remote_actor: Actor, ctx: Context, mode: JoinMode, shape: str
) -> None:
    event = await factories.event(section, join_mode=mode, external_url="https://signup.test/x", language="fr")
    said: Any = event.uri
    if shape == "an invite":
        said = {"type": "Invite", "id": ctx.names.new_activity(), "actor": section.uri, "object": event.uri}
    for number in (1, 2):
        await submit(factories.activity("Accept", remote_actor.uri, said, number), remote_actor, ctx)
        await notices.sweep(ctx)
    assert await states() == [(remote_actor.id, ParticipationState.REFUSED)]
    [told] = await sent_by(section)
    assert (told["type"], told["to"], told.get("cc")) == ("Create", [remote_actor.uri], None)
    content = told["object"]["content"].replace("\xa0", " ")
    assert "on n’y participe pas en répondant" in content
    assert "https://signup.test/x" in content
    assert "Pour changer d’avis" not in content


@pytest.mark.parametrize(
    ("kind", "state"),
    [("TentativeAccept", ParticipationState.TENTATIVE), ("Reject", ParticipationState.DECLINED)],
)
async def test_perhaps_and_no_are_written_down_where_a_yes_is_in_vain(
    section: Actor, remote_actor: Actor, ctx: Context, kind: str, state: ParticipationState
) -> None:
    event = await factories.event(section, join_mode=JoinMode.EXTERNAL)
    await submit(factories.activity(kind, remote_actor.uri, event.uri), remote_actor, ctx)
    await notices.sweep(ctx)
    assert await states() == [(remote_actor.id, state)]
    assert await sent_by(section) == []


async def test_who_comes_already_stays_in_when_saying_so_again_where_others_say_it_in_vain(
    section: Actor, remote_actor: Actor, ctx: Context
) -> None:
    event = await factories.event(section)
    await submit(factories.activity("Accept", remote_actor.uri, event.uri), remote_actor, ctx)
    await Event.filter(post_id=event.id).update(join_mode=JoinMode.EXTERNAL)
    await submit(factories.activity("Accept", remote_actor.uri, event.uri, 2), remote_actor, ctx)
    assert await states() == [(remote_actor.id, ParticipationState.ACCEPTED)]


async def test_one_of_ours_does_not_say_yes_in_vain(section: Actor, member: Actor, ctx: Context) -> None:
    event = await factories.event(section, join_mode=JoinMode.EXTERNAL)
    with pytest.raises(UnsupportedActivity, match="not joined by asking"):
        await submit(factories.activity("Accept", member.uri, event.uri), member, ctx)
    assert await states() == []


async def test_whoever_was_invited_says_yes_to_what_is_still_on(
    section: Actor, remote_actor: Actor, ctx: Context
) -> None:
    event = await factories.event(section, join_mode=JoinMode.INVITE, status=EventStatus.CANCELLED)
    await submit(invite(section, event.uri, remote_actor), section, ctx)
    said = factories.activity("Accept", remote_actor.uri, event.uri)
    with pytest.raises(NotAuthorised, match="does not take place"):
        await submit(said, remote_actor, ctx)
    assert await states() == [(remote_actor.id, INVITED)]
    await Event.filter(post_id=event.id).update(status=EventStatus.CONFIRMED)
    await submit(said | {"id": f"{said['id']}/2"}, remote_actor, ctx)
    assert await states() == [(remote_actor.id, ParticipationState.ACCEPTED)]


async def test_where_it_is_full_a_yes_waits(section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context) -> None:
    event = await factories.event(section, capacity=1)
    for actor in (remote_actor, stranger):
        await submit(factories.activity("Accept", actor.uri, event.uri), actor, ctx)
    assert await states() == [
        (remote_actor.id, ParticipationState.ACCEPTED),
        (stranger.id, ParticipationState.WAITING),
    ]
    await submit(factories.activity("Undo", remote_actor.uri, factories.activity("Accept", remote_actor.uri, event.uri)),
                 remote_actor, ctx)  # fmt: skip
    assert await states() == [(stranger.id, ParticipationState.ACCEPTED)]


async def test_who_approves_followers_still_has_open_events(section: Actor, remote_actor: Actor, ctx: Context) -> None:
    section.approves_followers = True
    await section.save(update_fields=["approves_followers"])
    follow = factories.activity("Follow", remote_actor.uri, section.uri)
    await submit(follow, remote_actor, ctx)
    event = await factories.event(section)
    inner = await factories.event(section, visibility=Visibility.FOLLOWERS)

    await submit(factories.activity("Accept", remote_actor.uri, event.uri), remote_actor, ctx)
    with pytest.raises(NotAuthorised, match="is not for"):
        await submit(factories.activity("Accept", remote_actor.uri, inner.uri, 2), remote_actor, ctx)

    assert await states() == [(remote_actor.id, ParticipationState.ACCEPTED)]
    assert (await Follow.get()).state is FollowState.REQUESTED
    answer = factories.activity("Accept", section.uri, follow) | {"id": ctx.names.new_activity()}
    await submit(answer, section, ctx)
    assert (await Follow.get()).state is FollowState.ACCEPTED
    assert await Participation.all().count() == 1
    await submit(factories.activity("Accept", remote_actor.uri, inner.uri, 3), remote_actor, ctx)
    assert await Participation.all().count() == 2


async def test_what_is_not_for_them_is_answered_by_nobody(section: Actor, remote_actor: Actor, ctx: Context) -> None:
    event = await factories.event(section, visibility=Visibility.FOLLOWERS)
    with pytest.raises(NotAuthorised, match="is not for"):
        await submit(factories.activity("Accept", remote_actor.uri, event.uri), remote_actor, ctx)


async def test_strangers_answer_each_other_elsewhere(remote_actor: Actor, stranger: Actor, ctx: Context) -> None:
    event = await factories.post(remote_actor, type="Event")
    with pytest.raises(UnsupportedActivity):
        await submit(factories.activity("Accept", stranger.uri, event.uri), stranger, ctx)


async def test_an_answer_to_a_follow_is_still_that(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    with pytest.raises(NotAuthorised, match="was not asked"):
        await submit(factories.activity("Accept", remote_actor.uri, ctx.names.new_activity()), remote_actor, ctx)
