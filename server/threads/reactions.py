"""What is to be fetched because of what arrived: what a post answers, and what answers a post that answers ours."""

from collections.abc import Sequence
from datetime import timedelta

from federation.conversations import missing_parents
from federation.facts import Announced, Posted
from models.errand import Errand, ErrandType
from models.post import Post

REPLIES_AFTER = timedelta(minutes=10)


async def on_posted(facts: Sequence[Posted]) -> None:
    """Ask for what new posts answer, and later for the answers to those that answer a post of ours."""
    posts = [fact.post for fact in facts if not fact.post.is_local]
    await _ask_for_parents(posts)
    answers = [post for post in posts if post.is_open and post.in_reply_to_id is not None]
    if not answers:
        return
    parent_ids = [post.in_reply_to_id for post in answers]
    ours = {post.id for post in await Post.filter(id__in=parent_ids, is_local=True).only("id")}
    for post in answers:
        if post.in_reply_to_id in ours:
            due_at = max(post.received_at, post.published_at + REPLIES_AFTER)
            await Errand.ask_many(ErrandType.REPLIES, [post.uri], post.received_at, due_at=due_at)


async def on_announced(facts: Sequence[Announced]) -> None:
    """Ask for what announced posts answer."""
    await _ask_for_parents([fact.post for fact in facts if not fact.post.is_local])


async def _ask_for_parents(posts: Sequence[Post]) -> None:
    missing = missing_parents(posts)
    if missing:
        await Errand.ask_many(ErrandType.ANCESTORS, missing, max(post.received_at for post in posts))
