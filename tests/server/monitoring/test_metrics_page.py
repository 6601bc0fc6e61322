"""/metrics: what is told, and to whom."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from httpx2 import ASGITransport, AsyncClient, Response
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

from federation.context import Context
from models import timing
from models.actor import Actor
from models.mail import Letter
from server.config import read_settings
from server.mail import actions as mail
from server.main import create_app
from server.monitoring import metrics, shared_values
from server.monitoring.access import PASSED_ON, bears_token, is_loopback
from tests import factories
from tests.server.activitypub.poster import FAR, Poster, build_app, follow_of
from tests.world import ORIGIN, World

TOKEN = "a-long-secret-for-prometheus"
HERE, OUTSIDE = ("127.0.0.1", 40000), ("203.0.113.9", 40000)
LOCAL = "http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def alone_afterwards() -> Iterator[None]:
    """Leave nothing shared, and nobody listening."""
    yield
    shared_values.unshare()
    timing.listen(None)


@pytest.fixture
def app(ctx: Context, tmp_path: Path) -> Starlette:
    """The application, over the context of the test."""
    environment = {"COOPOLE_DATA": str(tmp_path), "COOPOLE_ORIGIN": ORIGIN, "COOPOLE_METRICS_TOKEN": TOKEN}
    app = create_app(read_settings(environment))
    app.state.context = ctx
    return app


async def ask(
    app: Starlette, *, client: tuple[str, int] = HERE, base: str = LOCAL, path: str = "/metrics", **headers: str
) -> Response:
    """GET as somebody at an address does."""
    async with AsyncClient(transport=ASGITransport(app, client=client), base_url=base) as asking:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await asking.get(path, headers=named)


def sample(text: str, name: str, **labels: str) -> float:
    """Read one number; 0 where it is not there."""
    samples = [found for family in text_string_to_metric_families(text) for found in family.samples]
    return next((found.value for found in samples if found.name == name and found.labels == labels), 0.0)


async def test_this_machine_itself_is_told_every_number_in_the_format_of_prometheus(app: Starlette) -> None:
    reply = await ask(app)
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/plain; version=")
    assert reply.headers["cache-control"] == "no-store"
    names = {family.name for family in text_string_to_metric_families(reply.text)}
    assert {"coopole_inbox_messages", "coopole_hosts", "coopole_http_request_seconds", "coopole_signatures"} <= names
    assert sample(reply.text, "coopole_database_up") == 1
    assert sample(reply.text, "coopole_process_resident_bytes", process="web") > 1_000_000


async def test_letters_are_counted_and_nobody_is_named(app: Starlette, ctx: Context) -> None:
    await mail.post("trial", "zoe@post.example", ctx, language="fr", sender_name="Lille", host="lille.test")
    await Letter.all().update(due_at=ctx.now() - timedelta(hours=1))
    text = (await ask(app)).text
    assert [sample(text, "coopole_letters", state=state) for state in ("due", "leased", "failed")] == [1, 0, 0]
    assert sample(text, "coopole_letters_oldest_due_seconds") == 3600
    assert "post.example" not in text


@pytest.mark.parametrize("base", ["http://localhost:8000", "http://[::1]:8000", "http://127.0.0.5"])
async def test_this_machine_has_several_names(app: Starlette, base: str) -> None:
    assert (await ask(app, client=("::1", 1), base=base)).status_code == 200


@pytest.mark.parametrize("header", sorted(PASSED_ON))
async def test_what_a_proxy_passed_on_finds_nothing_though_the_proxy_is_here(app: Starlette, header: str) -> None:
    async with AsyncClient(transport=ASGITransport(app, client=HERE), base_url=LOCAL) as asking:
        refused = await asking.get("/metrics", headers={header: "127.0.0.1"})
        unknown = await asking.get("/nothing", headers={header: "127.0.0.1"})
    assert (refused.status_code, refused.text) == (404, unknown.text)


async def test_somebody_outside_finds_nothing(app: Starlette) -> None:
    assert (await ask(app, client=OUTSIDE)).status_code == 404


async def test_a_proxy_here_that_says_nothing_of_whom_it_asks_for_betrays_itself_by_the_name(app: Starlette) -> None:
    assert (await ask(app, base=ORIGIN)).status_code == 404


async def test_whoever_bears_the_token_may_ask_from_anywhere(app: Starlette) -> None:
    reply = await ask(app, client=OUTSIDE, base=ORIGIN, authorization=f"Bearer {TOKEN}", x_forwarded_for="203.0.113.9")
    assert reply.status_code == 200


@pytest.mark.parametrize(
    "wrong", ["", "Bearer", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}"]
)
async def test_a_wrong_token_finds_nothing(app: Starlette, wrong: str) -> None:
    assert (await ask(app, client=OUTSIDE, base=ORIGIN, authorization=wrong)).status_code == 404


@given(st.text(max_size=60))
def test_where_there_is_no_token_nothing_is_it(header: str) -> None:
    assert not bears_token(header, "")
    assert not bears_token(f"Bearer {header}", "")


@given(st.text(max_size=60))
def test_whatever_name_is_asked_for_it_is_judged(name: str) -> None:
    assert is_loopback(name) in (True, False)


async def test_arrivals_and_refusals_move_the_numbers(
    ctx: Context, section: Actor, remote_actor: Actor, world: World, tmp_path: Path
) -> None:
    app = build_app(ctx, tmp_path)
    poster = Poster(app, world)
    before = (await ask(app)).text
    assert (await poster.post(follow_of(section))).status == 202
    assert (await poster.post(follow_of(section), drop=["signature"])).status == 401
    assert (await poster.post(follow_of(section), date="Thu, 01 Jan 2026 00:00:00 GMT")).status == 401
    assert (await poster.post(follow_of(section), key=1)).status == 401
    app.state.stock.forget()
    after = (await ask(app)).text

    def moved(name: str, **labels: str) -> float:
        return sample(after, name, **labels) - sample(before, name, **labels)

    assert moved("coopole_signatures_total", result="verified", reason="") == 1
    refused = {
        reason: moved("coopole_signatures_total", result="refused", reason=reason)
        for reason in ("missing", "clock", "unfit")
    }
    assert refused == {"missing": 1, "clock": 1, "unfit": 1}
    assert moved("coopole_inbox_accept_seconds_count") == 1
    assert moved("coopole_inbox_messages", state="due") == 1
    assert moved("coopole_group_commit_rows_sum", of="journal") == 1
    assert moved("coopole_http_request_seconds_count", method="POST", route="/inbox", status="401") == 3


async def test_no_number_bears_a_name_that_somebody_else_made_up(
    ctx: Context, section: Actor, remote_actor: Actor, world: World, tmp_path: Path
) -> None:
    app = build_app(ctx, tmp_path)
    await Poster(app, world).post(factories.activity("Travel", FAR, section.uri))
    await ask(app, path="/@zoe-made-up")
    await ask(app, path="/nothing/made-up?q=made-up")
    metrics.count_activity("made-up", "refused")
    text = (await ask(app)).text
    assert "made-up" not in text
    assert "far.test" not in text
    assert sample(text, "coopole_activities_total", type="other", result="refused", reason="") >= 1


async def test_the_database_is_timed_by_kind_of_process(app: Starlette, tmp_path: Path) -> None:
    metrics.watch_process(tmp_path, "worker-7")
    before = (await ask(app)).text
    app.state.stock.forget()
    after = (await ask(app)).text
    assert sample(after, "coopole_database_statements_total", process="worker") > sample(
        before, "coopole_database_statements_total", process="worker"
    )
    assert sample(after, "coopole_database_seconds_total", process="worker") > 0
    assert sample(after, "coopole_process_cpu_seconds_total", process="worker-7") > 0


async def test_rows_are_counted_once_in_a_few_seconds_however_many_ask(app: Starlette, tmp_path: Path) -> None:
    metrics.watch_process(tmp_path, "web")
    await ask(app)
    asked: list[float] = []
    timing.listen(asked.append)
    await ask(app)
    assert asked == []


@pytest.fixture
async def other(app: Starlette) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(transport=ASGITransport(app, client=HERE), base_url=LOCAL) as asking:
        yield asking


async def test_a_method_that_nobody_knows_is_counted_as_other(other: AsyncClient) -> None:
    await other.request("BREW", "/metrics")
    text = (await other.get("/metrics")).text
    assert "BREW" not in text
    assert sample(text, "coopole_http_request_seconds_count", method="other", route="/metrics", status="405") >= 1
