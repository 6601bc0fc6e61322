"""Finding files of a member, and what a post shows of them."""

from collections.abc import Sequence

from models.actor import Actor
from models.media import STAYS_UNTIL, Media
from models.post import Attachment, Post
from server.errors import NotFound
from server.media.playing import playing_of


async def waiting(owner: Actor, id_: int) -> Media:
    """Find a picture that somebody brought and no post shows, nor will.

    Raises:
        NotFound: there is none.
    """
    free = Media.filter(owner_id=owner.id, post_id=None, scheduled_id=None, series_id=None, is_leaving=False)
    found = await free.exclude(expires_at=STAYS_UNTIL).get_or_none(id=id_)
    if found is None:
        raise NotFound("There is no such picture, or a post shows it already.")
    return found


async def shown_by(post: Post) -> list[Media]:
    """Give the pictures of ours that a post shows, in their order."""
    positions = dict(await Attachment.filter(post_id=post.id).values_list("id", "position"))
    return sorted(await Media.filter(post_id=post.id), key=lambda media: positions.get(media.id, 0))


async def own(owner: Actor, ids: Sequence[int]) -> list[Media]:
    """Give those of these pictures that somebody brought and neither a scheduled post nor a series has, in this order."""
    rows = Media.filter(id__in=list(ids), owner_id=owner.id, scheduled_id=None, series_id=None, is_leaving=False)
    rows = rows.exclude(expires_at=STAYS_UNTIL)
    found = {media.id: media for media in await rows}
    return [found[id_] for id_ in ids if id_ in found]


async def of_scheduled(ids: Sequence[int]) -> dict[int, list[Media]]:
    """Give the pictures of these scheduled posts, by the id of the post."""
    found: dict[int, list[Media]] = {}
    for media in await Media.filter(scheduled_id__in=list(ids)) if ids else ():
        found.setdefault(media.scheduled_id or 0, []).append(media)
    return found


def as_attachment(media: Media) -> Attachment:
    """Give a picture as a post shows it, not to be saved."""
    shown = Attachment(
        id=media.id,
        media_type=media.media_type,
        url=media.url,
        description=media.description,
        width=media.width,
        height=media.height,
        duration_ms=media.duration_ms,
        blurhash=media.blurhash,
        focal_x=media.focal_x,
        focal_y=media.focal_y,
    )
    shown.playing = playing_of(media)
    return shown
