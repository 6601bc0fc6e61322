"""Media: bringing pictures with a client, describing them, and statuses that show them."""

from typing import Any

import pytest
from httpx2 import AsyncClient, Response

from federation.context import Context
from federation.jsonld import load
from models.activity import ActivityRecord
from models.actor import Actor
from models.media import Media
from models.post import Attachment, Post
from server.media.clearing import clear_all
from server.media.making import HEIF
from server.oauth.scopes import WRITE
from tests import factories
from tests.pictures import FORMATS, moving, photograph
from tests.server.api import LogIn
from tests.server.mastodon.shapes import ATTACHMENT, problems
from tests.world import ORIGIN, World

FILE = ("vacances.jpg", photograph(), "image/jpeg")


async def bring(client: AsyncClient, version: str = "v2", **said: Any) -> dict[str, Any]:
    answer = await client.post(f"/api/{version}/media", files={"file": FILE}, data=said)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def publish(client: AsyncClient, **said: Any) -> dict[str, Any]:
    answer = await client.post("/api/v1/statuses", json={"status": "Voici"} | said)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def edit(client: AsyncClient, id_: str, **said: Any) -> Response:
    return await client.put(f"/api/v1/statuses/{id_}", json=said)


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_a_picture_is_ready_when_it_is_answered(zoe: AsyncClient, public: AsyncClient, version: str) -> None:
    found = await bring(zoe, version, description=" Deux  tours ", focus="-0.42,0.69")

    assert problems(found, ATTACHMENT, "") == []
    assert (found["type"], found["description"], found["remote_url"]) == ("image", "Deux tours", None)
    assert found["url"].startswith(f"{ORIGIN}/media/")
    assert found["preview_url"] == found["url"].replace(".jpg", "-small.webp")
    assert found["meta"]["original"] == {"width": 80, "height": 60, "size": "80x60", "aspect": 80 / 60}
    assert found["meta"]["focus"] == {"x": -0.42, "y": 0.69}
    assert found["blurhash"]
    for name in ("url", "preview_url"):
        assert (await public.get(found[name])).status_code == 200
    assert (await zoe.get(f"/api/v1/media/{found['id']}")).json() == found


@pytest.mark.parametrize("kind", FORMATS)
async def test_every_kind_that_is_announced_is_taken(zoe: AsyncClient, public: AsyncClient, kind: str) -> None:
    taken = (await public.get("/api/v2/instance")).json()["configuration"]["media_attachments"]
    assert f"image/{kind.lower()}" in taken["supported_mime_types"]

    file = ("x", photograph(kind), f"image/{kind.lower()}")
    assert (await zoe.post("/api/v2/media", files={"file": file})).status_code == 200


@pytest.fixture
def without_ffmpeg(app: Any) -> None:
    """Be a server on which ffmpeg is not installed."""
    app.state.media.films._ffmpeg = None


async def test_clients_are_told_what_is_taken(without_ffmpeg: None, public: AsyncClient) -> None:
    for version in ("v1", "v2"):
        told = (await public.get(f"/api/{version}/instance")).json()["configuration"]
        assert told["statuses"]["max_media_attachments"] == 4
        assert told["media_attachments"] == {
            "supported_mime_types": ["image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", *HEIF],
            "description_limit": 1500,
            "image_size_limit": 16 * 2**20,
            "image_matrix_limit": 33_177_600,
            "video_size_limit": 0,
            "video_frame_rate_limit": 0,
            "video_matrix_limit": 0,
        }


async def test_a_description_comes_later(zoe: AsyncClient) -> None:
    id_ = (await bring(zoe, focus="0.5,0.5"))["id"]

    for body in ({"json": {"description": "Deux tours"}}, {"data": {"focus": "1,-7"}}):
        assert (await zoe.put(f"/api/v1/media/{id_}", **body)).status_code == 200

    found = (await zoe.get(f"/api/v1/media/{id_}")).json()
    assert (found["description"], found["meta"]["focus"]) == ("Deux tours", {"x": 1.0, "y": -1.0})


async def test_a_picture_is_taken_back(zoe: AsyncClient, public: AsyncClient) -> None:
    found = await bring(zoe)

    assert (await zoe.delete(f"/api/v1/media/{found['id']}")).json() == {}
    assert (await public.get(found["url"])).status_code == 404


async def test_nobody_else_sees_changes_shows_or_deletes_it(zoe: AsyncClient, ali: AsyncClient) -> None:
    found = await bring(zoe)

    path = f"/api/v1/media/{found['id']}"
    for answer in (await ali.get(path), await ali.put(path, json={"description": "x"}), await ali.delete(path)):
        assert answer.status_code == 404
    answer = await ali.post("/api/v1/statuses", json={"status": "Voici", "media_ids": [found["id"]]})
    assert answer.status_code == 422
    assert not await Post.exists()


async def test_what_a_status_shows_is_changed_with_it_alone(zoe: AsyncClient) -> None:
    found = await bring(zoe)
    await publish(zoe, media_ids=[found["id"]])

    path = f"/api/v1/media/{found['id']}"
    for answer in (await zoe.get(path), await zoe.put(path, json={"description": "x"}), await zoe.delete(path)):
        assert answer.status_code == 404
    assert (await zoe.post("/api/v1/statuses", json={"media_ids": [found["id"]]})).status_code == 422


@pytest.mark.parametrize(
    ("files", "data", "status", "sentence"),
    [
        ({}, {"description": "x"}, 422, "file"),
        ({"picture": FILE}, {}, 422, "file"),
        ({"file": ("x", b"", "image/png")}, {}, 422, "file"),
        ({"file": ("x.mp4", b"\x00\x00\x00\x18ftypmp42", "video/mp4")}, {}, 422, "no film"),
        ({"file": ("x.svg", b"<svg onload='alert(1)'/>", "image/svg+xml")}, {}, 422, "no picture"),
        ({"file": ("x.jpg", photograph()[:-200], "image/jpeg")}, {}, 422, "damaged"),
        ({"file": FILE}, {"description": "x" * 1501}, 422, "1,500"),
        ({"file": FILE}, {"focus": "left"}, 422, "focus"),
        ({"file": FILE}, {"focus": "nan,1"}, 422, "focus"),
        ({"file": ("x", bytes(2**21), "image/png")}, {}, 413, "too large"),
    ],
)
async def test_what_will_not_do_is_refused_in_a_sentence(
    without_ffmpeg: None, app: Any, zoe: AsyncClient, files: Any, data: Any, status: int, sentence: str
) -> None:
    app.state.media.max_bytes = 2**20

    answer = await zoe.post("/api/v2/media", files=files, data=data)

    assert answer.status_code == status, answer.text
    assert sentence in answer.json()["error"]
    assert not await Media.exists()


async def test_a_body_that_is_no_form_is_refused(zoe: AsyncClient) -> None:
    for body in ({"json": {"file": "x"}}, {"data": {"file": "x"}}, {}):
        assert (await zoe.post("/api/v2/media", **body)).status_code == 422


async def test_a_picture_needs_a_token_for_it(log_in: LogIn, member: Actor, public: AsyncClient) -> None:
    narrow = await log_in(member, "read", *(f"write:{name}" for name in WRITE if name != "media"))
    for client, status in ((public, 401), (narrow, 403), (await log_in(member, "write:media"), 200)):
        assert (await client.post("/api/v2/media", files={"file": FILE})).status_code == status


async def test_a_status_shows_pictures_in_the_order_they_were_named(zoe: AsyncClient, public: AsyncClient) -> None:
    ids = [(await bring(zoe, description=f"n° {number}"))["id"] for number in range(4)][::-1]

    status = await publish(zoe, media_ids=ids)

    shown = (await public.get(f"/api/v1/statuses/{status['id']}")).json()["media_attachments"]
    assert [item["id"] for item in shown] == ids
    assert [item["description"] for item in shown] == ["n° 3", "n° 2", "n° 1", "n° 0"]


async def test_a_status_may_be_a_picture_alone_but_not_nothing(zoe: AsyncClient) -> None:
    id_ = (await bring(zoe))["id"]

    assert (await publish(zoe, status="", media_ids=[id_]))["content"] == ""
    assert (await zoe.post("/api/v1/statuses", json={"status": "", "media_ids": []})).status_code == 422


async def test_clients_that_send_forms_name_pictures_too(zoe: AsyncClient) -> None:
    ids = [(await bring(zoe))["id"] for _ in range(2)]

    answer = await zoe.post("/api/v1/statuses", data={"status": "Voici", "media_ids[]": ids})

    assert [item["id"] for item in answer.json()["media_attachments"]] == ids


@pytest.mark.parametrize("ids", [["1"], ["x"], [None], "0"])
async def test_pictures_that_are_not_there_are_refused_or_passed_over(zoe: AsyncClient, ids: Any) -> None:
    answer = await zoe.post("/api/v1/statuses", json={"status": "Voici", "media_ids": ids})

    assert answer.status_code == (422 if ids in (["1"], "0") else 200)


async def test_five_pictures_or_a_poll_beside_them_are_too_much(zoe: AsyncClient) -> None:
    ids = [(await bring(zoe))["id"] for _ in range(5)]
    poll = {"options": ["Oui", "Non"], "expires_in": 3600}

    for said in ({"media_ids": ids}, {"media_ids": ids[:1], "poll": poll}):
        assert (await zoe.post("/api/v1/statuses", json={"status": "Voici"} | said)).status_code == 422
    assert not await Post.exists()


async def test_an_edit_changes_what_is_said_of_a_picture(zoe: AsyncClient, public: AsyncClient) -> None:
    first, second = await bring(zoe, description="Un"), await bring(zoe, description="Deux")
    status = await publish(zoe, media_ids=[first["id"], second["id"]])

    about = [{"id": first["id"], "description": "Une", "focus": "0.1,0.2"}, {"id": "1", "description": "x"}, "junk"]
    await edit(zoe, status["id"], media_attributes=about)

    found = (await public.get(f"/api/v1/statuses/{status['id']}")).json()
    assert [item["description"] for item in found["media_attachments"]] == ["Une", "Deux"]
    assert found["media_attachments"][0]["meta"]["focus"] == {"x": 0.1, "y": 0.2}
    assert found["edited_at"]
    assert (await Media.get(id=first["id"])).description == "Une"


async def test_an_edit_takes_pictures_out_and_brings_others(zoe: AsyncClient, public: AsyncClient) -> None:
    first, second, third = [await bring(zoe) for _ in range(3)]
    status = await publish(zoe, media_ids=[first["id"], second["id"]])

    changed = (await edit(zoe, status["id"], media_ids=[third["id"], second["id"]])).json()

    assert [item["id"] for item in changed["media_attachments"]] == [third["id"], second["id"]]
    assert (await public.get(first["url"])).status_code == 404
    assert (await edit(zoe, status["id"], media_ids=[])).json()["media_attachments"] == []
    assert not await Attachment.exists()


@pytest.mark.parametrize("said", [{"status": "Autre"}, {"status": "Autre", "media_ids": None}])
async def test_an_edit_that_names_no_pictures_keeps_them(zoe: AsyncClient, said: dict[str, Any]) -> None:
    found = await bring(zoe, description="Deux tours")
    status = await publish(zoe, media_ids=[found["id"]])

    changed = (await edit(zoe, status["id"], **said)).json()

    assert [(item["id"], item["description"]) for item in changed["media_attachments"]] == [(found["id"], "Deux tours")]


async def test_other_servers_are_told_all_of_a_picture(zoe: AsyncClient) -> None:
    found = await bring(zoe, description="Deux tours & une <porte>", focus="0.5,-0.25")
    await publish(zoe, media_ids=[found["id"]])

    record = await ActivityRecord.get(type="Create")
    assert load(record.document)["object"]["attachment"] == [
        {
            "type": "Document",
            "mediaType": "image/jpeg",
            "url": found["url"],
            "name": "Deux tours & une <porte>",
            "width": 80,
            "height": 60,
            "blurhash": found["blurhash"],
            "focalPoint": [0.5, -0.25],
        }
    ]


async def test_a_picture_that_moves_is_one_that_moves(zoe: AsyncClient, public: AsyncClient) -> None:
    answer = await zoe.post("/api/v2/media", files={"file": ("x.gif", moving(), "image/gif")})

    assert (answer.json()["type"], answer.json()["url"].rpartition(".")[2]) == ("image", "gif")


async def test_deleting_a_status_says_what_it_showed(zoe: AsyncClient, public: AsyncClient, ctx: Context) -> None:
    found = await bring(zoe)
    status = await publish(zoe, media_ids=[found["id"]])

    deleted = (await zoe.delete(f"/api/v1/statuses/{status['id']}")).json()

    assert [item["id"] for item in deleted["media_attachments"]] == [found["id"]]
    assert (await public.get(found["url"])).status_code == 404


async def test_a_status_written_anew_shows_the_pictures_of_the_one_that_was_deleted(
    zoe: AsyncClient, public: AsyncClient, ctx: Context, app: Any, world: World
) -> None:
    found = await bring(zoe, description="Deux tours")
    status = await publish(zoe, media_ids=[found["id"]])
    await zoe.delete(f"/api/v1/statuses/{status['id']}")
    world.pass_time(hours=23)
    await clear_all(app.state.media, ctx.now())
    assert (await public.get(found["url"])).status_code == 404  # nobody sees it meanwhile
    assert (await public.get(found["preview_url"])).status_code == 404

    anew = await publish(zoe, status="Voilà", media_ids=[found["id"]])

    [shown] = anew["media_attachments"]
    assert (shown["id"], shown["description"], shown["url"]) == (found["id"], "Deux tours", found["url"])
    assert (await public.get(found["url"])).status_code == 200


async def test_what_no_status_shows_again_goes_after_a_day(
    zoe: AsyncClient, ctx: Context, app: Any, world: World
) -> None:
    status = await publish(zoe, media_ids=[(await bring(zoe))["id"]])
    await zoe.delete(f"/api/v1/statuses/{status['id']}")
    world.pass_time(hours=25)

    await clear_all(app.state.media, ctx.now())
    assert not await Media.exists()


async def test_a_client_may_ask_for_it_to_go_at_once(zoe: AsyncClient, ctx: Context, app: Any) -> None:
    found = await bring(zoe)
    status = await publish(zoe, media_ids=[found["id"]])
    await zoe.delete(f"/api/v1/statuses/{status['id']}?delete_media=true")

    await clear_all(app.state.media, ctx.now())
    assert not await Media.exists()


async def test_nobody_else_shows_what_was_deleted(zoe: AsyncClient, ali: AsyncClient) -> None:
    found = await bring(zoe)
    status = await publish(zoe, media_ids=[found["id"]])
    await zoe.delete(f"/api/v1/statuses/{status['id']}")

    answer = await ali.post("/api/v1/statuses", json={"status": "Voici", "media_ids": [found["id"]]})
    assert answer.status_code == 422


def addresses(value: Any, name: str = "") -> list[tuple[str, str]]:
    """Every address in an answer that a client fetches by itself, with its name."""
    if isinstance(value, dict):
        return [found for key, part in value.items() for found in addresses(part, key)]
    if isinstance(value, list):
        return [found for part in value for found in addresses(part, name)]
    return [(name, value)] if isinstance(value, str) and value.startswith("http") else []


async def test_what_a_client_shows_of_other_servers_it_fetches_here(
    zoe: AsyncClient, public: AsyncClient, remote_actor: Actor, world: World
) -> None:
    emojis = [{"shortcode": "blobcat", "url": "https://far.test/emoji/cat.png"}]
    await Actor.filter(id=remote_actor.id).update(
        icon_url="https://far.test/a.png", image_url="https://far.test/h.png", emojis=emojis
    )
    await remote_actor.refresh_from_db()
    post = await factories.post(remote_actor, "Voici :blobcat:", emojis=emojis)
    await Attachment.create(post=post, url="https://far.test/1.png", media_type="image/png", description="Un chat")
    await Attachment.create(post=post, position=1, url="https://far.test/1.mp4", media_type="video/mp4")

    status = (await zoe.get(f"/api/v1/statuses/{post.id}")).json()

    picture, film = status["media_attachments"]
    assert (picture["remote_url"], film["remote_url"]) == ("https://far.test/1.png", "https://far.test/1.mp4")
    assert film["preview_url"] is None  # nothing of it is fetched before somebody plays it
    assert film["url"].startswith(f"{ORIGIN}/media/films/")
    film["url"] = None
    shown = ("avatar", "avatar_static", "header", "header_static", "preview_url", "static_url")
    for item in (*status["emojis"], *status["account"]["emojis"], picture):
        assert item["url"].startswith(f"{ORIGIN}/media/copies/")
    found = [address for name, address in addresses(status) if name in shown]
    assert len(found) == 7
    assert all(address.startswith(f"{ORIGIN}/media/copies/") for address in found)
    world.documents[post_url := "https://far.test/1.png"] = photograph("PNG")
    world.content_types[post_url] = "image/png"
    assert (await public.get(picture["preview_url"])).status_code == 200
