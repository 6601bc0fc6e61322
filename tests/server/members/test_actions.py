"""Taking members in, and their passwords."""

import pytest

from models.actor import Actor, ActorKey, ActorType
from models.member import Member, MemberRole
from models.oauth import AccessToken
from server.errors import Conflict, Invalid
from server.members.actions import check_password, create_member, reset_password
from server.members.queries import by_login
from server.oauth.tokens import create_token

GOOD = "cheval agrafe pile"


async def test_member_has_an_actor_with_keys_and_a_login(ctx):
    member = await create_member(ctx, "Zoe", password=GOOD, display_name=" <b>Zoé</b> ", email="zoe@section.example")

    assert (member.actor.type, member.actor.username, member.actor.display_name) == (ActorType.PERSON, "zoe", "Zoé")
    assert await ActorKey.filter(actor_id=member.actor_id).count() == 2
    assert member.role is MemberRole.MEMBER
    assert await check_password(member, GOOD)
    assert not await check_password(member, GOOD + "!")


async def test_member_without_a_password_cannot_be_logged_in_as(ctx):
    member = await create_member(ctx, "zoe", password=None)

    assert member.password_hash is None
    assert not await check_password(member, "")


@pytest.mark.parametrize(
    "wrong",
    [{"username": "admin"}, {"username": "zo é"}, {"password": "short"}, {"password": "zoe-zoe-zoe"}, {"email": "zoe"}],
)
async def test_member_whose_values_will_not_do_is_refused_whole(ctx, wrong):
    values = {"username": "zoe", "password": GOOD, "email": ""} | wrong
    with pytest.raises(Invalid):
        await create_member(ctx, values.pop("username"), **values)

    assert not await Actor.exists()


async def test_name_or_address_that_is_taken_is_refused(ctx):
    await create_member(ctx, "zoe", password=None, email="zoe@section.example")

    with pytest.raises(Conflict):
        await create_member(ctx, "ZOE", password=None)
    with pytest.raises(Conflict):
        await create_member(ctx, "alice", password=None, email="ZOE@section.example ")
    assert await Member.all().count() == 1


async def test_new_password_ends_every_session_of_the_old(ctx):
    member = await create_member(ctx, "zoe", password=GOOD)
    await create_token(member, ["read"])

    await reset_password(member, "cheval neuf agrafe", ctx)

    assert await check_password(member, "cheval neuf agrafe")
    assert not await check_password(member, GOOD)
    assert await AccessToken.filter(member_id=member.id, revoked_at=None).count() == 0


async def test_new_password_must_do_as_well(ctx):
    member = await create_member(ctx, "zoe", password=GOOD)

    with pytest.raises(Invalid):
        await reset_password(member, "short", ctx)
    assert await check_password(member, GOOD)


@pytest.mark.parametrize("typed", ["zoe", "@Zoe", " zoe ", "zoe@section.example", "ZOE@Section.example"])
async def test_member_logs_in_by_name_or_by_address(ctx, typed):
    member = await create_member(ctx, "zoe", password=None, email="zoe@section.example")

    found = await by_login(typed)

    assert found is not None
    assert (found.id, found.actor.username) == (member.id, "zoe")


@pytest.mark.parametrize("typed", ["", "@", "nobody", "nobody@section.example"])
async def test_nobody_logs_in_as_nobody(ctx, typed):
    await create_member(ctx, "zoe", password=None)

    assert await by_login(typed) is None
    assert not await check_password(None, GOOD)


async def test_closed_login_finds_nobody(ctx):
    member = await create_member(ctx, "zoe", password=None)
    await Member.filter(id=member.id).update(disabled_at=ctx.now())

    assert await by_login("zoe") is None
