"""What is known about somebody: all of it, theirs alone, and nothing left out without a reason."""

import csv
import io
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.context import Context
from models.actor import Actor
from models.consent import Consent, Contact, Look, Purpose
from models.leftovers import references_to
from models.member import Member
from models.membership import Membership
from models.post import Visibility
from models.role import Role, RoleHolder
from models.secrets import fingerprint
from models.section import Section
from models.session import Session
from server.consents import actions as consents
from server.oauth.tokens import create_token
from server.posts.actions import Draft, publish
from server.privacy.known import as_csv, as_json, known, known_contact
from server.privacy.parts import LEFT_OUT, OF_ACTORS, OF_CONTACTS, Part
from server.sections import membership, people
from server.sections.sharing import Shared, share
from tests import factories

EMAIL = "zoe@post.example"


@pytest.fixture
async def lived(main_section: Section, member: Actor, other_member: Actor, ctx: Context) -> Actor:
    """A member who has been here for a while."""
    section = main_section.actor
    await Member.filter(actor_id=member.id).update(email=EMAIL, email_fingerprint=fingerprint(EMAIL))
    login = await Member.get(actor_id=member.id)
    await create_token(login, ["read"])
    await Session.create(hash="a" * 64, member=login, device="Firefox", expires_at=ctx.now())
    await membership.add(section, member)
    await share(member, section, Shared.PHONE, "0320000000", ctx)
    await people.set_note(main_section, member, "Vient le mardi.", None)
    await RoleHolder.create(section=main_section, holder=member, role=Role.EDITOR, giver=other_member)
    await factories.follow(other_member, member)
    await publish(member, Draft("Entre nous", Visibility.DIRECT), ctx)
    contact = await factories.contact(section, EMAIL, name="Zoé L.")
    await consents.give(section, contact, Purpose.NEWS, language="fr", by="form")
    return member


async def test_everything_about_a_member_is_given(lived: Actor) -> None:
    found = await known(lived)

    [belongs] = found["memberships"]
    assert (belongs["group.name"], belongs["phone"], belongs["note"]) == (
        "Section de Lille",
        "0320000000",
        "Vient le mardi.",
    )
    assert found["login"][0]["email"] == EMAIL
    assert [row["purpose"] for row in found["consents"]] == ["share_phone"]
    assert "numéro de téléphone" in found["consents"][0]["text.text"]
    assert found["roles"] == [
        {"section.actor.uri": belongs["group.uri"], "role": "editor", "giver.handle": "ali",
         "created_at": found["roles"][0]["created_at"]},
    ]  # fmt: skip
    assert [row["step"] for row in found["membership history"]] == ["accepted"]
    assert [row["follower.handle"] for row in found["follow you"]] == ["ali"]
    assert [row["source_text"] for row in found["posts"]] == ["Entre nous"]
    assert (found["sessions"][0]["device"], found["tokens"][0]["scopes"]) == ("Firefox", "read")
    assert (found["addresses left"][0]["email"], found["addresses left"][0]["name"]) == (EMAIL, "Zoé L.")
    assert [row["purpose"] for row in found["consents by e-mail"]] == ["news"]


async def test_nothing_secret_is_in_it(lived: Actor) -> None:
    login = await Member.get(actor_id=lived.id)
    await Member.filter(id=login.id).update(password_hash="$argon2id$secret")
    written = as_json(await known(lived)).decode()
    for secret in ("$argon2id$", "a" * 64, "PRIVATE KEY", (await Contact.get()).hash):
        assert secret not in written


async def test_nothing_of_another_is_in_it(lived: Actor, other_member: Actor, main_section: Section) -> None:
    await membership.add(main_section.actor, other_member)
    found = await known(other_member)
    assert "note" in str(found["memberships"])
    for of_zoe in (EMAIL, "mardi", "0320000000", "Entre nous", "Firefox"):
        assert of_zoe not in str(found)


async def test_looks_at_them_are_told_but_not_whose_they_were(
    lived: Actor, other_member: Actor, main_section: Section
) -> None:
    await Look.all().delete()
    await RoleHolder.create(section=main_section, holder=other_member, role=Role.ANIMATOR)
    await people.person(main_section, lived, other_member)
    await people.people(main_section, other_member)
    await people.waiting(main_section, other_member)

    found = (await known(lived))["looks at you"]

    assert [row["at_what"] for row in found] == ["@zoe", "list"]
    assert "ali" not in str(found)


async def test_who_left_an_address_is_given_all_of_it(lived: Actor, section: Actor) -> None:
    contact = await Contact.get()
    found = await known_contact(contact)
    assert set(found) == {"address", "consents"}
    assert (found["address"][0]["email"], found["consents"][0]["purpose"]) == (EMAIL, "news")


async def test_an_address_without_a_login_of_its_own_is_nobodys(lived: Actor, other_member: Actor) -> None:
    assert "addresses left" not in await known(other_member)


async def test_every_column_that_names_a_person_is_shown_or_left_out_for_a_reason(db: str) -> None:
    shown = {(part.model._meta.db_table, part.column) for part in OF_ACTORS.values()}
    for table, column in references_to(Actor):
        assert ((table, column) in shown) != ((table, column) in LEFT_OUT), (table, column)
    assert not set(LEFT_OUT) - set(references_to(Actor))
    for table, _ in references_to(Member):
        assert (table, "member__actor_id") in shown, table
    by_contact = {(part.model._meta.db_table, part.column) for part in OF_CONTACTS.values()}
    assert set(references_to(Contact)) <= by_contact


NOT_SHOWN = {"id", "uri", "hash", "password_hash", "email_fingerprint"}


@pytest.mark.parametrize(
    "part",
    [OF_ACTORS[name] for name in ("login", "memberships", "membership history", "transfers", "consents", "roles")]
    + [*OF_CONTACTS.values()],
    ids=lambda part: f"{part.model.__name__} {part.column}",
)
async def test_every_column_of_what_a_section_knows_is_shown(part: Part, db: str) -> None:
    """But for numbers of rows, uris of activities and hashes; and who it is about."""
    about_them = {part.column, "member_id", "actor_id", "contact_id"}
    shown = {path.partition(".")[0] for path in part.shown}
    fields = part.model._meta.db_fields - NOT_SHOWN - about_them
    assert {name.removesuffix("_id") for name in fields} <= shown


async def test_it_is_written_as_json_and_as_csv(lived: Actor) -> None:
    found = await known(lived)

    assert orjson.loads(as_json(found)) == found
    lines = list(csv.reader(io.StringIO(as_csv(found), newline="")))
    assert lines[0] == ["part", "number", "field", "value"]
    assert ["memberships", "1", "note", "Vient le mardi."] in lines
    assert len(lines) == 1 + sum(len(row) for rows in found.values() for row in rows)


plain = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())


@given(st.dictionaries(st.text(), st.lists(st.dictionaries(st.text(), plain))))
def test_anything_known_can_be_written(found: dict[str, list[dict[str, Any]]]) -> None:
    lines = list(csv.reader(io.StringIO(as_csv(found), newline="")))
    assert len(lines) == 1 + sum(len(row) for rows in found.values() for row in rows)
    assert all(not line[3].startswith(("=", "@", "\t", "\r")) for line in lines)


async def test_consents_withdrawn_are_known_too(lived: Actor, section: Actor) -> None:
    await consents.withdraw(section, lived, Purpose.SHARE_PHONE, by="form")
    [row] = (await known(lived))["consents"]
    assert row["withdrawn_by"] == "form"
    assert await Membership.exists(phone=None)
    assert await Consent.exists(purpose=Purpose.SHARE_PHONE)
