"""Which rows are about a person, and what of each is theirs to see: one table.

Every column of every table that refers to an actor, a login or a contact stands here, or in `LEFT_OUT` with the reason; a
test walks the models.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tortoise.models import Model

from models.actor import Actor
from models.announcement import AnnouncementReaction, AnnouncementRead
from models.bookmark import Bookmark
from models.calendar import CalendarLink
from models.consent import Consent, Contact, Look
from models.featured import FeaturedActor, FeaturedPost, FeaturedTag
from models.filters import Filter, FilterKeyword, FilterPost
from models.follow import Follow
from models.lists import Listed, ReadingList
from models.marker import Marker
from models.media import Media
from models.member import Member
from models.membership import JoinLink, Membership, MembershipHistory, Transfer
from models.moderation import Block, Report
from models.mute import ConversationMute, HostMute, Mute
from models.notification import Notification
from models.notification_policy import NotificationPermission, NotificationPolicy
from models.oauth import AccessToken, AuthorizationCode
from models.participation import Participation
from models.passkey import Passkey
from models.poll import PollVote
from models.post import Post
from models.reaction import Announce, EmojiReaction, Like
from models.remark import Remark
from models.role import RoleHolder, RoleOffer, SectionAct
from models.scheduled import ScheduledPost
from models.second_step import CodeApp, RecoveryCode
from models.session import Session
from models.sign_up import SignUp
from models.tag_follow import TagFollow


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one table that name a person in `column`.

    `shown` are the fields to give, dots leading to what another row says: "group.handle".
    """

    model: type[Model]
    column: str
    shown: tuple[str, ...]


OF_ACTORS: Mapping[str, Part] = {
    "profile": Part(
        Actor,
        "id",
        (
            "uri",
            "url",
            "username",
            "display_name",
            "note_html",
            "profile_fields",
            "icon_url",
            "image_url",
            "approves_followers",
            "is_discoverable",
            "is_indexable",
            "also_known_as",
            "moved_to_uri",
            "followers_count",
            "following_count",
            "posts_count",
            "last_post_at",
            "published_at",
        ),
    ),
    "login": Part(
        Member,
        "actor_id",
        (
            "role",
            "email",
            "language",
            "reads_in",
            "timezone",
            "posts_as",
            "marks_sensitive",
            "second_step_due_at",
            "created_at",
            "disabled_at",
        ),
    ),
    "sessions": Part(Session, "member__actor_id", ("device", "created_at", "seen_at", "expires_at")),
    "tokens": Part(
        AccessToken, "member__actor_id", ("application.name", "scopes", "created_at", "used_at", "revoked_at")
    ),
    "codes for applications": Part(AuthorizationCode, "member__actor_id", ("application.name", "scopes", "expires_at")),
    "second step": Part(CodeApp, "member__actor_id", ("created_at", "confirmed_at")),
    "recovery codes": Part(RecoveryCode, "member__actor_id", ("created_at",)),
    "passkeys": Part(Passkey, "member__actor_id", ("name", "created_at", "used_at")),
    "calendar address": Part(CalendarLink, "member__actor_id", ("created_at",)),
    "memberships": Part(
        Membership,
        "member_id",
        (
            "group.uri",
            "group.name",
            "state",
            "status",
            "message",
            "dues_until",
            "note",
            "email",
            "phone",
            "former.uri",
            "accepted_at",
            "created_at",
        ),
    ),
    "membership history": Part(MembershipHistory, "member_id", ("group.uri", "group.name", "step", "other.uri", "at")),
    "transfers": Part(
        Transfer,
        "member_id",
        ("origin.uri", "target.uri", "origin_says", "target_says", "created_at"),
    ),
    "consents": Part(
        Consent,
        "actor_id",
        (
            "group.uri",
            "group.name",
            "purpose",
            "text.version",
            "text.language",
            "text.text",
            "given_at",
            "given_by",
            "withdrawn_at",
            "withdrawn_by",
        ),
    ),
    "roles": Part(RoleHolder, "holder_id", ("section.actor.uri", "role", "giver.handle", "created_at")),
    "roles offered": Part(
        RoleOffer,
        "person_id",
        ("section.actor.uri", "role", "giver.handle", "is_hand_over", "expires_at", "created_at"),
    ),
    "roles you offered": Part(RoleOffer, "giver_id", ("section.actor.uri", "role", "person.handle", "created_at")),
    "acts for sections": Part(SectionAct, "author_id", ("section.actor.uri", "act", "at")),
    "invitations by link": Part(JoinLink, "maker_id", ("group.uri", "uses_left", "expires_at", "created_at")),
    "your looks at members": Part(Look, "viewer_id", ("group.uri", "rows", "at")),
    "posts": Part(
        Post,
        "actor_id",
        (
            "uri",
            "type",
            "visibility",
            "title",
            "content_warning",
            "content_html",
            "source_text",
            "language",
            "to_uris",
            "cc_uris",
            "in_reply_to_uri",
            "published_at",
            "edited_at",
        ),
    ),
    "pictures": Part(Media, "owner_id", ("url", "description", "post.uri", "media_type", "size_bytes", "created_at")),
    "pinned posts": Part(FeaturedPost, "actor_id", ("post.uri", "created_at")),
    "you follow": Part(
        Follow,
        "follower_id",
        ("followed.uri", "followed.handle", "state", "shows_announces", "notifies", "languages", "created_at"),
    ),
    "follow you": Part(Follow, "followed_id", ("follower.uri", "follower.handle", "state", "created_at")),
    "blocked by you": Part(Block, "blocker_id", ("blocked.uri", "blocked.handle", "created_at")),
    "muted by you": Part(
        Mute, "muter_id", ("muted.uri", "muted.handle", "hides_notifications", "expires_at", "created_at")
    ),
    "notes you made": Part(Remark, "writer_id", ("about.uri", "about.handle", "text", "written_at")),
    "hashtags you follow": Part(TagFollow, "actor_id", ("name", "created_at")),
    "hashtags you show": Part(FeaturedTag, "actor_id", ("name", "created_at")),
    "recommended by you": Part(FeaturedActor, "actor_id", ("featured.uri", "featured.handle", "created_at")),
    "announcements you put away": Part(AnnouncementRead, "actor_id", ("announcement.text", "created_at")),
    "announcements you answered": Part(AnnouncementReaction, "actor_id", ("announcement.text", "emoji", "created_at")),
    "how far you read": Part(Marker, "actor_id", ("timeline", "last_read_id", "updated_at")),
    "scheduled posts": Part(ScheduledPost, "author_id", ("due_at", "draft", "given_up_at", "created_at")),
    "conversations you left": Part(ConversationMute, "muter_id", ("uri", "created_at")),
    "servers you left": Part(HostMute, "muter_id", ("host", "created_at")),
    "bookmarks": Part(Bookmark, "actor_id", ("post.uri", "created_at")),
    "lists": Part(ReadingList, "owner_id", ("title", "replies_policy", "is_exclusive", "created_at")),
    "in your lists": Part(Listed, "list__owner_id", ("list.title", "actor.handle", "created_at")),
    "filters": Part(Filter, "owner_id", ("title", "contexts", "action", "expires_at", "created_at")),
    "filtered words": Part(FilterKeyword, "part_of__owner_id", ("part_of.title", "keyword", "is_whole_word")),
    "filtered posts": Part(FilterPost, "part_of__owner_id", ("part_of.title", "post.uri")),
    "likes": Part(Like, "actor_id", ("post.uri", "created_at")),
    "emoji reactions": Part(EmojiReaction, "actor_id", ("post.uri", "emoji", "created_at")),
    "boosts": Part(Announce, "actor_id", ("post.uri", "published_at")),
    "votes": Part(PollVote, "actor_id", ("option.poll.post.uri", "option.title", "created_at")),
    "events": Part(
        Participation,
        "actor_id",
        (
            "event.uri",
            "event.title",
            "state",
            "channel",
            "guests",
            "answers",
            "message",
            "said_at",
            "came_at",
            "created_at",
        ),
    ),
    "reports you made": Part(
        Report,
        "reporter_id",
        ("reported.uri", "post_uris", "comment", "category", "rule_numbers", "created_at", "resolved_at"),
    ),
    "notifications": Part(Notification, "recipient_id", ("type", "actor.handle", "post.uri", "created_at")),
    "who may notify you": Part(
        NotificationPolicy,
        "actor_id",
        ("for_not_following", "for_not_followers", "for_new_accounts", "for_private_mentions", "for_limited_accounts"),
    ),
    "let through to notify you": Part(NotificationPermission, "recipient_id", ("actor.handle", "created_at")),
}
"""What we hold of an actor, in the order in which it is shown."""

OF_CONTACTS: Mapping[str, Part] = {
    "address": Part(
        Contact, "id",
        ("group.uri", "group.name", "email", "name", "language", "written_at", "confirmed_at", "created_at"),
    ),
    "consents": Part(Consent, "contact_id", OF_ACTORS["consents"].shown),
}  # fmt: skip
"""What we hold of somebody who left an address."""

OF_ADDRESSES: Mapping[str, Part] = {
    "events by e-mail": Part(Participation, "email_fingerprint", ("email", "name", *OF_ACTORS["events"].shown)),
    "accounts asked for": Part(
        SignUp, "email_fingerprint", ("username", "email", "reason", "language", "created_at", "confirmed_at")
    ),
}
"""What we hold of somebody under the e-mail address of their login, which they left without an account."""

LEFT_OUT: Mapping[tuple[str, str], str] = {
    ("actor_key", "actor_id"): "keys that sign for them: a secret of the server, in no hands",
    ("block", "blocked_id"): "who blocked them is what others did",
    ("featured_actor", "featured_id"): "who recommends them is what others did",
    ("home_row", "actor_id"): "what others read",
    ("conversation", "owner_id"): "made from posts that they wrote or that name them",
    ("home_row", "owner_id"): "made from whom they follow, and made anew from it",
    ("listed", "actor_id"): "whom others list is theirs",
    ("mention", "actor_id"): "who names them is what others wrote",
    ("mute", "muted_id"): "who mutes them is what others did",
    ("notification", "actor_id"): "what others were told",
    ("remark", "about_id"): "what others noted for themselves",
    ("notification_permission", "actor_id"): "whom others let through",
    ("report", "reported_id"): "who reported them is protected; the moderators answer for it",
    ("post", "group_id"): "of a section",
    ("section", "actor_id"): "of a section",
    ("membership", "group_id"): "of a section: its members are asked themselves",
    ("membership_history", "group_id"): "of a section",
    ("membership", "former_id"): "what goes on from them is told to the account to which they moved",
    ("membership_history", "other_id"): "of a section, or of the account to which they moved",
    ("consent", "group_id"): "of a section",
    ("contact", "group_id"): "of a section",
    ("calendar_import", "section_id"): "of a section: what a calendar file held, without anybody's name",
    ("look", "group_id"): "of a section; looks at one person are found by name (known.py)",
    ("join_link", "group_id"): "of a section",
    ("event", "organiser_id"): "their posts, and those of a section",
    ("event_series", "organiser_id"): "their posts, and those of a section",
    ("organising", "section_id"): "of a section",
    ("place", "owner_id"): "where an event takes place, which its post says",
    ("transfer", "origin_id"): "of a section",
    ("transfer", "target_id"): "of a section",
    ("role_holder", "giver_id"): "whom they made what; it is among their acts for the section",
}
"""What refers to an actor and is not shown, and why."""


def value(row: Model, path: str) -> Any:
    """Follow a path of `Part.shown` from a row; None where it leads nowhere."""
    found: Any = row
    for name in path.split("."):
        if found is None:
            return None
        found = getattr(found, name)
    return found


def relations(part: Part) -> list[str]:
    """Name what must be loaded with a row for all of `Part.shown`, as `select_related` wants it."""
    return sorted({path.rpartition(".")[0].replace(".", "__") for path in part.shown if "." in path})
