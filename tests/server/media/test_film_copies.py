"""Films and sounds of other servers, as they are played from here: fetched when somebody starts one, within bounds."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from federation.context import Context
from federation.naming import Names
from models.actor import Actor
from models.host import DomainRule, Severity
from models.media_copy import MediaCopy, film_key
from models.post import Attachment
from server.housekeeping import run
from server.housekeeping.chores import Terms
from server.media import copies
from server.media.addresses import copy_url, film_url
from server.media.films import FilmMaker
from tests import factories
from tests.federation.loopback import Hang, Reply, connect, redirect, serve
from tests.films import FFMPEG, film, sound
from tests.pictures import photograph
from tests.server.mastodon.shapes import STATUS, problems
from tests.world import ORIGIN, World

URL = "https://files.far.test/media/1/original/tram.mp4"
NAMES = Names(ORIGIN)


@pytest.fixture(autouse=True)
def ffmpeg(app: Starlette, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install ffmpeg for this server."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "ffmpeg").symlink_to(FFMPEG)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    app.state.media.films = FilmMaker()


def hang(world: World, data: bytes = b"", url: str = URL, kind: str = "video/mp4") -> str:
    """Have another server offer a film; its address here."""
    world.documents[url] = data or film()
    world.content_types[url] = kind
    return film_url(url, NAMES)


def files(app: Starlette) -> list[Path]:
    """List the files that are kept."""
    return [path for path in app.state.media.folder.rglob("*") if path.is_file()]


async def shown(client: AsyncClient, author: Actor, media_type: str = "video/mp4", url: str = URL) -> tuple[str, Any]:
    """The address of a post that shows a film, and the function that asks for the film as an app sees it."""
    post = await factories.post(author)
    await Attachment.create(post=post, media_type=media_type, url=url, width=128, height=96)

    async def look() -> Any:
        status = (await client.get(f"/api/v1/statuses/{post.id}")).json()
        assert problems(status, STATUS, "") == []
        return status["media_attachments"][0]

    return post.url, look


async def test_a_film_of_another_server_is_played_from_here(
    zoe: AsyncClient, public: AsyncClient, world: World, app: Starlette, remote_actor: Actor
) -> None:
    address = hang(world)
    _, look = await shown(zoe, remote_actor)
    before = await look()
    assert (before["type"], before["url"], before["remote_url"], before["preview_url"]) == ("video", address, URL, None)
    assert world.fetched == []  # nobody has started it

    answer = await public.get(address)
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "video/mp4", film())
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["cache-control"] == "private, max-age=604800"
    part = await public.get(address, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, film()[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(film())}"
    assert world.fetched == [URL]

    after = await look()
    assert (after["type"], after["preview_url"]) == ("video", f"{address}/small")
    assert 0.8 < after["meta"]["original"]["duration"] < 1.3
    assert (after["meta"]["fps"], after["meta"]["original"]["frame_rate"]) == (25, "25/1")
    small = await public.get(after["preview_url"])
    assert (small.status_code, small.headers["content-type"]) == (200, "image/webp")
    assert len(files(app)) == 2


async def test_a_short_film_without_sound_is_known_for_a_gifv_once_it_is_here(
    zoe: AsyncClient, public: AsyncClient, world: World, remote_actor: Actor
) -> None:
    address = hang(world, film(sound=False))
    _, look = await shown(zoe, remote_actor)
    assert (await look())["type"] == "video"

    assert (await public.get(address)).status_code == 200
    assert (await look())["type"] == "gifv"


async def test_a_long_film_without_sound_stays_a_film(
    zoe: AsyncClient, public: AsyncClient, world: World, remote_actor: Actor
) -> None:
    address = hang(world, film(sound=False, seconds=61, rate=1, size="32x32"))
    _, look = await shown(zoe, remote_actor)

    assert (await public.get(address)).status_code == 200
    assert (await look())["type"] == "video"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (sound("mp3"), "audio/mpeg"), (sound("ogg"), "audio/ogg"), (sound("flac"), "audio/flac"),
        (sound("wav"), "audio/wav"), (film(kind="webm"), "video/webm"), (film(kind="mov"), "video/quicktime"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("has_ffmpeg", [True, False])
async def test_what_it_is_is_read_out_of_it_whatever_its_server_says(
    public: AsyncClient,
    world: World,
    app: Starlette,
    monkeypatch: pytest.MonkeyPatch,
    data: bytes,
    kind: str,
    has_ffmpeg: bool,
) -> None:
    if not has_ffmpeg:
        monkeypatch.setattr(app.state.media.films, "_ffmpeg", None)
    address = hang(world, data, kind="text/html")

    answer = await public.get(address)
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, kind, data)
    has_picture = has_ffmpeg and kind.startswith("video/")
    assert (await public.get(f"{address}/small")).status_code == (200 if has_picture else 404)


DAMAGED = b"\x00\x00\x00\x18ftypmp42" + bytes(100)


@pytest.mark.parametrize(
    "data",
    [
        b"<html>", photograph(), DAMAGED, b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", film()[:400],
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", b"",
    ],
)  # fmt: skip
async def test_what_is_no_film_is_not_given_out_and_stays_where_it_is(
    zoe: AsyncClient, public: AsyncClient, world: World, app: Starlette, remote_actor: Actor, data: bytes
) -> None:
    world.documents[URL] = data
    world.content_types[URL] = "video/mp4"
    address = film_url(URL, NAMES)
    _, look = await shown(zoe, remote_actor)

    for _ in range(2):
        assert (await public.get(address)).status_code == 404
    assert (world.fetched, files(app)) == ([URL], [])
    found = await look()
    assert (found["type"], found["url"], found["preview_url"]) == ("video", URL, None)


async def test_without_ffmpeg_the_first_bytes_decide(
    public: AsyncClient, world: World, app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.state.media.films, "_ffmpeg", None)

    assert (await public.get(hang(world, DAMAGED))).headers["content-type"] == "video/mp4"
    assert (await public.get(hang(world, b"<html>", "https://far.test/2.mp4"))).status_code == 404


async def test_a_picture_of_a_film_is_no_reason_to_fetch_it(public: AsyncClient, world: World) -> None:
    assert (await public.get(f"{hang(world)}/small")).status_code == 404
    assert world.fetched == []


@pytest.mark.parametrize("path", ["x/y", "x/y/small", f"{'A' * 22}/aHR0cHM6Ly9mYXIudGVzdC9hLm1wNA", "é/é"])
async def test_nobody_else_can_have_us_fetch(public: AsyncClient, world: World, path: str) -> None:
    assert (await public.get(f"/media/films/{path}")).status_code == 404
    assert world.fetched == []


async def test_the_seal_of_a_picture_opens_no_film(public: AsyncClient, world: World) -> None:
    hang(world)
    for address in (
        copy_url(URL, NAMES).replace("/copies/", "/films/"),
        film_url(URL, NAMES).replace("/films/", "/copies/"),
    ):
        assert (await public.get(address)).status_code == 404
    assert world.fetched == []


@pytest.mark.parametrize("rule", [{"severity": Severity.SUSPEND}, {"severity": Severity.NONE, "rejects_media": True}])
async def test_a_rule_for_a_domain_counts_for_its_films_too(
    public: AsyncClient, world: World, rule: dict[str, Any]
) -> None:
    address = hang(world)
    assert (await public.get(address)).status_code == 200
    await DomainRule.create(domain="far.test", **rule)

    for path in (address, f"{address}/small", hang(world, url="https://files.far.test/2.mp4")):
        assert (await public.get(path)).status_code == 404
    assert world.fetched == [URL]


async def test_everybody_who_plays_it_waits_for_one_fetch(public: AsyncClient, world: World) -> None:
    address = hang(world)

    answers = await asyncio.gather(*(public.get(address, headers={"Range": "bytes=0-9"}) for _ in range(6)))

    assert [answer.content for answer in answers] == [film()[:10]] * 6
    assert world.fetched == [URL]


async def test_more_than_can_be_fetched_is_put_off(
    public: AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = hang(world)
    with monkeypatch.context() as patched:
        patched.setattr(copies, "MAX_WAITING", 0)
        assert (await public.get(address)).status_code == 503
    assert not await MediaCopy.exists()


async def test_a_server_that_is_away_may_have_it_another_time(
    zoe: AsyncClient, public: AsyncClient, world: World, remote_actor: Actor
) -> None:
    address = film_url(URL, NAMES)
    world.statuses[URL] = 0
    _, look = await shown(zoe, remote_actor)

    assert (await public.get(address)).status_code == 404
    assert (await look())["url"] == address
    del world.statuses[URL]
    hang(world)
    world.pass_time(minutes=11)
    assert (await public.get(address)).status_code == 200


async def test_films_go_with_the_other_copies(public: AsyncClient, world: World, app: Starlette, ctx: Context) -> None:
    address = hang(world)
    await public.get(address)
    one = await MediaCopy.get(key=film_key(URL))
    assert one.size_bytes == sum(path.stat().st_size for path in files(app))

    terms = Terms(ctx.now(), 0, media=app.state.media, copy_bytes=one.size_bytes - 1)
    assert (await run.sweep(terms, seconds=3600))["copies of pictures"] == 1
    assert (files(app), await MediaCopy.exists()) == ([], False)
    assert (await public.get(address)).status_code == 200


async def test_a_film_whose_file_was_lost_is_fetched_anew(public: AsyncClient, world: World, app: Starlette) -> None:
    address = hang(world)
    await public.get(address)
    for path in files(app):
        path.unlink()

    assert (await public.get(address)).status_code == 404
    assert (await public.get(address)).status_code == 200


# Servers that mean harm, over the wire


ENDLESS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"8000\r\n" + b"x" * 0x8000 + b"\r\n") * 8
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: "


@contextmanager
def over_the_wire(app: Starlette, ctx: Context, client: Any) -> Iterator[None]:
    """Have this server ask by a real client."""
    app.state.context = replace(ctx, client=client)
    yield
    app.state.context = ctx


@pytest.mark.parametrize(
    ("reply", "is_elsewhere"),
    [
        (Reply(raw=ENDLESS), True),
        (Reply(raw=HEAD + b"99999999999\r\n\r\n"), True),
        (Reply(raw=HEAD + b"200000\r\n\r\n" + film()[:5000], closes=True), False),  # less than it says
        (Reply(raw=HEAD + b"100\r\n\r\n" + film(), closes=True), False),  # more than it says
        (Reply(raw=HEAD + b"-1\r\n\r\n" + film(), closes=True), False),
        (Reply(body=b"<html>", headers=[("Content-Type", "video/mp4")]), True),
        (redirect("http://127.0.0.1:22/tram.mp4"), True),
        (Hang(), False),
    ],
)
async def test_a_server_that_means_harm_gets_nothing_kept(
    public: AsyncClient, app: Starlette, ctx: Context, monkeypatch: pytest.MonkeyPatch, reply: Reply, is_elsewhere: bool
) -> None:
    monkeypatch.setattr("server.media.film_copies.FETCH_SECONDS", 0.5)
    app.state.media.max_copied_film_bytes = 200_000
    async with serve() as server, connect() as client:
        server.replies["/tram.mp4"] = reply
        with over_the_wire(app, ctx, client):
            answer = await public.get(film_url(f"{server.origin}/tram.mp4", NAMES))

    assert answer.status_code == 404
    assert files(app) == []
    assert (await MediaCopy.get()).is_elsewhere is is_elsewhere


async def test_a_film_comes_over_the_wire_onto_the_disk(public: AsyncClient, app: Starlette, ctx: Context) -> None:
    async with serve() as server, connect() as client:
        server.replies["/tram.mp4"] = Reply(body=film())
        with over_the_wire(app, ctx, client):
            answer = await public.get(film_url(f"{server.origin}/tram.mp4", NAMES))

    assert (answer.status_code, answer.content) == (200, film())
    assert "signature" not in server.received[0].headers
