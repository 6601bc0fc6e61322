"""What an actor of ours says of itself: changing it, and the Update that tells others of every change."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from federation import findable, markup, pipeline, sanitise
from federation.activities import build
from federation.context import Context
from federation.jsonld import Json
from federation.objects import actor as actor_object
from federation.vocabulary import PUBLIC
from models.actor import Actor, ActorKey, ActorType
from models.follow import FollowState
from models.section import Section
from server.atomically import atomically
from server.errors import Forbidden, Invalid
from server.follows.actions import decide
from server.follows.queries import waiting

MAX_NAME_CHARACTERS = 200
MAX_NOTE_CHARACTERS = 2000
MAX_FIELDS = 4
MAX_FIELD_CHARACTERS = 255
ACCEPTED_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class ProfileChanges:
    """What a member changes of a profile; None leaves it as it is. `note` is plain text, `fields` are (name, value).

    `is_automatic`: a program speaks, as servers show of a Service; a section stays one.
    """

    display_name: str | None = None
    note: str | None = None
    fields: Sequence[tuple[str, str]] | None = None
    approves_followers: bool | None = None
    is_discoverable: bool | None = None
    is_indexable: bool | None = None
    is_automatic: bool | None = None


async def edit(actor: Actor, changes: ProfileChanges, ctx: Context) -> None:
    """Change the profile of an actor of ours and tell its followers; without a change nobody is told.

    Whoever waited for an answer is accepted where nobody has to ask any more.

    Raises:
        Invalid: a text is too long, or there are too many fields.
    """
    wanted = _columns(changes, ctx) | _kind(actor, changes)
    if "profile_fields" in wanted:
        wanted["profile_fields"] = _still_verified(wanted["profile_fields"], actor)
    changed = {name: value for name, value in wanted.items() if getattr(actor, name) != value}
    if not changed:
        return
    async with atomically(ctx) as whole:
        await actor.update_from_dict(changed).save(update_fields=list(changed))
        await send_update(actor, whole)
        if changed.get("approves_followers") is False:
            for row in await waiting(actor, limit=ACCEPTED_AT_ONCE):
                if row.state is FollowState.REQUESTED:
                    await decide(actor, row.follower, whole, accept=True)


def _still_verified(fields: Sequence[dict[str, str]], actor: Actor) -> list[dict[str, str]]:
    """Keep the mark of those fields whose value stays as it was (server/members/verifying.py)."""
    marks = {
        field["value"]: {"verified_at": field["verified_at"]}
        for field in actor.profile_fields
        if "verified_at" in field
    }
    return [field | marks.get(field["value"], {}) for field in fields]


def _kind(actor: Actor, changes: ProfileChanges) -> dict[str, Any]:
    """Give the type of an actor that speaks for itself, or for a program."""
    if changes.is_automatic is None or actor.type not in (ActorType.PERSON, ActorType.SERVICE):
        return {}
    return {"type": ActorType.SERVICE if changes.is_automatic else ActorType.PERSON}


def _columns(changes: ProfileChanges, ctx: Context) -> dict[str, Any]:
    """Give the columns of the row that change, checked and written as HTML where they are shown so."""
    columns: dict[str, Any] = {
        "approves_followers": changes.approves_followers,
        "is_discoverable": changes.is_discoverable,
        "is_indexable": changes.is_indexable,
    }
    if changes.display_name is not None:
        _check_length(changes.display_name, MAX_NAME_CHARACTERS)
        columns["display_name"] = sanitise.display_name(changes.display_name)
    if changes.note is not None:
        _check_length(changes.note, MAX_NOTE_CHARACTERS)
        columns["note_html"] = sanitise.actor_note_html(_rendered(changes.note, ctx))
    if changes.fields is not None:
        columns["profile_fields"] = _fields(changes.fields, ctx)
    return {name: value for name, value in columns.items() if value is not None}


def _fields(typed: Sequence[tuple[str, str]], ctx: Context) -> list[dict[str, str]]:
    """Write the fields of a profile; those without a name are left out."""
    kept = [(name.strip(), value.strip()) for name, value in typed if name.strip()]
    if len(kept) > MAX_FIELDS:
        raise Invalid("A profile may have 4 fields at most.")
    for text in (text for pair in kept for text in pair):
        _check_length(text, MAX_FIELD_CHARACTERS)
    return [{"name": sanitise.plain_text(name), "value": _value(value, ctx)} for name, value in kept]


def _value(typed: str, ctx: Context) -> str:
    """Write the value of a field; an address says that what is there is the same person's (`rel="me"`)."""
    if sanitise.safe_url(typed) is not None:
        shown = escape(typed)
        return sanitise.field_value_html(f'<a href="{shown}" rel="me">{shown}</a>')
    return sanitise.field_value_html(_rendered(typed, ctx))


def _rendered(text: str, ctx: Context) -> str:
    return markup.render(text, mention=lambda _: None, tag_url=ctx.names.tag).html


def _check_length(text: str, most: int) -> None:
    if len(text) > most:
        raise Invalid("A text of the profile is too long.")


async def document_of(actor: Actor, ctx: Context) -> Json:
    """Write an actor of ours for other servers, as its address serves it."""
    keys = await ActorKey.filter(actor_id=actor.id).only("type", "uri", "public").order_by("id")
    section = await Section.get_or_none(actor_id=actor.id) if actor.is_group else None
    return actor_object.write(actor, keys, ctx.names, section)


async def send_update(actor: Actor, ctx: Context) -> str:
    """Have an actor of ours found by what it says of itself now, and send its followers that; the uri of that Update."""
    await findable.index_actor(actor)
    document, uri = await document_of(actor, ctx), ctx.names.new_activity()
    activity = build("Update", actor, document, uri=uri, to=[PUBLIC], cc=[actor.followers_uri or ""])
    await pipeline.submit(activity, acting=actor, ctx=ctx)
    return uri


def check_ordinary(actor: Actor) -> None:
    """Refuse the actor of the server itself, which neither moves nor goes.

    Raises:
        Forbidden: it is that one.
    """
    if actor.type is ActorType.APPLICATION:
        raise Forbidden("The account of the server itself cannot do this.")
