"""Everything that people do with toot."""

import json
from pathlib import Path

import pytest
from mastodon import Mastodon, MastodonNotFoundError

from tests.clients.toot import Toot
from tests.pictures import photograph
from tests.scenarios.server import ADMIN, Server


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


def test_toot_shows_notifications(toot: Toot, ines: Mastodon, ali: Mastodon):
    ines.notifications_clear()
    post = ines.status_post("Pour les notifications")
    ali.status_favourite(post)
    ali.status_reblog(post)
    ali.status_reply(post, "Réponse notifiée")
    ali.account_follow(ines.me())

    shown = toot("notifications")

    for word in (
        "Pour les notifications",
        "Réponse notifiée",
        "ali",
        "now follows you",
        "favourited your",
        "boosted your",
    ):
        assert word in shown
    assert {row["type"] for row in json.loads(toot("notifications", "--json", "-t", "mention"))} == {"mention"}
    toot("notifications", "--clear")
    assert ines.notifications() == []


def test_toot_asks_and_votes(toot: Toot, ali: Mastodon):
    asked = json.loads(toot("post", "--json", "--poll-option", "Oui", "--poll-option", "Non", "On y va ?"))
    assert "Oui" in toot("polls", "show", asked["poll"]["id"])
    theirs = ali.status_post("Quand ?", poll=ali.make_poll(["Lundi", "Mardi"], 3600)).poll

    toot("polls", "vote", str(theirs.id), "1")

    assert ali.poll(theirs.id).options[1].votes_count == 1


def test_toot_fills_a_list_and_reads_it(toot: Toot, ines: Mastodon, ali: Mastodon):
    toot("follow", "ali")
    toot("lists", "create", "Voisins")
    toot("lists", "add", "Voisins", "ali")
    ali.status_post("Pour les voisins")

    assert "ali" in toot("lists", "accounts", "Voisins")
    assert "Pour les voisins" in toot("timelines", "list", "Voisins", "--no-pager", "--no-clear")
    toot("lists", "remove", "Voisins", "ali")
    toot("lists", "delete", "Voisins")
    assert [one.title for one in ines.lists()] == ["Réseau"]  # the network, which nobody made


def test_toot_blocks_pins_and_lists_people(toot: Toot, ines: Mastodon):
    toot("block", "ali")
    assert "ali" in toot("blocked")
    toot("unblock", "ali")
    post = ines.status_post("Épinglé")
    toot("pin", post.id)
    assert ines.status(post.id).pinned is True
    toot("unpin", post.id)
    toot("update-account", "--display-name", "Inès de Lille", "--note", "À Lille")
    assert "Inès de Lille" in toot("whoami")
    toot("update-account", "--display-name", "")
    assert toot("search", "Épinglé")
