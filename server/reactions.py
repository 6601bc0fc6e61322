"""What follows from each fact: one table. Reactions write rows, inside the transaction that made the fact true."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from federation import facts as fact
from federation.facts import Fact
from server.consents import reactions as consents
from server.conversations import reactions as conversations
from server.events import moving_up, notices, retelling
from server.follows import featured
from server.lists import reactions as lists
from server.media import reactions as media
from server.notifications import membership, organising, polls, quotes
from server.notifications import reactions as notifications
from server.privacy import reactions as privacy
from server.sections import reported
from server.threads import reactions as threads
from server.timelines import reactions as timelines

Reaction = Callable[[Sequence[Any]], Awaitable[None]]

REACTIONS: dict[type[Fact], list[Reaction]] = {
    fact.Followed: [notifications.on_followed],
    fact.FollowAccepted: [notifications.on_follow_accepted, timelines.on_follow_accepted],
    fact.FollowEnded: [
        timelines.on_follow_ended,
        lists.on_follow_ended,
        featured.on_follow_ended,
        notifications.on_follow_ended,
    ],
    fact.MembershipAsked: [membership.on_asked],
    fact.MembershipOffered: [membership.on_offered],
    fact.MembershipBegan: [membership.on_began],
    fact.TransferAsked: [membership.on_transfer_asked],
    fact.TransferRefused: [membership.on_transfer_refused],
    fact.MembershipEnded: [
        timelines.on_membership_ended,
        notifications.on_membership_ended,
        consents.on_membership_ended,
    ],
    fact.DetailsChanged: [consents.on_details_changed],
    fact.Reacted: [notifications.on_reacted],
    fact.Posted: [timelines.on_posted, notifications.on_posted, conversations.on_posted, threads.on_posted],
    fact.Liked: [notifications.on_liked],
    fact.Announced: [timelines.on_announced, notifications.on_announced, threads.on_announced],
    fact.Quoted: [quotes.on_quoted],
    fact.PollClosed: [polls.on_poll_closed],
    fact.AnnounceEnded: [timelines.on_announce_ended],
    fact.Blocked: [timelines.on_blocked, notifications.on_blocked],
    fact.Reported: [notifications.on_reported, reported.on_reported],
    fact.Invited: [notifications.on_invited],
    fact.OrganisingAsked: [organising.on_asked],
    fact.OrganisingAnswered: [organising.on_answered],
    fact.OrganisingTakenBack: [organising.on_taken_back],
    fact.OrganisersChanged: [retelling.on_organisers_changed],
    fact.JoinAsked: [notifications.on_join_asked],
    fact.JoinAnswered: [notifications.on_join_answered],
    fact.Attended: [notices.on_attended],
    fact.SentAway: [notices.on_sent_away],
    fact.EventChanged: [notices.on_event_changed],
    fact.Moved: [notifications.on_moved],
    fact.ActorGone: [privacy.on_gone, media.on_gone, moving_up.on_gone],
}


async def react(facts: Sequence[Fact]) -> None:
    """Give every fact of a batch to its reactions, those of one type together and in order."""
    by_type: dict[type[Fact], list[Fact]] = defaultdict(list)
    for item in facts:
        by_type[type(item)].append(item)
    for type_, items in by_type.items():
        for reaction in REACTIONS.get(type_, ()):
            await reaction(items)
