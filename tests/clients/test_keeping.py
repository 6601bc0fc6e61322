"""Real clients against a real server on loopback: Mastodon.py and toot decode what they are given."""

import asyncio
import json
import os
import queue
import subprocess
import sys
import threading
import uuid
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mastodon import (
    Mastodon,
    MastodonAPIError,
    MastodonNotFoundError,
    MastodonUnauthorizedError,
    StreamListener,
)

from tests.pictures import moving, photograph
from tests.scenarios import rows
from tests.scenarios.conftest import new_server
from tests.scenarios.server import ADMIN, Server

__all__ = ["new_server"]

TOOT_SECONDS = 60
STREAM_SECONDS = 20
PUSH_SECONDS = 40


@pytest.fixture(scope="module")
def server(new_server: Any) -> Server:
    """A server with two members, Inès and Ali."""
    server: Server = new_server("lille", "Section de Lille")
    server.add_member("ali")
    return server


def client(server: Server, username: str | None = ADMIN) -> Mastodon:
    token = server.token(username) if username else None
    return Mastodon(access_token=token, api_base_url=server.origin, version_check_mode="created", request_timeout=30)


@pytest.fixture(scope="module")
def ines(server: Server) -> Mastodon:
    return client(server)


@pytest.fixture(scope="module")
def ali(server: Server) -> Mastodon:
    return client(server, "ali")


def test_mastodon_py_reads_the_server(server: Server, ines: Mastodon):
    assert client(server, None).instance_v2().domain == server.netloc
    assert ines.instance_v1().uri == server.netloc
    assert ines.instance().title == server.name
    assert ines.retrieve_mastodon_version() == "4.2.0"


def test_mastodon_py_registers_itself(server: Server):
    client_id, secret = Mastodon.create_app("Test", api_base_url=server.origin, website="https://example.org")

    assert client_id
    assert secret


def test_mastodon_py_knows_whose_token_it_holds(ines: Mastodon):
    me = ines.account_verify_credentials()

    assert (me.acct, me.source.privacy, me.source.language) == (ADMIN, "public", "fr")
    assert me.created_at.tzinfo is not None


def test_mastodon_py_finds_and_follows(server: Server, ines: Mastodon):
    found = ines.account_search("al")[0]

    assert found.acct == "ali"
    assert ines.account_lookup("ali").id == found.id == ines.account(found.id).id
    assert [row.id for row in ines.search("ali").accounts] == [found.id]
    assert ines.account_follow(found.id).following is True
    assert [row.following for row in ines.account_relationships([found.id])] == [True]
    assert ines.account_unfollow(found.id).following is False
    assert ines.account_lookup(server.handle).group is True


def test_mastodon_py_answers_a_follow_request(server: Server, ines: Mastodon, ali: Mastodon):
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


def test_mastodon_py_publishes_reads_changes_and_deletes(ines: Mastodon, ali: Mastodon):
    post = ines.status_post("Bonjour #lille", visibility="unlisted", spoiler_text="CW", sensitive=True, language="fr")
    reply = ali.status_reply(post, "oui")

    assert (post.visibility, post.spoiler_text, post.tags[0].name) == ("unlisted", "CW", "lille")
    assert reply.in_reply_to_id == post.id
    assert [row.id for row in ines.status_context(post).descendants] == [reply.id]
    assert [row.id for row in ines.status_context(reply).ancestors] == [post.id]
    assert ali.status_favourite(post).favourites_count == 1
    assert ali.status_unfavourite(post).favourites_count == 0
    boost = ali.status_reblog(post)
    assert (boost.reblog.id, boost.account.acct) == (post.id, "ali")
    assert ali.account_statuses(ali.me())[0].id == boost.id
    assert ali.status_unreblog(post).reblogged is False
    edited = ines.status_update(post.id, "Bonsoir")
    assert edited.edited_at is not None
    assert ines.status(post.id).content == "<p>Bonsoir</p>"
    assert ines.status_delete(post.id).text == "Bonsoir"
    with pytest.raises(MastodonNotFoundError):
        ines.status(post.id)


def test_mastodon_py_brings_pictures(server: Server, ines: Mastodon, tmp_path: Path):
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


def test_mastodon_py_publishes_once_under_one_key(ines: Mastodon):
    key = str(uuid.uuid4())

    assert ines.status_post("une fois", idempotency_key=key).id == ines.status_post("une fois", idempotency_key=key).id


def test_mastodon_py_pages_through_timelines(server: Server, ines: Mastodon):
    sent = [ines.status_post(f"Page {number}").id for number in range(5)]

    first = ines.timeline_home(limit=2)
    everything = ines.fetch_remaining(first)
    mine = ines.fetch_remaining(ines.account_statuses(ines.me(), limit=2))

    assert [row.id for row in everything][:5] == sent[::-1]
    assert [row.id for row in mine][:5] == sent[::-1]
    assert [row.id for row in ines.fetch_previous(ines.timeline_home(limit=2, max_id=sent[2]))] == sent[:1:-1][-2:]
    assert sent[-1] in [row.id for row in client(server, None).timeline_local(limit=5)]
    assert ines.timeline_public(remote=True) == []


def test_mastodon_py_is_told_when_its_token_is_no_good(server: Server):
    stranger = Mastodon(access_token="nope", api_base_url=server.origin)

    with pytest.raises(MastodonUnauthorizedError):
        stranger.timeline_home()


def test_mastodon_py_reads_what_it_is_told(ines: Mastodon, ali: Mastodon):
    ines.notifications_clear()
    post = ines.status_post("Qui aime ?")
    ali.status_favourite(post)
    ali.status_reply(post, "moi")

    mention, like = ines.notifications()
    assert (mention.type, like.type, like.account.acct, like.status.id) == ("mention", "favourite", "ali", post.id)
    assert [row.id for row in ines.notifications(types=["favourite"])] == [like.id]
    assert [row.id for row in ines.notifications(exclude_types=["favourite"], account_id=ali.me())] == [mention.id]
    assert [row.id for row in ines.fetch_remaining(ines.notifications(limit=1))] == [mention.id, like.id]
    assert ines.notifications(like.id).id == like.id
    ines.notifications_dismiss(like.id)
    ines.notifications_clear()
    assert ines.notifications() == []


def test_mastodon_py_reads_groups_and_sets_a_policy(server: Server, ali: Mastodon):
    ines = Mastodon(access_token=server.token(ADMIN), api_base_url=server.origin, version_check_mode="none")
    ines.notifications_clear()
    post = ines.status_post("Encore ?")
    ali.status_favourite(post)

    assert ines.notifications_unread_count().count == 1
    [group] = ines.grouped_notifications().notification_groups
    assert (group.group_key, group.status_id) == (f"favourite-{post.id}", post.id)
    assert ines.grouped_notification(group.group_key).notification_groups[0].group_key == group.group_key
    assert [row.acct for row in ines.grouped_notification_accounts(group.group_key)] == ["ali"]
    ines.dismiss_grouped_notification(group.group_key)
    assert ines.grouped_notifications().notification_groups == []
    assert ines.notifications_policy().for_not_following == "accept"
    assert ines.update_notifications_policy(for_not_following="filter").for_not_following == "filter"
    ali.status_favourite(ines.status_post("Et maintenant ?"))
    [asked] = ines.notification_requests()
    assert asked.account.acct == "ali"
    ines.accept_notification_request(asked.id)
    assert len(ines.notifications()) == 1
    ines.update_notifications_policy(for_not_following="accept")


def test_mastodon_py_reads_conversations(ines: Mastodon, ali: Mastodon):
    sent = ali.status_post(f"@{ADMIN} psst", visibility="direct")

    [found] = ines.conversations()
    assert (found.unread, found.accounts[0].acct, found.last_status.id) == (True, "ali", sent.id)
    assert ines.conversations_read(found).unread is False


class Heard(StreamListener):
    """What a stream said, by the thread that listens to it."""

    def __init__(self) -> None:
        self.said: queue.Queue[tuple[str, Any]] = queue.Queue()

    def on_update(self, status: Any) -> None:
        self.said.put(("update", status.id))

    def on_notification(self, notification: Any) -> None:
        self.said.put((notification.type, notification.account.acct))

    def on_delete(self, status_id: Any) -> None:
        self.said.put(("delete", str(status_id)))


def test_mastodon_py_hears_at_once_what_happens(ines: Mastodon, ali: Mastodon):
    heard = Heard()
    assert ines.stream_healthy()
    stream = ines.stream_user(heard, run_async=True)

    post = ines.status_post("En direct")
    assert heard.said.get(timeout=STREAM_SECONDS) == ("update", post.id)
    ali.status_favourite(post)
    assert heard.said.get(timeout=STREAM_SECONDS) == ("favourite", "ali")
    ines.status_delete(post)
    assert heard.said.get(timeout=STREAM_SECONDS) == ("delete", post.id)
    stream.close()


def test_mastodon_py_subscribes_to_pushes_and_reads_one(server: Server, ines: Mastodon, ali: Mastodon):
    private, public = ines.push_subscription_generate_keys()
    received: queue.Queue[tuple[dict[str, str], bytes]] = queue.Queue()

    class Service(BaseHTTPRequestHandler):
        """A push service that keeps what it is given."""

        def do_POST(self) -> None:
            received.put((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(201)
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as service:
        threading.Thread(target=service.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{service.server_port}/push"
        made = ines.push_subscription_set(endpoint, public, favourite_events=True)
        assert (made.endpoint, made.alerts.favourite, made.alerts.follow) == (endpoint, True, False)
        assert ines.push_subscription().id == made.id
        ali.status_favourite(ines.status_post("Poussez"))
        headers, body = received.get(timeout=PUSH_SECONDS)
        service.shutdown()

    told = ines.push_subscription_decrypt_push(body, private, headers["Encryption"], headers["Crypto-Key"])
    assert (told.notification_type, told.body, told.title) == ("favourite", "Poussez", "ali aime votre message")
    assert ines.push_subscription_update(favourite_events=False, mention_events=True).alerts.favourite is False
    ines.push_subscription_delete()
    with pytest.raises(MastodonNotFoundError):
        ines.push_subscription()


class Toot:
    """The toot command, logged in by a configuration file."""

    def __init__(self, server: Server, folder: Path) -> None:
        instance, name = server.netloc, f"{ADMIN}@{server.netloc}"
        app = {"instance": instance, "base_url": server.origin, "client_id": "x", "client_secret": "y"}
        user = {"instance": instance, "username": ADMIN, "access_token": server.token(ADMIN)}
        (folder / "toot").mkdir()
        (folder / "toot" / "config.json").write_text(
            json.dumps({"apps": {instance: app}, "users": {name: user}, "active_user": name})
        )
        self._environment = os.environ | {"XDG_CONFIG_HOME": str(folder), "HOME": str(folder), "COLUMNS": "100"}

    def __call__(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "toot", "--no-color", *arguments]
        done = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, timeout=TOOT_SECONDS, check=False
        )
        assert done.returncode == 0, f"toot {' '.join(arguments)}: {done.stderr or done.stdout}"
        return done.stdout


@pytest.fixture(scope="module")
def toot(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Toot:
    return Toot(server, tmp_path_factory.mktemp("toot"))


def test_toot_shows_who_is_logged_in_and_where(server: Server, toot: Toot):
    assert f"@{ADMIN}" in toot("whoami")
    assert server.name in toot("instance", server.origin)
    assert "@ali" in toot("whois", "ali")
    assert "ali" in toot("search", "-t", "accounts", "ali")


def test_toot_publishes_and_shows_a_thread(toot: Toot):
    sent = json.loads(toot("post", "--json", "-v", "public", "-p", "Sujet", "Par toot"))
    reply = json.loads(toot("post", "--json", "-r", sent["id"], "Une réponse"))

    thread = toot("thread", sent["id"])

    assert "Par toot" in thread
    assert "Une réponse" in thread
    assert reply["in_reply_to_id"] == sent["id"]
    assert "Par toot" in toot("status", sent["id"])


def test_toot_publishes_a_picture(toot: Toot, tmp_path: Path):
    picture = tmp_path / "vacances.png"
    picture.write_bytes(photograph("PNG"))

    sent = json.loads(toot("post", "--json", "-m", str(picture), "-d", "Deux tours", "Avec une image"))

    [shown] = sent["media_attachments"]
    assert (shown["type"], shown["description"]) == ("image", "Deux tours")
    assert shown["url"] in toot("status", sent["id"])


def test_toot_shows_timelines_with_a_boost_in_them(toot: Toot, ali: Mastodon, ines: Mastodon):
    ines.account_follow(ali.me().id)
    boosted = ali.status_post("À partager")
    toot("reblog", boosted.id)
    toot("favourite", boosted.id)

    home = toot("timelines", "home", "--no-pager", "--no-clear")
    public = toot("timelines", "public", "--no-pager", "--no-clear")

    assert "À partager" in home
    assert "À partager" in public


def test_toot_takes_back_what_it_did(toot: Toot, ali: Mastodon, ines: Mastodon):
    post, own = ali.status_post("À partager encore"), ines.status_post("À supprimer")
    for verb in ("reblog", "favourite", "unreblog", "unfavourite"):
        toot(verb, post.id)
    toot("delete", own.id)

    left = ines.status(post.id)
    assert (left.reblogs_count, left.favourites_count) == (0, 0)
    with pytest.raises(MastodonNotFoundError):
        ines.status(own.id)


def test_toot_follows_and_unfollows(toot: Toot, ines: Mastodon, ali: Mastodon):
    toot("follow", "ali")
    assert ines.account_relationships(ali.me())[0].following is True

    toot("unfollow", "ali")
    assert ines.account_relationships(ali.me())[0].following is False


def test_mastodon_py_keeps_a_list(ines: Mastodon, ali: Mastodon):
    them = ali.me()
    ines.account_follow(them, reblogs=False, notify=True)
    made = ines.list_create("Amis", replies_policy="none", exclusive=False)
    ines.list_accounts_add(made, [them])
    sent = ali.status_post("Pour la liste")

    assert [row.acct for row in ines.list_accounts(made, limit=0)] == ["ali"]
    assert [row.id for row in ines.account_lists(them)] == [made.id] == [row.id for row in ines.lists()]
    assert ines.timeline_list(made)[0].id == sent.id
    assert ines.list_update(made, "Amies", replies_policy="followed", exclusive=True).exclusive is True
    assert sent.id not in [row.id for row in ines.timeline_home()]
    ines.list_accounts_delete(made, [them])
    assert ines.list_accounts(made) == []
    ines.list_delete(made)
    assert ines.lists() == []


def test_mastodon_py_keeps_bookmarks_and_pages_through_them(ines: Mastodon, ali: Mastodon):
    sent = [ali.status_post(f"À garder {number}") for number in range(3)]
    for post in sent:
        assert ines.status_bookmark(post).bookmarked is True
        ines.status_favourite(post)
    wanted = [post.id for post in reversed(sent)]

    assert [row.id for row in ines.fetch_remaining(ines.bookmarks(limit=1))] == wanted
    assert [row.id for row in ines.fetch_remaining(ines.favourites(limit=1))][:3] == wanted
    assert [row.acct for row in ali.status_favourited_by(sent[0])] == [ADMIN]
    for post in sent:
        assert ines.status_unbookmark(post).bookmarked is False
    assert ines.bookmarks() == []
    assert ines.status_mute(sent[0]).muted is True
    assert ines.status_unmute(sent[0]).muted is False


def test_mastodon_py_filters(ines: Mastodon, ali: Mastodon):
    sent = ali.status_post("Encore du foot")
    made = ines.create_filter_v2("Sport", ["home", "public"], "warn", 3600, [{"keyword": "foot", "whole_word": True}])

    [result] = ines.status(sent).filtered
    assert (result.filter.title, result.keyword_matches) == ("Sport", ["foot"])
    ines.add_filter_keyword_v2(made, "rugby", whole_word=True)
    ines.add_filter_status_v2(made, sent)
    assert len(ines.filter_keywords_v2(made)) == 2
    assert ines.update_filter_v2(made, filter_action="hide").filter_action == "hide"
    assert sent.id not in [row.id for row in client_timeline(ines)]
    assert [row.phrase for row in ines.filters()] == ["foot", "rugby"]
    ines.delete_filter_v2(made)
    assert ines.filters_v2() == []
    old = ines.filter_create("tennis", ["home"], irreversible=True)
    assert ines.filter_update(old, phrase="golf").phrase == "golf"
    ines.filter_delete(old)
    assert ines.filters() == []


def client_timeline(who: Mastodon) -> list[Any]:
    return list(who.timeline_public(limit=10))


def test_mastodon_py_mutes_and_notes(ines: Mastodon, ali: Mastodon):
    them = ali.me()
    muted = ines.account_mute(them, notifications=False, duration=3600)
    assert (muted.muting, muted.muting_notifications) == (True, False)
    assert [row.acct for row in ines.mutes()] == ["ali"]
    assert ines.account_unmute(them).muting is False
    assert ines.account_note_set(them, "Vient le mardi").note == "Vient le mardi"
    assert ines.account_familiar_followers(them)[0].accounts == []
    ali.account_follow(ines.me())
    assert ines.account_remove_from_followers(them).followed_by is False
    assert ines.account_featured_tags(them) == []


def test_mastodon_py_follows_hashtags(ines: Mastodon, ali: Mastodon):
    ines.account_unfollow(ali.me())
    assert ines.tag_follow("velo").following is True
    sent = ali.status_post("En ville #velo")

    assert [row.name for row in ines.followed_tags()] == ["velo"]
    assert ines.timeline_home()[0].id == sent.id
    assert [row.id for row in ali.timeline_hashtag("velo", local=True)] == [sent.id]
    assert ines.tag_unfollow("velo").following is False
    assert ines.tag("velo").following is False


def test_mastodon_py_finds_what_it_asks_for_at_its_start(ines: Mastodon):
    assert ines.markers_set("home", "123")["home"].last_read_id == "123"
    assert ines.markers_get(["home", "notifications"])["home"].version == 1
    assert ines.preferences()["posting:default:visibility"] == "public"
    for nothing in (ines.trending_tags(), ines.trending_statuses(), ines.trending_links(), ines.custom_emojis(),
                    ines.instance_rules(), ines.suggestions(), ines.featured_tags()):  # fmt: skip
        assert nothing == []


def test_mastodon_py_schedules(ines: Mastodon):
    due_at = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    made = ines.status_post("Plus tard", scheduled_at=due_at, visibility="private")

    assert (made.scheduled_at, made.params.text) == (due_at, "Plus tard")
    assert [row.id for row in ines.scheduled_statuses()] == [made.id]
    assert ines.scheduled_status(made).params.visibility == "private"
    moved = ines.scheduled_status_update(made, due_at + timedelta(hours=1))
    assert moved.scheduled_at == due_at + timedelta(hours=1)
    ines.scheduled_status_delete(made)
    assert ines.scheduled_statuses() == []


def test_toot_keeps_lists_bookmarks_and_hashtags(toot: Toot, ali: Mastodon):
    sent = ali.status_post("À marquer #parc")
    toot("lists", "create", "Voisines")
    assert "Voisines" in toot("lists", "list")
    toot("lists", "delete", "Voisines")
    assert "Voisines" not in toot("lists", "list")
    toot("bookmark", sent.id)
    assert "À marquer" in toot("bookmarks", "--once")
    toot("unbookmark", sent.id)
    toot("tags", "follow", "parc")
    assert "parc" in toot("tags", "followed")
    assert "À marquer" in toot("timelines", "tag", "parc", "--no-pager", "--no-clear")
    toot("tags", "unfollow", "parc")
    toot("mute", "ali")
    assert "ali" in toot("muted")
    toot("unmute", "ali")


def test_toot_schedules(toot: Toot, ines: Mastodon):
    toot("post", "--scheduled-in", "1 hour", "Par toot, plus tard")
    [row] = ines.scheduled_statuses()
    assert row.params.text == "Par toot, plus tard"
    ines.scheduled_status_delete(row)
