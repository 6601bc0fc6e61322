"""The doors for other servers, over the fixed cast; pages stand behind them as they do in the real application."""

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from federation.actors import create_local
from federation.context import Context
from models.actor import Actor, ActorType
from server.activitypub.routes import ROUTES
from server.errors import AppError
from tests.server.activitypub.asker import Asker
from tests.world import World


async def page(request: Request) -> Response:
    """Stand for the page of the same path."""
    return HTMLResponse("<h1>A page</h1>")


async def on_app_error(request: Request, error: Exception) -> Response:
    """Answer an error as the application does."""
    assert isinstance(error, AppError)
    return JSONResponse({"error": error.message}, error.status)


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Answer what Starlette or a route refused."""
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


PAGES = [Route(path, page) for path in ("/actors/{id:int}", "/posts/{id:int}", "/@{username}", "/@{username}/{id:int}")]


@pytest.fixture
def app(ctx: Context) -> Starlette:
    """The application, as far as other servers see it."""
    app = Starlette(
        routes=[*ROUTES, *PAGES], exception_handlers={AppError: on_app_error, HTTPException: on_http_exception}
    )
    app.state.context = ctx
    return app


@pytest.fixture
def asker(app: Starlette, world: World) -> Asker:
    """Somebody who asks."""
    return Asker(app, world)


@pytest.fixture
async def instance(ctx: Context) -> Actor:
    """The actor of the server itself."""
    return await create_local(
        ctx.names,
        ActorType.APPLICATION,
        "instance",
        display_name="lille.test",
        now=ctx.now(),
        uri=ctx.names.instance_actor,
    )
