"""Meeting actors: theirs are fetched from home and kept; ours are made with their keys."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Generic, TypeVar

from tortoise.exceptions import BaseORMException
from tortoise.transactions import in_transaction

from federation import findable, handles
from federation.context import Columns, Context
from federation.dereference import Dereferencer
from federation.errors import BadSignature, FederationError, MalformedActivity, NotAuthorised, RejectedByPolicy
from federation.keys import (
    PublicKey,
    generate_ed25519_key,
    generate_rsa_key,
    load_ed25519_private_key,
    load_private_key,
    load_public_key,
    load_public_multibase,
)
from federation.naming import Names
from federation.objects import actor as actor_object
from federation.policy import policies
from federation.proofs import Prover
from federation.signatures import Signer
from federation.uris import host_of
from models import database
from models.actor import Actor, ActorKey, ActorType, KeyType
from models.ids import new_id

KEY_LIFETIME = timedelta(seconds=5)

T = TypeVar("T")


async def meet(uri: str, ctx: Context, fetch: Dereferencer) -> Actor:
    """Give the actor of that uri, fetching it from home if nobody here has met it yet.

    Raises:
        FederationError: it cannot be fetched, is not an actor, or its host is blocked.
    """
    async with ctx.known.turns["actor", uri]:
        if (actor := ctx.known.actors.get(uri)) or (actor := await Actor.get_or_none(uri=uri)):
            ctx.known.actors[uri] = actor
            return actor
        return await refresh(uri, ctx, fetch)


async def refresh(uri: str, ctx: Context, fetch: Dereferencer) -> Actor:
    """Fetch an actor from home and keep what it says now.

    Raises:
        FederationError: as `meet`.
    """
    if ctx.names.is_ours(uri):
        raise NotAuthorised(f"{uri} is nobody here")
    ruled = await _ruled(uri, is_asked=True)
    document = await fetch.document(uri)
    columns = actor_object.read(document, now=ctx.now())
    if columns["uri"] != uri:
        raise MalformedActivity(f"{uri} calls itself {columns['uri']}")
    actor = await (ctx.keep_actor or _keep_row)(columns | ruled)
    await handles.adopt(actor, document, ctx)
    ctx.known.actors[uri] = actor
    return actor


async def keep(columns: Columns) -> Actor:
    """Write the row of a remote actor, new or met before. The handle's host, once checked, is not overwritten."""
    return await _keep_row(columns | await _ruled(str(columns["uri"])))


async def _keep_row(columns: Columns) -> Actor:
    """Write one row, which the rules for its domain have had their say in."""
    actor, is_new = await Actor.get_or_create(columns, uri=str(columns["uri"]))
    if not is_new:
        changed = {name: value for name, value in columns.items() if name not in ("uri", "handle_host", "published_at")}
        await actor.update_from_dict(changed).save(update_fields=list(changed))
    await findable.index_actor(actor)
    return actor


@dataclass(slots=True)
class Met:
    """An actor whose home was asked for it, as it is to be kept; then its row, or what was wrong with it."""

    columns: Columns
    actor: Actor | None = None
    error: Exception | None = None


async def keep_many(met: Sequence[Met]) -> None:
    """Write the rows of many remote actors: the new ones together, each of the others, and of the faulty ones, alone."""
    rows: list[Actor] = []
    new: set[int] = set()
    with suppress(*_FAULTS):
        rows = [Actor(**item.columns) for item in met]
        async with database.unhurried():  # what is lost is fetched again
            await Actor.bulk_create(rows, ignore_conflicts=True)
            new = await Actor.ids_there([row.id for row in rows])
            for row in rows:
                if row.id in new:
                    await findable.index_actor(row)
    for item, row in zip_longest(met, rows):
        if row is not None and row.id in new:
            row._saved_in_db = True
            item.actor = row
            continue
        try:
            item.actor = await _keep_row(item.columns)
        except _FAULTS as error:
            item.error = error


_FAULTS = (BaseORMException, ValueError)  # the latter is what asyncpg says of a value that fits no column


async def _ruled(uri: str, *, is_asked: bool = False) -> Columns:
    """Give the columns that the rules for an actor's domain decide; `is_asked`: its home is to be asked for it.

    Raises:
        RejectedByPolicy: that home is blocked, and not asked.
    """
    host = host_of(uri)
    said = (await policies([host]))[host]
    if is_asked and said.is_suspended:
        raise RejectedByPolicy(f"{host.partition(':')[0]} is blocked here")
    return {"is_silenced": said.is_silenced, "is_media_rejected": said.rejects_media}


async def meet_many(uris: Iterable[str], ctx: Context, fetch: Dereferencer) -> dict[str, FederationError]:
    """Meet several actors at once; those that could not be met, with the reason."""
    failed: dict[str, FederationError] = {}
    for uri in dict.fromkeys(uris):
        try:
            await meet(uri, ctx, fetch)
        except FederationError as error:
            failed[uri] = error
    return failed


async def create_local(
    names: Names,
    type_: ActorType,
    username: str,
    *,
    display_name: str = "",
    note_html: str = "",
    now: datetime,
    uri: str | None = None,
    rsa_key: tuple[str, str] | None = None,
) -> Actor:
    """Make an actor of ours with an RSA-2048 and an Ed25519 key.

    `uri` is only given for the instance actor, `rsa_key` (private PEM, public PEM) where one was made beforehand.

    Raises:
        IntegrityError: the username is taken.
    """
    id_ = new_id()
    uri = uri or names.actor(id_)
    rsa_private, rsa_public = rsa_key or generate_rsa_key()
    ed_private, ed_public = generate_ed25519_key()
    async with in_transaction():  # an actor without keys could never speak
        actor = await Actor.create(
            id=id_,
            uri=uri,
            url=names.profile(username) if type_ is not ActorType.APPLICATION else names.origin,
            type=type_,
            is_local=True,
            username=username,
            local_name=username.lower(),
            display_name=display_name,
            note_html=note_html,
            host=names.host,
            inbox_uri=f"{uri}/inbox",
            outbox_uri=f"{uri}/outbox",
            followers_uri=f"{uri}/followers",
            following_uri=f"{uri}/following",
            featured_uri=f"{uri}/featured",
            members_uri=f"{uri}/members" if type_ is ActorType.GROUP else None,
            shared_inbox_uri=names.shared_inbox,
            delivery_uri=names.shared_inbox,
            key_uri=f"{uri}#main-key",
            public_key_pem=rsa_public,
            is_discoverable=type_ is not ActorType.APPLICATION,
            published_at=now,
        )
        keys = {
            KeyType.RSA: ("main-key", rsa_public, rsa_private),
            KeyType.ED25519: ("ed25519-key", ed_public, ed_private),
        }
        for kind, (name, public, private) in keys.items():
            await ActorKey.create(actor=actor, type=kind, uri=f"{uri}#{name}", public=public, private_pem=private)
        await findable.index_actor(actor)
    return actor


async def signer_of(actor_id: int, now: datetime | None = None) -> Signer:
    """Give the signer of an actor of ours: the one way to obtain one. Keys are parsed once a process.

    Where `now` is given, a key that another process has rotated is noticed within `KEY_LIFETIME`.

    Raises:
        NotAuthorised: that actor has no key here.
    """
    held = _signers.get(actor_id)
    if held is not None and await _is_current(held.it.key_id, KeyType.RSA, actor_id, held, now):
        return held.it
    key = await _key_row(actor_id, KeyType.RSA)
    signer = Signer(key.uri, load_private_key(key.private_pem))
    _signers[actor_id] = _Held(signer, now)
    return signer


async def prover_of(actor_id: int, now: datetime | None = None) -> Prover:
    """Give what proves the words of an actor of ours: the one way to obtain it; `now` as for `signer_of`.

    Raises:
        NotAuthorised: that actor has no key here.
    """
    held = _provers.get(actor_id)
    if held is not None and await _is_current(held.it.key_uri, KeyType.ED25519, actor_id, held, now):
        return held.it
    key = await _key_row(actor_id, KeyType.ED25519)
    prover = Prover(key.uri, load_ed25519_private_key(key.private_pem))
    _provers[actor_id] = _Held(prover, now)
    return prover


@dataclass(slots=True)
class _Held(Generic[T]):
    """A parsed key, and when it was last seen to be the actor's; null: never since it was parsed."""

    it: T
    seen_at: datetime | None


_signers: dict[int, _Held[Signer]] = {}
_provers: dict[int, _Held[Prover]] = {}


async def _is_current(key_uri: str, type_: KeyType, actor_id: int, held: _Held[T], now: datetime | None) -> bool:
    """Whether a parsed key is still the actor's, as far as one looks without `now`, or too often."""
    if now is None or (held.seen_at is not None and now - held.seen_at < KEY_LIFETIME):
        return True
    held.seen_at = now
    return await ActorKey.exists(actor_id=actor_id, type=type_, uri=key_uri)


async def _key_row(actor_id: int, type_: KeyType) -> ActorKey:
    if (key := await ActorKey.get_or_none(actor_id=actor_id, type=type_)) is None:
        raise NotAuthorised(f"actor {actor_id} has no private key on this server")
    return key


def forget_signers() -> None:
    """Drop every parsed key, as when keys were rotated or another database was opened."""
    _signers.clear()
    _provers.clear()


async def owner_of(key_uri: str) -> Actor | None:
    """Find the actor whom we have met with this key; None where there is none."""
    owner_uri = key_uri.partition("#")[0]
    actors = [actor for actor in await Actor.owning(key_uri, owner_uri) if actor.gone_at is None]
    if (owner := next((actor for actor in actors if actor.key_uri == key_uri), None)) is not None:
        return owner
    return next((actor for actor in actors if actor.uri == owner_uri and key_uri in actor.other_keys), None)


def key_of(actor: Actor, key_uri: str) -> PublicKey:
    """Give the public key of that name, parsed.

    Raises:
        BadSignature: it is none of the actor's, or cannot be used.
    """
    if key_uri == actor.key_uri:
        return load_public_key(actor.public_key_pem)
    if (text := actor.other_keys.get(key_uri)) is None:
        raise BadSignature(f"{actor.uri} does not call {key_uri} its key.", reason="key")
    return load_public_multibase(text) if text.startswith("z") else load_public_key(text)
