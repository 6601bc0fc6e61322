"""What a feed is, whatever it is written as, and what stands in its entries."""

from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from federation.objects import event_line
from models.post import Post
from server.posts.queries import PostView
from web.shared.rendering import excerpt

TITLE_CHARACTERS = 90


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: `uri` names it for good, `home_url` is the page that shows the same, `description` plain text.

    `began_at` stands for its last change while it is empty.
    """

    uri: str
    title: str
    home_url: str
    description: str
    author_name: str
    author_url: str
    began_at: datetime
    views: list[PostView]

    @property
    def changed_at(self) -> datetime:
        """Tell when the feed last changed, to the second."""
        moments = [changed(view.post) for view in self.views] or [self.began_at]
        return max(moments).astimezone(UTC).replace(microsecond=0)


def changed(post: Post) -> datetime:
    """Tell when a post last changed."""
    return post.edited_at or post.published_at


def title_of(post: Post) -> str:
    """Give an entry a title: the post's own, its warning, or its first words."""
    return post.title or post.content_warning or excerpt(post.content_html, TITLE_CHARACTERS) or "…"


def content_of(view: PostView) -> str:
    """Give the HTML of an entry; when and where an event is, or a warning, stands before the rest."""
    post, event = view.post, view.event
    when = event_line.html(event.event, event.place, post.language) if event is not None else ""
    warning = f"<p><strong>{escape(post.content_warning)}</strong></p><hr>" if post.content_warning else ""
    return f"{when}{warning}{post.content_html}"
