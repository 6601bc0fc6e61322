"""What is done with contacts: an address is left, confirmed by the link that was sent there, and erased by the same link.

Whoever leaves an address is never told whether it was known: who a section may write to is nobody's business.
"""

from collections.abc import Collection
from datetime import timedelta

from tortoise.transactions import in_transaction

from federation.context import Context
from models.actor import Actor
from models.consent import Consent, Contact, Purpose
from models.ids import new_id
from models.mail import Letter
from models.oauth import token_hash
from models.secrets import fingerprint, link_token
from server.atomically import atomically
from server.consents import actions as consents
from server.consents import texts
from server.errors import Invalid, NotFound
from server.mail import actions as mail
from server.mail.addresses import sendable

WRITTEN_AT_MOST_EVERY = timedelta(hours=1)
MAX_NAME_CHARACTERS = 100
PATH = "/contact/"


async def leave_address(
    group: Actor,
    email: str,
    purposes: Collection[Purpose],
    ctx: Context,
    *,
    name: str = "",
    language: str = "fr",
    by: str = "form",
) -> None:
    """Keep an address that somebody left with a section of ours, and write to it; the link in that letter confirms it.

    Left again, its purposes are those of the last time until it is confirmed, and only its owner changes them after; a
    letter goes there once an hour at most. `by` says how it came: the "form" of our pages, or another program ("api").

    Raises:
        Invalid: it is no address, no purpose is chosen or one is not for contacts, the name is too long.
        NotFound: the section is not ours, or is closed.
    """
    email, name = sendable(email), check_name(name)
    if not (group.is_local and group.is_group) or group.gone_at is not None:
        raise NotFound("There is no such section here.")
    check_purposes(purposes)
    if language not in texts.LANGUAGES:
        raise Invalid("This language is not spoken here.")
    async with atomically(ctx) as whole:
        contact = await _kept(group, email, name, language, whole)
        if contact.confirmed_at is None:
            await Consent.filter(contact_id=contact.id).delete()
            for purpose in sorted(purposes):
                await consents.give(group, contact, purpose, language=language, by=by, at=ctx.now())
        await _write(group, contact, whole)


async def _kept(group: Actor, email: str, name: str, language: str, ctx: Context) -> Contact:
    """Give the contact of an address, made where there is none; what one confirmed is called stays as it is."""
    id_ = new_id()
    columns = {
        "id": id_, "email": email, "name": name or None, "language": language, "hash": token_hash(_token(id_)),
        "created_at": ctx.now(),
    }  # fmt: skip
    contact, is_new = await Contact.get_or_create(columns, group=group, email_fingerprint=fingerprint(email))
    if not is_new and contact.confirmed_at is None:
        contact.name, contact.language = name or None, language
        await contact.save(update_fields=["name", "language"])
    return contact


async def _write(group: Actor, contact: Contact, ctx: Context) -> None:
    if contact.written_at is not None and contact.written_at > ctx.now() - WRITTEN_AT_MOST_EVERY:
        return
    await Contact.filter(id=contact.id).update(written_at=ctx.now())
    await mail.post(
        "confirm" if contact.confirmed_at is None else "again",
        contact.email,
        ctx,
        language=contact.language,
        sender_name=group.name,
        section=group.name,
        link=link_of(contact, ctx),
    )


def link_of(contact: Contact, ctx: Context) -> str:
    """Give the private link of a contact, for letters to them alone: whoever has it sees, changes and erases everything."""
    return f"{ctx.names.origin}{PATH}{_token(contact.id)}"


def _token(id_: int) -> str:
    return link_token(f"contact {id_}")


async def of_link(token: str) -> Contact:
    """Find whose private link this is, `group` loaded.

    Raises:
        NotFound: nobody's, or everything of theirs was erased.
    """
    contact = await Contact.get_or_none(hash=token_hash(token), group__gone_at=None).select_related("group")
    if contact is None:
        raise NotFound("This link does not work, or what it showed was erased.")
    return contact


async def confirm(contact: Contact, ctx: Context) -> None:
    """Say that the address is theirs: from now on the section may write to it. Twice is once."""
    if contact.confirmed_at is None:
        contact.confirmed_at = ctx.now()
        await contact.save(update_fields=["confirmed_at"])


async def choose(
    contact: Contact, purposes: Collection[Purpose], ctx: Context, *, language: str, by: str = "link"
) -> None:
    """Receive just this from now on: what is new is agreed to, what is left out is withdrawn. `group` must be loaded.

    Raises:
        Invalid: a purpose is not for contacts.
    """
    for purpose in purposes:
        consents.check_purpose(contact.group, contact, purpose)
    async with in_transaction():
        for purpose in sorted(consents.OF_CONTACTS):
            if purpose in purposes:
                await consents.give(contact.group, contact, purpose, language=language, by=by, at=ctx.now())
            else:
                await consents.withdraw(contact.group, contact, purpose, by=by, at=ctx.now())


async def erase(contact: Contact) -> None:
    """Erase an address with all that was known of it, and what is still to be sent there."""
    async with in_transaction():
        await Letter.forget(contact.email)
        await contact.delete()
        await texts.drop_unused()


def check_purposes(purposes: Collection[Purpose]) -> None:
    """Refuse to keep an address for nothing, or for what is for members.

    Raises:
        Invalid: it would be.
    """
    if not purposes or not consents.OF_CONTACTS.issuperset(purposes):
        raise Invalid("Choose what you would like to receive.")


def check_name(typed: str) -> str:
    """Read the name that somebody left with an address, which may be left out.

    Raises:
        Invalid: it is too long.
    """
    name = " ".join(typed.split())
    if len(name) > MAX_NAME_CHARACTERS:
        raise Invalid("A name may have 100 characters at most.")
    return name
