"""What each endpoint reads of what it is sent, by name: for `openapi.json`, and for whoever wonders.

`parameters.read` takes all of it by query, form, multipart or JSON. What must be there is Required.
"""

from typing import Annotated, Literal, Required, TypedDict

from msgspec import Meta

from server.mastodon.entities.kinds import Id

File = Annotated[str, Meta(extra_json_schema={"format": "binary"})]
Many = Annotated[int, Meta(ge=0, le=2**31)]


class Paged(TypedDict, total=False):
    """Which part of a list."""

    max_id: Id
    since_id: Id
    min_id: Id
    limit: Many


class LinkPage(Paged, total=False):
    """Which posts with a link to a page."""

    url: Required[str]


class Several(TypedDict, total=False):
    """Several things by their ids."""

    id: list[Id]


class Address(TypedDict, total=False):
    """An e-mail address."""

    email: Required[str]


class Domain(TypedDict, total=False):
    """A server by its domain."""

    domain: Required[str]


class DirectoryPage(TypedDict, total=False):
    """Which part of the directory."""

    order: Literal["active", "new"]
    limit: Many
    offset: Many


class NewTag(TypedDict, total=False):
    """A hashtag."""

    name: Required[str]


class OneTold(TypedDict, total=False):
    """A notification by its id."""

    id: Required[Id]


class Policy(TypedDict, total=False):
    """Who may quote a status."""

    quote_approval_policy: Required[Literal["public", "followers", "nobody"]]


class Lookup(TypedDict, total=False):
    """A handle."""

    acct: Required[str]


class AccountStatuses(Paged, total=False):
    """Which statuses of an account."""

    pinned: bool
    only_media: bool
    exclude_replies: bool
    exclude_reblogs: bool


class Wishes(TypedDict, total=False):
    """What one wants to have of whom one follows."""

    reblogs: bool
    notify: bool
    languages: list[str]


class Comment(TypedDict, total=False):
    """What one notes about an account."""

    comment: str


class MuteTerms(TypedDict, total=False):
    """How much of an account is not to be read; `duration` in seconds, 0 for good."""

    notifications: bool
    duration: Many


class ProfileField(TypedDict, total=False):
    """A line of a profile."""

    name: str
    value: str


class ProfileSource(TypedDict, total=False):
    """What a member chooses for new posts."""

    language: str
    privacy: Literal["public", "unlisted", "private"]
    sensitive: bool


class ProfileText(TypedDict, total=False):
    """A member's own profile."""

    display_name: str
    note: str
    locked: bool
    bot: bool
    discoverable: bool
    indexable: bool
    fields_attributes: list[ProfileField]


class OwnProfile(ProfileText, total=False):
    """A member's own profile, and what they choose for new posts."""

    avatar: File
    header: File
    source: ProfileSource


class NewPoll(TypedDict, total=False):
    """A question; `expires_in` in seconds."""

    options: Required[list[str]]
    expires_in: Required[Many]
    multiple: bool
    hide_totals: bool


class MediaAbout(TypedDict, total=False):
    """What is said of a picture; `focus` is "x,y", each from -1 to 1."""

    description: str
    focus: str


class MediaAttributes(MediaAbout, total=False):
    """What is said of a picture that has an id."""

    id: Required[Id]


class EditedStatus(TypedDict, total=False):
    """A status as it is to be."""

    status: str
    spoiler_text: str
    sensitive: bool
    language: str
    media_ids: list[Id]
    media_attributes: list[MediaAttributes]
    poll: NewPoll
    quote_approval_policy: Literal["public", "followers", "nobody"]


class NewStatus(EditedStatus, total=False):
    """A status; `section` is the account that it is for, where `visibility` says so."""

    visibility: Literal["public", "unlisted", "private", "direct", "section"]
    section: Id
    in_reply_to_id: Id
    quoted_status_id: Id
    scheduled_at: str


class Upload(MediaAbout, total=False):
    """A picture, film or sound; `thumbnail` is a picture for a film."""

    file: Required[File]
    thumbnail: File


class MediaChanges(MediaAbout, total=False):
    """What is changed of a picture or a film."""

    thumbnail: File


class Deletion(TypedDict, total=False):
    """Whether the pictures of a status go at once: a new one may show them for a day otherwise."""

    delete_media: bool


class Votes(TypedDict, total=False):
    """The positions of options."""

    choices: Required[list[int]]


class OneStatus(TypedDict, total=False):
    """A status."""

    status_id: Required[Id]


class Accounts(TypedDict, total=False):
    """Several accounts."""

    account_ids: list[Id]


class Timelines(TypedDict, total=False):
    """Which markers."""

    timeline: list[Literal["home", "notifications"]]


class LastRead(TypedDict, total=False):
    """How far a timeline was read."""

    last_read_id: Required[Id]


class Marks(TypedDict, total=False):
    """How far timelines were read."""

    home: LastRead
    notifications: LastRead


class Told(TypedDict, total=False):
    """Which notifications."""

    types: list[str]
    exclude_types: list[str]
    account_id: Id
    include_filtered: bool


class ToldPage(Told, Paged, total=False):
    """A page of notifications."""


class ToldCount(Told, total=False):
    """How many notifications are counted at most."""

    limit: Many


class GroupedPage(ToldPage, total=False):
    """A page of notifications in groups."""

    grouped_types: list[str]
    expand_accounts: Literal["full", "partial_avatars"]


class GroupedCount(ToldCount, total=False):
    """How many groups are counted at most."""

    grouped_types: list[str]


class NewReport(TypedDict, total=False):
    """What is wrong with an account."""

    account_id: Required[Id]
    status_ids: list[Id]
    rule_ids: list[Id]
    comment: str
    category: Literal["spam", "legal", "violation", "other"]
    forward: bool


class DueAt(TypedDict, total=False):
    """When to publish."""

    scheduled_at: Required[str]


class AccountSearch(TypedDict, total=False):
    """What to look for among accounts."""

    q: Required[str]
    limit: Many
    resolve: bool
    following: bool
    offset: Many


class AnySearch(AccountSearch, total=False):
    """What to look for."""

    type: Literal["accounts", "statuses", "hashtags"]
    account_id: Id
    max_id: Id
    min_id: Id


class PublicPage(Paged, total=False):
    """Which part of the public timeline."""

    local: bool
    remote: bool


class TagPage(PublicPage, total=False):
    """Which posts that bear a hashtag."""

    any: list[str]
    all: list[str]
    none: list[str]
    only_media: bool


class Listening(TypedDict, total=False):
    """Who listens, and to which hashtag or list; whether to posts with pictures alone."""

    access_token: str
    tag: str
    list: Id
    only_media: bool


class NewAccount(TypedDict, total=False):
    """A wish for an account; `invite_code` is the token of a section's link."""

    username: Required[str]
    email: Required[str]
    password: Required[str]
    agreement: Required[bool]
    locale: str
    reason: str
    invite_code: str


class OtherAddress(TypedDict, total=False):
    """An e-mail address in place of the one that was given."""

    email: str


class NewApp(TypedDict, total=False):
    """A program."""

    client_name: Required[str]
    redirect_uris: Required[list[str]]
    scopes: str
    website: str
