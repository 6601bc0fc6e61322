"""A server with two members, Inès and Ali, and their clients."""

from collections.abc import Iterator

import httpx2
import pytest
from mastodon import Mastodon

from tests.clients.toot import Toot
from tests.clients.watching import COVERED, Journal, Watched, by_hand
from tests.scenarios.conftest import NewServer, browser, new_server
from tests.scenarios.server import ADMIN, Server

__all__ = ["browser", "new_server"]


@pytest.fixture(scope="module")
def server(new_server: NewServer) -> Server:
    """A server with two members, Inès, who looks after it, and Ali."""
    server = new_server("lille", "Section de Lille")
    server.add_member("ali")
    return server


@pytest.fixture(scope="module")
def journal() -> Journal:
    """What the clients of this file ask for."""
    return Journal()


@pytest.fixture(autouse=True)
def _rows_are_asked_for(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hold a test to the rows that it says it covers."""
    rows = getattr(request.function, COVERED, ())
    if rows:
        kept: Journal = request.getfixturevalue("journal")
        kept.asked.clear()
    yield
    if rows:
        kept.check(rows)


@pytest.fixture(scope="module")
def ines(server: Server, journal: Journal) -> Mastodon:
    """Mastodon.py of Inès."""
    return Watched(journal, access_token=server.token(ADMIN), api_base_url=server.origin)


@pytest.fixture(scope="module")
def ali(server: Server, journal: Journal) -> Mastodon:
    """Mastodon.py of Ali."""
    return Watched(journal, access_token=server.token("ali"), api_base_url=server.origin)


@pytest.fixture(scope="module")
def public(server: Server, journal: Journal) -> Mastodon:
    """Mastodon.py of somebody who is not logged in."""
    return Watched(journal, api_base_url=server.origin)


@pytest.fixture(scope="module")
def http(server: Server, journal: Journal) -> Iterator[httpx2.Client]:
    """Plain HTTP in the name of Inès."""
    with by_hand(journal, server.origin, server.token(ADMIN)) as client:
        yield client


@pytest.fixture(scope="module")
def toot(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Toot:
    """The toot of Inès."""
    return Toot(tmp_path_factory.mktemp("toot"), server)
