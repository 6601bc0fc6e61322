"""Accounts with Mastodon.py: one's own and others', followed, muted, blocked, noted, reported."""

import asyncio

import httpx2
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


@covers("GET /api/v1/accounts/:id/followers", "GET /api/v1/accounts/:id/following")
def test_who_follows_whom_is_for_oneself_alone(ines: Mastodon, ali: Mastodon):
    ali.account_follow(ines.me())

    assert [row.acct for row in ines.account_followers(ines.me())] == ["ali"]
    assert [row.acct for row in ali.account_following(ali.me())] == [ADMIN]
    assert ali.account_followers(ines.me()) == ines.account_following(ali.me()) == []
    ali.account_unfollow(ines.me())
    assert ines.account_followers(ines.me()) == []


@covers(*(f"{method} /api/v1/domain_blocks" for method in ("GET", "POST", "DELETE")))
def test_it_leaves_out_whole_servers(ines: Mastodon):
    ines.domain_block("rude.example")
    ines.domain_block("loud.example")

    assert ines.fetch_remaining(ines.domain_blocks(limit=1)) == ["loud.example", "rude.example"]
    ines.domain_unblock("rude.example")
    ines.domain_unblock("loud.example")
    assert ines.domain_blocks() == []


@covers(
    "GET /api/v1/featured_tags", "POST /api/v1/featured_tags", "DELETE /api/v1/featured_tags/:id",
    "GET /api/v1/accounts/:id/featured_tags",
)  # fmt: skip
def test_it_puts_hashtags_on_the_profile(ines: Mastodon, ali: Mastodon):
    ines.status_post("Au parc #Jardin")
    made = ines.featured_tag_create("Jardin")

    assert made.name == "jardin"
    assert [row.id for row in ines.featured_tags()] == [made.id]
    assert [row.name for row in ali.account_featured_tags(ines.me())] == [made.name]
    ines.featured_tag_delete(made)
    assert ines.featured_tags() == []


@covers("DELETE /api/v1/profile/avatar", "DELETE /api/v1/profile/header")
def test_it_takes_pictures_off_the_profile(ines: Mastodon):
    assert ines.account_delete_avatar().avatar.endswith("/static/avatar-missing.png")
    assert ines.account_delete_header().header.endswith("/static/header-missing.png")


@covers("POST /api/v1/accounts/:id/email_subscriptions")
def test_an_address_is_left_with_a_section(server: Server, public: Mastodon, http: httpx2.Client):
    section, member = public.account_lookup(server.handle), public.account_lookup("ali")

    assert (
        http.post(f"/api/v1/accounts/{section.id}/email_subscriptions", json={"email": "lou@post.example"}).json() == {}
    )
    assert http.post(f"/api/v1/accounts/{section.id}/email_subscriptions", json={"email": "no"}).status_code == 422
    assert (
        http.post(f"/api/v1/accounts/{member.id}/email_subscriptions", json={"email": "a@b.example"}).status_code == 404
    )


@covers("POST /api/v1/reports")
def test_it_reports(ines: Mastodon, ali: Mastodon):
    post = ali.status_post("Insulte")

    made = ines.report(ali.me(), [post], "Non", category="violation")

    assert (made.category, made.comment, made.target_account.acct) == ("violation", "Non", "ali")
    assert made.action_taken is False
    assert [str(id_) for id_ in made.status_ids] == [str(post.id)]
