"""Keeping apart and reporting: who blocks whom, and what was reported to moderators, of this server and of its sections."""

from enum import StrEnum

from tortoise import fields, timezone
from tortoise.models import Model

from models import database
from models.actor import MAX_URI, Actor
from models.ids import IdField
from models.secrets import SealedTextField
from models.section import Section


class Block(Model):
    """An actor wants nothing to do with another. `uri` is the id of the Block activity, which an Undo names."""

    id = IdField()
    uri = fields.CharField(max_length=MAX_URI, unique=True)
    blocker: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="blocks_out")
    blocked: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="blocks_in")
    created_at = fields.DatetimeField(default=timezone.now)

    blocker_id: int
    blocked_id: int

    class Meta:
        table = "block"
        unique_together = [("blocker", "blocked")]
        indexes = [("blocked_id",)]

    @classmethod
    async def is_between(cls, one_id: int, other_id: int) -> bool:
        """Whether one of two blocks the other."""
        return bool(await database.select(_BETWEEN, one_id, other_id))


_BETWEEN = """
SELECT 1 AS found FROM block
WHERE blocker_id = $1::bigint AND blocked_id = $2::bigint OR blocker_id = $2::bigint AND blocked_id = $1::bigint LIMIT 1
"""


class ReportCategory(StrEnum):
    """Of what kind a report is.   Source: Mastodon's `category`"""

    SPAM = "spam"
    LEGAL = "legal"
    VIOLATION = "violation"
    OTHER = "other"


class Report(Model):
    """Somebody reported an actor, and perhaps posts of theirs, to the moderators here.

    `reporter` is the actor of the other server where a Flag came from there: servers send it in the name of all.
    `rule_numbers` are those of the rules of this server that it is about.
    """

    id = IdField()
    uri = fields.CharField(max_length=MAX_URI, unique=True)
    reporter: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="reports_made")
    reported: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="reports_about")
    post_uris = fields.JSONField[list[str]](default=list)
    comment = fields.TextField(default="")
    category = fields.CharEnumField(ReportCategory, max_length=16, default=ReportCategory.OTHER)
    rule_numbers = fields.JSONField[list[int]](default=list)
    created_at = fields.DatetimeField(default=timezone.now)
    resolved_at = fields.DatetimeField(null=True)

    reporter_id: int
    reported_id: int

    class Meta:
        table = "report"
        indexes = [("resolved_at", "id"), ("reporter_id",), ("reported_id",)]


class ReportOutcome(StrEnum):
    """What a section did about a report."""

    NOTHING_DONE = "nothing_done"
    DEALT_WITH = "dealt_with"


class SectionReport(Model):
    """A report that concerns a section, as those who handle its reports have it.

    Which reports do is decided when they come (server/sections/reported.py): `post_uris` are those of its posts that were
    in the section then. `note` is theirs. What they close here stays open for the administrators of the server.
    """

    id = IdField()
    section: fields.ForeignKeyRelation[Section] = fields.ForeignKeyField("models.Section", related_name="reports")
    report: fields.ForeignKeyRelation[Report] = fields.ForeignKeyField("models.Report", related_name="in_sections")
    post_uris = fields.JSONField[list[str]](default=list)
    note = SealedTextField(null=True)
    outcome = fields.CharEnumField(ReportOutcome, max_length=16, null=True)
    closed_at = fields.DatetimeField(null=True)

    section_id: int
    report_id: int

    class Meta:
        table = "section_report"
        unique_together = [("section", "report")]
        indexes = [("section_id", "closed_at", "id"), ("report_id",)]
