"""Mutes, notes, dismissed followers, and what a follower wants to have."""

from datetime import timedelta
from typing import Any

import pytest
from httpx2 import AsyncClient

from federation.context import Context
from models import database
from models.actor import Actor
from models.follow import Follow
from models.mute import Mute
from models.notification import Notification, NotificationType
from models.post import Visibility
from models.remark import Remark
from server.follows.actions import follow
from server.members.leaving import delete
from server.members.mutes import sweep
from server.posts.actions import Draft, announce, like, publish
from tests import factories
from tests.server.api import LogIn
from tests.server.mastodon.shapes import ACCOUNT, RELATIONSHIP, Many, assert_shape, instant, or_null

MUTED = ACCOUNT | {"mute_expires_at": or_null(instant)}


async def texts(client: AsyncClient, address: str) -> list[str]:
    return [(row["reblog"] or row)["content"] for row in (await client.get(address)).json()]


async def test_muting_and_taking_it_back(zoe: AsyncClient, ali: AsyncClient, member: Actor, other_member: Actor):
    for _ in range(2):
        found = (await zoe.post(f"/api/v1/accounts/{other_member.id}/mute")).json()
        assert_shape(found, RELATIONSHIP)
        assert (found["muting"], found["muting_notifications"], found["muting_expires_at"]) == (True, True, None)
    listed = (await zoe.get("/api/v1/mutes")).json()
    assert_shape(listed, Many(MUTED))
    assert [(row["acct"], row["mute_expires_at"]) for row in listed] == [("ali", None)]
    assert (await ali.get("/api/v1/mutes")).json() == []
    [seen] = (await ali.get("/api/v1/accounts/relationships", params={"id[]": str(member.id)})).json()
    assert seen["muting"] is False

    assert (await zoe.post(f"/api/v1/accounts/{other_member.id}/unmute")).json()["muting"] is False
    assert (await zoe.get("/api/v1/mutes")).json() == []


async def test_what_the_muted_publish_and_share_is_read_nowhere_until_they_are_unmuted(
    zoe: AsyncClient, member: Actor, other_member: Actor, section: Actor, stranger: Actor, ctx: Context
):
    for actor in (other_member, section):
        await follow(member, actor, ctx)
    begun = await publish(section, Draft("début"), ctx)
    await publish(other_member, Draft("d'Ali"), ctx)
    await announce(section, await factories.post(other_member, "partagé"), ctx)
    await announce(other_member, await factories.post(stranger, "ailleurs"), ctx)
    await factories.post(other_member, "réponse", in_reply_to=begun, in_reply_to_uri=begun.uri)
    assert len(await texts(zoe, "/api/v1/timelines/home")) == 4

    await zoe.post(f"/api/v1/accounts/{other_member.id}/mute")
    assert await texts(zoe, "/api/v1/timelines/home") == ["<p>début</p>"]
    assert await texts(zoe, "/api/v1/timelines/public") == ["<p>ailleurs</p>", "<p>début</p>"]
    assert (await zoe.get(f"/api/v1/statuses/{begun.id}/context")).json()["descendants"] == []
    assert len(await texts(zoe, f"/api/v1/accounts/{other_member.id}/statuses")) == 4

    await zoe.post(f"/api/v1/accounts/{other_member.id}/unmute")
    assert len(await texts(zoe, "/api/v1/timelines/home")) == 4


@pytest.mark.parametrize(("notifications", "told"), [("true", 0), ("false", 1)])
async def test_the_muted_are_heard_of_only_where_that_is_wanted(
    zoe: AsyncClient, member: Actor, other_member: Actor, ctx: Context, notifications: str, told: int
):
    await zoe.post(f"/api/v1/accounts/{other_member.id}/mute", data={"notifications": notifications})
    await like(other_member, await factories.post(member), ctx)
    assert await Notification.filter(recipient_id=member.id).count() == told


async def test_a_mute_ends_when_its_time_has_come(zoe: AsyncClient, other_member: Actor, ctx: Context):
    found = (await zoe.post(f"/api/v1/accounts/{other_member.id}/mute", json={"duration": 60})).json()
    assert found["muting_expires_at"].startswith((ctx.now() + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%S"))
    assert (await zoe.get("/api/v1/mutes")).json()[0]["mute_expires_at"] == found["muting_expires_at"]
    await sweep(ctx.now() + timedelta(seconds=59))
    assert await Mute.all().count() == 1
    await sweep(ctx.now() + timedelta(seconds=60))
    assert (await zoe.get("/api/v1/mutes")).json() == []


async def test_pages_lead_on(zoe: AsyncClient, other_member: Actor, remote_actor: Actor):
    for other in (other_member, remote_actor):
        await zoe.post(f"/api/v1/accounts/{other.id}/mute")
    first = await zoe.get("/api/v1/mutes", params={"limit": 1})
    assert [row["id"] for row in first.json()] == [str(remote_actor.id)]
    assert [row["id"] for row in (await zoe.get(first.links["next"]["url"])).json()] == [str(other_member.id)]


async def test_nobody_mutes_themselves_or_nobody(zoe: AsyncClient, member: Actor, other_member: Actor):
    assert (await zoe.post(f"/api/v1/accounts/{member.id}/mute")).status_code == 409
    assert (await zoe.post("/api/v1/accounts/1/mute")).status_code == 404
    assert (await zoe.post(f"/api/v1/accounts/{other_member.id}/mute", json={"duration": "x"})).status_code == 422


async def test_a_note_is_its_writers_alone_and_sealed(
    zoe: AsyncClient, ali: AsyncClient, member: Actor, other_member: Actor
):  # fmt: skip
    address = f"/api/v1/accounts/{other_member.id}/note"
    found = (await zoe.post(address, json={"comment": "Vient le mardi."})).json()
    assert_shape(found, RELATIONSHIP)
    assert found["note"] == "Vient le mardi."
    [row] = await database.select("SELECT text FROM remark")
    assert b"mardi" not in bytes(row["text"])
    for id_ in (member.id, other_member.id):
        [seen] = (await ali.get("/api/v1/accounts/relationships", params={"id[]": str(id_)})).json()
        assert seen["note"] == ""

    assert (await zoe.post(address, json={"comment": "x" * 2001})).status_code == 422
    assert (await zoe.post(address, json={"comment": ""})).json()["note"] == ""
    assert await Remark.all().count() == 0


async def test_a_follower_is_dismissed_and_whoever_is_none_is_left_alone(
    zoe: AsyncClient, member: Actor, other_member: Actor, ctx: Context
):
    await follow(other_member, member, ctx)
    address = f"/api/v1/accounts/{other_member.id}/remove_from_followers"
    for _ in range(2):
        assert (await zoe.post(address)).json()["followed_by"] is False
    assert await Follow.all().count() == 0


async def test_who_follows_whom_is_not_shown(zoe: AsyncClient, public: AsyncClient, member: Actor, other_member: Actor):
    await factories.follow(member, other_member)
    id_ = str(other_member.id)
    found = (await zoe.get("/api/v1/accounts/familiar_followers", params={"id[]": id_})).json()
    assert found == [{"id": id_, "accounts": []}]
    sent = await zoe.request("GET", "/api/v1/accounts/familiar_followers", json={"id": [id_]})
    assert sent.json() == found
    assert (await public.get(f"/api/v1/accounts/{id_}/featured_tags")).json() == []


async def test_a_follower_says_what_they_want_to_have(zoe: AsyncClient, other_member: Actor):
    address = f"/api/v1/accounts/{other_member.id}/follow"
    first = (await zoe.post(address)).json()
    assert (first["showing_reblogs"], first["notifying"], first["languages"]) == (True, False, None)

    sent: dict[str, Any] = {"reblogs": False, "notify": True, "languages": ["fr", "EN"]}
    second = (await zoe.post(address, json=sent)).json()
    assert_shape(second, RELATIONSHIP)
    assert (second["showing_reblogs"], second["notifying"], second["languages"]) == (False, True, ["en", "fr"])
    assert (await zoe.post(address)).json() == second
    assert (await zoe.post(address, json={"languages": []})).json()["languages"] is None
    for wrong in (["french!"], ["f"], ["%"], ["fr,en"]):
        assert (await zoe.post(address, json={"languages": wrong})).status_code == 422


async def test_shared_posts_and_other_languages_stay_away_where_they_are_not_wanted(
    zoe: AsyncClient, other_member: Actor, stranger: Actor, ctx: Context
):
    await zoe.post(f"/api/v1/accounts/{other_member.id}/follow", json={"reblogs": False, "languages": ["fr"]})
    await announce(other_member, await factories.post(stranger, "ailleurs"), ctx)
    for text, language in (("un", "fr"), ("two", "en"), ("trois", "fr-BE"), ("quatre", None)):
        await publish(other_member, Draft(text, language=language), ctx)
    assert await texts(zoe, "/api/v1/timelines/home") == ["<p>quatre</p>", "<p>trois</p>", "<p>un</p>"]


async def test_who_wants_it_is_told_of_each_post_they_may_read_and_of_no_answers(
    zoe: AsyncClient, member: Actor, other_member: Actor, section: Actor, ctx: Context
):
    await zoe.post(f"/api/v1/accounts/{other_member.id}/follow", json={"notify": True})
    begun = await publish(other_member, Draft("un"), ctx)
    await publish(other_member, Draft("deux", Visibility.FOLLOWERS), ctx)
    await publish(other_member, Draft("@lille trois", Visibility.DIRECT), ctx)
    await publish(other_member, Draft("quatre", in_reply_to=begun), ctx)
    await publish(other_member, Draft("@zoe cinq"), ctx)
    types = await Notification.filter(recipient_id=member.id).order_by("id").values_list("type", flat=True)
    assert types == [NotificationType.STATUS, NotificationType.STATUS, NotificationType.MENTION]


async def test_a_token_must_allow_it(public: AsyncClient, log_in: LogIn, member: Actor, other_member: Actor):
    other = await log_in(member, "read:lists", "write:lists")
    for method, path in (
        ("GET", "/api/v1/mutes"), ("GET", "/api/v1/accounts/familiar_followers"),
        *(("POST", f"/api/v1/accounts/{other_member.id}/{verb}")
          for verb in ("mute", "unmute", "note", "remove_from_followers")),
    ):  # fmt: skip
        assert (await public.request(method, path)).status_code == 401
        assert (await other.request(method, path)).status_code == 403


async def test_mutes_and_notes_go_with_either(zoe: AsyncClient, other_member: Actor, ctx: Context):
    await zoe.post(f"/api/v1/accounts/{other_member.id}/mute")
    await zoe.post(f"/api/v1/accounts/{other_member.id}/note", json={"comment": "x"})
    await delete(other_member, ctx)
    assert await Mute.all().count() + await Remark.all().count() == 0
