"""What is known about people goes when its time has come: addresses, consents, looks."""

from datetime import datetime, timedelta
from typing import Any

from tortoise.models import Model

from federation.context import Context
from models import database
from models.actor import Actor
from models.consent import Consent, ConsentText, Contact, Look, Purpose
from models.ids import id_at
from models.moderation import SectionReport
from models.section import Section
from server.consents import actions as consents
from server.consents.looks import look
from server.housekeeping import run
from server.housekeeping.chores import Terms
from server.reports.actions import report
from tests import factories


async def sweep(now: datetime) -> dict[str, int]:
    return await run.sweep(Terms(now, 90), seconds=3600)


async def aged(row: Model, moment: datetime, **columns: Any) -> None:
    """Make a row as old as if it had begun then."""
    await type(row).filter(id=row.pk).update(**columns)
    id_ = id_at(int(moment.timestamp() * 1000))
    await database.execute(f"UPDATE {type(row)._meta.db_table} SET id = $1 WHERE id = $2", id_, row.pk)


async def test_an_address_that_nobody_confirmed_goes_after_a_week(section: Actor, now: datetime) -> None:
    for days in (6, 8):
        left = await factories.contact(section, f"a{days}@post.example", is_confirmed=False)
        await aged(left, now - timedelta(days=days), created_at=now - timedelta(days=days))
    confirmed = await factories.contact(section, "rosa@post.example")
    await consents.give(section, confirmed, Purpose.NEWS, language="fr", by="form")

    assert (await sweep(now))["addresses never confirmed"] == 1
    assert {row.email for row in await Contact.all()} == {"a6@post.example", "rosa@post.example"}


async def test_an_address_that_receives_nothing_goes_a_month_later(section: Actor, now: datetime) -> None:
    long_ago = now - timedelta(days=90)
    for name, withdrawn_days in (("never", None), ("long", 31), ("lately", 29), ("reads", 0)):
        contact = await factories.contact(section, f"{name}@post.example")
        moment = {"confirmed_at": long_ago, "created_at": long_ago}
        await aged(contact, long_ago, **moment)
        contact = await Contact.get(email_fingerprint=contact.email_fingerprint)
        if withdrawn_days is not None:
            row = await consents.give(section, contact, Purpose.NEWS, language="fr", by="form", at=long_ago)
        if withdrawn_days:
            await Consent.filter(id=row.id).update(withdrawn_at=now - timedelta(days=withdrawn_days))

    assert (await sweep(now))["addresses that receive nothing"] == 2
    assert {row.email for row in await Contact.all()} == {"lately@post.example", "reads@post.example"}


async def test_a_withdrawn_consent_goes_after_five_years_and_its_words_with_it(
    section: Actor, member: Actor, now: datetime, ctx: Context
) -> None:
    years = timedelta(days=5 * 365)
    for purpose, withdrawn in (
        (Purpose.NEWS, now - years - timedelta(1)),
        (Purpose.EVENTS, now - years + timedelta(10)),
    ):
        row = await consents.give(section, member, purpose, language="fr", by="form")
        await aged(row, now - 2 * years, withdrawn_at=withdrawn)
    await consents.give(section, member, Purpose.SHARE_PHONE, language="fr", by="form")
    for text in await ConsentText.all():
        await ConsentText.filter(id=text.id).update(created_at=now - 2 * years)

    deleted = await sweep(now + timedelta(milliseconds=1))

    assert (deleted["withdrawn consents"], deleted["words nobody agrees to"]) == (1, 0)  # the words are a day younger
    assert {row.purpose for row in await Consent.all()} == {Purpose.EVENTS, Purpose.SHARE_PHONE}
    assert (await sweep(now + timedelta(days=2)))["words nobody agrees to"] == 1
    assert {row.purpose for row in await ConsentText.all()} == {Purpose.EVENTS, Purpose.SHARE_PHONE}


async def test_what_a_section_noted_of_a_report_is_kept_a_year_after_it_was_closed(
    main_section: Section, member: Actor, ctx: Context, now: datetime
) -> None:
    for days in (None, 364, 366):
        kept = await report(member, main_section.actor, ctx)
        row = await SectionReport.get(report_id=kept.id)
        closed_at = now - timedelta(days=days) if days else None
        await aged(row, now - timedelta(days=400 + (days or 0)), closed_at=closed_at)
    assert (await sweep(now))["reports that sections closed"] == 1
    assert {row.closed_at for row in await SectionReport.all()} == {None, now - timedelta(days=364)}


async def test_looks_are_kept_a_year(section: Actor, now: datetime) -> None:
    for days in (364, 366):
        await look(section, None, "list", days)
        row = await Look.get(rows=days)
        await aged(row, now - timedelta(days=days), at=now - timedelta(days=days))
    assert (await sweep(now))["looks at members"] == 1
    assert [row.rows for row in await Look.all()] == [364]
