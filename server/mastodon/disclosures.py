"""What the server as a whole makes known: figures, if its administrator wishes it, and under what terms it is used.

Source: docs.joinmastodon.org/methods/instance
"""

from datetime import date
from html import escape
from typing import Annotated, TypedDict
from weakref import WeakKeyDictionary

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from server.admin import figures, terms
from server.admin.figures import Week
from server.admin.switches import Switch, is_on
from server.admin.terms import Terms, as_html
from server.errors import NotFound
from server.mastodon.answers import Json
from server.mastodon.asking import context
from server.mastodon.entities.kinds import Day, Html, Instant
from server.mastodon.entities.moments import instant
from server.sections import queries as sections
from server.ttl_cache import TtlCache

TTL_SECONDS = 600.0

_KEPT: WeakKeyDictionary[Starlette, TtlCache[str, bytes]] = WeakKeyDictionary()


class WeekOfActivity(TypedDict):
    """What happened here in a week; numbers as texts. Who logs in is counted nowhere."""

    week: str
    statuses: str
    logins: str
    registrations: str


class TermsOfService(TypedDict):
    """Under what terms the server is used."""

    effective_date: Day
    effective: bool
    content: Html
    succeeded_by: Day | None


class PrivacyPolicy(TypedDict):
    """What becomes of personal data."""

    updated_at: Instant
    content: Html


async def peers(request: Request) -> Annotated[Response, list[str]]:
    """GET /api/v1/instance/peers -> the servers that this one knows.

    Raises:
        NotFound: whoever runs this server does not make that known.
    """
    await _check(Switch.PEERS)
    kept = _KEPT.setdefault(request.app, TtlCache(TTL_SECONDS, 8))
    body = kept.get("peers") or kept.keep("peers", orjson.dumps(await figures.known_hosts()))
    return Response(body, media_type="application/json; charset=utf-8")


async def activity(request: Request) -> Annotated[Response, list[WeekOfActivity]]:
    """GET /api/v1/instance/activity -> the last twelve weeks, the one that is not over first.

    Raises:
        NotFound: whoever runs this server does not make that known.
    """
    await _check(Switch.ACTIVITY)
    kept = _KEPT.setdefault(request.app, TtlCache(TTL_SECONDS, 8))
    if (body := kept.get("activity")) is None:
        weeks = [_week(one) for one in await figures.weeks(context(request).now())]
        body = kept.keep("activity", orjson.dumps(weeks))
    return Response(body, media_type="application/json; charset=utf-8")


async def _check(switch: Switch) -> None:
    if not await is_on(switch):
        raise NotFound("This server does not make that known.")


def _week(one: Week) -> WeekOfActivity:
    return {
        "week": str(int(one.began_at.timestamp())),
        "statuses": str(one.posts),
        "logins": "0",
        "registrations": str(one.newcomers),
    }


async def terms_of_service(request: Request) -> Json[TermsOfService]:
    """GET /api/v1/instance/terms_of_service -> TermsOfService, those that hold today.

    Raises:
        NotFound: there are none.
    """
    today = context(request).now().date()
    if (found := await terms.current(today)) is None:
        raise NotFound("This server has no terms of use.")
    return Json(_terms(found, await terms.all_terms(), today))


async def terms_of_a_day(request: Request) -> Json[TermsOfService]:
    """GET /api/v1/instance/terms_of_service/{date} -> TermsOfService, those that hold from that day on.

    Raises:
        NotFound: there are none.
    """
    asked, published = request.path_params["date"], await terms.all_terms()
    if (found := next((one for one in published if one.since.isoformat() == asked), None)) is None:
        raise NotFound("This server has no terms of use from that day on.")
    return Json(_terms(found, published, context(request).now().date()))


def _terms(one: Terms, published: list[Terms], today: date) -> TermsOfService:
    later = [other.since for other in published if other.since > one.since]
    return {
        "effective_date": one.since.isoformat(),
        "effective": one.since <= today,
        "content": as_html(one.text),
        "succeeded_by": min(later).isoformat() if later else None,
    }


async def privacy_policy(request: Request) -> Json[PrivacyPolicy]:
    """GET /api/v1/instance/privacy_policy -> PrivacyPolicy: where it is read, in the language of whoever reads it.

    Raises:
        NotFound: the server is not set up yet.
    """
    if (main := await sections.main()) is None:
        raise NotFound("This server is not set up yet.")
    page = escape(f"{context(request).names.origin}/about#privacy")
    return Json({"updated_at": instant(main.created_at), "content": f'<p><a href="{page}">{page}</a></p>'})
