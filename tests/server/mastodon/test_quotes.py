"""Quotes in the client API."""

import pytest
from httpx2 import AsyncClient

from federation.context import Context
from models.actor import Actor
from models.post import Post, QuotePolicy, Visibility
from models.quote import Quote, QuoteState
from tests import factories
from tests.server.mastodon.shapes import OWN_STATUS, Many, assert_shape


async def publish(client: AsyncClient, text: str = "Bonjour", **more: object) -> dict:
    answer = await client.post("/api/v1/statuses", json={"status": text, **more})
    assert answer.status_code == 200, answer.text
    assert_shape(answer.json(), OWN_STATUS)
    return dict(answer.json())


async def test_a_status_may_quote_another(zoe: AsyncClient, ali: AsyncClient):
    quoted = await publish(ali)
    found = await publish(zoe, "À lire", quoted_status_id=quoted["id"])

    assert (found["quote"]["state"], found["quote"]["quoted_status"]["id"]) == ("accepted", quoted["id"])
    assert found["content"] == "<p>À lire</p>"
    assert (await ali.get(f"/api/v1/statuses/{quoted['id']}")).json()["quotes_count"] == 1


async def test_a_quote_of_another_server_waits(zoe: AsyncClient, remote_actor: Actor):
    quoted = await factories.post(remote_actor)
    found = await publish(zoe, quoted_status_id=str(quoted.id))

    assert found["quote"] == {"state": "pending", "quoted_status": None}


async def test_a_quote_in_a_quote_is_only_named(zoe: AsyncClient):
    first = await publish(zoe)
    second = await publish(zoe, quoted_status_id=first["id"])
    third = await publish(zoe, quoted_status_id=second["id"])

    inner = third["quote"]["quoted_status"]["quote"]

    assert inner == {"state": "accepted", "quoted_status_id": first["id"]}


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (QuoteState.REQUESTED, "pending"),
        (QuoteState.ACCEPTED, "accepted"),
        (QuoteState.UNASKED, "accepted"),
        (QuoteState.REJECTED, "rejected"),
        (QuoteState.REVOKED, "revoked"),
    ],
)
async def test_states_are_told_in_the_words_of_clients(
    zoe: AsyncClient, member: Actor, remote_actor: Actor, state: QuoteState, word: str
):
    quoted, post = await factories.post(remote_actor), await factories.post(member)
    await Quote.create(post=post, quoted=quoted, quoted_uri=quoted.uri, state=state)

    found = (await zoe.get(f"/api/v1/statuses/{post.id}")).json()

    assert_shape(found, OWN_STATUS)
    assert found["quote"]["state"] == word
    assert (found["quote"]["quoted_status"] is not None) is (word == "accepted")


async def test_what_is_gone_or_hidden_is_said_to_be(zoe: AsyncClient, member: Actor, remote_actor: Actor):
    hidden = await factories.post(remote_actor, visibility=Visibility.DIRECT)
    for quoted, word in ((None, "deleted"), (hidden, "unauthorized")):
        post = await factories.post(member)
        await Quote.create(post=post, quoted=quoted, quoted_uri="https://far.test/1", state=QuoteState.ACCEPTED)
        found = (await zoe.get(f"/api/v1/statuses/{post.id}")).json()
        assert found["quote"] == {"state": word, "quoted_status": None}


async def test_what_cannot_be_quoted_is_refused(zoe: AsyncClient, remote_actor: Actor):
    closed = await factories.post(remote_actor, quote_policy=QuotePolicy.NOBODY)

    for id_, status in ((str(closed.id), 403), ("7", 404), ("x", 422)):
        answer = await zoe.post("/api/v1/statuses", json={"status": "x", "quoted_status_id": id_})
        assert answer.status_code == status
    assert await Post.all().count() == 1


@pytest.mark.parametrize(
    ("word", "automatic", "others"),
    [("public", ["public"], "automatic"), ("followers", ["followers"], "unknown"), ("nobody", [], "denied")],
)
async def test_who_may_quote_is_asked_and_told(
    zoe: AsyncClient, ali: AsyncClient, public: AsyncClient, word: str, automatic: list, others: str
):
    found = await publish(zoe, quote_approval_policy=word)
    path = f"/api/v1/statuses/{found['id']}"

    assert found["quote_approval"] == {"automatic": automatic, "manual": [], "current_user": "automatic"}
    assert (await ali.get(path)).json()["quote_approval"]["current_user"] == others
    assert (await public.get(path)).json()["quote_approval"]["current_user"] == "denied"


async def test_an_unknown_policy_is_refused(zoe: AsyncClient):
    answer = await zoe.post("/api/v1/statuses", json={"status": "x", "quote_approval_policy": "friends"})
    assert answer.status_code == 422


async def test_consent_is_taken_back(zoe: AsyncClient, ali: AsyncClient, public: AsyncClient, ctx: Context):
    quoted = await publish(ali)
    quoting = await publish(zoe, quoted_status_id=quoted["id"])
    path = f"/api/v1/statuses/{quoted['id']}/quotes/{quoting['id']}/revoke"

    assert (await public.post(path)).status_code == 401
    assert (await zoe.post(path)).status_code == 403
    found = (await ali.post(path)).json()

    assert_shape(found, OWN_STATUS)
    assert (found["id"], found["quote"]) == (quoting["id"], {"state": "revoked", "quoted_status": None})
    assert (await ali.post(f"/api/v1/statuses/{quoted['id']}/quotes/7/revoke")).status_code == 404
    assert (await ali.post(f"/api/v1/statuses/{quoted['id']}/quotes/x/revoke")).status_code == 404


async def test_those_who_quote_a_status_are_listed_as_far_as_one_may_read_them(
    zoe: AsyncClient, ali: AsyncClient, public: AsyncClient, member: Actor, remote_actor: Actor
):
    quoted = await Post.get(id=(await publish(zoe))["id"])
    quoting = [(await publish(ali, f"Citation {number}", quoted_status_id=str(quoted.id)))["id"] for number in range(2)]
    for visibility, state in (
        (Visibility.FOLLOWERS, QuoteState.ACCEPTED), (Visibility.PUBLIC, QuoteState.REQUESTED),
        (Visibility.PUBLIC, QuoteState.REVOKED),
    ):  # fmt: skip
        post = await factories.post(remote_actor, visibility=visibility)
        await Quote.create(post=post, quoted=quoted, quoted_uri=quoted.uri, state=state)

    whole = await zoe.get(f"/api/v1/statuses/{quoted.id}/quotes")
    assert_shape(whole.json(), Many(OWN_STATUS))
    assert [row["id"] for row in whole.json()] == quoting[::-1]
    assert [row["id"] for row in (await public.get(f"/api/v1/statuses/{quoted.id}/quotes")).json()] == quoting[::-1]
    assert (await zoe.get("/api/v1/statuses/1/quotes")).status_code == 404


async def test_pages_of_quotes_follow_each_other(zoe: AsyncClient, ali: AsyncClient):
    quoted = (await publish(zoe))["id"]
    quoting = [(await publish(ali, f"Citation {number}", quoted_status_id=quoted))["id"] for number in range(2)]
    first = await zoe.get(f"/api/v1/statuses/{quoted}/quotes", params={"limit": 1})
    second = await zoe.get(first.links["next"]["url"])
    assert [[row["id"] for row in page.json()] for page in (first, second)] == [[quoting[1]], [quoting[0]]]


async def test_who_may_quote_is_changed_and_nothing_else(zoe: AsyncClient, ali: AsyncClient):
    before = await publish(zoe, "À citer", spoiler_text="Attention", language="fr")
    path = f"/api/v1/statuses/{before['id']}/interaction_policy"

    after = (await zoe.put(path, json={"quote_approval_policy": "nobody", "status": "Autre chose"})).json()

    assert_shape(after, OWN_STATUS)
    assert after["quote_approval"]["automatic"] == []
    assert (after["content"], after["spoiler_text"]) == (before["content"], before["spoiler_text"])
    assert (await Post.get(id=before["id"])).quote_policy is QuotePolicy.NOBODY
    assert (await ali.put(path, json={"quote_approval_policy": "public"})).status_code == 403
    for word in ("", "friends"):
        assert (await zoe.put(path, json={"quote_approval_policy": word})).status_code == 422
