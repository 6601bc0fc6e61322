"""Films and sounds: made anew by ffmpeg where it is installed, in the background where that takes long; else refused."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from federation.context import Context
from models.media import Media, MediaState, small_url
from models.post import Attachment
from server.housekeeping import run
from server.housekeeping.chores import Terms
from server.media import developing, films
from server.media.films import FilmMaker
from server.media.store import MediaStore
from tests.films import FFMPEG, PLACE, TELEPHONE, film, packed, sound
from tests.pictures import photograph
from tests.server.mastodon.shapes import ATTACHMENT, or_null, problems, url
from tests.world import World

MOVING = ATTACHMENT | {"url": or_null(url)}


@pytest.fixture(autouse=True)
def ffmpeg(app: Starlette, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install ffmpeg for this server."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "ffmpeg").symlink_to(FFMPEG)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    app.state.media.films = FilmMaker()


async def bring(client: AsyncClient, data: bytes, kind: str = "video/mp4", version: str = "v2", **more: Any) -> Any:
    files = {"file": ("film", data, kind)} | more.pop("files", {})
    return await client.post(f"/api/{version}/media", files=files, data=more)


@pytest.mark.parametrize("kind", ["mp4", "mov", "webm"])
async def test_a_film_is_made_anew_and_says_nothing_of_where_and_by_what(
    zoe: AsyncClient, public: AsyncClient, app: Starlette, kind: str
) -> None:
    data = film(kind=kind)
    assert TELEPHONE.encode() in data

    answer = await bring(zoe, data, f"video/{kind}", description="Deux tours")
    found = answer.json()
    assert (answer.status_code, problems(found, ATTACHMENT, "")) == (200, [])
    assert (found["type"], found["description"]) == ("video", "Deux tours")
    assert found["url"].endswith(".mp4")
    original = found["meta"]["original"]
    assert (original["width"], original["height"]) == (128, 96)
    assert 0.8 < original["duration"] < 1.3
    assert found["blurhash"]

    whole, small = await public.get(found["url"]), await public.get(found["preview_url"])
    assert (whole.headers["content-type"], small.headers["content-type"]) == ("video/mp4", "image/webp")
    assert whole.headers["content-disposition"].startswith("attachment")
    assert whole.headers["x-content-type-options"] == "nosniff"
    said = packed(whole.content)
    assert ("h264" in said, "aac" in said) == (True, True)
    for trace in (TELEPHONE, PLACE, "location"):
        assert trace.encode() not in whole.content
        assert trace not in said.partition("Stream")[0].replace("pipe:0", "")
    assert list((app.state.media.folder / "incoming").iterdir()) == []


async def test_a_status_shows_a_film_and_tells_other_servers_how_long_it_lasts(
    zoe: AsyncClient, public: AsyncClient
) -> None:
    found = (await bring(zoe, film())).json()

    status = (await zoe.post("/api/v1/statuses", json={"status": "Voici", "media_ids": [found["id"]]})).json()

    assert [item["type"] for item in status["media_attachments"]] == ["video"]
    assert status["media_attachments"][0]["meta"]["original"]["duration"] == found["meta"]["original"]["duration"]
    document = (await public.get(status["uri"], headers={"Accept": "application/activity+json"})).json()
    [told] = document["attachment"]
    assert (told["mediaType"], told["url"]) == ("video/mp4", found["url"])
    assert told["duration"].startswith("PT")
    part = await public.get(found["url"], headers={"Range": "bytes=0-99"})
    assert (part.status_code, len(part.content)) == (206, 100)
    assert part.headers["cache-control"] == "public, max-age=31536000, immutable"
    page = (await public.get(status["url"], headers={"Accept": "text/html"})).text
    assert f'src="{found["url"]}"' in page
    assert f'poster="{small_url(found["url"])}"' in page


@pytest.mark.parametrize("kind", ["mp3", "ogg", "wav", "flac"])
async def test_a_sound_is_made_anew(zoe: AsyncClient, public: AsyncClient, kind: str) -> None:
    found = (await bring(zoe, sound(kind), f"audio/{kind}")).json()

    assert problems(found, ATTACHMENT, "") == []
    assert (found["type"], found["preview_url"], found["blurhash"]) == ("audio", None, None)
    assert 0.8 < found["meta"]["original"]["duration"] < 1.3
    whole = await public.get(found["url"])
    assert whole.headers["content-type"] == "audio/mp4"
    assert TELEPHONE.encode() not in whole.content


async def test_what_lies_sideways_stands_upright(zoe: AsyncClient) -> None:
    found = (await bring(zoe, film(turned=90))).json()

    assert found["meta"]["original"]["size"] == "96x128"


async def test_what_is_large_or_quick_is_made_less_so(zoe: AsyncClient, public: AsyncClient) -> None:
    found = (await bring(zoe, film(size="1920x1080", seconds=0.2, rate=100), version="v1")).json()

    assert found["meta"]["original"]["size"] == "1280x720"
    assert "60 fps" in packed((await public.get(found["url"])).content)


@pytest.mark.parametrize(
    ("data", "kind", "sentence"),
    [
        (b"", "video/mp4", "file"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(100), "video/mp4", "damaged"),
        (photograph(), "video/mp4", "damaged"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "video/mp4", "damaged"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "video/mp4", "damaged"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "video/mp4", "damaged"),
        (b"ID3", "audio/mpeg", "damaged"),
        (film(rate=200, size="16x16"), "video/mp4", "pictures a second"),
        (film(size="4000x2200", seconds=0.1, rate=10), "video/mp4", "too large"),
    ],
)
async def test_what_will_not_do_is_refused_in_a_sentence(
    zoe: AsyncClient, data: bytes, kind: str, sentence: str
) -> None:
    answer = await bring(zoe, data, kind)

    assert answer.status_code == 422, answer.text
    assert sentence in answer.json()["error"]
    assert not await Media.exists()


async def test_a_film_that_is_too_large_is_refused(app: Starlette, zoe: AsyncClient) -> None:
    app.state.media.max_film_bytes = 100

    assert (await bring(zoe, film())).status_code == 413


async def test_clients_are_told_what_is_taken(public: AsyncClient) -> None:
    told = (await public.get("/api/v2/instance")).json()["configuration"]["media_attachments"]

    assert {"video/mp4", "video/webm", "audio/mpeg", "image/jpeg"} < set(told["supported_mime_types"])
    assert (told["video_size_limit"], told["video_frame_rate_limit"]) == (100 * 2**20, 120)
    assert told["video_matrix_limit"] == 3840 * 2160


@pytest.mark.parametrize("is_installed", [True, False])
async def test_without_ffmpeg_or_by_choice_none_are_taken(
    app: Starlette, zoe: AsyncClient, public: AsyncClient, monkeypatch: pytest.MonkeyPatch, is_installed: bool
) -> None:
    if is_installed:
        app.state.media.max_film_bytes = 0
    else:
        monkeypatch.setenv("PATH", "")
        app.state.media.films = FilmMaker()

    answer = await bring(zoe, film())
    assert (answer.status_code, "no film" in answer.json()["error"]) == (422, True)
    told = (await public.get("/api/v1/instance")).json()["configuration"]["media_attachments"]
    assert told["video_size_limit"] == 0
    assert not any(kind.startswith("video/") for kind in told["supported_mime_types"])


async def test_a_film_that_takes_long_is_asked_for_again(
    app: Starlette, zoe: AsyncClient, public: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(developing, "READY_IN_SECONDS", 0)
    answer = await bring(zoe, film(), description="Deux tours")
    found = answer.json()
    assert (answer.status_code, found["url"], found["description"]) == (202, None, "Deux tours")
    assert problems(found, MOVING, "") == []
    path = f"/api/v1/media/{found['id']}"
    assert (await zoe.get(path)).status_code == 206
    early = await zoe.post("/api/v1/statuses", json={"status": "Voici", "media_ids": [found["id"]]})
    assert (early.status_code, "moment" in early.json()["error"]) == (422, True)
    media = await Media.get()
    assert (await public.get(media.url)).status_code == 404

    await asyncio.gather(*app.state.media.films._works)
    ready = await zoe.get(path)
    assert (ready.status_code, ready.json()["url"], ready.json()["description"]) == (200, media.url, "Deux tours")
    assert (await public.get(media.url)).status_code == 200


async def test_the_older_door_waits_until_it_is_ready(zoe: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(developing, "READY_IN_SECONDS", 0)

    assert (await bring(zoe, film(), version="v1")).json()["url"]


async def test_one_that_breaks_late_is_said_to(
    app: Starlette, zoe: AsyncClient, ctx: Context, world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.py"
    text = films.PROGRAM.read_text().replace(
        'if asked == "look":', 'if asked == "make":\n        sys.exit(1)\n    if True:'
    )
    broken.write_text(text)
    monkeypatch.setattr(films, "PROGRAM", broken)

    answer = await bring(zoe, film())
    assert (answer.status_code, "ready" in answer.json()["error"]) == (422, True)
    assert (await Media.get()).state is MediaState.FAILED
    assert list((app.state.media.folder / "incoming").iterdir()) == []
    world.pass_time(days=1)
    await run.sweep(Terms(ctx.now(), 0, media=app.state.media), seconds=60)
    assert not await Media.exists()


async def test_one_whose_process_died_is_given_up(zoe: AsyncClient, world: World) -> None:
    found = (await bring(zoe, film())).json()
    await Media.all().update(state=MediaState.MAKING)
    path = f"/api/v1/media/{found['id']}"

    assert (await zoe.get(path)).status_code == 206
    world.pass_time(minutes=31)
    assert (await zoe.get(path)).status_code == 422


async def test_one_that_was_taken_back_meanwhile_leaves_no_file(
    app: Starlette, zoe: AsyncClient, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(developing, "READY_IN_SECONDS", 0)
    found = (await bring(zoe, film())).json()
    await zoe.delete(f"/api/v1/media/{found['id']}")
    store: MediaStore = app.state.media
    await run.sweep(Terms(ctx.now(), 0, media=store), seconds=60)

    await asyncio.gather(*store.films._works)
    assert [path for path in store.folder.rglob("*") if path.is_file()] == []


async def test_a_film_has_the_picture_that_comes_with_it(zoe: AsyncClient, public: AsyncClient) -> None:
    picture = {"thumbnail": ("x.jpg", photograph(size=(64, 48)), "image/jpeg")}
    first = (await bring(zoe, film(), files=picture)).json()
    own = (await bring(zoe, film())).json()
    assert first["blurhash"] != own["blurhash"]

    small = (await public.get(own["preview_url"])).content
    changed = await zoe.put(f"/api/v1/media/{own['id']}", files=picture, data={"description": "Deux tours"})
    assert (changed.status_code, changed.json()["description"]) == (200, "Deux tours")
    assert changed.json()["blurhash"] == first["blurhash"]
    assert (await public.get(own["preview_url"])).content != small


@pytest.mark.parametrize(("picture", "status"), [(b"<svg/>", 422), (bytes(2**21), 413), (photograph(size=(9, 9)), 200)])
async def test_that_picture_is_checked_as_any(app: Starlette, zoe: AsyncClient, picture: bytes, status: int) -> None:
    app.state.media.max_bytes = 2**20
    found = (await bring(zoe, film())).json()

    answer = await zoe.put(f"/api/v1/media/{found['id']}", files={"thumbnail": ("x", picture, "image/png")})
    assert answer.status_code == status, answer.text


async def test_a_picture_or_a_sound_has_no_other_picture(zoe: AsyncClient) -> None:
    picture = {"thumbnail": ("x.jpg", photograph(), "image/jpeg")}
    for data, kind in ((photograph(), "image/jpeg"), (sound(), "audio/mpeg")):
        found = (await bring(zoe, data, kind)).json()
        assert (await zoe.put(f"/api/v1/media/{found['id']}", files=picture)).status_code == 422


async def test_ten_minutes_are_the_most(zoe: AsyncClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    impatient = tmp_path / "impatient.py"
    impatient.write_text(films.PROGRAM.read_text().replace("MAX_LASTS_SECONDS = 600", "MAX_LASTS_SECONDS = 1"))
    monkeypatch.setattr(films, "PROGRAM", impatient)

    assert (await bring(zoe, film(seconds=1))).status_code == 200
    assert (await bring(zoe, film(seconds=4))).status_code == 422
    assert not await Attachment.exists()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1), junk=st.binary(min_size=1, max_size=60), cut=st.floats(0.1, 1))
async def test_a_damaged_film_is_refused_or_made_and_nothing_else(
    tmp_path: Path, at: float, junk: bytes, cut: float
) -> None:
    data = bytearray(film())
    place = int(at * len(data))
    data[place : place + len(junk)] = junk
    source = tmp_path / "source"
    source.write_bytes(data[: int(cut * len(data))])
    maker, folder = FilmMaker(), tmp_path / "made"
    folder.mkdir(exist_ok=True)

    with source.open("rb") as file:
        try:
            found = await maker.look(file)
            made = await maker.make(file, found, folder, f"{'a' * 32}.{found.suffix}")
        except films.Invalid:
            return
    assert made.width * made.height <= 1280 * 1280
