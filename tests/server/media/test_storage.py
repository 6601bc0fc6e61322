"""Where files lie: a folder, and a bucket of an S3 service that runs for these tests. Both are asked the same."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import obstore
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer
from obstore.store import S3Store
from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from server.config import ConfigurationError, Settings, read_settings
from server.media.bucket import Bucket, part_of
from server.media.names import new_name, small_name
from server.media.route import BucketRoute, read_bucket_route
from server.media.storage import Folder, Storage, storage_of
from tests.world import ORIGIN

CONTENT = bytes(range(256)) * 4


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    """Run an S3 service; its address, with a key and a secret."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://key:s%2Fecret@{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """A storage of each kind, empty."""
    if request.param == "folder":
        return Folder(tmp_path / "media")
    return bucket(request.getfixturevalue("service"), f"b{abs(hash(tmp_path))}")


def bucket(service: str, name: str) -> Storage:
    urlopen(Request(f"{read_bucket_route(f'{service}/{name}').endpoint}/{name}", method="PUT"), timeout=10).close()
    return Bucket.at(f"{service}/{name}/pictures")


async def keep(storage: Storage, tmp_path: Path, name: str, content: bytes = CONTENT) -> str:
    source = tmp_path / "source"
    source.write_bytes(content)
    await storage.put(name, source)
    return name


def ask(storage: Storage, name: str, method: str = "GET", **headers: str) -> Any:
    async def give(request: Asked) -> Response:
        return await storage.give(name, request, {"Cache-Control": "public"}) or PlainTextResponse("", 404)

    app = Starlette(routes=[Route("/", give)])
    return TestClient(app).request(
        method, "/", headers={key.replace("_", "-"): value for key, value in headers.items()}
    )


async def test_what_is_kept_is_given_whole(storage: Storage, tmp_path: Path) -> None:
    name = await keep(storage, tmp_path, new_name("mp4"))

    answer = ask(storage, name)
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["content-type"] == "video/mp4"
    assert (answer.headers["content-length"], answer.headers["accept-ranges"]) == ("1024", "bytes")
    assert answer.headers["cache-control"] == "public"
    head = ask(storage, name, "HEAD")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "1024")


async def test_what_is_kept_is_read_in_pieces(storage: Storage, tmp_path: Path) -> None:
    large = CONTENT * 1000
    name = await keep(storage, tmp_path, new_name("mp4"), large)

    pieces = await storage.read(name)
    assert pieces is not None
    found = [piece async for piece in pieces]
    assert b"".join(found) == large
    assert len(found) > 1
    assert await storage.read(new_name("mp4")) is None


@pytest.mark.parametrize(
    ("asked", "first", "after"),
    [("bytes=0-9", 0, 10), ("bytes=1000-", 1000, 1024), ("bytes=-24", 1000, 1024), ("bytes=1020-5000", 1020, 1024)],
)
async def test_a_part_is_given_to_whoever_asks_for_one(
    storage: Storage, tmp_path: Path, asked: str, first: int, after: int
) -> None:
    name = await keep(storage, tmp_path, new_name("mp4"))

    answer = ask(storage, name, range=asked)
    assert (answer.status_code, answer.content) == (206, CONTENT[first:after])
    assert answer.headers["content-range"] == f"bytes {first}-{after - 1}/1024"


async def test_a_part_that_is_not_there_is_refused(storage: Storage, tmp_path: Path) -> None:
    name = await keep(storage, tmp_path, new_name("mp4"))

    answer = ask(storage, name, range="bytes=1024-")
    assert (answer.status_code, answer.headers["content-range"].replace("bytes ", "")) == (416, "*/1024")


async def test_what_is_not_there_is_not_given(storage: Storage, tmp_path: Path) -> None:
    assert ask(storage, new_name("jpg")).status_code == 404


async def test_what_is_kept_again_is_the_newer(storage: Storage, tmp_path: Path) -> None:
    name = await keep(storage, tmp_path, new_name("webp"))
    await keep(storage, tmp_path, name, b"newer")

    assert ask(storage, name).content == b"newer"


async def test_removing_twice_is_no_fault(storage: Storage, tmp_path: Path) -> None:
    name, other = await keep(storage, tmp_path, new_name("jpg")), await keep(storage, tmp_path, new_name("jpg"))

    for _ in range(2):
        await storage.remove([name, small_name(name)])

    assert (ask(storage, name).status_code, ask(storage, other).status_code) == (404, 200)


async def test_a_shelf_lists_what_begins_with_its_digit(storage: Storage, tmp_path: Path) -> None:
    names = [f"{key}{'0' * 28}{number:02x}.jpg" for number, key in enumerate(("a1", "a2", "b1"))]
    for name in names:
        await keep(storage, tmp_path, name)

    assert sorted(file.name for file in await storage.shelf("a")) == names[:2]
    assert [file.name for file in await storage.shelf("b")] == names[2:]
    assert await storage.shelf("c") == []
    [found] = await storage.shelf("b")
    assert found.kept_at.tzinfo is not None


async def test_a_bucket_knows_what_its_files_are(service: str, tmp_path: Path) -> None:
    storage = bucket(service, "kinds")
    name = await keep(storage, tmp_path, new_name("png"))

    route = read_bucket_route(f"{service}/kinds")
    inside = S3Store(
        "kinds", endpoint=route.endpoint, region=route.region, access_key_id="key", secret_access_key="s/ecret",
        virtual_hosted_style_request=False, client_options={"allow_http": True},
    )  # fmt: skip
    found = await obstore.get_async(inside, f"pictures/{name[:2]}/{name[2:4]}/{name}")
    assert found.attributes["Content-Type"] == "image/png"


async def test_a_service_that_is_away_is_told_as_one_error(tmp_path: Path) -> None:
    storage = Bucket.at("http://key:secret@127.0.0.1:9/bucket")
    source = tmp_path / "source"
    source.write_bytes(b"x")

    with pytest.raises(OSError, match="kept"):
        await storage.put(new_name("jpg"), source)
    with pytest.raises(OSError, match="removed"):
        await storage.remove([new_name("jpg")])
    with pytest.raises(OSError, match="read"):
        await storage.read(new_name("jpg"))
    with pytest.raises(OSError, match="listed"):
        await storage.shelf("a")


@given(asked=st.text(max_size=40), size=st.integers(0, 10_000))
def test_any_range_header_is_read(asked: str, size: int) -> None:
    for said in (asked, f"bytes={asked}"):
        part = part_of(said, size)
        assert part is None or 0 <= part[0] <= part[1] <= size


@given(first=st.integers(0, 300), last=st.integers(0, 300), size=st.integers(0, 200))
def test_a_range_is_cut_to_what_is_there(first: int, last: int, size: int) -> None:
    part = part_of(f"bytes={first}-{last}", size)
    if last < first:
        assert part == (0, size)
    elif first >= size:
        assert part is None
    else:
        assert part == (first, min(size, last + 1))


def test_settings_say_where_files_lie(tmp_path: Path, service: str) -> None:
    said = {"COOPOLE_DATA": str(tmp_path), "COOPOLE_ORIGIN": ORIGIN}
    assert isinstance(storage_of(read_settings(said)), Folder)
    settings: Settings = read_settings(said | {"COOPOLE_MEDIA_STORE_URL": f"{service}/bucket"})
    assert isinstance(storage_of(settings), Bucket)


@pytest.mark.parametrize(
    ("url", "route"),
    [
        ("https://k:s@s3.test/b", BucketRoute("https://s3.test", "b", "", "us-east-1", "k", "s")),
        (
            "https://k%3A:s%40@s3.test:9000/b/a/c/?region=fr-par",
            BucketRoute("https://s3.test:9000", "b", "a/c", "fr-par", "k:", "s@"),
        ),
        ("http://k:s@[::1]:9000/b", BucketRoute("http://[::1]:9000", "b", "", "us-east-1", "k", "s")),
    ],
)  # fmt: skip
def test_the_address_of_a_bucket_is_read(url: str, route: BucketRoute) -> None:
    assert read_bucket_route(url) == route


@pytest.mark.parametrize(
    "url",
    [
        "s3://bucket", "https://s3.test/b", "https://k:s@s3.test", "https://k:s@s3.test/", "https://k:s@/b", "https://k@s3.test/b",
        "https://k:s@s3.test:0/b", "https://k:s@s3.test:x/b", "https://k:s@s3.test/b#c", "https://k:s@s3.test/b?acl=public",
    ],
)  # fmt: skip
def test_an_address_that_names_no_bucket_is_refused_without_its_secret(url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_settings({"COOPOLE_MEDIA_STORE_URL": url})
    assert "k:s" not in str(refused.value).replace("key:secret", "")


@given(url=st.text(max_size=80))
def test_any_other_text_is_no_address(url: str) -> None:
    for text in (url, f"https://k:s@{url}"):
        with suppress(ValueError):
            assert read_bucket_route(text).bucket
