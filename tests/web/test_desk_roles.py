"""At the desk: who holds which role, and how it changes hands."""

from datetime import timedelta

import pytest

from models.role import Role, RoleHolder, RoleOffer
from server.sections import roles
from tests import factories
from tests.web.pages import fill, form_of, press, read, text

DESK = "/@lille/desk"


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
