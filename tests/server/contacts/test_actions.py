"""Leaving an address: one letter, nothing before it is confirmed, and nobody is told who was known."""

import re
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.context import Context, Work
from models.actor import Actor
from models.consent import Consent, Contact, Purpose
from models.mail import Letter
from server.consents import actions as consents
from server.contacts import actions as contacts
from server.contacts.actions import WRITTEN_AT_MOST_EVERY, leave_address
from server.errors import Invalid, NotFound
from server.members.leaving import delete
from tests import factories
from tests.world import World

EMAIL = "Rosa@post.example"
LINK = re.compile(r"https://lille\.test/contact/(\S{43})$", re.MULTILINE)


async def leave(section: Actor, ctx: Context, *purposes: Purpose, email: str = EMAIL, **more: str) -> None:
    await leave_address(section, email, purposes or [Purpose.NEWS], ctx, **more)


async def links() -> list[str]:
    """The private links in the letters that wait, by their tokens."""
    found = []
    for letter in await Letter.all().order_by("id"):
        plain = letter.message.replace("=\n", "").replace("=\r\n", "").replace("=3D", "=")
        [token] = set(LINK.findall(plain.replace("\r\n", "\n")))
        found.append(token)
    return found


async def test_an_address_is_kept_and_written_to_once(section: Actor, ctx: Context, world: World) -> None:
    await leave(section, ctx, Purpose.NEWS, Purpose.EVENTS, name=" Rosa  Q. ", language="en")

    contact = await Contact.get()
    assert (contact.email, contact.name, contact.language, contact.confirmed_at) == (EMAIL, "Rosa Q.", "en", None)
    assert {row.purpose for row in await Consent.all()} == {Purpose.NEWS, Purpose.EVENTS}
    letter = await Letter.get()
    assert (letter.recipient, letter.sender_name) == (EMAIL, "Section de Lille")
    assert "confirm your address" in letter.message
    assert world.woken == [Work.MAIL]


async def test_the_letter_does_not_repeat_what_a_stranger_typed(section: Actor, ctx: Context) -> None:
    await leave(section, ctx, name="Buy this")
    assert "Buy this" not in (await Letter.get()).message


async def test_the_link_leads_to_the_contact_and_confirms_it(section: Actor, ctx: Context, world: World) -> None:
    await leave(section, ctx)
    [token] = await links()
    contact = await contacts.of_link(token)
    assert await consents.standing(section, contact) == {}

    await contacts.confirm(contact, ctx)
    world.now += timedelta(days=1)
    await contacts.confirm(contact, ctx)

    again = await contacts.of_link(token)
    assert again.confirmed_at == contact.confirmed_at == world.now - timedelta(days=1)
    assert set(await consents.standing(section, again)) == {Purpose.NEWS}


@pytest.mark.parametrize("token", ["", "x", "é", "a" * 43, "a" * 5000])
async def test_no_other_link_leads_anywhere(section: Actor, ctx: Context, token: str) -> None:
    await leave(section, ctx)
    with pytest.raises(NotFound):
        await contacts.of_link(token)


async def test_an_address_left_again_is_written_to_once_an_hour(section: Actor, ctx: Context, world: World) -> None:
    for _ in range(3):
        await leave(section, ctx, email="rosa@POST.example")
    await leave(section, ctx)
    assert (await Contact.all().count(), await Letter.all().count()) == (1, 1)

    world.now += WRITTEN_AT_MOST_EVERY
    await leave(section, ctx)

    assert len(set(await links())) == 1
    assert await Letter.all().count() == 2


async def test_until_it_is_confirmed_the_last_choice_counts(section: Actor, ctx: Context) -> None:
    await leave(section, ctx, Purpose.NEWS, name="Rosa")
    await leave(section, ctx, Purpose.EVENTS, name="Rosa Q.", language="en")
    contact = await Contact.get()
    assert (contact.name, contact.language) == ("Rosa Q.", "en")
    assert [row.purpose for row in await Consent.all()] == [Purpose.EVENTS]


async def test_once_it_is_confirmed_nobody_else_changes_anything(section: Actor, ctx: Context, world: World) -> None:
    await leave(section, ctx, Purpose.NEWS, name="Rosa")
    await contacts.confirm(await Contact.get(), ctx)
    await Letter.all().delete()
    world.now += WRITTEN_AT_MOST_EVERY

    await leave(section, ctx, Purpose.EVENTS, name="Somebody", language="en")

    contact = await Contact.get()
    assert (contact.name, contact.language) == ("Rosa", "fr")
    assert set(await consents.standing(section, contact)) == {Purpose.NEWS}
    letter = await Letter.get()
    assert "Somebody" not in letter.message
    assert len(await links()) == 1


async def test_each_section_has_contacts_of_its_own(section: Actor, ctx: Context) -> None:
    other = await factories.section(ctx, "amiens", "Section d’Amiens", is_main=False)
    for group in (section, other):
        await leave(group, ctx)
    assert len(set(await links())) == 2


async def test_the_owner_chooses_what_to_receive(section: Actor, ctx: Context) -> None:
    await leave(section, ctx)
    contact = await contacts.of_link((await links())[0])
    await contacts.confirm(contact, ctx)

    await contacts.choose(contact, [Purpose.EVENTS], ctx, language="fr")
    assert set(await consents.standing(section, contact)) == {Purpose.EVENTS}
    await contacts.choose(contact, [], ctx, language="fr")
    assert await consents.standing(section, contact) == {}
    assert {row.withdrawn_by for row in await consents.ledger(contact)} == {"link"}

    with pytest.raises(Invalid):
        await contacts.choose(contact, [Purpose.NEWS, Purpose.SHARE_PHONE], ctx, language="fr")
    assert await consents.standing(section, contact) == {}


async def test_what_is_erased_is_gone_with_the_letters_that_wait(section: Actor, ctx: Context) -> None:
    await leave(section, ctx)
    [token] = await links()
    await contacts.erase(await contacts.of_link(token))
    for rows in (Contact, Consent, Letter):
        assert not await rows.exists()
    with pytest.raises(NotFound):
        await contacts.of_link(token)
    await leave(section, ctx)
    assert await links() != [token]


async def test_a_section_that_closes_takes_its_contacts_along(section: Actor, ctx: Context) -> None:
    other = await factories.section(ctx, "amiens", "Section d’Amiens", is_main=False)
    await leave(other, ctx)
    await delete(other, ctx)
    assert not await Contact.exists()
    assert not await Consent.exists()
    with pytest.raises(NotFound):
        await leave(await Actor.get(id=other.id), ctx)


async def test_only_sections_of_ours_take_addresses(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    for actor in (member, remote_actor):
        with pytest.raises(NotFound):
            await leave(actor, ctx)


@pytest.mark.parametrize(
    ("email", "purposes", "more"),
    [
        ("rosa", [Purpose.NEWS], {}),
        ("rosa@post.example\r\nBcc: all@post.example", [Purpose.NEWS], {}),
        (EMAIL, [], {}),
        (EMAIL, [Purpose.NEWS, Purpose.MEMBERSHIP], {}),
        (EMAIL, [Purpose.NEWS], {"name": "x" * 101}),
        (EMAIL, [Purpose.NEWS], {"language": "de"}),
    ],
)
async def test_what_makes_no_sense_leaves_nothing(
    section: Actor, ctx: Context, email: str, purposes: list[Purpose], more: dict[str, str]
) -> None:
    with pytest.raises(Invalid):
        await leave_address(section, email, purposes, ctx, **more)
    for rows in (Contact, Consent, Letter):
        assert not await rows.exists()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(token=st.text())
async def test_any_link_is_looked_up_safely(section: Actor, token: str) -> None:
    with pytest.raises(NotFound):
        await contacts.of_link(token)
