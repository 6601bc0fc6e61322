"""Handles of one domain, a server at another."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from federation.context import Context
from federation.naming import Names
from federation.objects import actor as actor_object
from federation.objects import tag
from models.actor import Actor
from server.activitypub.wellknown import jrd_of, read_resource
from server.cli.doctor import Verdict, check_handles
from server.config import ConfigurationError, read_settings
from server.follows.lookup import find, known
from server.members.profiles import document_of
from server.posts.actions import Draft, publish
from server.posts.actions import document_of as post_document
from tests import factories
from tests.server.activitypub.asker import Asker
from tests.server.activitypub.conftest import asker
from tests.server.api import app, public
from tests.web.conftest import browser
from tests.web.pages import read, text
from tests.world import ORIGIN, World

__all__ = ["app", "asker", "public"]

NAMES = Names(ORIGIN, "nord.test")


@pytest.fixture
async def ctx(db: str, world: World, now: datetime) -> Context:
    """A server at lille.test whose handles are of nord.test."""
    return replace(world.context(now), names=NAMES)


def settings_with(tmp_path: Path, domain: str, origin: str = "https://social.lille.example") -> Any:
    values = {"COOPOLE_DATA": str(tmp_path), "COOPOLE_ORIGIN": origin, "COOPOLE_HANDLE_DOMAIN": domain}
    return read_settings(values)


# The setting


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("lille.example", "lille.example"),
        (" Lille.Example ", "lille.example"),
        ("lillé.example", "xn--lill-epa.example"),
        ("lille.example:8443", "lille.example:8443"),
        ("", "social.lille.example"),
        ("social.lille.example", "social.lille.example"),
    ],
)
def test_handles_bear_the_domain_that_is_set(tmp_path: Path, typed: str, host: str) -> None:
    names = settings_with(tmp_path, typed).names
    assert (names.handle_host, names.host) == (host, "social.lille.example")
    assert names.handle("zoe") == f"zoe@{host}"


@pytest.mark.parametrize(
    "typed", ["https://lille.example", "lille.example/x", "@lille.example", "a b", "lille.example#x"]
)
def test_what_is_no_domain_is_refused(tmp_path: Path, typed: str) -> None:
    with pytest.raises(ConfigurationError, match="COOPOLE_HANDLE_DOMAIN"):
        settings_with(tmp_path, typed)


# What others are told


@pytest.mark.parametrize(
    "resource", ["acct:zoe@nord.test", "acct:zoe@lille.test", "acct:ZOE@NORD.TEST", "https://lille.test/@zoe"]
)
async def test_webfinger_answers_for_both_with_the_subject_of_the_handle(
    asker: Asker, member: Actor, resource: str
) -> None:
    reply = await asker.get(f"/.well-known/webfinger?resource={resource}")
    assert (reply.status, reply.json["subject"]) == (200, "acct:zoe@nord.test")
    assert reply.json["links"][0]["href"] == member.uri


def test_no_third_domain_is_answered_for() -> None:
    assert read_resource("acct:zoe@elsewhere.test", NAMES) is None
    assert read_resource("https://nord.test/@zoe", NAMES) is None
    assert read_resource("acct:nord.test@nord.test", NAMES) == {"uri": NAMES.instance_actor}


async def test_the_document_says_so(member: Actor, ctx: Context) -> None:
    assert (await document_of(member, ctx))["webfinger"] == "zoe@nord.test"


async def test_a_mention_bears_the_handle(member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context):
    post = await publish(member, Draft("Salut @ali@nord.test @ali@lille.test @noor@far.test"), ctx)
    tags = (await post_document(post, ctx))["tag"]
    assert sorted(tag["name"] for tag in tags) == ["@ali@nord.test", "@noor@far.test"]


@pytest.mark.parametrize("text", ["zoe", "@zoe@nord.test", "zoe@LILLE.test"])
async def test_one_of_ours_is_found_under_either(member: Actor, ctx: Context, world: World, text: str) -> None:
    assert await known(text, ctx) == await find(text, ctx) == member
    assert world.fetched == []


async def test_clients_are_told_the_domain_of_the_handles(public: AsyncClient, section: Actor) -> None:
    assert (await public.get("/api/v2/instance")).json()["domain"] == "nord.test"


async def test_pages_show_the_handle(app: Starlette, section: Actor) -> None:
    async with browser(app) as visitor:
        assert text(read(await visitor.get("/")), ".follow .copy") == "@lille@nord.test"
        answer = await visitor.post("/follow", data={"of": "lille", "address": "zoe@nord.test"})
    assert "chez vous" in text(read(answer, 422), ".error")


# The doctor


def answer(world: World, actor: Actor, handle: str = "lille@nord.test", **more: Any) -> None:
    """Have nord.test answer as if it sent the question on."""
    url = f"https://nord.test/.well-known/webfinger?resource=acct:{handle}"
    world.serve(jrd_of(actor, NAMES, []) | more, url=url, content_type="application/jrd+json")


async def test_the_doctor_asks_the_domain_of_the_handles(section: Actor, member: Actor, ctx: Context, world: World):
    found = await check_handles(ctx)
    assert found.verdict is Verdict.BAD
    assert "redirect /.well-known/webfinger" in found.advice
    answer(world, member, subject="acct:lille@nord.test")
    assert (await check_handles(ctx)).verdict is Verdict.BAD
    answer(world, section)
    assert (await check_handles(ctx)).verdict is Verdict.GOOD


async def test_before_there_is_a_section_the_doctor_waits(ctx: Context) -> None:
    assert (await check_handles(ctx)).verdict is Verdict.DOUBTFUL


# Theirs, as written by another server of this software


async def test_another_servers_handle_is_believed_where_its_domain_agrees(ctx: Context, world: World) -> None:
    theirs = Names("https://social.amiens.test", "amiens.test")
    uri = theirs.actor(7)
    document = factories.actor_document(uri, preferredUsername="max", webfinger=theirs.handle("max"))
    world.serve(document)
    assert (await find(uri, ctx)).handle == "max@social.amiens.test"  # amiens.test does not answer

    there = Actor(uri=uri, url=theirs.profile("max"), username="max", type="Person")
    url = "https://amiens.test/.well-known/webfinger?resource=acct:max@amiens.test"
    world.serve(jrd_of(there, theirs, []), url=url, content_type="application/jrd+json")
    await Actor.filter(uri=uri).delete()
    assert (await find(uri, ctx)).handle == "max@amiens.test"
    assert (await known("max@amiens.test", ctx)) is not None


@pytest.mark.parametrize(
    ("claim", "points_to", "subject"),
    [
        ("max@amiens.test", "https://amiens.test/users/other", "acct:max@amiens.test"),
        ("president@amiens.test", "https://far.test/users/max", "acct:president@amiens.test"),
        ("max@amiens.test", "https://far.test/users/max", "acct:other@amiens.test"),
        ("max@nord.test", "https://far.test/users/max", "acct:max@nord.test"),
        ("@@", "https://far.test/users/max", "acct:max@amiens.test"),
        (["max@amiens.test"], "https://far.test/users/max", "acct:max@amiens.test"),
    ],
)
async def test_a_handle_that_only_one_side_says_is_not_believed(
    ctx: Context, world: World, claim: Any, points_to: str, subject: str
) -> None:
    uri = "https://far.test/users/max"
    world.serve(factories.actor_document(uri, webfinger=claim))
    link = {"rel": "self", "type": "application/activity+json", "href": points_to}
    for handle in ("max@amiens.test", "president@amiens.test", "other@amiens.test", "max@nord.test"):
        url = f"https://{handle.partition('@')[2]}/.well-known/webfinger?resource=acct:{handle}"
        world.serve({"subject": subject, "links": [link]}, url=url, content_type="application/jrd+json")
    assert (await find(uri, ctx)).handle == "max@far.test"


def test_a_mention_of_anothers_keeps_its_own_domain() -> None:
    theirs = Actor(uri="https://far.test/users/max", username="max", handle_host="max.test")
    assert tag.write([theirs], [], [], NAMES)[0]["name"] == "@max@max.test"


async def test_what_we_write_is_read_by_others(member: Actor, ctx: Context) -> None:
    columns = actor_object.read(await document_of(member, ctx), now=ctx.now())
    assert (columns["username"], columns["handle_host"]) == ("zoe", "lille.test")
