"""What a post said before."""

from models.edit import PostEdit
from models.post import Post


async def versions(post: Post) -> list[PostEdit]:
    """Give every version of a post, the oldest first; the last one is what it says now, and is no row."""
    earlier = await PostEdit.filter(post_id=post.id).order_by("stood_from", "id")
    return [*earlier, _today(post)]


def _today(post: Post) -> PostEdit:
    return PostEdit(
        post_id=post.id,
        title=post.title,
        content_html=post.content_html,
        content_warning=post.content_warning,
        is_sensitive=post.is_sensitive,
        stood_from=post.edited_at or post.published_at,
    )
