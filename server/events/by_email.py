"""Coming to an event with nothing but an e-mail address: left, confirmed by the link in a letter, changed by the same link.

Whoever leaves an address is never told whether it was known: who comes is nobody's business.
"""

from typing import Any

from federation import attendance
from federation.attendance import Person, Said
from federation.context import Context
from federation.handlers import participation as handler
from federation.objects import event_line
from models.actor import Actor
from models.event import Event
from models.ids import new_id
from models.member import Member
from models.oauth import token_hash
from models.participation import Channel, Participation, ParticipationState
from models.post import Post
from models.secrets import fingerprint, link_token
from server.atomically import atomically
from server.consents.texts import LANGUAGES
from server.contacts.actions import WRITTEN_AT_MOST_EVERY
from server.errors import Invalid, NotFound
from server.events.checks import Wish, check_takes_people, check_wish
from server.events.telling import follow_up
from server.mail import actions as mail
from server.mail.addresses import sendable

PATH = "/answers/"
LETTERS_AN_HOUR = 5
SAYABLE = (ParticipationState.ACCEPTED, ParticipationState.TENTATIVE, ParticipationState.DECLINED)


async def leave_address(event: Post, email: str, wish: Wish, ctx: Context, *, language: str = "fr") -> None:
    """Keep an address that somebody left who wants to come to an event of ours, and write to it; the link confirms it.

    Left again, the last wish counts until it is confirmed, and only its owner changes it after; a letter goes there once
    an hour at most. Until then it holds no place, and after two days it is erased (server/housekeeping).

    Raises:
        Invalid: it is no address, or asks for what the event does not offer.
        NotFound: there is no such event here for everybody.
        Conflict: the event takes nobody, or a shift is full.
    """
    email = sendable(email)
    if not (event.is_local and event.type == "Event" and event.is_open):
        raise NotFound("There is no such event here.")
    if language not in LANGUAGES:
        raise Invalid("This language is not spoken here.")
    async with atomically(ctx) as whole:
        terms = await _terms(event)
        check_takes_people(terms, ctx.now())
        columns = await check_wish(terms, wish) | {"language": language, "said_at": ctx.now()}
        row = await _kept(event, email, columns, whole)
        await _write(event, terms, row, whole)


async def _terms(event: Post) -> Event:
    """Give what an event asks, and let nobody else say anything of it until the transaction ends.

    Raises:
        NotFound: it says nothing of when it is.
    """
    await attendance.locked(event)
    if (terms := await Event.get_or_none(post_id=event.id).select_related("place")) is None:
        raise NotFound("There is no such event here.")
    return terms


async def _kept(event: Post, email: str, columns: dict[str, Any], ctx: Context) -> Participation:
    """Give the row of an address, made where there is none; what one confirmed said stays as it is."""
    mark = fingerprint(email)
    row = await Participation.get_or_none(event_id=event.id, email_fingerprint=mark)
    if row is None:
        return await Participation.create(
            id=new_id(), event_id=event.id, email=email, email_fingerprint=mark, hash=token_hash(_token(event.id, mark)),
            channel=Channel.EMAIL, state=ParticipationState.UNCONFIRMED, created_at=ctx.now(), **columns,
        )  # fmt: skip
    if row.state is ParticipationState.UNCONFIRMED:
        await row.update_from_dict(columns).save(update_fields=list(columns))
    return row


async def _write(event: Post, terms: Event, row: Participation, ctx: Context) -> None:
    """Write to an address, unless that was done a short while ago."""
    an_hour_ago = ctx.now() - WRITTEN_AT_MOST_EVERY
    lately = Participation.filter(email_fingerprint=row.email_fingerprint, written_at__gt=an_hour_ago)
    if row.email is None or (row.written_at or an_hour_ago) > an_hour_ago or await lately.count() >= LETTERS_AN_HOUR:
        return
    await Participation.filter(id=row.id).update(written_at=ctx.now())
    organiser = await Actor.get(id=terms.organiser_id)
    await mail.post(
        "coming_confirm" if row.state is ParticipationState.UNCONFIRMED else "coming_again",
        row.email,
        ctx,
        language=row.language,
        sender_name=organiser.name,
        section=organiser.name,
        event=event.title,
        line=event_line.line(terms, terms.place, row.language),
        link=link_of(row, ctx),
    )


def link_of(row: Participation, ctx: Context) -> str:
    """Give the private link of somebody who left an address, for letters to them alone: whoever has it answers for them."""
    return f"{ctx.names.origin}{PATH}{_token(row.event_id, row.email_fingerprint or '')}"


def _token(event_id: int, mark: str) -> str:
    return link_token(f"participation {event_id} {mark}")


async def of_link(token: str) -> Participation:
    """Find whose private link this is, `event` and its `actor` loaded.

    Raises:
        NotFound: nobody's, or it was erased.
    """
    rows = Participation.filter(hash=token_hash(token), event__actor__gone_at=None)
    if (row := await rows.select_related("event__actor").first()) is None:
        raise NotFound("This link does not work, or what it showed was erased.")
    return row


async def confirm(row: Participation, ctx: Context) -> Participation:
    """Say that the address is theirs: only now do they ask for a place. Twice is once.

    An address of somebody's login here counts as that member: whatever they said before, by whatever way, the newest counts.

    Raises:
        Conflict: the event takes nobody any more.
    """
    async with atomically(ctx) as whole:
        terms = await _terms(row.event)
        row = await _fresh(row)
        if row.state is not ParticipationState.UNCONFIRMED:
            return row
        check_takes_people(terms, ctx.now())
        return await _say(row, ParticipationState.ACCEPTED, whole)


async def change(
    row: Participation, wish: Wish, ctx: Context, *, state: ParticipationState = ParticipationState.ACCEPTED
) -> Participation:
    """Say otherwise by the private link: whether one comes, how, with whom. It confirms the address, too.

    Raises:
        Invalid: it is no answer, or asks for what the event does not offer.
        Conflict: the event takes nobody any more, or a shift is full.
    """
    if state not in SAYABLE:
        raise Invalid("Say yes, perhaps or no.")
    async with atomically(ctx) as whole:
        terms = await _terms(row.event)
        row = await _fresh(row)
        if state is ParticipationState.ACCEPTED:
            check_takes_people(terms, ctx.now())
        columns = await check_wish(terms, wish, row)
        del columns["guests"]  # they are given by the ledger, as far as there is room
        await row.update_from_dict(columns).save(update_fields=list(columns))
        return await _say(row, state, whole, guests=wish.guests)


async def _fresh(row: Participation) -> Participation:
    """Read a row anew, now that nobody else writes it.

    Raises:
        NotFound: it was erased meanwhile.
    """
    if (found := await Participation.get_or_none(id=row.id).select_related("event__actor")) is None:
        raise NotFound("This link does not work, or what it showed was erased.")
    return found


async def _say(
    row: Participation, state: ParticipationState, ctx: Context, *, guests: int | None = None
) -> Participation:
    """Write in the ledger what somebody says by their private link."""
    event, shifts = row.event, tuple(row.wished_shifts)
    said = Said(state, Channel.EMAIL, None, row.guests if guests is None else guests, shifts, row.answers, row.message)
    person, member = Person(row.actor_id, row.email_fingerprint), await _member_of(row)
    if row.actor_id is None and member is not None:
        person = await _become(row, member)
    recorded = await attendance.record(event, person, said, ctx)
    await follow_up(await handler.effects(recorded, event, member, ctx.for_batch()), event, ctx)
    return await _fresh(recorded.row)


async def _member_of(row: Participation) -> Actor | None:
    """Find who has a login here under the address that somebody left."""
    if row.actor_id is not None:
        return await Actor.get(id=row.actor_id)
    logins = Member.filter(email_fingerprint=row.email_fingerprint, disabled_at=None, actor__gone_at=None)
    login = await logins.select_related("actor").first()
    return login.actor if login is not None else None


async def _become(row: Participation, member: Actor) -> Person:
    """Make one of the two answers of somebody: the address goes to what they said as a member, where they did."""
    held = await Participation.get_or_none(event_id=row.event_id, actor_id=member.id)
    if held is None:
        await Participation.filter(id=row.id).update(actor_id=member.id)
        return Person(member.id)
    await row.delete()
    kept = ("email", "email_fingerprint", "hash", "language", "written_at", "name")
    await held.update_from_dict({name: getattr(row, name) for name in kept}).save(update_fields=list(kept))
    return Person(member.id)


async def withdraw(row: Participation, ctx: Context) -> None:
    """Erase an answer with the address it came from. Whom the organisers refused stays refused, without a name."""
    async with atomically(ctx) as whole:
        await _terms(row.event)
        row = await _fresh(row)
        recorded = await attendance.withdraw(row, whole)
        if row.state is ParticipationState.REFUSED:
            await Participation.filter(id=row.id).update(email=None, name=None, answers=None, message=None)
        effects = await handler.moved_up(recorded.moved_up, row.event, whole.for_batch())
        await follow_up(effects, row.event, whole)


async def erase(address: str, ctx: Context) -> int:
    """Erase what was left under an address for any event, as its owner would by their links; how many answers those were."""
    rows = Participation.filter(email_fingerprint=fingerprint(address)).select_related("event__actor")
    found = await rows.order_by("id")
    for row in found:
        await withdraw(row, ctx)
    await Participation.filter(email_fingerprint=fingerprint(address)).delete()
    return len(found)
