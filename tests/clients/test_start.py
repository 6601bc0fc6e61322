"""What clients ask at their start, with Mastodon.py: where they are, and what there is."""

import httpx2
import pytest
from mastodon import Mastodon, MastodonNotFoundError

from tests.clients.watching import covers
from tests.scenarios.server import Server


@covers(
    "GET /api/v1/instance", "GET /api/v2/instance", "GET /.well-known/nodeinfo", "GET /api/v1/instance/rules",
    "GET /api/v1/custom_emojis",
)  # fmt: skip
def test_it_reads_the_server(server: Server, ines: Mastodon, public: Mastodon):
    assert public.instance_v2().domain == server.netloc
    assert ines.instance_v1().uri == server.netloc
    assert ines.instance().title == server.name
    assert ines.retrieve_mastodon_version() == "4.3.0"
    assert public.instance_nodeinfo().software.name == "coopole"
    assert public.instance_rules() == []
    assert public.custom_emojis() == []


@covers("GET /api/v1/instance/extended_description")
def test_it_reads_how_the_section_describes_itself(server: Server, public: Mastodon):
    with pytest.raises(MastodonNotFoundError):
        public.instance_extended_description()
    server.cli("section", "edit", server.handle, "--description", "Ensemble.")

    assert public.instance_extended_description().content == "<p>Ensemble.</p>"


@covers("GET /.well-known/host-meta")
def test_host_meta_names_the_server(server: Server, http: httpx2.Client):
    answer = http.get("/.well-known/host-meta")

    assert answer.headers["content-type"].startswith("application/xrd+xml")
    assert f'template="{server.origin}/.well-known/webfinger?resource={{uri}}"' in answer.text


@covers("GET /api/v1/markers", "POST /api/v1/markers")
def test_it_marks_how_far_it_has_read(ines: Mastodon):
    assert ines.markers_set("home", "123")["home"].last_read_id == "123"
    assert ines.markers_get(["home", "notifications"])["home"].version == 1


@covers(
    "GET /api/v1/trends", *(f"GET /api/v1/trends/{kind}" for kind in ("tags", "statuses", "links")),
    "GET /api/v2/suggestions",
)  # fmt: skip
def test_what_is_not_offered_is_empty(ines: Mastodon, http: httpx2.Client):
    assert http.get("/api/v1/trends").json() == []
    for nothing in (ines.trending_tags(), ines.trending_statuses(), ines.trending_links(), ines.suggestions()):
        assert nothing == []


@covers("GET /api/v1/announcements", "POST /api/v1/announcements/:id/dismiss")
def test_it_reads_an_announcement_and_puts_it_away(server: Server, ines: Mastodon):
    assert ines.announcements() == []
    server.cli("announcement", "add", "Panne ce soir")

    [found] = ines.announcements()
    assert (found.content, found.read) == ("<p>Panne ce soir</p>", False)
    ines.announcement_reaction_create(found, "🎉")
    ines.announcement_dismiss(found)
    [again] = ines.announcements()
    assert (again.read, again.reactions[0].me) == (True, True)
