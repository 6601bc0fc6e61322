"""The fixed cast of the tests, and the outside world they play in."""

import gc
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from federation.actors import forget_signers
from federation.context import Context
from federation.verification import KEYS
from models import database, ids, secrets
from models.actor import Actor
from models.member import Member
from models.section import Section
from tests import databases, factories
from tests.databases import PostgresServer, SqliteTemplate
from tests.world import World

settings.register_profile("coopole", deadline=None, max_examples=int(os.environ.get("COOPOLE_TEST_EXAMPLES", "40")))
settings.load_profile("coopole")

SHARED = Path(__file__).parents[2] / "shared"
SLOW = ("tests/scenarios/", "tests/peers/", "tests/clients/")
WITH_DATABASE = frozenset({"database_url", "empty_database", "new_server", "postgres"})
# What these show of browsers and apps is the same on any database; what becomes of our rows in each is shown by the tests
# of the rooms, and by servers of ours and of others in conversation.
IN_A_BROWSER = (
    "accessibility", "composing", "desk", "embedding", "event_pages", "hostile_pages", "member_home", "organising", "pages",
    "passkeys", "repeating", "settings_pages", "visitors",
)  # fmt: skip
ON_ONE_DATABASE = (
    "tests/clients/",
    "tests/scenarios/test_clients.py",
    *(f"tests/scenarios/test_{name}.py" for name in IN_A_BROWSER),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add an option for a second run on another database: what has none would say the same again."""
    parser.addoption("--only-database", action="store_true", help="run only the tests that have a database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the files that start whole servers; leave out tests without a database where only others are wanted."""
    items.sort(key=lambda item: not item.nodeid.startswith(SLOW))
    if not config.getoption("--only-database"):
        return
    found = list(items)
    items[:] = [item for item in found if _depends_on_database(item)]
    config.hook.pytest_deselected(items=[item for item in found if not _depends_on_database(item)])


def _depends_on_database(item: pytest.Item) -> bool:
    has_one = not WITH_DATABASE.isdisjoint(getattr(item, "fixturenames", ()))
    return has_one and not item.nodeid.startswith(ON_ONE_DATABASE)


def pytest_collection_finish() -> None:
    """Spare the collector of garbage what was loaded: it will never be any."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    """A migrated SQLite file to copy."""
    return SqliteTemplate(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres() -> PostgresServer:
    """A running PostgreSQL."""
    return PostgresServer()


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty, migrated database, of the kind that this run tests on."""
    if databases.KIND == "sqlite":
        template: SqliteTemplate = request.getfixturevalue("sqlite_template")
        return template.fresh()
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.empty()


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[str]:
    """An open, empty database; its URL."""
    secrets.use_key(b"k" * 32)
    await database.open_database(database_url)
    if not database.is_postgres():
        await database.execute("PRAGMA synchronous=OFF")  # no test is about a power cut in this process
    await ids.claim_process_number()
    yield database_url
    await database.close_database()
    forget_signers()
    KEYS.forget()


@pytest.fixture
def now() -> datetime:
    """The moment at which every test begins."""
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def world() -> World:
    """The other servers of the fediverse, played in memory on names under .test."""
    return World()


@pytest.fixture
async def ctx(db: str, world: World, now: datetime) -> Context:
    """A Context whose network is `world`, whose clock stands at `now`, and whose queue only remembers."""
    return world.context(now)


@pytest.fixture
async def section(ctx: Context) -> Actor:
    """A section of ours: open to followers."""
    return await factories.section(ctx, "lille", "Section de Lille")


@pytest.fixture
async def main_section(section: Actor) -> Section:
    """The row of that section."""
    return await Section.get(actor_id=section.id).select_related("actor")


@pytest.fixture
async def member(ctx: Context) -> Actor:
    """A member of ours."""
    return await factories.member(ctx, "zoe", "Zoé")


@pytest.fixture
async def login(member: Actor) -> Member:
    """The login of that member."""
    return await Member.get(actor_id=member.id).select_related("actor")


@pytest.fixture
async def other_member(ctx: Context) -> Actor:
    """Another member of ours."""
    return await factories.member(ctx, "ali", "Ali")


@pytest.fixture
async def remote_actor(ctx: Context, world: World) -> Actor:
    """Somebody on another server, whom we have met; `world` holds their key and serves their document."""
    return await factories.remote_actor(ctx, world, "https://far.test/users/noor")


@pytest.fixture
async def stranger(ctx: Context, world: World) -> Actor:
    """Somebody on a third server, whom nobody here follows."""
    return await factories.remote_actor(ctx, world, "https://elsewhere.test/users/max")


@pytest.fixture
async def blocked_origin(ctx: Context) -> str:
    """The origin of a server that this one has blocked."""
    return await factories.blocked_origin("blocked.test")
