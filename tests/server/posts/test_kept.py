"""What is written and not published yet, by hand: what is refused stays as it was."""

from datetime import timedelta
from typing import Any

import pytest

from federation.context import Context
from federation.errors import RejectedByPolicy
from models.actor import Actor
from models.ids import new_id
from models.post import Post
from models.scheduled import ScheduledPost
from server.errors import Forbidden, Invalid, NotFound
from server.posts import actions, kept
from server.posts.actions import Draft
from tests import factories


async def test_a_draft_that_cannot_be_published_is_free_again(member: Actor, ctx: Context) -> None:
    row = await kept.own(member, (await kept.keep(member, Draft(" "), ctx)).id)

    with pytest.raises(Invalid):
        await kept.publish(row, Draft(" "), ctx, id_=new_id())

    row = await ScheduledPost.get()
    assert (row.held_until, row.post_id) == (None, None)
    assert not await Post.exists()


@pytest.mark.parametrize("draft", [Draft(" "), Draft("x" * 5001)])
async def test_what_could_not_be_published_is_given_no_date(member: Actor, ctx: Context, draft: Draft) -> None:
    row = await kept.own(member, (await kept.keep(member, draft, ctx)).id)

    with pytest.raises(Invalid):
        await kept.change(row, draft, ctx.now() + timedelta(days=1), ctx)

    assert (await ScheduledPost.get()).due_at is None


async def test_a_date_that_is_too_near_changes_nothing(member: Actor, ctx: Context) -> None:
    row = await kept.own(member, (await kept.keep(member, Draft("Demain"), ctx)).id)

    with pytest.raises(Invalid):
        await kept.change(row, Draft("Bientôt"), ctx.now() + timedelta(minutes=4), ctx)

    assert (await ScheduledPost.get()).draft["text"] == "Demain"


async def test_nobody_withdraws_what_another_wrote(member: Actor, other_member: Actor, ctx: Context) -> None:
    theirs = await factories.post(other_member)

    with pytest.raises(Forbidden):
        await kept.withdraw(member, theirs, Draft("Le mien"), ctx)

    assert await Post.exists(id=theirs.id)
    assert not await ScheduledPost.exists()


async def test_a_post_that_is_not_deleted_leaves_no_draft(
    member: Actor, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: Any, **__: Any) -> None:
        raise RejectedByPolicy("not now")

    post = await factories.post(member)
    monkeypatch.setattr(actions, "delete", refuse)

    with pytest.raises(RejectedByPolicy):
        await kept.withdraw(member, post, Draft("Encore"), ctx)

    assert await Post.exists(id=post.id)
    assert not await ScheduledPost.exists()


async def test_drafts_of_others_are_not_there(member: Actor, other_member: Actor, ctx: Context) -> None:
    row = await kept.keep(other_member, Draft("Secret"), ctx)

    with pytest.raises(NotFound):
        await kept.own(member, row.id)
    assert await kept.drafts(member, limit=9) == []
