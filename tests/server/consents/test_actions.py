"""The ledger of consents: given once, withdrawn as easily, never rewritten."""

from dataclasses import replace
from datetime import timedelta

import pytest

from federation.context import Context
from models.actor import Actor
from models.consent import Consent, ConsentText, Contact, Purpose
from models.membership import Membership, MembershipState
from models.section import Section
from server.consents import actions as consents
from server.consents import texts
from server.errors import Conflict, Invalid
from server.sections import membership
from tests import factories


@pytest.fixture
async def contact(section: Actor) -> Contact:
    """Somebody who left an address and confirmed it."""
    return await factories.contact(section, "rosa@post.example")


async def give(group: Actor, who: Actor | Contact, purpose: Purpose = Purpose.NEWS, **more: str) -> Consent:
    return await consents.give(group, who, purpose, **({"language": "fr", "by": "form"} | more))


async def test_what_was_agreed_to_is_kept_in_its_words(section: Actor, member: Actor, ctx: Context) -> None:
    row = await give(section, member, Purpose.SHARE_EMAIL)

    standing = await consents.standing(section, member)
    assert list(standing) == [Purpose.SHARE_EMAIL]
    kept = standing[Purpose.SHARE_EMAIL]
    assert (kept.id, kept.given_by, kept.withdrawn_at) == (row.id, "form", None)
    assert (kept.text.version, kept.text.language) == (1, "fr")
    assert "Section de Lille (https://lille.test/@lille)" in kept.text.text


async def test_what_is_agreed_to_twice_stands_once(section: Actor, member: Actor) -> None:
    first = await give(section, member)
    again = await give(section, member, language="en", by="api")

    assert (first.id, again.given_by) == (again.id, "form")
    assert await Consent.all().count() == 1


async def test_newer_words_take_the_place_of_older_ones(
    section: Actor, member: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await give(section, member)
    newer = replace(texts.WORDINGS[Purpose.NEWS], version=2)
    monkeypatch.setattr(texts, "WORDINGS", {**texts.WORDINGS, Purpose.NEWS: newer})

    second = await give(section, member)

    assert second.text.version == 2
    assert (await Consent.get(id=first.id)).withdrawn_by == "replaced"
    assert [row.id for row in (await consents.standing(section, member)).values()] == [second.id]


async def test_what_is_withdrawn_stays_and_says_when(section: Actor, member: Actor, ctx: Context) -> None:
    row = await give(section, member)
    moment = ctx.now() + timedelta(days=1)

    assert await consents.withdraw(section, member, Purpose.NEWS, by="link", at=moment)
    assert not await consents.withdraw(section, member, Purpose.NEWS, by="link")

    assert await consents.standing(section, member) == {}
    kept = await Consent.get(id=row.id)
    assert (kept.withdrawn_at, kept.withdrawn_by) == (moment, "link")


async def test_each_stands_by_itself(section: Actor, member: Actor, other_member: Actor, ctx: Context) -> None:
    other = await factories.section(ctx, "amiens", "Section d’Amiens", is_main=False)
    for purpose in (Purpose.NEWS, Purpose.EVENTS):
        await give(section, member, purpose)
    await give(other, member)
    await give(section, other_member)

    await consents.withdraw(section, member, Purpose.NEWS, by="form")

    assert set(await consents.standing(section, member)) == {Purpose.EVENTS}
    assert set(await consents.standing(other, member)) == {Purpose.NEWS}
    assert set(await consents.standing(section, other_member)) == {Purpose.NEWS}
    assert [(row.group.username, row.purpose.value) for row in await consents.ledger(member)] == [
        ("amiens", "news"),
        ("lille", "events"),
        ("lille", "news"),
    ]


async def test_a_contact_agrees_to_letters_alone_and_to_its_own_section(
    section: Actor, contact: Contact, ctx: Context
) -> None:
    other = await factories.section(ctx, "amiens", "Section d’Amiens", is_main=False)
    for purpose in set(Purpose) - consents.OF_CONTACTS:
        with pytest.raises(Invalid, match="Only members"):
            await give(section, contact, purpose)
    with pytest.raises(Invalid, match="Only members"):
        await give(other, contact)
    await give(section, contact, Purpose.EVENTS)
    assert set(await consents.standing(section, contact)) == {Purpose.EVENTS}


async def test_a_contact_that_is_not_confirmed_agrees_to_nothing(section: Actor, contact: Contact) -> None:
    await give(section, contact)
    contact.confirmed_at = None

    assert await consents.standing(section, contact) == {}


async def test_nobody_agrees_to_anything_of_a_person_or_in_another_language(section: Actor, member: Actor) -> None:
    with pytest.raises(Invalid, match="no section"):
        await give(member, member)
    with pytest.raises(Invalid, match="language"):
        await give(section, member, language="de")
    assert not await ConsentText.exists()


async def test_the_charter_is_agreed_to_as_it_reads_and_in_its_version(section: Actor, member: Actor) -> None:
    with pytest.raises(Invalid, match="charter"):
        await give(section, member, Purpose.CHARTER)
    await Section.filter(actor_id=section.id).update(charter="Soyons à l’heure.", charter_version=3)

    row = await give(section, member, Purpose.CHARTER)

    assert row.text.version == 3
    assert row.text.text.endswith("\n\nSoyons à l’heure.")


@pytest.mark.parametrize("purpose", [Purpose.MEMBERSHIP, Purpose.CHARTER])
async def test_what_belonging_rests_on_is_withdrawn_by_leaving(
    section: Actor, member: Actor, ctx: Context, purpose: Purpose
) -> None:
    await Section.filter(actor_id=section.id).update(charter="Soyons à l’heure.", charter_version=1)
    await membership.add(section, member)
    for given in (purpose, Purpose.SHARE_PHONE, Purpose.NEWS):
        await give(section, member, given)
    with pytest.raises(Conflict, match="leave the section"):
        await consents.withdraw(section, member, purpose, by="form")

    await membership.leave(member, section, ctx)

    assert set(await consents.standing(section, member)) == {Purpose.NEWS}
    ended = await Consent.get(purpose=purpose)
    assert ended.withdrawn_by == "ended"


async def test_who_is_removed_shares_nothing_more(section: Actor, member: Actor, ctx: Context) -> None:
    await membership.add(section, member)
    await give(section, member, Purpose.SHARE_PHONE)

    await membership.remove(section, member, ctx)

    assert await consents.standing(section, member) == {}


async def test_what_was_shared_goes_with_its_consent(section: Actor, member: Actor, other_member: Actor) -> None:
    for who in (member, other_member):
        shared = {"email": "zoe@post.example", "phone": "0320000000", "note": "écrire"}
        await Membership.create(group=section, member=who, state=MembershipState.ACCEPTED, **shared)
        await give(section, who, Purpose.SHARE_EMAIL)

    await consents.withdraw(section, member, Purpose.SHARE_EMAIL, by="form")

    row, other = [await Membership.get(member_id=who.id) for who in (member, other_member)]
    assert (row.email, row.phone, row.note) == (None, "0320000000", "écrire")
    assert other.email == "zoe@post.example"
