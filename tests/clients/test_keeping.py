"""What members keep, with Mastodon.py: lists, bookmarks, likes, filters of both versions."""

import httpx2
from mastodon import Mastodon

from tests.clients.watching import covers
from tests.scenarios.server import ADMIN


@covers(
    "GET /api/v1/lists", "POST /api/v1/lists", *(f"{method} /api/v1/lists/:id" for method in ("GET", "PUT", "DELETE")),
    *(f"{method} /api/v1/lists/:id/accounts" for method in ("GET", "POST", "DELETE")),
    "GET /api/v1/timelines/list/:id", "GET /api/v1/accounts/:id/lists",
)  # fmt: skip
def test_it_keeps_a_list(ines: Mastodon, ali: Mastodon):
    them = ali.me()
    ines.account_follow(them, reblogs=False, notify=True)
    made = ines.list_create("Amis", replies_policy="none", exclusive=False)
    ines.list_accounts_add(made, [them])
    sent = ali.status_post("Pour la liste")

    assert [row.acct for row in ines.list_accounts(made, limit=0)] == ["ali"]
    assert [row.id for row in ines.account_lists(them)] == [made.id]
    network, own = ines.lists()
    assert (network.title, own.id) == ("Réseau", made.id)
    assert network.id not in [row.id for row in ines.account_lists(them)]
    assert ines.list(made).title == "Amis"
    assert ines.timeline_list(made)[0].id == sent.id
    assert ines.list_update(made, "Amies", replies_policy="followed", exclusive=True).exclusive is True
    assert sent.id not in [row.id for row in ines.timeline_home()]
    ines.list_accounts_delete(made, [them])
    assert ines.list_accounts(made) == []
    ines.list_delete(made)
    assert [row.id for row in ines.lists()] == [network.id]


@covers(
    "GET /api/v1/bookmarks", "GET /api/v1/favourites", "POST /api/v1/statuses/:id/bookmark",
    "POST /api/v1/statuses/:id/unbookmark", "GET /api/v1/statuses/:id/favourited_by",
)  # fmt: skip
def test_it_keeps_bookmarks_and_pages_through_them(ines: Mastodon, ali: Mastodon):
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


@covers(
    "GET /api/v2/filters", "POST /api/v2/filters", *(f"{method} /api/v2/filters/:id" for method in ("GET", "PUT", "DELETE")),
    "GET /api/v2/filters/:id/keywords", "POST /api/v2/filters/:id/keywords",
    "PUT /api/v2/filters/keywords/:id", "DELETE /api/v2/filters/keywords/:id",
)  # fmt: skip
def test_it_filters(ines: Mastodon, ali: Mastodon, http: httpx2.Client):
    sent = ali.status_post("Encore du foot")
    made = ines.create_filter_v2("Sport", ["home", "public"], "warn", 3600, [{"keyword": "foot", "whole_word": True}])

    [result] = ines.status(sent).filtered
    assert (result.filter.title, result.keyword_matches) == ("Sport", ["foot"])
    added = ines.add_filter_keyword_v2(made, "rugby", whole_word=True)
    ines.add_filter_status_v2(made, sent)
    assert len(ines.filter_keywords_v2(made)) == 2
    assert ines.filter_v2(made).title == "Sport"
    assert ines.update_filter_v2(made, filter_action="hide").filter_action == "hide"
    assert sent.id not in [row.id for row in ines.timeline_public(limit=10)]
    assert [row.phrase for row in ines.filters()] == ["foot", "rugby"]
    changed = http.put(f"/api/v2/filters/keywords/{added.id}", json={"keyword": "tennis"}).json()
    assert (changed["keyword"], changed["whole_word"]) == ("tennis", True)
    ines.delete_filter_keyword_v2(added)
    assert [row.keyword for row in ines.filter_keywords_v2(made)] == ["foot"]
    ines.delete_filter_v2(made)
    assert ines.filters_v2() == []


@covers(
    "GET /api/v1/filters",
    "POST /api/v1/filters",
    *(f"{method} /api/v1/filters/:id" for method in ("GET", "PUT", "DELETE")),
)
def test_it_filters_as_of_old(ines: Mastodon):
    old = ines.filter_create("tennis", ["home"], irreversible=True)

    assert ines.filter(old).irreversible is True
    assert ines.filter_update(old, phrase="golf").phrase == "golf"
    ines.filter_delete(old)
    assert ines.filters() == []
