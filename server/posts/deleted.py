"""What may be said of a post that is no more."""

from federation.jsonld import load, text_of, uris_of
from federation.vocabulary import PUBLIC_SPELLINGS
from models.activity import ActivityRecord


async def former_type(uri: str) -> str | None:
    """Tell of what type a deleted post of ours was, as far as its Delete said so."""
    record = await ActivityRecord.filter(object_uri=uri, type="Delete", is_local=True).first()
    told = load(record.document).get("object") if record is not None else None
    return text_of(told.get("formerType")) or None if isinstance(told, dict) else None


async def was_open(uri: str) -> bool:
    """Whether a post of ours was deleted that everybody could read: of any other, nobody learns that it existed."""
    record = await ActivityRecord.filter(object_uri=uri, type="Delete", is_local=True).first()
    if record is None:
        return False
    document = load(record.document)
    addressed = {*uris_of(document.get("to")), *uris_of(document.get("cc"))}
    return not addressed.isdisjoint(PUBLIC_SPELLINGS)
