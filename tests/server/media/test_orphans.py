"""Files that no row knows of, and rows whose files were lost."""

import os
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from federation.context import Context
from models.actor import Actor
from models.media import Media
from models.media_copy import MediaCopy
from server.housekeeping import run
from server.housekeeping.chores import Terms
from server.media.names import new_name, small_name
from server.media.store import MediaStore
from server.posts import actions
from server.posts.actions import Draft
from tests.server.media.conftest import Bring, folder_of
from tests.server.media.test_copies import hang
from tests.world import World

CHORE = "files that nothing knows of"


async def sweep(ctx: Context, store: MediaStore) -> int:
    return (await run.sweep(Terms(ctx.now(), 0, media=store), seconds=3600))[CHORE]


def leave(store: MediaStore, ctx: Context, *, age: timedelta, name: str = "") -> str:
    """Leave a file behind of which no row says anything."""
    name = name or new_name("jpg")
    path = folder_of(store).path_of(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    moment = (ctx.now() - age).timestamp()
    os.utime(path, (moment, moment))
    return name


async def test_a_file_without_a_row_goes_when_it_is_a_day_old(
    member: Actor, bring: Bring, store: MediaStore, ctx: Context
) -> None:
    media = await bring(member)
    await actions.publish(member, Draft("Voici", media=[media]), ctx)
    for name in (media.name, small_name(media.name)):
        os.utime(folder_of(store).path_of(name), (0, 0))
    old, new = leave(store, ctx, age=timedelta(days=2)), leave(store, ctx, age=timedelta(hours=2))
    small = leave(store, ctx, age=timedelta(days=2), name=small_name(new_name("png")))

    assert await sweep(ctx, store) == 2
    there = {path.name for path in store.folder.rglob("*") if path.is_file()}
    assert there == {media.name, small_name(media.name), new}
    assert not {old, small} & there


async def test_what_is_none_of_ours_is_left_alone(store: MediaStore, ctx: Context) -> None:
    strange = store.folder / "ab" / "cd" / "notes.txt"
    strange.parent.mkdir(parents=True)
    strange.write_bytes(b"x")
    os.utime(strange, (0, 0))

    assert await sweep(ctx, store) == 0
    assert strange.exists()


async def test_the_shelves_are_looked_at_once_a_day(store: MediaStore, ctx: Context, world: World) -> None:
    assert await sweep(ctx, store) == 0
    name = leave(store, ctx, age=timedelta(days=2))
    world.pass_time(hours=23)
    assert await sweep(ctx, store) == 0
    world.pass_time(hours=2)
    assert await sweep(ctx, store) == 1
    assert not folder_of(store).path_of(name).exists()


async def test_a_copy_whose_file_was_lost_is_forgotten_and_a_members_is_not(
    app: Starlette, public: AsyncClient, member: Actor, bring: Bring, store: MediaStore, ctx: Context, world: World
) -> None:
    media = await bring(member)
    await actions.publish(member, Draft("Voici", media=[media]), ctx)
    await public.get(hang(world))
    for path in [path for path in store.folder.rglob("*") if path.is_file()]:
        path.unlink()

    assert await sweep(ctx, store) == 1
    assert not await MediaCopy.exists()
    assert await Media.get(id=media.id)  # a backup may have its file


async def test_a_storage_out_of_reach_stops_no_other_chore(
    store: MediaStore, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*asked: Any) -> None:
        raise OSError("the bucket is away")

    for name in ("shelf", "remove"):
        monkeypatch.setattr(store.files, name, away)

    deleted = await run.sweep(Terms(ctx.now(), 0, media=store), seconds=3600)
    assert (deleted[CHORE], deleted["actors"]) == (0, 0)
