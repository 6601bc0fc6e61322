"""What a member does with follows: ask, take back, answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from federation import pipeline
from federation.activities import build, parse
from federation.context import Context
from federation.handlers.follow import answer
from federation.jsonld import load
from models.activity import ActivityRecord
from models.actor import Actor
from models.follow import Follow, FollowState
from server.errors import Conflict, Invalid, NotFound
from server.posts.actions import undo_of

MAX_LANGUAGES = 40

_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a follower wants of whom they follow; None leaves it as it is. No languages at all are all of them."""

    shows_announces: bool | None = None
    notifies: bool | None = None
    languages: Sequence[str] | None = None


async def follow(follower: Actor, followed: Actor, ctx: Context, wishes: Wishes | None = None) -> Follow:
    """Ask to follow an actor; asked already, only the wishes change.

    Raises:
        Conflict: one cannot follow oneself.
        Invalid: there are too many languages, or one that is none.
    """
    row = await _asked(follower, followed, ctx)
    if wishes is not None:
        await _wish(row, wishes)
    return row


async def _wish(row: Follow, wishes: Wishes) -> None:
    if wishes.shows_announces is not None:
        row.shows_announces = wishes.shows_announces
    if wishes.notifies is not None:
        row.notifies = wishes.notifies
    if wishes.languages is not None:
        row.languages = _listed(wishes.languages)
    await row.save(update_fields=["shows_announces", "notifies", "languages"])


def _listed(languages: Sequence[str]) -> str | None:
    """Write languages as the row has them: ",en,fr,"."""
    codes = sorted({code.lower() for code in languages})
    if len(codes) > MAX_LANGUAGES or not all(_LANGUAGE.fullmatch(code) for code in codes):
        raise Invalid("languages must be codes of two or three letters.")
    return f",{','.join(codes)}," if codes else None


async def _asked(follower: Actor, followed: Actor, ctx: Context) -> Follow:
    if follower.id == followed.id:
        raise Conflict("You cannot follow yourself.")
    if (asked := await Follow.get_or_none(follower_id=follower.id, followed_id=followed.id)) is not None:
        return asked
    activity = build("Follow", follower, followed.uri, uri=ctx.names.new_activity(), to=[followed.uri])
    await pipeline.submit(activity, acting=follower, ctx=ctx)
    return await Follow.get(follower_id=follower.id, followed_id=followed.id)


async def unfollow(follower: Actor, followed: Actor, ctx: Context) -> None:
    """Stop following; without a follow nothing changes."""
    if (row := await Follow.get_or_none(follower_id=follower.id, followed_id=followed.id)) is None:
        return
    asked = parse(load((await ActivityRecord.get(uri=row.uri)).document))
    await pipeline.submit(undo_of(asked, follower, ctx), acting=follower, ctx=ctx)


async def decide(followed: Actor, follower: Actor, ctx: Context, *, accept: bool) -> None:
    """Accept a request to follow, or refuse it; a follower accepted before is dismissed by a refusal.

    Raises:
        NotFound: nobody asked.
    """
    row = await Follow.get_or_none(followed_id=followed.id, follower_id=follower.id)
    if row is None or (accept and row.state is FollowState.ACCEPTED):
        raise NotFound("There is no such request.")
    asked = parse(load((await ActivityRecord.get(uri=row.uri)).document))
    activity = answer("Accept" if accept else "Reject", asked, followed, follower, ctx)
    await pipeline.submit(activity, acting=followed, ctx=ctx)
