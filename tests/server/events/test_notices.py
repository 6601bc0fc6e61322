"""Those who said something of an event are told what came of it, what changes and that it is near, by the way they came."""

from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_string, policy
from email.message import EmailMessage
from typing import Any

import pytest

from federation.attendance import Person, Said, record
from federation.context import Context
from federation.facts import Attended
from models.actor import Actor
from models.event import Event, EventStatus, JoinMode
from models.mail import Letter
from models.notification import Notification, NotificationType
from models.participation import Channel, EventNotice, NoticeKind, Participation, ParticipationState
from models.post import Post, Visibility
from models.secrets import fingerprint
from server.atomically import atomically
from server.events import actions, notices, people
from server.events.drafts import EventDraft, PlaceDraft
from tests import factories
from tests.federation.sending import sent_by
from tests.federation.submitting import submit

EMAIL = "noor@example.org"
STATES = ParticipationState


@pytest.fixture
async def event(section: Actor, ctx: Context) -> Post:
    """An event of the section, in ten days, with one place."""
    starts = (ctx.now() + timedelta(days=10)).replace(tzinfo=None, hour=18, minute=0)
    draft = EventDraft("Porte-à-porte", starts, place=PlaceDraft("Halles", locality="Lille"), capacity=1, language="fr")
    return await actions.publish(section, draft, ctx)


async def say(
    event: Post, ctx: Context, channel: Channel, state: STATES = STATES.ACCEPTED, **who: Any
) -> Participation:
    """Somebody says something of an event."""
    async with atomically(ctx) as whole:
        recorded = await record(event, Person(**who), Said(state, channel), whole)
        await whole.react([Attended(recorded.row, event, recorded.before)])
        await whole.react([Attended(row, event, STATES.WAITING, has_moved_up=True) for row in recorded.moved_up])
    return recorded.row


def by_mail(email: str = EMAIL) -> dict[str, Any]:
    """Whoever left an e-mail address."""
    return {"email_fingerprint": fingerprint(email), "columns": {"email": email, "name": "Noor"}}


async def letters() -> list[EmailMessage]:
    """What is to be sent by e-mail, oldest first."""
    rows = await Letter.all().order_by("id")
    return [message_from_string(row.message, policy=policy.default) for row in rows]  # type: ignore[misc]


def plain(letter: EmailMessage) -> str:
    """The text of a letter."""
    body = letter.get_body(("plain",))
    assert body is not None
    return spaced(str(body.get_content()))


def spaced(text: str) -> str:
    """The same with ordinary spaces, which French letters do not have everywhere."""
    return text.replace("\xa0", " ").replace("&nbsp;", " ")


async def test_a_reply_is_confirmed_to_its_author_alone(
    event: Post, section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    await factories.follow(stranger, section)
    await say(event, ctx, Channel.REPLY, actor_id=remote_actor.id)
    await notices.sweep(ctx)
    [sent] = await sent_by(section)
    note = sent["object"]
    assert (sent["to"], note["to"], note.get("cc")) == ([remote_actor.uri], [remote_actor.uri], [])
    assert "C’est noté : vous participez" in spaced(note["content"])
    assert "Halles, Lille" in note["content"]
    assert (note["inReplyTo"], note["tag"][0]["href"]) == (event.uri, remote_actor.uri)
    assert (await Post.exclude(id=event.id).get()).visibility is Visibility.DIRECT
    assert not await EventNotice.exists()


@pytest.mark.parametrize("channel", [Channel.JOIN, Channel.ANSWER, Channel.PAGE, Channel.DOOR])
async def test_who_sees_what_became_of_it_is_not_told(
    event: Post, remote_actor: Actor, ctx: Context, channel: Channel
) -> None:
    await say(event, ctx, channel, actor_id=remote_actor.id)
    assert not await EventNotice.exists()


async def test_a_yes_to_the_event_itself_is_answered_where_it_has_to_wait(
    event: Post, section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    for number in (1, 2):  # said again, it is told once
        for actor in (remote_actor, stranger):
            await submit(factories.activity("Accept", actor.uri, event.uri, number), actor, ctx)
        await notices.sweep(ctx)
    [sent] = [item for item in await sent_by(section) if item["type"] == "Create" and item["object"]["type"] == "Note"]
    assert (sent["to"], sent.get("cc")) == ([stranger.uri], None)
    assert "Vous êtes sur la liste d’attente" in sent["object"]["content"]


@pytest.mark.parametrize(
    ("accept", "said"), [(True, "L’équipe a accepté"), (False, "L’équipe n’a pas accepté")], ids=["let in", "refused"]
)
async def test_where_the_organisers_decide_it_is_answered_twice(
    event: Post, section: Actor, remote_actor: Actor, ctx: Context, accept: bool, said: str
) -> None:
    await Event.filter(post_id=event.id).update(join_mode=JoinMode.RESTRICTED)
    await submit(factories.activity("Accept", remote_actor.uri, event.uri), remote_actor, ctx)
    await notices.sweep(ctx)
    row = await Participation.get()
    assert (row.state, row.channel) == (STATES.REQUESTED, Channel.ANSWER)

    await people.decide(event, row.id, None, ctx, accept=accept)
    await notices.sweep(ctx)

    assert (await Participation.get()).state is (STATES.ACCEPTED if accept else STATES.REFUSED)
    asked, decided = [item for item in await sent_by(section) if item["to"] == [remote_actor.uri]]
    assert "L’équipe vous répondra" in spaced(asked["object"]["content"])
    assert said in spaced(decided["object"]["content"])


async def test_a_party_that_had_to_wait_and_becomes_smaller_is_told(
    event: Post, section: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await Event.filter(post_id=event.id).update(most_guests=1)
    await submit(factories.activity("Join", remote_actor.uri, event.uri) | {"guests": 1}, remote_actor, ctx)
    await say(event, ctx, Channel.ANSWER, actor_id=remote_actor.id)
    await Participation.filter(actor_id=remote_actor.id).update(guests=0)
    await say(event, ctx, Channel.ANSWER, actor_id=remote_actor.id)
    await notices.sweep(ctx)
    assert (await Participation.get()).state is STATES.ACCEPTED
    assert "C’est noté : vous participez" in spaced((await sent_by(section))[-1]["object"]["content"])


async def test_an_address_gets_a_letter_with_its_private_link(event: Post, section: Actor, ctx: Context) -> None:
    row = await say(event, ctx, Channel.EMAIL, **by_mail())
    await notices.sweep(ctx)
    [letter] = await letters()
    link = notices.link_of(row, ctx)
    assert link in plain(letter)
    assert letter["List-Unsubscribe"].strip() == f"<{link}>"
    assert (letter["To"], letter["Subject"]) == (EMAIL, "Porte-à-porte")
    assert not await sent_by(section)


async def test_whoever_moves_up_is_told_by_the_way_they_came(
    event: Post, section: Actor, member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await say(event, ctx, Channel.PAGE, actor_id=member.id)
    waits = await say(event, ctx, Channel.EMAIL, **by_mail())
    assert waits.state is STATES.WAITING
    await notices.sweep(ctx)
    await say(event, ctx, Channel.PAGE, STATES.DECLINED, actor_id=member.id)
    await notices.sweep(ctx)
    first, second = await letters()
    assert "liste d’attente" in plain(first)
    assert spaced(second["Subject"]) == "Une place s’est libérée : Porte-à-porte"


async def test_a_member_who_moves_up_is_notified(event: Post, member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await say(event, ctx, Channel.REPLY, actor_id=remote_actor.id)
    await say(event, ctx, Channel.PAGE, actor_id=member.id)
    await say(event, ctx, Channel.REPLY, STATES.DECLINED, actor_id=remote_actor.id)
    await notices.sweep(ctx)
    told = await Notification.get(recipient_id=member.id)
    assert (told.type, told.post_id) == (NotificationType.EVENT_ANSWER, event.id)


@pytest.mark.parametrize(
    ("change", "subject", "notice"),
    [("cancel", "Annulé : Porte-à-porte", "n’aura pas lieu"), ("move", "Changement : Porte-à-porte", "change. Voici"),
     ("postpone", "Reporté : Porte-à-porte", "La nouvelle date")],
)  # fmt: skip
async def test_a_change_reaches_everybody_by_their_way(
    event: Post, section: Actor, member: Actor, remote_actor: Actor, stranger: Actor, ctx: Context,
    change: str, subject: str, notice: str,
) -> None:  # fmt: skip
    await say(event, ctx, Channel.PAGE, actor_id=member.id)
    await submit(factories.activity("Join", remote_actor.uri, event.uri), remote_actor, ctx)
    await say(event, ctx, Channel.REPLY, STATES.TENTATIVE, actor_id=stranger.id)
    await say(event, ctx, Channel.EMAIL, **by_mail())
    await say(event, ctx, Channel.EMAIL, STATES.DECLINED, **by_mail("non@example.org"))
    await EventNotice.all().delete()
    before = len(await sent_by(section))
    if change == "move":
        draft = await actions.draft_of(event)
        await actions.edit(section, event, replace(draft, starts=draft.starts + timedelta(days=1)), ctx)
    else:
        status = EventStatus.CANCELLED if change == "cancel" else EventStatus.POSTPONED
        await actions.set_status(section, event, status, ctx)
    await notices.sweep(ctx)
    [letter] = await letters()
    assert (letter["To"], spaced(letter["Subject"])) == (EMAIL, subject)
    assert notice in plain(letter)
    assert (await Notification.get(recipient_id=member.id)).type is NotificationType.EVENT_CHANGE
    update, *notes = (await sent_by(section))[before:]
    assert update["type"] == "Update"  # owed to whoever asked to come, who need not follow
    assert sorted(item["to"][0] for item in notes) == sorted([remote_actor.uri, stranger.uri])
    assert all(notice in spaced(item["object"]["content"]) for item in notes)


async def test_what_does_not_matter_to_those_who_come_is_not_told(event: Post, section: Actor, ctx: Context) -> None:
    await say(event, ctx, Channel.EMAIL, **by_mail())
    await EventNotice.all().delete()
    draft = await actions.draft_of(event)
    await actions.edit(section, event, replace(draft, text="Apportez un gâteau.", capacity=5), ctx)
    assert not await EventNotice.filter(kind=NoticeKind.CHANGED).exists()


async def test_one_reminder_the_day_before(event: Post, ctx: Context) -> None:
    row = await say(event, ctx, Channel.EMAIL, **by_mail())
    await Participation.filter(id=row.id).update(said_at=ctx.now() - timedelta(days=3))
    await EventNotice.all().delete()
    starts_at = (await Event.get(post_id=event.id)).starts_at
    for moment in (starts_at - timedelta(days=2), starts_at - timedelta(hours=20), starts_at - timedelta(hours=10)):
        await notices.remind(moment)
    assert [row.kind for row in await EventNotice.all()] == [NoticeKind.REMINDER]
    await notices.tell((await EventNotice.get()).id, ctx)
    [letter] = await letters()
    assert spaced(letter["Subject"]) == "Rappel : Porte-à-porte"


@pytest.mark.parametrize("what", ["cancelled", "just said", "waiting"])
async def test_no_reminder_of_what_is_off_or_known(event: Post, section: Actor, ctx: Context, what: str) -> None:
    row = await say(event, ctx, Channel.EMAIL, **by_mail())
    starts_at = (await Event.get(post_id=event.id)).starts_at
    columns: dict[str, Any] = {"said_at": starts_at - timedelta(hours=3 if what == "just said" else 72)}
    if what == "waiting":
        columns["state"] = STATES.WAITING
    await Participation.filter(id=row.id).update(**columns)
    if what == "cancelled":
        await Event.filter(post_id=event.id).update(status=EventStatus.CANCELLED)
    await EventNotice.all().delete()
    await notices.remind(starts_at - timedelta(hours=2))
    assert not await EventNotice.exists()


async def test_what_was_told_is_not_told_again(event: Post, ctx: Context) -> None:
    await say(event, ctx, Channel.EMAIL, **by_mail())
    id_ = (await EventNotice.get()).id
    for _ in range(2):
        await notices.tell(id_, ctx)
    assert len(await letters()) == 1


async def test_whoever_is_gone_is_told_nothing(event: Post, section: Actor, remote_actor: Actor, ctx: Context) -> None:
    await say(event, ctx, Channel.REPLY, actor_id=remote_actor.id)
    remote_actor.gone_at = datetime.now(tz=ctx.now().tzinfo)
    await remote_actor.save(update_fields=["gone_at"])
    await notices.sweep(ctx)
    assert not await sent_by(section)


async def test_a_title_names_nobody_in_a_message(
    section: Actor, member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    starts = (ctx.now() + timedelta(days=3)).replace(tzinfo=None)
    draft = EventDraft(f"Avec @{member.username}", starts, place=PlaceDraft("Ici"), language="en")
    event = await actions.publish(section, draft, ctx)
    await say(event, ctx, Channel.POLL, actor_id=remote_actor.id)
    await notices.sweep(ctx)
    [sent] = await sent_by(section)
    assert [tag["href"] for tag in sent["object"]["tag"]] == [remote_actor.uri]
    assert "Noted: you are coming" in sent["object"]["content"]
