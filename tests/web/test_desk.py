"""The desk of a section: each page is for those whose roles allow it, and does what it says."""

from datetime import timedelta

import pytest

from federation.jsonld import dump
from models.activity import ActivityRecord
from models.actor import Actor, ActorType
from models.consent import Look
from models.event import Organising, OrganisingState
from models.membership import JoinLink, Membership, MembershipState, MembershipStatus
from models.role import Role, RoleHolder, RoleOffer, SectionAct
from models.section import AnnouncesFrom, Openness, Section
from server.sections import membership, roles
from server.sections.permissions import PERMISSIONS, Act
from tests import factories
from tests.web.pages import form_of, read, text, texts

DESK = "/@lille/desk"
PAGES = {
    "/requests": Act.SEE_REQUESTS,
    "/invitations": Act.INVITE,
    "/members": Act.SEE_MEMBERS,
    "/page": Act.EDIT_PAGE,
    "/acts": Act.SEE_ACTS,
    "/contacts": Act.SEE_CONTACTS,
    "/together": Act.ORGANISE_TOGETHER,
}
FORMS = {
    "/together": Act.ORGANISE_TOGETHER,
    "/requests": Act.ANSWER_REQUESTS,
    "/invitations": Act.INVITE,
    "/members": Act.EXPORT_MEMBERS,
    "/page": Act.EDIT_PAGE,
}
HELD = [role for role in Role if role is not Role.MEMBER]


@pytest.fixture
async def zoe(enter, member, main_section, ctx):
    """The browser of Zoé, who answers for the section."""
    await roles.found(main_section, member, ctx)
    return await enter(member)


@pytest.fixture
async def asked(section, remote_actor, ctx):
    """Somebody of another server who asked to join."""
    uri = f"{remote_actor.uri}/join/1"
    await Membership.create(uri=uri, group=section, member=remote_actor, message="Bonjour <à> vous")
    return remote_actor


async def press(client, address, do, **fields):
    return await client.post(address, data=form_of(read(await client.get(address)), address, do, **fields))


async def fill(client, at, do="", **typed):
    return await client.post(at, data=form_of(read(await client.get(at)), at, do) | typed)


@pytest.mark.parametrize("role", [*HELD, Role.MEMBER, None])
async def test_every_page_is_for_the_roles_that_the_table_names(enter, main_section, other_member, ctx, role):
    if role is Role.MEMBER:
        await membership.add(main_section.actor, other_member)
    elif role is not None:
        await roles.give(main_section, other_member, role, None, ctx)
    ali = await enter(other_member)
    token = form_of(read(await ali.get("/me")), "/logout")

    for path, act in PAGES.items():
        is_allowed = role in HELD and role in PERMISSIONS[act]
        assert (await ali.get(DESK + path)).status_code == (200 if is_allowed else 403), path
    for path, act in FORMS.items():
        is_allowed = role in HELD and role in PERMISSIONS[act]
        assert ((await ali.post(DESK + path, data=token)).status_code != 403) == is_allowed, path
    for path in ("", "/roles"):
        assert (await ali.get(DESK + path)).status_code == (200 if role in HELD else 403), path


@pytest.mark.parametrize("path", ["", "/roles", *PAGES, "/members/1", "/members/1/remove"])
async def test_desk_is_for_whoever_is_logged_in(visitor, section, path):
    assert (await visitor.get(DESK + path)).headers["location"].startswith("/login?next=%2F%40lille%2Fdesk")


async def test_role_in_one_section_opens_no_other_desk(zoe, ctx):
    await factories.section(ctx, "arras", "Section d’Arras", is_main=False)

    assert (await zoe.get("/@arras/desk")).status_code == 403
    assert (await zoe.get("/@zoe/desk")).status_code == 404


async def test_role_that_ended_closes_the_desk_at_once(zoe, main_section, other_member, member, ctx):
    await roles.give(main_section, other_member, Role.ANIMATOR, None, ctx)
    sent = form_of(read(await zoe.get(f"{DESK}/invitations")), f"{DESK}/invitations", "link")
    await roles.take_away(main_section, member, Role.ANIMATOR, None, ctx)

    assert (await zoe.get(DESK)).status_code == 403
    assert (await zoe.post(f"{DESK}/invitations", data=sent)).status_code == 403
    assert not await JoinLink.exists()


@pytest.mark.parametrize("path", ["", "/roles", *PAGES])
async def test_desk_is_kept_by_nothing_and_runs_no_script(zoe, path):
    response = await zoe.get(DESK + path)

    assert response.headers["cache-control"] == "no-store"
    assert read(response).select_one('meta[name="robots"]')["content"] == "noindex"
    assert response.text.count("<h1") == 1
    assert "<script" not in response.text
    assert " style=" not in response.text


@pytest.mark.parametrize("path", ["/roles", *FORMS])
async def test_form_without_the_token_or_of_another_site_is_refused(zoe, path):
    token = form_of(read(await zoe.get("/me")), "/logout")

    assert (await zoe.post(DESK + path, data={})).status_code == 403
    assert (await zoe.post(DESK + path, data=token, headers={"Origin": "https://far.test"})).status_code == 403


async def test_own_page_leads_to_the_desk(zoe):
    assert read(await zoe.get("/me")).select_one(f'#desks + .rows a[href="{DESK}"]') is not None


async def test_request_is_read_and_answered(zoe, section, member, other_member, ctx):
    await membership.ask(other_member, section, ctx, "Bonjour <à> vous")
    page = read(await zoe.get(f"{DESK}/requests"))
    assert text(page, ".rows blockquote") == "Bonjour <à> vous"
    assert "1 demande attend une réponse" in read(await zoe.get(DESK)).get_text()

    response = await press(zoe, f"{DESK}/requests", "approve")

    assert response.headers["location"] == f"{DESK}/requests?said=approved"
    assert await Membership.is_member(other_member.id, section.id)
    assert await Look.exists(viewer_id=member.id, at_what="requests")
    assert (await SectionAct.get(act=Act.ANSWER_REQUESTS.value)).author_id == member.id


async def test_request_is_refused(zoe, section, other_member, ctx):
    await membership.ask(other_member, section, ctx)
    await press(zoe, f"{DESK}/requests", "refuse")

    assert not await Membership.exists(member_id=other_member.id)


async def test_request_that_was_answered_meanwhile_is_not_answered_again(zoe, section, other_member, ctx):
    await membership.ask(other_member, section, ctx)
    sent = form_of(read(await zoe.get(f"{DESK}/requests")), f"{DESK}/requests", "refuse")
    await membership.approve(section, other_member, None, ctx)

    page = read(await zoe.post(f"{DESK}/requests", data=sent), 404)

    assert text(page, ".summary").startswith("Cela n’existe plus")
    assert await Membership.is_member(other_member.id, section.id)


@pytest.mark.parametrize(
    "sent", [{}, {"do": "approve"}, {"do": "approve", "person": "é"}, {"do": "agree", "transfer": "0"}]
)
async def test_button_that_is_not_there_does_nothing(zoe, sent):
    token = form_of(read(await zoe.get("/me")), "/logout")

    assert (await zoe.post(f"{DESK}/requests", data=token | sent)).status_code == 422
    for do, name in (("approve", "person"), ("agree", "transfer"), ("disagree", "transfer")):
        assert (await zoe.post(f"{DESK}/requests", data=token | {"do": do, name: "1"})).status_code == 404


async def test_somebody_is_invited_and_the_invitation_taken_back(zoe, section, remote_actor):
    response = await fill(zoe, f"{DESK}/invitations", "invite", address=remote_actor.uri)
    assert response.headers["location"] == f"{DESK}/invitations?said=invited"
    assert (await Membership.get(member_id=remote_actor.id)).state is MembershipState.INVITED

    await press(zoe, f"{DESK}/invitations", "take_back")

    assert not await Membership.exists(member_id=remote_actor.id)


@pytest.mark.parametrize("address", ["", "@nobody@lille.test", "zoe"])
async def test_who_cannot_be_invited_is_kept_in_the_form(zoe, address):
    response = await fill(zoe, f"{DESK}/invitations", "invite", address=address)

    assert read(response, 409 if address == "zoe" else 422).select_one("#address")["value"] == address


async def test_invitation_that_was_taken_up_is_not_taken_back(zoe, section, other_member, ctx):
    await membership.invite(section, other_member, None, ctx)
    sent = form_of(read(await zoe.get(f"{DESK}/invitations")), f"{DESK}/invitations", "take_back")
    await membership.reply(other_member, section, ctx, accept=True)

    assert (await zoe.post(f"{DESK}/invitations", data=sent)).status_code == 404
    assert await Membership.is_member(other_member.id, section.id)


async def test_link_is_shown_once_and_ended(zoe, visitor):
    page = read(await fill(zoe, f"{DESK}/invitations", "link", uses="3", days="2"))
    link = text(page, "#new-link")
    assert (await visitor.get(link)).status_code == 200
    again = await zoe.get(f"{DESK}/invitations")
    assert link not in again.text
    assert "encore pour 3 personnes" in text(read(again), "#links + .rows")

    await press(zoe, f"{DESK}/invitations", "end")

    assert (await visitor.get(link)).status_code == 404


@pytest.mark.parametrize(
    "typed", [{"uses": "0"}, {"uses": "1001"}, {"days": "367"}, {"days": ""}, {"uses": "x"}, {"uses": "-1"}]
)
async def test_link_for_nobody_or_for_ever_is_refused_and_kept(zoe, typed):
    page = read(await fill(zoe, f"{DESK}/invitations", "link", **typed), 422)

    assert [page.select_one(f"#{name}")["value"] for name in typed] == list(typed.values())
    assert not await JoinLink.exists()


async def test_members_are_listed_and_that_somebody_looked_is_written_down(zoe, section, member, other_member):
    await membership.add(section, other_member)
    page = read(await zoe.get(f"{DESK}/members"))

    assert texts(page, ".rows .person-name") == ["Zoé", "Ali"]
    assert (await Look.get(at_what="list")).viewer_id == member.id


async def test_what_is_known_of_a_member_is_kept(zoe, section, other_member):
    await membership.add(section, other_member)
    at = f"{DESK}/members/{other_member.id}"
    response = await fill(zoe, at, status="sympathiser", dues_until="2027-12-31", note="Aide le samedi.\r\nA un vélo.")

    assert response.headers["location"] == f"{at}?said=kept"
    row = await Membership.get(member_id=other_member.id)
    assert (row.status, row.dues_until, row.note) == (
        MembershipStatus.SYMPATHISER, "2027-12-31", "Aide le samedi.\nA un vélo.",
    )  # fmt: skip
    page = read(await zoe.get(at))
    assert page.select_one("#dues_until")["value"] == "2027-12-31"
    assert page.select_one("#status [selected]")["value"] == "sympathiser"
    assert "cotisation jusqu’au 31 décembre 2027" in read(await zoe.get(f"{DESK}/members")).get_text()


@pytest.mark.parametrize("typed", [{"dues_until": "demain"}, {"note": "x" * 2001}, {"status": "boss"}])
async def test_what_will_not_do_is_kept_in_the_form_and_nothing_changed(zoe, section, other_member, typed):
    await membership.add(section, other_member)
    at = f"{DESK}/members/{other_member.id}"
    page = read(await fill(zoe, at, **{"note": "Bonjour", "dues_until": "2027-01-01"} | typed), 422)

    assert page.select_one("#note").get_text().strip() == typed.get("note", "Bonjour")
    row = await Membership.get(member_id=other_member.id)
    assert (row.note, row.dues_until, row.status) == (None, None, MembershipStatus.MEMBER)


async def test_list_is_taken_away_by_the_animation_and_noted(zoe, section, member):
    response = await press(zoe, f"{DESK}/members", "export")

    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == 'attachment; filename="lille.csv"'
    assert response.headers["cache-control"] == "no-store"
    assert response.text.splitlines()[0].startswith("handle,name,status")
    assert "Zoé" in response.text
    assert await SectionAct.exists(act=Act.EXPORT_MEMBERS.value, author_id=member.id)


async def test_member_is_removed_after_being_asked_once(zoe, section, other_member):
    await membership.add(section, other_member)
    at = f"{DESK}/members/{other_member.id}/remove"
    page = read(await zoe.get(at))
    assert await Membership.is_member(other_member.id, section.id)

    response = await zoe.post(at, data=form_of(page, at, "remove"))

    assert response.headers["location"] == f"{DESK}/members?said=removed"
    assert not await Membership.exists(member_id=other_member.id)


@pytest.mark.parametrize("id_", ["1", str(2**63), "9" * 19])
async def test_nobody_is_found_by_another_id(zoe, id_):
    token = form_of(read(await zoe.get("/me")), "/logout")

    for at in (f"{DESK}/members/{id_}", f"{DESK}/members/{id_}/remove"):
        assert (await zoe.get(at)).status_code == 404
        assert (await zoe.post(at, data=token)).status_code == 404


async def test_member_of_another_section_is_not_found(zoe, other_member, ctx):
    arras = await factories.section(ctx, "arras", "Section d’Arras", is_main=False)
    await membership.add(arras, other_member)

    assert (await zoe.get(f"{DESK}/members/{other_member.id}")).status_code == 404


async def test_role_is_offered_taken_up_and_ended(zoe, enter, main_section, other_member):
    ali = await enter(other_member)
    response = await fill(zoe, f"{DESK}/roles", "offer", person="@Ali", role="manager")
    assert response.headers["location"] == f"{DESK}/roles?said=offered"
    assert "gestion" in text(read(await ali.get("/me")), "#offers + .rows")

    assert (await press(ali, "/me", "accept_role")).headers["location"] == "/me?said=role_taken"
    assert (await ali.get(f"{DESK}/members")).status_code == 200
    await press(zoe, f"{DESK}/roles", "take_away", role="manager")

    assert (await ali.get(f"{DESK}/members")).status_code == 403


async def test_role_is_declined_or_taken_back(zoe, enter, other_member):
    ali = await enter(other_member)
    await fill(zoe, f"{DESK}/roles", "offer", person="ali", role="editor")
    assert (await press(ali, "/me", "decline_role")).headers["location"] == "/me?said=declined"
    await fill(zoe, f"{DESK}/roles", "offer", person="ali", role="editor")
    sent = form_of(read(await ali.get("/me")), "/me", "accept_role")
    await press(zoe, f"{DESK}/roles", "take_back")

    assert (await ali.post("/me", data=sent)).status_code == 404
    assert not await RoleHolder.exists(holder_id=other_member.id)


async def test_offer_to_another_is_not_taken_up(zoe, enter, other_member, ctx):
    await fill(zoe, f"{DESK}/roles", "offer", person="ali", role="editor")
    eve = await factories.member(ctx, "eve", "Eve")
    client = await enter(eve)
    token = form_of(read(await client.get("/me")), "/logout")
    sent = token | {"do": "accept_role", "offer": str((await RoleOffer.get()).id)}

    assert (await client.post("/me", data=sent)).status_code == 404
    assert not await RoleHolder.exists(holder_id=eve.id)


async def test_offer_that_has_expired_is_not_shown(zoe, enter, other_member, ctx):
    await fill(zoe, f"{DESK}/roles", "offer", person="ali", role="editor")
    await RoleOffer.all().update(expires_at=ctx.now() - timedelta(seconds=1))

    assert read(await (await enter(other_member)).get("/me")).select_one("#offers") is None


async def test_animation_is_handed_over(zoe, enter, main_section, member, other_member):
    ali = await enter(other_member)
    await fill(zoe, f"{DESK}/roles", "hand_over", person="ali", role="animator")
    assert (await zoe.get(DESK)).status_code == 200
    await press(ali, "/me", "accept_role")

    held = await RoleHolder.filter(section_id=main_section.id).values_list("holder_id", "role")
    assert held == [(other_member.id, Role.ANIMATOR)]
    assert (await zoe.get(DESK)).status_code == 403
    assert (await ali.get(f"{DESK}/roles")).status_code == 200


async def test_last_animator_does_not_leave(zoe, member):
    page = read(await press(zoe, f"{DESK}/roles", "retire"), 409)

    assert "animation" in text(page, ".summary")
    assert await RoleHolder.exists(holder_id=member.id)


async def test_who_gave_the_last_role_up_comes_to_their_own_page(zoe, main_section, member, other_member, ctx):
    await roles.give(main_section, other_member, Role.ANIMATOR, None, ctx)
    response = await press(zoe, f"{DESK}/roles", "retire")

    assert response.headers["location"] == "/me?said=retired"
    assert not await RoleHolder.exists(holder_id=member.id)


@pytest.mark.parametrize(
    "typed",
    [
        {"person": "nobody"},
        {"person": ""},
        {"person": "lille"},
        {"person": "@a@far.test"},
        {"role": "member"},
        {"role": "boss"},
    ],
)
async def test_role_that_cannot_be_offered_is_refused_and_kept(zoe, other_member, typed):
    page = read(await fill(zoe, f"{DESK}/roles", "offer", **{"person": "ali", "role": "editor"} | typed), 422)

    assert page.select_one("#person")["value"] == typed.get("person", "ali")
    assert not await RoleOffer.exists()


@pytest.mark.parametrize("role", [Role.MANAGER, Role.MODERATOR, Role.EDITOR])
async def test_only_the_animation_gives_and_takes_roles(enter, main_section, other_member, ctx, role):
    eve = await factories.member(ctx, "eve", "Eve")
    await roles.give(main_section, eve, Role.ANIMATOR, None, ctx)
    await roles.give(main_section, other_member, role, None, ctx)
    ali = await enter(other_member)
    page = read(await ali.get(f"{DESK}/roles"))
    token = form_of(page, f"{DESK}/roles", "hand_over")

    for sent in (
        {"do": "offer", "person": "eve", "role": "editor"},
        {"do": "take_away", "person": str(eve.id), "role": "animator"},
    ):
        assert (await ali.post(f"{DESK}/roles", data=token | sent)).status_code == 403
    assert page.select_one('input[value="offer"]') is None
    assert await RoleHolder.exists(holder_id=eve.id, role=Role.ANIMATOR)


async def test_page_of_the_section_is_changed(zoe, visitor, section, member):
    typed = {
        "name": "Section de Lille-Centre", "place": "Lille", "contact": "lille@section.example", "first_colour": "#c8102e",
        "coordinates": "50.6311, 3.0468", "insee_codes": "59350 2A004", "openness": "open", "announces_from": "nobody",
        "charter": "Nous décidons ensemble.", "shows_authors": "yes",
    }  # fmt: skip
    response = await fill(zoe, f"{DESK}/page", **typed)

    assert response.headers["location"] == f"{DESK}/page?said=kept"
    row = await Section.get(actor_id=section.id)
    assert (row.openness, row.announces_from, row.shows_authors) == (Openness.OPEN, AnnouncesFrom.NOBODY, True)
    assert (row.insee_codes, row.charter, row.charter_version) == (["59350", "2A004"], "Nous décidons ensemble.", 1)
    assert text(read(await visitor.get("/")), "h1") == "Section de Lille-Centre"
    shown = form_of(read(await zoe.get(f"{DESK}/page")), f"{DESK}/page")
    assert {name: shown[name] for name in typed if name != "coordinates"} == {
        name: value for name, value in typed.items() if name != "coordinates"
    }
    assert {act.author_id for act in await SectionAct.all()} <= {member.id, None}


async def test_box_that_is_no_longer_ticked_is_read(zoe, section):
    await Section.filter(actor_id=section.id).update(shows_authors=True)
    sent = form_of(read(await zoe.get(f"{DESK}/page")), f"{DESK}/page")
    assert sent.pop("shows_authors") == "yes"
    await zoe.post(f"{DESK}/page", data=sent)

    assert not (await Section.get(actor_id=section.id)).shows_authors


@pytest.mark.parametrize(
    "typed",
    [{"name": ""}, {"first_colour": "red"}, {"coordinates": "far"}, {"insee_codes": "5935"}, {"openness": "x"},
     {"announces_from": "x"}, {"charter": "x" * 20_001}, {"description": "x" * 2001}],
)  # fmt: skip
async def test_what_will_not_do_is_shown_again_with_all_that_was_typed(zoe, section, typed):
    page = read(await fill(zoe, f"{DESK}/page", **{"place": "Ailleurs"} | typed), 422)

    kept = form_of(page, f"{DESK}/page")
    assert kept["place"] == "Ailleurs"
    if not {"openness", "announces_from"} & typed.keys():
        assert typed.items() <= kept.items()
    assert (await Section.get(actor_id=section.id)).place != "Ailleurs"


async def test_editor_changes_the_page_but_not_who_may_come_in_nor_the_charter(enter, main_section, other_member, ctx):
    await roles.give(main_section, other_member, Role.EDITOR, None, ctx)
    ali = await enter(other_member)
    page = read(await ali.get(f"{DESK}/page"))
    assert page.select_one("#openness") is None
    assert page.select_one("#charter") is None
    sent = form_of(page, f"{DESK}/page") | {
        "place": "Fives",
        "openness": "open",
        "charter": "Moi",
        "announces_from": "everybody",
    }

    assert (await ali.post(f"{DESK}/page", data=sent)).status_code == 303

    row = await Section.get(id=main_section.id)
    assert (row.place, row.openness, row.charter, row.announces_from) == (
        "Fives", Openness.MODERATED, "", AnnouncesFrom.MEMBERS,
    )  # fmt: skip


async def test_journal_says_who_did_what_and_who_looked(zoe, section, member, other_member, ctx):
    await membership.ask(other_member, section, ctx)
    await press(zoe, f"{DESK}/requests", "approve")
    page = read(await zoe.get(f"{DESK}/acts"))

    assert "Zoé a répondu à une demande" in text(page, ".rows")
    assert "@ali" in text(page, ".rows")
    assert other_member.uri not in page.get_text()
    assert "les demandes" in text(page, "#looks + .rows")


async def test_journal_is_read_page_by_page(zoe, main_section):
    for number in range(60):
        await SectionAct.create(section=main_section, act="publish", about=str(number))
    first = read(await zoe.get(f"{DESK}/acts"))
    second = read(await zoe.get(f"{DESK}/acts" + first.select_one('[rel="next"]')["href"]))

    assert len(first.select("main .rows")[0].select("li")) == 50
    assert second.select_one('[rel="next"]') is None
    assert (await zoe.get(f"{DESK}/acts?before=x")).status_code == 404


async def test_another_section_asks_to_organise_with_this_one(zoe, section, remote_actor, ctx):
    await Actor.filter(id=remote_actor.id).update(type=ActorType.GROUP)
    event = await factories.event(remote_actor, "Fête du port")
    row = await Organising.create(uri=f"{event.uri}#offer", event_id=event.id, section=section)
    await kept_offer(row, remote_actor, section, event)
    page = read(await zoe.get(f"{DESK}/together"))
    assert "Fête du port" in text(page, "main")

    assert (await press(zoe, f"{DESK}/together", "accept")).headers["location"] == f"{DESK}/together?said=together"
    assert (await Organising.get()).state is OrganisingState.ACCEPTED

    assert (await press(zoe, f"{DESK}/together", "leave")).headers["location"] == f"{DESK}/together?said=left"
    assert (await Organising.get()).state is OrganisingState.DECLINED
    assert "Fête du port" not in text(read(await zoe.get(f"{DESK}/together")), "main")


async def kept_offer(row, actor, section, event):
    offer = factories.activity("Offer", actor.uri, event.uri, target=section.uri, to=[section.uri]) | {"id": row.uri}
    await ActivityRecord.create(
        uri=row.uri, type="Offer", actor_uri=actor.uri, object_uri=event.uri, document=dump(offer)
    )


async def test_this_section_asks_another_and_takes_it_back(zoe, section, ctx):
    at = f"{DESK}/together"
    await factories.section(ctx, "brest", "Section de Brest", is_main=False)
    await factories.event(section, "Fête du port")
    refused = await fill(zoe, at, "ask", address="@zoe")
    assert (refused.status_code, await Organising.exists()) == (422, False)

    assert (await fill(zoe, at, "ask", address="brest")).headers["location"] == f"{at}?said=together_asked"
    assert "Section de Brest" in text(read(await zoe.get(at)), "main")

    assert (await press(zoe, at, "take_back")).headers["location"] == f"{at}?said=taken_back"
    assert not await Organising.exists()
