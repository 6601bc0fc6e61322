"""What every process opens before it works, and closes after."""

import asyncio
from pathlib import Path

import pytest
from tortoise.exceptions import BaseORMException
from tortoise.exceptions import ConfigurationError as NotOpen

from federation.actors import signer_of
from federation.errors import RejectedByPolicy
from models import database
from models.actor import Actor, ActorKey, ActorType
from models.secrets import WrongKey
from server.config import ConfigurationError, Settings, read_settings
from server.runtime import http_client, instance_actor, running

SECRET = "ab" * 32


def settings_of(url: str, tmp_path: Path, **more: str) -> Settings:
    """The settings of an installation on a database."""
    values = {"DATA": str(tmp_path), "DATABASE_URL": url, "SECRET_KEY": SECRET, "ORIGIN": "https://lille.test"}
    return read_settings({f"COOPOLE_{name}": value for name, value in (values | more).items()})


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """An installation whose tables are there."""
    return settings_of(database_url, tmp_path)


async def test_a_process_has_an_actor_of_the_server_that_signs_its_fetches(settings: Settings) -> None:
    async with running(settings) as ctx:
        actor = await Actor.get(uri="https://lille.test/actor")
        assert (actor.type, actor.is_local, actor.is_discoverable) == (ActorType.APPLICATION, True, False)
        assert await ActorKey.filter(actor_id=actor.id).count() == 2
        assert ctx.signer is not None
        assert ctx.signer.key_id == "https://lille.test/actor#main-key"
        assert ctx.now().tzinfo is not None


async def test_the_next_process_has_the_same_actor(settings: Settings) -> None:
    for _ in range(2):
        async with running(settings):
            assert await Actor.all().count() == 1


async def test_processes_that_start_at_the_same_moment_agree_on_one_actor(settings: Settings) -> None:
    async with running(settings):
        await Actor.all().delete()
        actors = await asyncio.gather(*(instance_actor(settings) for _ in range(4)))
        assert len({actor.id for actor in actors}) == 1
        assert await ActorKey.all().count() == 2


async def test_what_was_opened_is_closed(settings: Settings) -> None:
    async with running(settings):
        pass
    with pytest.raises((BaseORMException, NotOpen)):
        await Actor.all().count()


async def test_what_was_opened_is_closed_after_an_error_too(settings: Settings) -> None:
    with pytest.raises(RuntimeError, match="in the middle"):
        async with running(settings):
            raise RuntimeError("in the middle")
    with pytest.raises((BaseORMException, NotOpen)):
        await Actor.all().count()


async def test_without_a_secret_key_nothing_opens(database_url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no secret key"):
        async with running(settings_of(database_url, tmp_path, SECRET_KEY="")):
            pass


async def test_a_secret_key_of_another_length_is_refused(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(b"short")
    with pytest.raises(ValueError, match="32 bytes"):
        async with running(settings_of(database_url, tmp_path, SECRET_KEY="")):
            pass


async def test_another_secret_key_than_the_databases_is_refused(
    settings: Settings, database_url: str, tmp_path: Path
) -> None:
    async with running(settings):
        pass
    with pytest.raises(WrongKey):
        async with running(settings_of(database_url, tmp_path, SECRET_KEY="cd" * 32)):
            pass


async def test_tables_of_another_version_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="coopole migrate"):
        async with running(settings_of(f"sqlite:///{tmp_path}/empty.db", tmp_path)):
            pass
    await database.close_database()


async def test_a_server_with_a_name_visits_no_private_address(settings: Settings) -> None:
    client = http_client(settings)
    for url in ("https://127.0.0.1/", "http://lille.example/", "https://[::1]/", "https://10.0.0.1/"):
        with pytest.raises(RejectedByPolicy):
            await client.get(url, accept="*/*")
    await client.close()


async def test_keys_are_forgotten_with_the_database_that_held_them(settings: Settings) -> None:
    async with running(settings) as ctx:
        actor = await Actor.get(uri=ctx.names.instance_actor)
        first = await signer_of(actor.id)
        assert await signer_of(actor.id) is first
    async with running(settings):
        assert await signer_of(actor.id) is not first
