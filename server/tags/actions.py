"""Following a hashtag: its public posts come home as if their authors were followed. Nobody is told."""

from models.actor import Actor, in_sight
from models.post import Post, Visibility
from models.tag_follow import TagFollow
from models.timeline import HomeRow
from server.errors import Invalid

MAX_FOLLOWED = 200
BACKFILL = 20


async def follow(actor: Actor, name: str) -> None:
    """Follow a hashtag, given in its canonical form; a second time changes nothing. The newest posts come home at once.

    Raises:
        Invalid: there are enough already.
    """
    if await TagFollow.exists(actor_id=actor.id, name=name):
        return
    if await TagFollow.filter(actor_id=actor.id).count() >= MAX_FOLLOWED:
        raise Invalid("No more than 200 hashtags can be followed.")
    await TagFollow.get_or_create(actor_id=actor.id, name=name)
    tagged = Post.filter(visibility=Visibility.PUBLIC, tags__name=name, actor__is_silenced=False, **in_sight("actor__"))
    newest = await tagged.order_by("-id").limit(BACKFILL).values_list("id", flat=True)
    await HomeRow.bring_tagged([int(str(id_)) for id_ in newest], actor.id)


async def unfollow(actor: Actor, name: str) -> None:
    """Follow a hashtag no longer; what it alone had brought goes. If it is not followed, nothing changes."""
    if await TagFollow.filter(actor_id=actor.id, name=name).delete():
        await HomeRow.take_tagged(actor.id, name)
