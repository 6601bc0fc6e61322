"""The inbox: verify, keep, answer 202; workers do the rest.   Source: ActivityPub §5.2, §7.1.3."""

from time import perf_counter

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import server.paths  # noqa: F401 - its convertors are used below
from federation import follower_sync, forwarding, policy
from federation.activities import Activity, parse
from federation.context import Context
from federation.errors import BadSignature, ObjectGone, RejectedByPolicy
from federation.follower_digests import HEADER
from federation.handlers import HANDLERS
from federation.jsonld import dump, load
from federation.renewal import bury_if_gone
from federation.signatures import SignedRequest
from federation.uris import same_origin
from federation.verification import KEYS, read, signer_of
from models.activity import ActivityRecord
from models.actor import Actor
from models.inbox import Arrival
from server.activitypub.admission import Admission
from server.activitypub.counting import counted_signature
from server.activitypub.journal import Journal
from server.bodies import read_body
from server.errors import NotFound
from server.monitoring.metrics import INBOX_ACCEPT_SECONDS, count_signature
from server.throttle import address_of

ACCEPTED = b'{"status":"accepted"}'
UNDERSTOOD = frozenset(kind for kind, _ in HANDLERS)


async def shared_inbox(request: Request) -> Response:
    """POST /inbox and /actors/{id}/inbox -> 202, or a sentence saying what is wrong with what was sent.

    Source: ActivityPub §7.1.3 (sharedInbox).
    """
    ctx: Context = request.app.state.context
    started = perf_counter()
    body = await read_body(request, request.app.state.settings.max_body_bytes)
    activity = parse(load(body))
    signed = as_signed(request, body)
    admission: Admission = request.app.state.admission
    try:
        with counted_signature():
            signature = read(signed, ctx)
            is_known = KEYS.get(signature.key_id, ctx.now()) is not None
            is_checked_when_kept = is_known and _is_plain(activity, signature.key_id, signed)
            async with admission.verifying(signature.key_id, address_of(request), len(body), is_known=is_known):
                signer = await signer_of(signature, ctx, is_host_checked=is_checked_when_kept)
    except ObjectGone as gone:
        if activity.type == "Delete" and activity.object_uri == activity.actor_uri:
            if same_origin(signature.key_id, activity.actor_uri):
                await bury_if_gone(activity.actor_uri, ctx)
            return _accepted()
        raise BadSignature(str(gone)) from gone  # a 410 would say that this inbox is gone
    if activity.type not in UNDERSTOOD:
        return _accepted()
    if is_passed_on := activity.actor_uri != signer:
        if await ActivityRecord.kept([activity.uri]):  # the same thing is often passed on by many
            return _accepted()
        async with admission.verifying(activity.actor_uri, address_of(request), len(body)):
            activity = await forwarding.vouch(activity, ctx)
        signer, body = activity.actor_uri, dump(activity.document).encode()
    elif HEADER in signed.headers:
        await follower_sync.compare(signed, signer, ctx)
    policy.check_names(activity, signer)
    arrival = Arrival(signer, activity.uri, body.decode(), ctx.now())
    await admission.admit(arrival.host, is_passed_on=is_passed_on)
    try:
        await _journal(request).keep(arrival)
    except RejectedByPolicy as blocked:
        count_signature(blocked)
        raise
    INBOX_ACCEPT_SECONDS.observe(perf_counter() - started)
    return _accepted()


async def own_inbox(request: Request) -> Response:
    """POST /actors/{id}/inbox and /actor/inbox -> as the shared inbox, if there is such an actor."""
    names = request.app.state.context.names
    id_ = request.path_params.get("id")
    uri = names.instance_actor if id_ is None else names.actor(id_)
    if not await Actor.lives_here(uri):
        raise NotFound("There is no such inbox.")
    return await shared_inbox(request)


def _is_plain(activity: Activity, key_id: str, signed: SignedRequest) -> bool:
    """Whether nothing follows from a request but that what it brought is kept, where its signer's host is looked at."""
    is_kept = activity.type in UNDERSTOOD and HEADER not in signed.headers
    return is_kept and same_origin(key_id, activity.actor_uri)


def _journal(request: Request) -> Journal:
    journal: Journal = request.app.state.journal
    return journal


def _accepted() -> Response:
    return Response(ACCEPTED, status_code=202, media_type="application/json")


def as_signed(request: Request, body: bytes) -> SignedRequest:
    """Give a request in the form that signatures are read from."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in request.headers.raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1").strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    raw_path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query: bytes = request.scope["query_string"]
    target = raw_path.decode("latin-1") + (f"?{query.decode('latin-1')}" if query else "")
    return SignedRequest(request.method, target, headers, body)


ROUTES = [
    Route("/inbox", shared_inbox, methods=["POST"]),
    Route("/actor/inbox", own_inbox, methods=["POST"]),
    Route("/actors/{id:row}/inbox", own_inbox, methods=["POST"]),
]
