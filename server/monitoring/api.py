"""The doors for whoever runs the server: /metrics, /health/live, /health/ready; and /health, for clients."""

import asyncio

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from tortoise.exceptions import BaseORMException

from federation.context import Context
from server.config import Settings
from server.monitoring.access import may_see_numbers
from server.monitoring.backlog import Backlog, take_stock
from server.monitoring.exposition import exposed
from server.monitoring.health import Doctor
from server.ttl_cache import TtlCache

STOCK_SECONDS = 5.0
PATIENCE_SECONDS = 5.0
UNKEPT = {"Cache-Control": "no-store"}


async def metrics(request: Request) -> Response:
    """GET /metrics -> every number in Prometheus' text format; to strangers 404, as if there were nothing here."""
    settings: Settings = request.app.state.settings
    if not may_see_numbers(request, settings):
        raise HTTPException(404)
    text = exposed(settings.data, await _stock(request))
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST, **UNKEPT})


async def _stock(request: Request) -> Backlog | None:
    """Count what is to do, or take what was counted a moment ago; None where the database is away."""
    state = request.app.state
    if not hasattr(state, "stock"):
        state.stock = TtlCache[str, Backlog](STOCK_SECONDS, 1)
    kept: TtlCache[str, Backlog] = state.stock
    if (found := kept.get("all")) is not None:
        return found
    ctx: Context = state.context
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return kept.keep("all", await take_stock(ctx.now()))
    except (BaseORMException, OSError):  # a TimeoutError is an OSError
        return None


async def live(request: Request) -> Response:
    """GET /health/live -> {"status": "live"} for as long as this process answers; nothing else is touched."""
    return JSONResponse({"status": "live"}, headers=UNKEPT)


async def well(request: Request) -> Response:
    """GET /health -> OK, as clients of Mastodon ask whether a server is up; it looks at nothing else."""
    return PlainTextResponse("OK", headers=UNKEPT)


async def ready(request: Request) -> Response:
    """GET /health/ready -> {"status": "ready", "parts": {"database": "ok", …}}; 503 where requests should go elsewhere."""
    state = request.app.state
    if not hasattr(state, "doctor"):
        state.doctor = Doctor(state.settings)
    doctor: Doctor = state.doctor
    found = await doctor.look()
    parts = {"database": found.database, "migrations": found.migrations, "broker": found.broker}
    return JSONResponse({"status": found.word, "parts": parts}, 200 if found.is_ready else 503, UNKEPT)


ROUTES = [
    Route("/metrics", metrics),
    Route("/health", well),
    Route("/health/live", live),
    Route("/health/ready", ready),
]
