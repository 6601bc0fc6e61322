"""An actor row as a Person, Group, Application, Service or Organization, and back.

Source: ActivityPub §4.1; FEP-521a (assertionMethod); security vocabulary (publicKey); Mastodon for `featured`,
`discoverable`, `manuallyApprovesFollowers` and PropertyValue fields.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from federation import sanitise, vocabulary
from federation.errors import MalformedActivity
from federation.jsonld import Json, each, instant_of, is_uri, text_of, type_of, uri_of, uris_of, written_instant
from federation.keys import is_ed25519
from federation.naming import Names
from federation.objects import tag
from federation.uris import host_of, same_origin
from models.actor import Actor, ActorKey, ActorType, KeyType
from models.section import Section

MAX_FIELDS = 20
MAX_ALIASES = 20
MAX_OTHER_KEYS = 8
GROUP_COLLECTIONS = ("members", "posts", "events", "resources", "todos", "discussions")
UPCOMING = "upcomingEvents"

# What is left of the profile of an actor whose home has silenced it, whatever else its document says.
HIDDEN_PROFILE: Mapping[str, Any] = {
    "display_name": "", "note_html": "", "profile_fields": [], "icon_url": None, "image_url": None,
    "is_discoverable": False, "is_indexable": False, "is_suspended": True,
}  # fmt: skip


def write(actor: Actor, keys: Sequence[ActorKey], names: Names, section: Section | None = None) -> Json:
    """Write an actor of ours for other servers. `keys` are its key rows; only their public halves are used.

    `section` is the row of a section: what only a section has.
    """
    document: Json = {
        "@context": vocabulary.ACTOR_CONTEXT,
        "id": actor.uri,
        "type": actor.type.value,
        "preferredUsername": actor.username,
        "webfinger": names.handle(actor.username),
        "name": actor.name,
        "url": actor.url,
        "inbox": actor.inbox_uri,
        "outbox": actor.outbox_uri,
        "followers": actor.followers_uri,
        "following": actor.following_uri,
        "featured": actor.featured_uri,
        "endpoints": {"sharedInbox": names.shared_inbox},
        "manuallyApprovesFollowers": actor.approves_followers,
        "discoverable": actor.is_discoverable and actor.type is not ActorType.APPLICATION,
        "indexable": actor.is_indexable,
        "published": written_instant(actor.published_at),
    }
    if actor.note_html:
        document["summary"] = actor.note_html
    for name, url in (("icon", actor.icon_url), ("image", actor.image_url)):
        if url:
            document[name] = {"type": "Image", "url": url}
    if actor.profile_fields:
        document["attachment"] = [
            {"type": "PropertyValue", "name": item["name"], "value": item["value"]} for item in actor.profile_fields
        ]
    if actor.also_known_as:
        document["alsoKnownAs"] = actor.also_known_as
    if actor.moved_to_uri:
        document["movedTo"] = actor.moved_to_uri
    if actor.is_group:
        document |= _written_group(actor, names)
    if section is not None:
        document |= _written_section(section)
    return document | _written_keys(actor, keys)


def write_bare(actor: Actor, keys: Sequence[ActorKey], names: Names) -> Json:
    """Write no more of an actor of ours than what its signatures are verified with."""
    named = ("@context", "id", "type", "preferredUsername", "inbox", "endpoints", "publicKey", "assertionMethod")
    document = write(actor, keys, names)
    return {name: document[name] for name in named if name in document}


def _written_group(actor: Actor, names: Names) -> Json:
    """Write what Mobilizon reads of a group: it stops at the first of these collections that it cannot find.

    Servers of our kind read whether it takes what members elsewhere show to its managers.
    """
    collections = {name: f"{actor.uri}/{name}" for name in GROUP_COLLECTIONS}
    return {
        "@context": vocabulary.GROUP_CONTEXT,
        **collections,
        "acceptsSharedDetails": True,
        UPCOMING: f"{actor.uri}/{UPCOMING}",
        "endpoints": {"sharedInbox": names.shared_inbox} | collections,
    }


def _written_section(section: Section) -> Json:
    """Write who may come into a section, and where it is.

    Source: Mobilizon, which reads an address only as a PostalAddress, and coordinates only as fractions
    """
    document: Json = {"openness": section.openness.value}
    place: Json = {"type": "Place", "name": section.place or section.address}
    if section.address:
        street = {"type": "PostalAddress", "streetAddress": section.address, "addressLocality": section.place}
        place["address"] = {name: value for name, value in street.items() if value}
    if section.latitude is not None and section.longitude is not None:
        place |= {"latitude": float(section.latitude), "longitude": float(section.longitude)}
    if place["name"]:
        document["location"] = place
    return document


def _written_keys(actor: Actor, keys: Sequence[ActorKey]) -> Json:
    written: Json = {}
    for key in keys:
        if key.type is KeyType.RSA:
            written["publicKey"] = {"id": key.uri, "owner": actor.uri, "publicKeyPem": key.public}
        else:
            multikey = {"id": key.uri, "type": "Multikey", "controller": actor.uri, "publicKeyMultibase": key.public}
            written["assertionMethod"] = [multikey]
    return written


def read(document: Json, *, now: datetime) -> dict[str, Any]:
    """Read another server's actor into the columns of a row.

    Raises:
        MalformedActivity: no id, actor type, username or inbox, or a key that is not the actor's own.
    """
    uri, kind, inbox = document.get("id"), type_of(document), uri_of(document.get("inbox"))
    if not is_uri(uri) or kind not in vocabulary.ACTOR_TYPES or inbox is None:
        raise MalformedActivity("the document is not an actor: it lacks an id, an actor type or an inbox")
    username = text_of(document.get("preferredUsername")).strip()[:255]
    if not username or not username.isprintable() or any(character in username for character in "@/ "):
        raise MalformedActivity(f"{uri} has no usable preferredUsername")
    inbox_host, endpoints = host_of(inbox), document.get("endpoints")
    shared = uri_of(endpoints.get("sharedInbox")) if isinstance(endpoints, dict) else None
    return {
        "uri": uri,
        "url": sanitise.ascii_url(uri_of(document.get("url"))) or uri,
        "type": ActorType(kind),
        "username": username,
        "handle_host": host_of(uri),
        "host": host_of(shared) if shared else inbox_host,
        "inbox_uri": inbox,
        "shared_inbox_uri": shared,
        "delivery_uri": shared or inbox,
        **(HIDDEN_PROFILE if is_suspended(document) else _read_profile(document)),
        **_read_collections(document),
        "members_uri": _members_uri(document, uri) if kind == "Group" else None,
        "takes_shared_details": kind == "Group" and document.get("acceptsSharedDetails") is True,
        **_read_keys(document, uri),
        "fetched_at": now,
        "published_at": instant_of(document.get("published")) or now,
        "gone_at": None,
    }


def is_suspended(document: Json) -> bool:
    """Whether its home has silenced an actor.   Source: Mastodon, `toot:suspended`"""
    return document.get("suspended") is True


def _read_profile(document: Json) -> dict[str, Any]:
    return {
        "display_name": sanitise.display_name(text_of(document.get("name")))[:255],
        "note_html": sanitise.actor_note_html(text_of(document.get("summary"))),
        "profile_fields": _read_fields(document.get("attachment")),
        "emojis": tag.emojis(tag.read_all(document.get("tag"))),
        "icon_url": _picture_url(document.get("icon")),
        "image_url": _picture_url(document.get("image")),
        "approves_followers": document.get("manuallyApprovesFollowers") is True,
        "is_discoverable": document.get("discoverable") is not False,
        "is_indexable": document.get("indexable") is True,
        "also_known_as": [uri for uri in uris_of(document.get("alsoKnownAs")) if is_uri(uri)][:MAX_ALIASES],
        "moved_to_uri": uri_of(document.get("movedTo")),
        "is_suspended": False,
        "is_memorial": document.get("memorial") is True,
    }


def _read_collections(document: Json) -> dict[str, str | None]:
    names = ("outbox", "followers", "following", "featured")
    return {f"{name}_uri": uri_of(document.get(name)) for name in names}


def _members_uri(document: Json, uri: str) -> str | None:
    """Take the collection of a group's members, if it is of the group's own server."""
    endpoints = document.get("endpoints")
    named = uri_of(document.get("members")) or uri_of(endpoints.get("members") if isinstance(endpoints, dict) else None)
    is_own = named is not None and same_origin(named, uri) and named not in (uri, uri_of(document.get("followers")))
    return named if is_own else None


def _read_fields(attachment: Any) -> list[dict[str, str]]:
    """Read the fields of a profile in each way they are written; one that is there in two ways counts once.

    Source: Mastodon (PropertyValue); FEP-fb2a (Note, Link)
    """
    items = [item for item in each(attachment) if isinstance(item, dict)]
    plain = [item for item in items if type_of(item) == "PropertyValue"]
    named = {text_of(item.get("name")) for item in plain}
    others = (item for item in items if type_of(item) != "PropertyValue" and text_of(item.get("name")) not in named)
    written = ((sanitise.plain_text(text_of(item.get("name"))), _field_value(item)) for item in (*plain, *others))
    return [{"name": name, "value": value} for name, value in written if value is not None][:MAX_FIELDS]


def _field_value(item: Json) -> str | None:
    kind = type_of(item)
    if kind == "PropertyValue":
        return sanitise.field_value_html(text_of(item.get("value")))
    if kind == "Note" and item.get("name"):
        return sanitise.field_value_html(text_of(item.get("content")))
    href = sanitise.safe_url(uri_of(item.get("href"))) if kind == "Link" else None
    return sanitise.field_value_html(f'<a href="{escape(href)}" rel="me">{escape(href)}</a>') if href else None


def _picture_url(value: Any) -> str | None:
    for item in each(value):
        found: str | None = sanitise.ascii_url(uri_of(item.get("url")) if isinstance(item, dict) else uri_of(item))
        if found:
            return found
    return None


def _read_keys(document: Json, uri: str) -> dict[str, Any]:
    """Take the keys that are really this actor's: of its origin, and owned by it. The main one is the first `publicKey`."""
    found: list[tuple[str, str]] = []
    for key in each(document.get("publicKey")):
        pem = key.get("publicKeyPem") if isinstance(key, dict) else None
        if isinstance(pem, str) and (key_uri := _own_key(key, "owner", uri)):
            found.append((key_uri, text_of(pem)[:16384]))
    main_uri, main_pem = found[0] if found else (None, "")
    for key in each(document.get("assertionMethod")):
        multibase = key.get("publicKeyMultibase") if isinstance(key, dict) else None
        if isinstance(multibase, str) and (key_uri := _own_key(key, "controller", uri)) and is_ed25519(multibase):
            found.append((key_uri, multibase))
    others = {key_uri: text for key_uri, text in dict(found[: MAX_OTHER_KEYS + 1]).items() if text != main_pem}
    return {"key_uri": main_uri, "public_key_pem": main_pem, "other_keys": others}


def _own_key(key: Json, owner_property: str, uri: str) -> str | None:
    """Give the uri of a key, if the key is the actor's own."""
    key_uri, owner = key.get("id"), uri_of(key.get(owner_property))
    return key_uri if is_uri(key_uri) and owner in (uri, None) and same_origin(key_uri, uri) else None
