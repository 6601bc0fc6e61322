"""The door: slashes, unknown endpoints, methods; and who may call from a web page."""

import pytest
from httpx2 import ASGITransport, AsyncClient
from starlette.responses import PlainTextResponse

from models.actor import Actor
from server.mastodon.cors import CrossOrigin
from server.mastodon.routes import API

ELSEWHERE = {"Origin": "https://phanpy.test"}
PREFLIGHT = ELSEWHERE | {"Access-Control-Request-Method": "POST"}


@pytest.mark.parametrize("path", ["/api/v1/instance", "/api/v2/instance", "/api/v1/timelines/public"])
async def test_a_slash_at_the_end_changes_nothing(public: AsyncClient, path: str):
    assert (await public.get(f"{path}/")).json() == (await public.get(path)).json()


async def test_a_slash_behind_an_id_changes_nothing(zoe: AsyncClient, other_member: Actor):
    assert (await zoe.get(f"/api/v1/accounts/{other_member.id}/")).status_code == 200
    assert (await zoe.post(f"/api/v1/accounts/{other_member.id}/follow/")).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/nothing"), ("POST", "/api/v1/nothing"), ("GET", "/api/"), ("GET", "/api/v9/instance"),
        ("GET", "/api/v2/nothing"), ("GET", "/api/v1/streaming"), ("POST", "/api/v3/media"),
        ("DELETE", "/api/v1/instance"), ("GET", "/api/v1/statuses/1/favourite"), ("GET", "/api/v1/statuses/1/2/3"),
        ("GET", "/api/v1//instance"), ("PATCH", "/api/v1/apps"),
    ],
)  # fmt: skip
async def test_what_is_no_endpoint_is_404_as_json(public: AsyncClient, method: str, path: str):
    answer = await public.request(method, path, headers={"Accept": "text/html"})

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("application/json")
    assert set(answer.json()) == {"error"}


def test_every_endpoint_says_which_it_is():
    for row in API:
        said = (row.endpoint.__doc__ or "").partition(" ->")[0].split("?")[0]
        assert said in {f"{verb} /api{row.path}" for verb in row.verbs}


@pytest.mark.parametrize(
    "path", ["/api/v1/statuses", "/api/v1/apps", "/oauth/token", "/nodeinfo/2.0", "/.well-known/x"]
)
async def test_a_page_of_another_origin_may_ask_beforehand(public: AsyncClient, path: str):
    headers = PREFLIGHT | {"Access-Control-Request-Headers": "authorization,content-type,idempotency-key"}

    answer = await public.options(path, headers=headers)

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    allowed = {method.strip() for method in answer.headers["access-control-allow-methods"].split(",")}
    assert {"GET", "POST", "PUT", "PATCH", "DELETE"} <= allowed


async def test_a_page_of_another_origin_reads_answers_and_refusals(public: AsyncClient):
    for path in ("/api/v1/instance", "/api/v1/timelines/home", "/api/v1/nothing"):
        answer = await public.get(path, headers=ELSEWHERE)
        assert answer.headers["access-control-allow-origin"] == "*"
        exposed = answer.headers["access-control-expose-headers"]
        assert "Link" in exposed
        assert "X-Request-Id" in exposed
        assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/@zoe", "/follow", "/oauth/authorize", "/inbox", "/setup/x", "/apiculture"])
async def test_no_other_path_is_open_to_pages_of_other_origins(path: str):
    app = CrossOrigin(PlainTextResponse("A page"))
    async with AsyncClient(transport=ASGITransport(app), base_url="https://lille.test") as client:
        asked, got = await client.options(path, headers=PREFLIGHT), await client.get(path, headers=ELSEWHERE)

    assert "access-control-allow-origin" not in asked.headers
    assert "access-control-allow-origin" not in got.headers
