"""Who comes to an event: one ledger for each, whatever way the answer came."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from tortoise import fields, timezone
from tortoise.functions import Count, Sum
from tortoise.models import Model

from models.actor import MAX_URI, Actor
from models.event import Shift
from models.ids import IdField, new_id
from models.post import Post
from models.secrets import SealedTextField


class ParticipationState(StrEnum):
    """What became of an invitation or a wish to come.

    `WAITING`: agreed to as soon as there is room. `DECLINED`: they said no themselves; `REFUSED`: the organisers do not
    want them to come. `UNCONFIRMED`: left with an e-mail address whose owner has not said yet that it was them.
    """

    INVITED = "invited"
    UNCONFIRMED = "unconfirmed"
    REQUESTED = "requested"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"
    REFUSED = "refused"


class Channel(StrEnum):
    """How somebody answered last, which is how they are told of what changes.

    A Join or Leave (Mobilizon), an answer to the Event itself (Friendica, Hubzilla), a vote in its poll, a reply that says
    so, our own pages or an app, an e-mail address, the list at the door.
    """

    JOIN = "join"
    ANSWER = "answer"
    POLL = "poll"
    REPLY = "reply"
    PAGE = "page"
    EMAIL = "email"
    DOOR = "door"


class Participation(Model):
    """Somebody comes to `event`, may come, or was asked to. Shown to nobody but them and the organisers.

    Somebody is an `actor`, or whoever left an e-mail address or a name at the door. `uri` is the id of the activity that
    said so last (Join, Invite, Accept or TentativeAccept of the event); null for what did not come as one. `hash` is that
    of the token in the private link by which an address changes its mind; of a name at the door, that of the form in which
    it was typed. `answers` is JSON, by the ids of the event's questions; `message` what they wrote to the organisers.
    `wished_shifts` are ids of shifts, which one who is UNCONFIRMED does not take yet. `said_at` is when they answered last:
    the newest counts, and the waiting list goes by it. `guests` come along. `came_at` is when they were seen at the door.
    """

    id = IdField()
    uri = fields.CharField(max_length=MAX_URI, unique=True, null=True)
    event: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="participations")
    actor: fields.ForeignKeyNullableRelation[Actor] = fields.ForeignKeyField(
        "models.Actor", related_name="participations", null=True
    )
    email = SealedTextField(null=True)
    email_fingerprint = fields.CharField(max_length=64, null=True)
    name = SealedTextField(null=True)
    hash = fields.CharField(max_length=64, null=True, unique=True)
    language = fields.CharField(max_length=16, default="fr")
    channel = fields.CharEnumField(Channel, max_length=16, default=Channel.JOIN)
    state = fields.CharEnumField(ParticipationState, max_length=16, default=ParticipationState.REQUESTED)
    guests = fields.SmallIntField(default=0)
    answers = SealedTextField(null=True)
    message = SealedTextField(null=True)
    wished_shifts = fields.JSONField[list[int]](default=list)
    said_at = fields.DatetimeField(default=timezone.now)
    written_at = fields.DatetimeField(null=True)
    reminded_at = fields.DatetimeField(null=True)
    came_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(default=timezone.now)

    event_id: int
    actor_id: int | None

    class Meta:
        table = "participation"
        unique_together = [("event", "actor"), ("event", "email_fingerprint")]
        indexes = [("actor_id",), ("event_id", "state", "said_at"), ("email_fingerprint",)]

    @classmethod
    async def coming(cls, event_ids: Sequence[int]) -> dict[int, int]:
        """Count who comes to each of these events, guests included; one to which nobody comes is left out."""
        if not event_ids:
            return {}
        rows = cls.filter(event_id__in=list(event_ids), state=ParticipationState.ACCEPTED)
        counted = rows.annotate(persons=Count("id"), more=Sum("guests")).group_by("event_id")
        found = await counted.values("event_id", "persons", "more")
        return {row["event_id"]: row["persons"] + (row["more"] or 0) for row in found}


class ShiftTaken(Model):
    """Somebody who comes does what a shift asks for."""

    id = fields.BigIntField(primary_key=True)
    shift: fields.ForeignKeyRelation[Shift] = fields.ForeignKeyField("models.Shift", related_name="taken")
    participation: fields.ForeignKeyRelation[Participation] = fields.ForeignKeyField(
        "models.Participation", related_name="shifts"
    )
    taken_at = fields.DatetimeField(default=timezone.now)

    shift_id: int
    participation_id: int

    class Meta:
        table = "shift_taken"
        unique_together = [("shift", "participation")]
        indexes = [("participation_id",)]


class NoticeKind(StrEnum):
    """What somebody who said something of an event is told."""

    RECORDED = "recorded"
    DECIDED = "decided"
    MOVED_UP = "moved_up"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    REMINDER = "reminder"


class EventNotice(Model):
    """Something to tell somebody, by the channel they came by.

    The row goes when it was told. A second one of the same kind that is not told yet is the same. `due_at` is when a
    worker tells it.
    """

    id = IdField()
    participation: fields.ForeignKeyRelation[Participation] = fields.ForeignKeyField(
        "models.Participation", related_name="notices"
    )
    kind = fields.CharEnumField(NoticeKind, max_length=16)
    due_at = fields.DatetimeField(default=timezone.now)

    participation_id: int

    class Meta:
        table = "event_notice"
        unique_together = [("participation", "kind")]
        indexes = [("due_at", "id")]

    @classmethod
    async def ask(cls, participation_ids: Sequence[int], kind: NoticeKind, now: datetime) -> None:
        """Have these told, unless they are to be told the same already."""
        rows = [cls(id=new_id(), participation_id=id_, kind=kind, due_at=now) for id_ in participation_ids]
        await cls.bulk_create(rows, ignore_conflicts=True)

    @classmethod
    async def ask_all(
        cls, event_id: int, states: Sequence[ParticipationState], kind: NoticeKind, now: datetime
    ) -> None:
        """Have everybody told whose answer to an event stands like this."""
        ids = await Participation.filter(event_id=event_id, state__in=list(states)).values_list("id", flat=True)
        await cls.ask([int(str(id_)) for id_ in ids], kind, now)
