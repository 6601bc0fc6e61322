"""Who signed a request, or proved a document: the one door through which anything from another server passes.

Keys are kept parsed, and fetched again once when a signature does not fit, since actors change their keys.
Source: https://docs.joinmastodon.org/spec/security/; draft-cavage-http-signatures-12; RFC 9421; FEP-8b32
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from federation import proofs
from federation.actors import key_of, owner_of, refresh
from federation.context import Context
from federation.dereference import Dereferencer
from federation.errors import (
    BadSignature,
    FederationError,
    MalformedActivity,
    ObjectGone,
    RejectedByPolicy,
    RemoteUnavailable,
)
from federation.jsonld import Json, type_of, uri_of
from federation.keys import PublicKey
from federation.policy import check_host
from federation.proofs import Proof
from federation.signatures import Signature, SignedRequest, read_signature, verify
from federation.uris import host_of, same_origin
from federation.vocabulary import ACTOR_TYPES
from models.actor import Actor

MAX_KEYS = 2_048  # three kilobytes each; those who have not been heard of for a minute are asked for again anyway
KEY_LIFETIME = timedelta(minutes=1)
REFETCH_PAUSE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key, whose it is, and when we took it from the database or from home.

    `proves` says whether the actor also proves with it what it says (assertionMethod).
    """

    key: PublicKey
    actor_uri: str
    fetched_at: datetime
    loaded_at: datetime
    proves: bool = False


class KeyRing:
    """The parsed keys of one process, and those that could not be had; the least recently used leave first.

    `turns` let one of those who need the same key at once fetch it for all.
    """

    def __init__(self) -> None:
        self._keys: OrderedDict[str, KnownKey] = OrderedDict()
        self._failures: OrderedDict[str, tuple[datetime, FederationError]] = OrderedDict()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

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

    def turn(self, key_id: str) -> asyncio.Lock:
        """Give the lock to hold while a key is fetched."""
        return self._turns.setdefault(key_id, asyncio.Lock())

    def failed(self, key_id: str, error: FederationError, now: datetime) -> None:
        """Remember that a key could not be had."""
        self._failures[key_id] = (now, copy(error))  # without its traceback, which would keep much else
        if len(self._failures) > MAX_KEYS:
            self._failures.popitem(last=False)

    def check_pause(self, key_id: str, now: datetime) -> None:
        """Leave a key's home alone for a while when it could not be had there.

        Raises:
            FederationError: the same as last time.
        """
        failed_at, error = self._failures.get(key_id, (None, None))
        if failed_at is not None and error is not None and now - failed_at < REFETCH_PAUSE:
            raise copy(error)

    def forget(self) -> None:
        """Forget every key, as when another database was opened."""
        self._keys.clear()
        self._failures.clear()


KEYS = KeyRing()


def read(request: SignedRequest, ctx: Context) -> Signature:
    """Read the signature of a request that was made for this server.

    Raises:
        BadSignature: there is none that we can use, or it was made for another server.
    """
    signature = read_signature(request.to(ctx.names.origin), now=ctx.now())
    if request.headers.get("host", "").lower() != ctx.names.host:
        raise BadSignature("The request was signed for another server.", reason="other_server")
    return signature


async def signer_uri(request: SignedRequest, ctx: Context) -> str:
    """Tell which actor signed the request, by its uri.

    Raises:
        BadSignature: nobody, or nobody whose key can be had.
        RejectedByPolicy: the key is of a blocked domain.
        ObjectGone: the key's owner is no more.
        RemoteUnavailable: the key's home does not answer now.
    """
    return await signer_of(read(request, ctx), ctx)


async def signer_of(signature: Signature, ctx: Context, *, is_host_checked: bool = False) -> str:
    """Tell which actor made a signature, by its uri.

    With `is_host_checked` the caller sees to it that nothing of a blocked domain passes; no key is fetched from one anyway.

    Raises:
        FederationError: as `signer_uri`.
    """
    key_id = signature.key_id
    return await _owner_whose_key(
        key_id, lambda known: verify(signature, known.key), ctx, is_host_checked=is_host_checked
    )


async def prover_uri(proof: Proof, ctx: Context) -> str:
    """Tell which actor a proof is by, by its uri.

    Raises:
        BadSignature: nobody's, or nobody's whose key can be had.
        RejectedByPolicy: the key is of a blocked domain.
        ObjectGone: the key's owner is no more.
        RemoteUnavailable: the key's home does not answer now.
    """

    def fits(known: KnownKey) -> None:
        if not known.proves or not isinstance(known.key, Ed25519PublicKey):
            raise BadSignature(f"{known.actor_uri} proves nothing with {proof.verification_method}.")
        proofs.verify(proof, known.key)

    return await _owner_whose_key(proof.verification_method, fits, ctx)


async def _owner_whose_key(
    key_id: str, fits: Callable[[KnownKey], None], ctx: Context, *, is_host_checked: bool = False
) -> str:
    """Give the uri of the actor whose key this is, if it fits: `fits` raises BadSignature where it does not."""
    host = _host_of_key(key_id)
    if not is_host_checked:
        await check_host(host)
    known = await _known(key_id, ctx)
    if known is not None:
        try:
            fits(known)
            return known.actor_uri
        except BadSignature:
            if ctx.now() - known.fetched_at < REFETCH_PAUSE:
                raise
    if is_host_checked:
        await check_host(host)
    known = await _fetch_once(key_id, known, ctx)
    fits(known)
    return known.actor_uri


def _host_of_key(key_id: str) -> str:
    try:
        return host_of(key_id)
    except MalformedActivity as error:
        raise BadSignature(f"The key has no address: {error}", reason="key") from error


async def _known(key_id: str, ctx: Context) -> KnownKey | None:
    """Give a key that we have and can read."""
    if (known := KEYS.get(key_id, ctx.now())) is not None:
        return known
    if (actor := await owner_of(key_id)) is None:
        return None
    try:
        return _keep(key_id, actor, ctx)
    except BadSignature:
        return None


async def _fetch_once(key_id: str, known: KnownKey | None, ctx: Context) -> KnownKey:
    """Fetch a key, or take the one that another request has fetched meanwhile.

    Raises:
        BadSignature, RejectedByPolicy, ObjectGone, RemoteUnavailable: it cannot be had, or could not a moment ago.
    """
    if ctx.names.is_ours(key_id):
        raise BadSignature(f"{key_id} is no key of another server.", reason="key")
    async with KEYS.turn(key_id):
        newer = KEYS.get(key_id, ctx.now())
        if newer is not None and newer is not known:
            return newer
        KEYS.check_pause(key_id, ctx.now())
        try:
            return await _fetch(key_id, ctx)
        except FederationError as error:
            KEYS.failed(key_id, error, ctx.now())
            raise


def _keep(key_id: str, actor: Actor, ctx: Context) -> KnownKey:
    key = key_of(actor, key_id)
    fetched_at = actor.fetched_at or actor.published_at
    proves = actor.other_keys.get(key_id, "").startswith("z")
    return KEYS.keep(key_id, KnownKey(key, actor.uri, fetched_at, ctx.now(), proves))


async def _fetch(key_id: str, ctx: Context) -> KnownKey:
    """Fetch a key from home: it must name its owner, and the owner must name it.

    Raises:
        BadSignature: it cannot be had, or the two do not agree.
        RemoteUnavailable: its home does not answer now.
    """
    fetch = Dereferencer(ctx.client, ctx.signer)
    try:
        document = await fetch.document(key_id)
        owner = uri_of(document) if type_of(document) in ACTOR_TYPES else _owner_in(document)
        if owner is None or not same_origin(owner, key_id):
            raise BadSignature(f"{key_id} does not say whose key it is.", reason="key")
        actor = await refresh(owner, ctx.for_batch(), fetch)
    except (ObjectGone, RejectedByPolicy, RemoteUnavailable, BadSignature):
        raise
    except FederationError as error:
        raise BadSignature(f"The key {key_id} cannot be fetched: {error}", reason="key") from error
    return _keep(key_id, actor, ctx)


def _owner_in(key: Json) -> str | None:
    return uri_of(key.get("owner")) or uri_of(key.get("controller"))
