"""The cover that the events of a series share: one file, and a row of Media for each event that shows it.

The series has a row of its own as long as events are to come, from which each takes its own when it is announced.
docs/decisions/0026
"""

from collections.abc import Sequence
from datetime import datetime

from models.event import EventSeries
from models.media import Media
from models.post import Post
from server.media.queries import shown_by


async def keep(series: EventSeries, pictures: Sequence[Media], now: datetime) -> None:
    """Have the events to come of a series show the first of these pictures, or none, and no longer the one before."""
    await let_go(series, now)
    for picture in pictures[:1]:
        await picture.again(now, series=series)


async def for_next(series: EventSeries, now: datetime) -> list[Media]:
    """Give what the next event of a series is to show, for that event alone."""
    held = await Media.filter(series_id=series.id, is_leaving=False).first()
    own = await held.again(now) if held is not None else None
    return [] if own is None else [own]


async def shared(pictures: Sequence[Media], post: Post, now: datetime) -> list[Media]:
    """Give the same pictures for another event: those that it shows already, with what is said of them now, and new rows."""
    held = {picture.url: picture for picture in await shown_by(post)}
    for picture in pictures:
        if (own := held.get(picture.url)) is not None:
            own.description, own.focal_x, own.focal_y = picture.description, picture.focal_x, picture.focal_y
        elif (own := await picture.again(now)) is not None:
            held[picture.url] = own
    return [held[picture.url] for picture in pictures if picture.url in held]


async def let_go(series: EventSeries, now: datetime) -> None:
    """Let go of the cover of a series: no event is to come any more that would show it."""
    await Media.filter(series_id=series.id).update(series_id=None, expires_at=now)


async def is_other(pictures: Sequence[Media] | None, post: Post) -> bool:
    """Whether these are other pictures than those that an event shows, or more is said of them."""
    return pictures is not None and written(pictures) != written(await shown_by(post))


def written(pictures: Sequence[Media]) -> list[tuple[str, str]]:
    """Give pictures as they are compared: the file of each, and what is said of it."""
    return [(picture.url, picture.description) for picture in pictures]
