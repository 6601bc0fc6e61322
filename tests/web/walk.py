"""Walking every page of a town: as a visitor, as a member, as somebody of the section, as whoever runs the server."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from httpx2 import AsyncClient, Response
from starlette.applications import Starlette
from starlette.routing import Route

from federation.context import Context
from models.member import Member
from server import notes
from server.front_door import Repeats
from server.kept_answers import KeptAnswers
from server.members.queries import password_mark
from server.sessions.actions import open_session
from tests.web.addresses import filled, routes
from tests.web.conftest import browser
from tests.web.town import Town

VISITOR, OUTSIDER, MEMBER, DESK = "visitor", "lou", "ali", "zoe"
ROLES = (VISITOR, OUTSIDER, MEMBER, DESK)
"""Who walks: nobody, a member who belongs to no section, one who belongs, one who holds the desk and runs the server."""

# Routes that show no page of their own to anybody, and why.
NO_PAGE: Mapping[str, str] = {
    "/setup/{token}": "opens once, before there is a town: tests/web/test_setup.py",
    "/login/passkey": "sends on to the form",
    "/login/second_step/passkey": "sends on to the form",
    "/logout": "sends on",
    "/home/live": "a stream of events",
    "/write/suggest": "a list for a script",
    "/actor": "sends on to the front page",
    "/actors/{id:row}": "sends on to the profile",
    "/posts/{id:row}": "sends on to the post",
    "/about/source.tar.gz": "a file",
    "/robots.txt": "a file",
    "/colours/{pair}.css": "a stylesheet",
    "/static/{path:path}": "files",
    "/embed/agenda.js": "a script for other sites",
}
FILES = re.compile(r"\.(atom|rss|json|ics|csv|xml|zip|png|jpg|webp|txt)$")
_OWN = re.compile(r'(name="form_token" value|name="challenge" value|data-[a-z]+)="[^"]*"')


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer: the route, who asked, under which address, what came back."""

    route: Route
    who: str
    address: str
    answer: Response

    @property
    def is_page(self) -> bool:
        """Whether it is a page, for people to read."""
        return self.answer.status_code == 200 and self.answer.headers["content-type"].startswith("text/html")


@asynccontextmanager
async def people(app: Starlette, town: Town, ctx: Context) -> AsyncIterator[dict[str, AsyncClient]]:
    """Give the browsers of all who walk, by ROLES."""
    async with AsyncExitStack() as stack:
        clients = {who: await stack.enter_async_context(browser(app)) for who in ROLES}
        for who in (OUTSIDER, MEMBER, DESK):
            login = await Member.get(actor__local_name=who)
            clients[who].cookies.set("__Host-coopole_session", await open_session(login, ctx))
        login = await Member.get(actor_id=town.lou.id)
        note = notes.sign("half in", f"{login.id}-{password_mark(login)}", ctx.now() + timedelta(minutes=5))
        clients[VISITOR].cookies.set("__Host-coopole_half_in", note)
        yield clients


async def walk(app: Starlette, town: Town, clients: Mapping[str, AsyncClient]) -> list[Seen]:
    """Ask for every address as everybody."""
    seen = []
    for route in routes():
        for who in ROLES if "GET" in (route.methods or ()) else ():
            app.state.kept_answers, app.state.repeats = KeptAnswers(), Repeats()
            address = filled(route, town, DESK if who == DESK else MEMBER)
            seen.append(Seen(route, who, address, await clients[who].get(address)))
    return seen


def pages(seen: list[Seen]) -> list[Seen]:
    """Choose the pages among what was seen, each once: for the least who sees it, and for others where it differs."""
    found: dict[tuple[str, str], Seen] = {}
    for one in seen:
        if one.is_page:
            found.setdefault((one.route.path, _OWN.sub("", one.answer.text)), one)
    return list(found.values())


def unseen(seen: list[Seen]) -> set[str]:
    """Name the routes that gave nobody a page, and have no reason not to."""
    shown = {one.route.path for one in seen if one.is_page}
    return {one.route.path for one in seen if not FILES.search(one.route.path)} - shown - set(NO_PAGE)
