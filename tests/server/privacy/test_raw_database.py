"""The database without the key: read raw, it gives no e-mail address, phone number, note, dues date, name or link.

Nor does it give what one section tells another of somebody who moves.
"""

import base64
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from starlette.applications import Starlette

from federation.context import Context
from federation.jsonld import dump, load
from federation.objects import details
from federation.objects.details import Agreement, Between, Detail
from models import database
from models.activity import ActivityRecord
from models.actor import Actor
from models.consent import Contact, Purpose
from models.delivery import Delivery
from models.details import SharedDetails
from models.inbox import Arrival, InboxMessage
from models.mail import Letter
from models.member import Member
from models.membership import Membership, MembershipState, MembershipStatus, Transfer
from models.moderation import SectionReport
from models.secrets import fingerprint, link_token
from models.section import Section
from server.contacts.actions import leave_address
from server.reports.actions import report
from server.sections import copies, membership, people, reports, transfer
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
SINCE = datetime(2003, 5, 17, 6, 47, 11, tzinfo=UTC)
# What the section that is left says in its Accept; the row of a membership has its dates and status in columns.
WRITTEN = "2003-05-17T06:47:11Z"
CARRIED = (WRITTEN[:-1].encode(), b'"role":', b'"sympathiser"')


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


@pytest.fixture
async def brest(ctx: Context, world: World) -> Actor:
    """A section on another server."""
    return await factories.remote_actor(ctx, world, "https://brest.test/actors/1", kind="Group")


async def check_nothing_is_told_of_a_transfer(url: str) -> None:
    found = await raw_bytes(url)
    assert b"brest.test" in found
    for part in CARRIED:
        assert part not in found
    for spelling in spellings(WRITTEN):
        assert spelling not in found


async def test_what_a_section_tells_of_who_leaves_it_cannot_be_read(
    section: Actor, member: Actor, brest: Actor, ctx: Context, database_url: str
) -> None:
    row = await membership.add(section, member)
    columns = {"status": MembershipStatus.SYMPATHISER, "accepted_at": SINCE}
    await Membership.filter(id=row.id).update(**columns)
    asked = await transfer.ask(member, section, brest, ctx)
    assert asked is not None
    await check_nothing_is_told_of_a_transfer(database_url)

    await transfer.answer(section, asked, None, ctx, agrees=True)  # it waits for its delivery
    owed = await Delivery.get(activity__type="Accept").select_related("activity")
    assert load(owed.activity.document)["result"]["published"] == WRITTEN
    await check_nothing_is_told_of_a_transfer(database_url)

    await Delivery.all().delete()  # it was delivered
    await check_nothing_is_told_of_a_transfer(database_url)

    await submit(factories.activity("Accept", brest.uri, asked.uri, to=[section.uri]), brest, ctx)
    assert not await Transfer.exists()
    assert await ActivityRecord.filter(type="Accept").count() == 2
    await check_nothing_is_told_of_a_transfer(database_url)


async def test_what_a_section_is_told_of_who_comes_to_it_cannot_be_read(
    section: Actor, member: Actor, brest: Actor, ctx: Context, database_url: str
) -> None:
    await Membership.create(group=brest, member=member, state=MembershipState.ACCEPTED)
    asked = await transfer.ask(member, brest, section, ctx)
    assert asked is not None
    result = {"type": "Member", "role": "sympathiser", "published": WRITTEN}
    agreed = factories.activity("Accept", brest.uri, asked.uri, to=[section.uri], result=result)
    body = dump(agreed)

    await InboxMessage.keep([Arrival(brest.uri, agreed["id"], body, ctx.now())])
    assert (await InboxMessage.get()).body == body
    await check_nothing_is_told_of_a_transfer(database_url)

    await submit(agreed, brest, ctx)
    await InboxMessage.all().delete()
    await check_nothing_is_told_of_a_transfer(database_url)

    await transfer.answer(section, await Transfer.get(), None, ctx, agrees=True)
    assert (await Membership.get()).status is MembershipStatus.SYMPATHISER
    await check_nothing_is_told_of_a_transfer(database_url)


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
