"""The desk of a section: each page is for those whose roles allow it, and no other."""

import pytest

from models.membership import JoinLink
from models.role import Role
from server.sections import membership, roles
from server.sections.permissions import PERMISSIONS, Act
from tests import factories
from tests.web.pages import form_of, read

DESK = "/@lille/desk"
PAGES = {
    "/events": Act.ORGANISE,
    "/events/new": Act.ORGANISE,
    "/requests": Act.SEE_REQUESTS,
    "/invitations": Act.INVITE,
    "/members": Act.SEE_MEMBERS,
    "/page": Act.EDIT_PAGE,
    "/acts": Act.SEE_ACTS,
    "/contacts": Act.SEE_CONTACTS,
    "/posts": Act.DELETE_POST,
    "/write": Act.PUBLISH,
    "/reports": Act.HANDLE_REPORTS,
    "/together": Act.ORGANISE_TOGETHER,
}
FORMS = {
    "/together": Act.ORGANISE_TOGETHER,
    "/events/new": Act.ORGANISE,
    "/requests": Act.ANSWER_REQUESTS,
    "/invitations": Act.INVITE,
    "/members": Act.EXPORT_MEMBERS,
    "/page": Act.EDIT_PAGE,
    "/write": Act.PUBLISH,
}
HELD = [role for role in Role if role is not Role.MEMBER]


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


@pytest.mark.parametrize(
    "path", ["", "/roles", *PAGES, "/members/1", "/members/1/remove", "/posts/1/edit", "/posts/1/delete", "/reports/1"]
)
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
async def test_desk_is_kept_by_nothing_and_runs_no_script_but_the_composer(zoe, path):
    response = await zoe.get(DESK + path)

    assert response.headers["cache-control"] == "no-store"
    assert read(response).select_one('meta[name="robots"]')["content"] == "noindex"
    assert response.text.count("<h1") == 1
    assert response.text.count("<script") == (path == "/write")
    assert " style=" not in response.text


@pytest.mark.parametrize("path", ["/roles", *FORMS])
async def test_form_without_the_token_or_of_another_site_is_refused(zoe, path):
    token = form_of(read(await zoe.get("/me")), "/logout")

    assert (await zoe.post(DESK + path, data={})).status_code == 403
    assert (await zoe.post(DESK + path, data=token, headers={"Origin": "https://far.test"})).status_code == 403


async def test_own_page_leads_to_the_desk(zoe):
    assert read(await zoe.get("/me")).select_one(f'#desks + .rows a[href="{DESK}"]') is not None
