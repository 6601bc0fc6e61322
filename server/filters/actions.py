"""What a member does with filters: make, change, delete them. The member's own clients are told, and nobody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.transactions import in_transaction

from federation.context import Context
from federation.facts import FiltersChanged
from models.actor import Actor
from models.filters import Filter, FilterAction, FilterContext, FilterKeyword, FilterPost
from models.post import Post
from server.errors import Invalid, NotFound

MAX_FILTERS = 100
MAX_KEYWORDS = 100
MAX_POSTS = 100
MAX_TITLE_CHARACTERS = 256
MAX_KEYWORD_CHARACTERS = 512
MAX_ENDED = 1000  # at once; the rest are ended at the next look


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword as it is to be: a new one, or the one with this id, which is deleted with `is_dropped`.

    None means what it was before, or for a new one that whole words are looked for.
    """

    text: str | None
    is_whole_word: bool | None = None
    id: int | None = None
    is_dropped: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """How a filter is to be."""

    title: str
    contexts: Sequence[FilterContext]
    action: FilterAction = FilterAction.WARN
    expires_at: datetime | None = None


def terms_of(row: Filter) -> Terms:
    """Tell how a filter is."""
    return Terms(row.title, [FilterContext(word) for word in row.contexts], row.action, row.expires_at)


async def make(owner: Actor, terms: Terms, keywords: Sequence[Keyword], ctx: Context) -> Filter:
    """Make a filter.

    Raises:
        Invalid: its title or a keyword is empty or too long, it applies nowhere, or there is too much already.
        NotFound: a keyword is said to be there already.
    """
    _check(terms)
    if await Filter.filter(owner_id=owner.id).count() >= MAX_FILTERS:
        raise Invalid("No more than 100 filters can be made.")
    async with in_transaction():
        row = Filter(owner_id=owner.id)
        _set(row, terms, ctx.now())
        await row.save()
        await _set_keywords(row, keywords)
    await _tell(owner, ctx)
    return row


async def change(owner: Actor, row: Filter, terms: Terms, keywords: Sequence[Keyword], ctx: Context) -> None:
    """Have a filter be otherwise; keywords that are not named stay as they are.

    Raises:
        Invalid: as for `make`.
        NotFound: the filter has no such keyword.
    """
    _check(terms)
    async with in_transaction():
        _set(row, terms, ctx.now())
        await row.save()
        await _set_keywords(row, keywords)
    await _tell(owner, ctx)


async def delete(owner: Actor, row: Filter | FilterKeyword | FilterPost, ctx: Context) -> None:
    """Delete a filter of a member, or one thing that it finds."""
    await row.delete()
    await _tell(owner, ctx)


async def _tell(owner: Actor, ctx: Context) -> None:
    await ctx.publish((FiltersChanged(owner),))


def _check(terms: Terms) -> None:
    if not 0 < len(terms.title.strip()) <= MAX_TITLE_CHARACTERS:
        raise Invalid("The title of a filter has between 1 and 256 characters.")
    if not terms.contexts:
        raise Invalid("Say where the filter applies: context is home, notifications, public, thread or account.")


def _set(row: Filter, terms: Terms, now: datetime) -> None:
    row.title, row.action, row.expires_at = terms.title, terms.action, terms.expires_at
    row.contexts = [context.value for context in dict.fromkeys(terms.contexts)]
    row.is_over = terms.expires_at is not None and terms.expires_at <= now


async def _set_keywords(row: Filter, keywords: Sequence[Keyword]) -> None:
    for keyword in keywords:
        if keyword.id is None:
            if not keyword.is_dropped:
                await _add_keyword(row, keyword)
            continue
        there = await FilterKeyword.get_or_none(id=keyword.id, part_of_id=row.id)
        if there is None:
            raise NotFound("This filter has no such keyword.")
        await (there.delete() if keyword.is_dropped else _change_keyword(there, keyword))


async def add_keyword(owner: Actor, row: Filter, keyword: Keyword, ctx: Context) -> FilterKeyword:
    """Have a filter look for one thing more.

    Raises:
        Invalid: it is empty or too long, or there are enough.
    """
    added = await _add_keyword(row, keyword)
    await _tell(owner, ctx)
    return added


async def change_keyword(owner: Actor, row: FilterKeyword, keyword: Keyword, ctx: Context) -> None:
    """Have a filter look for something else.

    Raises:
        Invalid: it is empty or too long.
    """
    await _change_keyword(row, keyword)
    await _tell(owner, ctx)


async def _add_keyword(row: Filter, keyword: Keyword) -> FilterKeyword:
    text = _checked(keyword.text or "")
    if await FilterKeyword.filter(part_of_id=row.id).count() >= MAX_KEYWORDS:
        raise Invalid("A filter has no more than 100 keywords.")
    return await FilterKeyword.create(part_of=row, keyword=text, is_whole_word=keyword.is_whole_word is not False)


async def _change_keyword(row: FilterKeyword, keyword: Keyword) -> None:
    if keyword.text is not None:
        row.keyword = _checked(keyword.text)
    if keyword.is_whole_word is not None:
        row.is_whole_word = keyword.is_whole_word
    await row.save()


def _checked(text: str) -> str:
    if not 0 < len(text.strip()) <= MAX_KEYWORD_CHARACTERS:
        raise Invalid("A keyword has between 1 and 512 characters.")
    return text.strip()


async def drop_keyword_alone(owner: Actor, row: FilterKeyword, ctx: Context) -> None:
    """Delete a keyword, and its filter if that finds nothing any more."""
    await row.delete()
    keywords, posts = FilterKeyword.filter(part_of_id=row.part_of_id), FilterPost.filter(part_of_id=row.part_of_id)
    if not await keywords.exists() and not await posts.exists():
        await Filter.filter(id=row.part_of_id).delete()
    await _tell(owner, ctx)


async def add_post(owner: Actor, row: Filter, post: Post, ctx: Context) -> FilterPost:
    """Have a filter find a post, whatever it says; a second time changes nothing.

    Raises:
        Invalid: there are enough.
    """
    if (there := await FilterPost.get_or_none(part_of_id=row.id, post_id=post.id)) is not None:
        return there
    if await FilterPost.filter(part_of_id=row.id).count() >= MAX_POSTS:
        raise Invalid("A filter names no more than 100 posts.")
    added = await FilterPost.create(part_of=row, post=post)
    await _tell(owner, ctx)
    return added


async def sweep(ctx: Context) -> None:
    """End the filters whose time has come, and tell the clients of whom they were; they stay, to be taken up again."""
    due = Filter.filter(is_over=False, expires_at__lte=ctx.now()).order_by("expires_at").limit(MAX_ENDED)
    if not (rows := await due.select_related("owner")):
        return
    await Filter.filter(id__in=[row.id for row in rows]).update(is_over=True)
    await ctx.publish(tuple(FiltersChanged(owner) for owner in {row.owner_id: row.owner for row in rows}.values()))
