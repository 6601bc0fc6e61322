"""Posts of ours as other servers read them."""

from federation.jsonld import Json
from federation.naming import Names
from federation.objects import note
from models.quote import Quote
from server.posts.queries import PostView


def written(view: PostView, names: Names) -> Json:
    """Write a loaded post of ours for other servers."""
    poll = (view.poll.poll, view.poll.options) if view.poll else None
    return note.write(
        view.post,
        view.post.actor,
        view.mentioned,
        view.tags,
        view.attachments,
        names,
        view.group,
        poll=poll,
        quoted=quoted(view),
        event=view.event.whole if view.event else None,
    )


def quoted(view: PostView) -> tuple[Quote, str] | None:
    """Give what a post quotes with the page where people read it."""
    if view.quote is None:
        return None
    row, post = view.quote.row, view.quote.quoted
    return row, post.post.url if post else row.quoted_uri
