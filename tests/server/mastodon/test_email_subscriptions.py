"""Leaving an address with a section from an app: a letter, and not a word on who was known."""

import pytest
from httpx2 import AsyncClient

from federation.context import Context
from models.actor import Actor
from models.consent import Consent, Contact, Purpose
from models.mail import Letter
from server.contacts import actions as contacts


def path_of(actor: Actor) -> str:
    return f"/api/v1/accounts/{actor.id}/email_subscriptions"


async def test_an_address_is_kept_sealed_and_written_to(public: AsyncClient, section: Actor, ctx: Context):
    for _ in range(2):
        answer = await public.post(path_of(section), data={"email": " rosa@post.example "})
        assert (answer.status_code, answer.json()) == (200, {})

    contact, consent = await Contact.get(), await Consent.get()
    assert (contact.email, contact.confirmed_at, contact.language) == ("rosa@post.example", None, "fr")
    assert (consent.purpose, consent.given_by) == (Purpose.NEWS, "api")
    assert await Letter.all().count() == 1
    await contacts.confirm(contact, ctx)
    again = await public.post(path_of(section), json={"email": "rosa@post.example"})
    assert (again.status_code, again.json()) == (200, {})


async def test_the_letter_is_in_the_language_of_whoever_asks(public: AsyncClient, section: Actor):
    await public.post(path_of(section), data={"email": "rosa@post.example"}, headers={"Accept-Language": "en-GB,fr"})
    assert "confirm your address" in (await Letter.get()).message


@pytest.mark.parametrize("email", ["", "rosa", "rosa@", "a@b.example\nBcc: c@d.example"])
async def test_what_is_no_address_is_refused(public: AsyncClient, section: Actor, email: str):
    assert (await public.post(path_of(section), data={"email": email})).status_code == 422
    assert await Contact.all().count() == 0


async def test_only_sections_of_this_server_take_addresses(
    public: AsyncClient, zoe: AsyncClient, section: Actor, member: Actor, remote_actor: Actor
):
    for actor in (member, remote_actor):
        assert (await zoe.post(path_of(actor), data={"email": "rosa@post.example"})).status_code == 404
    assert (
        await public.post("/api/v1/accounts/1/email_subscriptions", data={"email": "x@y.example"})
    ).status_code == 404

    async def says(actor: Actor) -> bool:
        return bool((await zoe.get(f"/api/v1/accounts/{actor.id}")).json()["email_subscriptions"])

    assert [await says(actor) for actor in (section, member, remote_actor)] == [True, False, False]


async def test_one_address_may_not_leave_many(public: AsyncClient, section: Actor):
    answers = [await public.post(path_of(section), data={"email": f"r{n}@post.example"}) for n in range(11)]
    assert [answer.status_code for answer in answers] == [*[200] * 10, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
