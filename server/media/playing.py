"""Learning what is known of the films and sounds that posts show: those of ours, and copies of those of other servers."""

from collections.abc import Iterable

from models.media import Media
from models.media_copy import MediaCopy, film_key
from models.playing import Playing
from models.post import Attachment
from models.rows import padded

MOVING = ("video/", "audio/")


def moves(item: Attachment) -> bool:
    """Whether it says that it is a film or a sound."""
    return item.media_type.lower().startswith(MOVING)


async def learn(items: Iterable[Attachment]) -> None:
    """Write what is known of the films and sounds among these onto them, in two questions if there are any."""
    films = [item for item in items if moves(item)]
    if not films:
        return
    own = {media.id: media for media in await Media.filter(id__in=padded({item.id for item in films}))}
    keys = {film_key(item.url): item for item in films if item.id not in own}
    copies = {row.key: row for row in await MediaCopy.filter(key__in=padded(keys))} if keys else {}
    for item in films:
        if (media := own.get(item.id)) is not None:
            item.playing = playing_of(media)
        elif (row := copies.get(film_key(item.url))) is not None:
            item.playing = Playing(
                loops=row.loops,
                duration_ms=row.duration_ms,
                frame_rate=row.frame_rate,
                has_small=row.is_there and row.has_small,
                is_here=row.is_there,
                is_elsewhere=row.is_elsewhere,
            )


def playing_of(media: Media) -> Playing:
    """Tell what is known of a film or sound of ours."""
    is_film = media.media_type.startswith("video/")
    return Playing(media.loops, media.duration_ms, media.frame_rate, has_small=is_film, is_here=True)
