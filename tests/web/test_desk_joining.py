"""At the desk: requests to join, invitations, links."""

import pytest

from models.consent import Look
from models.membership import JoinLink, Membership, MembershipState
from models.role import SectionAct
from server.sections import membership
from server.sections.permissions import Act
from tests.web.pages import fill, form_of, press, read, text

DESK = "/@lille/desk"


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


async def test_invitation_to_go_on_says_from_which_account(zoe, section, other_member, remote_actor):
    invited = MembershipState.INVITED
    await Membership.create(group=section, member=remote_actor, state=invited, former=other_member)

    assert "prend la suite de @ali" in text(read(await zoe.get(f"{DESK}/invitations")), "#invited + .rows")


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
