"""The database without the key: read raw, it gives no e-mail address, phone number, note, dues date, name or link."""

import base64
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from federation.context import Context
from models import database
from models.actor import Actor
from models.consent import Contact, Purpose
from models.mail import Letter
from models.member import Member
from models.membership import Membership
from models.secrets import fingerprint, link_token
from models.section import Section
from server.contacts.actions import leave_address
from server.sections import membership, people
from server.sections.sharing import Shared, share

LOGIN, SHARED, CONTACT = "zoe.login@poste17.example", "zoe.shared@poste17.example", "rosa.contact@poste17.example"
# Words that no other test writes: PostgreSQL's log is one for all of them.
PHONE, NOTE, DUES, NAME = "+33698712345", "Préfère venir avec Quinquempois.", "2034-11-23", "Rosa Quatremère"
MESSAGE = "Bonjour, je viens de Zuydcoote."


async def test_nothing_private_can_be_read_from_it(
    main_section: Section, member: Actor, ctx: Context, database_url: str
) -> None:
    await Member.filter(actor_id=member.id).update(email=LOGIN, email_fingerprint=fingerprint(LOGIN))
    await membership.add(main_section.actor, member)
    await share(member, main_section.actor, Shared.EMAIL, SHARED)
    await share(member, main_section.actor, Shared.PHONE, PHONE)
    await people.set_dues(main_section, member, date.fromisoformat(DUES), None)
    await people.set_note(main_section, member, NOTE, None)
    await Membership.all().update(message=MESSAGE)
    await leave_address(main_section.actor, CONTACT, [Purpose.NEWS], ctx, name=NAME)
    await everything_was_kept()
    contact = await Contact.get()
    link = link_token(f"contact {contact.id}")

    found = await raw_bytes(database_url)

    assert b"zoe" in found  # what is open is there, so that this looks in the right place
    for secret in (LOGIN, SHARED, CONTACT, PHONE, PHONE[1:], NOTE, DUES, NAME, MESSAGE, link):
        for spelling in spellings(secret):
            assert spelling not in found, secret
    for part in (b"poste17.example", b"Quinquempois", b"Quatrem", b"Zuydcoote", b"2034-11"):
        assert part not in found


async def everything_was_kept() -> None:
    """See that all of it is there with the key."""
    row, contact, letter = await Membership.get(), await Contact.get(), await Letter.get()
    assert (row.email, row.phone, row.note, row.dues_until, row.message) == (SHARED, PHONE, NOTE, DUES, MESSAGE)
    assert (contact.email, contact.name, letter.recipient) == (CONTACT, NAME, CONTACT)
    assert CONTACT in letter.message
    assert (await Member.get()).email == LOGIN


def spellings(secret: str) -> Iterator[bytes]:
    """Give the ways in which a value could stand there in the open."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        yield secret.encode(encoding)
    plain = secret.encode()
    yield plain.lower()
    yield plain.upper()
    yield plain.hex().encode()
    for start in range(3):  # base64 of it, wherever in a longer text it begins
        yield base64.b64encode(plain[start:])[:-4]
    yield secret.encode("ascii", "backslashreplace")


async def raw_bytes(url: str) -> bytes:
    """Read the database as somebody does who has its files and nothing else."""
    if not database.is_postgres():
        path = Path(url.removeprefix("sqlite:///"))
        return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    await database.execute("CHECKPOINT")
    folder = Path((await database.select("SHOW data_directory"))[0]["data_directory"])
    rows = await database.select(
        "SELECT pg_relation_filepath(oid) AS path FROM pg_class WHERE pg_relation_filepath(oid) IS NOT NULL"
        " AND relnamespace IN ('public'::regnamespace, 'pg_toast'::regnamespace)"
    )
    files = [folder / row["path"] for row in rows] + sorted((folder / "pg_wal").glob("0*"))[-1:]
    return b"".join(file.read_bytes() for file in files if file.is_file())
