"""Where the settings ask for it, documents are for servers that sign and are not blocked; pages are for everybody."""

from dataclasses import replace

import pytest
from starlette.applications import Starlette

from federation.context import Context
from models.activity import ActivityRecord
from models.actor import Actor
from models.host import SignatureScheme
from models.post import Visibility
from server.posts import actions
from server.posts.actions import Draft
from tests import factories
from tests.server.activitypub.asker import Asker
from tests.world import World

PROBE = "https://elsewhere.test/actor"


@pytest.fixture
def strict(app: Starlette, asker: Asker) -> Asker:
    """Somebody who asks a server that wants signatures."""
    app.state.settings = replace(app.state.settings, signed_fetch=True)
    return asker


@pytest.fixture
async def documents(member: Actor, ctx: Context) -> list[str]:
    """Addresses of everything that is otherwise open."""
    post = await actions.publish(member, Draft("Bonjour"), ctx)
    create = await ActivityRecord.get(type="Create")
    of_post = [post.uri, post.url, *(f"{post.uri}/{name}" for name in ("replies", "likes", "shares"))]
    of_actor = [member.uri, member.url, *(f"{member.uri}/{name}" for name in ("followers", "following", "featured"))]
    return [*of_post, *of_actor, f"{member.uri}/outbox", f"{member.uri}/outbox?page=true", create.uri]


async def test_it_is_not_asked_for_by_default(asker: Asker, documents: list[str]) -> None:
    for address in documents:
        assert (await asker.get(address)).status == 200


async def test_nobody_reads_unsigned(strict: Asker, documents: list[str], member: Actor) -> None:
    for address in documents:
        if address in (member.uri, member.url):
            continue
        reply = await strict.get(address)
        assert (reply.status, reply.json) == (401, {"error": "The request has no Signature header."}), address


async def test_of_an_actor_the_unsigned_get_what_its_signatures_are_verified_with(strict: Asker, member: Actor) -> None:
    for address in (member.uri, member.url):
        reply = await strict.get(address)
        assert (reply.status, reply.headers["cache-control"]) == (200, "private, no-store")
        names = {"@context", "id", "type", "preferredUsername", "inbox", "endpoints", "publicKey", "assertionMethod"}
        assert set(reply.json) == names
        assert reply.json["publicKey"]["owner"] == member.uri


async def test_a_stranger_who_signs_reads_and_nothing_is_kept_in_caches(
    strict: Asker, documents: list[str], world: World
) -> None:
    world.serve(factories.actor_document(PROBE, kind="Application"))
    for address in documents:
        reply = await strict.get(address, signer=world.signer(PROBE))
        assert (reply.status, reply.headers["cache-control"]) == (200, "private, no-store"), address
    assert world.fetched == [PROBE]


async def test_either_scheme_will_do(strict: Asker, member: Actor, world: World) -> None:
    world.serve(factories.actor_document(PROBE, kind="Application"))
    signer = world.signer(PROBE)
    headers = signer.sign("GET", member.uri, None, now=world.now, scheme=SignatureScheme.RFC9421)
    asked = {name.replace("-", "_"): value for name, value in headers.items()}

    assert (await strict.get(member.uri, **asked)).status == 200


async def test_a_blocked_server_is_refused_and_not_visited(strict: Asker, documents: list[str], world: World) -> None:
    await factories.blocked_origin("elsewhere.test")
    for address in documents:
        assert (await strict.get(address, signer=world.signer(PROBE))).status == 403
    assert world.fetched == []


@pytest.mark.parametrize("status", [404, 410])
async def test_a_signer_who_cannot_be_had_is_nobody(
    strict: Asker, documents: list[str], world: World, status: int
) -> None:
    world.statuses[PROBE] = status
    for address in documents:
        assert (await strict.get(address, signer=world.signer(PROBE))).status == 401


async def test_a_signer_whose_home_is_away_is_asked_to_come_again(strict: Asker, member: Actor, world: World) -> None:
    world.statuses[PROBE] = 503
    reply = await strict.get(member.uri, signer=world.signer(PROBE))
    assert (reply.status, reply.headers["retry-after"]) == (503, "60")


async def test_a_forged_signature_is_refused(strict: Asker, member: Actor, world: World) -> None:
    world.serve(factories.actor_document(PROBE))
    assert (await strict.get(member.uri, signer=world.signer(PROBE, key=1))).status == 401


async def test_a_post_for_some_is_still_for_them_alone(
    strict: Asker, member: Actor, remote_actor: Actor, stranger: Actor, world: World, ctx: Context
) -> None:
    await factories.follow(remote_actor, member)
    post = await actions.publish(member, Draft("entre nous", Visibility.FOLLOWERS), ctx)

    assert (await strict.get(post.uri)).status == 401
    assert (await strict.get(post.uri, signer=world.signer(stranger.uri))).status == 404
    assert (await strict.get(post.uri, signer=world.signer(remote_actor.uri))).status == 200


async def test_what_is_deleted_is_gone_for_those_who_sign(
    strict: Asker, member: Actor, remote_actor: Actor, world: World, ctx: Context
) -> None:
    post = await actions.publish(member, Draft("regrets"), ctx)
    await actions.delete(member, post, ctx)

    assert (await strict.get(post.uri)).status == 401
    assert (await strict.get(post.uri, signer=world.signer(remote_actor.uri))).status == 410


async def test_the_key_of_the_server_itself_is_for_everybody(strict: Asker, instance: Actor) -> None:
    reply = await strict.get(instance.uri)
    assert (reply.status, reply.json["publicKey"]["id"]) == (200, f"{instance.uri}#main-key")
    assert (await strict.get(f"{instance.uri}/outbox")).status == 401


async def test_handles_and_the_servers_description_are_for_everybody(strict: Asker, member: Actor) -> None:
    for address in (
        "/.well-known/webfinger?resource=acct:zoe@lille.test", "/.well-known/nodeinfo", "/nodeinfo/2.1",
        "/.well-known/host-meta",
    ):  # fmt: skip
        assert (await strict.get(address)).status == 200


async def test_pages_are_for_everybody(strict: Asker, member: Actor, section: Actor, ctx: Context) -> None:
    post = await actions.publish(member, Draft("Bonjour"), ctx)
    for address in (member.url, post.url):
        page = await strict.get(address, accept="text/html")
        assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")


async def test_a_question_whether_anything_changed_is_a_question_too(
    strict: Asker, member: Actor, remote_actor: Actor, world: World
) -> None:
    first = await strict.get(member.uri, signer=world.signer(remote_actor.uri))
    assert "name" not in (await strict.get(member.uri, if_none_match=first.headers["etag"])).json
    again = await strict.get(member.uri, signer=world.signer(remote_actor.uri), if_none_match=first.headers["etag"])
    assert again.status == 304
