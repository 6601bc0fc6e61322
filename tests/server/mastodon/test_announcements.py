"""Announcements in the API: shown, put away, answered."""

from datetime import timedelta

import pytest
from httpx2 import AsyncClient

from federation.context import Context
from models.actor import Actor
from models.announcement import Announcement, AnnouncementReaction
from server.announcements import actions
from server.announcements.actions import MAX_ANNOUNCEMENTS, MAX_EMOJIS
from server.errors import Invalid, NotFound
from server.members.leaving import delete
from tests.server.api import LogIn
from tests.server.mastodon.endpoint_shapes import ANNOUNCEMENT
from tests.server.mastodon.shapes import Many, assert_shape


async def test_they_are_shown_newest_first_until_they_are_over(zoe: AsyncClient, ctx: Context) -> None:
    now, day = ctx.now(), timedelta(days=1)
    await actions.write("Hier", None, now + timedelta(seconds=5), ctx)
    await Announcement.all().update(ends_at=now - day)
    await actions.write("Demain", now + day, None, ctx)
    await actions.write("Panne\nce soir : https://lille.test/a?b=1&c <b>", None, now + day, ctx)
    await actions.write("Bienvenue", None, None, ctx)

    found = (await zoe.get("/api/v1/announcements")).json()

    assert_shape(found, Many(ANNOUNCEMENT))
    assert [row["read"] for row in found] == [False, False]
    assert found[0]["content"] == "<p>Bienvenue</p>"
    assert 'href="https://lille.test/a?b=1&amp;c"' in found[1]["content"]
    assert "<b>" not in found[1]["content"]


async def test_what_is_put_away_is_read_by_whoever_did_so(zoe: AsyncClient, ali: AsyncClient, ctx: Context) -> None:
    row = await actions.write("Bienvenue", None, None, ctx)
    for _ in range(2):
        assert (await zoe.post(f"/api/v1/announcements/{row.id}/dismiss")).json() == {}
    assert [(await client.get("/api/v1/announcements")).json()[0]["read"] for client in (zoe, ali)] == [True, False]
    await actions.change(row.id, "Bienvenue à vous", ctx)
    assert (await zoe.get("/api/v1/announcements")).json()[0]["read"] is True


async def test_emojis_are_counted_and_nobody_is_named(zoe: AsyncClient, ali: AsyncClient, ctx: Context) -> None:
    row = await actions.write("Bienvenue", None, None, ctx)
    address = f"/api/v1/announcements/{row.id}/reactions"
    for client, emoji in ((zoe, "🎉"), (zoe, "🎉"), (ali, "🎉"), (ali, "🌹")):
        assert (await client.put(f"{address}/{emoji}")).json() == {}
    shown = (await zoe.get("/api/v1/announcements")).json()[0]["reactions"]
    assert shown == [{"name": "🎉", "count": 2, "me": True}, {"name": "🌹", "count": 1, "me": False}]
    for _ in range(2):
        assert (await zoe.delete(f"{address}/🎉")).json() == {}
    assert (await zoe.get("/api/v1/announcements")).json()[0]["reactions"][0] == {"name": "🎉", "count": 1, "me": False}


async def test_what_is_no_emoji_or_one_too_many_is_refused(zoe: AsyncClient, member: Actor, ctx: Context) -> None:
    row = await actions.write("Bienvenue", None, None, ctx)
    address = f"/api/v1/announcements/{row.id}/reactions"
    for method in ("PUT", "DELETE"):
        assert (await zoe.request(method, f"{address}/oui")).status_code == 422
        assert (await zoe.request(method, "/api/v1/announcements/7/reactions/🎉")).status_code == 404
    for number in range(MAX_EMOJIS):
        await AnnouncementReaction.create(announcement=row, actor=member, emoji=chr(0x1F600 + number))
    assert (await zoe.put(f"{address}/🎉")).status_code == 422
    assert (await zoe.put(f"{address}/{chr(0x1F600)}")).status_code == 200


async def test_what_is_not_there_or_not_yet_cannot_be_put_away(zoe: AsyncClient, ctx: Context) -> None:
    later = await actions.write("Demain", ctx.now() + timedelta(days=1), None, ctx)
    for id_ in (later.id, 7, "x"):
        assert (await zoe.post(f"/api/v1/announcements/{id_}/dismiss")).status_code == 404


async def test_they_are_for_members_alone(public: AsyncClient, log_in: LogIn, member: Actor) -> None:
    writer, reader = await log_in(member, "write:statuses"), await log_in(member, "read")
    assert (await public.get("/api/v1/announcements")).status_code == 401
    assert (await writer.get("/api/v1/announcements")).status_code == 403
    assert (await reader.post("/api/v1/announcements/7/dismiss")).status_code == 403
    assert (await reader.put("/api/v1/announcements/7/reactions/🎉")).status_code == 403


async def test_what_cannot_be_announced_is_refused(ctx: Context, db: str) -> None:
    now = ctx.now()
    for text, begin, end in (
        (" ", None, None), ("x" * 2001, None, None), ("x", None, now),
        ("x", now + timedelta(days=2), now + timedelta(days=1)),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            await actions.write(text, begin, end, ctx)
    for _ in range(MAX_ANNOUNCEMENTS):
        await actions.write("x", None, None, ctx)
    with pytest.raises(Invalid):
        await actions.write("x", None, None, ctx)
    with pytest.raises(NotFound):
        await actions.change(7, "x", ctx)
    with pytest.raises(NotFound):
        await actions.remove(7)


async def test_what_a_member_did_with_them_goes_with_the_member(zoe: AsyncClient, member: Actor, ctx: Context) -> None:
    row = await actions.write("Bienvenue", None, None, ctx)
    await zoe.post(f"/api/v1/announcements/{row.id}/dismiss")
    await zoe.put(f"/api/v1/announcements/{row.id}/reactions/🎉")
    await delete(member, ctx)
    assert not await AnnouncementReaction.exists()
    assert await row.reads.all().count() == 0
