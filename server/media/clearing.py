"""Removing pictures that no post shows: because it was deleted, its author erased, they were taken out, or never put in.

The row goes last, so that whatever dies meanwhile leaves no file that nobody knows of. A file that other posts show stays.
"""

from datetime import datetime

from models.media import Media
from server.media.store import MediaStore

AT_ONCE = 100


async def clear(store: MediaStore, now: datetime, limit: int = AT_ONCE) -> int:
    """Remove some; how many."""
    rows = await Media.leaving(now, limit)
    for name in await Media.files_of(rows):
        await store.remove(name)
    if rows:
        await Media.filter(id__in=[media.id for media in rows]).delete()
    return len(rows)


async def clear_all(store: MediaStore, now: datetime) -> None:
    """Remove all that are to go now."""
    while await clear(store, now) == AT_ONCE:
        pass
