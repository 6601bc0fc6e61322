"""Publishing once though asked twice."""

import asyncio
from datetime import datetime, timedelta

import pytest
from httpx2 import AsyncClient, Response

from models.actor import Actor
from models.idempotency import PUBLISHING_FOR, REMEMBERED_FOR, Asker, IdempotencyKey
from models.oauth import AccessToken
from models.post import Post
from tests.server.api import LogIn
from tests.world import World


async def publish(client: AsyncClient, key: str = "k1", text: str = "Bonjour") -> Response:
    return await client.post("/api/v1/statuses", json={"status": text}, headers={"Idempotency-Key": key})


async def test_the_same_key_publishes_once(zoe: AsyncClient):
    first, second = await publish(zoe), await publish(zoe, text="Bonjour !")

    assert first.json()["id"] == second.json()["id"]
    assert second.json()["content"] == "<p>Bonjour</p>"
    assert await Post.all().count() == 1


async def test_another_key_publishes_anew(zoe: AsyncClient):
    await publish(zoe, "k1")
    await publish(zoe, "k2")

    assert await Post.all().count() == 2


async def test_no_key_publishes_each_time(zoe: AsyncClient):
    for _ in range(2):
        await publish(zoe, "")

    assert await Post.all().count() == 2
    assert not await IdempotencyKey.exists()


async def test_keys_of_different_tokens_have_nothing_to_do_with_each_other(
    zoe: AsyncClient, ali: AsyncClient, log_in: LogIn, member: Actor
):
    phone = await log_in(member)

    ids = {(await publish(client)).json()["id"] for client in (zoe, ali, phone)}

    assert len(ids) == 3


async def test_a_key_is_remembered_for_an_hour(zoe: AsyncClient, world: World):
    await publish(zoe)
    world.pass_time(seconds=REMEMBERED_FOR.total_seconds() - 1)
    await publish(zoe)
    assert await Post.all().count() == 1

    world.pass_time(seconds=1)
    await publish(zoe)

    assert await Post.all().count() == 2
    assert await IdempotencyKey.all().count() == 1


async def test_what_was_refused_may_be_asked_again_with_the_same_key(zoe: AsyncClient):
    assert (await publish(zoe, text="x" * 6000)).status_code == 422
    assert not await IdempotencyKey.exists()

    assert (await publish(zoe)).status_code == 200


async def test_while_the_first_is_being_published_the_second_is_told_so(zoe: AsyncClient, now: datetime):
    token = await AccessToken.get()
    await IdempotencyKey.claim(Asker(token_id=token.id), "k1", now)

    assert (await publish(zoe)).status_code == 409
    assert not await Post.exists()


async def test_a_claim_whose_process_died_is_taken_over(zoe: AsyncClient, now: datetime, world: World):
    token = await AccessToken.get()
    await IdempotencyKey.claim(Asker(token_id=token.id), "k1", now)
    world.pass_time(seconds=PUBLISHING_FOR.total_seconds())

    assert (await publish(zoe)).status_code == 200
    assert await Post.all().count() == 1


@pytest.mark.parametrize("waited", [timedelta(), PUBLISHING_FOR])
async def test_what_was_published_before_the_process_died_is_not_published_again(
    zoe: AsyncClient, world: World, waited: timedelta
):
    first = (await publish(zoe)).json()
    await IdempotencyKey.all().update(post_id=None)  # the process died before it could write this down
    world.pass_time(seconds=waited.total_seconds())

    assert (await publish(zoe)).json()["id"] == first["id"]
    assert await Post.all().count() == 1


async def test_of_many_at_once_one_publishes(zoe: AsyncClient):
    answers = await asyncio.gather(*(publish(zoe) for _ in range(8)))

    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 200}) == 1
    assert await Post.all().count() == 1


async def test_a_deleted_status_is_published_anew_under_its_key(zoe: AsyncClient):
    first = (await publish(zoe)).json()
    await zoe.delete(f"/api/v1/statuses/{first['id']}")

    second = await publish(zoe)

    assert second.status_code == 200
    assert second.json()["id"] != first["id"]


@pytest.mark.parametrize("key", ["x" * 256, "x" * 5000])
async def test_a_key_that_is_too_long_is_refused(zoe: AsyncClient, key: str):
    assert (await publish(zoe, key)).status_code == 422


async def test_a_key_is_not_kept_readable(zoe: AsyncClient):
    await publish(zoe, "a phrase of the client")

    assert "phrase" not in (await IdempotencyKey.get()).key
