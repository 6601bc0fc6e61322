"""Reading with Mastodon.py: timelines, hashtags, and by whom it is allowed."""

import pytest
from mastodon import Mastodon, MastodonUnauthorizedError

from tests.clients.watching import covers
from tests.scenarios.server import Server


@covers("GET /api/v1/timelines/home", "GET /api/v1/timelines/public")
def test_it_pages_through_timelines(ines: Mastodon, public: Mastodon):
    sent = [ines.status_post(f"Page {number}").id for number in range(5)]

    first = ines.timeline_home(limit=2)
    everything = ines.fetch_remaining(first)
    mine = ines.fetch_remaining(ines.account_statuses(ines.me(), limit=2))

    assert [row.id for row in everything][:5] == sent[::-1]
    assert [row.id for row in mine][:5] == sent[::-1]
    assert [row.id for row in ines.fetch_previous(ines.timeline_home(limit=2, max_id=sent[2]))] == sent[:1:-1][-2:]
    assert sent[-1] in [row.id for row in public.timeline_local(limit=5)]
    assert ines.timeline_public(remote=True) == []


def test_it_is_told_when_its_token_is_no_good(server: Server):
    stranger = Mastodon(access_token="nope", api_base_url=server.origin)

    with pytest.raises(MastodonUnauthorizedError):
        stranger.timeline_home()


@covers(
    "POST /api/v1/tags/:id/follow", "POST /api/v1/tags/:id/unfollow", "GET /api/v1/tags/:id", "GET /api/v1/followed_tags",
    "GET /api/v1/timelines/tag/:id",
)  # fmt: skip
def test_it_follows_hashtags(ines: Mastodon, ali: Mastodon):
    ines.account_unfollow(ali.me())
    assert ines.tag_follow("velo").following is True
    sent = ali.status_post("En ville #velo")

    assert [row.name for row in ines.followed_tags()] == ["velo"]
    assert ines.timeline_home()[0].id == sent.id
    assert [row.id for row in ali.timeline_hashtag("velo", local=True)] == [sent.id]
    assert ines.tag_unfollow("velo").following is False
    assert ines.tag("velo").following is False
