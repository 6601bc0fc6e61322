"""Having pictures drawn by a program apart, one at a time, and keeping those that were asked for last."""

import asyncio
import base64
import tempfile
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

import orjson
from starlette.requests import Request

from server.errors import Unavailable
from server.media import programs
from web.cards.cards import Card
from web.shared import palette
from web.shared.static import FOLDER

PROGRAM = Path(__file__).with_name("drawing.py")
FONTS = {
    "serif": str(FOLDER / "fonts" / "newsreader.woff2"),
    "sans": str(FOLDER / "fonts" / "libre-franklin.woff2"),
}
MAX_SECONDS = 30.0
MAX_KEPT = 64
MAX_WAITING = 32


@dataclass(slots=True)
class Drawn:
    """The pictures of one process, the longest unasked for leaving first: some 30 KB each."""

    pictures: OrderedDict[Card, bytes] = field(default_factory=OrderedDict)
    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    waiting: int = 0

    async def of(self, card: Card) -> bytes:
        """Give a picture as PNG, drawn once as long as it is kept.

        Raises:
            Unavailable: it cannot be drawn now.
        """
        if (found := self._find(card)) is not None:
            return found
        if self.waiting >= MAX_WAITING:
            raise Unavailable("Too many pictures are being drawn. Try again later.")
        self.waiting += 1
        try:
            async with self.turn:
                return self._find(card) or self._keep(card, await drawn(card))
        finally:
            self.waiting -= 1

    def _find(self, card: Card) -> bytes | None:
        if (found := self.pictures.get(card)) is not None:
            self.pictures.move_to_end(card)
        return found

    def _keep(self, card: Card, picture: bytes) -> bytes:
        self.pictures[card] = picture
        if len(self.pictures) > MAX_KEPT:
            self.pictures.popitem(last=False)
        return picture


def drawn_by(request: Request) -> Drawn:
    """Give the pictures of this process."""
    state = request.app.state
    if not hasattr(state, "cards"):
        state.cards = Drawn()
    found: Drawn = state.cards
    return found


def colours_of(card: Card) -> Mapping[str, str]:
    """Give the colours of a picture: those of a light page, which all stand out of what they lie on."""
    theme = palette.LIGHT
    soft = palette.mix(theme.ink, 0.72, theme.paper)
    return {**palette.light(*card.colours), "paper": theme.paper, "ink": theme.ink, "ink-soft": soft}


async def drawn(card: Card) -> bytes:
    """Have a picture drawn.

    Raises:
        Unavailable: it cannot be drawn, or not in time.
    """
    source = await asyncio.to_thread(_written, orjson.dumps(_told(card)))
    try:
        said = await programs.run(PROGRAM, source, seconds=MAX_SECONDS)
    except (programs.Failed, TimeoutError) as failed:
        raise Unavailable("This picture cannot be drawn right now.") from failed
    finally:
        source.close()
    return base64.b64decode(said["png"])


def _told(card: Card) -> dict[str, object]:
    return {"card": asdict(card), "colours": dict(colours_of(card)), "fonts": FONTS}


def _written(body: bytes) -> BinaryIO:
    source: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - whoever reads it closes it
    source.write(body)
    source.flush()
    return source
