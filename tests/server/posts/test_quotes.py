"""Quoting others, being quoted, and taking one's consent back."""

from typing import Any

import pytest

from federation.context import Context
from federation.errors import NotAuthorised
from models.actor import Actor
from models.notification import Notification, NotificationType
from models.post import Post, QuotePolicy, Visibility
from models.quote import Quote, QuoteState
from server.errors import Forbidden, NotFound
from server.posts import actions, queries, quotes
from server.posts.actions import Draft
from tests import factories
from tests.factories import PUBLIC
from tests.federation.handlers.test_quote import asking
from tests.federation.submitting import submit
from tests.server.posts.test_polls import deliveries, sent

FAR_STAMP = "https://far.test/users/noor/stamps/1"


@pytest.fixture
async def theirs(remote_actor: Actor) -> Post:
    """A public post of another server."""
    return await factories.post(remote_actor, "De loin", url="https://far.test/@noor/1")


async def quote(author: Actor, quoted: Post, ctx: Context, **more: Any) -> Quote:
    found = await Post.get(id=quoted.id).select_related("actor")
    post = await actions.publish(author, Draft("À lire", quoted=found, **more), ctx)
    return await Quote.get(post_id=post.id).select_related("post__actor")


async def answer(kind: str, author: Actor, ctx: Context, number: int = 1, **more: Any) -> None:
    [asked] = await sent("QuoteRequest")
    activity = factories.activity(kind, author.uri, {k: v for k, v in asked.items() if k != "@context"}, number, **more)
    await submit(activity, author, ctx)


# Quoting


async def test_the_quoted_author_is_asked(member: Actor, remote_actor: Actor, theirs: Post, ctx: Context) -> None:
    row = await quote(member, theirs, ctx)
    [request], [create] = await sent("QuoteRequest"), await sent("Create")
    assert (request["object"], request["instrument"]) == (theirs.uri, row.post.uri)
    assert (request["to"], await deliveries(request)) == ([remote_actor.uri], {remote_actor.delivery_uri})
    assert any(isinstance(part, dict) and "QuoteRequest" in part for part in request["@context"])
    assert (row.state, row.request_uri, row.quoted_uri) == (QuoteState.REQUESTED, request["id"], theirs.uri)
    for name in ("quote", "quoteUrl", "quoteUri", "_misskey_quote"):
        assert create["object"][name] == theirs.uri
    assert create["object"]["content"].endswith(
        '<p class="quote-inline">RE: <a href="https://far.test/@noor/1">https://far.test/@noor/1</a></p>'
    )
    assert row.post.content_html == "<p>À lire</p>"
    assert create["to"] == [PUBLIC]


async def test_with_an_accept_the_stamp_is_kept_and_told(
    member: Actor, remote_actor: Actor, stranger: Actor, theirs: Post, ctx: Context
) -> None:
    await factories.follow(stranger, member)
    row = await quote(member, theirs, ctx)
    await answer("Accept", remote_actor, ctx, result=FAR_STAMP)
    row = await Quote.get(id=row.id)
    assert (row.state, row.authorization_uri) == (QuoteState.ACCEPTED, FAR_STAMP)
    [update] = await sent("Update")
    assert update["object"]["quoteAuthorization"] == FAR_STAMP
    assert await deliveries(update) == {stranger.delivery_uri}
    assert (await Post.get(id=row.post_id)).edited_at is None
    assert (await Post.get(id=row.post_id)).content_html == "<p>À lire</p>"


async def test_the_request_may_only_be_named_in_the_answer(
    member: Actor, remote_actor: Actor, theirs: Post, ctx: Context
) -> None:
    row = await quote(member, theirs, ctx)
    accept = factories.activity("Accept", remote_actor.uri, row.request_uri, result=FAR_STAMP)
    await submit(accept, remote_actor, ctx)
    assert (await Quote.get()).state is QuoteState.ACCEPTED


async def test_with_a_reject_the_older_spellings_go(
    member: Actor, remote_actor: Actor, theirs: Post, ctx: Context
) -> None:
    await quote(member, theirs, ctx)
    await answer("Reject", remote_actor, ctx)
    assert (await Quote.get()).state is QuoteState.REJECTED
    [update] = await sent("Update")
    assert update["object"]["quote"] == theirs.uri
    assert not {"quoteUrl", "quoteUri", "_misskey_quote", "quoteAuthorization"} & set(update["object"])


async def test_nobody_else_answers_nor_without_a_stamp_of_their_own(
    member: Actor, remote_actor: Actor, stranger: Actor, theirs: Post, ctx: Context
) -> None:
    await quote(member, theirs, ctx)
    with pytest.raises(NotAuthorised):
        await answer("Accept", stranger, ctx, result=f"{stranger.uri}/stamps/1")
    for number, more in enumerate(({}, {"result": f"{stranger.uri}/stamps/1"})):
        with pytest.raises(NotAuthorised):
            await answer("Accept", remote_actor, ctx, number, **more)
    with pytest.raises(NotAuthorised):
        await answer("Reject", stranger, ctx)
    assert (await Quote.get()).state is QuoteState.REQUESTED


async def test_a_stamp_that_the_other_server_takes_back_goes_from_our_post(
    member: Actor, remote_actor: Actor, theirs: Post, ctx: Context
) -> None:
    await quote(member, theirs, ctx)
    await answer("Accept", remote_actor, ctx, result=FAR_STAMP)
    await submit(factories.activity("Delete", remote_actor.uri, FAR_STAMP), remote_actor, ctx)
    assert (await Quote.get()).state is QuoteState.REVOKED
    _, update = await sent("Update")
    assert "quoteAuthorization" not in update["object"]


async def test_between_two_members_it_is_agreed_at_once(member: Actor, other_member: Actor, ctx: Context) -> None:
    ours = await factories.post(other_member, uri=ctx.names.post(7))
    row = await quote(member, ours, ctx)
    assert (row.state, row.authorization_uri) == (QuoteState.ACCEPTED, ctx.names.quote_authorization(row.id))
    [update] = await sent("Update")
    assert update["object"]["quoteAuthorization"] == row.authorization_uri
    told = await Notification.get()
    assert (told.type, told.recipient_id, told.post_id) == (NotificationType.QUOTE, other_member.id, row.post_id)


async def test_one_quotes_oneself_without_asking(member: Actor, ctx: Context) -> None:
    closed = await factories.post(member, visibility=Visibility.FOLLOWERS, uri=ctx.names.post(7))
    row = await quote(member, closed, ctx, visibility=Visibility.FOLLOWERS)
    assert row.state is QuoteState.ACCEPTED
    assert await sent("QuoteRequest") == []
    assert await Notification.all().count() == 0


@pytest.mark.parametrize(
    ("visibility", "policy", "own_visibility"),
    [
        (Visibility.FOLLOWERS, QuotePolicy.EVERYBODY, Visibility.PUBLIC),
        (Visibility.DIRECT, QuotePolicy.EVERYBODY, Visibility.PUBLIC),
        (Visibility.PUBLIC, QuotePolicy.NOBODY, Visibility.PUBLIC),
        (Visibility.PUBLIC, QuotePolicy.EVERYBODY, Visibility.FOLLOWERS),
        (Visibility.PUBLIC, QuotePolicy.EVERYBODY, Visibility.DIRECT),
    ],
)
async def test_what_may_not_be_quoted_is_refused_before_anything_is_said(
    member: Actor, remote_actor: Actor, ctx: Context, visibility: Visibility, policy: QuotePolicy,
    own_visibility: Visibility,
) -> None:  # fmt: skip
    theirs = await factories.post(remote_actor, visibility=visibility, quote_policy=policy)
    with pytest.raises(Forbidden):
        await quote(member, theirs, ctx, visibility=own_visibility)
    assert await Post.filter(actor_id=member.id).count() == 0


async def test_an_edit_keeps_the_quote_and_its_stamp(
    member: Actor, remote_actor: Actor, theirs: Post, ctx: Context
) -> None:
    row = await quote(member, theirs, ctx)
    await answer("Accept", remote_actor, ctx, result=FAR_STAMP)
    await actions.edit(member, row.post, Draft("À relire"), ctx)
    _, update = await sent("Update")
    assert (update["object"]["quote"], update["object"]["quoteAuthorization"]) == (theirs.uri, FAR_STAMP)
    assert ((await Quote.get()).state, (await Post.get(id=row.post_id)).content_html) == (
        QuoteState.ACCEPTED,
        "<p>À relire</p>",
    )


# Being quoted


@pytest.mark.parametrize(
    ("policy", "granted"), [(None, PUBLIC), (QuotePolicy.FOLLOWERS, "followers"), (QuotePolicy.NOBODY, "author")]
)
async def test_a_post_says_who_may_quote_it(
    member: Actor, ctx: Context, policy: QuotePolicy | None, granted: str
) -> None:
    post = await actions.publish(member, Draft("Bonjour", quote_policy=policy), ctx)
    named = {"followers": member.followers_uri, "author": member.uri}.get(granted, granted)
    [create] = await sent("Create")
    assert create["object"]["interactionPolicy"] == {"canQuote": {"automaticApproval": [named]}}
    assert post.quote_policy is (policy or QuotePolicy.EVERYBODY)
    await actions.edit(member, post, Draft("Bonsoir"), ctx)
    assert (await Post.get()).quote_policy is post.quote_policy


async def quoted_by(actor: Actor, author: Actor, ctx: Context) -> tuple[Post, Quote]:
    ours = await factories.post(author, uri=ctx.names.post(7))
    await submit(asking(actor, ours.uri), actor, ctx)
    return ours, await Quote.get().select_related("post")


async def test_consent_is_taken_back(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    ours, row = await quoted_by(remote_actor, member, ctx)
    for _ in range(2):
        await quotes.revoke(member, ours, row.post_id, ctx)
    [delete] = await sent("Delete")
    assert (delete["object"]["id"], delete["object"]["type"]) == (row.authorization_uri, "QuoteAuthorization")
    assert (delete["object"]["interactingObject"], delete["object"]["interactionTarget"]) == (row.post.uri, ours.uri)
    assert (delete["to"], await deliveries(delete)) == ([remote_actor.uri], {remote_actor.delivery_uri})
    assert (await Quote.get()).state is QuoteState.REVOKED


async def test_a_quote_that_never_asked_may_be_hidden_too(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    ours = await factories.post(member, uri=ctx.names.post(7))
    await factories.follow(member, remote_actor)
    await submit(factories.create(remote_actor.uri, quoteUrl=ours.uri), remote_actor, ctx)
    await quotes.revoke(member, ours, (await Quote.get()).post_id, ctx)
    assert (await Quote.get()).state is QuoteState.REVOKED
    assert await sent("Delete") == []


async def test_only_the_author_takes_it_back_and_only_what_there_is(
    member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    ours, row = await quoted_by(remote_actor, member, ctx)
    with pytest.raises(Forbidden):
        await quotes.revoke(other_member, ours, row.post_id, ctx)
    with pytest.raises(NotFound):
        await quotes.revoke(member, ours, ours.id, ctx)
    assert (await Quote.get()).state is QuoteState.ACCEPTED


async def test_taken_back_from_another_member_it_goes_from_their_post(
    member: Actor, other_member: Actor, ctx: Context
) -> None:
    ours = await factories.post(other_member, uri=ctx.names.post(7))
    row = await quote(member, ours, ctx)
    await quotes.revoke(other_member, ours, row.post_id, ctx)
    assert (await Quote.get()).state is QuoteState.REVOKED
    assert "quoteAuthorization" not in (await sent("Update"))[-1]["object"]


# Shown


@pytest.mark.parametrize(
    ("state", "policy", "is_shown"),
    [
        (QuoteState.ACCEPTED, QuotePolicy.NOBODY, True),
        (QuoteState.UNASKED, QuotePolicy.EVERYBODY, True),
        (QuoteState.UNASKED, QuotePolicy.NOBODY, False),
        (QuoteState.REQUESTED, QuotePolicy.EVERYBODY, False),
        (QuoteState.REJECTED, QuotePolicy.EVERYBODY, False),
        (QuoteState.REVOKED, QuotePolicy.EVERYBODY, False),
    ],
)
async def test_what_its_author_agreed_to_is_shown(
    member: Actor, theirs: Post, state: QuoteState, policy: QuotePolicy, is_shown: bool
) -> None:
    await Post.filter(id=theirs.id).update(quote_policy=policy)
    post = await factories.post(member)
    await Quote.create(post=post, quoted=theirs, quoted_uri=theirs.uri, state=state)
    view = await queries.one(post.id, None)
    assert view is not None
    assert view.quote is not None
    assert (view.quote.shown is not None) is is_shown


async def test_what_is_not_for_the_viewer_is_not_shown_in_a_quote(
    member: Actor, other_member: Actor, ctx: Context
) -> None:
    closed = await factories.post(member, visibility=Visibility.FOLLOWERS, uri=ctx.names.post(7))
    row = await quote(member, closed, ctx)
    for viewer, is_shown in ((None, False), (other_member, False), (member, True)):
        view = await queries.one(row.post_id, viewer)
        assert view is not None
        assert view.quote is not None
        assert (view.quote.shown is not None) is is_shown


async def test_quotes_are_counted_where_they_may_be_shown(member: Actor, theirs: Post) -> None:
    for state in QuoteState:
        post = await factories.post(member, state)
        await Quote.create(post=post, quoted=theirs, quoted_uri=theirs.uri, state=state)
    view = await queries.one(theirs.id, None)
    assert view is not None
    assert view.quotes_count == 2
