"""At the desk: pictures in what the section publishes, chosen, described, kept while a form is corrected, taken out."""

import io
from pathlib import Path

import pytest
from PIL import Image

from models.media import Media, small_url
from models.post import Attachment, Post
from server.media.clearing import clear_all
from server.posts.actions import MAX_CHARACTERS
from tests.pictures import MAKER_NAME, photograph
from tests.web.pages import form_of, read, text, texts

DESK = "/@lille/desk"
WRITE, POSTS = f"{DESK}/write", f"{DESK}/posts"
FILE = ("vacances.jpg", photograph(), "image/jpeg")


def pictures(*numbers):
    return {f"picture{number}": FILE for number in numbers}


async def send(browser, address, files, **typed):
    return await send_again(browser, address, read(await browser.get(address)), files, **typed)


async def send_again(browser, address, page, files=None, **typed):
    sent = {name: value for name, value in form_of(page, address).items() if not name.startswith("picture")}
    return await browser.post(address, data=sent | typed, files=files or {"none": ("", b"")})


@pytest.fixture
async def pictured(zoe):
    """A post of the section with two pictures."""
    await send(zoe, WRITE, pictures(1, 2), text="Voici", said1="Deux tours", said2="Une porte")
    return await Post.get()


async def test_section_shows_pictures_with_what_they_show(zoe, visitor, section):
    answer = await send(zoe, WRITE, pictures(1, 3), text="Voici", said1="Deux  tours", said3="Une porte")

    assert answer.headers["location"] == f"{POSTS}?said=published"
    post, media = await Post.get(), await Media.all().order_by("id")
    assert [(row.owner_id, row.post_id, row.description) for row in media] == [
        (section.id, post.id, "Deux tours"),
        (section.id, post.id, "Une porte"),
    ]
    page = read(await visitor.get(post.url))
    shown = page.select(".attachment img")
    assert [image["alt"] for image in shown] == ["Deux tours", "Une porte"]
    assert [image["src"] for image in shown] == [small_url(row.url) for row in media]
    assert [link["href"] for link in page.select(".attachment a")] == [row.url for row in media]
    assert (await visitor.get(shown[0]["src"])).status_code == 200
    assert "img-src 'self'" in (await visitor.get(post.url)).headers["content-security-policy"]


async def test_what_a_camera_wrote_is_not_kept(zoe, tmp_path):
    await send(zoe, WRITE, pictures(1), text="Voici", said1="Deux tours")

    files = [path for path in Path(tmp_path / "media").rglob("*") if path.is_file()]
    assert len(files) == 2
    for path in files:
        assert dict(Image.open(io.BytesIO(path.read_bytes())).getexif()) == {}
        assert MAKER_NAME.encode() not in path.read_bytes()


async def test_the_form_asks_for_four_and_needs_no_script(zoe):
    page = read(await zoe.get(WRITE))

    form = page.select_one(f'form[action="{WRITE}"]')
    assert form["enctype"] == "multipart/form-data"
    assert [field["name"] for field in form.select("input[type=file]")] == [f"picture{n}" for n in range(1, 5)]
    for field in form.select("input[type=file], textarea"):
        assert form.select_one(f'label[for="{field["id"]}"]')
    assert [script["type"] for script in page.select("script")] == ["module"]  # comfort, without which it works


async def test_pictures_are_kept_while_the_rest_is_corrected(zoe):
    page = read(await send(zoe, WRITE, pictures(1), text="x" * (MAX_CHARACTERS + 1), said1="Deux tours"), 422)
    media = await Media.get()
    assert page.select_one("img[alt='Deux tours']")["src"] == small_url(media.url)
    assert form_of(page, WRITE)["kept1"] == str(media.id)

    await send_again(zoe, WRITE, page, text="Court")

    assert (await Media.get()).post_id == (await Post.get()).id
    assert (await Attachment.get()).description == "Deux tours"


async def test_a_picture_of_which_nothing_is_said_is_asked_about(zoe):
    page = read(await send(zoe, WRITE, pictures(1, 2), text="Voici", said1="Deux tours", said2=" "), 422)
    assert "ce qu’elle montre" in text(page, ".summary")
    assert not await Post.exists()

    await send_again(zoe, WRITE, page, said2="Une porte")

    assert [row.description for row in await Attachment.all().order_by("position")] == ["Deux tours", "Une porte"]


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (("x.mp4", b"\x00\x00\x00\x18ftypmp42", "video/mp4"), "avec une application"),
        (("x.svg", b"<svg/>", "image/svg+xml"), "n’est pas une image"),
        (("x.jpg", photograph()[:-200], "image/jpeg"), "abîmé"),
        (("x.jpg", photograph() + bytes(2**21), "image/jpeg"), "trop lourd"),
    ],
)
async def test_a_file_that_will_not_do_keeps_all_the_rest(app, zoe, file, sentence):
    app.state.media.max_bytes = 2**20
    files = pictures(1) | {"picture2": file}
    answer = await send(zoe, WRITE, files, text="Voici", said1="Deux tours", said2="Un film")

    page = read(answer, 413 if "lourd" in sentence else 422)
    assert sentence in text(page, ".summary")
    kept = form_of(page, WRITE)
    assert (kept["text"], kept["said1"], kept["said2"]) == ("Voici", "Deux tours", "Un film")
    assert kept["kept1"] == str((await Media.get()).id)
    assert "kept2" not in kept
    assert not await Post.exists()


async def test_a_form_sent_twice_publishes_once(app, zoe, ctx, tmp_path):
    page = read(await zoe.get(WRITE))
    for _ in range(2):
        await send_again(zoe, WRITE, page, pictures(1), text="Voici", said1="Deux tours")

    assert await Post.all().count() == 1
    assert len(await Media.filter(post_id=None)) == 1  # which goes by itself


async def test_pictures_of_others_cannot_be_slipped_in(zoe, member, main_section, enter, other_member, ctx):
    page = read(await send(zoe, WRITE, pictures(1), text=" ", said1="Deux tours"), 422)
    await Media.all().update(owner_id=other_member.id)

    await send_again(zoe, WRITE, page, text="Voici")

    assert await Post.exists()
    assert not await Attachment.exists()


@pytest.mark.parametrize("kept", ["x", "-1", "99999999999999999999", "0"])
async def test_a_form_that_is_none_of_ours_is_refused(zoe, kept):
    assert (await send(zoe, WRITE, pictures(2), text="Voici", said2="x", kept1=kept)).status_code == 422


async def test_another_site_brings_no_pictures(zoe):
    sent = form_of(read(await zoe.get(WRITE)), WRITE) | {"text": "Voici", "said1": "x"}
    answer = await zoe.post(WRITE, data=sent, files=pictures(1), headers={"Origin": "https://bad.test"})
    assert answer.status_code == 403
    answer = await zoe.post(WRITE, data=sent | {"form_token": "x"}, files=pictures(1))
    assert answer.status_code == 403
    assert not await Media.exists()


async def test_what_is_said_of_pictures_is_changed(zoe, visitor, pictured):
    address = f"{POSTS}/{pictured.id}/edit"
    assert texts(read(await zoe.get(address)), "textarea[name^=said]")[:2] == ["Deux tours", "Une porte"]

    answer = await send(zoe, address, {"none": ("", b"")}, said2="Une grande porte")

    assert answer.headers["location"] == f"{POSTS}?said=changed"
    images = read(await visitor.get(pictured.url)).select(".attachment img")
    assert [image["alt"] for image in images] == ["Deux tours", "Une grande porte"]


async def test_pictures_are_taken_out_and_others_put_in(app, zoe, visitor, pictured, ctx, tmp_path):
    address, (first, second) = f"{POSTS}/{pictured.id}/edit", await Media.all().order_by("id")

    await send(zoe, address, pictures(3), drop1="yes", said3="Un pont")
    await clear_all(app.state.media, ctx.now())

    rows = await Attachment.filter(post_id=pictured.id).order_by("position")
    assert [row.description for row in rows] == ["Une porte", "Un pont"]
    assert rows[0].id == second.id
    assert not await Media.exists(id=first.id)
    assert (await visitor.get(first.url)).status_code == 404


async def test_the_last_picture_is_taken_out(zoe, pictured):
    await send(zoe, f"{POSTS}/{pictured.id}/edit", {"none": ("", b"")}, drop1="yes", drop2="yes")

    assert not await Attachment.exists()
    assert not await Media.filter(post_id=pictured.id).exists()


async def test_an_edit_that_changes_nothing_tells_nobody(zoe, pictured):
    await send(zoe, f"{POSTS}/{pictured.id}/edit", {"none": ("", b"")})

    assert (await Post.get()).edited_at is None
