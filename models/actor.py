"""Whoever acts: a member, a section, the instance itself, and everybody like them on other servers."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tortoise import fields, timezone
from tortoise.models import Model

from models import database
from models.ids import IdField
from models.rows import columns, in_list, made, select
from models.secrets import SealedTextField

if TYPE_CHECKING:
    from models.member import Member
    from models.section import Section

MAX_URI = 2048
MAX_NAME = 255
MAX_LOCAL_NAME = 64


class ActorType(StrEnum):
    """The five actor types of ActivityStreams. Source: Activity Vocabulary §3.2."""

    PERSON = "Person"
    GROUP = "Group"
    APPLICATION = "Application"
    SERVICE = "Service"
    ORGANIZATION = "Organization"


class Actor(Model):
    """An actor, ours or another server's.

    `uri` is the network id, never reused. `handle_host` is the part behind the @ of a remote handle, empty for ours;
    `local_name` is the lower-case username of an actor of ours and makes it unique here.
    `other_keys` are a remote actor's further public keys by uri: multibase where they prove what it says
    (assertionMethod), PEM where they only sign requests (publicKey).
    `members_uri` is the collection of a group's members, to which what is for them alone is addressed.
    `takes_shared_details`: a group whose server reads what members elsewhere show to its managers (models/details.py).
    `is_suspended`: its home has silenced it, and nothing of it is shown. `blocked_at`, `is_silenced` and
    `is_media_rejected` are what the rules for its domain make of it. `is_memorial`: whoever it was has died.
    `moved_to_uri`: it lives on under another name.
    `delivery_uri` is the inbox to use: the shared one where there is one. `followers_count` and the other totals are
    kept by the handlers that change them, and count what this server knows.
    """

    id = IdField()
    uri = fields.CharField(max_length=MAX_URI, unique=True)
    url = fields.CharField(max_length=MAX_URI)
    type = fields.CharEnumField(ActorType, max_length=16)
    is_local = fields.BooleanField(default=False)
    username = fields.CharField(max_length=MAX_NAME)
    handle_host = fields.CharField(max_length=MAX_NAME, default="")
    local_name = fields.CharField(max_length=MAX_LOCAL_NAME, null=True, unique=True)
    display_name = fields.CharField(max_length=255, default="")
    note_html = fields.TextField(default="")
    profile_fields = fields.JSONField[list[dict[str, str]]](default=list)
    icon_url = fields.CharField(max_length=MAX_URI, null=True)
    image_url = fields.CharField(max_length=MAX_URI, null=True)
    host = fields.CharField(max_length=255)
    inbox_uri = fields.CharField(max_length=MAX_URI)
    shared_inbox_uri = fields.CharField(max_length=MAX_URI, null=True)
    delivery_uri = fields.CharField(max_length=MAX_URI)
    outbox_uri = fields.CharField(max_length=MAX_URI, null=True)
    followers_uri = fields.CharField(max_length=MAX_URI, null=True)
    following_uri = fields.CharField(max_length=MAX_URI, null=True)
    featured_uri = fields.CharField(max_length=MAX_URI, null=True)
    members_uri = fields.CharField(max_length=MAX_URI, null=True, db_index=True)
    key_uri = fields.CharField(max_length=MAX_URI, null=True, db_index=True)
    public_key_pem = fields.TextField(default="")
    other_keys = fields.JSONField[dict[str, str]](default=dict)
    approves_followers = fields.BooleanField(default=False)
    is_discoverable = fields.BooleanField(default=True)
    is_indexable = fields.BooleanField(default=False)
    also_known_as = fields.JSONField[list[str]](default=list)
    moved_to_uri = fields.CharField(max_length=MAX_URI, null=True)
    is_suspended = fields.BooleanField(default=False)
    blocked_at = fields.DatetimeField(null=True)
    is_silenced = fields.BooleanField(default=False)
    is_media_rejected = fields.BooleanField(default=False)
    is_memorial = fields.BooleanField(default=False)
    takes_shared_details = fields.BooleanField(default=False)
    emojis = fields.JSONField[list[dict[str, str]]](default=list)
    followers_count = fields.IntField(default=0)
    following_count = fields.IntField(default=0)
    posts_count = fields.IntField(default=0)
    last_post_at = fields.DatetimeField(null=True)
    published_at = fields.DatetimeField(default=timezone.now)
    fetched_at = fields.DatetimeField(null=True)
    gone_at = fields.DatetimeField(null=True)

    keys: fields.ReverseRelation["ActorKey"]
    member: fields.ReverseRelation["Member"]
    section: fields.ReverseRelation["Section"]

    class Meta:
        table = "actor"
        indexes = [("handle_host", "username"), ("host",)]

    @property
    def handle(self) -> str:
        """'user' for an actor of ours, 'user@host' for another server's."""
        return f"{self.username}@{self.handle_host}" if self.handle_host else self.username

    @property
    def name(self) -> str:
        """What to call them on a page: the display name, or the username where there is none."""
        return self.display_name or self.username

    @property
    def is_group(self) -> bool:
        """Whether this is a section, or another server's group."""
        return self.type is ActorType.GROUP

    @classmethod
    async def local(cls, username: str) -> "Actor | None":
        """Find an actor of ours by username, whatever its case; None when there is none."""
        name = username.lower()
        return await cls.get_or_none(local_name=name, gone_at=None) if len(name) <= MAX_LOCAL_NAME else None

    @classmethod
    async def lives_here(cls, uri: str) -> bool:
        """Whether `uri` names an actor of ours: asked for each request, so with nothing around it."""
        return bool(await database.select(_LIVES_HERE, uri))

    @classmethod
    async def count_post(cls, id_: int, last_post_at: datetime) -> None:
        """Count one more post of an actor."""
        await database.execute(_COUNT_POST, id_, last_post_at)

    @classmethod
    async def owning(cls, key_uri: str, uri: str) -> "list[Actor]":
        """Find whoever has this as its key, and the actor of this uri. That there is nobody is quickly said."""
        ids = [row["id"] for row in await database.select(_OWNING, key_uri, uri)]
        return list(await cls.filter(id__in=ids)) if ids else []

    @classmethod
    async def bearing(cls, uris: Sequence[str]) -> "list[Actor]":
        """Load the actors of these uris: asked for each batch, so with nothing around it."""
        rows = await select(f"SELECT {columns(cls, 'a')} FROM actor a WHERE a.uri IN {in_list(uris)}", *uris)
        return [made(cls, row) for row in rows]

    @classmethod
    async def ids_there(cls, ids: Sequence[int]) -> set[int]:
        """Tell which of these ids are those of rows."""
        rows = await database.select(_THERE.format(ids=database.placeholders(len(ids))), *ids)
        return {row["id"] for row in rows}


_COUNT_POST = "UPDATE actor SET posts_count = posts_count + 1, last_post_at = $2 WHERE id = $1"
_LIVES_HERE = "SELECT 1 AS found FROM actor WHERE uri = $1 AND is_local AND gone_at IS NULL"
_OWNING = "SELECT id FROM actor WHERE key_uri = $1 UNION SELECT id FROM actor WHERE uri = $2"
_THERE = "SELECT id FROM actor WHERE id IN ({ids})"


def in_sight(prefix: str = "") -> dict[str, Any]:
    """Give the filters that leave out whoever is shown nowhere; `prefix` leads to the actor: 'post__actor__'."""
    return {f"{prefix}is_suspended": False, f"{prefix}blocked_at": None}


class KeyType(StrEnum):
    """The two signature algorithms our actors hold keys for."""

    RSA = "rsa"
    ED25519 = "ed25519"


class ActorKey(Model):
    """A private key of an actor of ours, sealed.

    `public` is a PEM for RSA (publicKey) and a multibase string for Ed25519 (assertionMethod).
    Source: FEP-521a.
    """

    id = IdField()
    actor: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="keys")
    type = fields.CharEnumField(KeyType, max_length=16)
    uri = fields.CharField(max_length=MAX_URI, unique=True)
    public = fields.TextField()
    private_pem = SealedTextField()
    created_at = fields.DatetimeField(default=timezone.now)

    actor_id: int

    class Meta:
        table = "actor_key"
        unique_together = [("actor", "type")]
