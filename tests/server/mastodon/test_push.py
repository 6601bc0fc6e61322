"""Subscribing to Web Push, by every way in which clients write it."""

import os
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from httpx2 import AsyncClient

from models import database
from models.actor import Actor
from models.push import PushKey, PushSubscription
from server.push.encryption import decode, encode, is_public_key
from server.push.identity import key, public_text
from tests.server.api import LogIn
from tests.server.mastodon.shapes import PUSH_SUBSCRIPTION, assert_shape

PATH = "/api/v1/push/subscription"


def asked(**more: Any) -> dict[str, Any]:
    public = public_text(ec.generate_private_key(ec.SECP256R1()))
    keys = {"p256dh": public, "auth": encode(os.urandom(16))}
    return {"endpoint": "https://push.test/1", "keys": keys, **more}


async def test_a_client_subscribes_changes_and_ends_it(zoe: AsyncClient):
    assert (await zoe.get(PATH)).status_code == 404
    assert (await zoe.put(PATH, json={"policy": "all"})).status_code == 404

    made = (
        await zoe.post(
            PATH,
            json={"subscription": asked(standard=True), "data": {"policy": "followed", "alerts": {"mention": True}}},
        )
    ).json()

    assert_shape(made, PUSH_SUBSCRIPTION)
    assert (made["policy"], made["standard"], made["alerts"]["mention"], made["alerts"]["poll"]) == (
        "followed",
        True,
        True,
        False,
    )
    assert is_public_key(decode(made["server_key"]) or b"")
    assert (await zoe.get(PATH)).json() == made
    changed = (await zoe.put(PATH, json={"data": {"alerts": {"poll": True}}, "policy": "none"})).json()
    assert (changed["policy"], changed["alerts"]["mention"], changed["alerts"]["poll"]) == ("none", False, True)
    assert (await zoe.delete(PATH)).json() == {}
    assert (await zoe.delete(PATH)).json() == {}
    assert (await zoe.get(PATH)).status_code == 404


async def test_forms_are_read_and_a_second_subscription_takes_the_place_of_the_first(zoe: AsyncClient):
    wanted = asked()
    form = {
        "subscription[endpoint]": "https://push.test/2",
        "subscription[keys][p256dh]": wanted["keys"]["p256dh"],
        "subscription[keys][auth]": wanted["keys"]["auth"],
        "data[alerts][favourite]": "true",
        "data[alerts][follow]": "0",
    }
    await zoe.post(PATH, json={"subscription": asked()})

    found = (await zoe.post(PATH, data=form)).json()

    assert (found["endpoint"], found["standard"], found["policy"]) == ("https://push.test/2", False, "all")
    assert [name for name, is_on in found["alerts"].items() if is_on] == ["favourite"]
    assert await PushSubscription.all().count() == 1


async def test_each_client_has_its_own_and_needs_the_scope(
    zoe: AsyncClient, ali: AsyncClient, public: AsyncClient, log_in: LogIn, member: Actor
):
    reader = await log_in(member, "read", "write")
    await zoe.post(PATH, json={"subscription": asked()})

    assert (await ali.get(PATH)).status_code == 404
    for method in ("GET", "POST", "PUT", "DELETE"):
        assert (await public.request(method, PATH)).status_code == 401
        assert (await reader.request(method, PATH)).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"endpoint": "ftp://push.test/1"},
        {"endpoint": "https://push.test/" + "x" * 3000},
        {"keys": {"p256dh": "AAAA", "auth": encode(bytes(16))}},
        {"keys": "nonsense"},
    ],
)
async def test_what_cannot_be_pushed_to_is_refused(zoe: AsyncClient, wrong: dict[str, Any]):
    said = {"subscription": asked(**wrong) if wrong else {}}

    assert (await zoe.post(PATH, json=said)).status_code == 422
    assert (await zoe.post(PATH, json={"subscription": "x", "data": []})).status_code == 422
    refused = await zoe.post(PATH, json={"subscription": asked(), "data": {"policy": "some"}})
    assert refused.status_code == 422


async def test_the_key_is_one_sealed_and_the_same_everywhere(public: AsyncClient):
    first = public_text(await key())

    assert (await public.get("/api/v2/instance")).json()["configuration"]["vapid"]["public_key"] == first
    app = await public.post("/api/v1/apps", json={"client_name": "x", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob"})
    assert app.json()["vapid_key"] == first
    assert await PushKey.all().count() == 1
    [row] = await database.select("SELECT private_key_pem FROM push_key")
    assert b"PRIVATE KEY" not in bytes(row["private_key_pem"])


async def test_addresses_and_keys_of_clients_are_sealed(zoe: AsyncClient):
    await zoe.post(PATH, json={"subscription": asked()})

    [row] = await database.select("SELECT endpoint, public_key, secret FROM push_subscription")
    assert b"push.test" not in bytes(row["endpoint"])
