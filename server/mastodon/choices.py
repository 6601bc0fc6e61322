"""What a member chooses, by the names that endpoints read: filters, lists, whom to be told by, where to be told."""

from typing import Literal, Required, TypedDict

from server.mastodon.entities.kinds import Id
from server.mastodon.inputs import Many


class FilterWord(TypedDict, total=False):
    """A word that a filter looks for."""

    id: Id
    keyword: str
    whole_word: bool
    _destroy: bool


FilterContexts = list[Literal["home", "notifications", "public", "thread", "account"]]


class FilterTerms(TypedDict, total=False):
    """A filter; `expires_in` in seconds."""

    title: str
    context: FilterContexts
    filter_action: Literal["warn", "hide", "blur"]
    expires_in: Many
    keywords_attributes: list[FilterWord]


class V1FilterTerms(TypedDict, total=False):
    """A filter as clients of old know it."""

    phrase: str
    context: FilterContexts
    irreversible: bool
    whole_word: bool
    expires_in: Many


class ListTerms(TypedDict, total=False):
    """A list."""

    title: str
    replies_policy: Literal["followed", "list", "none"]
    exclusive: bool


Treatment = Literal["accept", "filter", "drop"]


class PolicyChanges(TypedDict, total=False):
    """By whom one wants to be told."""

    for_not_following: Treatment
    for_not_followers: Treatment
    for_new_accounts: Treatment
    for_private_mentions: Treatment
    for_limited_accounts: Treatment


class V1PolicyChanges(TypedDict, total=False):
    """The same, as clients of old know it."""

    filter_not_following: bool
    filter_not_followers: bool
    filter_new_accounts: bool
    filter_private_mentions: bool


class PushKeys(TypedDict, total=False):
    """Keys of a push subscription, in base64url."""

    p256dh: Required[str]
    auth: Required[str]


class PushAt(TypedDict, total=False):
    """Where to push."""

    endpoint: Required[str]
    keys: Required[PushKeys]
    standard: bool


PushPolicy = Literal["all", "followed", "follower", "none"]


class PushData(TypedDict, total=False):
    """Of what and of whom one is told."""

    alerts: dict[str, bool]
    policy: PushPolicy


class PushChanges(TypedDict, total=False):
    """Of what a client is told."""

    data: PushData
    policy: PushPolicy


class NewPush(PushChanges, total=False):
    """Where a client is to be told, and of what."""

    subscription: Required[PushAt]
