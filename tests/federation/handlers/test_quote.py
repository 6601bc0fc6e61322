"""The life of a quote: kept, asked for, agreed to or not, taken back."""

from typing import Any

import pytest

from federation.context import Context
from federation.errors import NotAuthorised, UnsupportedActivity
from federation.facts import Quoted
from federation.jsonld import load
from federation.objects.quote import write_authorization
from models.activity import ActivityRecord
from models.actor import Actor
from models.notification import Notification, NotificationType
from models.post import Post, QuotePolicy
from models.quote import Quote, QuoteState
from tests import factories
from tests.federation.submitting import submit
from tests.world import World

MAX = "https://elsewhere.test/users/max"
STAMP = f"{MAX}/stamps/1"


@pytest.fixture
async def quoter(member: Actor, remote_actor: Actor) -> Actor:
    """A remote actor whom a member here follows."""
    await factories.follow(member, remote_actor)
    return remote_actor


@pytest.fixture
def far(world: World, quoter: Actor) -> dict[str, Any]:
    """A public post of a third server, by somebody nobody here has met; its home serves both, and a stamp."""
    note = factories.note(MAX, content="<p>De Max</p>")
    world.serve(note)
    world.serve(factories.actor_document(MAX))
    world.serve(write_authorization(STAMP, MAX, f"{quoter.uri}/notes/1", note["id"]))
    return note


@pytest.fixture
async def ours(member: Actor, ctx: Context) -> Post:
    """A public post of a member here."""
    return await factories.post(member, uri=ctx.names.post(7))


def asking(actor: Actor, quoted_uri: str, instrument: Any = None, number: int = 1) -> dict[str, Any]:
    instrument = instrument or factories.note(actor.uri, quote=quoted_uri)
    return factories.activity("QuoteRequest", actor.uri, quoted_uri, number, instrument=instrument)


async def sent(kind: str) -> list[dict[str, Any]]:
    return [load(row.document) for row in await ActivityRecord.filter(type=kind, is_local=True).order_by("id")]


# Kept with its post


async def test_the_quoted_post_is_fetched_and_the_stamp_believed(
    quoter: Actor, far: dict[str, Any], ctx: Context
) -> None:
    create = factories.create(quoter.uri, quote=far["id"], quoteAuthorization=STAMP)
    await submit(create, quoter, ctx)
    quote = await Quote.get().select_related("quoted__actor")
    assert (quote.state, quote.authorization_uri) == (QuoteState.ACCEPTED, STAMP)
    assert quote.quoted is not None
    assert (quote.quoted.content_html, quote.quoted.actor.uri) == ("<p>De Max</p>", MAX)


@pytest.mark.parametrize("spelling", ["quoteUrl", "quoteUri", "_misskey_quote"])
async def test_an_older_spelling_knows_no_consent(
    quoter: Actor, far: dict[str, Any], ctx: Context, spelling: str
) -> None:
    await submit(factories.create(quoter.uri, **{spelling: far["id"]}), quoter, ctx)
    assert (await Quote.get()).state is QuoteState.UNASKED
    assert await Post.filter(uri=far["id"]).exists()


@pytest.mark.parametrize(
    "stamp",
    [
        None,
        {"type": "Note"},
        {"attributedTo": "https://elsewhere.test/users/other"},
        {"interactingObject": "https://far.test/users/noor/notes/2"},
        {"interactionTarget": f"{MAX}/notes/2"},
        {"id": f"{MAX}/stamps/2"},
    ],
)
async def test_without_a_stamp_that_holds_it_waits(
    quoter: Actor, far: dict[str, Any], ctx: Context, world: World, stamp: dict[str, Any] | None
) -> None:
    good = write_authorization(STAMP, MAX, f"{quoter.uri}/notes/1", far["id"])
    world.serve(good | (stamp or {}), url=STAMP)
    said = {"quoteAuthorization": STAMP} if stamp else {}
    await submit(factories.create(quoter.uri, quote=far["id"], **said), quoter, ctx)
    assert (await Quote.get()).state is QuoteState.REQUESTED


async def test_a_stamp_that_the_quoter_serves_is_none(
    quoter: Actor, far: dict[str, Any], ctx: Context, world: World
) -> None:
    own = f"{quoter.uri}/stamps/1"
    world.serve(write_authorization(own, MAX, f"{quoter.uri}/notes/1", far["id"]))
    await submit(factories.create(quoter.uri, quote=far["id"], quoteAuthorization=own), quoter, ctx)
    assert (await Quote.get()).state is QuoteState.REQUESTED


async def test_one_may_quote_oneself(quoter: Actor, ctx: Context) -> None:
    await submit(factories.create(quoter.uri, 1), quoter, ctx)
    await submit(factories.create(quoter.uri, 2, quote=f"{quoter.uri}/notes/1"), quoter, ctx)
    assert (await Quote.get()).state is QuoteState.ACCEPTED


@pytest.mark.parametrize("status", [404, 410, 403, 500, 0])
async def test_what_cannot_be_fetched_costs_the_quoting_post_nothing(
    quoter: Actor, far: dict[str, Any], ctx: Context, world: World, status: int
) -> None:
    world.statuses[far["id"]] = status
    content = f'<p>Voyez</p><p class="quote-inline">RE: <a href="{far["id"]}">x</a></p>'
    await submit(factories.create(quoter.uri, quote=far["id"], content=content), quoter, ctx)
    quote = await Quote.get().select_related("post")
    assert (quote.quoted_id, quote.quoted_uri, quote.state) == (None, far["id"], QuoteState.REQUESTED)
    assert "RE: " in quote.post.content_html  # the link is all there is


async def test_what_is_not_open_is_not_fetched_for_a_quote(
    quoter: Actor, far: dict[str, Any], ctx: Context, world: World
) -> None:
    world.serve(far | {"to": [f"{MAX}/followers"], "cc": []})
    await submit(factories.create(quoter.uri, quote=far["id"]), quoter, ctx)
    assert (await Quote.get()).quoted_id is None
    assert await Post.all().count() == 1


async def test_for_an_actor_nobody_follows_nothing_is_fetched(
    far: dict[str, Any], stranger: Actor, ctx: Context, world: World
) -> None:
    with pytest.raises(UnsupportedActivity):
        await submit(factories.create(stranger.uri, 5, quote=f"{MAX}/notes/1"), stranger, ctx)
    assert world.fetched == []


async def test_posts_that_quote_each_other_are_fetched_once_round(
    quoter: Actor, far: dict[str, Any], ctx: Context, world: World
) -> None:
    one, two = f"{MAX}/notes/1", f"{MAX}/notes/2"
    world.serve(far | {"quoteUrl": two})
    world.serve(factories.note(MAX, 2, quoteUrl=one))
    await submit(factories.create(quoter.uri, quoteUrl=one), quoter, ctx)
    assert await Post.all().count() == 3
    assert len(world.fetched) <= 6


async def test_an_announced_post_comes_with_what_it_quotes(
    quoter: Actor, far: dict[str, Any], ctx: Context, world: World
) -> None:
    shown = factories.note(MAX, 2, quoteUrl=far["id"])
    world.serve(shown)
    await submit(factories.activity("Announce", quoter.uri, shown["id"]), quoter, ctx)
    assert (await Quote.get().select_related("quoted")).quoted.uri == far["id"]


async def test_the_line_that_stands_for_the_quote_is_left_out(quoter: Actor, far: dict[str, Any], ctx: Context) -> None:
    content = f'<p>Voyez</p><p class="quote-inline">RE: <a href="{far["id"]}">x</a></p>'
    await submit(factories.create(quoter.uri, quoteUrl=far["id"], content=content), quoter, ctx)
    assert (await Post.get(actor_id=quoter.id)).content_html == "<p>Voyez</p>"


async def test_consent_that_comes_later_is_no_edit(quoter: Actor, far: dict[str, Any], ctx: Context) -> None:
    create = factories.create(quoter.uri, quote=far["id"])
    await submit(create, quoter, ctx)
    update = factories.activity("Update", quoter.uri, create["object"] | {"quoteAuthorization": STAMP})
    outcome = await submit(update, quoter, ctx)
    assert (await Quote.get()).state is QuoteState.ACCEPTED
    assert (await Post.get(actor_id=quoter.id)).edited_at is None
    assert [type(fact) for fact in outcome.facts] == [Quoted]


async def test_an_edit_may_drop_the_quote(quoter: Actor, far: dict[str, Any], ctx: Context) -> None:
    await submit(factories.create(quoter.uri, quoteUrl=far["id"]), quoter, ctx)
    edited = factories.note(quoter.uri, content="<p>Rien</p>")
    await submit(factories.activity("Update", quoter.uri, edited), quoter, ctx)
    assert await Quote.all().count() == 0


async def test_the_policy_of_others_is_kept(quoter: Actor, ctx: Context) -> None:
    policy = {"interactionPolicy": {"canQuote": {"automaticApproval": [quoter.uri]}}}
    await submit(factories.create(quoter.uri, **policy), quoter, ctx)
    assert (await Post.get()).quote_policy is QuotePolicy.NOBODY


async def test_a_member_is_told_of_a_quote_in_an_older_spelling(
    ours: Post, quoter: Actor, member: Actor, ctx: Context
) -> None:
    await submit(factories.create(quoter.uri, quoteUrl=ours.uri), quoter, ctx)
    told = await Notification.get()
    assert (told.type, told.recipient_id, told.actor_id) == (NotificationType.QUOTE, member.id, quoter.id)


async def test_a_quote_that_asks_for_consent_is_told_only_with_it(ours: Post, quoter: Actor, ctx: Context) -> None:
    await submit(factories.create(quoter.uri, quote=ours.uri), quoter, ctx)
    assert (await Quote.get()).state is QuoteState.REQUESTED
    assert await Notification.all().count() == 0


@pytest.mark.parametrize("forged", ["https://lille.test/quotes/5", STAMP])
async def test_nobody_stamps_a_quote_of_ours_but_we(ours: Post, quoter: Actor, ctx: Context, forged: str) -> None:
    await submit(factories.create(quoter.uri, quote=ours.uri, quoteAuthorization=forged), quoter, ctx)
    assert (await Quote.get()).state is QuoteState.REQUESTED


# Taken back by another server


@pytest.mark.parametrize("shape", ["named", "embedded"])
async def test_a_stamp_that_is_deleted_holds_no_longer(
    quoter: Actor, far: dict[str, Any], ctx: Context, shape: str
) -> None:
    create = factories.create(quoter.uri, quote=far["id"], quoteAuthorization=STAMP)
    await submit(create, quoter, ctx)
    author = await Actor.get(uri=MAX)
    stamp: Any = {"id": STAMP, "type": "QuoteAuthorization"} if shape == "embedded" else STAMP
    await submit(factories.activity("Delete", MAX, stamp), author, ctx)
    assert (await Quote.get()).state is QuoteState.REVOKED

    update = factories.activity("Update", quoter.uri, create["object"])
    await submit(update, quoter, ctx)
    assert (await Quote.get()).state is QuoteState.REVOKED


async def test_nobody_else_takes_it_back(quoter: Actor, far: dict[str, Any], ctx: Context, world: World) -> None:
    await submit(factories.create(quoter.uri, quote=far["id"], quoteAuthorization=STAMP), quoter, ctx)
    other = await factories.remote_actor(ctx, world, "https://elsewhere.test/users/other")
    stamp = {"id": STAMP, "type": "QuoteAuthorization"}
    with pytest.raises(NotAuthorised):
        await submit(factories.activity("Delete", quoter.uri, stamp), quoter, ctx)
    await submit(factories.activity("Delete", other.uri, stamp), other, ctx)
    assert (await Quote.get()).state is QuoteState.ACCEPTED
