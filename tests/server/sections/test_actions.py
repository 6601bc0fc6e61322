"""Founding sections, and the set-up that founds the first."""

import asyncio
from dataclasses import replace

import pytest

from models.actor import Actor, ActorKey, ActorType
from models.member import Member
from models.role import Role
from models.section import Section
from models.setting import Setting
from server.errors import Conflict, Invalid, NotFound
from server.members.actions import create_member
from server.sections import queries, roles
from server.sections.actions import create_section
from server.sections.setup import (
    SETTING,
    SetupForm,
    SetupRefused,
    check_setup_token,
    finish_setup,
    is_set_up,
    new_setup_token,
)

FORM = SetupForm(
    section_name="Section de Lille",
    handle="lille",
    username="zoe",
    password="cheval agrafe pile",
    password_again="cheval agrafe pile",
)


async def test_section_is_a_group_with_keys_and_clean_words(ctx):
    section = await create_section(
        ctx,
        "lille",
        " Section  de <b>Lille</b>",
        description="Bonjour <b>\n\nhttps://a.fr/",
        place=" Lille\x00,  Nord ",
    )

    assert (section.actor.type, section.actor.display_name, section.place) == (
        ActorType.GROUP, "Section de Lille", "Lille, Nord",
    )  # fmt: skip
    assert section.actor.note_html.startswith("<p>Bonjour &lt;b&gt;</p><p><a href=")
    assert await ActorKey.filter(actor_id=section.actor_id).count() == 2
    assert await queries.main() is None


@pytest.mark.parametrize(("handle", "name"), [("admin", "X"), ("lille", ""), ("lille", "\u200b"), ("a b", "X")])
async def test_section_without_a_proper_name_is_refused(ctx, handle, name):
    with pytest.raises(Invalid):
        await create_section(ctx, handle, name)
    assert not await Actor.exists()


async def test_handle_is_given_once(ctx, member):
    with pytest.raises(Conflict):
        await create_section(ctx, "ZOE", "Section")


async def test_server_has_one_main_section(ctx, section):
    with pytest.raises(Conflict):
        await create_section(ctx, "roubaix", "Section de Roubaix", is_main=True)
    assert (await queries.main()).actor_id == section.id


async def test_set_up_founds_section_and_administrator_and_spends_its_token(ctx):
    token = await new_setup_token()

    section, member = await finish_setup(FORM, ctx, token)

    assert section.is_main
    assert member.is_admin
    assert await roles.sections_of(member.actor) == [(section, {Role.ANIMATOR, Role.MEMBER})]
    assert await is_set_up()
    assert await Setting.read("time_zone") == "Europe/Paris"
    with pytest.raises(NotFound):
        await check_setup_token(token)
    with pytest.raises(Conflict):
        await new_setup_token()


async def test_only_the_hash_of_the_token_is_kept(ctx):
    token = await new_setup_token()

    kept = await Setting.read(SETTING)
    assert token not in kept
    assert len(kept) == 64


async def test_two_who_hold_the_token_found_one_section(ctx):
    token = await new_setup_token()
    other = replace(FORM, handle="roubaix", username="alice")

    answers = await asyncio.gather(
        finish_setup(FORM, ctx, token), finish_setup(other, ctx, token), return_exceptions=True
    )

    assert sum(isinstance(answer, NotFound) for answer in answers) == 1
    assert (await Section.all().count(), await Member.all().count()) == (1, 1)


async def test_name_that_is_taken_leaves_nothing_behind(ctx, member):
    token = await new_setup_token()

    with pytest.raises(SetupRefused) as refused:
        await finish_setup(FORM, ctx, token)

    assert set(refused.value.problems) == {"username"}
    assert not await is_set_up()
    await check_setup_token(token)


async def test_address_that_a_member_has_is_refused(ctx):
    await create_member(ctx, "alice", password=None, email="zoe@section.example")

    with pytest.raises(SetupRefused) as refused:
        await finish_setup(replace(FORM, email="zoe@section.example"), ctx, await new_setup_token())

    assert set(refused.value.problems) == {"email"}
    assert not await is_set_up()


@pytest.mark.parametrize("token", ["", "x", "é"])
async def test_without_a_token_there_is_no_set_up(ctx, token):
    with pytest.raises(NotFound):
        await check_setup_token(token)
