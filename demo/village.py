"""`python -m demo.village`: fills a section that was just set up with what a year brings, for pictures of its pages.

Everything in it is made up, and about nobody. What it says goes the way that typing goes.
"""

import sys
import tempfile
from datetime import datetime, timedelta

from PIL import Image, ImageDraw

from demo.cast import LILLE
from federation.context import Context
from models.actor import Actor
from models.event import EventKind, EventStatus
from models.media import Media
from models.member import Member
from models.membership import Membership, MembershipState
from models.post import Post, Visibility
from models.section import Section
from server.cli.console import with_context
from server.config import Settings
from server.events import actions as events
from server.events.drafts import EventDraft, PlaceDraft, QuestionDraft, ShiftDraft
from server.follows import actions as follows
from server.media.actions import Upload, take
from server.media.store import MediaStore
from server.posts.actions import Draft, like, publish
from server.posts.polls import DraftPoll
from server.sections import profile, speaking
from server.sections.profile import SectionChanges

CHARTER = "Nous décidons ensemble.\n\nChacun parle à son tour, et toute décision est notée."
ABOUT = (
    "La section se réunit chaque mardi à 19 h à la Maison des associations. Tout le monde est bienvenu : venez écouter, "
    "proposer, donner un coup de main."
)
HALL = PlaceDraft("Maison des associations", "3, place du Marché", "59000", "Lille", latitude=50.6292, longitude=3.0573)
MARKET = PlaceDraft("Marché couvert", "1, rue des Halles", "59000", "Lille")


async def write(ctx: Context, settings: Settings) -> None:
    """Fill the main section; the rows that pictures are taken of are told: "event=1 post=2"."""
    section = await Section.get(is_main=True).select_related("actor")
    members = await Member.all().select_related("actor").order_by("id")
    first, *others = [login.actor for login in members]
    first.display_name = LILLE.people[0].name
    await first.save(update_fields=["display_name"])
    await _introduce(section, first, others, ctx)
    called = await _call(section.actor, ctx)
    said = await _speak(section, first, others[0], MediaStore(settings), ctx)
    print(f"event={called.id} post={said.id}")


async def _introduce(section: Section, first: Actor, others: list[Actor], ctx: Context) -> None:
    await profile.edit(
        section,
        SectionChanges(
            description=ABOUT, address="3, place du Marché", contact="contact@section.example", charter=CHARTER,
            first_colour="#0f5263", second_colour="#c2451e", shows_authors=True,
        ),
        None, ctx,
    )  # fmt: skip
    for other in others:
        await Membership.create(
            group=section.actor, member=other, state=MembershipState.ACCEPTED, accepted_at=ctx.now()
        )
        await follows.follow(other, section.actor, ctx)
        await follows.follow(first, other, ctx)
    await follows.follow(first, section.actor, ctx)


async def _call(home: Actor, ctx: Context) -> Post:
    """Announce what the coming weeks bring; the event that has the most to show."""

    def at(days: int, hour: int) -> datetime:
        return (ctx.now() + timedelta(days=days)).replace(hour=hour, minute=0, second=0, microsecond=0, tzinfo=None)

    market = EventDraft(
        "Tractage au marché couvert", at(3, 9), at(3, 12),
        "Rendez-vous devant l’entrée principale. Les tracts sont sur place, le café aussi.", kind=EventKind.LEAFLETING,
        place=MARKET, has_wheelchair_access=True, capacity=24, most_guests=2,
        questions=(QuestionDraft("Pouvez-vous venir en voiture ?", "yes_no"),),
        shifts=(
            ShiftDraft("Tenir la table", at(3, 9), at(3, 10), 2), ShiftDraft("Distribuer", at(3, 9), at(3, 12), 8),
            ShiftDraft("Ranger", at(3, 11), at(3, 12), 3),
        ),
    )  # fmt: skip
    for draft in (
        EventDraft("Réunion de section", at(5, 19), at(5, 21), "À l’ordre du jour, la fête de quartier.", place=HALL),
        EventDraft("Porte-à-porte au Vieux-Moulin", at(8, 17), at(8, 20), "Par équipes de deux.", kind=EventKind.CANVASSING,
                   place=HALL, capacity=12),
        EventDraft("Débat : se déplacer en ville", at(12, 18), at(12, 21), "Avec deux invitées.", kind=EventKind.DEBATE,
                   place=HALL, has_sign_language=True),
        EventDraft("Formation : tenir une permanence", at(16, 9), at(16, 17), "La journée.", kind=EventKind.TRAINING,
                   place=HALL),
        EventDraft("Repas partagé", at(22, 12), at(22, 16), "Chacun apporte un plat.", kind=EventKind.CONVIVIAL, place=HALL,
                   status=EventStatus.TENTATIVE),
    ):  # fmt: skip
        await events.publish(home, draft, ctx)
    return await events.publish(home, market, ctx)


async def _speak(section: Section, first: Actor, other: Actor, store: MediaStore, ctx: Context) -> Post:
    """Publish what the last weeks brought; the post that was answered."""
    await speaking.publish(section, first, Draft(
        "Le compte rendu de la réunion de mardi est en ligne. Merci à l’équipe qui l’a écrit. #réunion"
    ), ctx)  # fmt: skip
    poll = DraftPoll(("Samedi matin", "Samedi après-midi", "Dimanche"), 7 * 86400)
    await speaking.publish(
        section, first, Draft("Quel jour vous convient le mieux pour la fête de quartier ?", poll=poll), ctx
    )
    await speaking.publish(section, first, Draft("Le local est ouvert jeudi, de 17 h à 19 h.", Visibility.SECTION), ctx)
    mine = await publish(first, Draft("Qui peut apporter une sono légère pour la fête de quartier ?"), ctx)
    await publish(other, Draft("J’en ai une, je passe au local jeudi.", in_reply_to=mine), ctx)
    await like(other, mine, ctx)
    shown = Draft(
        "Plus de quarante personnes au marché samedi. Merci à toutes celles et ceux qui sont venus en parler. #marché",
        media=[await _picture(section.actor, store, ctx)],
    )
    said = await speaking.publish(section, first, shown, ctx)
    answer = await publish(other, Draft("C’était très vivant. À refaire le mois prochain ?", in_reply_to=said), ctx)
    await publish(first, Draft("Oui, la table est réservée pour le premier samedi.", in_reply_to=answer), ctx)
    await speaking.publish(section, first, Draft(
        "Porte-à-porte au Vieux-Moulin dimanche 6 : rendez-vous à 17 h à la Maison des associations, par équipes de deux."
    ), ctx)  # fmt: skip
    return said


async def _picture(owner: Actor, store: MediaStore, ctx: Context) -> Media:
    """Draw a market in a few shapes."""
    image = Image.new("RGB", (1200, 750), "#f1e6d2")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 540, 1200, 750), fill="#d8c7a6")
    for number, colour in enumerate(("#0f5263", "#c2451e", "#3c6e47", "#a8862c")):
        left = 60 + 285 * number
        draw.rectangle((left + 12, 330, left + 28, 600), fill="#5b4a3a")
        draw.rectangle((left + 212, 330, left + 228, 600), fill="#5b4a3a")
        for stripe in range(6):
            shade = colour if stripe % 2 == 0 else "#fbf7ee"
            draw.polygon([(left + 40 * stripe, 330), (left + 40 * stripe + 40, 330), (left + 22 + 33 * stripe + 33, 230),
                          (left + 22 + 33 * stripe, 230)], fill=shade)  # fmt: skip
        draw.rectangle((left, 500, left + 240, 600), fill="#8a6d4b")
        for fruit in range(7):
            draw.ellipse(
                (left + 10 + 32 * fruit, 474, left + 40 + 32 * fruit, 504), fill=("#c2451e", "#d9a521")[fruit % 2]
            )
    with tempfile.TemporaryFile() as file:
        image.save(file, "JPEG", quality=88)
        size = file.tell()
        file.seek(0)
        media = await take(owner, Upload("image/jpeg", size, file), store, ctx)
    media.description = "Quatre étals sous des auvents rayés, un jour de marché."
    return media


if __name__ == "__main__":
    with_context(write)
    sys.exit(0)
