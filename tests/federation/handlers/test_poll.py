"""The life of a poll: kept, voted in, counted anew, closed."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from federation.activities import embed, parse
from federation.context import Context
from federation.errors import NotAuthorised, UnsupportedActivity
from federation.facts import PollClosed, PostEdited
from federation.jsonld import written_instant
from models.actor import Actor
from models.notification import Notification, NotificationType
from models.poll import Poll, PollOption, PollVote
from models.post import Mention, Post, Visibility
from models.timeline import HomeRow
from tests import factories
from tests.factories import PUBLIC
from tests.federation.submitting import submit
from tests.world import World


@pytest.fixture
async def asker(member: Actor, remote_actor: Actor) -> Actor:
    """A remote actor whom a member here follows."""
    await factories.follow(member, remote_actor)
    return remote_actor


@pytest.fixture
async def ours(member: Actor, ctx: Context) -> Poll:
    """A public poll of a member here."""
    return await factories.poll(member, uri=ctx.names.post(7), closes_at=ctx.now() + timedelta(hours=1))


def create(actor: Actor, document: dict[str, Any], number: int = 1) -> dict[str, Any]:
    return factories.activity("Create", actor.uri, document, number, to=document["to"], cc=document.get("cc", []))


def update(actor: Actor, document: dict[str, Any], number: int = 1) -> dict[str, Any]:
    return create(actor, document, number) | {"type": "Update", "id": f"{actor.uri}/update/{number}"}


def vote(actor: Actor, poll_uri: str, title: str = "Oui", number: int = 1, **more: Any) -> dict[str, Any]:
    note = {
        "id": f"{actor.uri}#votes/{number}", "type": "Note", "name": title, "attributedTo": actor.uri,
        "to": ["https://lille.test/actors/1"], "inReplyTo": poll_uri, **more,
    }  # fmt: skip
    return factories.activity("Create", actor.uri, note, f"vote-{number}", to=note["to"])


async def counts(poll: Poll) -> list[int]:
    return [row.votes_count for row in await PollOption.filter(poll_id=poll.id).order_by("position")]


# Received


async def test_a_question_is_kept_with_its_poll(asker: Actor, ctx: Context) -> None:
    closes_at = ctx.now() + timedelta(days=1)
    await submit(
        create(asker, factories.question(asker.uri, counts=(2, 3), endTime=written_instant(closes_at))), asker, ctx
    )
    poll = await Poll.get().select_related("post")
    assert poll.post.type == "Question"
    assert (poll.is_multiple, poll.closes_at, poll.closed_at, poll.voters_count) == (False, closes_at, None, 5)
    assert await counts(poll) == [2, 3]


async def test_a_question_that_is_announced_is_fetched_with_its_poll(
    asker: Actor, stranger: Actor, ctx: Context, world: World
) -> None:
    document = factories.question(stranger.uri, counts=(1, 0))
    world.serve(document)
    await submit(factories.activity("Announce", asker.uri, document["id"]), asker, ctx)
    assert await counts(await Poll.get()) == [1, 0]


async def test_a_question_without_options_is_a_post_without_a_poll(asker: Actor, ctx: Context) -> None:
    await submit(create(asker, factories.question(asker.uri, counts=())), asker, ctx)
    assert await Post.all().count() == 1
    assert await Poll.all().count() == 0


@pytest.mark.parametrize("edited", [None, "2026-01-01T00:00:00Z"])
async def test_new_counts_are_no_edit(asker: Actor, ctx: Context, edited: str | None) -> None:
    said = {"updated": edited} if edited else {}
    await submit(create(asker, factories.question(asker.uri, **said)), asker, ctx)
    before = await Post.get()

    outcome = await submit(update(asker, factories.question(asker.uri, counts=(4, 1), **said)), asker, ctx)

    poll, after = await Poll.get(), await Post.get()
    assert (await counts(poll), poll.voters_count) == ([4, 1], 5)
    assert (after.edited_at, after.content_html) == (before.edited_at, before.content_html)
    assert outcome.facts == []


async def test_an_edit_of_the_text_keeps_the_votes(asker: Actor, member: Actor, ctx: Context) -> None:
    await submit(create(asker, factories.question(asker.uri)), asker, ctx)
    poll = await Poll.get()
    await PollVote.create(option=await PollOption.get(poll=poll, title="Oui"), actor=member)
    edited = factories.question(
        asker.uri, counts=(1, 0), content="<p>Dimanche ?</p>", updated=written_instant(ctx.now())
    )

    outcome = await submit(update(asker, edited), asker, ctx)

    assert (await Post.get()).content_html == "<p>Dimanche ?</p>"
    assert [type(fact) for fact in outcome.facts] == [PostEdited]
    assert (await Poll.get()).id == poll.id
    assert await PollVote.all().count() == 1


async def test_other_options_make_another_poll(asker: Actor, member: Actor, ctx: Context) -> None:
    await submit(create(asker, factories.question(asker.uri)), asker, ctx)
    await PollVote.create(option=await PollOption.get(title="Oui"), actor=member)
    edited = factories.question(asker.uri, counts=(0, 0, 0), updated=written_instant(ctx.now()))

    await submit(update(asker, edited), asker, ctx)

    assert [row.title for row in await PollOption.all().order_by("position")] == ["Oui", "Non", "Peut-être"]
    assert await PollVote.all().count() == 0


async def test_a_question_that_becomes_a_note_has_no_poll_any_more(asker: Actor, ctx: Context) -> None:
    await submit(create(asker, factories.question(asker.uri)), asker, ctx)
    await submit(update(asker, factories.note(asker.uri, updated=written_instant(ctx.now()))), asker, ctx)
    assert (await Post.get()).type == "Note"
    assert await Poll.all().count() == 0


async def test_nobody_else_counts(asker: Actor, stranger: Actor, ctx: Context, world: World) -> None:
    await submit(create(asker, factories.question(asker.uri)), asker, ctx)
    world.serve(factories.question(asker.uri))
    lie = update(stranger, factories.question(asker.uri, counts=(9, 9)))
    with pytest.raises(NotAuthorised):
        await submit(lie, stranger, ctx)
    assert await counts(await Poll.get()) == [0, 0]


async def test_when_its_home_closes_it_those_here_who_voted_are_told(
    asker: Actor, member: Actor, other_member: Actor, ctx: Context
) -> None:
    await submit(create(asker, factories.question(asker.uri)), asker, ctx)
    await PollVote.create(option=await PollOption.get(title="Oui"), actor=other_member)
    for number in (1, 2):
        closed = factories.question(asker.uri, counts=(1, 0), closed=written_instant(ctx.now()))
        outcome = await submit(update(asker, closed, number), asker, ctx)
        assert [type(fact) for fact in outcome.facts] == ([PollClosed] if number == 1 else [])
    [told] = await Notification.all()
    assert (told.recipient_id, told.type, told.actor_id) == (other_member.id, NotificationType.POLL, asker.id)


# Voted


async def test_a_vote_is_counted_and_is_no_post(ours: Poll, asker: Actor, member: Actor, ctx: Context) -> None:
    outcome = await submit(vote(asker, ctx.names.post(7), to=[member.uri]), asker, ctx)
    poll = await Poll.get(id=ours.id)
    assert (await counts(poll), poll.voters_count, poll.untold_since) == ([1, 0], 1, ctx.now())
    assert [row.actor_id for row in await PollVote.all()] == [asker.id]
    assert (await Post.all().count(), (await Post.get()).replies_count) == (1, 0)
    assert await Notification.all().count() + await HomeRow.all().count() + await Mention.all().count() == 0
    assert outcome.facts == []


async def test_a_second_vote_in_a_poll_for_one_is_refused(ours: Poll, asker: Actor, ctx: Context) -> None:
    await submit(vote(asker, ctx.names.post(7)), asker, ctx)
    for number, title in ((2, "Oui"), (3, "Non")):
        with pytest.raises(NotAuthorised, match="has voted"):
            await submit(vote(asker, ctx.names.post(7), title, number), asker, ctx)
    assert await counts(ours) == [1, 0]


async def test_of_two_votes_at_once_one_counts(ours: Poll, asker: Actor, ctx: Context) -> None:
    votes = [vote(asker, ctx.names.post(7), title, number) for number, title in enumerate(("Oui", "Non", "Oui", "Non"))]
    answers = await asyncio.gather(*(submit(cast, asker, ctx) for cast in votes), return_exceptions=True)
    assert sum(isinstance(answer, NotAuthorised) for answer in answers) == 3
    assert sum(await counts(ours)) == 1


async def test_in_a_poll_for_several_each_option_counts_once(member: Actor, asker: Actor, ctx: Context) -> None:
    poll = await factories.poll(member, "Lundi", "Mardi", uri=ctx.names.post(8), is_multiple=True)
    await submit(vote(asker, ctx.names.post(8), "Lundi", 1), asker, ctx)
    await submit(vote(asker, ctx.names.post(8), "Mardi", 2), asker, ctx)
    with pytest.raises(NotAuthorised, match="has voted"):
        await submit(vote(asker, ctx.names.post(8), "Lundi", 3), asker, ctx)
    assert await counts(poll) == [1, 1]
    assert (await Poll.get(id=poll.id)).voters_count == 1


def votes(actor: Actor, poll_uri: str, *titles: str) -> dict[str, Any]:
    """Several votes in one Create, as GoToSocial sends them."""
    each = [vote(actor, poll_uri, title, number)["object"] for number, title in enumerate(titles)]
    return vote(actor, poll_uri) | {"object": each}


async def test_several_votes_in_one_activity_are_all_counted(member: Actor, asker: Actor, ctx: Context) -> None:
    poll = await factories.poll(member, "Oui", "Non", "Peut-être", uri=ctx.names.post(8), is_multiple=True)
    await submit(votes(asker, ctx.names.post(8), "Oui", "Non"), asker, ctx)
    rows = await PollOption.filter(poll_id=poll.id).order_by("position")
    assert [row.votes_count for row in rows] == [1, 1, 0]
    await poll.refresh_from_db()
    assert poll.voters_count == 1


async def test_several_votes_at_once_in_a_poll_for_one_are_refused(ours: Poll, asker: Actor, ctx: Context) -> None:
    with pytest.raises(NotAuthorised, match="several options"):
        await submit(votes(asker, ctx.names.post(7), "Oui", "Non"), asker, ctx)
    assert not await PollVote.exists()


async def test_a_vote_that_arrives_again_counts_once(ours: Poll, asker: Actor, ctx: Context) -> None:
    await submit(vote(asker, ctx.names.post(7)), asker, ctx)
    again = await submit(vote(asker, ctx.names.post(7)), asker, ctx)
    assert not again.is_new
    assert await counts(ours) == [1, 0]


async def test_after_its_end_no_vote_counts(ours: Poll, asker: Actor, ctx: Context, world: World) -> None:
    world.pass_time(hours=1)
    with pytest.raises(NotAuthorised, match="is closed"):
        await submit(vote(asker, ctx.names.post(7)), asker, ctx)
    assert await counts(ours) == [0, 0]


async def test_in_a_closed_poll_no_vote_counts(ours: Poll, asker: Actor, ctx: Context) -> None:
    await Poll.filter(id=ours.id).update(closed_at=ctx.now())
    with pytest.raises(NotAuthorised, match="is closed"):
        await submit(vote(asker, ctx.names.post(7)), asker, ctx)


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.DIRECT])
async def test_whoever_may_not_read_it_may_not_vote(
    member: Actor, asker: Actor, ctx: Context, visibility: Visibility
) -> None:
    poll = await factories.poll(member, uri=ctx.names.post(9), visibility=visibility)
    with pytest.raises(NotAuthorised, match="is not for"):
        await submit(vote(asker, ctx.names.post(9)), asker, ctx)
    await Mention.create(post_id=poll.post_id, actor=asker)
    await submit(vote(asker, ctx.names.post(9), number=2), asker, ctx)
    assert await counts(poll) == [1, 0]


async def test_what_is_not_offered_cannot_be_chosen(ours: Poll, asker: Actor, ctx: Context) -> None:
    with pytest.raises(UnsupportedActivity, match="not offered"):
        await submit(vote(asker, ctx.names.post(7), "Peut-être"), asker, ctx)


async def test_nobody_votes_in_anothers_name(ours: Poll, asker: Actor, stranger: Actor, ctx: Context) -> None:
    with pytest.raises(NotAuthorised, match="another's name"):
        await submit(vote(asker, ctx.names.post(7), attributedTo=stranger.uri), asker, ctx)
    assert await PollVote.all().count() == 0


async def test_votes_of_others_in_polls_of_others_are_not_counted_here(
    asker: Actor, stranger: Actor, ctx: Context
) -> None:
    await submit(create(asker, factories.question(asker.uri)), asker, ctx)
    with pytest.raises(UnsupportedActivity, match="another server"):
        await submit(vote(stranger, f"{asker.uri}/notes/1"), stranger, ctx)
    assert await Post.all().count() == 1


async def test_a_vote_in_a_poll_that_is_no_more_is_no_post(asker: Actor, member: Actor, ctx: Context) -> None:
    with pytest.raises(UnsupportedActivity):
        await submit(vote(asker, ctx.names.post(99), to=[member.uri]), asker, ctx)
    assert await Post.all().count() == 0


async def test_a_nameless_answer_with_text_is_a_reply(ours: Poll, asker: Actor, ctx: Context) -> None:
    reply = vote(asker, ctx.names.post(7), content="<p>Oui, avec joie</p>")
    reply["object"]["id"] = f"{asker.uri}/notes/5"
    await submit(reply, asker, ctx)
    assert (await Post.get(actor_id=asker.id)).in_reply_to_id == ours.post_id
    assert await PollVote.all().count() == 0


async def test_a_named_note_without_text_that_answers_no_poll_is_a_post(
    member: Actor, asker: Actor, ctx: Context
) -> None:
    plain = await factories.post(member, uri=ctx.names.post(10))
    await submit(vote(asker, plain.uri, id=f"{asker.uri}/notes/6", to=[PUBLIC]), asker, ctx)
    assert (await Post.get(actor_id=asker.id)).title == "Oui"


async def test_an_update_or_undo_of_a_vote_changes_nothing(ours: Poll, asker: Actor, ctx: Context) -> None:
    cast = vote(asker, ctx.names.post(7))
    await submit(cast, asker, ctx)
    changed = cast["object"] | {"name": "Non"}
    for number, (kind, object_) in enumerate((("Update", changed), ("Undo", embed(parse(cast))))):
        with pytest.raises((NotAuthorised, UnsupportedActivity)):
            await submit(factories.activity(kind, asker.uri, object_, number), asker, ctx)
    assert await counts(ours) == [1, 0]


async def test_who_goes_leaves_a_count_and_no_trace_of_the_choice(ours: Poll, asker: Actor, ctx: Context) -> None:
    await submit(vote(asker, ctx.names.post(7)), asker, ctx)
    await submit(factories.activity("Delete", asker.uri, asker.uri), asker, ctx)
    assert await PollVote.all().count() == 0
    assert await counts(ours) == [1, 0]
