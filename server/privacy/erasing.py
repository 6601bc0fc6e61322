"""Erasing all that is known about somebody, here and, as far as other servers do what they are told, everywhere.

Source: GDPR art. 17; ActivityPub §7.4 (Delete)
"""

from tortoise import timezone

from federation import taking_over
from federation.context import Context
from models.actor import Actor
from models.consent import Consent, Contact
from models.mail import Letter
from models.member import Member
from models.membership import JoinLink, Membership, MembershipHistory, Transfer
from models.role import RoleHolder, RoleOffer
from models.secrets import fingerprint
from models.sign_up import SignUp
from server.atomically import atomically
from server.consents import texts
from server.contacts.actions import erase as erase_contact
from server.errors import Conflict, Invalid
from server.events import by_email
from server.members import leaving
from server.privacy import words
from server.privacy.known import contacts_of

# Rows that are about a person alone, by the columns that name it; whatever else there is goes with the account.
ABOUT_THEM = (
    (Membership, "member_id"),
    (MembershipHistory, "member_id"),
    (Transfer, "member_id"),
    (Consent, "actor_id"),
    (RoleHolder, "holder_id"),
    (RoleOffer, "person_id"),
    (RoleOffer, "giver_id"),
    (JoinLink, "maker_id"),
)


async def erase(actor: Actor, ctx: Context) -> None:
    """Close an account and erase all that is known of its owner, contacts under the same e-mail address too.

    What they did for a section stays in its journal, without their name.

    Raises:
        Conflict: it is the main section, or its last animator.
        Forbidden: it is the server itself.
        Invalid: it is a section, which is closed otherwise, or lives elsewhere: see `forget`.
    """
    if not actor.is_local or actor.is_group:
        raise Invalid("Only the account of a person of this server is erased like this.")
    login = await Member.get_or_none(actor_id=actor.id)
    contacts = await contacts_of(actor)
    async with atomically(ctx) as whole:
        await leaving.delete(actor, whole)
        for contact in contacts:
            await erase_contact(contact)
        if login is not None and login.email:
            await by_email.erase(login.email, whole)
            await Letter.forget(login.email)
            await SignUp.filter(email_fingerprint=fingerprint(login.email)).delete()
        await _erase_rows(actor)


async def forget(actor: Actor) -> None:
    """Erase what is known here about somebody of another server who belongs to no section of ours any more.

    What they or others are still to be told of it goes when they have been told.

    Raises:
        Conflict: they do.
        Invalid: they live here: see `erase`.
    """
    if actor.is_local:
        raise Invalid("They have an account here, which is erased as a whole.")
    if await Membership.exists(member_id=actor.id, group__is_local=True):
        raise Conflict("They belong to a section here, or asked to: end that first.")
    await _erase_rows(actor)


async def _erase_rows(actor: Actor) -> None:
    await taking_over.forget(actor, timezone.now())
    for table, column in ABOUT_THEM:
        await table.filter(**{column: actor.id}).delete()
    await words.leave_journals(actor)
    await words.leave_activities(actor)
    await texts.drop_unused()


async def erase_address(address: str, ctx: Context) -> int:
    """Erase all that was left under an e-mail address, with whatever section or for whatever event; how often that was."""
    contacts = await Contact.of_address(address)
    for contact in contacts:
        await erase_contact(contact)
    answers = await by_email.erase(address, ctx)
    await Letter.forget(address)
    asked = await SignUp.filter(email_fingerprint=fingerprint(address)).delete()
    return len(contacts) + answers + asked
