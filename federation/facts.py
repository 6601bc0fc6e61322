"""What an activity turned out to mean, told to whoever reacts to it (timelines, notifications)."""

from dataclasses import dataclass
from datetime import datetime

from models.actor import Actor
from models.event import Organising
from models.moderation import Report
from models.participation import Participation, ParticipationState
from models.poll import Poll
from models.post import Post
from models.reaction import Announce, EmojiReaction, Like


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is now true here."""


@dataclass(frozen=True, slots=True)
class Followed(Fact):
    """`follower` wishes to follow `followed`, who has yet to agree."""

    follower: Actor
    followed: Actor


@dataclass(frozen=True, slots=True)
class FollowAccepted(Fact):
    """`follower` now follows `followed`."""

    follower: Actor
    followed: Actor


@dataclass(frozen=True, slots=True)
class FollowEnded(Fact):
    """`follower` no longer follows `followed`, or never came to: `had_begun` says which."""

    follower: Actor
    followed: Actor
    had_begun: bool = True


@dataclass(frozen=True, slots=True)
class Posted(Fact):
    """`author` published `post`, naming the actors with the ids `mentioned`."""

    post: Post
    author: Actor
    mentioned: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PostEdited(Fact):
    """`author` changed `post`."""

    post: Post
    author: Actor


@dataclass(frozen=True, slots=True)
class PostDeleted(Fact):
    """The post with this id is no more. Unless it `was_open`, those of ours with the ids `shown_to` had it alone."""

    post_id: int
    was_open: bool
    shown_to: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Liked(Fact):
    """`actor` likes `post`."""

    like: Like
    actor: Actor
    post: Post


@dataclass(frozen=True, slots=True)
class Reacted(Fact):
    """`actor` answers `post` with an emoji."""

    reaction: EmojiReaction
    actor: Actor
    post: Post


@dataclass(frozen=True, slots=True)
class Announced(Fact):
    """`actor` shows `post` to its followers."""

    announce: Announce
    actor: Actor
    post: Post


@dataclass(frozen=True, slots=True)
class AnnounceEnded(Fact):
    """`actor` no longer shows `post` to its followers, as it did by the announce with this id."""

    actor: Actor
    post: Post
    announce_id: int


@dataclass(frozen=True, slots=True)
class Moved(Fact):
    """`actor` lives on as `target`; the followers of ours with the ids `follower_ids` go with it."""

    actor: Actor
    target: Actor
    follower_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ActorGone(Fact):
    """`actor` is no more; `uris` are those of what went with it: posts, follows, answers to events.

    `event_uris` are those of events of ours to which it comes no more: others may wait for its place.
    `post_ids` are those of the last posts among them that everybody could read.
    """

    actor: Actor
    uris: tuple[str, ...]
    event_uris: tuple[str, ...] = ()
    post_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OutOfSight(Fact):
    """What the actors with these ids wrote is shown to nobody any more."""

    actor_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MembershipAsked(Fact):
    """`member` asks to belong to `group`, which has yet to agree."""

    member: Actor
    group: Actor


@dataclass(frozen=True, slots=True)
class MembershipOffered(Fact):
    """`group` asks `member` to belong to it."""

    member: Actor
    group: Actor


@dataclass(frozen=True, slots=True)
class MembershipBegan(Fact):
    """`member` belongs to `group` now."""

    member: Actor
    group: Actor


@dataclass(frozen=True, slots=True)
class MembershipEnded(Fact):
    """`member` no longer belongs to `group`, or never came to: `had_begun` says which."""

    member: Actor
    group: Actor
    had_begun: bool = True


@dataclass(frozen=True, slots=True)
class DetailsChanged(Fact):
    """What `member`, who lives elsewhere, shows to the managers of `group` has changed, or is shown no longer."""

    member: Actor
    group: Actor


@dataclass(frozen=True, slots=True)
class TransferAsked(Fact):
    """`member` asks to move from the group `origin` to the group `target`, which have yet to agree."""

    member: Actor
    origin: Actor
    target: Actor


@dataclass(frozen=True, slots=True)
class TransferRefused(Fact):
    """`group`, one of the two, does not agree that `member` moves."""

    member: Actor
    group: Actor


@dataclass(frozen=True, slots=True)
class PollClosed(Fact):
    """The poll of `post` takes no more votes."""

    poll: Poll
    post: Post


@dataclass(frozen=True, slots=True)
class Quoted(Fact):
    """`author` quotes the post `quoted` in `post`, with its author's consent or in a spelling that knows none."""

    post: Post
    author: Actor
    quoted: Post


@dataclass(frozen=True, slots=True)
class Reported(Fact):
    """`reported` was reported to the moderators here."""

    report: Report
    reported: Actor


@dataclass(frozen=True, slots=True)
class Blocked(Fact):
    """`blocker` wants nothing to do with `blocked`."""

    blocker: Actor
    blocked: Actor


@dataclass(frozen=True, slots=True)
class Invited(Fact):
    """`inviter` asks `invited` to come to an event."""

    participation: Participation
    event: Post
    inviter: Actor
    invited: Actor


@dataclass(frozen=True, slots=True)
class EventChanged(Fact):
    """The event `event` is no longer what it was: `columns` of models.event.Event changed, or its "shifts"."""

    event: Post
    columns: frozenset[str]


@dataclass(frozen=True, slots=True)
class OrganisingAsked(Fact):
    """`section` is asked to organise the event `event` together with whoever made it."""

    event: Post
    section: Actor


@dataclass(frozen=True, slots=True)
class OrganisingAnswered(Fact):
    """`section` says that it organises the event `event`, too, or does not: `organising.state` says which."""

    organising: Organising
    event: Post
    section: Actor


@dataclass(frozen=True, slots=True)
class OrganisingTakenBack(Fact):
    """`section` is not, or no longer, asked to organise the event `event`."""

    event: Post
    section: Actor


@dataclass(frozen=True, slots=True)
class OrganisersChanged(Fact):
    """Other sections organise the event `event` than before, because of the activity `uri`, performed `at` that time."""

    event: Post
    uri: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Attended(Fact):
    """Somebody said something of coming to an event of ours, or came up from its waiting list (`has_moved_up`).

    `before` is the state that their answer had before; None where it is their first.
    """

    participation: Participation
    event: Post
    before: ParticipationState | None
    has_moved_up: bool = False


@dataclass(frozen=True, slots=True)
class SentAway(Fact):
    """Somebody comes no more to an event of ours, whose organiser wants nothing to do with them; no activity says so."""

    participation: Participation
    event: Post


@dataclass(frozen=True, slots=True)
class JoinAsked(Fact):
    """`actor` asks to come to an event, whose organiser has yet to agree."""

    participation: Participation
    event: Post
    actor: Actor


@dataclass(frozen=True, slots=True)
class JoinAnswered(Fact):
    """`organiser` says whether `actor`, who asked, may come to an event; None is somebody who left an e-mail address."""

    participation: Participation
    event: Post
    organiser: Actor
    actor: Actor | None


@dataclass(frozen=True, slots=True)
class FiltersChanged(Fact):
    """`owner`, one of ours, does not want to read the same things as before."""

    owner: Actor


@dataclass(frozen=True, slots=True)
class RequestsAccepted(Fact):
    """`recipient`, one of ours, is told now what was kept apart."""

    recipient: Actor


@dataclass(frozen=True, slots=True)
class ConversationRead(Fact):
    """The owner of the conversation with this id has read it."""

    conversation_id: int
