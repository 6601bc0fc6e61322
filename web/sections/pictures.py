"""The pictures in the form of a post of a section: chosen, kept while the form is corrected, described, taken out."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request

from models.media import Media
from models.post import Post
from server.errors import AppError, Invalid
from server.media import actions, queries
from server.media.actions import MAX_OF_A_POST
from web.sections.finding import Desk
from web.shared.forms import Files, read_id
from web.shared.logged_in import Typed
from web.shared.site import context_of

NUMBERS = range(1, MAX_OF_A_POST + 1)
COVER = range(1, 2)


@dataclass(frozen=True, slots=True)
class Slot:
    """One of the places for a picture: what stands in it, and what was typed of it."""

    number: int
    media: Media | None = None
    said: str = ""


def slots_of(pictures: Sequence[Media], numbers: range = NUMBERS) -> list[Slot]:
    """Give the places as a post fills them."""
    filled = dict(zip(numbers, pictures, strict=False))
    return [Slot(number, held := filled.get(number), held.description if held else "") for number in numbers]


async def read_slots(
    request: Request, desk: Desk, typed: Typed, files: Files, post: Post | None = None, numbers: range = NUMBERS
) -> tuple[list[Slot], AppError | None]:
    """Keep the pictures that were chosen, so that nobody has to choose them again: (places, the first that was refused).

    `post` is what is edited.
    """
    kept, refused, slots = await _kept(desk, typed, post, numbers), None, []
    for number in numbers:
        media = kept.get(number)
        if (file := files.get(f"picture{number}")) is not None:
            try:
                media = await actions.take(desk.section.actor, file, request.app.state.media, context_of(request))
            except AppError as error:
                refused = refused or error
        slots.append(Slot(number, media, typed.get(f"said{number}", "")))
    return slots, refused


async def _kept(desk: Desk, typed: Typed, post: Post | None, numbers: range) -> dict[int, Media]:
    """Find the pictures that were chosen before and not taken out, by the number of their place."""
    asked = {n: read_id(typed[f"kept{n}"]) for n in numbers if typed.get(f"kept{n}") and f"drop{n}" not in typed}
    free = {None} if post is None else {None, post.id}
    found = {media.id: media for media in await queries.own(desk.section.actor, list(asked.values()))}
    return {n: found[id_] for n, id_ in asked.items() if id_ in found and found[id_].post_id in free}


def chosen(slots: Sequence[Slot]) -> list[Media]:
    """Give the pictures for a post, each with what is said of it.

    Raises:
        Invalid: of one of them nothing is said, or too much.
    """
    pictures = [actions.describe(slot.media, slot.said) for slot in slots if slot.media is not None]
    if not all(media.description for media in pictures):
        raise Invalid("Say of every picture what it shows, for those who cannot see it.")
    return pictures
