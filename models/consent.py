"""Who agreed to what: the ledger of consents, the texts agreed to, and those who left an address to be written to.

Source: GDPR art. 6, 7 and 9; a consent must be shown, and is as easily withdrawn as given.
"""

from collections.abc import Mapping
from enum import StrEnum

from tortoise import fields, timezone
from tortoise.models import Model

from models.actor import Actor
from models.ids import IdField
from models.secrets import SealedTextField, fingerprint


class Purpose(StrEnum):
    """What somebody agrees to: each is agreed to by itself, and withdrawn by itself.

    What a section of the member's own server is shown is shared; what leaves that server for the section's is sent.
    """

    MEMBERSHIP = "membership"
    CHARTER = "charter"
    SHARE_EMAIL = "share_email"
    SHARE_PHONE = "share_phone"
    SEND_EMAIL = "send_email"
    SEND_PHONE = "send_phone"
    NEWS = "news"
    EVENTS = "events"


SENT = frozenset({Purpose.SEND_EMAIL, Purpose.SEND_PHONE})
SHARED_COLUMNS: Mapping[Purpose, str] = {
    Purpose.SHARE_EMAIL: "email", Purpose.SHARE_PHONE: "phone", Purpose.SEND_EMAIL: "email", Purpose.SEND_PHONE: "phone",
}  # fmt: skip
"""What a membership keeps by these consents."""


class ConsentText(Model):
    """The words that were agreed to, kept as long as a consent names them. `version` counts up for each purpose."""

    id = IdField()
    purpose = fields.CharEnumField(Purpose, max_length=16)
    language = fields.CharField(max_length=16)
    version = fields.IntField()
    hash = fields.CharField(max_length=64)
    text = fields.TextField()
    created_at = fields.DatetimeField(default=timezone.now)

    class Meta:
        table = "consent_text"
        unique_together = [("purpose", "language", "hash")]


class Contact(Model):
    """Somebody who left an e-mail address with a section, without an account. Nothing is sent before it is confirmed.

    `hash` is that of the token in the link by which they see, change and withdraw all of it. `written_at` is when that
    link was last sent.
    """

    id = IdField()
    group: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="contacts")
    email = SealedTextField()
    email_fingerprint = fields.CharField(max_length=64)
    name = SealedTextField(null=True)
    language = fields.CharField(max_length=16, default="fr")
    hash = fields.CharField(max_length=64, unique=True)
    written_at = fields.DatetimeField(null=True)
    confirmed_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(default=timezone.now)

    group_id: int

    class Meta:
        table = "contact"
        unique_together = [("group", "email_fingerprint")]
        indexes = [("email_fingerprint",)]

    @classmethod
    async def of_address(cls, address: str) -> "list[Contact]":
        """Find what was left under an e-mail address, with whatever section."""
        return list(await cls.filter(email_fingerprint=fingerprint(address)).order_by("id"))


class Consent(Model):
    """Somebody agreed to one purpose of one section: an actor, or a contact. One that was withdrawn stays, and says when.

    `given_by` and `withdrawn_by` say how: "form", "link", "command", "api", or "elsewhere" for what the member's own server
    tells a section of ours. One is also withdrawn by another text that took its place ("replaced"), by the end of the
    membership that it was about ("ended"), and where that server was not heard of for too long ("expired").
    """

    id = IdField()
    group: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="consents_held")
    actor: fields.ForeignKeyNullableRelation[Actor] = fields.ForeignKeyField(
        "models.Actor", related_name="consents", null=True
    )
    contact: fields.ForeignKeyNullableRelation[Contact] = fields.ForeignKeyField(
        "models.Contact", related_name="consents", null=True
    )
    purpose = fields.CharEnumField(Purpose, max_length=16)
    text: fields.ForeignKeyRelation[ConsentText] = fields.ForeignKeyField(
        "models.ConsentText", related_name="consents", on_delete=fields.RESTRICT
    )
    given_at = fields.DatetimeField(default=timezone.now)
    given_by = fields.CharField(max_length=16)
    withdrawn_at = fields.DatetimeField(null=True)
    withdrawn_by = fields.CharField(max_length=16, default="")

    group_id: int
    actor_id: int | None
    contact_id: int | None
    text_id: int

    class Meta:
        table = "consent"
        indexes = [("group_id", "purpose"), ("actor_id", "id"), ("contact_id", "id"), ("text_id",)]


class Look(Model):
    """Somebody looked at what a section knows of its people: who, when, and at what.

    `at_what` is "list", "requests", "export", "contacts", "participants", "reports" or one "report", or one person as
    "@handle"; `rows` is how many were shown.
    """

    id = IdField()
    group: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="looks")
    viewer: fields.ForeignKeyNullableRelation[Actor] = fields.ForeignKeyField(
        "models.Actor", related_name="looks_taken", null=True, on_delete=fields.SET_NULL
    )
    at_what = fields.CharField(max_length=255)
    rows = fields.IntField(default=0)
    at = fields.DatetimeField(default=timezone.now)

    group_id: int
    viewer_id: int | None

    class Meta:
        table = "look"
        indexes = [("group_id", "id"), ("viewer_id",)]
