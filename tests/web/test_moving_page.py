"""Moving away with those who follow, and naming one's former account, on a member's own page."""

import pytest

from models.activity import ActivityRecord
from models.actor import Actor
from models.member import Member
from server.members import moving
from server.members.passwords import hash_password
from tests import factories
from tests.web.pages import fill, form_of, press, read, text, texts

ADDRESS = "/me/moving"
PASSWORD = "cheval agrafe pile"


@pytest.fixture
async def zoe(enter, section, member):
    await Member.filter(actor_id=member.id).update(password_hash=await hash_password(PASSWORD))
    return await enter(member)


async def test_moving_is_for_its_owner(visitor, zoe, section):
    assert (await visitor.get(ADDRESS)).headers["location"].startswith("/login")
    assert (await visitor.post(ADDRESS, data={})).headers["location"].startswith("/login")
    assert (await zoe.post(ADDRESS, data={"do": "move"})).status_code == 403


async def test_former_account_is_named_and_no_longer(zoe, member, remote_actor):
    assert (await fill(zoe, ADDRESS, "alias", former="@noor@far.test")).headers[
        "location"
    ] == f"{ADDRESS}?said=alias_added"
    assert (await Actor.get(id=member.id)).also_known_as == [remote_actor.uri]
    assert texts(read(await zoe.get(ADDRESS)), ".rows .person-name") == ["Noor"]
    await Actor.filter(id=member.id).update(also_known_as=[remote_actor.uri, "https://gone.test/users/x"])
    assert "https://gone.test/users/x" in texts(read(await zoe.get(ADDRESS)), ".rows .row-name")

    assert (await press(zoe, ADDRESS, "drop", uri=remote_actor.uri)).headers[
        "location"
    ] == f"{ADDRESS}?said=alias_dropped"
    await press(zoe, ADDRESS, "drop")

    assert (await Actor.get(id=member.id)).also_known_as == []


@pytest.mark.parametrize("former", ["", "@nobody@far.test", "nobody", "pas une adresse"])
async def test_account_that_is_not_there_is_refused_and_typed_again(zoe, member, former):
    page = read(await fill(zoe, ADDRESS, "alias", former=former), 422)

    assert page.select_one("#former")["value"] == former
    assert (await Actor.get(id=member.id)).also_known_as == []


async def test_own_account_is_no_former_one(zoe, member):
    assert (await fill(zoe, ADDRESS, "alias", former="zoe")).status_code == 409


async def test_member_moves_with_the_password_and_comes_back(zoe, member, other_member, ctx):
    await moving.add_alias(other_member, "zoe", ctx)

    response = await fill(zoe, ADDRESS, "move", to="ali", password=PASSWORD, sure="yes")

    assert response.headers["location"] == f"{ADDRESS}?said=moved"
    assert (await Actor.get(id=member.id)).moved_to_uri == other_member.uri
    assert await ActivityRecord.exists(type="Move")
    page = read(await zoe.get(ADDRESS))
    assert text(page, ".moved .person-name") == "Ali"
    with pytest.raises(AssertionError, match="no form"):
        form_of(page, ADDRESS, "move")

    assert (await fill(zoe, ADDRESS, "back", password="faux")).status_code == 422
    assert (await fill(zoe, ADDRESS, "back", password=PASSWORD)).headers["location"] == f"{ADDRESS}?said=moved_back"
    assert (await Actor.get(id=member.id)).moved_to_uri is None


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({"to": "ali", "sure": "yes", "password": "faux"}, 422),
        ({"to": "ali", "password": PASSWORD}, 422),
        ({"to": "", "sure": "yes", "password": PASSWORD}, 422),
        ({"to": "nobody", "sure": "yes", "password": PASSWORD}, 422),
        ({"to": "zoe", "sure": "yes", "password": PASSWORD}, 409),
        ({"to": "ali", "sure": "yes", "password": PASSWORD}, 409),
    ],
)
async def test_nobody_moves_otherwise(zoe, member, other_member, typed, status):
    page = read(await fill(zoe, ADDRESS, "move", **typed), status)

    assert text(page, ".summary")
    assert page.select_one("#to")["value"] == typed["to"]
    assert PASSWORD not in str(page)
    assert (await Actor.get(id=member.id)).moved_to_uri is None


async def test_made_up_forms_are_refused(zoe, remote_actor):
    token = form_of(read(await zoe.get("/me")), "/logout")

    assert (await zoe.post(ADDRESS, data=token | {"do": "x"})).status_code == 422
    assert (await zoe.post(ADDRESS, data=token | {"do": "drop", "uri": remote_actor.uri})).status_code == 404
    assert (await zoe.post(ADDRESS, data=token | {"do": "back", "password": PASSWORD})).status_code == 409


async def test_nobody_is_shown_the_aliases_of_others(zoe, enter, other_member, remote_actor, ctx):
    await moving.add_alias(other_member, "@noor@far.test", ctx)
    await factories.follow(other_member, remote_actor)

    assert "Noor" not in (await zoe.get(ADDRESS)).text
