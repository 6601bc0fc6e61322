"""Instance and V1::Instance.   Source: docs.joinmastodon.org/entities/Instance, /V1_Instance"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

from federation.markup import CHARACTERS_OF_A_URL
from federation.naming import Names
from models.actor import Actor
from models.sign_up import SignUpMode
from server.admin.rules import HouseRule
from server.config import VERSION
from server.mastodon.entities.account import Account, account
from server.mastodon.entities.kinds import Id, Nothing, Url
from server.media.actions import MAX_DESCRIPTION_CHARACTERS, MAX_OF_A_POST
from server.media.filming import MAX_FRAME_RATE
from server.media.filming import MAX_PIXELS as MAX_FILM_PIXELS
from server.media.films import FILMS, SOUNDS
from server.media.making import MAX_PIXELS, PICTURES
from server.members.profiles import MAX_FIELDS
from server.posts import polls
from server.posts.actions import MAX_CHARACTERS
from server.posts.featured import MAX_FEATURED
from server.tags.featured import MAX_FEATURED as MAX_FEATURED_TAGS

# Clients read X.Y.Z first and offer what that Mastodon could do; nothing from 4.4 on is implied.
MASTODON_VERSION = f"4.3.0 (compatible; Coopole {VERSION})"
API_VERSION = 2  # notifications in groups
LANGUAGES = {"fr": "Français", "en": "English"}


@dataclass(frozen=True, slots=True)
class About:
    """What the server says of itself. `description` is plain text; the figures are totals; `contact` is the main section.

    `push_key` is the public key by which push services know it.
    `picture_bytes` is how large a picture may be, `film_bytes` a film or a sound: 0 where none is taken. `sign_up` is who
    may make an account.
    """

    title: str
    description: str
    email: str
    contact: Actor | None
    members: int
    active_members: int
    posts: int
    hosts: int
    push_key: str
    picture_bytes: int
    film_bytes: int
    sign_up: SignUpMode
    rules: Sequence[HouseRule]
    has_terms: bool


class Rule(TypedDict):
    """A rule of the house."""

    id: Id
    text: str
    hint: str
    translations: dict[str, Nothing]


class Language(TypedDict):
    """A language in which the server speaks."""

    code: str
    name: str


class Usage(TypedDict):
    """How many live here."""

    active_month: int


class Users(TypedDict):
    """Those who live here."""

    users: Usage


class Thumbnail(TypedDict):
    """The picture of the server."""

    url: Url
    blurhash: str | None
    description: str
    versions: dict[str, Url]


class Registrations(TypedDict):
    """Whether one may sign up."""

    enabled: bool
    approval_required: bool
    reason_required: bool | None
    message: str | None
    min_age: int | None
    url: Url | None


class Contact(TypedDict):
    """Whom to write to."""

    email: str
    account: Account | None


class Configuration(TypedDict):
    """The limits that clients keep to, and in the newer answer what is offered."""

    accounts: dict[str, int]
    statuses: dict[str, int]
    media_attachments: dict[str, Any]
    polls: dict[str, int]
    urls: NotRequired[dict[str, str | None]]
    vapid: NotRequired[dict[str, str]]
    translation: NotRequired[dict[str, bool]]
    limited_federation: NotRequired[bool]


class Instance(TypedDict):
    """What the server says of itself."""

    domain: str
    title: str
    version: str
    source_url: Url
    description: str
    usage: Users
    thumbnail: Thumbnail
    icon: list[Nothing]
    languages: list[str]
    configuration: Configuration
    registrations: Registrations
    contact: Contact
    api_versions: dict[str, int]
    rules: list[Rule]


class V1Instance(TypedDict):
    """The same as clients of old read it."""

    uri: str
    title: str
    short_description: str
    description: str
    email: str
    version: str
    urls: dict[str, str]
    stats: dict[str, int]
    thumbnail: Url
    languages: list[str]
    registrations: bool
    approval_required: bool
    invites_enabled: bool
    configuration: Configuration
    contact_account: Account | None
    rules: list[Rule]


def instance_v2(about: About, names: Names) -> Instance:
    """Write an Instance."""
    picture = _picture(about, names)
    return {
        "domain": names.handle_host,
        "title": about.title,
        "version": MASTODON_VERSION,
        "source_url": f"{names.origin}/about/source.tar.gz",
        "description": about.description,
        "usage": {"users": {"active_month": about.active_members}},
        "thumbnail": {
            "url": picture,
            "blurhash": None,
            "description": "",
            "versions": {"@1x": picture, "@2x": picture},
        },
        "icon": [],
        "languages": list(LANGUAGES),
        "configuration": {
            **_configuration(about),
            "urls": {
                "streaming": _streaming(names),
                "status": None,
                "about": f"{names.origin}/about",
                "privacy_policy": f"{names.origin}/about#privacy",
                "terms_of_service": f"{names.origin}/about#terms" if about.has_terms else None,
            },
            "vapid": {"public_key": about.push_key},
            "translation": {"enabled": False},
            "limited_federation": False,
        },
        "registrations": {
            "enabled": _takes_in(about),
            "approval_required": about.sign_up is not SignUpMode.OPEN,
            "reason_required": about.sign_up is SignUpMode.APPROVAL,
            "message": None,
            "min_age": None,
            "url": f"{names.origin}/sign_up" if about.sign_up is SignUpMode.INVITATION else None,
        },
        "contact": {"email": about.email, "account": _contact(about, names)},
        "api_versions": {"mastodon": API_VERSION},
        "rules": [rule(one) for one in about.rules],
    }


def instance_v1(about: About, names: Names) -> V1Instance:
    """Write a V1::Instance."""
    return {
        "uri": names.handle_host,
        "title": about.title,
        "short_description": about.description,
        "description": about.description,
        "email": about.email,
        "version": MASTODON_VERSION,
        "urls": {"streaming_api": _streaming(names)},
        "stats": {"user_count": about.members, "status_count": about.posts, "domain_count": about.hosts},
        "thumbnail": _picture(about, names),
        "languages": list(LANGUAGES),
        "registrations": _takes_in(about),
        "approval_required": about.sign_up is not SignUpMode.OPEN,
        "invites_enabled": about.sign_up is SignUpMode.INVITATION,
        "configuration": _configuration(about),
        "contact_account": _contact(about, names),
        "rules": [rule(one) for one in about.rules],
    }


def rule(one: HouseRule) -> Rule:
    """Write a Rule.   Source: docs.joinmastodon.org/entities/Rule"""
    return {"id": str(one.number), "text": one.text, "hint": one.hint, "translations": {}}


def _takes_in(about: About) -> bool:
    """Whether a client may offer to make an account: one cannot bring an invitation along."""
    return about.sign_up in (SignUpMode.OPEN, SignUpMode.APPROVAL)


def _configuration(about: About) -> Configuration:
    """Write the limits that clients keep to."""
    films = (*FILMS, *SOUNDS) if about.film_bytes else ()
    return {
        "accounts": {
            "max_featured_tags": MAX_FEATURED_TAGS,
            "max_pinned_statuses": MAX_FEATURED,
            "max_profile_fields": MAX_FIELDS,
        },
        "statuses": {
            "max_characters": MAX_CHARACTERS,
            "max_media_attachments": MAX_OF_A_POST,
            "characters_reserved_per_url": CHARACTERS_OF_A_URL,
        },
        "media_attachments": {
            "supported_mime_types": [*PICTURES, *films],
            "description_limit": MAX_DESCRIPTION_CHARACTERS,
            "image_size_limit": about.picture_bytes,
            "image_matrix_limit": MAX_PIXELS,
            "video_size_limit": about.film_bytes,
            "video_frame_rate_limit": MAX_FRAME_RATE if films else 0,
            "video_matrix_limit": MAX_FILM_PIXELS if films else 0,
        },
        "polls": {
            "max_options": polls.MAX_OPTIONS,
            "max_characters_per_option": polls.MAX_OPTION_CHARACTERS,
            "min_expiration": polls.MIN_SECONDS,
            "max_expiration": polls.MAX_SECONDS,
        },
    }


def _streaming(names: Names) -> str:
    return names.origin.replace("http", "ws", 1)


def _picture(about: About, names: Names) -> str:
    own = about.contact.image_url if about.contact else None
    return own or f"{names.origin}/static/header-missing.png"


def _contact(about: About, names: Names) -> Account | None:
    return account(about.contact, names) if about.contact else None
