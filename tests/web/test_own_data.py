"""What a member agreed to, what is known about them, moving, and deleting everything."""

import csv
import io
import json

import pytest

from models.activity import ActivityRecord
from models.actor import Actor
from models.consent import Consent, Purpose
from models.delivery import Delivery
from models.member import Member
from models.membership import Membership, MembershipState, Transfer
from models.role import Role
from models.session import Session
from server.members.passwords import hash_password
from server.privacy.parts import OF_ACTORS
from server.sections import membership, roles
from server.sections.sharing import Shared, share
from tests import factories
from tests.web.pages import form_of, press, read, text, texts
from web.me.known_words import named

PASSWORD = "cheval agrafe pile"
BREST = "https://brest.test/actors/1"
PAGES = ["/me/consents", "/me/data", "/me/data.json", "/me/data.csv", "/me/delete"]


@pytest.fixture
async def zoe(enter, section, member):
    await Member.filter(actor_id=member.id).update(password_hash=await hash_password(PASSWORD))
    await membership.add(section, member)
    return await enter(member)


@pytest.fixture
async def arras(ctx, section):
    return await factories.section(ctx, "arras", "Section d’Arras", is_main=False)


@pytest.mark.parametrize("address", PAGES)
async def test_page_is_for_whoever_is_logged_in(visitor, section, address):
    assert (await visitor.get(address)).headers["location"].startswith("/login?next=%2Fme%2F")


@pytest.mark.parametrize("address", PAGES)
async def test_nothing_keeps_it(zoe, address):
    assert (await zoe.get(address)).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("address", ["/me/consents", "/me/delete", "/me/move"])
async def test_form_of_another_session_or_site_is_refused(zoe, address):
    token = form_of(read(await zoe.get("/me")), "/logout")

    assert (await zoe.post(address, data={})).status_code == 403
    assert (await zoe.post(address, data=token, headers={"Origin": "https://far.test"})).status_code == 403


@pytest.mark.parametrize(("field", "value"), [("email", "zoe@section.example"), ("phone", "+33123456789")])
async def test_details_are_shared_by_a_consent_and_erased_with_it(zoe, section, member, field, value):
    page = read(await zoe.get("/me/consents"))
    sent = form_of(page, "/me/consents", "share", field=field) | {"value": value}
    assert (await zoe.post("/me/consents", data=sent)).headers["location"] == "/me/consents?said=shared"
    assert getattr(await Membership.get(), field) == value
    consent = await Consent.get(withdrawn_at=None).select_related("text")
    assert consent.text.text in page.get_text()

    await press(zoe, "/me/consents", "withdraw")

    assert getattr(await Membership.get(), field) is None
    assert (await Consent.get()).withdrawn_by == "form"
    assert "terminé le" in text(read(await zoe.get("/me/consents")), "#ledger + .rows")


@pytest.mark.parametrize(
    ("field", "value"), [("email", "zoe"), ("phone", "12"), ("phone", "appelle-moi"), ("email", "")]
)
async def test_what_is_no_address_or_number_is_refused_and_kept(zoe, field, value):
    sent = form_of(read(await zoe.get("/me/consents")), "/me/consents", "share", field=field) | {"value": value}
    page = read(await zoe.post("/me/consents", data=sent), 422)

    assert form_of(page, "/me/consents", "share", field=field)["value"] == value
    assert not await Consent.exists()


@pytest.mark.parametrize("sent", [{"do": "share", "field": "note"}, {"do": "withdraw", "purpose": "x"}, {"do": "x"}])
async def test_form_that_was_made_up_is_refused(zoe, section, sent):
    token = form_of(read(await zoe.get("/me")), "/logout")

    assert (await zoe.post("/me/consents", data=token | sent | {"group": str(section.id)})).status_code == 422


@pytest.fixture
async def brest(ctx, world, member):
    group = await factories.remote_actor(ctx, world, BREST, kind="Group", acceptsSharedDetails=True)
    await Membership.create(group=group, member=member, state=MembershipState.ACCEPTED)
    return group


@pytest.mark.parametrize(("field", "value"), [("email", "zoe@section.example"), ("phone", "+33123456789")])
async def test_with_a_section_elsewhere_details_are_shared_by_words_that_say_that_they_leave(
    zoe, brest, member, field, value
):
    page = read(await zoe.get("/me/consents"))
    assert "cette section est sur un autre serveur, brest.test" in text(page, f"#group-{brest.id} + .note").lower()
    sent = form_of(page, "/me/consents", "share", field=field, group=brest.id) | {"value": value}
    assert (await zoe.post("/me/consents", data=sent)).headers["location"] == "/me/consents?said=sent"
    assert getattr(await Membership.get(group_id=brest.id), field) == value
    consent = await Consent.get(withdrawn_at=None).select_related("text")
    assert (consent.purpose, consent.given_by) == (f"send_{field}", "form")
    assert consent.text.text in page.get_text()
    assert "quitte mon serveur" in consent.text.text

    page = read(await zoe.get("/me/consents?said=sent"))
    assert "vient le lire" in text(page, ".said")
    await zoe.post("/me/consents", data=form_of(page, "/me/consents", "withdraw", purpose=f"send_{field}"))

    assert getattr(await Membership.get(group_id=brest.id), field) is None
    assert (await Consent.get()).withdrawn_by == "form"
    assert await Delivery.filter(inbox_uri=f"{BREST}/inbox").count() == 2


async def test_server_that_takes_no_details_is_said_to_and_asked_again_if_wished(zoe, brest, member, ctx, world):
    await Actor.filter(id=brest.id).update(takes_shared_details=False)
    world.serve(factories.actor_document(BREST, kind="Group"))
    page = read(await zoe.get("/me/consents"))
    assert "ne peut recevoir d’ici" in text(page, f"#group-{brest.id} ~ .empty")
    with pytest.raises(AssertionError, match="no form"):
        form_of(page, "/me/consents", "share", group=brest.id)
    look = form_of(page, "/me/consents", "look", group=brest.id)
    made_up = look | {"do": "share", "field": "email", "value": "zoe@section.example"}
    for sent in (look, made_up):
        assert "ne peut pas le recevoir" in text(read(await zoe.post("/me/consents", data=sent), 422), ".summary")
    assert not await Consent.exists()

    world.serve(factories.actor_document(BREST, kind="Group", acceptsSharedDetails=True))
    assert (await zoe.post("/me/consents", data=look)).headers["location"] == "/me/consents"
    form_of(read(await zoe.get("/me/consents")), "/me/consents", "share", group=brest.id)


async def test_nothing_is_shared_with_a_section_that_one_does_not_belong_to(zoe, arras):
    token = form_of(read(await zoe.get("/me")), "/logout")
    sent = token | {"do": "share", "field": "email", "value": "zoe@section.example", "group": str(arras.id)}

    assert (await zoe.post("/me/consents", data=sent)).status_code == 404


async def test_what_belonging_rests_on_is_withdrawn_by_leaving(zoe, section, member):
    await Consent.all().delete()
    token = form_of(read(await zoe.get("/me")), "/logout")
    sent = token | {"do": "withdraw", "purpose": "membership", "group": str(section.id)}

    page = read(await zoe.post("/me/consents", data=sent), 409)
    assert "quittez" in text(page, ".summary")


async def test_everything_known_is_shown_and_taken_away(zoe, section, member, ctx):
    await share(member, section, Shared.PHONE, "+33123456789", ctx)
    page = read(await zoe.get("/me/data"))
    assert "+33123456789" in page.get_text()
    assert "Vos sections (1)" in texts(page, "summary")

    as_json = json.loads((await zoe.get("/me/data.json")).content)
    lines = list(csv.reader(io.StringIO((await zoe.get("/me/data.csv")).text)))

    assert as_json["memberships"][0]["phone"] == "+33123456789"
    assert ["memberships", "1", "phone", "+33123456789"] in lines


async def test_nobody_is_shown_what_is_known_about_another(zoe, enter, section, member, other_member, ctx):
    await share(member, section, Shared.PHONE, "+33123456789", ctx)
    ali = await enter(other_member)

    for address in PAGES:
        assert "33123456789" not in (await ali.get(address)).text


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_part_and_every_field_has_a_name_in_both_languages(language):
    for part, what in OF_ACTORS.items():
        for name in (part, *what.shown):
            assert named(name, language), name


async def test_everything_is_deleted_after_the_password(zoe, section, member, ctx):
    page = read(await zoe.get("/me/delete"))
    sent = form_of(page, "/me/delete") | {"password": PASSWORD, "sure": "yes"}
    response = await zoe.post("/me/delete", data=sent)

    assert (response.status_code, response.headers["location"]) == (303, "/")
    assert (await Actor.get(id=member.id)).gone_at is not None
    assert not await Membership.exists()
    assert not await Member.exists(actor_id=member.id)
    assert not await Session.exists()
    assert await ActivityRecord.exists(type="Delete", actor_uri=member.uri)
    assert (await zoe.get("/me")).headers["location"].startswith("/login")
    assert (await zoe.get("/@zoe")).status_code == 410


@pytest.mark.parametrize("typed", [{"password": "wrong", "sure": "yes"}, {"password": PASSWORD}, {"sure": "yes"}, {}])
async def test_nothing_is_deleted_otherwise(zoe, member, typed):
    sent = form_of(read(await zoe.get("/me/delete")), "/me/delete")
    page = read(await zoe.post("/me/delete", data=sent | typed), 422)

    assert page.select_one(".summary") is not None
    assert PASSWORD not in str(page)
    assert (await Actor.get(id=member.id)).gone_at is None


async def test_last_animator_does_not_go_by_deleting_everything(zoe, main_section, member, ctx):
    await roles.give(main_section, member, Role.ANIMATOR, None, ctx)
    sent = form_of(read(await zoe.get("/me/delete")), "/me/delete") | {"password": PASSWORD, "sure": "yes"}

    assert "animation" in text(read(await zoe.post("/me/delete", data=sent), 409), ".summary")
    assert (await Actor.get(id=member.id)).gone_at is None


async def test_member_moves_when_both_sections_agree(
    zoe, enter, section, arras, main_section, member, other_member, ctx
):
    for row in (main_section, await arras.section):
        await roles.give(row, other_member, Role.MANAGER, None, ctx)
    ali = await enter(other_member)
    at = f"/me/move?group={section.id}"
    sent = form_of(read(await zoe.get(at)), "/me/move") | {"of": "@arras@lille.test"}
    assert (await zoe.post("/me/move", data=sent)).headers["location"].startswith("/me?said=mov")
    assert "de Section de Lille à Section d’Arras" in text(read(await zoe.get("/me")), "#moving + .rows")

    await press(ali, "/@lille/desk/requests", "agree")
    assert await Membership.is_member(member.id, section.id)
    await press(ali, "/@arras/desk/requests", "agree")

    assert await Membership.is_member(member.id, arras.id)
    assert not await Membership.exists(member_id=member.id, group_id=section.id)
    assert read(await zoe.get("/me")).select_one("#moving") is None


async def test_refused_move_changes_nothing(zoe, enter, section, arras, main_section, member, other_member, ctx):
    await roles.give(main_section, other_member, Role.MANAGER, None, ctx)
    ali = await enter(other_member)
    sent = form_of(read(await zoe.get(f"/me/move?group={section.id}")), "/me/move") | {"of": "@arras@lille.test"}
    await zoe.post("/me/move", data=sent)

    await press(ali, "/@lille/desk/requests", "disagree")

    assert await Membership.is_member(member.id, section.id)
    assert not await Transfer.exists()


async def test_wish_to_move_is_taken_back(zoe, section, arras, member):
    sent = form_of(read(await zoe.get(f"/me/move?group={section.id}")), "/me/move") | {"of": "@arras@lille.test"}
    await zoe.post("/me/move", data=sent)
    await press(zoe, "/me", "stay")

    assert not await Transfer.exists()
    assert (await Membership.get(member_id=member.id)).state is MembershipState.ACCEPTED


@pytest.mark.parametrize("of", ["", "zoe", "@lille@lille.test", "@nobody@lille.test"])
async def test_move_to_nowhere_is_refused_and_kept(zoe, section, of):
    sent = form_of(read(await zoe.get(f"/me/move?group={section.id}")), "/me/move") | {"of": of}
    page = read(await zoe.post("/me/move", data=sent), 422)

    assert page.select_one("#of")["value"] == of
    assert not await Transfer.exists()


async def test_nobody_moves_from_where_they_are_not(zoe, arras):
    assert (await zoe.get(f"/me/move?group={arras.id}")).status_code == 404
    assert (await zoe.get("/me/move")).status_code == 422


async def test_consent_given_is_listed_with_its_words(zoe, section, member, ctx):
    await share(member, section, Shared.EMAIL, "zoe@section.example", ctx, language="en")

    page = read(await zoe.get("/me/consents"))

    assert page.select_one('#ledger + .rows [lang="en"]') is not None
    assert (await Consent.get()).purpose is Purpose.SHARE_EMAIL
