"""Activities as they are kept."""

import random
import string

from models.activity import ActivityRecord
from models.actor import MAX_URI


def longest_uri(number: int) -> str:
    """A uri as long as any may be, which no database can make shorter."""
    letters = random.Random(number).choices(string.ascii_letters + string.digits, k=MAX_URI)
    return ("https://far.test/" + "".join(letters))[:MAX_URI]


async def test_uris_as_long_as_any_are_kept(db: str) -> None:
    actor, object_, *uris = (longest_uri(number) for number in range(4))
    for uri in uris:
        await ActivityRecord.create(uri=uri, type="T" * 64, actor_uri=actor, object_uri=object_, document="{}")
    assert await ActivityRecord.filter(object_uri=object_).count() == 2
