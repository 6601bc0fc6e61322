"""What may be said of a post that is no more."""

from federation.jsonld import load, uris_of
from federation.vocabulary import PUBLIC_SPELLINGS
from models.activity import ActivityRecord


async def was_open(uri: str) -> bool:
    """Whether a post of ours was deleted that everybody could read: of any other, nobody learns that it existed."""
    record = await ActivityRecord.filter(object_uri=uri, type="Delete", is_local=True).first()
    if record is None:
        return False
    document = load(record.document)
    addressed = {*uris_of(document.get("to")), *uris_of(document.get("cc"))}
    return not addressed.isdisjoint(PUBLIC_SPELLINGS)
