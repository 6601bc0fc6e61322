"""Scheduled statuses: kept, moved, deleted, published once whoever looks and whoever dies."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from httpx2 import AsyncClient
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from federation.context import Context
from models.actor import Actor
from models.media import Media
from models.member import Member
from models.post import Post, QuotePolicy, Visibility
from models.scheduled import ScheduledPost
from server.errors import Invalid
from server.mastodon.parameters import Parameters
from server.mastodon.scheduled import read_due_at
from server.media.clearing import clear_all
from server.members.leaving import delete
from server.posts import actions, scheduled
from server.posts.actions import Draft
from server.posts.polls import DraftPoll
from server.posts.scheduled import HELD_FOR, MAX_SCHEDULED, sweep, written
from tests import factories
from tests.pictures import photograph
from tests.server.api import LogIn
from tests.server.mastodon.shapes import Many, assert_shape, id_, instant, or_null

SCHEDULED = {
    "id": id_, "scheduled_at": instant, "media_attachments": list,
    "params": {
        "text": str, "poll": or_null({"options": Many(str)}), "media_ids": or_null(list), "sensitive": bool,
        "spoiler_text": str, "visibility": str, "in_reply_to_id": or_null(id_), "language": or_null(str),
    },
}  # fmt: skip
ADDRESS = "/api/v1/scheduled_statuses"


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


@pytest.fixture
def tomorrow(now: datetime) -> datetime:
    return now + timedelta(days=1)


async def sent(client: AsyncClient, due_at: datetime, text: str = "Demain", **more: Any) -> dict[str, Any]:
    answer = await client.post("/api/v1/statuses", json={"status": text, "scheduled_at": stamp(due_at), **more})
    assert answer.status_code == 200, answer.text
    row: dict[str, Any] = answer.json()
    assert_shape(row, SCHEDULED)
    return row


def later(ctx: Context, moment: datetime) -> Context:
    return replace(ctx, now=lambda: moment)


async def test_a_post_is_kept_shown_moved_and_deleted(zoe: AsyncClient, tomorrow: datetime):
    poll = {"options": ["Oui", "Non"], "expires_in": 600}
    row = await sent(zoe, tomorrow, visibility="unlisted", spoiler_text="CW", language="fr", poll=poll)
    assert row["scheduled_at"] == stamp(tomorrow)
    params = row["params"]
    assert (params["text"], params["visibility"], params["spoiler_text"]) == ("Demain", "unlisted", "CW")
    assert (params["poll"]["options"], params["poll"]["expires_in"]) == (["Oui", "Non"], "600")
    assert (await zoe.get(ADDRESS)).json() == [row]
    assert (await zoe.get(f"{ADDRESS}/{row['id']}")).json() == row
    assert await Post.all().count() == 0

    moved = (
        await zoe.put(f"{ADDRESS}/{row['id']}", json={"scheduled_at": stamp(tomorrow + timedelta(hours=1))})
    ).json()
    assert moved == row | {"scheduled_at": stamp(tomorrow + timedelta(hours=1))}
    assert (await zoe.delete(f"{ADDRESS}/{row['id']}")).json() == {}
    assert (await zoe.get(ADDRESS)).json() == []


@pytest.mark.parametrize(
    "when", ["", "soon", "2099-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "2020-01-01T00:00:00Z"]
)
async def test_a_time_that_is_none_or_gone_by_is_refused(zoe: AsyncClient, tomorrow: datetime, when: str):
    row = await sent(zoe, tomorrow)
    assert (await zoe.put(f"{ADDRESS}/{row['id']}", json={"scheduled_at": when})).status_code == 422
    if when:
        answer = await zoe.post("/api/v1/statuses", json={"status": "x", "scheduled_at": when})
        assert answer.status_code == 422
    assert (await zoe.get(ADDRESS)).json() == [row]
    assert await Post.all().count() == 0


async def test_less_than_five_minutes_is_too_soon(zoe: AsyncClient, now: datetime):
    early = {"status": "x", "scheduled_at": stamp(now + timedelta(seconds=299))}
    assert (await zoe.post("/api/v1/statuses", json=early)).status_code == 422
    await sent(zoe, now + timedelta(seconds=300))


@pytest.mark.parametrize(
    "draft", [{"status": ""}, {"status": "x" * 5001}, {"status": "x", "poll": {"options": ["a"], "expires_in": 600}}]
)
async def test_what_could_not_be_published_is_not_kept(zoe: AsyncClient, tomorrow: datetime, draft: dict[str, Any]):
    answer = await zoe.post("/api/v1/statuses", json=draft | {"scheduled_at": stamp(tomorrow)})
    assert answer.status_code == 422
    assert await ScheduledPost.all().count() == 0


async def test_there_are_only_so_many(zoe: AsyncClient, member: Actor, tomorrow: datetime):
    for _ in range(MAX_SCHEDULED):
        await ScheduledPost.create(author=member, due_at=tomorrow, draft=written(Draft("x")))
    answer = await zoe.post("/api/v1/statuses", json={"status": "x", "scheduled_at": stamp(tomorrow)})
    assert answer.status_code == 422


async def test_asked_twice_under_one_key_it_is_kept_once(zoe: AsyncClient, ali: AsyncClient, tomorrow: datetime):
    for client in (zoe, ali):
        client.headers["Idempotency-Key"] = "k"
    assert await sent(zoe, tomorrow) == await sent(zoe, tomorrow)
    await sent(ali, tomorrow)
    assert await ScheduledPost.all().count() == 2


async def test_pages_lead_on(zoe: AsyncClient, tomorrow: datetime):
    rows = [await sent(zoe, tomorrow, str(number)) for number in range(2)]
    first = await zoe.get(ADDRESS, params={"limit": 1})
    assert first.json() == rows[1:]
    assert (await zoe.get(first.links["next"]["url"])).json() == rows[:1]


async def test_drafts_are_their_authors_alone(zoe: AsyncClient, ali: AsyncClient, tomorrow: datetime):
    row = await sent(zoe, tomorrow)
    assert (await ali.get(ADDRESS)).json() == []
    for method in ("GET", "PUT", "DELETE"):
        answer = await ali.request(method, f"{ADDRESS}/{row['id']}", json={"scheduled_at": stamp(tomorrow)})
        assert answer.status_code == 404
    assert await ScheduledPost.all().count() == 1


async def test_a_token_must_allow_it(public: AsyncClient, log_in: LogIn, member: Actor):
    other = await log_in(member, "read:lists", "write:lists")
    for method, path in (
        ("GET", ADDRESS),
        ("GET", f"{ADDRESS}/1"),
        ("PUT", f"{ADDRESS}/1"),
        ("DELETE", f"{ADDRESS}/1"),
    ):
        assert (await public.request(method, path)).status_code == 401
        assert (await other.request(method, path)).status_code == 403


async def test_a_post_is_published_when_its_time_has_come_and_not_before(
    zoe: AsyncClient, member: Actor, ctx: Context, tomorrow: datetime
):
    await sent(zoe, tomorrow, "Bonjour #lille", visibility="private", spoiler_text="CW")
    await sweep(later(ctx, tomorrow - timedelta(seconds=1)))
    assert await Post.all().count() == 0

    await sweep(later(ctx, tomorrow))
    post = await Post.get()
    assert (post.source_text, post.visibility, post.content_warning) == ("Bonjour #lille", Visibility.FOLLOWERS, "CW")
    assert (post.actor_id, post.published_at) == (member.id, tomorrow)
    assert (await zoe.get(ADDRESS)).json() == []
    assert len((await zoe.get("/api/v1/timelines/home")).json()) == 1


async def test_several_workers_publish_it_once(zoe: AsyncClient, ctx: Context, tomorrow: datetime):
    for number in range(3):
        await sent(zoe, tomorrow, str(number))
    await asyncio.gather(*(sweep(later(ctx, tomorrow)) for _ in range(4)))
    assert sorted(post.source_text or "" for post in await Post.all()) == ["0", "1", "2"]
    assert await ScheduledPost.all().count() == 0


async def test_a_worker_that_dies_before_it_publishes_is_followed_by_another(
    zoe: AsyncClient, ctx: Context, tomorrow: datetime, monkeypatch: pytest.MonkeyPatch
):
    await sent(zoe, tomorrow)

    async def die(*_: Any, **__: Any) -> Post:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(actions, "publish", die)
        with pytest.raises(ConnectionError):
            await sweep(later(ctx, tomorrow))
    await sweep(later(ctx, tomorrow + HELD_FOR - timedelta(seconds=1)))
    assert await Post.all().count() == 0
    await sweep(later(ctx, tomorrow + HELD_FOR))
    assert await Post.all().count() == 1


async def test_one_that_dies_after_it_published_is_not(
    zoe: AsyncClient, ctx: Context, member: Actor, tomorrow: datetime
):
    row = await sent(zoe, tomorrow)
    post = await actions.publish(member, Draft("Demain"), ctx)
    await ScheduledPost.filter(id=int(row["id"])).update(post_id=post.id, held_until=tomorrow)
    await sweep(later(ctx, tomorrow))
    assert await Post.all().count() == 1
    assert await ScheduledPost.all().count() == 0


async def test_what_is_being_published_is_not_changed(zoe: AsyncClient, tomorrow: datetime, now: datetime):
    row = await sent(zoe, tomorrow)
    await ScheduledPost.filter(id=int(row["id"])).update(held_until=now + HELD_FOR)
    address = f"{ADDRESS}/{row['id']}"
    assert (await zoe.delete(address)).status_code == 409
    assert (await zoe.put(address, json={"scheduled_at": stamp(tomorrow)})).status_code == 409


async def test_what_cannot_be_published_waits_for_its_author_and_holds_up_no_other(
    zoe: AsyncClient, other_member: Actor, ctx: Context, tomorrow: datetime
):
    parent = await factories.post(other_member)
    reply = await sent(zoe, tomorrow, "réponse", in_reply_to_id=str(parent.id))
    await sent(zoe, tomorrow, "autre")
    await Post.filter(id=parent.id).update(visibility=Visibility.DIRECT)
    await sweep(later(ctx, tomorrow))
    assert [post.source_text for post in await Post.exclude(id=parent.id)] == ["autre"]
    assert (await zoe.get(ADDRESS)).json() == [reply]

    await Post.filter(id=parent.id).update(visibility=Visibility.PUBLIC)
    await sweep(later(ctx, tomorrow + timedelta(days=1)))
    assert await ScheduledPost.all().count() == 1
    await zoe.put(f"{ADDRESS}/{reply['id']}", json={"scheduled_at": stamp(tomorrow)})
    await sweep(later(ctx, tomorrow))
    assert await Post.filter(in_reply_to_id=parent.id).count() == 1


async def test_nothing_is_published_for_a_login_that_is_closed(
    zoe: AsyncClient, login: Member, ctx: Context, tomorrow: datetime
):
    await sent(zoe, tomorrow)
    await Member.filter(id=login.id).update(disabled_at=tomorrow)
    await sweep(later(ctx, tomorrow))
    assert await Post.all().count() == 0


async def test_drafts_go_with_their_author(zoe: AsyncClient, member: Actor, ctx: Context, tomorrow: datetime):
    await sent(zoe, tomorrow)
    await delete(member, ctx)
    assert await ScheduledPost.all().count() == 0


async def test_a_draft_is_read_as_it_was_written(member: Actor, section: Actor, tomorrow: datetime):
    draft = Draft(
        "Texte", Visibility.SECTION, "CW", True, "fr", await factories.post(section), section,
        DraftPoll(["a", "b"], 600, True, True), await factories.post(member), QuotePolicy.NOBODY,
    )  # fmt: skip
    await ScheduledPost.create(author=member, due_at=tomorrow, draft=written(draft))
    assert await scheduled.read(await ScheduledPost.get().select_related("author")) == draft


@given(st.text(max_size=40) | st.datetimes().map(str))
def test_any_text_is_a_time_or_refused(text: str):
    try:
        assert read_due_at(Parameters({"scheduled_at": text})).tzinfo is not None
    except Invalid:
        return


async def picture(client: AsyncClient, description: str = "") -> str:
    file = ("x.jpg", photograph(size=(20, 10)), "image/jpeg")
    answer = await client.post("/api/v2/media", files={"file": file}, data={"description": description})
    id_: str = answer.json()["id"]
    return id_


async def test_pictures_wait_with_the_post_and_are_shown_by_it(
    zoe: AsyncClient, ctx: Context, app: Starlette, tomorrow: datetime
):
    ids = [await picture(zoe, "Un"), await picture(zoe, "Deux")][::-1]
    row = await sent(zoe, tomorrow + timedelta(days=30), media_ids=ids)
    assert row["params"]["media_ids"] == ids
    assert [item["id"] for item in row["media_attachments"]] == ids
    assert (await zoe.get(ADDRESS)).json() == [row]

    at = later(ctx, tomorrow + timedelta(days=31))
    await clear_all(app.state.media, at.now())
    await sweep(at)

    post = await Post.get()
    assert [(m.id, m.scheduled_id) for m in await Media.filter(post_id=post.id).order_by("-id")] == [
        (int(id_), None) for id_ in ids
    ]
    shown = (await zoe.get(f"/api/v1/statuses/{post.id}")).json()["media_attachments"]
    assert [item["description"] for item in shown] == ["Deux", "Un"]
    assert not await ScheduledPost.exists()


async def test_a_picture_that_waits_with_a_post_is_for_that_post_alone(zoe: AsyncClient, tomorrow: datetime):
    id_ = await picture(zoe)
    await sent(zoe, tomorrow, media_ids=[id_])

    for more in ({}, {"scheduled_at": stamp(tomorrow)}):
        answer = await zoe.post("/api/v1/statuses", json={"status": "Voici", "media_ids": [id_], **more})
        assert answer.status_code == 422
    for answer in (await zoe.get(f"/api/v1/media/{id_}"), await zoe.delete(f"/api/v1/media/{id_}")):
        assert answer.status_code == 404
    assert await ScheduledPost.all().count() == 1


async def test_a_post_that_is_never_published_gives_its_pictures_back(
    zoe: AsyncClient, ctx: Context, app: Starlette, tomorrow: datetime
):
    id_ = await picture(zoe)
    row = await sent(zoe, tomorrow + timedelta(days=3), media_ids=[id_])
    at = later(ctx, tomorrow)
    await clear_all(app.state.media, at.now())
    app.state.context = at
    await zoe.delete(f"{ADDRESS}/{row['id']}")

    await clear_all(app.state.media, at.now())
    media = await Media.get(id=int(id_))
    assert (media.scheduled_id, media.expires_at) == (None, tomorrow + timedelta(days=1))
    await clear_all(app.state.media, tomorrow + timedelta(days=2))
    assert not await Media.exists()


async def test_one_that_cannot_be_published_keeps_its_pictures(
    zoe: AsyncClient, ctx: Context, member: Actor, app: Starlette, tomorrow: datetime
):
    await sent(zoe, tomorrow, media_ids=[await picture(zoe)])
    await Member.filter(actor_id=member.id).update(disabled_at=ctx.now())
    await sweep(later(ctx, tomorrow + timedelta(days=1)))

    await clear_all(app.state.media, tomorrow + timedelta(days=60))
    [row] = await ScheduledPost.all()
    assert row.given_up_at is not None
    assert await Media.filter(scheduled_id=row.id).exists()


async def test_pictures_of_another_are_not_scheduled(zoe: AsyncClient, ali: AsyncClient, tomorrow: datetime):
    id_ = await picture(ali)

    answer = await zoe.post(
        "/api/v1/statuses", json={"status": "x", "media_ids": [id_], "scheduled_at": stamp(tomorrow)}
    )
    assert answer.status_code == 422
    assert not await ScheduledPost.exists()
