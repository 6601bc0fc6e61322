"""An event as it would be typed: to be shown in a form, or to change one thing of it."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from models.event import Event, Place, Shift
from models.post import Post
from server.events.drafts import DAY, EventDraft, PlaceDraft, QuestionDraft, ShiftDraft


def typed(post: Post, event: Event, place: Place | None, shifts: Sequence[Shift]) -> EventDraft:
    """Give an event as it would be typed."""
    zone = ZoneInfo(event.timezone or "UTC")
    ends = event.ends_at.astimezone(zone).replace(tzinfo=None)
    if event.is_all_day:
        ends -= DAY
    return EventDraft(
        title=post.title,
        text=post.source_text or "",
        starts=event.starts_at.astimezone(zone).replace(tzinfo=None),
        ends=ends if event.is_end_shown or event.is_all_day else None,
        timezone=event.timezone or "UTC",
        is_all_day=event.is_all_day,
        kind=event.kind,
        status=event.status,
        place=_typed_place(place),
        online_url=event.online_url,
        has_wheelchair_access=event.has_wheelchair_access,
        has_sign_language=event.has_sign_language,
        is_streamed=event.is_streamed,
        join_mode=event.join_mode,
        external_url=event.external_url,
        capacity=event.capacity,
        most_guests=event.most_guests,
        questions=[_typed_question(question) for question in event.questions],
        shifts=[
            ShiftDraft(
                shift.name,
                shift.starts_at.astimezone(zone).replace(tzinfo=None),
                shift.ends_at.astimezone(zone).replace(tzinfo=None),
                shift.places,
                shift.id,
            )
            for shift in shifts
        ],
        visibility=post.visibility,
        language=post.language,
    )


def _typed_place(place: Place | None) -> PlaceDraft | None:
    if place is None:
        return None
    return PlaceDraft(
        place.name,
        place.street,
        place.postal_code,
        place.locality,
        place.region,
        place.country,
        place.latitude,
        place.longitude,
    )


def _typed_question(question: dict[str, object]) -> QuestionDraft:
    choices = question["choices"]
    return QuestionDraft(
        str(question["label"]),
        str(question["kind"]),
        tuple(str(choice) for choice in choices) if isinstance(choices, list) else (),
        question["is_required"] is True,
        str(question["id"]),
    )
