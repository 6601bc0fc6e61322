"""Pictures that move: short silent films where ffmpeg is installed, else pictures that move, as they came."""

import io
from typing import Any

import pytest
from httpx2 import AsyncClient
from PIL import Image
from starlette.applications import Starlette

from models.media import Media
from server.media.films import FilmMaker
from tests.films import FFMPEG, film, packed
from tests.pictures import halves, moving, written
from tests.server.mastodon.shapes import ATTACHMENT, problems


@pytest.fixture
def ffmpeg(app: Starlette, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install ffmpeg for this server."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "ffmpeg").symlink_to(FFMPEG)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    app.state.media.films = FilmMaker()


@pytest.fixture
def no_ffmpeg(app: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take ffmpeg away from this server."""
    monkeypatch.setattr(app.state.media.films, "_ffmpeg", None)


async def bring(client: AsyncClient, data: bytes, kind: str = "image/gif") -> Any:
    answer = await client.post("/api/v2/media", files={"file": ("moving", data, kind)})
    assert answer.status_code == 200, answer.text
    assert problems(answer.json(), ATTACHMENT, "") == []
    return answer.json()


@pytest.mark.usefixtures("ffmpeg")
@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
async def test_a_picture_that_moves_becomes_a_silent_film(
    zoe: AsyncClient, public: AsyncClient, app: Starlette, kind: str
) -> None:
    found = await bring(zoe, moving(kind, frames=10, size=(41, 30)), f"image/{kind.lower()}")

    assert (found["type"], found["url"].rpartition(".")[2]) == ("gifv", "mp4")
    meta = found["meta"]
    assert (meta["size"], meta["original"]["size"], meta["small"]["size"]) == ("40x30", "40x30", "40x30")
    assert meta["original"]["duration"] == meta["duration"] == pytest.approx(0.7, abs=0.15)
    assert (meta["fps"], meta["original"]["frame_rate"]) == (14, "100/7")
    assert found["blurhash"]
    whole, small = await public.get(found["url"]), await public.get(found["preview_url"])
    assert (whole.headers["content-type"], small.headers["content-type"]) == ("video/mp4", "image/webp")
    said = packed(whole.content)
    assert ("h264" in said, "yuv420p" in said, "Audio" in said) == (True, True, False)
    assert list((app.state.media.folder / "incoming").iterdir()) == []


@pytest.mark.usefixtures("ffmpeg")
async def test_other_servers_and_readers_of_the_page_are_given_the_film(zoe: AsyncClient, public: AsyncClient) -> None:
    found = await bring(zoe, moving())
    status = (await zoe.post("/api/v1/statuses", json={"status": "Voici", "media_ids": [found["id"]]})).json()
    assert [item["type"] for item in status["media_attachments"]] == ["gifv"]
    assert status["media_attachments"][0]["meta"] == found["meta"]

    document = (await public.get(status["uri"], headers={"Accept": "application/activity+json"})).json()
    [told] = document["attachment"]
    assert (told["type"], told["mediaType"], told["url"]) == ("Document", "video/mp4", found["url"])
    assert (told["width"], told["height"], told["blurhash"]) == (40, 30, found["blurhash"])
    page = (await public.get(status["url"], headers={"Accept": "text/html"})).text
    [video] = [part for part in page.split("<") if part.startswith("video ")]
    assert {"loop", "muted", "playsinline", "controls"} <= set(video.replace(">", " ").split())
    assert "autoplay" not in page
    assert f'poster="{found["preview_url"]}"' in video


@pytest.mark.usefixtures("no_ffmpeg")
@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
async def test_without_ffmpeg_it_goes_on_moving_as_a_picture(zoe: AsyncClient, public: AsyncClient, kind: str) -> None:
    found = await bring(zoe, moving(kind), f"image/{kind.lower()}")

    assert (found["type"], found["url"].rpartition(".")[2]) == ("image", kind.lower())
    with Image.open(io.BytesIO((await public.get(found["url"])).content)) as image:
        assert image.n_frames == 5


@pytest.mark.usefixtures("ffmpeg")
@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
async def test_a_picture_that_stands_still_is_none(zoe: AsyncClient, kind: str) -> None:
    found = await bring(zoe, written(halves(), kind), f"image/{kind.lower()}")

    assert found["type"] == "image"
    assert not {"fps", "duration"} & found["meta"].keys()


@pytest.mark.usefixtures("ffmpeg")
async def test_one_through_which_the_page_is_seen_stays_a_picture(zoe: AsyncClient) -> None:
    first, *others = [Image.new("RGBA", (40, 30), (40 * number, 90, 30, 128)) for number in range(3)]
    data = written(first, "WEBP", save_all=True, append_images=others, duration=70)

    assert (await bring(zoe, data, "image/webp"))["type"] == "image"


@pytest.mark.usefixtures("ffmpeg")
async def test_one_that_ffmpeg_cannot_film_stays_a_picture(
    zoe: AsyncClient, app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.state.media.films, "_ffmpeg", "/bin/false")

    assert (await bring(zoe, moving()))["type"] == "image"


@pytest.mark.usefixtures("ffmpeg")
@pytest.mark.parametrize(("sound", "kind"), [(False, "gifv"), (True, "video")])
async def test_a_film_that_is_brought_is_one_of_both_by_its_sound(zoe: AsyncClient, sound: bool, kind: str) -> None:
    found = await bring(zoe, film(sound=sound), "video/mp4")

    assert found["type"] == kind
    assert (await Media.get()).loops is (kind == "gifv")
    assert found["meta"]["length"].startswith("0:00:0")
