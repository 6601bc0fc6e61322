"""Where other servers begin: WebFinger, host-meta, NodeInfo.

Source: RFC 7033 (WebFinger); RFC 6415 (host-meta); RFC 7565 (acct); nodeinfo.diaspora.software (2.0, 2.1);
FEP-2677; FEP-d556; FEP-3b86
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from xml.sax.saxutils import quoteattr

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from federation.context import Context
from federation.errors import MalformedActivity
from federation.naming import Names
from federation.uris import parse_uri
from federation.vocabulary import ACTIVITY_JSON, NAMESPACE
from federation.webfinger import INTENT_RELS, SUBSCRIBE_REL, parse_handle
from models.actor import Actor, ActorType
from models.ids import id_at
from models.member import Member
from models.post import OPEN, Post
from models.section import Section
from models.sign_up import SignUpMode
from server.activitypub.negotiation import MAX_AGE_SECONDS, respond_bytes
from server.config import VERSION
from server.errors import Gone, NotFound
from server.front_door import repeatable
from server.sign_up.mode import mode

JRD = "application/jrd+json"
XRD = "application/xrd+xml; charset=utf-8"
PROFILE_PAGE = "http://webfinger.net/rel/profile-page"
JOIN_INTENT = f"{INTENT_RELS}Join"
OBJECT_INTENT = f"{INTENT_RELS}Object"
NODEINFO_SCHEMA = "http://nodeinfo.diaspora.software/ns/schema/"
NODEINFO_VERSIONS = ("2.0", "2.1")
STATIC_MAX_AGE_SECONDS = 3600
USAGE_LIFETIME = timedelta(minutes=10)

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")


async def webfinger(request: Request) -> Response:
    """GET /.well-known/webfinger?resource=acct:zoe@lille.example[&rel=…] -> the links of one actor of ours."""
    names: Names = request.app.state.context.names
    asked = request.query_params.getlist("resource")
    if len(asked) != 1:
        raise HTTPException(400, "Ask for exactly one resource.")
    columns = read_resource(asked[0], names)
    actor = None if columns is None else await Actor.filter(is_local=True, **columns).first()
    if actor is None:
        raise NotFound("Nobody here has that name.")
    if actor.gone_at is not None:
        raise Gone("This actor is gone.")
    return _answer(request, jrd_of(actor, names, request.query_params.getlist("rel")), JRD)


def read_resource(resource: str, names: Names) -> dict[str, str] | None:
    """Read which actor of ours a resource names, as the column that finds its row; None where it can be none of ours.

    Raises:
        HTTPException: (400) it is no URI.
    """
    scheme, colon, rest = resource.partition(":")
    if not colon or not _SCHEME.fullmatch(scheme):
        raise HTTPException(400, "The resource must be a URI, such as acct:name@host.")
    try:
        if scheme.lower() == "acct":
            return _read_acct(rest, names)
        if scheme.lower() in ("http", "https"):
            return _read_address(resource, names)
    except MalformedActivity:
        return None
    return None


def _read_acct(handle: str, names: Names) -> dict[str, str] | None:
    if handle.lower() in (f"{names.host}@{names.host}", f"{names.handle_host}@{names.handle_host}"):
        return {"uri": names.instance_actor}
    user, host = parse_handle(f"acct:{handle}")
    return {"local_name": user.lower()} if names.is_our_host(host) else None


def _read_address(address: str, names: Names) -> dict[str, str] | None:
    parsed = parse_uri(address)
    if parsed.origin != names.origin:
        return None
    path = parsed.url.removeprefix(names.origin)
    if path == "/":
        return {"uri": names.instance_actor}
    return {"local_name": path[2:].lower()} if path.startswith("/@") else {"uri": parsed.url}


def jrd_of(actor: Actor, names: Names, rels: list[str]) -> dict[str, Any]:
    """Write the links of an actor, of all relations or of those asked for.   Source: RFC 7033 §4.3, §4.4"""
    links = [
        {"rel": "self", "type": ACTIVITY_JSON, "href": actor.uri},
        {"rel": PROFILE_PAGE, "type": "text/html", "href": actor.url},
    ]
    if actor.type is ActorType.PERSON:
        links += [
            {"rel": JOIN_INTENT, "type": "text/html", "href": names.join_form},
            {"rel": OBJECT_INTENT, "type": "text/html", "href": names.look_up("object")},
            {"rel": SUBSCRIBE_REL, "template": names.look_up("uri")},
        ]
    if actor.type is ActorType.APPLICATION:  # FEP-d556
        links.append({"rel": f"{NAMESPACE}#Service", "type": ACTIVITY_JSON, "href": actor.uri})
    return {
        "subject": f"acct:{names.handle(actor.username)}",
        "aliases": [actor.uri, actor.url],
        "links": [link for link in links if not rels or link["rel"] in rels],
    }


async def host_meta(request: Request) -> Response:
    """GET /.well-known/host-meta -> where to ask for actors, in XML."""
    template = quoteattr(_webfinger_template(request))
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">'
        f'<Link rel="lrdd" type="{JRD}" template={template}/></XRD>\n'
    )
    return _answer_bytes(request, body.encode(), XRD, STATIC_MAX_AGE_SECONDS)


async def host_meta_json(request: Request) -> Response:
    """GET /.well-known/host-meta.json -> the same in JSON."""
    link = {"rel": "lrdd", "type": JRD, "template": _webfinger_template(request)}
    return _answer(request, {"links": [link]}, "application/json", STATIC_MAX_AGE_SECONDS)


def _webfinger_template(request: Request) -> str:
    return f"{request.app.state.context.names.origin}/.well-known/webfinger?resource={{uri}}"


async def nodeinfo_links(request: Request) -> Response:
    """GET /.well-known/nodeinfo -> where this server describes itself, and its actor."""
    names: Names = request.app.state.context.names
    links = [
        {"rel": f"{NODEINFO_SCHEMA}{version}", "href": f"{names.origin}/nodeinfo/{version}"}
        for version in NODEINFO_VERSIONS
    ]
    links.append({"rel": f"{NAMESPACE}#Application", "href": names.instance_actor})
    repeatable(request.scope)
    return _answer(request, {"links": links}, "application/json", STATIC_MAX_AGE_SECONDS)


async def nodeinfo(request: Request) -> Response:
    """GET /nodeinfo/2.0 and /nodeinfo/2.1 -> what runs here, and how much it is used."""
    version = request.path_params["version"]
    if version not in NODEINFO_VERSIONS:
        raise NotFound("NodeInfo is here in the versions 2.0 and 2.1.")
    usage = await _usage(request)
    users = {
        "total": usage.total,
        "activeMonth": usage.active_month,
        "activeHalfyear": usage.active_half_year,
    }
    document = {
        "version": version,
        "software": {"name": "coopole", "version": VERSION},
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": usage.takes_in,
        "usage": {"users": users, "localPosts": usage.posts},
        "metadata": {"nodeName": usage.node_name},
    }
    repeatable(request.scope)
    return _answer(request, document, f'application/json; profile="{NODEINFO_SCHEMA}{version}#"')


@dataclass(frozen=True, slots=True)
class Usage:
    """How much the server is used, at `counted_at`.

    Only logins and open posts count: who writes in private, or only reads, must not show in a number that moves.
    """

    total: int
    active_month: int
    active_half_year: int
    posts: int
    node_name: str
    takes_in: bool
    counted_at: datetime


async def _usage(request: Request) -> Usage:
    """Give the last count, or a new one when that is old."""
    ctx: Context = request.app.state.context
    last: Usage | None = getattr(request.app.state, "usage", None)
    if last is None or ctx.now() - last.counted_at > USAGE_LIFETIME:
        last = request.app.state.usage = await count_usage(ctx)
    return last


async def count_usage(ctx: Context) -> Usage:
    """Count the people who have a login here, those who posted of late, and the posts."""
    now = ctx.now()
    section = await Section.filter(is_main=True).select_related("actor").first()
    return Usage(
        total=await Member.filter(disabled_at=None, actor__gone_at=None).count(),
        active_month=await _active_since(now - timedelta(days=30)),
        active_half_year=await _active_since(now - timedelta(days=180)),
        posts=await Post.filter(visibility__in=OPEN, is_local=True).count(),
        node_name=section.actor.name if section else ctx.names.host,
        takes_in=await mode() in (SignUpMode.OPEN, SignUpMode.APPROVAL),
        counted_at=now,
    )


async def _active_since(moment: datetime) -> int:
    """Count the members who published an open post since then. Ids of our own posts are in the order of time."""
    first_id = id_at(int(moment.timestamp() * 1000))
    posts = Post.filter(visibility__in=OPEN, is_local=True, id__gte=first_id)
    authors = posts.filter(actor__member__id__isnull=False, actor__member__disabled_at=None)
    return len(await authors.distinct().values_list("actor_id", flat=True))


def _answer(request: Request, document: Any, type_: str, max_age_seconds: int = MAX_AGE_SECONDS) -> Response:
    return _answer_bytes(request, orjson.dumps(document), type_, max_age_seconds)


def _answer_bytes(request: Request, body: bytes, type_: str, max_age_seconds: int) -> Response:
    """Answer to anybody, scripts of any web page included.   Source: RFC 7033 §5"""
    headers = {
        "Content-Type": type_,
        "Cache-Control": f"public, max-age={max_age_seconds}",
        "Access-Control-Allow-Origin": "*",
    }
    return respond_bytes(request, body, 200, headers)
