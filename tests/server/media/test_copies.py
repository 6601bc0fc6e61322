"""Pictures of other servers, as they are shown from here: fetched when somebody looks, within bounds, and not for ever."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from federation.context import Context
from federation.errors import ObjectGone
from federation.naming import Names
from models.host import DomainRule, Severity
from models.media_copy import MediaCopy, picture_key
from server.housekeeping import run
from server.housekeeping.chores import Terms
from server.media import copies
from server.media.addresses import copy_url, read_address, small_copy_url
from server.media.store import MediaStore
from tests.pictures import MAKER_NAME, bomb, moving, photograph
from tests.world import ORIGIN, World

URL = "https://files.far.test/media/1/original/deux%20tours.jpg?v=2"
NAMES = Names(ORIGIN)
COPIES = "copies of pictures"


def hang(world: World, data: bytes = b"", url: str = URL) -> str:
    """Have another server show a picture; its address here."""
    world.documents[url] = data or photograph()
    world.content_types[url] = "image/jpeg"
    return copy_url(url, NAMES)


@pytest.fixture
def files(app: Starlette) -> Any:
    """List the files that are kept."""
    folder: Path = app.state.media.folder
    return lambda: [path for path in folder.rglob("*") if path.is_file()]


async def test_a_picture_of_another_server_is_shown_from_here(public: AsyncClient, world: World, files: Any) -> None:
    address = hang(world)
    assert address.startswith(f"{ORIGIN}/media/copies/")
    assert "far.test" not in address

    for url, kind in ((address, "image/jpeg"), (small_copy_url(URL, NAMES), "image/webp")):
        answer = await public.get(url)
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.headers["cache-control"] == "private, max-age=604800"
        assert not {"set-cookie", "content-disposition"} & set(answer.headers)
        assert MAKER_NAME.encode() not in answer.content
        assert b"Exif" not in answer.content
    assert world.fetched == [URL]
    assert len(files()) == 2


async def test_what_moves_goes_on_moving_and_its_small_version_stands_still(public: AsyncClient, world: World) -> None:
    address = hang(world, moving())

    assert (await public.get(address)).headers["content-type"] == "image/gif"
    assert (await public.get(f"{address}/small")).headers["content-type"] == "image/webp"


async def test_everybody_who_looks_waits_for_one_fetch(public: AsyncClient, world: World) -> None:
    address = hang(world)

    answers = await asyncio.gather(*(public.get(address) for _ in range(8)))

    assert [answer.status_code for answer in answers] == [200] * 8
    assert world.fetched == [URL]
    assert await MediaCopy.all().count() == 1


@pytest.mark.parametrize(
    "path",
    [
        "x/y", "x/y/small", "x/y/large", f"{'A' * 22}/aHR0cHM6Ly9mYXIudGVzdC9hLnBuZw", "x/%00", "%2e%2e/%2e%2e", "é/é",
    ],
)  # fmt: skip
async def test_nobody_else_can_have_us_fetch(public: AsyncClient, world: World, path: str) -> None:
    assert (await public.get(f"/media/copies/{path}")).status_code == 404
    assert world.fetched == []


async def test_a_seal_fits_one_picture_alone(public: AsyncClient, world: World) -> None:
    address, other = hang(world), copy_url(f"{URL}&w=1", NAMES)
    mixed = f"{address.rpartition('/')[0]}/{other.rpartition('/')[2]}"

    assert (await public.get(mixed)).status_code == 404
    assert world.fetched == []


@given(url=st.text(min_size=1, max_size=300).map(lambda text: f"https://far.test/{text}"))
def test_an_address_says_which_picture_it_stands_for(url: str) -> None:
    address = copy_url(url.encode(errors="replace").decode(), NAMES)

    assert read_address(*address.split("/")[-2:]) == url.encode(errors="replace").decode()


@given(seal=st.text(max_size=30), spelled=st.text(max_size=60) | st.binary(max_size=40).map(lambda data: data.hex()))
def test_no_other_address_stands_for_one(seal: str, spelled: str) -> None:
    assert read_address(seal, spelled) is None


def test_what_is_ours_keeps_its_address() -> None:
    own = f"{ORIGIN}/media/{'a' * 32}.jpg"

    assert (copy_url(own, NAMES), small_copy_url(own, NAMES)) == (own, own)


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", b"<html>", b"GIF89a",
        photograph()[:-100], bomb(60_000, 60_000), b"\x00\x00\x00\x18ftypmp42" + bytes(100), b"%PDF-1.7",
    ],
)  # fmt: skip
async def test_what_is_no_picture_is_not_shown_and_not_asked_for_again(
    public: AsyncClient, world: World, files: Any, data: bytes
) -> None:
    address = hang(world, data)

    for _ in range(3):
        assert (await public.get(address)).status_code == 404
    assert world.fetched == [URL]
    assert files() == []


async def test_one_that_cannot_be_had_is_asked_for_later_and_later(public: AsyncClient, world: World) -> None:
    address, fetched = copy_url(URL, NAMES), []
    for minutes in (0, 9, 1, 59, 1, 6 * 60 - 1, 1, 36 * 60, 7 * 24 * 60 - 1, 1):
        world.pass_time(minutes=minutes)
        assert (await public.get(address)).status_code == 404
        fetched.append(len(world.fetched))

    assert fetched == [1, 1, 2, 2, 3, 3, 4, 5, 5, 6]
    hang(world)
    world.pass_time(days=7)
    assert (await public.get(address)).status_code == 200


async def test_one_that_is_too_large_is_not_taken(
    app: Starlette, public: AsyncClient, world: World, files: Any
) -> None:
    app.state.media.max_bytes = 500

    assert (await public.get(hang(world))).status_code == 404
    assert files() == []


@pytest.mark.parametrize("rule", [{"severity": Severity.SUSPEND}, {"severity": Severity.NONE, "rejects_media": True}])
async def test_a_rule_for_a_domain_counts_for_its_pictures_too(
    public: AsyncClient, world: World, rule: dict[str, Any]
) -> None:
    address, other = hang(world), hang(world, url=f"{URL}&w=1")
    assert (await public.get(address)).status_code == 200
    await DomainRule.create(domain="far.test", **rule)

    assert (await public.get(address)).status_code == 404
    assert (await public.get(other)).status_code == 404
    assert world.fetched == [URL]


async def test_a_host_that_has_just_failed_is_not_asked_for_the_next(public: AsyncClient, world: World) -> None:
    urls = [f"https://slow.test/{number}.png" for number in range(5)]
    for url in urls:
        world.statuses[url] = 0

    for url in urls:
        assert (await public.get(copy_url(url, NAMES))).status_code == 404
    assert world.fetched == urls[:1]
    assert (await public.get(hang(world))).status_code == 200  # another host is not concerned

    world.pass_time(minutes=11)
    assert (await public.get(copy_url(urls[1], NAMES))).status_code == 404
    assert world.fetched[2:] == [urls[1]]


async def test_more_than_can_be_fetched_is_put_off(
    public: AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = hang(world)
    for name in ("MAX_WAITING", "MAX_WAITING_FOR_A_HOST"):
        with monkeypatch.context() as patched:
            patched.setattr(copies, name, 0)
            answer = await public.get(address)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert not await MediaCopy.exists()
    assert (await public.get(address)).status_code == 200


@pytest.mark.parametrize(("hosts", "most"), [(1, copies.AT_ONCE_OF_A_HOST), (5, copies.AT_ONCE)])
async def test_few_are_fetched_at_once_and_fewer_of_a_host(
    public: AsyncClient, ctx: Context, monkeypatch: pytest.MonkeyPatch, hosts: int, most: int
) -> None:
    running, seen, go = 0, [], asyncio.Event()

    async def slowly(client: Any, url: str, *asked: Any, **more: Any) -> Any:
        nonlocal running
        running += 1
        seen.append(running)
        await go.wait()
        running -= 1
        raise ObjectGone(url)

    monkeypatch.setattr(type(ctx.client), "download", slowly)
    addresses = [copy_url(f"https://far{number % hosts}.test/{number}.png", NAMES) for number in range(20)]
    asked = [asyncio.create_task(public.get(address)) for address in addresses]
    while len(seen) < most:
        await asyncio.sleep(0)
    go.set()
    await asyncio.gather(*asked)

    assert (max(seen), len(seen)) == (most, 20)


async def test_a_full_disk_is_no_fault_of_the_picture(
    public: AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = hang(world)
    with monkeypatch.context() as patched:
        patched.setattr("server.media.store.LEAST_FREE_BYTES", 2**62)
        assert (await public.get(address)).status_code == 503
    assert not await MediaCopy.exists()
    assert (await public.get(address)).status_code == 200


async def test_a_disk_that_fills_meanwhile_is_no_fault_of_the_picture_either(
    public: AsyncClient, world: World, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*asked: Any, **more: Any) -> Any:
        raise OSError(28, "No space left on device")

    address = hang(world)
    with monkeypatch.context() as patched:
        patched.setattr(type(ctx.client), "download", full)
        assert (await public.get(address)).status_code == 503
    assert (await public.get(address)).status_code == 200


async def test_a_copy_whose_file_was_lost_is_fetched_anew(
    app: Starlette, public: AsyncClient, world: World, files: Any
) -> None:
    address = hang(world)
    await public.get(address)
    for path in files():
        path.unlink()

    assert (await public.get(address)).status_code == 404
    assert (await public.get(address)).status_code == 200


async def sweep(ctx: Context, store: MediaStore, **terms: int) -> int:
    return (await run.sweep(Terms(ctx.now(), 0, media=store, **terms), seconds=3600))[COPIES]


async def test_copies_are_kept_for_so_many_days(
    app: Starlette, public: AsyncClient, world: World, ctx: Context, files: Any
) -> None:
    address = hang(world)
    await public.get(address)
    await public.get(copy_url("https://far.test/gone.png", NAMES))
    world.pass_time(days=6)
    assert await sweep(ctx, app.state.media, copy_days=7) == 0
    world.pass_time(days=2)
    assert await sweep(ctx, app.state.media, copy_days=7) == 2

    assert (files(), await MediaCopy.exists()) == ([], False)
    assert (await public.get(address)).status_code == 200


async def test_copies_take_no_more_than_so_much(
    app: Starlette, public: AsyncClient, world: World, ctx: Context, files: Any
) -> None:
    urls = [f"https://far.test/{number}.jpg" for number in range(5)]
    for url in urls:
        await public.get(hang(world, url=url))
        world.pass_time(minutes=1)
    one = (await MediaCopy.of(picture_key(urls[0])) or MediaCopy()).size_bytes
    assert one == sum(path.stat().st_size for path in files()) // 5

    assert await sweep(ctx, app.state.media, copy_bytes=one * 3) == 2
    assert [await MediaCopy.of(picture_key(url)) is not None for url in urls] == [False, False, True, True, True]
    assert len(files()) == 6
    assert await sweep(ctx, app.state.media, copy_bytes=one * 3) == 0


async def test_housekeeping_says_what_would_go(
    app: Starlette, public: AsyncClient, world: World, ctx: Context, files: Any
) -> None:
    await public.get(hang(world))
    world.pass_time(days=31)

    assert (await run.would_go(Terms(ctx.now(), 0, media=app.state.media)))[COPIES] == 1
    assert len(files()) == 2


def test_what_is_remembered_of_a_picture_does_not_grow_for_ever(ctx: Context) -> None:
    assert copies.MAX_RESTING * len(URL) < 2**20
    assert timedelta(minutes=10) > copies.HOST_RESTS_FOR
