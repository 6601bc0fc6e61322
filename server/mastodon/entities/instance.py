"""Instance and V1::Instance.   Source: docs.joinmastodon.org/entities/Instance, /V1_Instance"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from federation.naming import Names
from models.actor import Actor
from server.admin.rules import HouseRule
from server.config import VERSION
from server.mastodon.entities.account import account
from server.media.actions import MAX_DESCRIPTION_CHARACTERS, MAX_OF_A_POST
from server.media.store import MAX_PIXELS, TAKEN
from server.members.profiles import MAX_FIELDS
from server.posts import polls
from server.posts.actions import MAX_CHARACTERS
from server.posts.featured import MAX_FEATURED
from server.tags.featured import MAX_FEATURED as MAX_FEATURED_TAGS

Entity = dict[str, Any]

# Clients read X.Y.Z first and offer what that Mastodon could do; nothing from 4.3 on is implied.
MASTODON_VERSION = f"4.2.0 (compatible; Coopole {VERSION})"
API_VERSION = 2  # notifications in groups
CHARACTERS_OF_A_URL = 23
LANGUAGES = {"fr": "Français", "en": "English"}


@dataclass(frozen=True, slots=True)
class About:
    """What the server says of itself. `description` is plain text; the figures are totals; `contact` is the main section.

    `push_key` is the public key by which push services know it.
    `picture_bytes` is how large a picture may be.
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
    rules: Sequence[HouseRule]


def instance_v2(about: About, names: Names) -> Entity:
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
        "configuration": _configuration(about)
        | {
            "urls": {"streaming": _streaming(names), "status": None, "about": f"{names.origin}/about"},
            "vapid": {"public_key": about.push_key},
            "translation": {"enabled": False},
            "limited_federation": False,
        },
        "registrations": {
            "enabled": False,
            "approval_required": True,
            "reason_required": None,
            "message": None,
            "min_age": None,
            "url": None,
        },
        "contact": {"email": about.email, "account": _contact(about, names)},
        "api_versions": {"mastodon": API_VERSION},
        "rules": [rule(one) for one in about.rules],
    }


def instance_v1(about: About, names: Names) -> Entity:
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
        "registrations": False,
        "approval_required": True,
        "invites_enabled": False,
        "configuration": _configuration(about),
        "contact_account": _contact(about, names),
        "rules": [rule(one) for one in about.rules],
    }


def rule(one: HouseRule) -> Entity:
    """Write a Rule.   Source: docs.joinmastodon.org/entities/Rule"""
    return {"id": str(one.number), "text": one.text, "hint": one.hint, "translations": {}}


def _configuration(about: About) -> Entity:
    """Write the limits that clients keep to: pictures are taken, films are not."""
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
            "supported_mime_types": list(TAKEN),
            "description_limit": MAX_DESCRIPTION_CHARACTERS,
            "image_size_limit": about.picture_bytes,
            "image_matrix_limit": MAX_PIXELS,
            "video_size_limit": 0,
            "video_frame_rate_limit": 0,
            "video_matrix_limit": 0,
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


def _contact(about: About, names: Names) -> Entity | None:
    return account(about.contact, names) if about.contact else None
