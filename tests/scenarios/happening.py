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
from server.events import actions, door, organising, participation
from server.events.checks import Wish
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


async def ask(ctx: Context, uri: str) -> str:
    """Ask everybody below an event whether they come; the uri of the Question."""
    return (await organising.ask_everybody(await Post.get(uri=uri), None, ctx)).uri


async def write_down(ctx: Context, uri: str, name: str) -> str:
    """Write somebody down at the door."""
    await door.add_at_door(await Post.get(uri=uri), name, None, ctx)
    return ""


async def join(ctx: Context, username: str, uri: str, message: str = "") -> str:
    """Ask to come, with a word to the organisers where there is one; what became of it so far."""
    wish = Wish(message=message) if message else None
    row = await participation.join(await Actor.get(local_name=username), await Post.get(uri=uri), ctx, wish)
    return row.state.value


async def say_yes(ctx: Context, username: str, uri: str) -> str:
    """Answer the event itself by an Accept; what became of it so far."""
    actor, event = await Actor.get(local_name=username), await Post.get(uri=uri)
    return (await participation.answer(actor, event, participation.Answer.YES, ctx)).state.value


async def leave(ctx: Context, username: str, uri: str) -> str:
    """Do not come after all."""
    await participation.leave(await Actor.get(local_name=username), await Post.get(uri=uri), ctx)
    return ""


WORDS: Mapping[str, Callable[..., Awaitable[str]]] = {
    "publish": publish,
    "cancel": cancel,
    "ask": ask,
    "write_down": write_down,
    "join": join,
    "say_yes": say_yes,
    "leave": leave,
}


async def work(ctx: Context, settings: Settings) -> None:
    """Do what the command line says."""
    word, *arguments = sys.argv[1:]
    print(await WORDS[word](ctx, *arguments))


if __name__ == "__main__":
    with_context(work)
    sys.exit(0)
