"""Who signed a request: the one door through which anything from another server passes.

Keys are kept parsed, and fetched again once when a signature does not fit, since actors change their keys.
Source: https://docs.joinmastodon.org/spec/security/; draft-cavage-http-signatures-12; RFC 9421
"""

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from federation.actors import key_of, owner_of, refresh
from federation.context import Context
from federation.dereference import Dereferencer
from federation.errors import BadSignature, FederationError, ObjectGone, RejectedByPolicy
from federation.jsonld import Json, type_of, uri_of
from federation.keys import PublicKey
from federation.policy import check_host
from federation.signatures import Signature, SignedRequest, read_signature, verify
from federation.uris import host_of, same_origin
from federation.vocabulary import ACTOR_TYPES
from models.actor import Actor

MAX_KEYS = 10_000
KEY_LIFETIME = timedelta(minutes=1)
REFETCH_PAUSE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key, whose it is, and when we took it from the database or from home."""

    key: PublicKey
    actor_uri: str
    fetched_at: datetime
    loaded_at: datetime


class KeyRing:
    """The parsed keys of one process, the least recently used leaving first."""

    def __init__(self) -> None:
        self._keys: OrderedDict[str, KnownKey] = OrderedDict()

    def get(self, key_id: str, now: datetime) -> KnownKey | None:
        """Give a key that was loaded not long ago."""
        known = self._keys.get(key_id)
        if known is None or now - known.loaded_at > KEY_LIFETIME:
            return None
        self._keys.move_to_end(key_id)
        return known

    def keep(self, key_id: str, known: KnownKey) -> KnownKey:
        """Remember a key."""
        self._keys[key_id] = known
        if len(self._keys) > MAX_KEYS:
            self._keys.popitem(last=False)
        return known

    def forget(self) -> None:
        """Forget every key, as when another database was opened."""
        self._keys.clear()


KEYS = KeyRing()


def read(request: SignedRequest, ctx: Context) -> Signature:
    """Read the signature of a request that was made for this server.

    Raises:
        BadSignature: there is none that we can use, or it was made for another server.
    """
    signature = read_signature(replace(request, origin=ctx.names.origin), now=ctx.now())
    if request.headers.get("host", "").lower() != ctx.names.host:
        raise BadSignature("The request was signed for another server.")
    return signature


async def signer_uri(request: SignedRequest, ctx: Context) -> str:
    """Tell which actor signed the request, by its uri.

    Raises:
        BadSignature: nobody, or nobody whose key can be had.
        RejectedByPolicy: the key is of a blocked domain.
        ObjectGone: the key's owner is no more.
    """
    signature = read(request, ctx)
    await check_host(host_of(signature.key_id))
    known = await _key(signature.key_id, ctx)
    try:
        verify(signature, known.key)
    except BadSignature:
        if ctx.now() - known.fetched_at < REFETCH_PAUSE:
            raise
        known = await _fetch(signature.key_id, ctx)
        verify(signature, known.key)
    return known.actor_uri


async def _key(key_id: str, ctx: Context) -> KnownKey:
    if (known := KEYS.get(key_id, ctx.now())) is not None:
        return known
    actor = await owner_of(key_id)
    return _keep(key_id, actor, ctx) if actor is not None else await _fetch(key_id, ctx)


def _keep(key_id: str, actor: Actor, ctx: Context) -> KnownKey:
    key = key_of(actor, key_id)
    fetched_at = actor.fetched_at or actor.published_at
    return KEYS.keep(key_id, KnownKey(key, actor.uri, fetched_at, ctx.now()))


async def _fetch(key_id: str, ctx: Context) -> KnownKey:
    """Fetch a key from home: it must name its owner, and the owner must name it.

    Raises:
        BadSignature: it cannot be had, or the two do not agree.
    """
    fetch = Dereferencer(ctx.client, ctx.signer)
    try:
        document = await fetch.document(key_id)
        owner = uri_of(document) if type_of(document) in ACTOR_TYPES else _owner_in(document)
        if owner is None or not same_origin(owner, key_id):
            raise BadSignature(f"{key_id} does not say whose key it is.")
        actor = await refresh(owner, ctx.for_batch(), fetch)
    except (ObjectGone, RejectedByPolicy, BadSignature):
        raise
    except FederationError as error:
        raise BadSignature(f"The key {key_id} cannot be fetched: {error}") from error
    return _keep(key_id, actor, ctx)


def _owner_in(key: Json) -> str | None:
    return uri_of(key.get("owner")) or uri_of(key.get("controller"))
