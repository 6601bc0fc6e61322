"""Calendars that leave and calendars that come: a member's private address, and what a file held until it is chosen from."""

from typing import Any

from tortoise import fields, timezone
from tortoise.models import Model

from models.actor import Actor
from models.ids import IdField
from models.member import Member


class CalendarLink(Model):
    """The private address under which a member's calendar program asks for their agenda.

    `hash` is that of the token in it, which is reckoned from the id: a new row is a new address, and the old one leads
    nowhere.
    """

    id = IdField()
    member: fields.OneToOneRelation[Member] = fields.OneToOneField("models.Member", related_name="calendar_link")
    hash = fields.CharField(max_length=64, unique=True)
    created_at = fields.DatetimeField(default=timezone.now)

    member_id: int

    class Meta:
        table = "calendar_link"


class CalendarImport(Model):
    """What was read of a calendar that somebody brought to a section's desk: kept for a day, to choose from.

    `found` is what server/events/importing.py wrote: when and where, and what is public of an event; nobody's name.
    """

    id = IdField()
    section: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="calendar_imports")
    found = fields.JSONField[dict[str, Any]]()
    created_at = fields.DatetimeField(default=timezone.now)

    section_id: int

    class Meta:
        table = "calendar_import"
        indexes = [("section_id",), ("created_at",)]
