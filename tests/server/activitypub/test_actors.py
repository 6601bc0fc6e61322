"""The documents of our actors."""

import pytest

from federation.activities import build
from federation.context import Context
from federation.handlers import profile
from federation.keys import load_public_key
from federation.objects import actor as actor_object
from models import secrets
from models.actor import Actor, ActorKey
from tests.server.activitypub.asker import Asker


async def test_a_member_is_a_person(asker: Asker, member: Actor, ctx: Context):
    reply = await asker.get(member.uri)

    assert reply.status == 200
    assert reply.json["id"] == member.uri == f"{ctx.names.origin}/actors/{member.id}"
    assert reply.json["type"] == "Person"
    assert reply.json["preferredUsername"] == "zoe"
    assert reply.json["inbox"] == f"{member.uri}/inbox"
    assert reply.json["endpoints"] == {"sharedInbox": ctx.names.shared_inbox}


async def test_a_section_is_a_group(asker: Asker, section: Actor):
    assert (await asker.get(section.uri)).json["type"] == "Group"


async def test_the_server_itself_is_an_application(asker: Asker, instance: Actor, ctx: Context):
    reply = await asker.get("/actor")

    assert reply.json["id"] == ctx.names.instance_actor == instance.uri
    assert reply.json["type"] == "Application"


async def test_both_keys_are_published_and_neither_private_half(asker: Asker, member: Actor):
    reply = await asker.get(member.uri)
    keys = await ActorKey.filter(actor_id=member.id)

    assert load_public_key(reply.json["publicKey"]["publicKeyPem"])
    assert reply.json["publicKey"]["owner"] == member.uri
    assert reply.json["assertionMethod"][0]["publicKeyMultibase"].startswith("z6Mk")
    assert all(key.private_pem.splitlines()[1].encode() not in reply.body for key in keys)


async def test_serving_an_actor_does_not_unseal_its_private_keys(asker: Asker, member: Actor):
    secrets.use_key(b"x" * 32)

    assert (await asker.get(member.uri)).status == 200


async def test_another_server_can_read_it_as_an_actor(asker: Asker, member: Actor, ctx: Context):
    columns = actor_object.read((await asker.get(member.uri)).json, now=ctx.now())

    assert (columns["uri"], columns["username"], columns["key_uri"]) == (member.uri, "zoe", member.key_uri)
    assert columns["public_key_pem"] == member.public_key_pem


async def test_the_name_in_a_page_address_may_have_any_case(asker: Asker, member: Actor):
    assert (await asker.get("/@ZoE")).json["id"] == member.uri


async def test_head_gives_what_get_says(asker: Asker, member: Actor):
    got, head = await asker.get(member.uri), await asker.ask("HEAD", member.uri, accept="application/activity+json")

    assert (head.status, head.headers) == (got.status, got.headers)


async def test_an_actor_may_be_kept_for_a_minute_by_any_cache(asker: Asker, member: Actor):
    assert (await asker.get(member.uri)).headers["cache-control"] == "public, max-age=60"


async def test_a_gone_actor_leaves_a_tombstone(asker: Asker, member: Actor, ctx: Context):
    await profile.bury(member, ctx)

    for address in (member.uri, member.url):
        reply = await asker.get(address)
        assert reply.status == 410
        assert (reply.json["id"], reply.json["type"]) == (member.uri, "Tombstone")
        assert b"Zo" not in reply.body


async def test_an_actor_of_another_server_is_not_served(asker: Asker, remote_actor: Actor):
    assert (await asker.get(f"/actors/{remote_actor.id}")).status == 404
    assert (await asker.get("/@noor")).status == 404


async def test_the_server_itself_has_no_second_name(asker: Asker, instance: Actor):
    assert (await asker.get(f"/actors/{instance.id}")).status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/actors/1",
        "/actors/9999999999999999999",
        "/@nobody",
        "/actors/1/followers",
        "/actors/1/outbox",
        "/actor",
        "/actor/outbox",
    ],
)
async def test_an_actor_that_never_was_is_not_found(asker: Asker, path: str, db: str):
    reply = await asker.get(path)

    assert reply.status == 404
    assert set(reply.json) == {"error"}


@pytest.mark.parametrize("path", ["/actors/" + "9" * 40, "/actors/07", "/actors/-1", "/actors/x", "/@zo%20e"])
async def test_what_can_be_no_actor_is_left_to_the_pages(asker: Asker, path: str, member: Actor):
    reply = await asker.get(path)

    assert reply.status == 404 or reply.headers["content-type"].startswith("text/html")


async def test_what_is_sent_and_what_is_served_are_the_same_document(asker: Asker, member: Actor, ctx: Context):
    keys = await ActorKey.filter(actor_id=member.id).order_by("id")
    sent = build("Update", member, actor_object.write(member, keys, ctx.names), uri=ctx.names.new_activity(), to=[])
    served = (await asker.get(member.uri)).json

    served.pop("@context")
    assert served == sent.object
