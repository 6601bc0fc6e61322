"""Closing the account of a member or a section for good.   Source: ActivityPub §7.4; GDPR art. 17"""

from tortoise.transactions import in_transaction

from federation import pipeline
from federation.activities import build
from federation.context import Context, Work
from federation.vocabulary import PUBLIC
from models.activity import ActivityRecord
from models.actor import Actor, ActorKey
from models.delivery import Delivery
from models.follow import Follow
from models.member import Member
from models.membership import Membership, MembershipHistory, Transfer
from models.participation import Participation
from models.post import Mention, Post
from models.reaction import Announce, EmojiReaction, Like
from models.section import Section
from server.errors import Conflict
from server.members.profiles import check_ordinary
from server.sections import roles

ADDRESSEES_AT_ONCE = 1000


async def delete(actor: Actor, ctx: Context) -> None:
    """Close an account: tell everybody who has something of it, and erase what is here. Its name is never given again.

    The keys stay until the last server has been told: see `destroy_keys`.

    Raises:
        Conflict: it is the main section, or somebody without whom a section would have no animator.
        Forbidden: it is the actor of the server itself.
    """
    check_ordinary(actor)
    if await Section.exists(actor_id=actor.id, is_main=True):
        raise Conflict("The main section is the front page of this server and cannot be closed.")
    uri = ctx.names.new_activity()
    activity = build("Delete", actor, actor.uri, uri=uri, to=[PUBLIC], cc=[actor.followers_uri or ""])
    async with in_transaction():
        await roles.give_up_all(actor)
        addressees = await _who_has_something_of(actor)
        await pipeline.submit(activity, acting=actor, ctx=ctx)
        record = await ActivityRecord.get(uri=uri)
        for start in range(0, len(addressees), ADDRESSEES_AT_ONCE):
            some = addressees[start : start + ADDRESSEES_AT_ONCE]
            await Delivery.plan_to_actors(record, actor.id, some, ctx.now())
        await Member.filter(actor_id=actor.id).delete()
        await Section.filter(actor_id=actor.id).delete()
        await ActivityRecord.filter(actor_uri=actor.uri).exclude(type="Delete").delete()
    await ctx.wake(Work.DELIVERY)


async def _who_has_something_of(actor: Actor) -> list[str]:
    """Name the actors of other servers, besides followers, that ever got something from this one, as far as rows tell.

    They are not named in the Delete: whom somebody followed or wrote to is nobody else's business.
    """
    own = {"actor_id": actor.id}
    answered = Post.filter(**own, in_reply_to_id__not_isnull=True)
    found = (
        Follow.filter(follower_id=actor.id).values_list("followed_id", flat=True),
        Mention.filter(post__actor_id=actor.id).values_list("actor_id", flat=True),
        answered.values_list("in_reply_to__actor_id", flat=True),
        Post.filter(**own, group_id__not_isnull=True).values_list("group_id", flat=True),
        Membership.filter(member_id=actor.id).values_list("group_id", flat=True),
        Membership.filter(group_id=actor.id).values_list("member_id", flat=True),
        MembershipHistory.filter(member_id=actor.id).values_list("group_id", flat=True),
        Transfer.filter(member_id=actor.id).values_list("target_id", flat=True),
        Participation.filter(**own).values_list("event__actor_id", flat=True),
        *(rows.filter(**own).values_list("post__actor_id", flat=True) for rows in (Like, Announce, EmojiReaction)),
    )
    ids = {id_ for rows in found for id_ in await rows if id_ is not None}
    uris: list[str] = []
    for some in _pieces(sorted(int(str(id_)) for id_ in ids)):
        rows = Actor.filter(id__in=some, is_local=False, gone_at=None)
        uris += [str(uri) for uri in await rows.values_list("uri", flat=True)]
    return uris


def _pieces(ids: list[int]) -> list[list[int]]:
    return [ids[start : start + ADDRESSEES_AT_ONCE] for start in range(0, len(ids), ADDRESSEES_AT_ONCE)]


async def destroy_keys() -> int:
    """Destroy the private keys of accounts that were closed, once nothing is left to be signed; how many accounts."""
    rows = ActorKey.filter(actor__gone_at__not_isnull=True, actor__is_local=True).distinct()
    count = 0
    for id_ in await rows.values_list("actor_id", flat=True):
        if not await Delivery.exists(sender_id=id_, due_at__not_isnull=True):
            await ActorKey.filter(actor_id=id_).delete()
            count += 1
    return count
