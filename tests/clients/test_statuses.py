"""Posts with Mastodon.py: published, read, changed, deleted, answered; with pictures and polls, and later."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from mastodon import Mastodon, MastodonAPIError, MastodonNotFoundError

from tests.clients.watching import covers
from tests.pictures import moving, photograph


@covers(
    "POST /api/v1/statuses", "GET /api/v1/statuses/:id", "PUT /api/v1/statuses/:id", "DELETE /api/v1/statuses/:id",
    *(f"GET /api/v1/statuses/:id/{end}" for end in ("source", "context", "history")), "GET /api/v1/statuses",
    *(f"POST /api/v1/statuses/:id/{verb}" for verb in ("favourite", "unfavourite", "reblog", "unreblog")),
    "GET /api/v1/statuses/:id/reblogged_by", "GET /api/v1/accounts/:id/statuses",
)  # fmt: skip
def test_it_publishes_reads_changes_and_deletes(ines: Mastodon, ali: Mastodon):
    post = ines.status_post("Bonjour #lille", visibility="unlisted", spoiler_text="CW", sensitive=True, language="fr")
    reply = ali.status_reply(post, "oui")

    assert (post.visibility, post.spoiler_text, post.tags[0].name) == ("unlisted", "CW", "lille")
    assert reply.in_reply_to_id == post.id
    assert [row.id for row in ines.statuses([post.id, reply.id])] == [post.id, reply.id]
    assert [row.id for row in ines.status_context(post).descendants] == [reply.id]
    assert [row.id for row in ines.status_context(reply).ancestors] == [post.id]
    assert ali.status_favourite(post).favourites_count == 1
    assert ali.status_unfavourite(post).favourites_count == 0
    boost = ali.status_reblog(post)
    assert (boost.reblog.id, boost.account.acct) == (post.id, "ali")
    assert ali.account_statuses(ali.me())[0].id == boost.id
    assert [row.acct for row in ines.status_reblogged_by(post)] == ["ali"]
    assert ali.status_unreblog(post).reblogged is False
    assert ines.status_source(post).text == "Bonjour #lille"
    edited = ines.status_update(post.id, "Bonsoir")
    assert edited.edited_at is not None
    assert ines.status(post.id).content == "<p>Bonsoir</p>"
    assert [version.content for version in ines.status_history(post)][-1] == "<p>Bonsoir</p>"
    assert ines.status_delete(post.id).text == "Bonsoir"
    with pytest.raises(MastodonNotFoundError):
        ines.status(post.id)


@covers("POST /api/v1/statuses/:id/pin", "POST /api/v1/statuses/:id/unpin")
def test_it_pins(ines: Mastodon):
    post = ines.status_post("À retenir")

    assert ines.status_pin(post).pinned is True
    assert [row.id for row in ines.account_statuses(ines.me(), pinned=True)] == [post.id]
    assert ines.status_unpin(post).pinned is False
    assert ines.account_statuses(ines.me(), pinned=True) == []


@covers("POST /api/v1/statuses/:id/mute", "POST /api/v1/statuses/:id/unmute")
def test_it_mutes_a_conversation(ines: Mastodon, ali: Mastodon):
    post = ali.status_post("Longue discussion")

    assert ines.status_mute(post).muted is True
    assert ines.status_unmute(post).muted is False


@covers("POST /api/v2/media", "GET /api/v1/media/:id", "PUT /api/v1/media/:id")
def test_it_brings_pictures(ines: Mastodon, tmp_path: Path):
    picture = tmp_path / "vacances.jpg"
    picture.write_bytes(photograph())

    brought = ines.media_post(str(picture), description="Deux tours", focus=(0.5, -0.5))
    assert (brought.type, brought.description, brought.meta.focus.x) == ("image", "Deux tours", 0.5)
    assert ines.media(brought.id).url == brought.url
    assert ines.media_update(brought, description="Deux grandes tours").description == "Deux grandes tours"
    moved = ines.media_post(moving(), mime_type="image/gif", description="Un drapeau")
    post = ines.status_post("Voici", media_ids=[brought, moved])
    assert [item.description for item in post.media_attachments] == ["Deux grandes tours", "Un drapeau"]
    about = [
        ines.generate_media_edit_attributes(brought.id, description="Trois tours"),
        ines.generate_media_edit_attributes(moved.id),
    ]
    changed = ines.status_update(post.id, "Voilà", media_attributes=about)
    assert [item.description for item in changed.media_attachments] == ["Trois tours", "Un drapeau"]
    assert ines.instance().configuration.statuses.max_media_attachments == 4
    with pytest.raises(MastodonAPIError, match="no film"):
        ines.media_post(b"\x00\x00\x00\x18ftypmp42", mime_type="video/mp4")
    with httpx2.Client() as browser:
        assert browser.get(brought.url).headers["content-type"] == "image/jpeg"
        assert b"Exif" not in browser.get(brought.url).content
        assert browser.get(brought.preview_url).status_code == 200
        ines.status_delete(post.id)
        assert browser.get(brought.url).status_code == 404


@covers("POST /api/v1/media")
def test_pictures_are_taken_the_old_way_too(http: httpx2.Client):
    answer = http.post("/api/v1/media", files={"file": ("a.png", photograph("PNG"), "image/png")})

    assert (answer.status_code, answer.json()["type"]) == (200, "image")


def test_it_publishes_once_under_one_key(ines: Mastodon):
    key = str(uuid.uuid4())

    assert ines.status_post("une fois", idempotency_key=key).id == ines.status_post("une fois", idempotency_key=key).id


@covers("GET /api/v1/polls/:id", "POST /api/v1/polls/:id/votes")
def test_it_asks_and_votes(ines: Mastodon, ali: Mastodon):
    asked = ali.status_post("Quand ?", poll=ali.make_poll(["Lundi", "Mardi"], 3600, multiple=True)).poll

    assert [option.title for option in ines.poll(asked).options] == ["Lundi", "Mardi"]
    voted = ines.poll_vote(asked, [1])
    assert (voted.voted, voted.own_votes, voted.options[1].votes_count) == (True, [1], 1)
    with pytest.raises(MastodonAPIError):
        ines.poll_vote(asked, [7])


@covers(
    "GET /api/v1/scheduled_statuses",
    *(f"{method} /api/v1/scheduled_statuses/:id" for method in ("GET", "PUT", "DELETE")),
)  # fmt: skip
def test_it_schedules(ines: Mastodon):
    due_at = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    made = ines.status_post("Plus tard", scheduled_at=due_at, visibility="private")

    assert (made.scheduled_at, made.params.text) == (due_at, "Plus tard")
    assert [row.id for row in ines.scheduled_statuses()] == [made.id]
    assert ines.scheduled_status(made).params.visibility == "private"
    moved = ines.scheduled_status_update(made, due_at + timedelta(hours=1))
    assert moved.scheduled_at == due_at + timedelta(hours=1)
    ines.scheduled_status_delete(made)
    assert ines.scheduled_statuses() == []
