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
from models.notification import Notification
from models.poll import Poll, PollOption, PollVote
from models.post import Post, Visibility
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.posts import actions, polls, queries
from server.posts.actions import Draft
from server.posts.polls import DraftPoll
from tests import factories
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
