"""Polls in the client API."""

import pytest
from httpx2 import AsyncClient

from federation.context import Context
from models.actor import Actor
from models.poll import Poll, PollVote
from models.post import Post
from server.posts import polls
from tests import factories
from tests.server.mastodon.shapes import OWN_STATUS, POLL, assert_shape
from tests.world import World

ASKED = {"options": ["Oui", "Non"], "expires_in": 3600}


async def ask(client: AsyncClient, **more: object) -> dict:
    answer = await client.post("/api/v1/statuses", json={"status": "Venez-vous ?", "poll": ASKED | more})
    assert answer.status_code == 200, answer.text
    assert_shape(answer.json(), OWN_STATUS)
    return dict(answer.json()["poll"])


async def test_a_status_may_come_with_a_poll(zoe: AsyncClient):
    poll = await ask(zoe)

    assert poll["options"] == [{"title": "Oui", "votes_count": 0}, {"title": "Non", "votes_count": 0}]
    assert (poll["expired"], poll["multiple"], poll["votes_count"], poll["voters_count"]) == (False, False, 0, 0)
    assert (poll["voted"], poll["own_votes"]) == (False, [])


async def test_a_poll_may_come_as_a_form(zoe: AsyncClient):
    fields = {
        "status": "?", "poll[options][]": ["Lundi", "Mardi"], "poll[expires_in]": "300", "poll[multiple]": "true",
        "poll[hide_totals]": "true",
    }  # fmt: skip
    poll = (await zoe.post("/api/v1/statuses", data=fields)).json()["poll"]

    assert poll["options"] == [{"title": "Lundi", "votes_count": None}, {"title": "Mardi", "votes_count": None}]
    assert poll["multiple"] is True


@pytest.mark.parametrize(
    "poll",
    [
        {"options": ["Oui"], "expires_in": 300},
        {"options": ["Oui", "Non"]},
        {"options": ["Oui", "Non"], "expires_in": "bientôt"},
        {"options": ["Oui", "Non"], "expires_in": 10**12},
        {"expires_in": 300},
        "Oui",
        ["Oui", "Non"],
    ],
)
async def test_a_poll_that_cannot_be_asked_is_refused(zoe: AsyncClient, poll: object):
    assert (await zoe.post("/api/v1/statuses", json={"status": "?", "poll": poll})).status_code == 422
    assert not await Post.exists()


async def test_limits_are_those_that_instance_tells(public: AsyncClient):
    for version in ("v1", "v2"):
        limits = (await public.get(f"/api/{version}/instance")).json()["configuration"]["polls"]
        assert limits == {
            "max_options": polls.MAX_OPTIONS, "max_characters_per_option": polls.MAX_OPTION_CHARACTERS,
            "min_expiration": 300, "max_expiration": 2_629_746,
        }  # fmt: skip


@pytest.mark.parametrize("choices", [{"choices": [1]}, {"choices": ["1"]}])
async def test_a_vote_is_answered_with_the_poll(zoe: AsyncClient, ali: AsyncClient, choices: dict):
    poll = await ask(zoe)

    answer = (await ali.post(f"/api/v1/polls/{poll['id']}/votes", json=choices)).json()

    assert_shape(answer, POLL)
    assert (answer["voted"], answer["own_votes"], answer["voters_count"]) == (True, [1], 1)
    assert [option["votes_count"] for option in answer["options"]] == [0, 1]
    seen = (await zoe.get(f"/api/v1/polls/{poll['id']}")).json()
    assert (seen["voted"], seen["own_votes"], seen["votes_count"]) == (False, [], 1)


async def test_a_vote_may_come_as_a_form(zoe: AsyncClient, ali: AsyncClient):
    poll = await ask(zoe, multiple=True)
    answer = await ali.post(f"/api/v1/polls/{poll['id']}/votes", data={"choices[]": ["0", "1"]})
    assert answer.json()["own_votes"] == [0, 1]


@pytest.mark.parametrize("choices", [[], [7], ["-1"], ["x"], [0, 1], ["²"]])
async def test_a_choice_that_there_is_not_is_refused(zoe: AsyncClient, ali: AsyncClient, choices: list):
    poll = await ask(zoe)
    assert (await ali.post(f"/api/v1/polls/{poll['id']}/votes", json={"choices": choices})).status_code == 422
    assert not await PollVote.exists()


async def test_nobody_votes_twice_nor_in_their_own_poll(zoe: AsyncClient, ali: AsyncClient):
    path = f"/api/v1/polls/{(await ask(zoe))['id']}/votes"

    assert (await zoe.post(path, json={"choices": [0]})).status_code in (403, 422)
    assert (await ali.post(path, json={"choices": [0]})).status_code == 200
    assert (await ali.post(path, json={"choices": [1]})).status_code in (409, 422)


async def test_the_public_reads_a_poll_and_cannot_vote(zoe: AsyncClient, public: AsyncClient):
    poll = await ask(zoe)

    assert_shape((await public.get(f"/api/v1/polls/{poll['id']}")).json(), POLL)
    assert (await public.post(f"/api/v1/polls/{poll['id']}/votes", json={"choices": [0]})).status_code == 401


async def test_a_poll_that_is_not_for_the_viewer_is_not_found(zoe: AsyncClient, ali: AsyncClient):
    sent = {"status": "?", "poll": ASKED, "visibility": "direct"}
    poll = (await zoe.post("/api/v1/statuses", json=sent)).json()["poll"]

    assert (await ali.get(f"/api/v1/polls/{poll['id']}")).status_code == 404
    assert (await ali.post(f"/api/v1/polls/{poll['id']}/votes", json={"choices": [0]})).status_code == 404
    assert (await ali.get("/api/v1/polls/7")).status_code == 404
    assert (await ali.get("/api/v1/polls/x")).status_code == 404


async def test_a_poll_that_closed_says_so(zoe: AsyncClient, ctx: Context, world: World):
    poll = await ask(zoe, hide_totals=True)
    world.pass_time(hours=1)
    await polls.sweep(ctx)

    found = (await zoe.get(f"/api/v1/polls/{poll['id']}")).json()

    assert (found["expired"], found["options"][0]["votes_count"]) == (True, 0)


async def test_a_poll_of_another_server_is_shown(zoe: AsyncClient, remote_actor: Actor):
    poll = await factories.poll(remote_actor, voters_count=None)
    await Poll.filter(id=poll.id).update(closes_at=None)

    found = (await zoe.get(f"/api/v1/statuses/{poll.post_id}")).json()["poll"]

    assert_shape(found, POLL)
    assert (found["voters_count"], found["expires_at"]) == (None, None)


async def test_an_edit_keeps_the_poll_unless_another_is_sent(zoe: AsyncClient):
    status = (await zoe.post("/api/v1/statuses", json={"status": "?", "poll": ASKED})).json()
    path = f"/api/v1/statuses/{status['id']}"

    kept = (await zoe.put(path, json={"status": "??"})).json()["poll"]
    other = (await zoe.put(path, json={"poll": {"options": ["a", "b", "c"], "expires_in": 300}})).json()["poll"]

    assert kept["id"] == status["poll"]["id"]
    assert [option["title"] for option in other["options"]] == ["a", "b", "c"]
