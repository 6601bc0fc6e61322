"""What hangs on a post: whom it names, its hashtags, its pictures."""

from federation.context import Context
from federation.errors import NotAuthorised
from federation.objects import note
from models.ids import new_id
from models.media import Media
from models.post import Attachment, Mention, Post, PostTag


async def take_off(post: Post) -> None:
    """Delete the rows that hang on a post, before others do."""
    for rows in (Mention, PostTag, Attachment):
        await rows.filter(post_id=post.id).delete()


async def hang_on(post: Post, read: note.ReadPost, mentioned: tuple[int, ...], ctx: Context) -> None:
    """Write the rows that hang on a post; `mentioned` are the ids of those it names.

    Raises:
        NotAuthorised: a post of ours shows a picture that it cannot show.
    """
    if mentioned:
        await Mention.bulk_create([Mention(post=post, actor_id=id_) for id_ in mentioned])
    if read.tags:
        await PostTag.bulk_create([PostTag(post=post, name=name, shown=shown) for name, shown in read.tags])
    own = await _own_pictures(post, read, ctx) if post.is_local else {}
    if read.attachments and not post.actor.is_media_rejected:
        rows = [columns | {"id": own.get(columns["url"]) or new_id()} for columns in read.attachments]
        await Attachment.bulk_create([Attachment(post=post, **columns) for columns in rows])


async def _own_pictures(post: Post, read: note.ReadPost, ctx: Context) -> dict[str, int]:
    """Have a post of ours show the pictures in it, and those no longer that are not: {url: id}.

    Raises:
        NotAuthorised: one of them is not its author's, is shown by another post, or is being removed.
    """
    urls = [columns["url"] for columns in read.attachments]
    if not urls and post.edited_at is None:
        return {}
    own = await Media.show(post, urls, ctx.now())
    if missing := [url for url in urls if ctx.names.is_ours(url) and url not in own]:
        raise NotAuthorised(f"{post.uri} cannot show {missing[0]}")
    return own
