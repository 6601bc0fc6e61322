"""What holds on every address, by the table of routes: strict headers, forms of our own alone, cookies out of reach."""

import re
from collections.abc import AsyncIterator
from http.cookies import SimpleCookie
from typing import Any

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette
from tortoise import Tortoise

from federation.context import Context
from tests.web.addresses import filled, routes
from tests.web.inert import live
from tests.web.town import Town, build
from tests.web.walk import DESK, MEMBER, NO_PAGE, VISITOR, Seen, pages, people, unseen, walk
from tests.world import ORIGIN, World

FRAMED = {"/@{username:username}/agenda/embed"}
SCRIPTED = "script-src 'self'"
# Forms that nobody is logged in for act in no session, so there is none to be abused. Other sites are refused all the same.
WITHOUT_SESSION = {
    "/follow", "/login", "/login/passkey", "/login/second_step", "/login/second_step/passkey", "/login/forgotten",
    "/login/password/{note}", "/sign_up", "/sign_up/{note}", "/setup/{token}", "/join/{token}/elsewhere", "/contact/{token}",
    "/@{username:username}/contact", "/@{username:username}/{id:row}/come", "/answers/{token:secret}",
}  # fmt: skip
COUNTED = {"Session"}
"""Rows that a mere look writes: when a session was seen last."""

Browsers = dict[str, AsyncClient]


@pytest.fixture
async def town(ctx: Context, world: World) -> Town:
    """A town with something on every page."""
    return await build(ctx, world)


@pytest.fixture
async def clients(app: Starlette, town: Town, ctx: Context) -> AsyncIterator[Browsers]:
    """The browsers of everybody."""
    async with people(app, town, ctx) as made:
        yield made


async def rows() -> dict[str, list[dict[str, Any]]]:
    """Everything that the database holds."""
    models = [model for model in Tortoise.apps["models"].values() if model.__name__ not in COUNTED]
    return {model.__name__: await model.all().order_by(model._meta.pk_attr).values() for model in models}


async def test_every_page_is_shown_to_somebody_and_strict(app: Starlette, town: Town, clients: Browsers) -> None:
    seen = await walk(app, town, clients)
    assert unseen(seen) == set()
    assert {one.route.path for one in seen if one.is_page} & set(NO_PAGE) == set()
    assert [(one.who, one.address) for one in seen if one.answer.status_code >= 500] == []
    assert {problem for one in seen for problem in lax(one)} == set()
    assert {(one.address, problem) for one in seen if one.is_page for problem in live(one.answer.text, ORIGIN)} == set()
    assert len(pages(seen)) >= 80


def lax(one: Seen) -> list[str]:
    """Say what an answer does not promise that it must."""
    answer, path = one.answer, one.route.path
    problems = [f"{path}: {problem}" for problem in lax_cookies(answer.headers.get_list("set-cookie"))]
    kind = answer.headers.get("content-type", "")
    if answer.content and answer.headers.get("x-content-type-options") != "nosniff":
        problems.append(f"{path}: {kind} may be sniffed")
    if not kind.startswith("text/html"):
        return problems
    policy = answer.headers["content-security-policy"]
    owner = "*" if path in FRAMED and answer.status_code == 200 else "'none'"
    wanted = {
        "policy": "default-src 'none'" in policy and "unsafe" not in policy and "base-uri 'none'" in policy,
        "scripts": "script-src" not in policy or f"{SCRIPTED};" in policy,
        "frames": f"frame-ancestors {owner};" in policy,
        "referrer": answer.headers.get("referrer-policy") in ("same-origin", "no-referrer"),
        "permissions": "geolocation=()" in answer.headers.get("permissions-policy", ""),
        "opener": answer.headers.get("cross-origin-opener-policy") == "same-origin",
        "embedder": answer.headers.get("cross-origin-resource-policy")
        == ("cross-origin" if owner == "*" else "same-origin"),
        "kept": one.who == VISITOR or "public" not in answer.headers.get("cache-control", ""),
    }
    return problems + [f"{path} as {one.who}: {name}" for name, is_so in wanted.items() if not is_so]


def lax_cookies(headers: list[str]) -> list[str]:
    """Say which cookies a script, another host or another site could reach."""
    found = []
    for header in headers:
        for name, cookie in SimpleCookie(header).items():
            is_bound = name.startswith("__Host-") and cookie["path"] == "/" and not cookie["domain"]
            if not (is_bound and cookie["secure"] and cookie["httponly"] and cookie["samesite"] in ("lax", "strict")):
                found.append(f"cookie {name} is {header.partition(';')[2]}")
    return found


async def test_no_form_is_taken_from_another_site_or_another_session(
    app: Starlette, town: Town, clients: Browsers
) -> None:
    stolen = await own_token(clients[MEMBER])
    before = await rows()
    wrong = []
    for route in routes():
        if "POST" not in (route.methods or ()):
            continue
        address, token = filled(route, town, DESK).partition("?")[0], {"form_token": stolen}
        tries: list[tuple[str, dict[str, str], dict[str, str]]] = [
            ("another site", {}, {"Origin": "https://far.test"}),
            ("another site by fetch", {}, {"Sec-Fetch-Site": "cross-site"}),
            ("a sister site", {}, {"Sec-Fetch-Site": "same-site"}),
        ]
        if route.path not in WITHOUT_SESSION:
            tries += [("no token", {}, {}), ("the token of somebody else", token, {})]
        for name, typed, headers in tries:
            answer = await clients[DESK].post(address, data={"do": "delete", **typed}, headers=headers)
            if answer.status_code != 403:
                wrong.append((route.path, name, answer.status_code))
        if route.path not in WITHOUT_SESSION:
            answer = await clients[VISITOR].post(address, data={"do": "delete"})
            if not (answer.status_code == 303 and answer.headers["location"].startswith("/login")):
                wrong.append((route.path, "nobody", answer.status_code))
    assert wrong == []
    assert await rows() == before


async def own_token(client: AsyncClient) -> str:
    """Give the token in the forms of somebody."""
    found = re.search(r'name="form_token" value="([^"]+)"', (await client.get("/me")).text)
    assert found is not None
    return found[1]
