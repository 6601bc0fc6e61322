"""The web process: builds the application out of its rooms, and serves it. It alone may import the pages."""

import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from tortoise.exceptions import BaseORMException

from federation.errors import (
    BadSignature,
    FederationError,
    MalformedActivity,
    NotAuthorised,
    ObjectGone,
    RejectedByPolicy,
    RemoteUnavailable,
    UnsupportedActivity,
)
from models import database
from server.activitypub.admission import Admission
from server.activitypub.journal import Journal
from server.config import Settings, read_settings
from server.doorstep import on_doorstep
from server.errors import AppError
from server.front_door import FrontDoor, Repeats
from server.logs import configure_logs
from server.mastodon.cors import CrossOrigin
from server.mastodon.limits import Limits
from server.media.copies import Copies
from server.media.film_copies import FilmCopies
from server.media.store import MediaStore
from server.monitoring import metrics
from server.monitoring.requests import RequestWatch, logs_requests, route_of
from server.request_id import RequestId
from server.routes import ROUTES
from server.runtime import running
from server.streaming.hub import Hub
from web.routes import ROUTES as PAGES
from web.routes import error_page

FINISH_SECONDS = 10
MAX_SOCKET_BYTES = 4096
HEARTBEAT_SECONDS = 30.0
RETRY_AFTER_SECONDS = 60
GIVE_UP_SECONDS = 60
FOR_PROGRAMS = ("/api/", "/oauth/", "/.well-known/", "/nodeinfo/")
FOR_PEOPLE = "/oauth/authorize"

STATUS_OF: Mapping[type[FederationError], int] = {
    MalformedActivity: 400,
    BadSignature: 401,
    NotAuthorised: 403,
    RejectedByPolicy: 403,
    ObjectGone: 410,
    UnsupportedActivity: 422,
    RemoteUnavailable: 503,
    FederationError: 422,
}

log = structlog.get_logger()


def create_app(settings: Settings) -> Starlette:
    """Build the application. Database, keys and network are opened when it starts, and closed when it stops."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with running(settings) as context:
            app.state.context = context
            app.state.journal = Journal(context)
            async with app.state.hub.running(settings.redis_url):
                yield

    app = Starlette(
        routes=[*ROUTES, *PAGES],
        middleware=[
            Middleware(RequestId),
            Middleware(RequestWatch, settings=settings),
            Middleware(FrontDoor),
            Middleware(CrossOrigin),
        ],
        exception_handlers={
            AppError: on_app_error,
            FederationError: on_federation_error,
            HTTPException: on_http_exception,
            BaseORMException: on_database_error,
            ClientDisconnect: on_disconnect,
            Exception: on_failure,
        },
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.repeats = Repeats()
    app.state.hub = Hub()
    app.state.media = MediaStore(settings)
    app.state.copies = Copies(app.state.media)
    app.state.film_copies = FilmCopies(app.state.media)
    app.state.admission = Admission(settings.inbox_max_waiting)
    app.state.limits = Limits(settings.api_requests)
    return app


async def on_app_error(request: Request, error: Exception) -> Response:
    """Answer what the person or program asking did wrong."""
    assert isinstance(error, AppError)
    return answer(request, error.status, error.message, error.headers)


async def on_federation_error(request: Request, error: Exception) -> Response:
    """Answer what another server did wrong; at an inbox it is logged, since whoever tries once tries again."""
    path: str = request.scope["path"]
    if request.method == "POST" and path.endswith("/inbox"):
        log.info("request refused", path=path, why=type(error).__name__, error=str(error))
    status = next(STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF)
    return answer(request, status, str(error))


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Answer what Starlette found wrong: no such route, a method that is not allowed."""
    assert isinstance(error, HTTPException)
    return answer(request, error.status_code, error.detail, error.headers)


async def on_database_error(request: Request, error: Exception) -> Response:
    """Answer that the database cannot work now; anything else that it says is our own fault."""
    assert isinstance(error, BaseORMException)
    if not database.is_away(error):
        raise error
    log.error("database is away", route=route_of(request.scope), error=repr(error))
    return answer(request, 503, "This server cannot reach its memory right now.")


async def on_disconnect(request: Request, error: Exception) -> Response:
    """Answer nobody: whoever asked hung up before the whole request was here."""
    return Response(status_code=400)


async def on_failure(request: Request, error: Exception) -> Response:
    """Answer what is our own fault, saying nothing of it but the request id; Starlette has it logged."""
    log.error("request failed", route=route_of(request.scope), exc_info=error)
    id_ = request.state.request_id
    return answer(request, 500, f"Something failed here. Its number is {id_}.", {"X-Request-Id": id_})


def answer(request: Request, status: int, message: str, headers: Mapping[str, Any] | None = None) -> Response:
    """Give an error to a program as JSON, to a person as a page."""
    more = dict(headers or {})
    if status == 503:
        more["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if wants_page(request):
        response = error_page(request, status, message)
        response.headers.update(more)
        return response
    return JSONResponse({"error": message}, status, more)


def wants_page(request: Request) -> bool:
    """Whether a person with a browser is asking, rather than a program."""
    path: str = request.scope["path"]
    if (path.startswith(FOR_PROGRAMS) and path != FOR_PEOPLE) or path.endswith("/inbox"):
        return False
    return "text/html" in request.headers.get("accept", "")


def run_web(listener: socket.socket | None = None, name: str = "web") -> int:
    """Serve until told to stop; the exit status. `listener` is a listening socket; without one, settings say where."""
    settings = read_settings()
    configure_logs(settings, process=name)
    metrics.watch_process(settings.data, name)
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host=settings.listen_host,
        port=settings.listen_port,
        loop="uvloop",
        http=on_doorstep(app.state.repeats) if not logs_requests(settings) else "httptools",  # type: ignore[arg-type]
        ws="websockets-sansio",
        ws_max_size=MAX_SOCKET_BYTES,
        ws_ping_interval=HEARTBEAT_SECONDS,
        ws_ping_timeout=HEARTBEAT_SECONDS,
        ws_per_message_deflate=False,  # its buffers would cost each open stream more than all else of it
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=FINISH_SECONDS,
        timeout_keep_alive=75,
        backlog=2048,
    )
    server = uvicorn.Server(config)
    listener = listener or config.bind_socket()
    if listener.family != socket.AF_UNIX and sys.platform == "linux":
        # Of connections that it accepts: a client that takes nothing is given up, and with it what waits for it.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, GIVE_UP_SECONDS * 1000)
    server.run(sockets=[listener])
    return 0 if server.started else 1
