"""Posts of ours as other servers read them."""

from federation.jsonld import Json
from federation.naming import Names
from federation.objects import note
from server.posts.queries import PostView


def written(view: PostView, names: Names) -> Json:
    """Write a loaded post of ours for other servers."""
    poll = (view.poll.poll, view.poll.options) if view.poll else None
    return note.write(view.post, view.post.actor, view.mentioned, view.tags, view.attachments, names, poll=poll)
