"""Account, CredentialAccount, Profile, Relationship.

Source: docs.joinmastodon.org/entities/Account, /CredentialAccount, /Profile, /Relationship
"""

from collections.abc import Iterable, Sequence
from typing import TypedDict

from federation.naming import Names
from federation.sanitise import plain_text
from models.actor import Actor, ActorType
from models.member import Member
from models.post import Visibility
from models.role import RoleHolder
from server.follows.queries import Standing
from server.mastodon.entities.kinds import Day, Html, Id, Instant, Url
from server.mastodon.entities.moments import day, instant, midnight
from server.mastodon.entities.role import Role, own_roles, server_role, shown_roles
from server.mastodon.entities.tag import FeaturedTag, featured_tag
from server.media.addresses import copy_urls
from server.tags.featured import Shown

PRIVACY_OF = {Visibility.PUBLIC: "public", Visibility.UNLISTED: "unlisted", Visibility.FOLLOWERS: "private"}
AUTOMATIC = (ActorType.APPLICATION, ActorType.SERVICE)


class CustomEmoji(TypedDict):
    """A picture that stands for a shortcode."""

    shortcode: str
    url: Url
    static_url: Url
    visible_in_picker: bool
    category: str | None


class Field(TypedDict):
    """A line of a profile: HTML in an Account, as it was typed in a Source."""

    name: str
    value: Html
    verified_at: Instant | None


class Account(TypedDict):
    """An actor."""

    id: Id
    username: str
    acct: str
    url: Url
    uri: Url
    display_name: str
    note: Html
    avatar: Url
    avatar_static: Url
    avatar_description: str
    header: Url
    header_static: Url
    header_description: str
    locked: bool
    bot: bool
    group: bool
    discoverable: bool
    indexable: bool
    noindex: bool
    hide_collections: bool
    created_at: Instant
    last_status_at: Day | None
    statuses_count: int
    followers_count: int
    following_count: int
    emojis: list[CustomEmoji]
    fields: list[Field]
    roles: list[Role]
    moved: "Account | None"
    suspended: bool
    limited: bool
    memorial: bool
    show_media: bool
    show_media_replies: bool
    show_featured: bool
    email_subscriptions: bool


class MutedAccount(Account):
    """An actor whom a member does not want to read."""

    mute_expires_at: Instant | None


class Source(TypedDict):
    """A profile as it was typed, and what a member chose for new posts."""

    note: str
    fields: list[Field]
    privacy: str
    sensitive: bool
    language: str
    follow_requests_count: int
    hide_collections: bool
    discoverable: bool
    indexable: bool
    quote_policy: str
    attribution_domains: list[str]


class CredentialAccount(Account):
    """A member's own actor."""

    source: Source
    role: Role


class Profile(TypedDict):
    """A member's own profile, as they typed it."""

    id: Id
    display_name: str
    note: str
    fields: list[Field]
    avatar: Url | None
    avatar_static: Url | None
    avatar_description: str
    header: Url | None
    header_static: Url | None
    header_description: str
    locked: bool
    bot: bool
    hide_collections: bool
    discoverable: bool
    indexable: bool
    show_media: bool
    show_media_replies: bool
    show_featured: bool
    attribution_domains: list[str]
    featured_tags: list[FeaturedTag]


class Relationship(TypedDict):
    """How a member stands to an actor."""

    id: Id
    following: bool
    showing_reblogs: bool
    notifying: bool
    languages: list[str] | None
    followed_by: bool
    blocking: bool
    blocked_by: bool
    muting: bool
    muting_notifications: bool
    muting_expires_at: Instant | None
    requested: bool
    requested_by: bool
    domain_blocking: bool
    endorsed: bool
    note: str


def account(actor: Actor, names: Names, moved: Actor | None = None) -> Account:
    """Write an Account. A picture is never empty: some clients drop a whole timeline over an empty URL.

    `moved` is where it lives now, where that was looked up.
    """
    icon_url, image_url = (None, None) if actor.is_media_rejected else (actor.icon_url, actor.image_url)
    avatar, avatar_static = _picture(icon_url, "avatar-missing.png", names)
    header, header_static = _picture(image_url, "header-missing.png", names)
    return {
        "id": str(actor.id),
        "username": actor.username,
        "acct": actor.handle,
        "url": actor.url,
        "uri": actor.uri,
        "display_name": actor.display_name,
        "note": actor.note_html,
        "avatar": avatar,
        "avatar_static": avatar_static,
        "avatar_description": "",
        "header": header,
        "header_static": header_static,
        "header_description": "",
        "locked": actor.approves_followers,
        "bot": actor.type in AUTOMATIC,
        "group": actor.is_group,
        "discoverable": actor.is_discoverable,
        "indexable": actor.is_indexable,
        "noindex": not actor.is_indexable,
        "hide_collections": True,
        "created_at": midnight(actor.published_at),
        "last_status_at": day(actor.last_post_at) if actor.last_post_at else None,
        "statuses_count": actor.posts_count,
        "followers_count": actor.followers_count,
        "following_count": actor.following_count,
        "emojis": [] if actor.is_media_rejected else custom_emojis(actor.emojis, names),
        "fields": [_field(item) for item in actor.profile_fields],
        "roles": shown_roles(actor),
        "show_media": True,
        "show_media_replies": True,
        "show_featured": True,
        "email_subscriptions": takes_addresses(actor),
        "moved": account(moved, names) if moved else None,
        "suspended": actor.gone_at is not None or actor.is_suspended,
        "limited": actor.is_silenced,
        "memorial": actor.is_memorial,
    }


def takes_addresses(actor: Actor) -> bool:
    """Whether one may leave an e-mail address with an actor: it is a section of this server."""
    return actor.is_local and actor.is_group and actor.gone_at is None


def _picture(url: str | None, instead: str, names: Names) -> tuple[str, str]:
    """Tell where a picture of somebody is seen, and one that stands still."""
    if url is None:
        return (missing := f"{names.origin}/static/{instead}"), missing
    return copy_urls(url, names)


def custom_emojis(rows: list[dict[str, str]], names: Names) -> list[CustomEmoji]:
    """Write CustomEmojis, as another server's post or actor names them."""
    return [_custom_emoji(row["shortcode"], *copy_urls(row["url"], names)) for row in rows]


def _custom_emoji(shortcode: str, whole: str, small: str) -> CustomEmoji:
    return {"shortcode": shortcode, "url": whole, "static_url": small, "visible_in_picker": False, "category": None}


def _field(item: dict[str, str]) -> Field:
    return {"name": item.get("name", ""), "value": item.get("value", ""), "verified_at": item.get("verified_at")}


def credential_account(
    actor: Actor,
    member: Member,
    names: Names,
    *,
    follow_requests: int,
    held: Iterable[RoleHolder],
    moved: Actor | None = None,
) -> CredentialAccount:
    """Write the CredentialAccount of a member, for that member alone. `held` is what they are in which section."""
    return {
        **account(actor, names, moved),
        "roles": own_roles(held, member.language),
        "source": {
            "note": _text(actor.note_html),
            "fields": [_source_field(item) for item in actor.profile_fields],
            "privacy": PRIVACY_OF.get(member.posts_as, "public"),
            "sensitive": member.marks_sensitive,
            "language": member.language,
            "follow_requests_count": follow_requests,
            "hide_collections": True,
            "discoverable": actor.is_discoverable,
            "indexable": actor.is_indexable,
            "quote_policy": "public",
            "attribution_domains": [],
        },
        "role": server_role(member),
    }


def profile(actor: Actor, names: Names, tags: Sequence[Shown]) -> Profile:
    """Write the Profile of a member, for that member alone: texts as they were typed, and no picture where there is none."""
    return {
        "id": str(actor.id),
        "display_name": actor.display_name,
        "note": _text(actor.note_html),
        "fields": [_source_field(item) for item in actor.profile_fields],
        "avatar": actor.icon_url,
        "avatar_static": actor.icon_url,
        "avatar_description": "",
        "header": actor.image_url,
        "header_static": actor.image_url,
        "header_description": "",
        "locked": actor.approves_followers,
        "bot": actor.type in AUTOMATIC,
        "hide_collections": True,
        "discoverable": actor.is_discoverable,
        "indexable": actor.is_indexable,
        "show_media": True,
        "show_media_replies": True,
        "show_featured": True,
        "attribution_domains": [],
        "featured_tags": [featured_tag(one, names) for one in tags],
    }


def _source_field(item: dict[str, str]) -> Field:
    return {"name": item.get("name", ""), "value": _text(item.get("value", "")), "verified_at": item.get("verified_at")}


def _text(html: str) -> str:
    return plain_text(html) if html else ""


def relationship(actor_id: int, standing: Standing) -> Relationship:
    """Write how the viewer stands to an actor."""
    return {
        "id": str(actor_id),
        "following": standing.is_following,
        "showing_reblogs": standing.shows_announces,
        "notifying": standing.notifies,
        "languages": list(standing.languages) or None,
        "followed_by": standing.is_followed_by,
        "blocking": standing.is_blocking,
        "blocked_by": False,
        "muting": standing.is_muting,
        "muting_notifications": standing.mutes_notifications,
        "muting_expires_at": instant(standing.muted_until) if standing.muted_until else None,
        "requested": standing.is_requested,
        "requested_by": standing.is_requested_by,
        "domain_blocking": standing.mutes_host,
        "endorsed": standing.recommends,
        "note": standing.remark,
    }
