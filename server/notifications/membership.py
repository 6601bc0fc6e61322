"""Telling of belonging: who manages a section learns who asks, a member learns what the section says."""

from collections.abc import Sequence

from federation.facts import MembershipAsked, MembershipBegan, MembershipOffered, TransferAsked, TransferRefused
from models.actor import Actor
from models.notification import Notification, NotificationType
from models.post import Post
from models.role import Role, RoleHolder

MANAGING = (Role.ANIMATOR, Role.MANAGER)


async def on_asked(facts: Sequence[MembershipAsked]) -> None:
    """Tell those who manage a section of ours that somebody asks to belong to it."""
    for fact in facts:
        await tell_managers(fact.group, NotificationType.MEMBER_REQUEST, fact.member)


async def on_offered(facts: Sequence[MembershipOffered]) -> None:
    """Tell a member of ours that a group invites them."""
    for fact in facts:
        if fact.member.is_local:
            await _tell([fact.member.id], NotificationType.MEMBER_INVITE, fact.group)


async def on_began(facts: Sequence[MembershipBegan]) -> None:
    """Tell a member of ours that they belong to a group now; the invitation is settled."""
    for fact in facts:
        settled = {"recipient_id": fact.member.id, "actor_id": fact.group.id}
        await Notification.filter(type=NotificationType.MEMBER_INVITE, **settled).delete()
        if fact.member.is_local:
            await _tell([fact.member.id], NotificationType.MEMBER_ACCEPTED, fact.group)


async def on_transfer_asked(facts: Sequence[TransferAsked]) -> None:
    """Tell those who manage either section that somebody wants to move."""
    for fact in facts:
        for group in (fact.origin, fact.target):
            await tell_managers(group, NotificationType.TRANSFER_REQUEST, fact.member)


async def on_transfer_refused(facts: Sequence[TransferRefused]) -> None:
    """Tell a member of ours that a group does not agree that they move."""
    for fact in facts:
        if fact.member.is_local:
            await _tell([fact.member.id], NotificationType.TRANSFER_REFUSED, fact.group)


async def tell_managers(group: Actor, type_: NotificationType, about: Actor, post: Post | None = None) -> None:
    """Tell those who manage a section, if it is ours, what somebody asks of it or answers it."""
    if not group.is_local:
        return
    holders = RoleHolder.filter(section__actor_id=group.id, role__in=list(MANAGING), holder__gone_at=None)
    ids = {int(str(id_)) for id_ in await holders.values_list("holder_id", flat=True)}
    await _tell(sorted(ids - {about.id}), type_, about, post)


async def _tell(recipient_ids: Sequence[int], type_: NotificationType, actor: Actor, post: Post | None = None) -> None:
    """Tell each of them anew: what was said before under the same heading no longer holds."""
    said = {"type": type_, "actor_id": actor.id, "post_id": post.id if post is not None else None}
    await Notification.filter(recipient_id__in=list(recipient_ids), **said).delete()
    await Notification.bulk_create(Notification(recipient_id=id_, **said) for id_ in recipient_ids)
