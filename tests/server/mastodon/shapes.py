"""What strict clients decode, as schemas: each key, the types it may have, and how lists and objects go on.

Every key that is named must be there, since some decoders throw at a missing one where others throw at null. A type
alone says that null is no value of it: strict. `or_null` says that it is one.

Source: docs.joinmastodon.org/entities; what the decoders of Tusky, Mastodon for Android, IceCubes and toot throw on.
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

Check = Callable[[Any], bool]

NULL = type(None)
BASE_83 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"


def url(value: Any) -> bool:
    """A non-empty absolute URL in ASCII: Swift's decoder gives up a whole timeline over any other."""
    if not isinstance(value, str) or not value.isascii() or re.search(r"[\s<>\"{}|\\^`]", value):
        return False
    return urlsplit(value).scheme in ("http", "https") and bool(urlsplit(value).hostname)


def blurhash(value: Any) -> bool:
    """A blurhash: its first digit says how many there are.   Source: github.com/woltapp/blurhash, Algorithm"""
    if not isinstance(value, str) or len(value) < 6 or any(digit not in BASE_83 for digit in value):
        return False
    columns, lines = BASE_83.index(value[0]) % 9 + 1, BASE_83.index(value[0]) // 9 + 1
    return len(value) == 4 + 2 * columns * lines


def id_(value: Any) -> bool:
    """An id: a string of digits."""
    return isinstance(value, str) and value.isdigit()


def instant(value: Any) -> bool:
    """A time with milliseconds and Z."""
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value) is not None


def day(value: Any) -> bool:
    """A date."""
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None


def integer(value: Any) -> bool:
    """A whole number that is not a boolean."""
    return isinstance(value, int) and not isinstance(value, bool)


def one_of(*words: str) -> Check:
    """One of these words."""
    return lambda value: value in words


def or_null(check: Any) -> Check:
    """Null, or what fits the check."""
    return lambda value: value is None or not list(problems(value, check, ""))


class Many:
    """A list whose every item fits."""

    def __init__(self, item: Any) -> None:
        self.item = item


def problems(value: Any, shape: Any, where: str) -> list[str]:
    """List what does not fit, by path; keys that the shape does not name are fine."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{where}: {value!r} is no object"]
        missing = [f"{where}.{key} is missing" for key in shape if key not in value]
        return missing + [
            found
            for key, part in shape.items()
            if key in value
            for found in problems(value[key], part, f"{where}.{key}")
        ]
    if isinstance(shape, Many):
        if not isinstance(value, list):
            return [f"{where}: {value!r} is no list"]
        return [found for i, item in enumerate(value) for found in problems(item, shape.item, f"{where}[{i}]")]
    fits = isinstance(value, shape) if isinstance(shape, type) else shape(value)
    return [] if fits else [f"{where}: {value!r}"]


def assert_shape(value: Any, shape: Any) -> None:
    """Fail with every place that does not fit."""
    found = problems(value, shape, "")
    assert not found, "\n".join(found)


EMOJI = {"shortcode": str, "url": url, "static_url": url, "visible_in_picker": bool, "category": or_null(str)}

ACCOUNT: dict[str, Any] = {
    "id": id_, "username": str, "acct": str, "url": url, "uri": url, "display_name": str, "note": str,
    "avatar": url, "avatar_static": url, "avatar_description": str, "header": url, "header_static": url,
    "header_description": str, "locked": bool, "bot": bool, "group": bool, "discoverable": or_null(bool),
    "indexable": bool, "hide_collections": or_null(bool), "created_at": instant, "last_status_at": or_null(day),
    "statuses_count": integer, "followers_count": integer, "following_count": integer, "emojis": Many(EMOJI),
    "fields": Many({"name": str, "value": str, "verified_at": or_null(instant)}),
    "roles": Many({"id": str, "name": str, "color": str}), "show_media": bool, "show_media_replies": bool,
    "show_featured": bool, "email_subscriptions": bool,
}  # fmt: skip

CREDENTIAL_ACCOUNT = ACCOUNT | {
    "source": {
        "note": str, "fields": Many({"name": str, "value": str}), "sensitive": bool, "language": str,
        "privacy": one_of("public", "unlisted", "private", "direct"), "follow_requests_count": integer,
        "hide_collections": or_null(bool), "discoverable": or_null(bool), "indexable": bool,
        "quote_policy": one_of("public", "followers", "nobody"), "attribution_domains": Many(str),
    },
    "role": {"id": str, "name": str, "color": str, "permissions": str, "highlighted": bool},
}  # fmt: skip

ATTACHMENT = {
    "id": id_, "type": one_of("unknown", "image", "gifv", "video", "audio"), "url": url, "preview_url": or_null(url),
    "remote_url": or_null(url), "description": or_null(str), "blurhash": or_null(blurhash),
    "meta": or_null(dict),
}  # fmt: skip

POLL = {
    "id": id_, "expires_at": or_null(instant), "expired": bool, "multiple": bool, "votes_count": integer,
    "voters_count": or_null(integer), "options": Many({"title": str, "votes_count": or_null(integer)}),
    "emojis": Many(EMOJI), "voted": bool, "own_votes": Many(integer),
}  # fmt: skip

STATUS: dict[str, Any] = {
    "id": id_, "uri": str, "url": or_null(url), "created_at": instant, "edited_at": or_null(instant),
    "account": ACCOUNT, "content": str, "visibility": one_of("public", "unlisted", "private", "direct"),
    "sensitive": bool, "spoiler_text": str, "language": or_null(str), "media_attachments": Many(ATTACHMENT),
    "mentions": Many({"id": id_, "username": str, "acct": str, "url": url}), "tags": Many({"name": str, "url": url}),
    "emojis": Many(EMOJI), "reblogs_count": integer, "favourites_count": integer, "replies_count": integer,
    "quotes_count": integer, "in_reply_to_id": or_null(id_), "in_reply_to_account_id": or_null(id_),
    "poll": or_null(POLL), "card": NULL, "application": NULL,
    "quote_approval": {"automatic": Many(str), "manual": Many(str),
                       "current_user": one_of("automatic", "manual", "denied", "unknown")},
}  # fmt: skip
QUOTE_STATES = one_of(
    "pending", "accepted", "rejected", "revoked", "deleted", "unauthorized", "blocked_account", "blocked_domain",
    "muted_account",
)  # fmt: skip
SHALLOW_QUOTE = {"state": QUOTE_STATES, "quoted_status_id": or_null(id_)}
QUOTED = STATUS | {"quote": or_null(SHALLOW_QUOTE), "reblog": NULL}
STATUS["quote"] = or_null({"state": QUOTE_STATES, "quoted_status": or_null(QUOTED)})
STATUS["reblog"] = or_null(STATUS | {"reblog": NULL})

FILTER = {
    "id": id_, "title": str, "expires_at": or_null(instant), "filter_action": one_of("warn", "hide", "blur"),
    "context": Many(one_of("home", "notifications", "public", "thread", "account")),
    "keywords": Many({"id": id_, "keyword": str, "whole_word": bool}), "statuses": Many({"id": id_, "status_id": id_}),
}  # fmt: skip
FILTER_RESULT = {"filter": FILTER, "keyword_matches": or_null(Many(str)), "status_matches": or_null(Many(id_))}

OWN_STATUS = STATUS | {
    "favourited": bool, "reblogged": bool, "muted": bool, "bookmarked": bool, "filtered": Many(FILTER_RESULT),
}  # fmt: skip

TAG = {"name": str, "url": url, "history": Many({"day": str, "uses": str, "accounts": str}), "featuring": bool}
FEATURED_TAG = {"id": id_, "name": str, "url": url, "statuses_count": str, "last_status_at": or_null(day)}
PROFILE = {
    "id": id_, "display_name": str, "note": str, "fields": Many({"name": str, "value": str, "verified_at": NULL}),
    "avatar": or_null(url), "avatar_static": or_null(url), "avatar_description": str, "header": or_null(url),
    "header_static": or_null(url), "header_description": str, "locked": bool, "bot": bool, "hide_collections": or_null(bool),
    "discoverable": or_null(bool), "indexable": bool, "show_media": bool, "show_media_replies": bool, "show_featured": bool,
    "attribution_domains": Many(str), "featured_tags": Many(FEATURED_TAG),
}  # fmt: skip
REPORT = {
    "id": id_, "action_taken": bool, "action_taken_at": or_null(instant), "comment": str, "forwarded": bool,
    "category": one_of("spam", "legal", "violation", "other"), "created_at": instant, "status_ids": or_null(Many(id_)),
    "rule_ids": or_null(Many(str)), "target_account": ACCOUNT,
}  # fmt: skip

RELATIONSHIP = {
    "id": id_, "following": bool, "showing_reblogs": bool, "notifying": bool, "languages": or_null(Many(str)),
    "followed_by": bool, "blocking": bool, "blocked_by": bool, "muting": bool, "muting_notifications": bool,
    "requested": bool, "requested_by": bool, "domain_blocking": bool, "endorsed": bool, "note": str,
}  # fmt: skip

CONFIGURATION = {
    "accounts": {"max_featured_tags": integer, "max_pinned_statuses": integer},
    "statuses": {"max_characters": integer, "max_media_attachments": integer, "characters_reserved_per_url": integer},
    "media_attachments": {
        "supported_mime_types": Many(str), "description_limit": integer, "image_size_limit": integer,
        "image_matrix_limit": integer, "video_size_limit": integer, "video_frame_rate_limit": integer,
        "video_matrix_limit": integer,
    },
    "polls": {"max_options": integer, "max_characters_per_option": integer,
              "min_expiration": integer, "max_expiration": integer},
}  # fmt: skip

RULES = Many({"id": str, "text": str, "hint": str})

INSTANCE_V2 = {
    "domain": str, "title": str, "version": str, "source_url": url, "description": str,
    "usage": {"users": {"active_month": integer}}, "thumbnail": {"url": url}, "icon": Many({"src": url, "size": str}),
    "languages": Many(str), "rules": RULES,
    "configuration": CONFIGURATION | {"urls": {"streaming": str}, "vapid": {"public_key": str},
                                      "translation": {"enabled": bool}},
    "registrations": {"enabled": bool, "approval_required": bool, "reason_required": or_null(bool),
                      "message": or_null(str), "min_age": or_null(integer), "url": or_null(url)},
    "contact": {"email": str, "account": or_null(ACCOUNT)},
}  # fmt: skip

INSTANCE_V1 = {
    "uri": str, "title": str, "short_description": str, "description": str, "email": str, "version": str,
    "urls": {"streaming_api": str}, "languages": Many(str), "registrations": bool, "approval_required": bool,
    "stats": {"user_count": integer, "status_count": integer, "domain_count": integer}, "thumbnail": or_null(url),
    "invites_enabled": bool, "configuration": CONFIGURATION, "contact_account": or_null(ACCOUNT), "rules": RULES,
}  # fmt: skip

APPLICATION = {
    "id": id_, "name": str, "website": or_null(url), "scopes": Many(str), "redirect_uris": Many(str),
    "redirect_uri": str, "client_id": str, "client_secret": str, "client_secret_expires_at": integer,
    "vapid_key": str,
}  # fmt: skip

NOTIFICATION_TYPES = one_of(
    "mention", "status", "reblog", "follow", "follow_request", "favourite", "poll", "update", "quote",
)  # fmt: skip
NOTIFICATION = {"id": id_, "type": NOTIFICATION_TYPES, "group_key": str, "created_at": instant, "account": ACCOUNT}
TOLD_OF_A_STATUS = NOTIFICATION | {"status": OWN_STATUS}
GROUPED = {
    "accounts": Many(ACCOUNT), "statuses": Many(OWN_STATUS),
    "notification_groups": Many({
        "group_key": str, "notifications_count": integer, "type": NOTIFICATION_TYPES, "most_recent_notification_id": id_,
        "page_min_id": id_, "page_max_id": id_, "latest_page_notification_at": instant, "sample_account_ids": Many(id_),
    }),
}  # fmt: skip
TREATMENT = one_of("accept", "filter", "drop")
NOTIFICATION_POLICY = {
    "for_not_following": TREATMENT, "for_not_followers": TREATMENT, "for_new_accounts": TREATMENT,
    "for_private_mentions": TREATMENT, "for_limited_accounts": TREATMENT,
    "summary": {"pending_requests_count": integer, "pending_notifications_count": integer},
}  # fmt: skip
NOTIFICATION_REQUEST = {
    "id": id_, "created_at": instant, "updated_at": instant, "account": ACCOUNT, "notifications_count": str,
    "last_status": or_null(OWN_STATUS),
}  # fmt: skip
CONVERSATION = {"id": id_, "unread": bool, "accounts": Many(ACCOUNT), "last_status": or_null(OWN_STATUS)}
PUSH_SUBSCRIPTION = {
    "id": id_, "endpoint": url, "server_key": str, "policy": one_of("all", "followed", "follower", "none"), "standard": bool,
    "alerts": dict.fromkeys(
        ("mention", "status", "reblog", "follow", "follow_request", "favourite", "poll", "update", "quote",
         "admin.sign_up", "admin.report"), bool),
}  # fmt: skip
