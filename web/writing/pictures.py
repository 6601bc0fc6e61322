"""The pictures in the form of a post: chosen, kept while the form is corrected, described, taken out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request

from models.actor import Actor
from models.media import Media
from models.post import Post
from models.scheduled import ScheduledPost
from server.errors import AppError, Invalid
from server.media import actions, developing, queries
from server.media.actions import MAX_OF_A_POST, Point, Upload
from server.posts import kept
from web.shared.forms import Files, read_id
from web.shared.logged_in import Typed
from web.shared.site import context_of

NUMBERS = range(1, MAX_OF_A_POST + 1)
COVER = range(1, 2)

_FOCUS = re.compile(r"(-?[01](?:\.[0-9]{1,4})?),(-?[01](?:\.[0-9]{1,4})?)")


@dataclass(frozen=True, slots=True)
class Slot:
    """One of the places for a picture: what stands in it, what was typed of it, and which point of it matters most.

    `focus` is '' for the middle, and None in a form that does not ask.
    """

    number: int
    media: Media | None = None
    said: str = ""
    focus: str | None = None


@dataclass(frozen=True, slots=True)
class Shelf:
    """Whose pictures a form has, and where they stand already: in the post that is edited, or in a draft that is kept."""

    owner: Actor
    post: Post | None = None
    row: ScheduledPost | None = None
    takes_films: bool = False


def slots_of(pictures: Sequence[Media], numbers: range = NUMBERS) -> list[Slot]:
    """Give the places as a post fills them."""
    filled = dict(zip(numbers, pictures, strict=False))
    return [_slot(number, filled.get(number)) for number in numbers]


def _slot(number: int, media: Media | None) -> Slot:
    return Slot(number, media, media.description, written_focus(media)) if media else Slot(number)


async def read_slots(
    request: Request, shelf: Shelf, typed: Typed, files: Files, numbers: range = NUMBERS
) -> tuple[list[Slot], AppError | None]:
    """Keep the pictures that were chosen, so that nobody has to choose them again: (places, the first that was refused)."""
    held, refused, slots = await _held(shelf, typed, numbers), None, []
    for number in numbers:
        media = held.get(number)
        if (file := files.get(f"picture{number}")) is not None:
            try:
                media = await _take(request, shelf, file)
            except AppError as error:
                refused = refused or error
        slots.append(Slot(number, media, typed.get(f"said{number}", ""), typed.get(f"focus{number}")))
    return slots, refused


async def _take(request: Request, shelf: Shelf, file: Upload) -> Media:
    store, ctx = request.app.state.media, context_of(request)
    if shelf.takes_films and file.is_film:
        return await developing.take_film(shelf.owner, file, store, ctx)
    return await actions.take(shelf.owner, file, store, ctx, may_loop=shelf.takes_films)


async def _held(shelf: Shelf, typed: Typed, numbers: range) -> dict[int, Media]:
    """Find the pictures that were chosen before and not taken out, by the number of their place."""
    asked = {n: read_id(typed[f"kept{n}"]) for n in numbers if typed.get(f"kept{n}") and f"drop{n}" not in typed}
    free = {None} if shelf.post is None else {None, shelf.post.id}
    brought = await queries.own(shelf.owner, list(asked.values())) if asked else []
    found = {media.id: media for media in brought if media.post_id in free}
    if shelf.row is not None and asked:
        found |= {media.id: media for media in await kept.pictures_of(shelf.row)}
    return {n: found[id_] for n, id_ in asked.items() if id_ in found}


def chosen(slots: Sequence[Slot]) -> list[Media]:
    """Give the pictures for a post, each with what is said of it.

    Raises:
        Invalid: of one of them nothing is said, or too much.
    """
    pictures = as_typed(slots)
    if not all(media.description for media in pictures):
        raise Invalid("Say of every picture what it shows, for those who cannot see it.")
    return pictures


def as_typed(slots: Sequence[Slot]) -> list[Media]:
    """Give the pictures for a post, each with what is said of it, if anything is.

    Raises:
        Invalid: it is too much, or no form of ours.
    """
    return [
        actions.describe(slot.media, slot.said, _focus(slot, slot.media)) for slot in slots if slot.media is not None
    ]


def _focus(slot: Slot, media: Media) -> Point | None:
    """Read what was chosen: nothing where the form has no such field, or it is the middle as before."""
    if slot.focus is None or (not slot.focus and media.focal_x is None):
        return None
    return read_focus(slot.focus) or (0.0, 0.0)


def are_mixed(pictures: Sequence[Media]) -> bool:
    """Whether there is anything beside a film or a sound."""
    return len(pictures) > 1 and not all(media.media_type.startswith("image/") for media in pictures)


def as_shown(pictures: Sequence[Media]) -> list[tuple[int, str, float | None, float | None]]:
    """Give what is compared of pictures to find out whether anything changed."""
    return [(media.id, media.description, media.focal_x, media.focal_y) for media in pictures]


def read_focus(typed: str) -> Point | None:
    """Read the point of a picture that matters most: "x,y", from -1 to 1 each, to the right and upwards.

    Raises:
        Invalid: it is none.
    """
    if not typed:
        return None
    found = _FOCUS.fullmatch(typed)
    if found is None or max(abs(float(found[1])), abs(float(found[2]))) > 1:
        raise Invalid("This form could not be read.")
    return float(found[1]), float(found[2])


def written_focus(media: Media) -> str:
    """Put the point of a picture that matters most into a field; '' where none was chosen."""
    if media.focal_x is None or media.focal_y is None:
        return ""
    return f"{round(media.focal_x, 4) + 0.0:g},{round(media.focal_y, 4) + 0.0:g}"
