"""The database without the key: read raw, it gives no e-mail address, phone number, note, dues date, name or link."""

import base64
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from starlette.applications import Starlette

from federation.context import Context
from federation.objects import details
from federation.objects.details import Agreement, Between, Detail
from models import database
from models.actor import Actor
from models.consent import Contact, Purpose
from models.delivery import Delivery
from models.details import SharedDetails
from models.mail import Letter
from models.member import Member
from models.membership import Membership, MembershipState
from models.moderation import SectionReport
from models.secrets import fingerprint, link_token
from models.section import Section
from server.contacts.actions import leave_address
from server.reports.actions import report
from server.sections import copies, membership, people, reports
from server.sections.sharing import Shared, share
from tests import factories
from tests.federation.submitting import submit
from tests.server.activitypub.asker import Asker
from tests.server.api import app
from tests.world import World

__all__ = ["app"]

LOGIN, SHARED, CONTACT = "zoe.login@poste17.example", "zoe.shared@poste17.example", "rosa.contact@poste17.example"
# Words that no other test writes: PostgreSQL's log is one for all of them.
PHONE, NOTE, DUES, NAME = "+33698712345", "Préfère venir avec Quinquempois.", "2034-11-23", "Rosa Quatremère"
MESSAGE = "Bonjour, je viens de Zuydcoote."
CASE = "Vu avec la permanence de Steenvoorde."
# What crosses to another server: shown to a section there, and the copy of what somebody there shows to one here.
SENT, SENT_PHONE = "zoe.sent@poste17.example", "+33698712399"
COPIED, COPIED_PHONE = "noor.copied@poste17.example", "+33698712377"


async def test_nothing_private_can_be_read_from_it(
    main_section: Section,
    member: Actor,
    remote_actor: Actor,
    ctx: Context,
    world: World,
    app: Starlette,
    database_url: str,
) -> None:
    await Member.filter(actor_id=member.id).update(email=LOGIN, email_fingerprint=fingerprint(LOGIN))
    await membership.add(main_section.actor, member)
    await share(member, main_section.actor, Shared.EMAIL, SHARED, ctx)
    await share(member, main_section.actor, Shared.PHONE, PHONE, ctx)
    await people.set_dues(main_section, member, date.fromisoformat(DUES), None)
    await people.set_note(main_section, member, NOTE, None)
    await Membership.all().update(message=MESSAGE)
    await report(member, main_section.actor, ctx)
    await reports.set_note(main_section, (await SectionReport.get()).id, CASE, None)
    await leave_address(main_section.actor, CONTACT, [Purpose.NEWS], ctx, name=NAME)
    await send_details(member, ctx, world, app)
    await copy_details(main_section.actor, remote_actor, ctx, world)
    await everything_was_kept()
    contact = await Contact.get()
    link = link_token(f"contact {contact.id}")

    found = await raw_bytes(database_url)

    assert b"zoe" in found  # what is open is there, so that this looks in the right place
    crossing = (SENT, SENT_PHONE, SENT_PHONE[1:], COPIED, COPIED_PHONE, COPIED_PHONE[1:])
    for secret in (LOGIN, SHARED, CONTACT, PHONE, PHONE[1:], NOTE, DUES, NAME, MESSAGE, CASE, link, *crossing):
        for spelling in spellings(secret):
            assert spelling not in found, secret
    for part in (b"poste17.example", b"Quinquempois", b"Quatrem", b"Zuydcoote", b"Steenvoorde", b"2034-11"):
        assert part not in found


async def send_details(member: Actor, ctx: Context, world: World, app: Starlette) -> None:
    """Have a member show something to a section on another server, which is told, and reads it."""
    group = await factories.remote_actor(
        ctx, world, "https://brest.test/actors/1", kind="Group", acceptsSharedDetails=True
    )
    await Membership.create(group=group, member=member, state=MembershipState.ACCEPTED)
    await share(member, group, Shared.EMAIL, SENT, ctx)
    await share(member, group, Shared.PHONE, SENT_PHONE, ctx)
    assert await Delivery.exists(activity__type="Update")
    uri = (await SharedDetails.get()).uri
    reply = await Asker(app, world).get(uri, signer=world.signer(group.uri))
    assert [detail["value"] for detail in reply.json["details"]] == [SENT, SENT_PHONE]


async def copy_details(section: Actor, member: Actor, ctx: Context, world: World) -> None:
    """Have a member of another server show something to a section here, which reads it."""
    between = Between("https://far.test/shared-details/x", member.uri, section.uri)
    agreed = Agreement(1, "fr", "J’accepte.", ctx.now())
    shown = [Detail("email", COPIED, agreed), Detail("phone", COPIED_PHONE, agreed)]
    world.serve(details.write(between, shown, now=ctx.now()))
    await Membership.create(group=section, member=member, state=MembershipState.ACCEPTED)
    notice = factories.activity("Update", member.uri, details.notice(between.uri), to=[section.uri])
    await submit(notice, member, ctx)
    await copies.read_again(between.uri, ctx)


async def everything_was_kept() -> None:
    """See that all of it is there with the key."""
    contact, letter = await Contact.get(), await Letter.get()
    row, sent, copied = await Membership.all().order_by("id")
    assert (sent.email, sent.phone) == (SENT, SENT_PHONE)
    assert (copied.email, copied.phone) == (COPIED, COPIED_PHONE)
    assert (row.email, row.phone, row.note, row.dues_until, row.message) == (SHARED, PHONE, NOTE, DUES, MESSAGE)
    assert (contact.email, contact.name, letter.recipient) == (CONTACT, NAME, CONTACT)
    assert CONTACT in letter.message
    assert (await Member.get()).email == LOGIN
    assert (await SectionReport.get()).note == CASE


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
