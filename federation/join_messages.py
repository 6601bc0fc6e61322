"""What somebody writes to a group when they ask to belong to it, or to come to its event. It is for whoever manages that
group, and kept sealed.

Source: Mobilizon (`participationMessage`); the guests, answers and shifts of whoever comes to an event are our own.
"""

from federation import sanitise
from federation.context import Context
from federation.jsonld import Json, dump, each, load, text_of
from models.activity import ActivityRecord

NAME = "participationMessage"
PRIVATE = (NAME, "guests", "answers", "shifts")
MAX_CHARACTERS = 2000
MAX_ANSWER_CHARACTERS = 2000


def read(document: Json) -> str | None:
    """Read the message of a Join as plain text; None where there is none."""
    return sanitise.plain_text(text_of(document.get(NAME))).strip()[:MAX_CHARACTERS] or None


def answers(document: Json) -> str | None:
    """Read what somebody answers to an event's questions, as JSON: `{"1": "…"}`."""
    found = {
        id_: text
        for item in each(document.get("answers"))
        if isinstance(item, dict)
        and (id_ := text_of(item.get("id"))[:255])
        and (text := text_of(item.get("content"))[:MAX_ANSWER_CHARACTERS])
    }
    return dump(found) if found else None


def without(document: Json) -> Json:
    """Give a Join without its message, and what else it says to those who manage alone."""
    return {name: value for name, value in document.items() if name not in PRIVATE}


async def forget(uri: str | None, ctx: Context) -> None:
    """Take the message out of a Join that is kept: it is sealed elsewhere, or has arrived and was answered."""
    record = ctx.known.records.get(uri or "") or await ActivityRecord.get_or_none(uri=uri or "")
    if record is not None and not (document := load(record.document)).keys().isdisjoint(PRIVATE):
        record.document = dump(without(document))
        await ActivityRecord.filter(id=record.id).update(document=record.document)
