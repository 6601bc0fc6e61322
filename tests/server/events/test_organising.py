"""Organising in a section's name: who may, what is noted, and the one public Question below an event."""

from dataclasses import replace
from datetime import timedelta

import pytest

from federation.context import Context
from models.actor import Actor
from models.event import Event, EventPoll, EventStatus, JoinMode
from models.participation import Channel, Participation, ParticipationState
from models.poll import Poll
from models.post import Post, Visibility
from models.role import Role, RoleHolder, SectionAct
from models.section import Section
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.events import actions, organising
from server.events.drafts import EventDraft, PlaceDraft
from tests import factories
from tests.federation.sending import sent_by
from tests.federation.submitting import submit


@pytest.fixture
def draft(ctx: Context) -> EventDraft:
    """A meeting in two days."""
    starts = (ctx.now() + timedelta(days=2)).replace(tzinfo=None)
    return EventDraft("Réunion", starts, place=PlaceDraft("Halles", locality="Lille"), capacity=1, language="fr")


@pytest.fixture
async def editor(main_section: Section, member: Actor) -> Actor:
    """A member who edits for the section."""
    await RoleHolder.create(section=main_section, holder=member, role=Role.EDITOR)
    return member


async def test_an_editor_announces_changes_and_calls_off(
    main_section: Section, editor: Actor, draft: EventDraft, ctx: Context
) -> None:
    event = await organising.announce(main_section, editor, draft, ctx)
    assert event.actor_id == main_section.actor_id
    await organising.edit(event, editor, replace(draft, title="Assemblée"), ctx)
    await organising.set_status(await Post.get(id=event.id), editor, EventStatus.CANCELLED, ctx)
    assert (await Event.get(post_id=event.id)).status is EventStatus.CANCELLED
    assert [(act.act, act.about, act.author_id) for act in await SectionAct.all()] == [
        ("organise", event.uri, editor.id)
    ] * 3


@pytest.mark.parametrize("role", [Role.MODERATOR, None])
async def test_nobody_else_does(
    main_section: Section, other_member: Actor, draft: EventDraft, ctx: Context, role: Role | None
) -> None:
    if role is not None:
        await RoleHolder.create(section=main_section, holder=other_member, role=role)
    event = await organising.announce(main_section, None, draft, ctx)
    await SectionAct.all().delete()
    for act in (
        organising.announce(main_section, other_member, draft, ctx),
        organising.edit(event, other_member, draft, ctx),
        organising.set_status(event, other_member, EventStatus.CANCELLED, ctx),
        organising.ask_everybody(event, other_member, ctx),
    ):
        with pytest.raises(Forbidden):
            await act
    assert not await SectionAct.exists()


async def test_what_cannot_be_announced_is_not_noted(main_section: Section, draft: EventDraft, ctx: Context) -> None:
    with pytest.raises(Invalid):
        await organising.announce(main_section, None, replace(draft, title=""), ctx)
    assert not await SectionAct.exists()


async def test_the_section_asks_everybody_who_got_the_event(
    main_section: Section, stranger: Actor, draft: EventDraft, ctx: Context
) -> None:
    section = main_section.actor
    await factories.follow(stranger, section)
    event = await organising.announce(main_section, None, draft, ctx)
    question = await organising.ask_everybody(event, None, ctx)
    create = (await sent_by(section))[-1]
    document = create["object"]
    assert (document["inReplyTo"], document["to"], document["cc"]) == (event.uri, event.to_uris, event.cc_uris)
    assert not any("totalItems" in option["replies"] for option in document["oneOf"])
    assert (question.visibility, question.in_reply_to_id) == (Visibility.PUBLIC, event.id)
    note = {
        "id": f"{stranger.uri}/votes/1", "type": "Note", "attributedTo": stranger.uri, "name": "Oui",
        "inReplyTo": question.uri, "to": [section.uri],
    }  # fmt: skip
    await submit(factories.activity("Create", stranger.uri, note, to=[section.uri]), stranger, ctx)
    row = await Participation.get()
    assert (row.event_id, row.channel, row.state) == (event.id, Channel.POLL, ParticipationState.ACCEPTED)
    assert (await Poll.get(post_id=question.id)).untold_since is None


async def test_an_event_for_members_is_asked_about_among_them(
    main_section: Section, draft: EventDraft, ctx: Context
) -> None:
    event = await organising.announce(main_section, None, replace(draft, visibility=Visibility.SECTION), ctx)
    question = await organising.ask_everybody(event, None, ctx)
    assert (question.visibility, question.to_uris) == (Visibility.SECTION, [main_section.actor.members_uri])


async def test_it_asks_once_and_not_what_takes_nobody(main_section: Section, draft: EventDraft, ctx: Context) -> None:
    event = await organising.announce(main_section, None, draft, ctx)
    await organising.ask_everybody(event, None, ctx)
    with pytest.raises(Conflict, match="already"):
        await organising.ask_everybody(event, None, ctx)
    section = main_section.actor
    begun = {"starts_at": ctx.now() - timedelta(hours=1), "ends_at": ctx.now() + timedelta(hours=1)}
    for terms in ({"status": EventStatus.CANCELLED}, {"join_mode": JoinMode.NONE}, begun):
        with pytest.raises(Conflict):
            await organising.ask_everybody(await factories.event(section, **terms), None, ctx)
    with pytest.raises(NotFound):
        await organising.ask_everybody(await factories.post(section), None, ctx)
    assert await EventPoll.all().count() == 1


async def test_more_places_are_given_at_once_to_those_who_wait(
    main_section: Section, draft: EventDraft, remote_actor: Actor, stranger: Actor, member: Actor, ctx: Context
) -> None:
    section = main_section.actor
    event = await organising.announce(main_section, None, draft, ctx)
    await Participation.create(event=event, actor=member, state=ParticipationState.ACCEPTED)
    for actor in (remote_actor, stranger):
        await submit(factories.activity("Join", actor.uri, event.uri), actor, ctx)
    await organising.edit(event, None, replace(draft, capacity=2), ctx)
    states = {row.actor_id: row.state for row in await Participation.all()}
    assert (states[remote_actor.id], states[stranger.id]) == (ParticipationState.ACCEPTED, ParticipationState.WAITING)
    accept = [item for item in await sent_by(section) if item["type"] == "Accept"]
    assert [item["to"] for item in accept] == [[remote_actor.uri]]
    await organising.edit(event, None, replace(draft, capacity=None), ctx)
    assert (await Participation.get(actor_id=stranger.id)).state is ParticipationState.ACCEPTED


async def test_fewer_places_send_nobody_away_and_a_cancelled_event_moves_nobody_up(
    main_section: Section, draft: EventDraft, remote_actor: Actor, member: Actor, ctx: Context
) -> None:
    event = await organising.announce(main_section, None, draft, ctx)
    for actor, state in ((member, ParticipationState.ACCEPTED), (remote_actor, ParticipationState.WAITING)):
        await Participation.create(event=event, actor=actor, state=state)
    await organising.edit(event, None, replace(draft, capacity=5, status=EventStatus.CANCELLED), ctx)
    assert (await Participation.get(actor_id=remote_actor.id)).state is ParticipationState.WAITING
    await actions.set_status(main_section.actor, await Post.get(id=event.id), EventStatus.CONFIRMED, ctx)
    assert (await Participation.get(actor_id=remote_actor.id)).state is ParticipationState.ACCEPTED
    await organising.edit(event, None, replace(draft, capacity=1), ctx)
    assert {row.state for row in await Participation.all()} == {ParticipationState.ACCEPTED}
