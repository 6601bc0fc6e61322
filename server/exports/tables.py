"""Tables for moving: whom a member follows, blocks and mutes, their lists and bookmarks, in the form that Mastodon reads.

Source: docs.joinmastodon.org/user/moving (Export); the columns are those of Mastodon's own files
"""

import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from federation.naming import Names
from models.actor import Actor
from models.bookmark import Bookmark
from models.follow import Follow, FollowState
from models.lists import Listed
from models.moderation import Block
from models.mute import HostMute, Mute
from models.paging import page_of
from server.sections.spreadsheet import safe_cell

ROWS_AT_ONCE = 500

Cells = tuple[str, ...]
Rows = list[tuple[int, Cells]]
Load = Callable[[Actor, Names, int | None], Awaitable[Rows]]


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `load` gives some of its rows below an id, with the id of each, newest first; none is the end."""

    name: str
    head: Cells
    load: Load


async def written(table: Table, owner: Actor, names: Names) -> AsyncIterator[bytes]:
    """Write a table of a member's, some rows at a time."""
    if table.head:
        yield _csv([table.head])
    below: int | None = None
    while rows := await table.load(owner, names, below):
        yield _csv(cells for _, cells in rows)
        below = rows[-1][0]


def _csv(rows: Iterable[Cells]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def _handle(actor: Actor, names: Names) -> str:
    """Write a handle as any server understands it; one that a spreadsheet would take for a formula is made harmless."""
    return safe_cell(actor.handle if actor.handle_host else names.handle(actor.username))


def _yes_or_no(value: bool) -> str:
    return "true" if value else "false"


async def _follows(owner: Actor, names: Names, below: int | None) -> Rows:
    rows = Follow.filter(follower_id=owner.id, state=FollowState.ACCEPTED).select_related("followed")
    return [
        (
            row.id,
            (
                _handle(row.followed, names),
                _yes_or_no(row.shows_announces),
                _yes_or_no(row.notifies),
                ", ".join((row.languages or "").strip(",").split(",")),
            ),
        )
        for row in await page_of(rows, limit=ROWS_AT_ONCE, max_id=below)
    ]


async def _followers(owner: Actor, names: Names, below: int | None) -> Rows:
    rows = Follow.filter(followed_id=owner.id, state=FollowState.ACCEPTED).select_related("follower")
    return [(row.id, (_handle(row.follower, names),)) for row in await page_of(rows, limit=ROWS_AT_ONCE, max_id=below)]


async def _blocks(owner: Actor, names: Names, below: int | None) -> Rows:
    rows = Block.filter(blocker_id=owner.id).select_related("blocked")
    return [(row.id, (_handle(row.blocked, names),)) for row in await page_of(rows, limit=ROWS_AT_ONCE, max_id=below)]


async def _mutes(owner: Actor, names: Names, below: int | None) -> Rows:
    rows = Mute.filter(muter_id=owner.id).select_related("muted")
    return [
        (row.id, (_handle(row.muted, names), _yes_or_no(row.hides_notifications)))
        for row in await page_of(rows, limit=ROWS_AT_ONCE, max_id=below)
    ]


async def _servers(owner: Actor, names: Names, below: int | None) -> Rows:
    rows = HostMute.filter(muter_id=owner.id)
    return [(row.id, (row.host,)) for row in await page_of(rows, limit=ROWS_AT_ONCE, max_id=below)]


async def _lists(owner: Actor, names: Names, below: int | None) -> Rows:
    rows = Listed.filter(list__owner_id=owner.id).select_related("list", "actor")
    return [
        (row.id, (row.list.title, _handle(row.actor, names)))
        for row in await page_of(rows, limit=ROWS_AT_ONCE, max_id=below)
    ]


async def _bookmarks(owner: Actor, names: Names, below: int | None) -> Rows:
    rows = Bookmark.filter(actor_id=owner.id).select_related("post")
    return [(row.id, (row.post.uri,)) for row in await page_of(rows, limit=ROWS_AT_ONCE, max_id=below)]


TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        Table(
            "following_accounts",
            ("Account address", "Show boosts", "Notify on new posts", "Languages"),
            _follows,
        ),
        Table("followers", ("Account address",), _followers),
        Table("blocked_accounts", (), _blocks),
        Table("muted_accounts", ("Account address", "Hide notifications"), _mutes),
        Table("blocked_domains", (), _servers),
        Table("lists", (), _lists),
        Table("bookmarks", (), _bookmarks),
    )
}
"""Every table, by the name of its file."""
