"""What follows for consents: they end with the membership that they were about; what is shown by one may have changed."""

from collections.abc import Sequence

from federation.facts import DetailsChanged, MembershipEnded
from server.consents.actions import end_with_membership, hide_sent


async def on_membership_ended(facts: Sequence[MembershipEnded]) -> None:
    """Withdraw what was agreed to as a member; news by e-mail, agreed to apart, goes on until it is withdrawn."""
    for fact in facts:
        await end_with_membership(fact.group.id, fact.member.id)


async def on_details_changed(facts: Sequence[DetailsChanged]) -> None:
    """Show no longer what may have been withdrawn, whether or not it can be read anew at once."""
    for fact in facts:
        await hide_sent(fact.group.id, fact.member.id)
