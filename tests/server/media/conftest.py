"""Somebody who has pictures, and where their files are."""

import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from federation.context import Context
from models.actor import Actor
from models.media import Media
from server.config import Settings, read_settings
from server.media.actions import Upload, take
from server.media.storage import Folder
from server.media.store import MediaStore
from tests.pictures import photograph
from tests.server.api import app, log_in, public, zoe
from tests.world import ORIGIN

__all__ = ["app", "bring", "log_in", "public", "settings", "store", "zoe"]

Bring = Callable[..., Awaitable[Media]]


def folder_of(store: MediaStore) -> Folder:
    """The folder in which a server keeps its files."""
    assert isinstance(store.files, Folder)
    return store.files


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of a server whose data directory is the test's."""
    return read_settings({"COOPOLE_DATA": str(tmp_path), "COOPOLE_ORIGIN": ORIGIN})


@pytest.fixture
def store(settings: Settings) -> MediaStore:
    """The files of that server."""
    return MediaStore(settings)


@pytest.fixture
def bring(store: MediaStore, ctx: Context) -> Bring:
    """Have somebody bring a picture: `await bring(member, "Deux tours")`."""

    async def taken(owner: Actor, description: str = "", *, data: bytes = b"", kind: str = "image/jpeg") -> Media:
        data = data or photograph(size=(20, 10))
        with tempfile.TemporaryFile() as file:
            file.write(data)
            media = await take(owner, Upload(kind, len(data), file), store, ctx)
        media.description = description
        await media.save(update_fields=["description"])
        return media

    return taken
