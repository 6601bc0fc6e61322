"""A member's own pages: to what they belong, and what they do about it."""

import pytest

from models.actor import Actor, ActorType
from models.delivery import Delivery
from models.member import Member
from models.membership import Membership, MembershipState
from models.session import Session
from server.members import moving
from server.members.passwords import hash_password, verify_password
from server.sections import membership
from server.sessions.actions import open_session
from tests import factories
from tests.federation.submitting import submit
from tests.web.pages import form_of, press, read, text, texts

OWN_PAGES = ["/me", "/me/join", "/me/sessions", "/me/password"]
OWN_FORMS = ["/me", "/me/join", "/me/leave", "/me/sessions", "/me/password"]


@pytest.fixture
async def zoe(enter, section, member):
    return await enter(member)


@pytest.fixture
async def far_group(ctx, world):
    return await factories.remote_actor(ctx, world, "https://far.test/groups/arras", kind="Group", key=1)


@pytest.mark.parametrize("address", [*OWN_PAGES, "/me/leave?group=1"])
async def test_page_is_for_whoever_is_logged_in(visitor, section, address):
    response = await visitor.get(address)

    assert response.status_code == 303
    assert response.headers["location"].startswith("/login?next=%2Fme")


@pytest.mark.parametrize("address", OWN_FORMS)
async def test_form_is_taken_from_whoever_is_logged_in(visitor, section, address):
    assert (await visitor.post(address, data={})).headers["location"].startswith("/login?next=%2Fme")


@pytest.mark.parametrize("address", OWN_FORMS)
async def test_form_without_the_token_of_the_session_is_refused(zoe, enter, other_member, address):
    theirs = form_of(read(await (await enter(other_member)).get("/me")), "/logout")["form_token"]

    for sent in ({}, {"form_token": ""}, {"form_token": "0" * 64}, {"form_token": theirs}):
        assert (await zoe.post(address, data=sent)).status_code == 403


@pytest.mark.parametrize("address", OWN_FORMS)
async def test_form_of_another_site_is_refused(zoe, address):
    token = form_of(read(await zoe.get("/me")), "/logout")

    assert (await zoe.post(address, data=token, headers={"Origin": "https://far.test"})).status_code == 403
    assert (await zoe.post(address, data=token, headers={"Sec-Fetch-Site": "same-site"})).status_code == 403


@pytest.mark.parametrize("address", OWN_PAGES)
async def test_own_pages_are_kept_by_nothing_and_found_by_nobody(zoe, address):
    response = await zoe.get(address)

    assert response.headers["cache-control"] == "no-store"
    assert "Cookie" in response.headers["vary"]
    assert read(response).select_one('meta[name="robots"]')["content"] == "noindex"


async def test_everybody_is_shown_their_own(zoe, enter, other_member):
    ali = await enter(other_member)

    for _ in range(2):
        assert "@zoe@lille.test" in text(read(await zoe.get("/me")), ".lead")
        assert "@ali@lille.test" in text(read(await ali.get("/me")), ".lead")


async def test_own_page_lists_what_one_belongs_to_asked_for_and_is_invited_to(zoe, section, member, far_group, ctx):
    await membership.add(section, member)
    await Membership.create(group=far_group, member=member, state=MembershipState.REQUESTED)
    page = read(await zoe.get("/me"))

    assert texts(page, "#belonging + .rows .person-name") == ["Section de Lille"]
    assert texts(page, "#asked + .rows .person-name") == ["Arras"]


async def test_nobody_else_is_shown_who_belongs(zoe, enter, section, member, other_member, visitor):
    await membership.add(section, other_member)

    assert "Ali" not in (await zoe.get("/me")).text
    assert "Ali" not in (await visitor.get("/@lille")).text


async def test_button_that_is_not_there_does_nothing(zoe):
    token = form_of(read(await zoe.get("/me")), "/logout")["form_token"]

    for sent in ({}, {"do": "take_up"}, {"do": "take_up", "group": "é"}, {"do": "nothing", "group": "1"}):
        page = read(await zoe.post("/me", data=sent | {"form_token": token}), 422)
        assert text(page, ".summary") == "Ce formulaire n’a pas pu être lu."
    assert (await zoe.post("/me", data={"do": "decline", "group": "1", "form_token": token})).status_code == 404


async def test_request_is_taken_back(zoe, section, member, ctx):
    await membership.ask(member, section, ctx)
    response = await press(zoe, "/me", "withdraw")

    assert response.headers["location"] == "/me?said=withdrawn"
    assert not await Membership.exists()


async def test_who_was_let_in_meanwhile_does_not_leave_by_taking_the_request_back(zoe, section, member, ctx):
    await membership.ask(member, section, ctx)
    sent = form_of(read(await zoe.get("/me")), "/me", "withdraw")
    await membership.add(section, member)

    assert (await zoe.post("/me", data=sent)).status_code == 422
    assert await Membership.is_member(member.id, section.id)


async def test_invitation_to_go_on_names_the_former_account(zoe, member, far_group, stranger, ctx):
    await Actor.filter(id=member.id).update(also_known_as=[stranger.uri])
    ends = {"to": [member.uri], "target": member.uri, "origin": stranger.uri}
    await submit(factories.activity("Invite", far_group.uri, far_group.uri, **ends), far_group, ctx)
    page = read(await zoe.get("/me"))
    said = "Vous faisiez partie de Arras avec votre ancien compte @max@elsewhere.test. Continuez avec celui-ci."
    assert said in text(page, "#invited + .rows")
    assert "Continuer avec ce compte" in text(page, "#invited + .rows .presses")

    response = await press(zoe, "/me", "take_up")

    assert response.headers["location"] == "/me?said=joined"
    assert await Membership.is_member(member.id, far_group.id)


async def test_going_on_in_a_section_of_this_server_agrees_anew(zoe, section, member, other_member, ctx):
    await membership.add(section, other_member)
    await moving.add_alias(member, "ali", ctx)
    await moving.move(other_member, "zoe", ctx)
    link = read(await zoe.get("/me")).select_one("#invited + .rows a.button")
    assert (link["href"], link.get_text(strip=True)) == ("/@lille/join", "Continuer avec ce compte")
    page = read(await zoe.get("/@lille/join"))
    assert "avec votre ancien compte @ali" in text(page, "main")
    sent = form_of(page, "/@lille/join")
    assert (await zoe.post("/@lille/join", data=sent)).status_code == 422

    response = await zoe.post("/@lille/join", data=sent | {"agree_membership": "on"})

    assert response.headers["location"] == "/me?said=joined"
    assert (await Membership.get()).member_id == member.id


async def test_leaving_asks_once(zoe, section, member):
    await membership.add(section, member)
    link = read(await zoe.get("/me")).select_one('a[href^="/me/leave"]')["href"]
    page = read(await zoe.get(link))
    assert await Membership.exists()

    response = await zoe.post("/me/leave", data=form_of(page, "/me/leave"))

    assert response.headers["location"] == "/me?said=left"
    assert not await Membership.exists()


async def test_nobody_leaves_what_they_do_not_belong_to(zoe, section, other_member):
    await membership.add(section, other_member)
    token = form_of(read(await zoe.get("/me")), "/logout")["form_token"]

    assert (await zoe.get(f"/me/leave?group={section.id}")).status_code == 404
    assert (await zoe.post("/me/leave", data={"group": section.id, "form_token": token})).status_code == 404
    assert await Membership.exists()


async def test_group_of_another_server_is_looked_at_and_then_asked(zoe, member, far_group):
    page = read(await zoe.get("/me/join?of=@arras@far.test"))
    assert page.select_one("#of")["value"] == "@arras@far.test"
    sent = form_of(page, "/me/join") | {"of": far_group.uri}
    page = read(await zoe.post("/me/join", data=sent))
    assert text(page, "h1") == "Rejoindre Arras"
    assert not await Membership.exists()

    response = await zoe.post("/me/join", data=form_of(page, "/me/join") | {"message": "Bonjour"})

    assert response.headers["location"] == "/me?said=asked"
    assert (await Membership.get()).state is MembershipState.REQUESTED
    assert await Delivery.exists()


async def test_group_that_we_know_is_shown_at_once_to_whoever_is_sent_here(zoe, far_group, remote_actor):
    page = read(await zoe.get("/me/join", params={"of": far_group.uri}))

    assert text(page, "h1") == "Rejoindre Arras"
    assert form_of(page, "/me/join", "join")["of"] == far_group.uri
    assert not await Membership.exists()
    assert text(read(await zoe.get("/me/join", params={"of": remote_actor.uri})), "h1") == "Rejoindre une section"


@pytest.mark.parametrize("of", ["https://far.test/\x00", "https://nobody.test/groups/1", "x" * 4000])
async def test_what_we_do_not_know_is_filled_in_and_nobody_is_asked(zoe, world, of):
    page = read(await zoe.get("/me/join", params={"of": of}))

    assert page.select_one("#of") is not None
    assert world.fetched == []


async def test_section_of_this_server_has_a_page_of_its_own(zoe, section):
    sent = form_of(read(await zoe.get("/me/join")), "/me/join") | {"of": "@lille@lille.test"}

    assert (await zoe.post("/me/join", data=sent)).headers["location"] == "/@lille/join"


@pytest.mark.parametrize(
    "of", ["", "zoe", "@zoe@lille.test", "@nobody@lille.test", "x\x00", "é" * 300, "https://far.test/none"]
)
async def test_what_is_no_section_is_refused_and_kept(zoe, of):
    sent = form_of(read(await zoe.get("/me/join")), "/me/join") | {"of": of}
    page = read(await zoe.post("/me/join", data=sent), 422)

    assert page.select_one(".summary") is not None
    assert page.select_one("#of")["value"] == of.replace("\x00", "")
    assert not await Membership.exists()


async def test_sessions_are_listed_and_ended(zoe, member, ctx):
    login = await Member.get(actor_id=member.id)
    for device in ("Firefox, Linux", "Safari, iPhone"):
        await open_session(login, ctx, device=device)
    page = read(await zoe.get("/me/sessions"))
    assert sorted(texts(page, ".row-name")) == ["Firefox, Linux", "Navigateur inconnu celui-ci", "Safari, iPhone"]

    response = await press(zoe, "/me/sessions", "end")
    assert response.headers["location"] == "/me/sessions?said=ended"
    assert await Session.all().count() == 2
    await press(zoe, "/me/sessions", "end_others")

    assert await Session.all().count() == 1
    assert (await zoe.get("/me/sessions")).status_code == 200


async def test_nobody_ends_the_session_of_another(zoe, enter, other_member):
    ali = await enter(other_member)
    token = form_of(read(await zoe.get("/me")), "/logout")["form_token"]
    theirs = await Session.get(member__actor_id=other_member.id)

    sent = {"form_token": token, "do": "end", "session": theirs.id}
    assert (await zoe.post("/me/sessions", data=sent)).status_code == 404
    assert (await ali.get("/me")).status_code == 200


async def test_password_is_changed_by_whoever_knows_the_old_one(zoe, member, ctx):
    await Member.filter(actor_id=member.id).update(password_hash=await hash_password("cheval agrafe pile"))
    await open_session(await Member.get(actor_id=member.id), ctx)
    typed = {
        "old": "cheval agrafe pile",
        "password": "quatre mots sans lien",
        "password_again": "quatre mots sans lien",
    }
    sent = form_of(read(await zoe.get("/me/password")), "/me/password")

    for wrong in ({"old": "no"}, {"password_again": "other"}, {"password": "zoe", "password_again": "zoe"}):
        page = read(await zoe.post("/me/password", data=sent | typed | wrong), 422)
        assert page.select_one(".summary") is not None
        assert "quatre" not in str(page)
    response = await zoe.post("/me/password", data=sent | typed)

    assert response.headers["location"] == "/me/sessions?said=password"
    kept = (await Member.get(actor_id=member.id)).password_hash
    assert (await verify_password(kept, "quatre mots sans lien")).is_right
    assert await Session.all().count() == 1
    assert (await zoe.get("/me")).status_code == 200


async def test_notice_is_one_of_ours_or_none(zoe):
    assert read(await zoe.get("/me?said=left")).select_one("[role=status]") is not None
    assert read(await zoe.get("/me?said=<script>")).select_one("[role=status]") is None


async def test_groups_that_are_people_cannot_be_joined(zoe, remote_actor):
    assert remote_actor.type is ActorType.PERSON
    sent = form_of(read(await zoe.get("/me/join")), "/me/join") | {"of": remote_actor.uri}

    assert "personne" in text(read(await zoe.post("/me/join", data=sent), 422), ".summary")
