"""Events: when and where, who may come, and what there is to do. The text of an event is its post's."""

from enum import StrEnum
from typing import Any

from tortoise import fields, timezone
from tortoise.models import Model

from models.actor import MAX_URI, Actor
from models.ids import IdField
from models.post import Post

MAX_LINE = 255


class EventKind(StrEnum):
    """What kind of meeting it is. `OTHER` is what another server's category does not tell."""

    MEETING = "meeting"
    RALLY = "rally"
    LEAFLETING = "leafleting"
    CANVASSING = "canvassing"
    DEBATE = "debate"
    TRAINING = "training"
    CONVIVIAL = "convivial"
    ONLINE = "online"
    OTHER = "other"


class EventStatus(StrEnum):
    """Whether it takes place as announced.   Source: FEP-8a8e (`eventStatus`); RFC 5545 §3.8.1.11 (STATUS)"""

    CONFIRMED = "confirmed"
    TENTATIVE = "tentative"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


class JoinMode(StrEnum):
    """How one comes to take part: at once, if the organiser agrees, if invited, on another page, or not by asking.

    Source: Mobilizon (`joinMode`); FEP-8a8e for `none`.
    """

    FREE = "free"
    RESTRICTED = "restricted"
    INVITE = "invite"
    EXTERNAL = "external"
    NONE = "none"


class Place(Model):
    """Where something takes place. One of ours has the `owner` that wrote it.

    `latitude` and `longitude` are in degrees. `uri` is what its home calls it: of a place without a name of its own, the
    event's with '#place' behind it.
    """

    id = IdField()
    uri = fields.CharField(max_length=MAX_URI, unique=True)
    owner: fields.ForeignKeyNullableRelation[Actor] = fields.ForeignKeyField(
        "models.Actor", related_name="places", null=True
    )
    name = fields.CharField(max_length=MAX_LINE, default="")
    street = fields.CharField(max_length=MAX_LINE, default="")
    postal_code = fields.CharField(max_length=32, default="")
    locality = fields.CharField(max_length=MAX_LINE, default="")
    region = fields.CharField(max_length=MAX_LINE, default="")
    country = fields.CharField(max_length=MAX_LINE, default="")
    latitude = fields.FloatField(null=True)
    longitude = fields.FloatField(null=True)

    owner_id: int | None

    class Meta:
        table = "place"
        indexes = [("owner_id", "id"), ("postal_code",)]


class EventSeries(Model):
    """Events that repeat: each is an event of its own, and `rule` says how they are reckoned (RFC 5545 §3.3.10).

    Of one of ours, `draft` is what each was typed as (server/events/kept_drafts.py), its times being those of the first
    that `rule` counts from. `left_out` are the times of the rule at which none is held, as the clock shows them there
    ('2027-03-09T19:00:00'). `next_at` is when the next one begins that is not announced yet, null where there is none, and
    `next_post_id` the row id that is made for it; `due_at` is when to announce it, null as long as the series is postponed.
    """

    id = IdField()
    uri = fields.CharField(max_length=MAX_URI, unique=True)
    organiser: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="event_series")
    rule = fields.CharField(max_length=500, default="")
    draft = fields.JSONField[dict[str, Any] | None](null=True)
    left_out = fields.JSONField[list[str]](default=list)
    next_at = fields.DatetimeField(null=True)
    next_post_id = fields.BigIntField(null=True)
    due_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(default=timezone.now)

    organiser_id: int

    class Meta:
        table = "event_series"
        indexes = [("organiser_id", "id"), ("due_at", "id")]


class Event(Model):
    """When and where the post `post`, whose type is Event, calls people. Its title and text are the post's.

    `organiser` is the section in whose agenda it stands, or whoever wrote it. Times are instants; `timezone` (IANA, or ""
    where nobody told) says what the clock shows there. An `is_all_day` event lasts from midnight to midnight there.
    `ends_at` is always set: `is_end_shown` is false where nobody said when it ends. `capacity` is how many may come, guests
    included; `most_guests` how many each may bring. `questions` are asked of whoever comes: `[{"id": "1", "label": …,
    "kind": "text" | "choice" | "yes_no", "choices": […], "is_required": …}]`. `participants_count` and `remaining_places`
    are what another server tells of its own event. `sequence` rises whenever when, where or whether changes. One of a
    `series` has `recurs_at`: when the rule had it begin. `imported_hash` is that of the name that one had in the calendar
    it was imported from. `report` is a post that says afterwards how it was, `came_count`
    how many came.
    """

    id = IdField()
    post: fields.OneToOneRelation[Post] = fields.OneToOneField("models.Post", related_name="event")
    organiser: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="events")
    kind = fields.CharEnumField(EventKind, max_length=16, default=EventKind.OTHER)
    status = fields.CharEnumField(EventStatus, max_length=16, default=EventStatus.CONFIRMED)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    is_end_shown = fields.BooleanField(default=True)
    is_all_day = fields.BooleanField(default=False)
    timezone = fields.CharField(max_length=64, default="")
    place: fields.ForeignKeyNullableRelation[Place] = fields.ForeignKeyField(
        "models.Place", related_name="events", null=True, on_delete=fields.SET_NULL
    )
    online_url = fields.CharField(max_length=MAX_URI, default="")
    has_wheelchair_access = fields.BooleanField(default=False)
    has_sign_language = fields.BooleanField(default=False)
    is_streamed = fields.BooleanField(default=False)
    join_mode = fields.CharEnumField(JoinMode, max_length=16, default=JoinMode.FREE)
    external_url = fields.CharField(max_length=MAX_URI, default="")
    capacity = fields.IntField(null=True)
    most_guests = fields.IntField(default=0)
    questions = fields.JSONField[list[dict[str, object]]](default=list)
    participants_count = fields.IntField(null=True)
    remaining_places = fields.IntField(null=True)
    sequence = fields.IntField(default=0)
    series: fields.ForeignKeyNullableRelation[EventSeries] = fields.ForeignKeyField(
        "models.EventSeries", related_name="events", null=True, on_delete=fields.SET_NULL
    )
    recurs_at = fields.DatetimeField(null=True)
    imported_hash = fields.CharField(max_length=64, null=True)
    report: fields.ForeignKeyNullableRelation[Post] = fields.ForeignKeyField(
        "models.Post", related_name="reports_on", null=True, on_delete=fields.SET_NULL
    )
    came_count = fields.IntField(null=True)

    post_id: int
    organiser_id: int
    place_id: int | None
    series_id: int | None
    report_id: int | None
    shifts: fields.ReverseRelation["Shift"]

    class Meta:
        table = "event"
        indexes = [
            ("starts_at", "id"),
            ("organiser_id", "starts_at"),
            ("place_id",),
            ("series_id", "starts_at"),
            ("report_id",),
            ("organiser_id", "imported_hash"),
        ]

    @property
    def takes_place(self) -> bool:
        """Whether people are to come when it says."""
        return self.status in (EventStatus.CONFIRMED, EventStatus.TENTATIVE)


class Shift(Model):
    """Something to do at an event, from when to when, by how many: "Tenir la table, 10 h - 12 h, 2".

    `remaining_places` is what another server tells of its own.
    """

    id = IdField()
    uri = fields.CharField(max_length=MAX_URI, unique=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("models.Event", related_name="shifts")
    position = fields.SmallIntField(default=0)
    name = fields.CharField(max_length=MAX_LINE)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    places = fields.IntField(default=1)
    remaining_places = fields.IntField(null=True)

    event_id: int

    class Meta:
        table = "shift"
        indexes = [("event_id", "position")]


class EventPoll(Model):
    """The Question `post` asks whether one comes to `event`: a vote in it is an answer to the event, and is not counted.

    It is for everybody who may read the event, or for one person alone.
    """

    id = IdField()
    post: fields.OneToOneRelation[Post] = fields.OneToOneField("models.Post", related_name="asks_about")
    event: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="event_polls")

    post_id: int
    event_id: int

    class Meta:
        table = "event_poll"
        indexes = [("event_id",)]


class OrganisingState(StrEnum):
    """What a section said to being asked to organise an event together with others."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class Organising(Model):
    """A section other than the one that made `event` organises it, too, or was asked to. `uri` is the Offer's."""

    id = IdField()
    uri = fields.CharField(max_length=MAX_URI, unique=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("models.Event", related_name="organisings")
    section: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="organisings")
    state = fields.CharEnumField(OrganisingState, max_length=16, default=OrganisingState.INVITED)
    created_at = fields.DatetimeField(default=timezone.now)

    event_id: int
    section_id: int

    class Meta:
        table = "organising"
        unique_together = [("event", "section")]
        indexes = [("section_id", "state")]
