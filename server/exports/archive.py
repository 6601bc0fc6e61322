"""All that a member published, in one ZIP: actor.json, outbox.json, and the files that posts show.

It is written while it is sent: no more than a piece of it is ever in memory, and nothing of it stays on the disk.
Source: Activity Vocabulary (OrderedCollection); the names of the files are those of Mastodon's archives
"""

import zipfile
from collections.abc import AsyncIterator, Iterator

import orjson

from federation.context import Context
from federation.jsonld import Json, written_instant
from federation.vocabulary import POST_CONTEXT
from models.actor import Actor
from models.media import Media
from models.paging import page_of
from server.media.storage import Storage
from server.members.profiles import document_of
from server.posts import queries
from server.posts.documents import written
from server.posts.queries import PostView

POSTS_AT_ONCE = 40
FILES_AT_ONCE = 200
FOLDER = "media_attachments"


class _Pipe:
    """What a ZIP is written to: it holds what was not yet taken, and only goes forward."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._count = 0

    def write(self, data: bytes) -> int:
        """Take some of it."""
        self._parts.append(bytes(data))
        self._count += len(data)
        return len(data)

    def tell(self) -> int:
        """Say how much there was."""
        return self._count

    def flush(self) -> None:
        """Do nothing: it is taken from the other end."""

    def taken(self) -> bytes:
        """Give what was not yet taken."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data


async def archive(owner: Actor, files: Storage, ctx: Context) -> AsyncIterator[bytes]:
    """Write the archive of a member, piece by piece."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as packed:  # type: ignore[call-overload]  # it only writes
        packed.writestr("actor.json", orjson.dumps(_local(await document_of(owner, ctx), ctx)))
        with packed.open("outbox.json", "w", force_zip64=True) as outbox:
            async for part in _outbox(owner, ctx):
                outbox.write(part)
                yield pipe.taken()
        async for media in _files(owner):
            if (chunks := await files.read(media.name)) is None:
                continue
            info = zipfile.ZipInfo(f"{FOLDER}/{media.name}", media.created_at.timetuple()[:6])
            with packed.open(info, "w", force_zip64=True) as entry:  # pictures and films do not get any smaller
                async for chunk in chunks:
                    entry.write(chunk)
                    yield pipe.taken()
    yield pipe.taken()


async def _outbox(owner: Actor, ctx: Context) -> AsyncIterator[bytes]:
    """Write everything that somebody published or shared, newest first, whoever it was for."""
    head = {"@context": POST_CONTEXT, "id": "outbox.json", "type": "OrderedCollection"}
    yield orjson.dumps(head)[:-1] + b',"orderedItems":['
    below: int | None = None
    total = 0
    while views := await queries.by_actor(owner, owner, limit=POSTS_AT_ONCE, max_id=below):
        yield b"".join(_items(views, ctx, is_first=not total))
        total, below = total + len(views), views[-1].item_id
    yield b'],"totalItems":%d}' % total


def _items(views: list[PostView], ctx: Context, *, is_first: bool) -> Iterator[bytes]:
    for number, view in enumerate(views):
        yield b"" if is_first and not number else b","
        yield orjson.dumps(_activity(view, ctx))


def _activity(view: PostView, ctx: Context) -> Json:
    """Write the activity by which something was published, or shared."""
    post, announce = view.post, view.announce
    if announce is not None:
        return {
            "id": announce.uri,
            "type": "Announce",
            "actor": announce.actor.uri,
            "published": written_instant(announce.published_at),
            "object": post.uri,
        }
    note = {name: value for name, value in written(view, ctx.names).items() if name != "@context"}
    return {
        "id": f"{post.uri}/activity",
        "type": "Create",
        "actor": post.actor.uri,
        "published": written_instant(post.published_at),
        "to": post.to_uris,
        "cc": post.cc_uris,
        "object": _local(note, ctx),
    }


def _local(document: Json, ctx: Context) -> Json:
    """Have a document name the files that lie beside it, in place of those of this server."""
    here = ctx.names.media("")

    def moved(value: object) -> object:
        if isinstance(value, dict):
            return {name: moved(one) for name, one in value.items()}
        if isinstance(value, list):
            return [moved(one) for one in value]
        return f"{FOLDER}/{value.removeprefix(here)}" if isinstance(value, str) and value.startswith(here) else value

    return {name: moved(value) for name, value in document.items()}


async def _files(owner: Actor) -> AsyncIterator[Media]:
    """Find the files of somebody that stand somewhere: each once."""
    below: int | None = None
    names: set[str] = set()
    while rows := await page_of(Media.filter(owner_id=owner.id, is_leaving=False), limit=FILES_AT_ONCE, max_id=below):
        for media in rows:
            if media.name not in names:
                names.add(media.name)
                yield media
        below = rows[-1].id
