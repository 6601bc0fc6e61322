"""A member's own profile: text, pictures, who finds them, how a new post begins."""

import io

import pytest
from PIL import Image

from models.activity import ActivityRecord
from models.actor import Actor, ActorType
from models.media import STAYS_UNTIL, Media
from models.member import Member
from models.post import Visibility
from server.media.clearing import clear_all
from tests.pictures import MAKER_NAME, photograph
from tests.server.api import log_in
from tests.web.pages import form_of, press, read, text

__all__ = ["log_in"]

ADDRESS = "/me/profile"
FILE = ("moi.jpg", photograph(), "image/jpeg")


@pytest.fixture
async def zoe(enter, section, member):
    return await enter(member)


async def send(zoe, files=None, /, **typed):
    sent = {
        name: value
        for name, value in form_of(read(await zoe.get(ADDRESS)), ADDRESS).items()
        if name not in ("avatar", "banner")
    }
    return await zoe.post(ADDRESS, data=sent | typed, files=files or {"none": ("", b"")})


async def test_profile_is_for_its_owner(visitor, zoe, section):
    assert (await visitor.get(ADDRESS)).headers["location"].startswith("/login")
    assert (await visitor.post(ADDRESS, data={})).headers["location"].startswith("/login")
    assert (await zoe.get(ADDRESS)).headers["cache-control"] == "no-store"
    assert (await zoe.post(ADDRESS, data={"do": "keep"}, files={"avatar": FILE})).status_code == 403
    token = form_of(read(await zoe.get("/me")), "/logout")
    sent = await zoe.post(ADDRESS, data=token | {"do": "keep"}, headers={"Origin": "https://bad.test"})
    assert sent.status_code == 403


async def test_profile_is_changed_and_told(zoe, visitor, member):
    typed = {
        "display_name": "Zoé de Lille", "note": "Bonjour #lille", "label-0": "Site", "value-0": "https://zoe.example/",
        "label-1": "Ville", "value-1": "Lille", "approves_followers": "yes", "is_indexable": "yes", "is_automatic": "yes",
        "posts_as": "followers", "language": "br", "marks_sensitive": "yes",
    }  # fmt: skip

    assert (await send(zoe, **typed)).headers["location"] == f"{ADDRESS}?said=profile_kept"

    actor, login = await Actor.get(id=member.id), await Member.get(actor_id=member.id)
    assert (actor.display_name, actor.type, actor.approves_followers) == ("Zoé de Lille", ActorType.SERVICE, True)
    assert [field["name"] for field in actor.profile_fields] == ["Site", "Ville"]
    assert 'rel="me' in actor.profile_fields[0]["value"]
    assert (login.posts_as, login.language, login.marks_sensitive) == (Visibility.FOLLOWERS, "br", True)
    assert await ActivityRecord.filter(type="Update").count() == 1
    kept = form_of(read(await zoe.get(ADDRESS)), ADDRESS)
    assert {name: kept[name] for name in typed} == typed
    assert "Zoé de Lille" in (await visitor.get("/@zoe")).text


async def test_boxes_that_are_not_ticked_are_taken_back(zoe, member):
    await send(zoe, is_automatic="yes", is_indexable="yes")
    sent = form_of(read(await zoe.get(ADDRESS)), ADDRESS)
    for name in ("is_automatic", "is_indexable", "is_discoverable"):
        del sent[name]

    await zoe.post(ADDRESS, data=sent)

    actor = await Actor.get(id=member.id)
    assert (actor.type, actor.is_indexable, actor.is_discoverable) == (ActorType.PERSON, False, False)


async def test_nothing_changed_is_told_to_nobody(zoe):
    await send(zoe)

    assert not await ActivityRecord.exists(type="Update")


async def test_pictures_are_made_anew_shown_and_taken_away(app, zoe, visitor, member, ctx, tmp_path):
    await send(zoe, {"avatar": FILE, "banner": FILE})

    actor, media = await Actor.get(id=member.id), await Media.all()
    assert [row.expires_at for row in media] == [STAYS_UNTIL] * 2
    await clear_all(app.state.media, ctx.now())
    for url in (actor.icon_url, actor.image_url):
        shown = await visitor.get(url)
        assert shown.status_code == 200
        assert MAKER_NAME.encode() not in shown.content
        assert dict(Image.open(io.BytesIO(shown.content)).getexif()) == {}
    assert actor.icon_url.endswith("-small.webp")
    page = read(await zoe.get(ADDRESS))
    assert page.select_one(".own-avatar")["src"] == actor.icon_url
    assert page.select_one(".own-banner")["src"] == actor.image_url
    assert read(await visitor.get("/@zoe")).select_one("img.mark")["src"] == actor.icon_url

    await send(zoe, {"avatar": FILE}, **{"drop-banner": "yes"})
    await clear_all(app.state.media, ctx.now())

    now = await Actor.get(id=member.id)
    assert now.icon_url not in (None, actor.icon_url)
    assert now.image_url is None
    assert await Media.all().count() == 1
    assert (await visitor.get(actor.icon_url)).status_code == 404


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (("x.mp4", b"\x00\x00\x00\x18ftypmp42", "video/mp4"), "pas de film"),
        (("x.svg", b"<svg/>", "image/svg+xml"), "n’est pas une image"),
        (("x.jpg", photograph()[:-200], "image/jpeg"), "abîmé"),
        (("x.jpg", photograph() + bytes(2**21), "image/jpeg"), "trop lourd"),
    ],
)
async def test_a_file_that_will_not_do_keeps_what_was_typed(app, zoe, member, file, sentence):
    app.state.media.max_bytes = 2**20
    answer = await send(zoe, {"avatar": file}, display_name="Zoé Neuve", is_automatic="yes")

    page = read(answer, 413 if "lourd" in sentence else 422)
    assert sentence in text(page, ".summary")
    kept = form_of(page, ADDRESS)
    assert (kept["display_name"], kept["is_automatic"]) == ("Zoé Neuve", "yes")
    assert (await Actor.get(id=member.id)).display_name == "Zoé"
    assert not await Media.exists()


@pytest.mark.parametrize(
    "typed",
    [
        {"display_name": "x" * 201},
        {"note": "x" * 2001},
        {"label-0": "x" * 256},
        {"label-0": "a", "value-0": "x" * 256},
        {"posts_as": "x"},
        {"posts_as": "direct"},
        {"language": "xx"},
        {"do": "x"},
    ],
)
async def test_text_that_will_not_do_is_typed_again(zoe, member, typed):
    page = read(
        await send(
            zoe,
            display_name=typed.get("display_name", "Neuf"),
            **{k: v for k, v in typed.items() if k != "display_name"},
        ),
        422,
    )

    assert text(page, ".summary")
    kept = form_of(page, ADDRESS)
    for name, value in typed.items():
        if name not in ("posts_as", "language", "do"):
            assert kept[name] == value
    assert (await Member.get(actor_id=member.id)).posts_as is Visibility.PUBLIC


async def test_pictures_of_a_profile_are_in_no_post(zoe, log_in, member):
    await send(zoe, {"avatar": FILE})
    media, client = await Media.get(), await log_in(member)

    answer = await client.post("/api/v1/statuses", data={"status": "Moi", "media_ids[]": str(media.id)})

    assert answer.status_code == 422
    assert (await client.delete(f"/api/v1/media/{media.id}")).status_code in (404, 405, 422)
    assert await Media.filter(expires_at=STAYS_UNTIL).count() == 1


async def test_pages_of_a_profile_are_looked_at_when_asked(zoe, member, world):
    page = "https://zoe.example/"
    await send(zoe, **{"label-0": "Site", "value-0": page})
    assert "ne renvoie pas encore" in text(read(await zoe.get(ADDRESS)), ".row-file")
    assert (await press(zoe, ADDRESS, "verify")).headers["location"] == f"{ADDRESS}?said=links_not_verified"
    world.documents[page], world.content_types[page] = f'<a rel="me" href="{member.url}">moi</a>'.encode(), "text/html"

    assert (await press(zoe, ADDRESS, "verify")).headers["location"] == f"{ADDRESS}?said=links_verified"

    assert text(read(await zoe.get(ADDRESS)), ".row-file .mark-word") == "renvoie vers vous"
    assert "renvoie vers ce compte" in text(read(await zoe.get(f"/people/{member.id}")), ".person-fields")
