"""Joining a section of ours: by its page and by a link, and every way in which that is refused."""

from datetime import timedelta

import pytest

from models.consent import Consent, Purpose
from models.delivery import Delivery
from models.membership import JoinLink, Membership, MembershipState
from models.moderation import Block
from models.section import Openness, Section
from server.sections import links, membership
from tests.web.conftest import browser
from tests.web.pages import form_of, read, text, texts

AGREED = {"agree_membership": "yes", "agree_charter": "yes"}
JOIN = "/@lille/join"


@pytest.fixture
async def zoe(enter, section, member):
    return await enter(member)


@pytest.fixture
async def with_charter(section):
    await Section.filter(actor_id=section.id).update(charter="Nous décidons ensemble.", charter_version=1)


async def opened(section, openness):
    await Section.filter(actor_id=section.id).update(openness=openness)


async def send(client, address=JOIN, **typed):
    return await client.post(address, data=form_of(read(await client.get(address)), address) | typed)


async def test_visitor_is_told_how_to_come_in(visitor, section):
    response = await visitor.get(JOIN)
    page = read(response)

    assert text(page, "h1") == "Rejoindre Section de Lille"
    assert page.select_one('a[href="/login?next=/@lille/join"]') is not None
    assert page.select_one('a[href="/@lille/contact"]') is not None
    assert page.select_one(f'form[action="{JOIN}"]') is None
    assert form_of(page, "/follow") == {"of": "lille", "act": "join", "address": ""}
    assert response.headers["cache-control"] == "no-store"


async def test_front_page_leads_there(visitor, section):
    assert read(await visitor.get("/")).select_one(f'#join a[href="{JOIN}"]') is not None


@pytest.mark.parametrize("address", ["/@zoe/join", "/@nobody/join", "/@instance/join"])
async def test_only_sections_have_such_a_page(visitor, section, member, address):
    assert (await visitor.get(address)).status_code == 404


async def test_who_is_not_logged_in_logs_in_first(visitor, section):
    assert (await visitor.post(JOIN, data=AGREED)).headers["location"] == "/login?next=%2F%40lille%2Fjoin"
    assert not await Membership.exists()


async def test_moderated_section_is_asked_with_a_message_that_is_sealed(zoe, section, member):
    response = await send(zoe, **AGREED, message="Bonjour, j’habite Fives.")

    assert response.headers["location"] == "/me?said=asked"
    row = await Membership.get(member_id=member.id, group_id=section.id)
    assert (row.state, row.message) == (MembershipState.REQUESTED, "Bonjour, j’habite Fives.")
    assert "a pas encore" not in (await zoe.get(JOIN)).text
    assert texts(read(await zoe.get("/me")), "#asked + .rows .person-name") == ["Section de Lille"]


async def test_open_section_lets_in_at_once(zoe, section, member):
    await opened(section, Openness.OPEN)

    assert (await send(zoe, **AGREED)).headers["location"] == "/me?said=joined"
    assert await Membership.is_member(member.id, section.id)


async def test_what_was_agreed_to_is_kept_in_the_words_that_were_shown(zoe, section, member, with_charter):
    page = read(await zoe.get(JOIN))
    await send(zoe, **AGREED)

    rows = {row.purpose: row for row in await Consent.filter(actor_id=member.id).select_related("text")}
    assert set(rows) == {Purpose.MEMBERSHIP, Purpose.CHARTER}
    assert " ".join(rows[Purpose.MEMBERSHIP].text.text.split()) == text(page, ".choice .words")
    assert "Nous décidons ensemble." in rows[Purpose.CHARTER].text.text
    assert (rows[Purpose.CHARTER].text.version, rows[Purpose.CHARTER].given_by) == (1, "form")


@pytest.mark.parametrize("agreed", [{}, {"agree_membership": "yes"}, {"agree_charter": "yes"}, {"agree_news": "yes"}])
async def test_without_agreeing_nobody_comes_in_and_what_was_typed_is_kept(zoe, section, with_charter, agreed):
    page = read(await send(zoe, **agreed, message="Bonjour"), 422)

    assert text(page, ".summary") == "Pour adhérer, acceptez chacun de ces points."
    assert page.select_one("textarea").get_text().strip() == "Bonjour"
    assert [box["name"] for box in page.select("[checked]")] == [name for name in agreed if name != "agree_news"]
    assert not await Membership.exists()
    assert not await Consent.exists()


async def test_message_that_is_too_long_is_kept_and_nothing_else(zoe, section):
    page = read(await send(zoe, **AGREED, message="x" * 2001), 422)

    assert len(page.select_one("textarea").get_text().strip()) == 2001
    assert not await Membership.exists()
    assert not await Consent.exists()


async def test_section_that_takes_in_whom_it_invites_has_no_form(zoe, section, visitor):
    token = form_of(read(await zoe.get(JOIN)), JOIN)
    await opened(section, Openness.INVITATION)

    assert read(await zoe.get(JOIN)).select_one(f'form[action="{JOIN}"]') is None
    assert read(await visitor.get(JOIN)).select_one('a[href^="/login"]') is None
    assert (await zoe.post(JOIN, data=token | AGREED)).status_code == 403
    assert not await Membership.exists()
    assert not await Consent.exists()


async def test_whoever_is_invited_comes_in_by_the_same_page(zoe, section, member, ctx):
    await opened(section, Openness.INVITATION)
    await membership.invite(section, member, None, ctx)
    assert read(await zoe.get("/me")).select_one(f'#invited + .rows a[href="{JOIN}"]') is not None

    assert (await send(zoe, **AGREED)).headers["location"] == "/me?said=joined"
    assert await Membership.is_member(member.id, section.id)


async def test_whom_the_section_blocks_does_not_come_in(zoe, section, member):
    await Block.create(uri=f"{section.uri}/b", blocker=section, blocked=member)

    page = read(await send(zoe, **AGREED), 403)

    assert text(page, ".summary") == "Cette section ne vous accueille pas."
    assert not await Membership.exists()
    assert not await Consent.exists()


async def test_form_of_another_session_or_site_is_refused(zoe, enter, section, other_member):
    theirs = form_of(read(await (await enter(other_member)).get(JOIN)), JOIN)
    own = form_of(read(await zoe.get(JOIN)), JOIN)

    assert (await zoe.post(JOIN, data=theirs | AGREED)).status_code == 403
    assert (await zoe.post(JOIN, data=own | AGREED, headers={"Origin": "https://far.test"})).status_code == 403
    assert not await Membership.exists()


@pytest.fixture
async def link(section, ctx):
    return "/join/" + await links.make_link(section, None, 2, 7, ctx)


async def test_link_lets_in_whoever_has_it(zoe, section, member, link):
    await opened(section, Openness.INVITATION)

    assert (await send(zoe, link, **AGREED)).headers["location"] == "/me?said=joined"
    assert await Membership.is_member(member.id, section.id)
    assert await Consent.exists(actor_id=member.id, purpose=Purpose.MEMBERSHIP)
    assert (await JoinLink.get()).uses_left == 1


async def test_link_asks_for_agreement_too(zoe, link):
    assert (await send(zoe, link)).status_code == 422
    assert not await Membership.exists()
    assert (await JoinLink.get()).uses_left == 2


async def test_link_that_was_used_up_revoked_or_is_over_finds_nothing(zoe, section, link, ctx):
    sent = form_of(read(await zoe.get(link)), link) | AGREED
    row = await JoinLink.get()
    for change in ({"uses_left": 0}, {"uses_left": 1, "expires_at": ctx.now() - timedelta(seconds=1)}):
        await JoinLink.filter(id=row.id).update(**change)
        assert (await zoe.get(link)).status_code == 404
        assert (await zoe.post(link, data=sent)).status_code == 404
    await JoinLink.filter(id=row.id).update(expires_at=ctx.now() + timedelta(days=1))
    await links.revoke_link(section, row.id, None)

    assert (await zoe.post(link, data=sent)).status_code == 404
    assert not await Membership.exists()


@pytest.mark.parametrize("token", ["x", "A" * 43, "é", "x" * 4000])
async def test_other_tokens_find_nothing(visitor, section, token):
    assert (await visitor.get(f"/join/{token}")).status_code == 404
    assert (await visitor.post(f"/join/{token}/elsewhere", data={})).status_code == 404


async def test_somebody_from_another_server_is_sent_the_invitation(visitor, section, link, remote_actor):
    response = await visitor.post(f"{link}/elsewhere", data={"address": remote_actor.uri})

    assert response.headers["location"] == f"{link}?said=invited_elsewhere"
    row = await Membership.get(member_id=remote_actor.id)
    assert row.state is MembershipState.INVITED
    assert await Delivery.exists()


@pytest.mark.parametrize("typed", ["", "zoe", "@nobody@lille.test", "é" * 400])
async def test_address_that_will_not_do_is_kept(visitor, member, link, typed):
    response = await visitor.post(f"{link}/elsewhere", data={"address": typed})

    assert response.status_code in (409, 422)
    assert read(response, response.status_code).select_one("#address")["value"] == typed
    assert not await Membership.exists()


async def test_link_is_not_used_up_by_another_site(app, link, remote_actor):
    async with browser(app) as other:
        sent = {"address": remote_actor.uri}
        response = await other.post(f"{link}/elsewhere", data=sent, headers={"Origin": "https://far.test"})

    assert response.status_code == 403
    assert (await JoinLink.get()).uses_left == 2


async def test_page_of_a_link_is_kept_by_nothing(visitor, link):
    response = await visitor.get(link)

    assert response.headers["cache-control"] == "no-store"
    assert response.headers["referrer-policy"] == "same-origin"
