"""Writes into a database what managers know of people, sealed with the server's key: `personal <section> <username>…`."""

import sys

from federation.context import Context
from models.actor import Actor
from models.consent import Contact
from models.member import Member
from models.membership import Membership, MembershipState
from models.secrets import fingerprint
from server.cli.console import with_context
from server.config import Settings

DOMAIN = "cachette.example"
CONTACT = f"contact@{DOMAIN}"
PHONE = "+33612345678"
DUES_UNTIL = "2031-07-19"
NOTE = "ne peut pas le jeudi"
# What a member shows to a section on another server, by the way that there is for it.
SENT_EMAIL, SENT_PHONE = "noorderlicht@traversee.example", "+33698765432"
SENT = ("traversee.example", "698765432")
WORDS = (DOMAIN, PHONE, "612345678", DUES_UNTIL, NOTE)


async def write(ctx: Context, settings: Settings) -> None:
    """Give the members of a section, and those named, all that can be known of them; and the section a contact."""
    section = await Actor.get(local_name=sys.argv[1])
    for row in await Membership.filter(group_id=section.id).select_related("member"):
        row.email, row.phone = f"{row.member.username}@{DOMAIN}", PHONE
        row.note, row.dues_until, row.message = NOTE, DUES_UNTIL, f"Bonjour, écrivez-moi à {row.email}"
        await row.save()
    for username in sys.argv[2:]:
        member = await Member.get(actor__local_name=username)
        member.email = f"{username}@{DOMAIN}"
        await member.save(update_fields=["email"])
    await Contact.create(
        group=section, email=CONTACT, email_fingerprint=fingerprint(CONTACT), name="Camille Cachette", hash="0" * 64
    )
    await Membership.filter(group_id=section.id, state=MembershipState.INVITED).delete()


if __name__ == "__main__":
    with_context(write)
    sys.exit(0)
