"""An activity as it travels: read from JSON, or built to be sent.   Source: ActivityPub §6, §7; Activity Vocabulary."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from federation import vocabulary
from federation.errors import MalformedActivity
from federation.jsonld import Json, each, instant_of, is_uri, type_of, uri_of, uris_of
from models.actor import Actor

MAX_ADDRESSES = 500
MAX_GROUPS = 10


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity, with the parts that every handler asks for already read.

    `object` is there when it was embedded, `object_uri` when it has an id. `to` and `cc` keep every spelling of Public.
    """

    uri: str
    type: str
    actor_uri: str
    object_uri: str | None
    object: Json | None
    to: tuple[str, ...]
    cc: tuple[str, ...]
    published_at: datetime | None
    document: Json

    @property
    def object_type(self) -> str | None:
        """The type of the embedded object."""
        return type_of(self.object)

    @property
    def object_uris(self) -> tuple[str, ...]:
        """Every object that it names: a Flag names an actor and posts."""
        return tuple(uri for uri in uris_of(self.document.get("object"))[:MAX_ADDRESSES] if is_uri(uri))

    @property
    def target_uris(self) -> tuple[str, ...]:
        """Whom an Invite asks; the collection that an Add or Remove changes."""
        return tuple(uri for uri in uris_of(self.document.get("target"))[:MAX_ADDRESSES] if is_uri(uri))

    @property
    def addresses(self) -> tuple[str, ...]:
        """Everybody whom the activity or the object in it is addressed to, once each; every spelling of Public."""
        inner = self.object or {}
        within = (*uris_of(inner.get("to"))[:MAX_ADDRESSES], *uris_of(inner.get("cc"))[:MAX_ADDRESSES])
        return tuple(dict.fromkeys((*self.to, *self.cc, *within, *self.audience)))

    @property
    def audience(self) -> tuple[str, ...]:
        """The groups that the activity or the object in it is for.   Source: FEP-1b12"""
        named = (*uris_of(self.document.get("audience")), *uris_of((self.object or {}).get("audience")))
        return tuple(dict.fromkeys(named))[:MAX_GROUPS]

    @property
    def parts(self) -> "tuple[Activity, ...]":
        """The same activity once for each object embedded in it: some servers send several votes at once."""
        embedded = [item for item in each(self.document.get("object")) if isinstance(item, dict)]
        if len(embedded) < 2:
            return (self,)
        return tuple(replace(self, object=item, object_uri=uri_of(item)) for item in embedded)

    def about(self, document: Json) -> "Activity":
        """Give the same activity with its object embedded, as fetched from its home."""
        return replace(self, object=document, object_uri=uri_of(document) or self.object_uri)


def parse(document: Json) -> Activity:
    """Read an activity that another server sent.

    Raises:
        MalformedActivity: no id, type or actor, more than one actor, or no object.
    """
    uri, kind = document.get("id"), type_of(document)
    if not is_uri(uri):
        raise MalformedActivity("the activity has no id that is an http(s) URI")
    if kind is None:
        raise MalformedActivity("the activity has no type")
    actors = [actor for actor in uris_of(document.get("actor")) if is_uri(actor)]
    if len(actors) != 1:
        raise MalformedActivity("the activity must have exactly one actor, named by an http(s) URI")
    return _read(document, uri, kind, actors[0])


def _read(document: Json, uri: str, kind: str, actor_uri: str) -> Activity:
    value = document.get("object")
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if kind == "Create" and isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        value = value[0]
    embedded = value if isinstance(value, dict) else None
    object_uri = uri_of(value)
    if embedded is None and object_uri is None:
        raise MalformedActivity("the activity has no object")
    return Activity(
        uri=uri,
        type=kind,
        actor_uri=actor_uri,
        object_uri=object_uri,
        object=embedded,
        to=uris_of(document.get("to"))[:MAX_ADDRESSES],
        cc=uris_of(document.get("cc"))[:MAX_ADDRESSES],
        published_at=instant_of(document.get("published")),
        document=document,
    )


def build(
    kind: str,
    actor: Actor,
    object_: Json | str | list[str],
    *,
    uri: str,
    to: Sequence[str],
    cc: Sequence[str] = (),
    **more: Any,
) -> Activity:
    """Make an activity of an actor of ours; an embedded object loses its own `@context`, the activity bears one for both."""
    context = vocabulary.ACTIVITY_CONTEXT
    if isinstance(object_, dict):
        context = object_.get("@context", context)
        object_ = {name: value for name, value in object_.items() if name != "@context"}
    document: Json = {"@context": context, "id": uri, "type": kind, "actor": actor.uri, "object": object_}
    if to:
        document["to"] = list(to)
    if cc:
        document["cc"] = list(cc)
    return parse(document | more)


def embed(activity: Activity) -> Json:
    """Give an activity as the object of another one (Undo, Accept).

    Its `@context` stays behind, and so does its proof, which holds for both together.
    """
    return {name: value for name, value in activity.document.items() if name not in ("@context", "proof", "signature")}


def undo_of(undone: Activity, actor: Actor, *, uri: str) -> Activity:
    """Build the Undo of an activity of an actor of ours, for those who got the activity."""
    return build("Undo", actor, embed(undone), uri=uri, to=undone.to, cc=undone.cc)
