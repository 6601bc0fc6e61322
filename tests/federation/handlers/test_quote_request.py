"""Being asked for a quote: who gets a stamp of consent, and who is refused."""

from typing import Any

import pytest

from federation.context import Context
from federation.errors import FederationError, MalformedActivity, NotAuthorised, RemoteUnavailable, UnsupportedActivity
from models.actor import Actor
from models.delivery import Delivery
from models.moderation import Block
from models.notification import Notification, NotificationType
from models.post import Mention, Post, QuotePolicy, Visibility
from models.quote import Quote, QuoteState
from tests import factories
from tests.federation.handlers.test_quote import asking, ours, quoter, sent
from tests.federation.submitting import submit
from tests.world import World

__all__ = ["ours", "quoter"]


async def test_whoever_may_quote_gets_a_stamp(ours: Post, quoter: Actor, member: Actor, ctx: Context) -> None:
    await submit(asking(quoter, ours.uri), quoter, ctx)
    quote, [accept] = await Quote.get(), await sent("Accept")
    assert (quote.state, quote.authorization_uri) == (QuoteState.ACCEPTED, ctx.names.quote_authorization(quote.id))
    assert (accept["actor"], accept["to"], accept["result"]) == (member.uri, [quoter.uri], quote.authorization_uri)
    assert accept["object"] == {
        "id": f"{quoter.uri}/quoterequest/1", "type": "QuoteRequest", "actor": quoter.uri, "object": ours.uri,
        "instrument": f"{quoter.uri}/notes/1",
    }  # fmt: skip
    assert any(isinstance(part, dict) and "QuoteRequest" in part for part in accept["@context"])
    assert (await Delivery.get()).inbox_uri == quoter.delivery_uri
    assert (await Notification.get()).type is NotificationType.QUOTE


async def test_a_quoting_post_that_is_only_named_is_fetched(
    ours: Post, quoter: Actor, ctx: Context, world: World
) -> None:
    note = factories.note(quoter.uri, quote=ours.uri)
    world.serve(note)
    await submit(asking(quoter, ours.uri, note["id"]), quoter, ctx)
    assert (await Quote.get()).state is QuoteState.ACCEPTED
    assert world.fetched == [note["id"]]


async def test_a_quoting_post_that_is_here_is_not_fetched(
    ours: Post, quoter: Actor, ctx: Context, world: World
) -> None:
    await submit(factories.create(quoter.uri, quote=ours.uri), quoter, ctx)
    await submit(asking(quoter, ours.uri, f"{quoter.uri}/notes/1"), quoter, ctx)
    assert (await Quote.get()).state is QuoteState.ACCEPTED
    assert world.fetched == []


@pytest.mark.parametrize(
    ("policy", "follows", "kind"),
    [
        (QuotePolicy.EVERYBODY, False, "Accept"),
        (QuotePolicy.FOLLOWERS, True, "Accept"),
        (QuotePolicy.FOLLOWERS, False, "Reject"),
        (QuotePolicy.NOBODY, True, "Reject"),
    ],
)
async def test_the_policy_of_the_post_answers(
    ours: Post, quoter: Actor, member: Actor, ctx: Context, policy: QuotePolicy, follows: bool, kind: str
) -> None:
    await Post.filter(id=ours.id).update(quote_policy=policy)
    if follows:
        await factories.follow(quoter, member)
    await submit(asking(quoter, ours.uri), quoter, ctx)
    [answer] = await sent(kind)
    assert ("result" in answer) is (kind == "Accept")
    assert (await Quote.get()).state is (QuoteState.ACCEPTED if kind == "Accept" else QuoteState.REJECTED)
    assert await Notification.all().count() == (1 if kind == "Accept" else 0)


async def test_whoever_is_blocked_gets_no_answer(ours: Post, quoter: Actor, member: Actor, ctx: Context) -> None:
    await Block.create(uri=ctx.names.new_activity(), blocker=member, blocked=quoter)
    with pytest.raises(NotAuthorised):
        await submit(asking(quoter, ours.uri), quoter, ctx)
    assert await sent("Reject") == []


async def test_what_is_not_open_is_quoted_by_nobody_and_hidden_from_those_it_is_not_for(
    member: Actor, quoter: Actor, ctx: Context
) -> None:
    closed = await factories.post(member, visibility=Visibility.DIRECT, uri=ctx.names.post(8))
    with pytest.raises(NotAuthorised):
        await submit(asking(quoter, closed.uri), quoter, ctx)
    assert await sent("Reject") == []
    await Mention.create(post=closed, actor=quoter)
    await submit(asking(quoter, closed.uri, number=2), quoter, ctx)
    assert len(await sent("Reject")) == 1


async def test_a_quote_that_was_taken_back_is_not_agreed_to_again(ours: Post, quoter: Actor, ctx: Context) -> None:
    await submit(asking(quoter, ours.uri), quoter, ctx)
    await Quote.all().update(state=QuoteState.REVOKED)
    await submit(asking(quoter, ours.uri, number=2), quoter, ctx)
    assert len(await sent("Reject")) == 1
    assert (await Quote.get()).state is QuoteState.REVOKED


async def test_only_the_quoting_author_asks_and_for_a_quote(
    ours: Post, quoter: Actor, stranger: Actor, ctx: Context
) -> None:
    plain, other = factories.note(quoter.uri, 3), factories.note(quoter.uri, 4, quote=ours.uri)
    refused: list[tuple[Actor, Any, type[FederationError]]] = [
        (quoter, plain, NotAuthorised),
        (stranger, other, NotAuthorised),
        (quoter, {"type": "Note"}, MalformedActivity),
    ]
    for number, (actor, instrument, error) in enumerate(refused):
        with pytest.raises(error):
            await submit(asking(actor, ours.uri, instrument, number), actor, ctx)
    assert await sent("Accept") == []


async def test_a_request_waits_for_a_quoting_post_that_cannot_be_had_now(
    ours: Post, quoter: Actor, ctx: Context, world: World
) -> None:
    world.statuses[f"{quoter.uri}/notes/9"] = 0
    with pytest.raises(RemoteUnavailable):
        await submit(asking(quoter, ours.uri, f"{quoter.uri}/notes/9"), quoter, ctx)


async def test_for_a_post_that_is_not_here_nothing_is_fetched(quoter: Actor, ctx: Context, world: World) -> None:
    with pytest.raises(FederationError):
        await submit(asking(quoter, ctx.names.post(99), f"{quoter.uri}/notes/9"), quoter, ctx)
    assert world.fetched == []


async def test_between_two_other_servers_there_is_nothing_to_say(quoter: Actor, stranger: Actor, ctx: Context) -> None:
    theirs = await factories.post(stranger)
    with pytest.raises(UnsupportedActivity):
        await submit(asking(quoter, theirs.uri), quoter, ctx)
