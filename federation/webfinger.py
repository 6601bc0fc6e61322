"""Find the actor behind a handle of another server, and believe only a server that the name belongs to.

Source: RFC 7033 (WebFinger), RFC 6415 (host-meta), RFC 7565 (acct); swicg.github.io/activitypub-webfinger; FEP-3b86
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from federation.dereference import media_type, parse_document
from federation.errors import MalformedActivity, NotAuthorised, ObjectGone, UnsupportedActivity
from federation.http import HttpClient
from federation.jsonld import Json
from federation.uris import host_of, parse_uri

ACCEPT_JRD = "application/jrd+json, application/json"
ACCEPT_XRD = "application/xrd+xml, application/xml"
SUBSCRIBE_REL = "http://ostatus.org/schema/1.0/subscribe"
INTENT_RELS = "https://w3id.org/fep/3b86/"
ACTIVITYSTREAMS = "https://www.w3.org/ns/activitystreams"
MAX_ANSWER_BYTES = 131_072
MAX_USER_CHARACTERS = 128
MAX_ALIASES = 32
MAX_INTENTS = 32

_USER = re.compile(r"[\w.~!$&'()*+,;=-]+")
_PLACEHOLDER = re.compile(r"\{([^{}]{0,64})\}")
_LOOPBACK = re.compile(r"(?:localhost|127\.[0-9.]+|\[::1\])(?::[0-9]+)?")
_LINK_ELEMENT = "{http://docs.oasis-open.org/ns/xri/xrd-1.0}Link"


@dataclass(frozen=True, slots=True)
class Jrd:
    """What a WebFinger answer says that we use.

    `subject` is "acct:user@host", None when the answer names no such thing; `subscribe_template` has "{uri}" in it.
    `intents` are templates by what the page there does, in lower case: "follow", "like", … ("{object}" and others in it).
    """

    subject: str | None
    actor_uri: str
    subscribe_template: str | None
    aliases: tuple[str, ...]
    intents: Mapping[str, str] = field(default_factory=dict)


def parse_handle(handle: str) -> tuple[str, str]:
    """Read "@user@host", "user@host" or "acct:user@host" into (user, host); the host is ASCII and lower-case.

    Raises:
        MalformedActivity: it is none of these.
    """
    bare = handle[5:] if handle[:5].lower() == "acct:" else handle.removeprefix("@")
    user, at, host = bare.partition("@")
    if not at or len(user) > MAX_USER_CHARACTERS or not _USER.fullmatch(user) or set(host) & set("/?#"):
        raise MalformedActivity(f"{handle!r} is not a handle")
    return user, host_of(f"https://{host}")


def read_jrd(document: dict[str, Any]) -> Jrd:
    """Read a WebFinger document: {"subject": "acct:…", "links": [{"rel": "self", "type": …, "href": …}, …]}.

    Raises:
        MalformedActivity: it has no list of links.
        UnsupportedActivity: it names no ActivityPub actor.
    """
    links = document.get("links")
    if not isinstance(links, list):
        raise MalformedActivity("the WebFinger document has no links")
    links = [link for link in links if isinstance(link, dict)]
    actor_uri = next((link["href"] for link in links if _is_actor_link(link)), None)
    if actor_uri is None:
        raise UnsupportedActivity("the WebFinger document names no ActivityPub actor")
    aliases = document.get("aliases")
    return Jrd(
        subject=_read_subject(document.get("subject")),
        actor_uri=actor_uri,
        subscribe_template=next((link["template"] for link in links if _is_subscribe_link(link)), None),
        aliases=tuple(
            alias for alias in (aliases if isinstance(aliases, list) else [])[:MAX_ALIASES] if isinstance(alias, str)
        ),
        intents=_read_intents(links),
    )


def _read_intents(links: list[Json]) -> dict[str, str]:
    """Find the pages that do something for the actor; the template stands in `href`, or in `template` as of old."""
    intents: dict[str, str] = {}
    for link in links:
        rel, template = link.get("rel"), link.get("href") or link.get("template")
        if not isinstance(rel, str) or not rel.lower().startswith(INTENT_RELS) or not isinstance(template, str):
            continue
        if len(intents) < MAX_INTENTS and _is_web_address(fill(template, {})):
            intents.setdefault(rel[len(INTENT_RELS) :].lower(), template)
    return intents


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put values into a template, percent-encoded; a name that is not among them becomes nothing.   Source: FEP-3b86 §3"""
    return _PLACEHOLDER.sub(lambda found: quote(values.get(found[1], ""), safe=""), template)


def scheme_for(host: str, client: HttpClient) -> str:
    """Give the scheme to ask a host by: https, or http on this machine where the client may, as in a demonstration."""
    return "http" if client.allow_http and _LOOPBACK.fullmatch(host) else "https"


async def look_up(handle: str, client: HttpClient, scheme: str = "https") -> Jrd:
    """Ask a handle's own server which actor it stands for; the `subject` of the answer is the handle to keep.

    When that server says that the handle belongs to another domain, the other domain must name the same actor.
    `scheme` "http" works only with a client that allows it.

    Raises:
        NotAuthorised: the other domain does not agree.
        FederationError: as `parse_handle`, `read_jrd` and `HttpClient.get`.
    """
    user, host = parse_handle(handle)
    jrd, (named_user, named_host) = await _ask(user, host, client, scheme)
    if named_host == host:
        return jrd
    try:
        confirmed, (_, confirmed_host) = await _ask(named_user, named_host, client, scheme)
    except (MalformedActivity, UnsupportedActivity, ObjectGone) as error:
        raise NotAuthorised(f"{named_host} does not know {jrd.subject}, whom {host} names") from error
    if confirmed.actor_uri != jrd.actor_uri or confirmed_host != named_host:
        raise NotAuthorised(f"{named_host} does not say that {jrd.subject} is {jrd.actor_uri}, as {host} does")
    return confirmed


async def _ask(user: str, host: str, client: HttpClient, scheme: str) -> tuple[Jrd, tuple[str, str]]:
    """Ask one server, at the usual place or where its host-meta says; (its answer, the user and host it names)."""
    resource = quote(f"acct:{user}@{host}", safe=":@")
    url = f"{scheme}://{host}/.well-known/webfinger?resource={resource}"
    try:
        answer = await client.get(url, accept=ACCEPT_JRD, max_body_bytes=MAX_ANSWER_BYTES)
    except ObjectGone:
        template = await _ask_host_meta(f"{scheme}://{host}/.well-known/host-meta", client)
        other_url = template.replace("{uri}", resource)
        if other_url in ("", url):
            raise
        answer = await client.get(other_url, accept=ACCEPT_JRD, max_body_bytes=MAX_ANSWER_BYTES)
    jrd = read_jrd(parse_document(answer.body))
    subject = jrd.subject or f"acct:{user}@{host}"
    return replace(jrd, subject=subject), parse_handle(subject)


async def _ask_host_meta(url: str, client: HttpClient) -> str:
    """Give the template that a server keeps for WebFinger; empty if it keeps none."""
    try:
        answer = await client.get(url, accept=ACCEPT_XRD, max_body_bytes=MAX_ANSWER_BYTES)
        return read_host_meta(answer.body)
    except (ObjectGone, NotAuthorised, MalformedActivity):
        return ""


def read_host_meta(body: bytes) -> str:
    """Find the template of WebFinger addresses, with "{uri}" in it, in a host-meta document.

    Raises:
        MalformedActivity: it is no XRD, or has no such template.
    """
    try:
        text = body.decode("utf-8-sig")
        if "<!DOCTYPE" in text:
            raise MalformedActivity("the host-meta document declares a DOCTYPE")
        root = ElementTree.fromstring(text)  # noqa: S314 - without a DOCTYPE there are no entities to expand
    except (ElementTree.ParseError, ValueError) as error:
        raise MalformedActivity("the host-meta document is not XML") from error
    for link in root.iterfind(_LINK_ELEMENT):
        template = link.get("template", "")
        is_json = media_type(link.get("type", "")) in ("", "application/jrd+json", "application/json")
        if link.get("rel") == "lrdd" and is_json and "{uri}" in template:
            return template
    raise MalformedActivity("the host-meta document has no template for WebFinger")


def _read_subject(value: Any) -> str | None:
    """Give a subject its one spelling."""
    if not isinstance(value, str) or not value.startswith("acct:"):
        return None
    try:
        user, host = parse_handle(value)
    except MalformedActivity:
        return None
    return f"acct:{user}@{host}"


def _is_actor_link(link: Json) -> bool:
    kind = link.get("type")
    if link.get("rel") != "self" or not isinstance(kind, str) or not _is_web_address(link.get("href")):
        return False
    return media_type(kind) == "application/activity+json" or (
        media_type(kind) == "application/ld+json" and ACTIVITYSTREAMS in kind
    )


def _is_subscribe_link(link: Json) -> bool:
    template = link.get("template")
    return (
        link.get("rel") == SUBSCRIBE_REL
        and isinstance(template, str)
        and "{uri}" in template
        and _is_web_address(template.replace("{uri}", ""))
    )


def _is_web_address(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        parse_uri(value)
    except MalformedActivity:
        return False
    return True
