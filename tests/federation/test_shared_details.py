"""Reading shared details over a real connection: by the section's signature, at one address, and no more than is due."""

from dataclasses import replace
from typing import Any

import pytest

from federation.context import Context
from federation.errors import FederationError, MalformedActivity, ObjectGone, RejectedByPolicy, RemoteUnavailable
from federation.objects import details
from federation.objects.details import Agreement, Between, Detail
from federation.shared_details import fetch
from models.actor import Actor
from tests import factories
from tests.federation.loopback import Loopback, Reply, ap, connect, redirect, serve

PATH = "/shared-details/x"
MEMBER = "https://home.example/actors/1"


def between(home: Loopback, section: Actor) -> Between:
    return Between(home.origin + PATH, MEMBER, section.uri)


def document(home: Loopback, section: Actor, ctx: Context) -> dict[str, Any]:
    shown = Detail("email", "zoe@post.example", Agreement(1, "fr", "J’accepte.", ctx.now()))
    return details.write(between(home, section), [shown], now=ctx.now())


async def test_it_is_read_by_the_signature_of_the_section(section: Actor, ctx: Context) -> None:
    async with serve() as home, connect() as client:
        home.replies[PATH] = ap(document(home, section, ctx))
        shown = await fetch(between(home, section), section, replace(ctx, client=client))
    assert [detail.value for detail in shown.details] == ["zoe@post.example"]
    [asked] = home.received
    assert f'keyId="{section.uri}#main-key"' in asked.headers["signature"]


async def test_a_redirect_is_not_followed_anywhere(section: Actor, ctx: Context) -> None:
    async with serve() as home, serve("127.0.0.2") as other, connect() as client:
        other.replies[PATH] = home.replies["/moved"] = ap(document(home, section, ctx))
        for target in (other.origin + PATH, f"{home.origin}/moved"):
            home.replies[PATH] = redirect(target)
            with pytest.raises(RejectedByPolicy, match="redirects more than 0 times"):
                await fetch(between(home, section), section, replace(ctx, client=client))
        assert home.targets == [PATH, PATH]
        assert other.received == []


async def test_what_is_too_large_is_refused(section: Actor, ctx: Context) -> None:
    async with serve() as home, connect() as client:
        home.replies[PATH] = ap(document(home, section, ctx) | {"summary": "x" * details.MAX_DOCUMENT_BYTES})
        with pytest.raises(RejectedByPolicy, match="larger"):
            await fetch(between(home, section), section, replace(ctx, client=client))


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(404), ObjectGone),
        (Reply(410), ObjectGone),
        (Reply(503), RemoteUnavailable),
        (Reply(429), RemoteUnavailable),
        (Reply(200, b"<p>", [("Content-Type", "text/html")]), MalformedActivity),
        (Reply(200, b"{", [("Content-Type", "application/activity+json")]), MalformedActivity),
        (
            Reply(200, b'{"a":' * 70 + b"1" + b"}" * 70, [("Content-Type", "application/activity+json")]),
            MalformedActivity,
        ),
    ],
)
async def test_any_other_answer_says_why(
    section: Actor, ctx: Context, reply: Reply, error: type[FederationError]
) -> None:
    async with serve() as home, connect() as client:
        home.replies[PATH] = reply
        with pytest.raises(error):
            await fetch(between(home, section), section, replace(ctx, client=client))


async def test_a_blocked_server_is_not_asked(section: Actor, ctx: Context) -> None:
    async with serve() as home, connect() as client:
        await factories.blocked_origin("127.0.0.1")
        with pytest.raises(RejectedByPolicy):
            await fetch(between(home, section), section, replace(ctx, client=client))
        assert home.received == []
