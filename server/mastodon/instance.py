"""What the server says of itself to clients.   Source: docs.joinmastodon.org/methods/instance

Every client asks at its start, so the answer is kept for TTL_SECONDS as finished bytes.
"""

from collections.abc import Callable
from typing import Annotated
from weakref import WeakKeyDictionary

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from tortoise.functions import Count

from federation.context import Context
from federation.naming import Names
from federation.sanitise import plain_text
from models.actor import Actor
from server.activitypub.wellknown import count_usage
from server.admin.rules import all_rules
from server.admin.terms import all_terms
from server.front_door import repeatable
from server.mastodon.answers import Json
from server.mastodon.asking import context
from server.mastodon.entities.instance import (
    LANGUAGES,
    About,
    Instance,
    Language,
    Rule,
    V1Instance,
    instance_v1,
    instance_v2,
    rule,
)
from server.mastodon.entities.kinds import Nothing
from server.media.store import MediaStore
from server.push.identity import key, public_text
from server.sections import queries as sections
from server.sign_up.mode import mode
from server.ttl_cache import TtlCache

TTL_SECONDS = 60.0

_KEPT: WeakKeyDictionary[Starlette, TtlCache[str, bytes]] = WeakKeyDictionary()


async def show_v2(request: Request) -> Annotated[Response, Instance]:
    """GET /api/v2/instance -> Instance."""
    return await _kept(request, "v2", instance_v2)


async def show_v1(request: Request) -> Annotated[Response, V1Instance]:
    """GET /api/v1/instance -> V1::Instance."""
    return await _kept(request, "v1", instance_v1)


async def _kept(request: Request, name: str, write: Callable[[About, Names], Instance | V1Instance]) -> Response:
    kept = _KEPT.setdefault(request.app, TtlCache(TTL_SECONDS, 8))
    if (body := kept.get(name)) is None:
        ctx = context(request)
        body = kept.keep(name, orjson.dumps(write(await about(ctx, request.app.state.media), ctx.names)))
    repeatable(request.scope)
    return Response(body, media_type="application/json; charset=utf-8")


async def about(ctx: Context, store: MediaStore) -> About:
    """Read what the server says of itself from its main section; its figures are those of NodeInfo."""
    main, usage = await sections.main(), await count_usage(ctx)
    contact: Actor | None = main.actor if main else None
    hosts = Actor.filter(is_local=False).annotate(total=Count("host", distinct=True)).values_list("total", flat=True)
    return About(
        title=usage.node_name,
        description=plain_text(contact.note_html) if contact else "",
        email=main.contact if main and "@" in main.contact else "",
        contact=contact,
        members=usage.total,
        active_members=usage.active_month,
        posts=usage.posts,
        hosts=int(str((await hosts)[0])),
        push_key=public_text(await key()),
        picture_bytes=store.max_bytes,
        film_bytes=store.max_film_bytes if store.takes_films else 0,
        sign_up=await mode(),
        rules=await all_rules(),
        has_terms=bool(await all_terms()),
    )


async def rules(request: Request) -> Json[list[Rule]]:
    """GET /api/v1/instance/rules -> [Rule]."""
    return Json([rule(one) for one in await all_rules()])


async def languages(request: Request) -> Json[list[Language]]:
    """GET /api/v1/instance/languages -> [{"code", "name"}], those in which the server speaks."""
    return Json([{"code": code, "name": name} for code, name in LANGUAGES.items()])


async def translation_languages(request: Request) -> Json[Nothing]:
    """GET /api/v1/instance/translation_languages -> {}: nothing is translated here."""
    return Json({})
