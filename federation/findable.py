"""What is found by its words: open posts that somebody here may look for, and actors by what they are called.

What is for followers, members or a few is in no index: the words of it would stay in there, and in backups of it, longer
than the post (docs/decisions/0028).   Source: FEP-5feb (`indexable`)
"""

from collections.abc import Iterable

from federation import sanitise
from federation.objects import note
from models import search
from models.actor import Actor
from models.poll import PollOption
from models.post import Attachment, Post, Visibility
from models.search import Found


async def index_new(post: Post, author: Actor, read: note.ReadPost, mentioned: Iterable[Actor]) -> None:
    """Have a new post found, if anybody here may look for it."""
    if post.is_open and (may_be_looked_for(post, author) or any(actor.is_local for actor in mentioned)):
        await search.put(Found.POST, post.id, _said(post, _hung(read)), is_new=True)


async def index_again(post: Post, author: Actor, read: note.ReadPost) -> None:
    """Have a post that was edited found by its new words, if it was found by the old ones or may be now."""
    if post.is_open and (may_be_looked_for(post, author) or await search.has(Found.POST, post.id)):
        await search.put(Found.POST, post.id, _said(post, _hung(read)))


async def index_kept(post: Post) -> None:
    """Have a post found that somebody here likes or keeps, and may look for from now on."""
    if not post.is_open or await search.has(Found.POST, post.id):
        return
    described = await Attachment.filter(post_id=post.id).values_list("description", flat=True)
    asked = await PollOption.filter(poll__post_id=post.id).values_list("title", flat=True)
    await search.put(Found.POST, post.id, _said(post, [str(text) for text in (*described, *asked)]))


def may_be_looked_for(post: Post, author: Actor) -> bool:
    """Whether a post is found by others than those whom it concerns: its author agreed to that, or is of this server."""
    return author.is_local or (post.visibility is Visibility.PUBLIC and author.is_indexable)


async def index_actor(actor: Actor) -> None:
    """Have an actor found by its names; what is suspended or gone left the index by itself."""
    if actor.gone_at is None and not actor.is_suspended:
        await search.put(Found.ACTOR, actor.id, f"{actor.username} {actor.display_name}")


def _hung(read: note.ReadPost) -> list[str]:
    options = read.poll.titles if read.poll is not None else ()
    return [*(columns["description"] for columns in read.attachments), *options]


def _said(post: Post, hung: Iterable[str]) -> str:
    said = (post.title, post.content_warning, sanitise.words_of(post.content_html), *hung)
    return " ".join(text for text in said if text)
