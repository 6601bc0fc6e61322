"""How much of a conversation the public may read."""

from collections.abc import Sequence

from tortoise.functions import Count

from models.actor import in_sight
from models.post import OPEN, Post


async def open_totals(post_ids: Sequence[int]) -> dict[int, int]:
    """Count the replies to each of these posts that anybody may read; what has none is left out."""
    if not post_ids:
        return {}
    replies = Post.filter(
        in_reply_to_id__in=list(post_ids), visibility__in=OPEN, actor__is_silenced=False, **in_sight("actor__")
    )
    rows = await replies.annotate(total=Count("id")).group_by("in_reply_to_id").values("in_reply_to_id", "total")
    return {row["in_reply_to_id"]: row["total"] for row in rows}
