"""Accounts with Mastodon.py: one's own and others', followed, muted, blocked, noted, reported."""

import asyncio

import pytest
from mastodon import Mastodon, MastodonNotFoundError

from tests.clients.watching import covers
from tests.scenarios import rows
from tests.scenarios.server import ADMIN, Server

RESTORED = {"display_name": "", "note": "", "locked": False, "fields": []}


@covers("GET /api/v1/accounts/verify_credentials", "GET /api/v1/preferences")
def test_it_knows_whose_token_it_holds(ines: Mastodon):
    me = ines.account_verify_credentials()

    assert (me.acct, me.source.privacy, me.source.language) == (ADMIN, "public", "fr")
    assert me.created_at.tzinfo is not None
    assert ines.preferences()["posting:default:visibility"] == "public"


@covers("PATCH /api/v1/accounts/update_credentials")
def test_it_changes_the_profile(ines: Mastodon):
    changed = ines.account_update_credentials(
        display_name="Inès B.",
        note="À Lille",
        locked=True,
        fields=[("Site", "https://lille.example"), ("Langue", "fr")],
    )

    assert (changed.display_name, changed.source.note, changed.locked) == ("Inès B.", "À Lille", True)
    assert [(field.name, field.value) for field in changed.source.fields] == [
        ("Site", "https://lille.example"), ("Langue", "fr"),
    ]  # fmt: skip
    assert ines.account_update_credentials(**RESTORED).display_name == ""


@covers(
    "GET /api/v1/accounts/lookup", "GET /api/v1/accounts/search", "GET /api/v1/accounts/:id", "GET /api/v1/accounts",
    "GET /api/v1/accounts/relationships", "GET /api/v2/search",
    *(f"POST /api/v1/accounts/:id/{verb}" for verb in ("follow", "unfollow")),
    "GET /api/v1/accounts/:id/featured_tags",
)  # fmt: skip
def test_it_finds_and_follows(server: Server, ines: Mastodon, ali: Mastodon):
    found = ines.account_search("al")[0]

    assert found.acct == "ali"
    assert ines.account_lookup("ali").id == found.id == ines.account(found.id).id
    assert [row.acct for row in ines.accounts([found.id])] == ["ali"]
    assert [row.id for row in ines.search_v2("ali").accounts] == [found.id]
    assert ines.account_follow(found.id).following is True
    assert [row.following for row in ines.account_relationships([found.id])] == [True]
    assert ines.account_unfollow(found.id).following is False
    assert ines.account_featured_tags(found) == []
    assert ines.account_lookup(server.handle).group is True
    with pytest.raises(MastodonNotFoundError):
        ines.account_lookup("nobody")


@covers(
    "GET /api/v1/follow_requests", "POST /api/v1/follow_requests/:id/authorize",
    "POST /api/v1/follow_requests/:id/reject",
)  # fmt: skip
def test_it_answers_a_follow_request(server: Server, ines: Mastodon, ali: Mastodon):
    asyncio.run(rows.query(server, f"UPDATE actor SET approves_followers = TRUE WHERE local_name = '{ADMIN}'"))
    me, them = ines.account_verify_credentials().id, ali.account_verify_credentials().id

    assert ali.account_follow(me).requested is True
    assert [row.id for row in ines.follow_requests()] == [them]
    assert ines.follow_request_authorize(them).followed_by is True
    assert ali.account_relationships(me)[0].following is True
    ali.account_unfollow(me)
    ali.account_follow(me)
    assert ines.follow_request_reject(them).followed_by is False
    assert ines.follow_requests() == []
    asyncio.run(rows.query(server, f"UPDATE actor SET approves_followers = FALSE WHERE local_name = '{ADMIN}'"))


@covers(
    "POST /api/v1/accounts/:id/mute", "POST /api/v1/accounts/:id/unmute", "GET /api/v1/mutes",
    "POST /api/v1/accounts/:id/note", "POST /api/v1/accounts/:id/remove_from_followers",
    "GET /api/v1/accounts/familiar_followers",
)  # fmt: skip
def test_it_mutes_notes_and_dismisses(ines: Mastodon, ali: Mastodon):
    them = ali.me()
    muted = ines.account_mute(them, notifications=False, duration=3600)

    assert (muted.muting, muted.muting_notifications) == (True, False)
    assert [row.acct for row in ines.mutes()] == ["ali"]
    assert ines.account_unmute(them).muting is False
    assert ines.account_note_set(them, "Vient le mardi").note == "Vient le mardi"
    assert ines.account_familiar_followers(them)[0].accounts == []
    ali.account_follow(ines.me())
    assert ines.account_remove_from_followers(them).followed_by is False


@covers("POST /api/v1/accounts/:id/block", "POST /api/v1/accounts/:id/unblock", "GET /api/v1/blocks")
def test_it_blocks(ines: Mastodon, ali: Mastodon):
    them = ali.me()

    assert ines.account_block(them).blocking is True
    assert [row.acct for row in ines.blocks()] == ["ali"]
    assert ines.account_unblock(them).blocking is False
    assert ines.blocks() == []


@covers("POST /api/v1/reports")
def test_it_reports(ines: Mastodon, ali: Mastodon):
    post = ali.status_post("Insulte")

    made = ines.report(ali.me(), [post], "Non", category="violation")

    assert (made.category, made.comment, made.target_account.acct) == ("violation", "Non", "ali")
    assert made.action_taken is False
    assert [str(id_) for id_ in made.status_ids] == [str(post.id)]
