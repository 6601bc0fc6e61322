"""What each page costs whoever opens it: requests, bytes, and questions to the database.

Bytes are those that a reverse proxy sends (docs/deploy.md), which packs text; pictures are not counted, as they come when
they are looked at. What a page weighs without packing is bounded, too.
"""

import gzip
from dataclasses import dataclass

from bs4 import BeautifulSoup
from httpx2 import AsyncClient
from starlette.applications import Starlette

from federation.context import Context
from server.front_door import Repeats
from server.kept_answers import KeptAnswers
from tests.web.test_queries import needs_sqlite, statements
from tests.web.town import build
from tests.web.walk import Seen, pages, people, walk
from tests.world import World

FIRST_VIEW_BYTES = 100_000
UNPACKED_BYTES = 220_000
MOST_REQUESTS = 10
PACKED = ("text/", "application/json", "image/svg+xml")
FETCHED = "link[rel=stylesheet], link[rel=preload], link[rel=icon], script[src]"
# Pages that ask the database more often than others do, and why.
USUAL_QUESTIONS = 40
QUESTIONS = {"/me/data": 90}
"""Everything that is known about somebody is read from every table."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one page costs on a first visit."""

    requests: int
    sent_bytes: int
    whole_bytes: int


async def cost(page: Seen, client: AsyncClient, weights: dict[str, tuple[int, int]]) -> Cost:
    """Weigh a page with all that a browser fetches for it; `weights` holds what was weighed before."""
    document = BeautifulSoup(page.answer.text, "html.parser")
    fetched = {str(element.get("href") or element["src"]) for element in document.select(FETCHED)}
    for address in fetched - set(weights):
        answer = await client.get(address)
        assert answer.status_code == 200, address
        weights[address] = weight(answer.content, answer.headers["content-type"])
    sent, whole = weight(page.answer.content, "text/html")
    parts = [weights[address] for address in fetched]
    return Cost(1 + len(fetched), sent + sum(part[0] for part in parts), whole + sum(part[1] for part in parts))


def weight(content: bytes, kind: str) -> tuple[int, int]:
    """Count the bytes of an answer: (as they are sent, as they are)."""
    return len(gzip.compress(content)) if kind.startswith(PACKED) else len(content), len(content)


async def test_every_page_is_light(app: Starlette, ctx: Context, world: World) -> None:
    town, weights = await build(ctx, world), {}
    async with people(app, town, ctx) as clients:
        shown = pages(await walk(app, town, clients))
        costs = {(one.who, one.address): await cost(one, clients[one.who], weights) for one in shown}
    heavy = {
        name: found
        for name, found in costs.items()
        if found.sent_bytes > FIRST_VIEW_BYTES or found.whole_bytes > UNPACKED_BYTES or found.requests > MOST_REQUESTS
    }
    print(f"heaviest: {sorted((found.sent_bytes, *name) for name, found in costs.items())[-3:]}")
    assert heavy == {}
    assert len(costs) >= 80


@needs_sqlite
async def test_every_page_asks_the_database_little(app: Starlette, ctx: Context, world: World) -> None:
    town = await build(ctx, world)
    async with people(app, town, ctx) as clients:
        found = {}
        for one in pages(await walk(app, town, clients)):
            app.state.kept_answers, app.state.repeats, app.state.site = KeptAnswers(), Repeats(), None
            with statements() as seen:
                await clients[one.who].get(one.address)
            found[one.route.path] = max(len(seen), found.get(one.route.path, 0))
    print(f"most questions: {sorted((count, path) for path, count in found.items())[-5:]}")
    assert {path: count for path, count in found.items() if count > QUESTIONS.get(path, USUAL_QUESTIONS)} == {}
