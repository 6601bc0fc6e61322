"""Servers whose every byte is kept, and somebody curious, who asks them for all that has an address."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import aiohttp
from starlette.routing import Route

from server.mastodon.routes import API
from server.routes import ROUTES
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import PASSWORD, Server
from tests.scenarios.wiretap import Talk, Wiretap
from web.routes import ROUTES as PAGES

ACCEPTS = ("application/activity+json", "text/html")
BY_NAME = {"From": "by-name@curious.test"}  # who asks for what they know a name of already
CURIOUS = {"From": "curious@curious.test"}  # a member who asks for what is none of their business

_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
_ANYTHING = {
    "token": "x" * 43, "name": "lille", "version": "2.1", "pair": "x-y", "path": "favicon.svg", "key": "x", "emoji": "x",
    "seal": "x", "spelled": "x", "note": "x", "behind": "0", "mark": "none", "date": "2026-01-01", "part": "followers",
    "table": "following_accounts",
}  # fmt: skip
_LEFT_OUT = ("/about/source.tar.gz",)  # this program, with these words in it


@dataclass
class Trio:
    """Three servers, and the ear on all their wires."""

    ear: Wiretap
    lille: Server
    brest: Server
    paris: Server

    @property
    def servers(self) -> tuple[Server, ...]:
        return self.lille, self.brest, self.paris

    def talks(self, *, but: tuple[tuple[Server, Server], ...] = ()) -> list[Talk]:
        """Everything said, but to a member by their own server, to who knows a name already, and between these pairs."""
        return [
            talk
            for talk in self.ear.talks
            if (talk.other != "member" or CURIOUS["From"].encode() in talk.asked)
            and BY_NAME["From"].encode() not in talk.asked
            and not any(talk.between(one.netloc, other.netloc) for one, other in but)
        ]


def start(new_server: NewServer) -> Trio:
    """Start three servers, listened to from their first byte."""
    ear = Wiretap()
    names = (("lille", "Section de Lille"), ("brest", "Section de Brest"), ("paris", "Bureau national"))
    servers = [new_server(handle, name, start=False) for handle, name in names]
    for server in servers:
        ear.listen_to(server)
        server.start()
    return Trio(ear, *servers)


def addresses(usernames: Sequence[str], ids: Sequence[int], *, api_alone: bool = False) -> Iterator[str]:
    """Give every address of a server that is read, with each of these in the place of a username or of an id."""
    pages = [route.path for route in (*ROUTES, *PAGES) if isinstance(route, Route) and "GET" in (route.methods or ())]
    doors = [f"/api{route.path}" for route in API if "GET" in (route.methods or ())]
    for path in dict.fromkeys(doors if api_alone else (*doors, *pages)):
        if path not in _LEFT_OUT:
            yield from _filled(path, usernames, ids)


def _filled(path: str, usernames: Sequence[str], ids: Sequence[int]) -> Iterator[str]:
    known: Mapping[str, Sequence[object]] = {"username": usernames, "id": ids}
    written = _PARAMETER.sub(r"{\1}", path)
    names = _PARAMETER.findall(path)
    for values in product(*(known.get(name) or [_ANYTHING[name]] for name in names)):
        yield written.format(**dict(zip(names, values, strict=True)))


async def ask(session: aiohttp.ClientSession, target: str, accept: str = "*/*") -> int:
    """Ask for one thing and read it to its end; the status."""
    async with session.get(target, headers={"Accept": accept}) as answer:
        await answer.read()
        return answer.status


async def ask_for_everything(server: Server, usernames: Sequence[str], ids: Sequence[int]) -> int:
    """Ask as nobody for everything that a server shows; how many answers were given."""
    async with aiohttp.ClientSession() as session:
        statuses = [
            await ask(session, server.origin + path, accept)
            for path in addresses(usernames, ids)
            for accept in (ACCEPTS[:1] if path.startswith("/api/") else ACCEPTS)  # which always answers in JSON
        ]
    return statuses.count(200)


async def ask_as_a_member(server: Server, member: str, usernames: Sequence[str], ids: Sequence[int]) -> int:
    """Ask for the same as a member, in a browser and as a client program; how many answers were given."""
    jar = aiohttp.CookieJar(unsafe=True)  # of a host that is a number, too
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        async with session.get(f"{server.origin}/login") as answer:
            found = re.search(r'name="form_token" value="([^"]+)"', await answer.text())
        assert found is not None
        typed = {"form_token": found[1], "name": member, "password": PASSWORD, "next": "/me"}
        async with session.post(
            f"{server.origin}/login", data=typed, headers={"Origin": server.origin}, allow_redirects=False
        ) as answer:
            assert (answer.status, answer.headers["location"]) == (303, "/me")
        statuses = [await ask(session, server.origin + path, "text/html") for path in addresses(usernames, ids)]
    token = {"Authorization": f"Bearer {server.token(member)}"}
    async with aiohttp.ClientSession(headers=token | CURIOUS) as session:
        for path in addresses(usernames, ids, api_alone=True):
            if not path.startswith("/api/v1/streaming"):  # which says nothing yet, for as long as one listens
                statuses.append(await ask(session, server.origin + path, "application/json"))
    return statuses.count(200)
