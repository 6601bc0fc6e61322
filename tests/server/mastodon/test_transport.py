"""The rules of transport, each of which breaks some client when it is broken; what is not here is in the files named.

Cross-origin and slashes: test_routes.py. Bodies and brackets: test_parameters.py. Redirect URIs: tests/server/oauth.
Pages: test_timelines.py. Who may ask without a token: test_access.py. How often: test_limits.py.
"""

import re
from typing import Any

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from federation.context import Context
from models.actor import Actor
from models.ids import new_id
from server.mastodon.cors import ANSWER_HEADERS, REQUEST_HEADERS
from server.mastodon.limits import Limits
from server.mastodon.routes import API
from tests import factories

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
ELSEWHERE = {"Origin": "https://phanpy.test"}


async def test_a_page_of_another_origin_reads_every_header_that_clients_need(public: AsyncClient):
    answer = await public.get("/api/v1/timelines/public", headers=ELSEWHERE)

    exposed = {name.strip().lower() for name in answer.headers["access-control-expose-headers"].split(",")}
    assert {name.lower() for name in ANSWER_HEADERS} <= exposed
    assert {"link", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-request-id"} <= exposed


@pytest.mark.parametrize("path", ["/api/v1/lists/1", "/oauth/revoke", "/media/x.png", "/nodeinfo/2.1"])
async def test_a_page_of_another_origin_may_send_what_clients_send(public: AsyncClient, path: str):
    asked = ELSEWHERE | {
        "Access-Control-Request-Method": "DELETE",
        "Access-Control-Request-Headers": ", ".join(REQUEST_HEADERS),
    }
    answer = await public.options(path, headers=asked)

    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
    allowed = answer.headers["access-control-allow-headers"].lower()
    assert all(name.lower() in allowed for name in REQUEST_HEADERS)


@pytest.mark.parametrize("way", ["json", "data", "params"])
async def test_what_is_deleted_may_be_named_in_a_body_or_in_the_address(
    zoe: AsyncClient, other_member: Actor, way: str
):
    await zoe.post(f"/api/v1/accounts/{other_member.id}/follow")
    made = (await zoe.post("/api/v1/lists", json={"title": "Amis"})).json()["id"]
    path = f"/api/v1/lists/{made}/accounts"
    await zoe.post(path, data={"account_ids[]": str(other_member.id)})
    assert len((await zoe.get(path)).json()) == 1
    name = "account_ids" if way == "json" else "account_ids[]"

    answer = await zoe.request("DELETE", path, **{way: {name: [str(other_member.id)]}})

    assert answer.status_code == 200
    assert (await zoe.get(path)).json() == []


@pytest.mark.parametrize("value", [True, "true", "1", 1])
async def test_yes_is_said_in_four_ways(zoe: AsyncClient, value: Any):
    sent = {"status": "Attention", "sensitive": value}

    assert (await zoe.post("/api/v1/statuses", json=sent)).json()["sensitive"] is True


@pytest.mark.parametrize("verb", ["PUT", "PATCH"])
async def test_put_and_patch_are_the_same(zoe: AsyncClient, verb: str):
    made = (await zoe.post("/api/v1/lists", json={"title": "Amis"})).json()["id"]
    terms = {"title": "Sport", "context": ["home"], "keywords_attributes": [{"keyword": "foot"}]}
    filter_ = (await zoe.post("/api/v2/filters", json=terms)).json()
    word = filter_["keywords"][0]["id"]

    for path, sent in (
        (f"/api/v1/lists/{made}", {"title": "Proches"}),
        (f"/api/v2/filters/{filter_['id']}", {"title": "Rien"}),
        (f"/api/v2/filters/keywords/{word}", {"keyword": "rugby"}),
        (f"/api/v1/filters/{word}", {"phrase": "tennis"}),
        ("/api/v2/notifications/policy", {"for_new_accounts": "filter"}),
        ("/api/v1/notifications/policy", {"filter_new_accounts": False}),
        ("/api/v1/accounts/update_credentials", {"display_name": "Zoé"}),
    ):
        answer = await zoe.request(verb, path, json=sent)
        assert answer.status_code == 200, (path, answer.text)
        assert answer.json().items() >= sent.items(), path


@pytest.mark.parametrize("path", ["/api/v1/conversations/", "/api/v1/instance/", "/api/v2/instance/"])
async def test_mastodon_py_asks_with_a_slash_at_the_end(zoe: AsyncClient, path: str):
    assert (await zoe.get(path)).status_code == 200


async def test_a_report_may_be_sent_with_a_slash_at_the_end(zoe: AsyncClient, other_member: Actor):
    assert (await zoe.post("/api/v1/reports/", json={"account_id": str(other_member.id)})).status_code == 200


async def test_links_are_absolute_and_keep_what_else_was_asked(public: AsyncClient, member: Actor):
    for number in range(3):
        await factories.post(member, str(number))
    answer = await public.get("/api/v1/timelines/public", params={"limit": "2", "local": "true"})

    following = answer.links["next"]["url"]
    assert following.startswith("https://lille.test/api/v1/timelines/public?")
    assert "limit=2" in following
    assert "local=true" in following
    assert "next" not in (await public.get(following)).links


def strings_of(part: Any, key: str) -> list[Any]:
    """Every value that stands under a key somewhere in JSON."""
    if isinstance(part, dict):
        own = [part[key]] if key in part else []
        return own + [found for item in part.values() for found in strings_of(item, key)]
    return [found for item in part for found in strings_of(item, key)] if isinstance(part, list) else []


async def test_ids_are_strings_that_grow_and_times_have_milliseconds(zoe: AsyncClient, ctx: Context):
    for number in range(3):
        await zoe.post("/api/v1/statuses", json={"status": str(number)})
    rows = (await zoe.get("/api/v1/timelines/home")).json()

    ids, times = strings_of(rows, "id"), strings_of(rows, "created_at")
    assert all(isinstance(id_, str) and id_.isdigit() for id_ in ids)
    newest_first = [row["id"] for row in rows]
    assert newest_first == sorted(newest_first, key=lambda id_: (len(id_), id_), reverse=True)
    assert len({len(str(new_id())) for _ in range(50)}) == 1
    assert all(INSTANT.fullmatch(time) for time in times)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", day) for day in strings_of(rows, "last_status_at") if day)


async def test_every_refusal_is_json_with_one_sentence(
    app: Starlette, public: AsyncClient, zoe: AsyncClient, log_in: Any, member: Actor
):
    writer = await log_in(member, "write")
    page = {"Accept": "text/html"}
    refused = [
        (401, await public.get("/api/v1/timelines/home", headers=page)),
        (403, await writer.get("/api/v1/timelines/home", headers=page)),
        (404, await zoe.get("/api/v1/statuses/1", headers=page)),
        (404, await zoe.get("/api/v1/collections", headers=page)),
        (422, await zoe.post("/api/v1/statuses", json={}, headers=page)),
        (413, await zoe.post("/api/v1/statuses", content=b"x" * 2_000_000, headers=page)),
    ]
    app.state.limits = Limits(1)
    await zoe.get("/api/v1/lists")
    refused.append((429, await zoe.get("/api/v1/lists", headers=page)))
    for status, answer in refused:
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"].startswith("application/json")
        assert isinstance(answer.json()["error"], str)


async def test_what_this_server_does_not_offer_is_not_found(zoe: AsyncClient):
    offered = {f"/api{row.path}" for row in API}
    for path in (
        "/api/v1/collections/1",
        "/api/v1/annual_reports",
        "/api/v2/discover/posts/trending",
        "/api/v1/admin/accounts",
        "/api/v1_alpha/async_refreshes/1",
        "/api/v1/statuses/1/translate",
        "/api/v1/pleroma/accounts/1/subscribe",
    ):
        assert path not in offered
        for verb in ("GET", "POST", "PUT", "DELETE"):
            answer = await zoe.request(verb, path)
            assert (answer.status_code, set(answer.json())) == (404, {"error"}), (verb, path)


async def test_content_is_html_that_clients_know_and_names_are_plain_text(
    zoe: AsyncClient, ali: AsyncClient, other_member: Actor
):
    await zoe.request("PATCH", "/api/v1/accounts/update_credentials", json={"display_name": "Zoé <3", "note": "a & b"})
    long = "https://example.org/a/very/long/address/that/goes/on/and/on"
    sent = {"status": f"@ali voici #Vélo {long}", "spoiler_text": "1 < 2"}

    found = (await zoe.post("/api/v1/statuses", json=sent)).json()

    assert found["spoiler_text"] == "1 < 2"
    assert found["account"]["display_name"] == "Zoé <3"
    assert "a &amp; b" in found["account"]["note"]
    assert re.search(r'<a [^>]*class="u-url mention"', found["content"])
    tag = re.search(r'<a [^>]*class="mention hashtag"[^>]*>', found["content"])
    assert tag is not None
    assert 'rel="tag ' in tag[0]
    assert 'class="invisible"' in found["content"]
    assert 'class="ellipsis"' in found["content"]
