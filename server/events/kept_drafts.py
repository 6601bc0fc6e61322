"""Drafts as they are kept until they are announced: of what repeats, and of what a calendar brought."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from models.event import EventKind, EventStatus, JoinMode
from models.post import Visibility
from server.events.drafts import EventDraft, PlaceDraft, QuestionDraft, ShiftDraft

_ENUMS = {"kind": EventKind, "status": EventStatus, "join_mode": JoinMode, "visibility": Visibility}


def kept(draft: EventDraft) -> dict[str, Any]:
    """Write a draft as JSON."""
    plain = asdict(plainly(draft))
    return plain | {
        "starts": draft.starts.isoformat(),
        "ends": draft.ends.isoformat() if draft.ends else None,
        "shifts": [
            shift | {"starts": shift["starts"].isoformat(), "ends": shift["ends"].isoformat()}
            for shift in plain["shifts"]
        ],
    }


def read(kept_: dict[str, Any]) -> EventDraft:
    """Read a draft of what `kept` wrote."""
    told = dict(kept_) | {name: enum(kept_[name]) for name, enum in _ENUMS.items()}
    return EventDraft(
        **told
        | {
            "starts": datetime.fromisoformat(kept_["starts"]),
            "ends": datetime.fromisoformat(kept_["ends"]) if kept_["ends"] else None,
            "place": PlaceDraft(**kept_["place"]) if kept_["place"] else None,
            "questions": tuple(QuestionDraft(**one | {"choices": tuple(one["choices"])}) for one in kept_["questions"]),
            "shifts": tuple(_shift(one) for one in kept_["shifts"]),
        }
    )


def _shift(kept_: dict[str, Any]) -> ShiftDraft:
    clock = {name: datetime.fromisoformat(kept_[name]) for name in ("starts", "ends")}
    return ShiftDraft(**kept_ | clock)


def plainly(draft: EventDraft) -> EventDraft:
    """Give a draft as it is compared: without the ids of its shifts, and every list of one kind."""
    return replace(
        draft,
        place=None if draft.place is None or draft.place.is_empty else draft.place,
        questions=tuple(replace(one, choices=tuple(one.choices)) for one in draft.questions),
        shifts=tuple(replace(one, id=None) for one in draft.shifts),
    )


def moved(draft: EventDraft, starts: datetime) -> EventDraft:
    """Give the same at another time: its end and its shifts go along, by the clock on the wall."""
    later = starts - draft.starts
    return replace(
        draft,
        starts=starts,
        ends=draft.ends + later if draft.ends else None,
        shifts=tuple(replace(one, starts=one.starts + later, ends=one.ends + later) for one in draft.shifts),
    )
