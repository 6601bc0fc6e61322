"""Another text for one's own post, deleting it, and deleting it to write it again."""

import pytest

from models.edit import PostEdit
from models.media import Media
from models.poll import Poll, PollOption
from models.post import Attachment, Post, QuotePolicy, Visibility
from models.role import Role
from models.scheduled import ScheduledPost
from server.posts import actions
from server.posts.actions import Draft
from server.posts.polls import DraftPoll
from server.sections import roles, speaking
from tests.web.composing import FILE, WRITE, send, send_again
from tests.web.pages import fill, form_of, press, read, text


@pytest.fixture
async def lou(enter, member, section):
    """The browser of Zoé, who holds no role."""
    return await enter(member)


@pytest.fixture
async def own(member, say):
    """A post of Zoé."""
    return await say(member, "Réunion samedi", language="fr", quote_policy=QuotePolicy.FOLLOWERS)


async def test_a_post_says_something_else_to_the_same_people(lou, own):
    at = f"/posts/{own.id}/edit"
    page = read(await lou.get(f"{at}?next=/home/local"))
    assert (form_of(page, at)["text"], form_of(page, at)["quote_policy"]) == ("Réunion samedi", "followers")

    answer = await send_again(lou, page, "edit", at=at, text="Réunion dimanche", warning="Changé", visibility="direct")

    assert answer.headers["location"] == "/home/local?said=changed"
    post = await Post.get()
    assert (post.source_text, post.content_warning, post.visibility) == ("Réunion dimanche", "Changé", "public")
    assert (post.language, post.quote_policy) == ("fr", QuotePolicy.FOLLOWERS)
    assert "déjà été modifiée" in read(await lou.get(at)).get_text()


async def test_pictures_of_a_post_are_described_put_in_and_taken_out(lou):
    await send(lou, files={"picture1": FILE, "picture2": FILE}, text="Voici", said1="Deux tours", said2="Une porte")
    at = f"/posts/{(await Post.get()).id}/edit"

    await send(
        lou, at, "edit", files={"picture3": FILE}, drop1="yes", said2="Une grande porte", focus2="0,1", said3="Un pont"
    )

    rows = await Attachment.all().order_by("position")
    assert [(row.description, row.focal_y) for row in rows] == [("Une grande porte", 1.0), ("Un pont", None)]


async def test_a_change_that_changes_nothing_tells_nobody(lou):
    await send(lou, files={"picture1": FILE}, text="Voici", said1="Deux tours", sensitive="yes")
    post = await Post.get()

    answer = await send(lou, f"/posts/{post.id}/edit", "edit")

    assert answer.headers["location"] == "/home"
    assert (await Post.get()).edited_at is None
    assert not await PostEdit.exists()


@pytest.mark.parametrize(
    ("typed", "status"),
    [({"text": " "}, 422), ({"text": "x" * 5001}, 422), ({"warning": "x" * 501}, 422), ({"language": "tlh"}, 422),
     ({"do": "x"}, 422), ({"kept1": "x"}, 422), ({"seen": "2020"}, 409)],
)  # fmt: skip
async def test_a_change_that_will_not_do_keeps_what_was_typed(lou, own, typed, status):
    at = f"/posts/{own.id}/edit"
    written = {"do": "edit", "text": "Réunion dimanche", "warning": "Changé"} | typed

    answer = await send(lou, at, **written)

    assert (await Post.get()).source_text == "Réunion samedi"
    if "kept1" in typed:
        assert answer.status_code == status
        return
    page = read(answer, status)
    kept = form_of(page, at)
    assert (kept["text"], kept["warning"]) == (written["text"], written["warning"])
    assert text(page, ".summary")
    if status == 409:
        await send_again(lou, page, "edit", at=at)
        assert (await Post.get()).source_text == "Réunion dimanche"


async def test_a_poll_stays_as_it_was_asked(lou, member, say):
    post = await say(member, "On y va ?", poll=DraftPoll(["Oui", "Non"], 3600))
    at = f"/posts/{post.id}/edit"
    assert read(await lou.get(at)).select_one("input[type=file]") is None

    await send(lou, at, "edit", text="On y va ou pas ?")

    assert (await Post.get()).source_text == "On y va ou pas ?"
    assert await PollOption.all().count() == 2


@pytest.mark.parametrize("what", ["edit", "delete"])
async def test_nothing_but_ones_own_is_changed(lou, other_member, remote_actor, say, what):
    theirs = await say(other_member, "Le mien")
    token = form_of(read(await lou.get("/me")), "/logout")

    for id_ in (theirs.id, 1, 2**63, 9999999999999999999):
        at = f"/posts/{id_}/{what}"
        assert (await lou.get(at)).status_code == 404
        for do in ("edit", "delete", "rewrite"):
            assert (await lou.post(at, data=token | {"do": do, "text": "Non"})).status_code == 404
    assert (await Post.get()).source_text == "Le mien"
    assert not await ScheduledPost.exists()


@pytest.mark.parametrize("what", ["edit", "delete"])
async def test_posts_of_a_section_are_looked_after_at_its_desk(lou, main_section, member, ctx, what):
    await roles.give(main_section, member, Role.EDITOR, None, ctx)
    post = await speaking.publish(main_section, None, Draft("Bonjour"), ctx)

    assert (await lou.get(f"/posts/{post.id}/{what}")).headers["location"] == f"/@lille/desk/posts/{post.id}/{what}"
    token = form_of(read(await lou.get("/me")), "/logout")
    assert (await lou.post(f"/posts/{post.id}/{what}", data=token | {"do": what, "text": "x"})).status_code == 404
    assert await Post.exists(id=post.id)


async def test_a_post_is_deleted_after_being_asked_once(lou, own):
    at = f"/posts/{own.id}/delete"
    assert "Réunion samedi" in text(read(await lou.get(at)), "blockquote")
    assert await Post.exists()

    answer = await press(lou, f"{at}", "delete")

    assert answer.headers["location"] == "/home?said=deleted"
    assert not await Post.exists()
    assert (await lou.get(at)).status_code == 404


@pytest.mark.parametrize("sent", [{"do": "x"}, {"form_token": "x"}])
async def test_a_form_that_is_none_of_ours_deletes_nothing(lou, own, sent):
    at = f"/posts/{own.id}/delete"

    assert (await fill(lou, at, "delete", **sent)).status_code in (403, 422)
    assert await Post.exists()


async def test_a_post_is_written_again_with_its_pictures(lou, own, say, member):
    await send(lou, f"{WRITE}?reply_to={own.id}", files={"picture1": FILE}, text="Oui", warning="Attention",
               said1="Deux tours", visibility="unlisted")  # fmt: skip
    post, media = await Post.get(source_text="Oui"), await Media.get()

    answer = await press(lou, f"/posts/{post.id}/delete", "rewrite")

    assert not await Post.exists(id=post.id)
    page = read(await lou.get(answer.headers["location"]))
    filled = form_of(page, WRITE)
    assert (filled["text"], filled["warning"], filled["visibility"]) == ("Oui", "Attention", "unlisted")
    assert (filled["reply_to"], filled["said1"], filled["kept1"]) == (str(own.id), "Deux tours", str(media.id))
    assert page.select_one(".picture img") is None  # nobody is given it meanwhile
    await send_again(lou, page, text="Oui !")
    again = await Post.get(source_text="Oui !")
    assert (await Media.get()).post_id == again.id
    assert again.in_reply_to_id == own.id
    assert not await ScheduledPost.exists()


async def test_a_poll_is_written_again(lou, member, say):
    post = await say(member, "On y va ?", poll=DraftPoll(["Oui", "Non"], 3600, is_multiple=True))

    answer = await press(lou, f"/posts/{post.id}/delete", "rewrite")

    page = read(await lou.get(answer.headers["location"]))
    filled = form_of(page, WRITE)
    assert (filled["option1"], filled["option2"], filled["open_for"]) == ("Oui", "Non", "3600")
    assert filled["multiple"] == "yes"
    await send_again(lou, page)
    assert (await Poll.get()).is_multiple


async def test_a_post_that_is_only_for_some_is_written_again_for_the_same(lou, member, say):
    post = await say(member, "@ali psst", Visibility.DIRECT)

    answer = await press(lou, f"/posts/{post.id}/delete", "rewrite")

    assert form_of(read(await lou.get(answer.headers["location"])), WRITE)["visibility"] == "direct"


async def test_an_app_that_changed_it_meanwhile_is_not_overwritten(lou, own, member, ctx):
    at = f"/posts/{own.id}/edit"
    page = read(await lou.get(at))
    await actions.edit(member, own, Draft("Réunion mardi"), ctx)

    read(await send_again(lou, page, "edit", at=at, text="Réunion lundi"), 409)

    assert (await Post.get()).source_text == "Réunion mardi"
