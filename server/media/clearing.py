"""Removing files: those that no post shows any more, copies that are old, and what nothing knows of.

The row goes last, so that whatever dies meanwhile leaves no file that nobody knows of.
"""

from datetime import datetime, timedelta

import structlog

from models.media import Media
from models.media_copy import MediaCopy
from server.media.names import small_name
from server.media.storage import Stored
from server.media.store import MediaStore

AT_ONCE = 100
ORPHAN_AFTER = timedelta(days=1)  # whoever makes a file writes its row in a moment, and never a day later

log = structlog.get_logger()


async def clear(store: MediaStore, now: datetime, limit: int = AT_ONCE) -> int:
    """Remove some of what no post shows; how many."""
    rows = await Media.leaving(now, limit)
    for media in rows:
        await store.remove(media.name)
    if rows:
        await Media.filter(id__in=[media.id for media in rows]).delete()
    return len(rows)


async def clear_all(store: MediaStore, now: datetime) -> None:
    """Remove all that no post shows."""
    while await clear(store, now) == AT_ONCE:
        pass


async def clear_copies(store: MediaStore, before: datetime, most_bytes: int, limit: int) -> int:
    """Remove some copies of pictures of other servers that are from before, or the oldest while all take too much."""
    rows = list(await MediaCopy.oldest(before, limit))
    if len(rows) < limit:
        over = await MediaCopy.total_bytes() - sum(row.size_bytes for row in rows) - most_bytes
        for row in (await MediaCopy.oldest(None, limit))[len(rows) :]:
            if over <= 0:
                break
            rows.append(row)
            over -= row.size_bytes
    for row in rows:
        await store.remove(row.name)
    if rows:
        await MediaCopy.filter(id__in=[row.id for row in rows]).delete()
    return len(rows)


async def clear_orphans(store: MediaStore, shelf: str, now: datetime) -> tuple[int, int]:
    """Remove the files of one shelf that no row names, and the copies there whose file was lost: (files, removed)."""
    found = await store.files.shelf(shelf)
    media = {row.name: row for row in await Media.filter(url__startswith=store.base_url + shelf)}
    copies = {row.name: row for row in await MediaCopy.filter(name__startswith=shelf)}
    known = {name for whole in (*media, *copies) for name in (whole, small_name(whole))}
    gone = [file.name for file in found if file.name not in known and file.kept_at < now - ORPHAN_AFTER]
    await store.files.remove(gone)
    lost = _without_file([*media, *copies], found)
    if missing := [name for name in lost if name in media and media[name].post_id is not None]:
        log.warning("files of posts were lost", total=len(missing), first=missing[0])
    lost_ids = [copies[name].id for name in lost if name in copies]
    if lost_ids:
        await MediaCopy.filter(id__in=lost_ids).delete()
    return len(found), len(gone) + len(lost_ids)


def _without_file(names: list[str], found: list[Stored]) -> list[str]:
    there = {file.name for file in found}
    return [name for name in names if name not in there]
