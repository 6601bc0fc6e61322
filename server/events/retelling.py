"""Telling everybody anew how an event of ours stands, when another section organises it, too, or no longer does."""

from collections.abc import Sequence

from federation.context import Context
from federation.facts import OrganisersChanged
from models.errand import Errand, ErrandType
from models.post import Post
from server.events import actions


async def on_organisers_changed(facts: Sequence[OrganisersChanged]) -> None:
    """Ask for an Update of an event of ours."""
    for fact in facts:
        if fact.event.is_local:
            await Errand.ask(ErrandType.RETELL, fact.uri, fact.at, about_uri=fact.event.uri)


async def retell(event_uri: str, ctx: Context) -> None:
    """Send that Update, if the event is still there."""
    post = await Post.get_or_none(uri=event_uri, is_local=True, type="Event").select_related("actor")
    if post is not None and post.actor.gone_at is None and post.actor.moved_to_uri is None:
        await actions.retell(post.actor, post, ctx)
