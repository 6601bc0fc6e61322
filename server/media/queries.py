"""Finding pictures of a member, and what a post shows of them."""

from collections.abc import Sequence

from models.actor import Actor
from models.media import Media
from models.post import Attachment, Post
from server.errors import NotFound


async def waiting(owner: Actor, id_: int) -> Media:
    """Find a picture that somebody brought and no post shows yet.

    Raises:
        NotFound: there is none.
    """
    found = await Media.get_or_none(id=id_, owner_id=owner.id, post_id=None, series_id=None, is_leaving=False)
    if found is None:
        raise NotFound("There is no such picture, or a post shows it already.")
    return found


async def shown_by(post: Post) -> list[Media]:
    """Give the pictures of ours that a post shows, in their order."""
    positions = dict(await Attachment.filter(post_id=post.id).values_list("id", "position"))
    return sorted(await Media.filter(post_id=post.id), key=lambda media: positions.get(media.id, 0))


async def own(owner: Actor, ids: Sequence[int]) -> list[Media]:
    """Give those of these pictures that somebody brought, in this order."""
    rows = Media.filter(id__in=list(ids), owner_id=owner.id, series_id=None, is_leaving=False)
    found = {media.id: media for media in await rows}
    return [found[id_] for id_ in ids if id_ in found]


def as_attachment(media: Media) -> Attachment:
    """Give a picture as a post shows it, not to be saved."""
    return Attachment(
        id=media.id,
        media_type=media.media_type,
        url=media.url,
        description=media.description,
        width=media.width,
        height=media.height,
        blurhash=media.blurhash,
        focal_x=media.focal_x,
        focal_y=media.focal_y,
    )
