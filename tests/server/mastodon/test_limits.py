"""How often a client may ask, and how it is told."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from httpx2 import AsyncClient
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from federation.context import Context
from models.actor import Actor
from server.config import read_settings
from server.mastodon.limits import APPS, KNOWN_FOR_UNKNOWN, UPLOADS, WINDOW_SECONDS, Limits
from server.throttle import Buckets
from tests.server.api import LogIn

MOST = 10


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(app: Starlette) -> Clock:
    """The clock of an application that takes ten requests of one token."""
    clock = Clock()
    app.state.limits = Limits(MOST, clock)
    return clock


def reset_of(headers: object) -> datetime:
    return datetime.fromisoformat(str(headers["x-ratelimit-reset"]))  # type: ignore[index]


async def test_every_answer_says_how_many_may_follow(zoe: AsyncClient, clock: Clock, ctx: Context):
    for number, path in enumerate(
        ("/api/v1/lists", "/api/v1/lists/1", "/api/v1/blocks?max_id=x", "/api/v1/preferences")
    ):
        answer = await zoe.get(path)
        assert answer.headers["x-ratelimit-limit"] == str(MOST)
        assert answer.headers["x-ratelimit-remaining"] == str(MOST - 1 - number), answer.status_code
        seconds = (reset_of(answer.headers) - ctx.now().astimezone(UTC)).total_seconds()
        assert seconds == pytest.approx((number + 1) * WINDOW_SECONDS / MOST, abs=0.01)


async def test_one_too_many_is_refused_until_time_has_passed(zoe: AsyncClient, clock: Clock):
    assert [(await zoe.get("/api/v1/lists")).status_code for _ in range(MOST)] == [200] * MOST

    refused = await zoe.get("/api/v1/lists")

    assert refused.status_code == 429
    assert refused.headers["content-type"].startswith("application/json")
    assert set(refused.json()) == {"error"}
    assert refused.headers["retry-after"] == str(WINDOW_SECONDS // MOST)
    assert refused.headers["x-ratelimit-remaining"] == "0"
    clock.now += WINDOW_SECONDS / MOST
    assert (await zoe.get("/api/v1/lists")).status_code == 200
    assert (await zoe.get("/api/v1/lists")).status_code == 429


async def test_each_token_and_the_public_have_a_limit_of_their_own(
    zoe: AsyncClient, ali: AsyncClient, public: AsyncClient, log_in: LogIn, member: Actor, clock: Clock
):
    for _ in range(MOST + 1):
        await zoe.get("/api/v1/lists")

    assert (await zoe.get("/api/v1/lists")).status_code == 429
    assert (await ali.get("/api/v1/lists")).status_code == 200
    assert (await (await log_in(member)).get("/api/v1/lists")).status_code == 200
    answers = [await public.get("/api/v1/timelines/public") for _ in range(MOST // KNOWN_FOR_UNKNOWN + 1)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


async def test_tokens_that_are_no_good_count_for_their_address(public: AsyncClient, clock: Clock):
    statuses = []
    for number in range(3):
        answer = await public.get("/api/v1/lists", headers={"Authorization": f"Bearer guess{number}"})
        statuses.append(answer.status_code)

    assert statuses == [401, 401, 429]


async def test_what_everybody_is_given_says_nothing_of_anybody(public: AsyncClient, clock: Clock):
    answer = await public.get("/api/v2/instance")

    assert not [name for name in answer.headers if name.startswith("x-ratelimit")]


async def test_programs_are_registered_and_pictures_uploaded_less_often(
    app: Starlette, zoe: AsyncClient, public: AsyncClient
):
    app.state.limits = Limits(100_000, Clock())

    assert (await public.post("/api/v1/apps")).headers["x-ratelimit-limit"] == str(APPS.most)
    for version in ("v1", "v2"):
        assert (await zoe.post(f"/api/{version}/media")).headers["x-ratelimit-limit"] == str(UPLOADS.most)
    for _ in range(UPLOADS.most - 2):
        assert (await zoe.post("/api/v2/media")).status_code == 422
    assert (await zoe.post("/api/v1/media")).status_code == 429
    assert (await zoe.get("/api/v1/lists")).status_code == 200


async def test_a_server_may_have_no_limit(app: Starlette, zoe: AsyncClient):
    app.state.limits = Limits(0)

    for _ in range(UPLOADS.most + 1):
        answer = await zoe.post("/api/v2/media")
        assert answer.status_code == 422
    assert "x-ratelimit-limit" not in answer.headers


def test_the_page_says_the_numbers():
    page = (Path(__file__).parents[3] / "docs" / "client-api.md").read_text()
    requests = read_settings({"COOPOLE_DATA": "/nowhere", "COOPOLE_ORIGIN": "https://lille.test"}).api_requests

    assert f"{requests:,} times in five minutes" in page
    assert f"{requests // KNOWN_FOR_UNKNOWN} times from one address" in page
    assert f"{UPLOADS.most} pictures may be uploaded in half an hour" in page
    assert f"{APPS.most} programs registered in ten minutes" in page
    assert (WINDOW_SECONDS, UPLOADS.seconds, APPS.seconds) == (300, 1800, 600)


def test_a_server_on_localhost_has_no_limit_unless_told():
    assert read_settings({"COOPOLE_DATA": "/nowhere"}).api_requests == 0
    assert read_settings({"COOPOLE_DATA": "/nowhere", "COOPOLE_API_REQUESTS": "9"}).api_requests == 9


@given(burst=st.integers(1, 50), pauses=st.lists(st.floats(0, 20), max_size=60))
def test_as_many_may_follow_as_it_says(burst: int, pauses: list[float]):
    clock = Clock()
    buckets = Buckets(burst, 3.0, clock)
    for pause in pauses:
        clock.now += pause
        left = buckets.draw("a").left
        assert 0 <= left < burst
    left = buckets.draw("a").left
    assert [buckets.draw("a").wait_seconds == 0 for _ in range(left)] == [True] * left
