"""The client API described for programs, made from its table: `openapi.json`.   Source: OpenAPI 3.1; JSON Schema 2020-12

What an endpoint takes stands in its row, what it gives in its return type, and what either is made of in the types.
"""

import hashlib
import inspect
import re
from collections.abc import Sequence
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec
import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from server.config import VERSION
from server.kept_answers import kept
from server.mastodon.answers import Json
from server.mastodon.asking import context
from server.mastodon.door import Row
from server.mastodon.entities.kinds import Failure
from server.oauth.scopes import Access, Endpoint

Document = dict[str, Any]
Schemas = dict[Any, Document]

PREFIX = "/api"
MAX_AGE_SECONDS = 3600
BODIES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
TEXTS = {StreamingResponse: "text/event-stream", PlainTextResponse: "text/plain"}
REFERENCE = "#/components/schemas/{name}"

_BLANK = re.compile(r"\{(\w+)\}")


def endpoint(rows: Sequence[Row]) -> Endpoint:
    """Give the endpoint that describes these rows, and itself, as they are when it is first asked."""

    async def make(request: Request) -> Response:
        body = orjson.dumps(describe(rows, context(request).names.origin))
        tag = hashlib.blake2b(body, digest_size=16).hexdigest()
        headers = {"ETag": f'"{tag}"', "Cache-Control": f"max-age={MAX_AGE_SECONDS}"}
        return Response(body, media_type="application/json", headers=headers)

    kept_answer = kept(make, lambda _: ("openapi",))

    async def show(request: Request) -> Annotated[Response, dict[str, Any]]:
        """GET /api/openapi.json -> OpenAPI: this API, described for programs."""
        return await kept_answer(request)

    return show


def describe(rows: Sequence[Row], origin: str) -> Document:
    """Describe endpoints as an OpenAPI document."""
    types = list(dict.fromkeys([Failure, *(type_ for row in rows for type_ in _named(row))]))
    schemas, components = msgspec.json.schema_components(types, ref_template=REFERENCE)
    schema_of = dict(zip(types, schemas, strict=True))
    paths: Document = {}
    for row in rows:
        for verb in row.verbs:
            paths.setdefault(f"{PREFIX}{row.path}", {})[verb.lower()] = _operation(row, verb, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Coopole", "version": VERSION, "description": "What Mastodon apps ask of this server."},
        "servers": [{"url": origin}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def gives(row: Row) -> tuple[str, list[Any]]:
    """Tell what an endpoint answers: a media type, and where that is JSON the types that it may be of."""
    hint = get_type_hints(inspect.unwrap(row.endpoint), include_extras=True)["return"]
    if get_origin(hint) is Annotated:
        return BODIES[0], [get_args(hint)[1]]
    if isinstance(hint, type) and not issubclass(hint, Json):
        return next(TEXTS[kind] for kind in hint.__mro__ if kind in TEXTS), []
    kinds = get_args(hint) if get_origin(hint) is not Json else (hint,)
    return BODIES[0], [get_args(kind)[0] for kind in kinds]


def _named(row: Row) -> list[Any]:
    """List the types of what a row answers, and of the body that it takes."""
    return [*gives(row)[1], *([row.takes] if row.takes is not None and not _is_query(row.verbs[0]) else [])]


def _is_query(verb: str) -> bool:
    """Whether a request of this method says in its address what it wants to say."""
    return verb in ("GET", "DELETE")


def _operation(row: Row, verb: str, schema_of: Schemas) -> Document:
    name = inspect.unwrap(row.endpoint)
    said = inspect.getdoc(name) or ""
    described: Document = {
        "operationId": f"{verb.lower()}{_BLANK.sub('one', row.path).replace('/', '_')}",
        "tags": [name.__module__.rpartition(".")[2]],
        "summary": said.partition("\n")[0].partition(" -> ")[2],
        "security": security(row.access),
        "parameters": [_in_path(blank) for blank in _BLANK.findall(row.path)],
        "responses": _responses(row, schema_of),
    }
    if row.takes is not None and _is_query(verb):
        described["parameters"] += _in_query(row.takes)
    elif row.takes is not None:
        described["requestBody"] = _body(row.takes, schema_of[row.takes])
    return described


def security(access: Access) -> list[Document]:
    """Say which tokens open an endpoint: any one of the list; {} is none at all."""
    if access.is_for_all:
        return []
    wanted = [{"token": [scope]} for scope in access.scopes] or [{"token": []}]
    return [{}, *wanted] if access.is_public else wanted


def _in_path(name: str) -> Document:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _in_query(takes: type) -> list[Document]:
    schema = msgspec.json.schema_components([takes])[1][takes.__name__]
    required = schema.get("required", [])
    return [
        {
            "name": f"{name}[]" if kind.get("type") == "array" else name,
            "in": "query",
            "required": name in required,
            "schema": kind,
        }
        for name, kind in schema["properties"].items()
    ]


def _body(takes: type, schema: Document) -> Document:
    parts = msgspec.json.schema_components([takes])[1][takes.__name__]
    has_file = any(kind.get("format") == "binary" for kind in parts["properties"].values())
    kinds = BODIES[-1:] if has_file else BODIES
    return {"required": bool(parts.get("required")), "content": {kind: {"schema": schema} for kind in kinds}}


def _responses(row: Row, schema_of: Schemas) -> Document:
    kind, types = gives(row)
    schemas = [schema_of[type_] for type_ in types]
    content = {} if not schemas else {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}}
    refused = {"application/json": {"schema": schema_of[Failure]}}
    return {
        "200": {"description": "What was asked for", "content": {kind: content}},
        "4XX": {"description": "A refusal, in one sentence", "content": refused},
        "503": {"description": "Not now", "content": refused},
    }
