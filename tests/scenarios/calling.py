"""Announces an event in a server's database, with what no command takes yet: `calling <section> <title> <town>`."""

import sys
from datetime import timedelta

from federation.context import Context
from models.actor import Actor
from models.event import EventKind
from server.cli.console import with_context
from server.config import Settings
from server.events import actions
from server.events.drafts import EventDraft, PlaceDraft, QuestionDraft, ShiftDraft

POSTAL_CODES = {"Lille": "59000", "Marseille": "13001"}


async def write(ctx: Context, settings: Settings) -> None:
    """Call people to a market in three days, to hold a table there, to hand out leaflets, with two guests at most."""
    username, title, town = sys.argv[1:]
    starts = (ctx.now() + timedelta(days=3)).replace(hour=9, minute=0, tzinfo=None)
    draft = EventDraft(
        title,
        starts,
        starts + timedelta(hours=3),
        text="Rendez-vous côté place.",
        kind=EventKind.LEAFLETING,
        place=PlaceDraft("Halles", "12 rue Colbert", POSTAL_CODES[town], town),
        has_wheelchair_access=True,
        capacity=20,
        most_guests=2,
        questions=[QuestionDraft("Avez-vous une voiture ?", "yes_no")],
        shifts=[
            ShiftDraft("Tenir la table", starts, starts + timedelta(hours=1), 2),
            ShiftDraft("Distribuer des tracts", starts, starts + timedelta(hours=3), 6),
        ],
    )
    await actions.publish(await Actor.get(local_name=username), draft, ctx)


if __name__ == "__main__":
    with_context(write)
    sys.exit(0)
