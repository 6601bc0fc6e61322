"""The one path of every activity, ours or another server's.

    1 policy        same origin for actor and activity, blocked domains           rows only
    2 dereference   actors and objects we lack                                    network, no transaction
    3 authorise     may this actor do this?                                    +
    4 store         the activity, by uri; already there means stop             |  one transaction,
    5 perform       the handler writes rows, returns Effects                   |  no network
    6 react, plan   timeline and notification rows; one Delivery row per inbox +
    7 enqueue       workers are woken, which then look at the rows                after commit

One bad activity of a batch fails alone, behind a savepoint. Those that lack nothing are performed before anything is
fetched, so that a slow server delays only what depends on it.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from tortoise.transactions import in_transaction

from federation import addressing, gathering, handing_on, passing, policy, proofs, resending, transfers
from federation.activities import Activity
from federation.actors import prover_of
from federation.context import Context, Work
from federation.errors import (
    FederationError,
    NotAuthorised,
    RejectedByPolicy,
    RemoteUnavailable,
    UnsupportedActivity,
)
from federation.facts import Fact
from federation.handlers import HANDLERS, Handler
from federation.jsonld import dump
from federation.kinds import kind_of_object
from federation.objects import details
from federation.uris import host_of
from models.activity import ActivityRecord
from models.actor import Actor
from models.delivery import Delivery
from models.ids import new_id
from models.membership import Membership
from models.post import Visibility

TRANSACTION_ACTIVITIES = 32
# What they end, others of the same batch may have begun: that is told first.
ENDINGS = frozenset({"Delete", "Reject", "Undo"})


@dataclass(frozen=True, slots=True)
class Submission:
    """An activity and the uri of the actor it comes from: whose signature it bore, or who is logged in."""

    activity: Activity
    acting_uri: str


@dataclass(slots=True)
class Outcome:
    """What became of one activity. `is_new` is false for one that was here already; `error` says why it was refused.

    `is_held` is true for one that was not tried: an earlier one of its actor is to be tried again, and goes first.
    `is_lacking` is true for one that was left alone because something must be fetched first.
    """

    activity: Activity
    is_new: bool = False
    is_held: bool = False
    is_lacking: bool = False
    error: FederationError | None = None
    facts: list[Fact] = field(default_factory=list)


async def submit(activity: Activity, *, acting: Actor, ctx: Context) -> Outcome:
    """Take one activity down the path: a batch of one.

    Raises:
        FederationError: it was refused.
    """
    [outcome] = await submit_many([Submission(activity, acting.uri)], ctx)
    if outcome.error is not None:
        raise outcome.error
    return outcome


async def submit_many(submissions: Sequence[Submission], ctx: Context, *, fetches: bool = True) -> list[Outcome]:
    """Take a batch down the path, in order; each outcome stands where its submission stood.

    Without `fetches`, what lacks something is only told apart.
    """
    ctx = ctx.for_batch()
    outcomes = [Outcome(item.activity) for item in submissions]
    await _check_policy(submissions, outcomes, ctx)
    accepted = [outcome for outcome in outcomes if outcome.error is None]
    await gathering.load(accepted, ctx)
    ready, lacking = gathering.divide(accepted, ctx)
    await _perform_together(ready, ctx)
    if not fetches:
        for outcome in lacking:
            outcome.is_lacking = True
    elif lacking:
        await gathering.fetch(lacking, ctx)
        _hold_back(lacking)
        await _perform_together([item for item in lacking if item.error is None and not item.is_held], ctx)
    return outcomes


def _hold_back(outcomes: Sequence[Outcome]) -> None:
    """Keep each actor's order: what follows an activity that is to be tried again waits for it."""
    waiting: set[str] = set()
    for outcome in outcomes:
        if isinstance(outcome.error, RemoteUnavailable):
            waiting.add(outcome.activity.actor_uri)
        outcome.is_held = outcome.error is None and outcome.activity.actor_uri in waiting


async def _perform_together(outcomes: Sequence[Outcome], ctx: Context) -> None:
    """Perform activities, some in each transaction; afterwards wake whoever has work."""
    planned = False
    for start in range(0, len(outcomes), TRANSACTION_ACTIVITIES):
        some = outcomes[start : start + TRANSACTION_ACTIVITIES]
        _prepare(some, ctx)
        await asyncio.sleep(0)
        planned |= await _perform_some(some, ctx)
    if planned:
        await ctx.wake(Work.DELIVERY)


def _prepare(outcomes: Sequence[Outcome], ctx: Context) -> None:
    """Do what needs neither rows nor network before the transaction begins, which keeps every other writer waiting."""
    for outcome in outcomes:
        with suppress(FederationError):  # it is refused when it is performed
            find_handler(outcome.activity, ctx).prepare(outcome.activity, ctx)


async def _perform_some(outcomes: Sequence[Outcome], ctx: Context) -> bool:
    """Perform activities in one transaction, with what follows from them; whether anything is owed because of them."""
    planned = False
    untold: list[Fact] = []
    async with in_transaction():
        for outcome in outcomes:
            if untold and _is_ending(outcome.activity):
                await ctx.react(untold)
                untold = []
            planned |= await _perform_alone(outcome, ctx)
            untold += outcome.facts
        await ctx.react(untold)
    return planned


def _is_ending(activity: Activity) -> bool:
    """Whether the activity, or the one that a group passes on in it, ends something."""
    carried = activity.object_type if passing.is_around_activity(activity) else None
    return activity.type in ENDINGS or carried in ENDINGS


async def _check_policy(submissions: Sequence[Submission], outcomes: Sequence[Outcome], ctx: Context) -> None:
    hosts = {}
    for item, outcome in zip(submissions, outcomes, strict=True):
        try:
            policy.check_names(item.activity, item.acting_uri)
            if not ctx.names.is_ours(item.acting_uri):
                hosts[item.activity.uri] = host_of(item.acting_uri)
        except FederationError as refused:
            outcome.error = refused
    blocked = await policy.blocked_hosts(hosts.values())
    for outcome in outcomes:
        if (host := hosts.get(outcome.activity.uri)) in blocked:
            outcome.error = RejectedByPolicy(f"{host} is blocked here")


async def _perform_alone(outcome: Outcome, ctx: Context) -> bool:
    """Perform one activity behind a savepoint; whether anything is owed to another server because of it."""
    try:
        async with in_transaction():
            return await _perform(outcome.activity, outcome, ctx)
    except FederationError as refused:
        outcome.error, outcome.is_new = refused, False
        outcome.facts.clear()
        return False


async def _perform(activity: Activity, outcome: Outcome, ctx: Context) -> bool:
    if activity.uri in ctx.known.records:
        return False
    if ctx.known.actor(activity.actor_uri).gone_at is not None:
        raise NotAuthorised(f"{activity.actor_uri} is no more")
    handler = find_handler(activity, ctx)
    await handler.authorise(activity, ctx)
    record = await _store(activity, handler, ctx)
    planned = await _plan(activity, record, ctx)  # before the rows change: whoever goes tells its followers
    passers = await resending.passers(activity, ctx)
    effects = await handler.perform(activity, ctx)
    outcome.is_new = True
    outcome.facts += effects.facts
    for reply in effects.replies:
        planned |= await _perform(reply, outcome, ctx)
    if effects.afterwards is not None:
        outcome.facts += (await effects.afterwards(activity, ctx)).facts
    for announce in await resending.resend(activity, passers, ctx):
        planned |= await _perform(announce, outcome, ctx)
    return planned


def find_handler(activity: Activity, ctx: Context) -> Handler:
    """Find the row of HANDLERS for an activity, by its type and its object's.

    Raises:
        UnsupportedActivity: there is none.
    """
    kind = kind_of_object(activity, ctx)
    if (handler := HANDLERS.get((activity.type, kind))) is None:
        raise UnsupportedActivity(f"{activity.type} of {kind} means nothing here")
    return handler


async def _store(activity: Activity, handler: Handler, ctx: Context) -> ActivityRecord:
    """Keep the activity. Its uri is unique: of two workers that perform it at once, one fails and finds it done.

    What an actor of ours says to everybody, or to the members of a group, bears a proof from here on, so that others may
    pass it on.
    """
    actor, document = ctx.known.actor(activity.actor_uri), activity.document
    addresses = (*activity.to, *activity.cc)
    if actor.is_local and (addressing.is_public(addresses) or any(uri in ctx.known.groups for uri in addresses)):
        document = proofs.attach(document, await prover_of(actor.id, ctx.now()), now=ctx.now())
    record = ActivityRecord(
        id=new_id(),
        uri=activity.uri,
        type=activity.type,
        actor_uri=activity.actor_uri,
        object_uri=activity.object_uri,
        concerns_uri=None if handler.concerns is None else await handler.concerns(activity, ctx),
        is_local=actor.is_local,
        document=dump(document),
        created_at=ctx.now(),
    )
    await record.insert()
    ctx.known.records[activity.uri] = record
    return record


async def _plan(activity: Activity, record: ActivityRecord, ctx: Context) -> bool:
    """Owe an activity of ours to every inbox it is addressed to; whether it is owed to anybody.

    Others' are owed to those followers of ours to whom they are addressed.
    """
    if not record.is_local:
        return await handing_on.hand_on(activity, record, ctx)
    sender = ctx.known.actor(activity.actor_uri)
    addresses = addressing.without_public((*activity.to, *activity.cc))
    if sender.followers_uri in addresses:
        await Delivery.plan_to_followers(record, sender.id, ctx.now())
    if activity.type in ("Delete", "Update"):
        await _plan_to_shown(activity, record, sender, ctx)
    if transfers.is_of_account(activity):  # who is asked to go on there; to whom one belongs is told to no followers
        await Delivery.plan_to_actors(record, sender.id, await Membership.groups_elsewhere(sender.id), ctx.now())
    for uri in addresses:
        if (group := ctx.known.groups.get(uri)) is not None and group.is_local:
            await Delivery.plan_to_members(record, sender.id, group.id, ctx.now())
    named = [uri for uri in addresses if not (ctx.names.is_ours(uri) or _is_kept_from(uri, activity, sender, ctx))]
    if _is_for_members_alone(activity, sender, ctx) and activity.type not in ENDINGS:
        named = await _belonging(named, addresses, ctx)
    is_narrow = activity.object_type == details.TYPE
    await Delivery.plan_to_actors(record, sender.id, named, ctx.now(), own_inboxes=is_narrow)
    return await Delivery.filter(activity_id=record.id).exists()


def _is_for_members_alone(activity: Activity, sender: Actor, ctx: Context) -> bool:
    """Whether an activity of ours is addressed to the members of a group, and to no more."""
    addresses = (*activity.to, *activity.cc)
    is_wider = addressing.is_public(addresses) or sender.followers_uri in addresses
    return not is_wider and any(uri in ctx.known.groups for uri in addresses)


async def _belonging(named: Sequence[str], addresses: Sequence[str], ctx: Context) -> list[str]:
    """Leave out of those named whoever does not belong, such as a member who has left since."""
    ids = {actor.id: uri for uri in named if (actor := ctx.known.actors.get(uri)) is not None}
    groups = [group.id for uri in addresses if (group := ctx.known.groups.get(uri)) is not None]
    found = [await Membership.belonging(list(ids), group_id) for group_id in groups]
    return [uri for id_, uri in ids.items() if any(id_ in belonging for belonging in found)]


async def _plan_to_shown(activity: Activity, record: ActivityRecord, sender: Actor, ctx: Context) -> None:
    """Owe a Delete also to those who have the post only because somebody announced it.

    What becomes of an event they are told, too, and whoever comes to it. Nobody is named.
    """
    post = ctx.known.posts.get(activity.object_uri or "")
    event = post if post is not None and post.type == "Event" else None
    is_end = activity.type == "Delete" and (post is not None or activity.object_uri == sender.uri)
    if is_end or (event is not None and event.is_open):
        await Delivery.plan_to_shown(record, sender.id, ctx.now(), post_id=post.id if post else None)
    if event is not None and event.visibility is not Visibility.SECTION:
        await Delivery.plan_to_participants(record, sender.id, ctx.now(), event_id=event.id)


def _is_kept_from(uri: str, activity: Activity, sender: Actor, ctx: Context) -> bool:
    """Whether somebody named blocks the sender: nothing new is sent to them, but what was sent may be ended."""
    recipient = ctx.known.actors.get(uri)
    is_apart = recipient is not None and (recipient.id, sender.id) in ctx.known.blocks
    return is_apart and activity.type not in ENDINGS | {"Block"}
