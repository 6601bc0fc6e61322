"""Events in the client API: a text that says when and where, and a poll by which one answers, ours and others'."""

from datetime import timedelta
from typing import Any

import pytest
from httpx2 import AsyncClient

from federation.context import Context
from models.actor import Actor
from models.event import Event, EventStatus, JoinMode, Place
from models.ids import new_id
from models.participation import Participation, ParticipationState
from models.post import Post, Visibility
from models.reaction import Announce
from tests import factories
from tests.federation.sending import sent_by
from tests.federation.submitting import submit
from tests.server.mastodon.shapes import POLL, STATUS, assert_shape
from tests.world import World

ACCEPTED, TENTATIVE, DECLINED, REQUESTED = (
    ParticipationState.ACCEPTED,
    ParticipationState.TENTATIVE,
    ParticipationState.DECLINED,
    ParticipationState.REQUESTED,
)


@pytest.fixture
async def event(section: Actor, ctx: Context) -> Post:
    """An event of ours, in French."""
    place = await Place.create(
        uri="https://lille.test/places/1", owner=section, name="Halles", locality="Lille", latitude=50.5, longitude=3.0
    )
    id_ = new_id()
    return await factories.event(
        section, "Réunion <de> section", id=id_, uri=ctx.names.post(id_), place=place, capacity=3, language="fr"
    )


async def shown(client: AsyncClient, event: Post) -> dict[str, Any]:
    answer = await client.get(f"/api/v1/statuses/{event.id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def vote(client: AsyncClient, event: Post, *choices: int) -> Any:
    return await client.post(f"/api/v1/polls/{event.id}/votes", json={"choices": list(choices)})


async def test_an_event_is_a_status_that_says_when_and_where(
    public: AsyncClient, event: Post, remote_actor: Actor
) -> None:
    await Participation.create(event=event, actor=remote_actor, state=ACCEPTED, guests=1)
    status = await shown(public, event)
    assert_shape(status, STATUS)
    assert status["content"].startswith("<p><strong>Réunion &lt;de&gt; section</strong></p><p>")
    for part in ("(Paris) - Halles, Lille</p>", "<p>Venez</p>", f'href="{event.url}"'):
        assert part in status["content"]
    told = status["event"]
    assert (told["timezone"], told["status"], told["join_mode"], told["left"], told["all_day"]) == (
        "Europe/Paris",
        "confirmed",
        "free",
        1,
        False,
    )
    assert told["place"] == {"name": "Halles, Lille", "latitude": 50.5, "longitude": 3.0}
    assert told["start"].endswith("Z")


async def test_it_comes_with_a_poll_that_tells_no_totals(public: AsyncClient, event: Post, remote_actor: Actor) -> None:
    await Participation.create(event=event, actor=remote_actor, state=ACCEPTED)
    for poll in ((await shown(public, event))["poll"], (await public.get(f"/api/v1/polls/{event.id}")).json()):
        assert_shape(poll, POLL)
        assert [option["title"] for option in poll["options"]] == ["Oui", "Peut-être", "Non"]
        assert {option["votes_count"] for option in poll["options"]} == {None}
        assert (poll["votes_count"], poll["voters_count"], poll["voted"], poll["own_votes"]) == (0, None, False, [])
        assert (poll["expired"], poll["multiple"], poll["id"]) == (False, False, str(event.id))


async def test_a_boost_of_it_shows_the_same(public: AsyncClient, event: Post, member: Actor) -> None:
    await Announce.create(uri=f"{member.uri}/announces/1", actor=member, post=event)
    [outer] = (await public.get(f"/api/v1/accounts/{member.id}/statuses")).json()
    assert outer["reblog"]["poll"]["id"] == str(event.id)
    assert_shape(outer, STATUS)


@pytest.mark.parametrize("mode", [JoinMode.NONE, JoinMode.EXTERNAL])
async def test_where_one_does_not_ask_there_is_no_poll(zoe: AsyncClient, section: Actor, mode: JoinMode) -> None:
    event = await factories.event(section, join_mode=mode)
    assert (await shown(zoe, event))["poll"] is None
    assert (await zoe.get(f"/api/v1/polls/{event.id}")).status_code == 404
    assert (await vote(zoe, event, 0)).status_code == 404


@pytest.mark.parametrize(("choice", "state"), [(0, ACCEPTED), (1, TENTATIVE), (2, DECLINED)])
async def test_a_vote_answers_an_event_of_ours(
    zoe: AsyncClient, ali: AsyncClient, member: Actor, event: Post, choice: int, state: ParticipationState
) -> None:
    poll = (await vote(zoe, event, choice)).json()
    assert_shape(poll, POLL)
    assert (poll["voted"], poll["own_votes"], poll["votes_count"]) == (True, [choice], 0)
    row = await Participation.get()
    assert (row.actor_id, row.state) == (member.id, state)
    assert (await shown(zoe, event))["poll"]["own_votes"] == [choice]
    assert (await shown(ali, event))["poll"]["own_votes"] == []


async def test_a_mind_may_change(zoe: AsyncClient, event: Post) -> None:
    for choice in (0, 2, 1, 0):
        assert (await vote(zoe, event, choice)).json()["own_votes"] == [choice]
    assert (await Participation.get()).state is ACCEPTED


async def test_whoever_waits_or_has_asked_said_yes(
    zoe: AsyncClient, ali: AsyncClient, section: Actor, other_member: Actor
) -> None:
    event = await factories.event(section, capacity=1)
    await vote(ali, event, 0)
    assert (await vote(zoe, event, 0)).json()["own_votes"] == [0]
    assert (await Participation.exclude(actor_id=other_member.id).get()).state is ParticipationState.WAITING


async def test_a_vote_answers_another_servers_event(
    zoe: AsyncClient, member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    theirs = await factories.event(remote_actor, language="en")
    poll = (await vote(zoe, theirs, 0)).json()
    assert ([option["title"] for option in poll["options"]], poll["own_votes"]) == (["Yes", "Maybe", "No"], [0])
    [join] = await sent_by(member)
    assert (join["type"], join["object"], join["to"]) == ("Join", theirs.uri, [remote_actor.uri])
    assert (await Participation.get()).state is REQUESTED
    await submit(factories.activity("Accept", remote_actor.uri, join["id"]), remote_actor, ctx)
    await vote(zoe, theirs, 2)
    assert [item["type"] for item in await sent_by(member)] == ["Join", "Leave", "Reject"]
    assert (await Participation.get()).state is DECLINED


@pytest.mark.parametrize("choices", [[], [3], [0, 1]])
async def test_a_choice_that_there_is_not_is_refused(zoe: AsyncClient, event: Post, choices: list[int]) -> None:
    assert (await vote(zoe, event, *choices)).status_code == 422
    assert not await Participation.exists()


@pytest.mark.parametrize("end", ["begun", "cancelled"])
async def test_an_event_that_has_begun_or_is_called_off_takes_no_vote(
    zoe: AsyncClient, event: Post, ctx: Context, end: str
) -> None:
    terms: dict[str, Any] = {"begun": {"starts_at": ctx.now() - timedelta(minutes=1)}}.get(
        end, {"status": EventStatus.CANCELLED}
    )
    await Event.filter(post_id=event.id).update(**terms)
    assert (await shown(zoe, event))["poll"]["expired"] is True
    assert (await vote(zoe, event, 0)).status_code == 409


async def test_what_is_not_for_the_viewer_is_not_there(zoe: AsyncClient, section: Actor) -> None:
    hidden = await factories.event(section, visibility=Visibility.FOLLOWERS)
    assert (await zoe.get(f"/api/v1/polls/{hidden.id}")).status_code == 404
    assert (await vote(zoe, hidden, 0)).status_code == 404


async def test_without_a_token_nobody_votes(public: AsyncClient, event: Post) -> None:
    assert (await vote(public, event, 0)).status_code == 401


async def test_the_question_about_an_event_is_answered_and_answered_again(
    zoe: AsyncClient, event: Post, ctx: Context, world: World
) -> None:
    assert (
        await zoe.post("/api/v1/statuses", json={"status": "rsvp", "in_reply_to_id": str(event.id)})
    ).status_code == 200
    question = await Post.get(type="Question")
    poll = (await shown(zoe, question))["poll"]
    assert poll["own_votes"] == []
    for choice, state in ((0, ACCEPTED), (2, DECLINED)):
        voted = (await zoe.post(f"/api/v1/polls/{poll['id']}/votes", json={"choices": [choice]})).json()
        assert_shape(voted, POLL)
        assert (voted["own_votes"], voted["votes_count"]) == ([choice], 0)
        assert (await Participation.get()).state is state
    assert (await shown(zoe, event))["poll"]["own_votes"] == [2]
