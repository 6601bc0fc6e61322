"""Stamps of consent to quotes, at their own uri."""

from federation.context import Context
from federation.objects.quote import is_authorization
from models.actor import Actor
from models.quote import Quote, QuoteState
from server.posts import actions
from server.posts.actions import Draft
from tests import factories
from tests.federation.handlers.test_quote import asking
from tests.federation.submitting import submit
from tests.server.activitypub.asker import Asker
from tests.world import ORIGIN


async def stamped(member: Actor, remote_actor: Actor, ctx: Context) -> Quote:
    """A quote of a member's post, by another server, that was agreed to."""
    ours = await factories.post(member, uri=ctx.names.post(7))
    await submit(asking(remote_actor, ours.uri), remote_actor, ctx)
    return await Quote.get().select_related("post", "quoted")


async def test_a_stamp_is_open_to_whoever_checks_it(
    asker: Asker, member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    row = await stamped(member, remote_actor, ctx)
    uri = row.authorization_uri or ""
    reply = await asker.get(uri)
    names = {"author_uri": member.uri, "quoting_uri": row.post.uri, "quoted_uri": ctx.names.post(7)}
    assert (reply.status, is_authorization(reply.json, uri, **names)) == (200, True)
    assert any(isinstance(part, dict) and "QuoteAuthorization" in part for part in reply.json["@context"])


async def test_once_taken_back_it_is_not_found(asker: Asker, member: Actor, remote_actor: Actor, ctx: Context) -> None:
    row = await stamped(member, remote_actor, ctx)
    await Quote.all().update(state=QuoteState.REVOKED)
    assert (await asker.get(row.authorization_uri or "")).status == 404


async def test_with_the_quoted_post_its_stamps_go(
    asker: Asker, member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    row = await stamped(member, remote_actor, ctx)
    assert row.quoted is not None
    await actions.delete(member, row.quoted, ctx)
    assert (await asker.get(row.authorization_uri or "")).status == 404


async def test_what_was_never_given_is_not_found(
    asker: Asker, member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    theirs = await factories.post(remote_actor)
    row = await Quote.create(
        post=await factories.post(member), quoted=theirs, quoted_uri=theirs.uri, state=QuoteState.ACCEPTED
    )
    for id_ in (str(row.id), "7", "x"):
        assert (await asker.get(f"{ORIGIN}/quotes/{id_}")).status == 404


async def test_a_quote_of_ours_is_served_as_it_was_sent(
    asker: Asker, member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    theirs = await factories.post(remote_actor)
    theirs.actor = remote_actor
    post = await actions.publish(member, Draft("À lire", quoted=theirs), ctx)
    served = (await asker.get(post.uri)).json
    assert served["quote"] == theirs.uri
    assert served["content"].startswith('<p>À lire</p><p class="quote-inline">RE: ')
