"""Whom a member follows, who follows them, and what they keep away: listed for them alone, each with the way back."""

import pytest

from models.follow import Follow, FollowState
from models.moderation import Block
from models.mute import HostMute, Mute
from models.tag_follow import TagFollow
from server.follows.actions import follow
from tests import factories
from tests.federation.submitting import submit
from tests.web.pages import fill, form_of, press, read, text, texts

PARTS = ["", "/followers", "/requests", "/tags", "/muted", "/blocked", "/servers"]
ADDRESS = "/me/follows"


@pytest.fixture
async def zoe(enter, section, member):
    return await enter(member)


@pytest.mark.parametrize("part", PARTS)
async def test_lists_are_for_whoever_is_logged_in_and_begin_empty(visitor, zoe, section, part):
    assert (await visitor.get(ADDRESS + part)).headers["location"].startswith("/login?next=%2Fme%2Ffollows")
    assert (await visitor.post(ADDRESS + part, data={})).headers["location"].startswith("/login")
    assert (await zoe.post(ADDRESS + part, data={"do": "unfollow"})).status_code == 403

    response = await zoe.get(ADDRESS + part)
    assert response.headers["cache-control"] == "no-store"
    assert text(read(response), ".rows .empty")
    assert texts(read(response), ".agenda-views [aria-current]") != []


async def test_there_are_no_other_lists(zoe):
    for part in ("/x", "/following"):
        assert (await zoe.get(ADDRESS + part)).status_code == 404
    assert (await zoe.get(f"{ADDRESS}?before=x")).status_code == 404


async def test_follows_are_listed_sought_and_ended(zoe, member, section, remote_actor, other_member, ctx):
    await follow(member, section, ctx)
    await factories.follow(member, remote_actor)
    await factories.follow(other_member, remote_actor)
    assert texts(read(await zoe.get(ADDRESS)), ".rows .person-name") == ["Noor", "Section de Lille"]
    assert texts(read(await zoe.get(f"{ADDRESS}?called=@noor@far.test")), ".rows .person-name") == ["Noor"]
    assert texts(read(await zoe.get(f"{ADDRESS}?called=section")), ".rows .person-name") == ["Section de Lille"]
    assert "personne dont le nom" in text(read(await zoe.get(f"{ADDRESS}?called=xyz")), ".empty")

    assert (await press(zoe, ADDRESS, "unfollow", actor=section.id)).headers["location"] == f"{ADDRESS}?said=unfollowed"

    assert [row.followed_id for row in await Follow.filter(follower_id=member.id)] == [remote_actor.id]


async def test_pages_go_on(zoe, member, ctx):
    for number in range(42):
        other = await factories.member(ctx, f"m{number}", f"Membre {number}")
        await factories.follow(member, other)
    page = read(await zoe.get(ADDRESS))
    assert len(page.select(".rows > li")) == 40

    rest = read(await zoe.get(page.select_one(".paging-next")["href"]))

    assert texts(rest, ".rows .person-name") == ["Membre 1", "Membre 0"]


async def test_followers_are_removed(zoe, member, remote_actor, ctx):
    await submit(factories.activity("Follow", remote_actor.uri, member.uri), remote_actor, ctx)

    response = await press(zoe, f"{ADDRESS}/followers", "dismiss")

    assert response.headers["location"] == f"{ADDRESS}/followers?said=dismissed"
    assert not await Follow.exists()


@pytest.mark.parametrize(("do", "is_there"), [("accept", True), ("dismiss", False)])
async def test_requests_are_answered(zoe, member, other_member, enter, ctx, do, is_there):
    member.approves_followers = True
    await member.save(update_fields=["approves_followers"])
    ali = await enter(other_member)
    await press(ali, f"/people/{member.id}", "follow")
    assert "(1)" in text(read(await zoe.get(ADDRESS)), ".agenda-views")

    await press(zoe, f"{ADDRESS}/requests", do)

    assert await Follow.exists(state=FollowState.ACCEPTED) is is_there


async def test_blocks_and_mutes_are_undone(zoe, member, remote_actor, stranger, ctx):
    await press(zoe, f"/people/{remote_actor.id}", "mute")
    page = read(await zoe.get(f"/people/{stranger.id}/block"))
    await zoe.post(f"/people/{stranger.id}", data=form_of(page, f"/people/{stranger.id}", "block"))

    await press(zoe, f"{ADDRESS}/muted", "unmute")
    await press(zoe, f"{ADDRESS}/blocked", "unblock")

    assert not await Mute.exists()
    assert not await Block.exists()


async def test_servers_are_hidden_by_name_and_shown_again(zoe, member):
    assert (await fill(zoe, f"{ADDRESS}/servers", "hide_server", name="Bad.test")).status_code == 303
    assert (await HostMute.get()).host == "bad.test"
    await press(zoe, f"{ADDRESS}/servers", "show_server")
    assert not await HostMute.exists()


@pytest.mark.parametrize("name", ["", "lille.test", "not a domain", "a" * 300])
async def test_what_is_no_server_of_others_is_refused_and_kept(zoe, name):
    page = read(await fill(zoe, f"{ADDRESS}/servers", "hide_server", name=name), 422)

    assert page.select_one("#name")["value"] == name
    assert not await HostMute.exists()


async def test_hashtags_are_followed_and_left(zoe, member):
    assert (await fill(zoe, f"{ADDRESS}/tags", "follow_tag", name=" #Climat ")).status_code == 303
    assert (await TagFollow.get()).name == "climat"
    assert read(await zoe.get(f"{ADDRESS}/tags")).select_one('.rows a[href="/home/tags/climat"]')
    await press(zoe, f"{ADDRESS}/tags", "unfollow_tag")
    assert not await TagFollow.exists()


@pytest.mark.parametrize("name", ["", "#", "deux mots", "123"])
async def test_what_is_no_hashtag_is_refused_and_kept(zoe, name):
    page = read(await fill(zoe, f"{ADDRESS}/tags", "follow_tag", name=name), 422)

    assert page.select_one("#name")["value"] == name


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 422),
        ({"do": "x"}, 422),
        ({"do": "unfollow"}, 422),
        ({"do": "unfollow", "actor": "é"}, 422),
        ({"do": "unfollow", "actor": "1"}, 404),
        ({"do": "accept", "actor": "1"}, 404),
    ],
)
async def test_made_up_forms_are_refused(zoe, sent, status):
    token = form_of(read(await zoe.get("/me")), "/logout")

    assert (await zoe.post(ADDRESS, data=token | sent)).status_code == status


async def test_nobody_accepts_who_did_not_ask(zoe, other_member):
    token = form_of(read(await zoe.get("/me")), "/logout")

    sent = token | {"do": "accept", "actor": str(other_member.id)}
    assert (await zoe.post(f"{ADDRESS}/requests", data=sent)).status_code == 404
    assert not await Follow.exists()
