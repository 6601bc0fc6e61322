"""What organisers and members do with events, on a server from outside: `happening publish <section> <capacity>`, …

It says on its standard output what a scenario has to know. One function a word; `WORDS` is the table.
"""

import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from federation.context import Context
from models.actor import Actor
from models.event import EventStatus
from models.post import Post
from server.cli.console import with_context
from server.config import Settings
from server.events import actions, participation
from server.events.drafts import EventDraft, PlaceDraft

TITLE = "Porte-à-porte à Wazemmes"


async def publish(ctx: Context, section: str, capacity: str) -> str:
    """Announce an event in three days with so many places; its uri."""
    starts = (ctx.now() + timedelta(days=3)).replace(tzinfo=None)
    place = PlaceDraft("Halles de Wazemmes", "12 rue Colbert", "59000", "Lille")
    draft = EventDraft(
        TITLE, starts, text="Rendez-vous devant les halles", place=place, capacity=int(capacity), language="fr"
    )
    return (await actions.publish(await Actor.get(local_name=section), draft, ctx)).uri


async def cancel(ctx: Context, section: str, uri: str) -> str:
    """Call an event off."""
    post = await Post.get(uri=uri).select_related("actor")
    await actions.set_status(await Actor.get(local_name=section), post, EventStatus.CANCELLED, ctx)
    return ""


async def join(ctx: Context, username: str, uri: str) -> str:
    """Ask to come; what became of it so far."""
    row = await participation.join(await Actor.get(local_name=username), await Post.get(uri=uri), ctx)
    return row.state.value


async def leave(ctx: Context, username: str, uri: str) -> str:
    """Do not come after all."""
    await participation.leave(await Actor.get(local_name=username), await Post.get(uri=uri), ctx)
    return ""


WORDS: Mapping[str, Callable[..., Awaitable[str]]] = {
    "publish": publish,
    "cancel": cancel,
    "join": join,
    "leave": leave,
}


async def work(ctx: Context, settings: Settings) -> None:
    """Do what the command line says."""
    word, *arguments = sys.argv[1:]
    print(await WORDS[word](ctx, *arguments))


if __name__ == "__main__":
    with_context(work)
    sys.exit(0)
