"""Asking in polls, voting in them, telling how they stand, closing them."""

from datetime import timedelta
from typing import Any

import pytest

from federation.context import Context
from federation.errors import NotAuthorised
from federation.jsonld import load
from federation.objects import note
from models.activity import ActivityRecord
from models.actor import Actor
from models.delivery import Delivery
from models.notification import Notification, NotificationType
from models.poll import Poll, PollOption, PollVote
from models.post import Post, Visibility
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.posts import actions, polls, queries
from server.posts.actions import Draft
from server.posts.polls import DraftPoll
from tests import factories
from tests.federation.handlers.test_poll import vote
from tests.federation.submitting import submit
from tests.world import World

ASKED = DraftPoll(("Oui", "Non"), 3600)


async def sent(kind: str) -> list[dict[str, Any]]:
    """The activities of a type that were performed here, in order."""
    return [load(row.document) for row in await ActivityRecord.filter(type=kind, is_local=True).order_by("id")]


async def deliveries(activity: dict[str, Any]) -> set[str]:
    return {row.inbox_uri for row in await Delivery.filter(activity__uri=activity["id"])}


async def ask(author: Actor, ctx: Context, draft: DraftPoll = ASKED, **more: Any) -> Poll:
    post = await actions.publish(author, Draft("Venez-vous ?", poll=draft, **more), ctx)
    return await Poll.get(post_id=post.id).select_related("post")


async def view_of(poll: Poll, viewer: Actor | None) -> queries.PostView:
    return await polls.readable(poll.id, viewer)


async def counts(poll: Poll) -> list[int]:
    return [row.votes_count for row in await PollOption.filter(poll_id=poll.id).order_by("position")]


# Asking


async def test_a_poll_goes_out_as_a_question(member: Actor, ctx: Context) -> None:
    poll = await ask(member, ctx)
    question = (await sent("Create"))[0]["object"]
    assert (question["type"], question["votersCount"], "anyOf" in question) == ("Question", 0, False)
    assert [option["name"] for option in question["oneOf"]] == ["Oui", "Non"]
    assert question["oneOf"][0]["replies"] == {"type": "Collection", "totalItems": 0}
    assert poll.closes_at == ctx.now() + timedelta(hours=1)
    assert (poll.post.type, poll.voters_count, poll.hides_totals) == ("Question", 0, False)


async def test_its_context_defines_what_it_says(member: Actor, ctx: Context) -> None:
    await ask(member, ctx)
    context = (await sent("Create"))[0]["@context"]
    assert any(isinstance(part, dict) and part.get("votersCount") == "toot:votersCount" for part in context)


async def test_another_server_reads_the_poll_as_it_was_asked(member: Actor, ctx: Context) -> None:
    await ask(member, ctx, DraftPoll(("a < b", "<3"), 600, is_multiple=True, hides_totals=True))
    create = (await sent("Create"))[0]
    read = note.read(create["object"], member, activity_to=(), activity_cc=(), now=ctx.now()).poll
    assert read is not None
    assert (read.titles, read.is_multiple, read.hides_totals) == (["a < b", "<3"], True, True)


@pytest.mark.parametrize(
    "draft",
    [
        DraftPoll(("Oui",), 3600),
        DraftPoll((), 3600),
        DraftPoll([str(number) for number in range(polls.MAX_OPTIONS + 1)], 3600),
        DraftPoll(("Oui", "Oui "), 3600),
        DraftPoll(("Oui", " \n"), 3600),
        DraftPoll(("Oui", "x" * (polls.MAX_OPTION_CHARACTERS + 1)), 3600),
        DraftPoll(("Oui", "Non"), polls.MIN_SECONDS - 1),
        DraftPoll(("Oui", "Non"), polls.MAX_SECONDS + 1),
    ],
)
async def test_what_cannot_be_asked_is_refused(member: Actor, ctx: Context, draft: DraftPoll) -> None:
    with pytest.raises(Invalid):
        await ask(member, ctx, draft)
    assert await Post.all().count() == 0


async def test_an_edit_of_the_text_leaves_the_poll_as_it_is(member: Actor, other_member: Actor, ctx: Context) -> None:
    poll = await ask(member, ctx)
    await polls.vote(other_member, await view_of(poll, other_member), [0], ctx)
    await actions.edit(member, poll.post, Draft("Venez-vous samedi ?"), ctx)
    assert await counts(poll) == [1, 0]
    assert (await sent("Update"))[0]["object"]["oneOf"][0]["replies"]["totalItems"] == 1
    assert (await Post.get()).type == "Question"


@pytest.mark.parametrize(("titles", "kept"), [(("Oui", "Non"), [1, 0]), (("Oui", "Jamais"), [0, 0])])
async def test_an_edit_that_asks_something_else_begins_anew(
    member: Actor, other_member: Actor, ctx: Context, titles: tuple[str, ...], kept: list[int]
) -> None:
    poll = await ask(member, ctx)
    await polls.vote(other_member, await view_of(poll, other_member), [0], ctx)
    await actions.edit(member, poll.post, Draft("Venez-vous ?", poll=DraftPoll(titles, 7200)), ctx)
    now = await Poll.get()
    assert await counts(now) == kept
    assert (now.closes_at, now.voters_count) == (ctx.now() + timedelta(hours=2), sum(kept))


# Voting


async def test_a_vote_goes_to_the_author_alone(
    member: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    poll = await factories.poll(remote_actor)
    await factories.follow(stranger, member)
    await polls.vote(member, await view_of(poll, member), [1], ctx)

    [create] = await sent("Create")
    assert (create["to"], create.get("cc"), create["object"]["to"]) == ([remote_actor.uri], None, [remote_actor.uri])
    assert (create["object"]["name"], create["object"]["inReplyTo"]) == ("Non", (await Post.get()).uri)
    assert "content" not in create["object"]
    assert await deliveries(create) == {remote_actor.delivery_uri}
    assert (await counts(poll), await PollVote.all().count(), await Post.all().count()) == ([0, 1], 1, 1)
    assert (await Poll.get()).untold_since is None  # its home tells


async def test_a_vote_here_for_somebody_here_leaves_no_server(member: Actor, other_member: Actor, ctx: Context) -> None:
    poll = await ask(member, ctx)
    await polls.vote(other_member, await view_of(poll, other_member), [0], ctx)
    seen = (await view_of(poll, other_member)).poll
    assert seen is not None
    assert (await counts(poll), seen.own_votes, seen.votes_total) == ([1, 0], [0], 1)
    assert await Notification.all().count() == 0
    assert await Delivery.all().count() == 0


async def test_several_options_are_chosen_at_once(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    poll = await factories.poll(remote_actor, "Lundi", "Mardi", "Jeudi", is_multiple=True)
    await polls.vote(member, await view_of(poll, member), [0, 2, 2], ctx)
    assert [create["object"]["name"] for create in await sent("Create")] == ["Lundi", "Jeudi"]
    assert (await counts(poll), (await Poll.get()).voters_count) == ([1, 0, 1], 1)


@pytest.mark.parametrize(("choices", "error"), [([], Invalid), ([0, 1], Invalid), ([2], Invalid)])
async def test_what_cannot_be_chosen_is_refused(
    member: Actor, other_member: Actor, ctx: Context, choices: list[int], error: type[Exception]
) -> None:
    poll = await ask(member, ctx)
    with pytest.raises(error):
        await polls.vote(other_member, await view_of(poll, other_member), choices, ctx)
    assert await PollVote.all().count() == 0


async def test_nobody_votes_twice_or_in_their_own_poll_or_too_late(
    member: Actor, other_member: Actor, ctx: Context, world: World
) -> None:
    poll = await ask(member, ctx)
    stale = await view_of(poll, other_member)
    with pytest.raises(Forbidden):
        await polls.vote(member, await view_of(poll, member), [0], ctx)
    await polls.vote(other_member, stale, [0], ctx)
    with pytest.raises(Conflict):
        await polls.vote(other_member, await view_of(poll, other_member), [1], ctx)
    with pytest.raises(NotAuthorised):
        await polls.vote(other_member, stale, [1], ctx)  # two requests at once
    world.pass_time(hours=1)
    with pytest.raises(Conflict):
        await polls.vote(other_member, await view_of(poll, other_member), [1], ctx)
    assert await counts(poll) == [1, 0]


async def test_a_poll_that_is_not_for_the_viewer_is_not_found(member: Actor, other_member: Actor, ctx: Context) -> None:
    poll = await ask(member, ctx, visibility=Visibility.DIRECT)
    for viewer in (other_member, None):
        with pytest.raises(NotFound):
            await polls.readable(poll.id, viewer)
    assert (await polls.readable(poll.id, member)).post.id == poll.post_id


# Telling


async def test_counts_are_told_once_a_minute_and_not_for_each_vote(
    member: Actor, remote_actor: Actor, stranger: Actor, other_member: Actor, ctx: Context, world: World
) -> None:
    await factories.follow(remote_actor, member)
    poll = await ask(member, ctx)
    await polls.vote(other_member, await view_of(poll, other_member), [0], ctx)
    await submit(vote(remote_actor, poll.post.uri, "Non"), remote_actor, ctx)
    await polls.sweep(ctx)
    assert await sent("Update") == []

    world.pass_time(seconds=60)
    for _ in range(2):
        await polls.sweep(ctx)

    [told] = await sent("Update")
    assert [option["replies"]["totalItems"] for option in told["object"]["oneOf"]] == [1, 1]
    assert (told["object"]["votersCount"], "updated" in told["object"]) == (2, False)
    assert await deliveries(told) == {remote_actor.delivery_uri}
    assert (await Post.get()).edited_at is None

    await submit(vote(stranger, poll.post.uri, "Non"), stranger, ctx)
    await polls.sweep(ctx)
    assert len(await sent("Update")) == 1
    world.pass_time(seconds=60)
    await polls.sweep(ctx)
    assert len(await sent("Update")) == 2


async def test_whoever_votes_without_following_is_told_and_not_named(
    member: Actor, stranger: Actor, ctx: Context, world: World
) -> None:
    poll = await ask(member, ctx)
    await submit(vote(stranger, poll.post.uri), stranger, ctx)
    world.pass_time(seconds=60)
    await polls.sweep(ctx)
    [told] = await sent("Update")
    assert await deliveries(told) == {stranger.delivery_uri}
    assert stranger.uri not in str(told)


async def test_a_vote_that_came_while_the_counts_were_written_is_told_next_time(
    member: Actor, remote_actor: Actor, other_member: Actor, ctx: Context, world: World
) -> None:
    poll = await ask(member, ctx)
    await submit(vote(remote_actor, poll.post.uri), remote_actor, ctx)
    world.pass_time(seconds=60)
    await PollOption.filter(poll_id=poll.id, title="Non").update(votes_count=4)
    await polls.tell(await Post.get().select_related("actor"), ctx)
    assert (await Poll.get()).untold_since is None

    stale = (await sent("Update"))[0] | {"id": ctx.names.new_activity()}
    await polls.vote(other_member, await view_of(poll, other_member), [0], ctx)
    await submit(stale, member, ctx)
    assert (await Poll.get()).untold_since == ctx.now()
    assert await counts(poll) == [2, 4]


async def test_hidden_totals_are_told_when_it_closes(
    member: Actor, remote_actor: Actor, ctx: Context, world: World
) -> None:
    poll = await ask(member, ctx, DraftPoll(("Oui", "Non"), 300, hides_totals=True))
    await submit(vote(remote_actor, poll.post.uri), remote_actor, ctx)
    world.pass_time(seconds=60)
    await polls.sweep(ctx)
    world.pass_time(seconds=240)
    await polls.sweep(ctx)
    during, after = await sent("Update")
    assert "totalItems" not in during["object"]["oneOf"][0]["replies"]
    assert after["object"]["oneOf"][0]["replies"]["totalItems"] == 1
    assert (await Poll.get()).hides_totals


# Closing


async def test_when_its_time_has_come_it_closes_and_those_concerned_are_told(
    member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context, world: World
) -> None:
    await factories.follow(remote_actor, member)
    poll = await ask(member, ctx)
    await polls.vote(other_member, await view_of(poll, other_member), [0], ctx)
    world.pass_time(hours=1)
    for _ in range(3):
        await polls.sweep(ctx)

    [told] = await sent("Update")
    closed = await Poll.get()
    assert closed.closed_at == closed.closes_at
    assert load((await ActivityRecord.get(uri=told["id"])).document)["object"]["closed"] == told["object"]["endTime"]
    assert await deliveries(told) == {remote_actor.delivery_uri}
    rows = await Notification.filter(type=NotificationType.POLL).order_by("recipient_id")
    assert {(row.recipient_id, row.actor_id) for row in rows} == {(member.id, member.id), (other_member.id, member.id)}
    assert len(rows) == 2


async def test_a_poll_of_another_server_closes_here_too(
    member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context, world: World
) -> None:
    poll = await factories.poll(remote_actor, closes_at=ctx.now() + timedelta(minutes=5))
    await polls.vote(member, await view_of(poll, member), [0], ctx)
    world.pass_time(minutes=5)
    for _ in range(2):
        await polls.sweep(ctx)
    assert (await Poll.get()).closed_at == ctx.now()
    assert await sent("Update") == []
    assert [row.recipient_id for row in await Notification.all()] == [member.id]


async def test_a_post_that_is_gone_has_no_poll_to_tell_of(
    member: Actor, remote_actor: Actor, ctx: Context, world: World
) -> None:
    poll = await ask(member, ctx)
    await submit(vote(remote_actor, poll.post.uri), remote_actor, ctx)
    await actions.delete(member, poll.post, ctx)
    world.pass_time(hours=1)
    await polls.sweep(ctx)
    assert await sent("Update") == []
    assert await Poll.all().count() + await PollVote.all().count() == 0


# Reading


async def test_shares_are_of_those_who_voted(member: Actor) -> None:
    poll = await factories.poll(member, is_multiple=True, voters_count=4)
    await PollOption.filter(poll_id=poll.id, title="Oui").update(votes_count=3)
    await PollOption.filter(poll_id=poll.id, title="Non").update(votes_count=2)
    shown = (await view_of(poll, None)).poll
    assert shown is not None
    assert [shown.share(option) for option in shown.options] == [75, 50]
    shown.poll.voters_count, shown.poll.is_multiple = None, False
    assert [shown.share(option) for option in shown.options] == [60, 40]
