"""What facts do to home timelines."""

from collections.abc import Sequence

from tortoise.expressions import Q, Subquery

from federation.facts import Announced, AnnounceEnded, Blocked, FollowAccepted, FollowEnded, MembershipEnded, Posted
from models.post import Post, Visibility
from models.timeline import HomeRow

BACKFILL = 20


async def on_posted(facts: Sequence[Posted]) -> None:
    """Bring each post to its author, its author's followers or its group's members here, and whoever here it names.

    What is public comes to those who follow one of its hashtags, too.
    """
    for fact in facts:
        owners = [*([fact.author.id] if fact.author.is_local else ()), *fact.mentioned]
        await HomeRow.bring_to(owners, fact.post.id, fact.post.id, fact.author.id)
        if fact.post.visibility is Visibility.SECTION and fact.post.group_id is not None:
            await HomeRow.bring_to_members(fact.post.id, fact.post.group_id, fact.author.id)
    for_followers = [fact.post for fact in facts if _is_for_followers(fact.post)]
    await HomeRow.bring_posts([post.id for post in for_followers])
    await HomeRow.bring_tagged([fact.post.id for fact in facts if fact.post.visibility is Visibility.PUBLIC])


def _is_for_followers(post: Post) -> bool:
    is_for_members = post.visibility is Visibility.SECTION and post.group_id is not None
    return not is_for_members and post.visibility is not Visibility.DIRECT


async def on_announced(facts: Sequence[Announced]) -> None:
    """Bring each announced post to the announcer's followers here."""
    for fact in facts:
        await HomeRow.bring_to_followers(fact.announce.id, fact.post.id, fact.actor.id, is_announce=True)


async def on_announce_ended(facts: Sequence[AnnounceEnded]) -> None:
    """Take away what the announce had brought."""
    for fact in facts:
        await HomeRow.filter(actor_id=fact.actor.id, post_id=fact.post.id, is_announce=True).delete()


async def on_follow_accepted(facts: Sequence[FollowAccepted]) -> None:
    """Bring the newest posts we have of the followed actor to its new follower here."""
    for fact in facts:
        if not fact.follower.is_local:
            continue
        posts = Post.visible_to(fact.follower).filter(actor_id=fact.followed.id, in_reply_to_uri=None)
        for id_ in await posts.order_by("-id").limit(BACKFILL).values_list("id", flat=True):
            await HomeRow.bring_to([fact.follower.id], int(str(id_)), int(str(id_)), fact.followed.id)


async def on_follow_ended(facts: Sequence[FollowEnded]) -> None:
    """Take away what the actor had brought to one who no longer follows it."""
    for fact in facts:
        if fact.follower.is_local:
            await HomeRow.filter(owner_id=fact.follower.id, actor_id=fact.followed.id).delete()


async def on_blocked(facts: Sequence[Blocked]) -> None:
    """Take away, on both sides, what one wrote and what one brought to the other."""
    for fact in facts:
        for owner, other in ((fact.blocker, fact.blocked), (fact.blocked, fact.blocker)):
            if owner.is_local:
                await HomeRow.filter(Q(actor_id=other.id) | Q(post__actor_id=other.id), owner_id=owner.id).delete()


async def on_membership_ended(facts: Sequence[MembershipEnded]) -> None:
    """Take away what was for the members of the group from one who no longer belongs to it."""
    for fact in facts:
        for_members = Post.filter(group_id=fact.group.id, visibility=Visibility.SECTION)
        others = for_members.exclude(actor_id=fact.member.id).values("id")
        await HomeRow.filter(owner_id=fact.member.id, post_id__in=Subquery(others)).delete()
