"""What follows for consents: they end with the membership that they were about."""

from collections.abc import Sequence

from federation.facts import MembershipEnded
from server.consents.actions import end_with_membership


async def on_membership_ended(facts: Sequence[MembershipEnded]) -> None:
    """Withdraw what was agreed to as a member; news by e-mail, agreed to apart, goes on until it is withdrawn."""
    for fact in facts:
        await end_with_membership(fact.group.id, fact.member.id)
