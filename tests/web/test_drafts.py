"""What is written and not published yet: kept, gone on with, published, moved, deleted; one's own alone, and sealed."""

from datetime import timedelta

import pytest

from models import database
from models.media import Media
from models.post import Attachment, Post, Visibility
from models.scheduled import ScheduledPost
from server.posts import kept, scheduled
from server.posts.actions import Draft
from server.posts.polls import DraftPoll
from server.posts.scheduled import HELD_FOR
from tests.web.composing import FILE, WRITE, send, send_again
from tests.web.pages import form_of, press, read, text, texts

DRAFTS, SCHEDULED = "/me/drafts", "/me/scheduled"


@pytest.fixture
async def lou(enter, member, section):
    """The browser of Zoé, who holds no role."""
    return await enter(member)


async def test_a_draft_is_kept_with_all_that_was_typed_fit_or_not(lou, member):
    answer = await send(
        lou, do="keep", files={"picture1": FILE}, text=" ", warning="Salut", language="en", visibility="followers",
        said1="Deux tours", focus1="1,0", option1="Oui", open_for="3600", quote_policy="nobody",
    )  # fmt: skip
    assert answer.headers["location"] == f"{DRAFTS}?said=draft_kept"
    assert not await Post.exists()

    row = await ScheduledPost.get(author_id=member.id, due_at=None)
    filled = form_of(read(await lou.get(f"{WRITE}?draft={row.id}")), WRITE)
    expected = {
        "text": " ", "warning": "Salut", "language": "en", "visibility": "followers", "said1": "Deux tours",
        "focus1": "1,0", "option1": "Oui", "open_for": "3600", "quote_policy": "nobody", "draft": str(row.id),
        "kept1": str((await Media.get()).id),
    }  # fmt: skip
    assert {name: filled[name] for name in expected} == expected


async def test_a_draft_is_gone_on_with_and_published_once(lou, member):
    await send(lou, do="keep", files={"picture1": FILE}, text="Début", said1="Deux tours")
    row = await ScheduledPost.get()
    at = f"{WRITE}?draft={row.id}"
    await send(lou, at, "keep", text="Début et suite")
    assert (await ScheduledPost.get()).draft["text"] == "Début et suite"

    page = read(await lou.get(at))
    for _ in range(2):
        answer = await send_again(lou, page, text="Début et fin", at=at)
        assert answer.headers["location"] == f"/home?said=posted&post={(await Post.get()).id}"

    assert (await Post.get()).source_text == "Début et fin"
    assert (await Attachment.get()).description == "Deux tours"
    assert not await ScheduledPost.exists()


async def test_a_picture_taken_out_of_a_draft_goes(lou, app, ctx):
    await send(lou, do="keep", files={"picture1": FILE, "picture2": FILE}, text="Voici")
    row = await ScheduledPost.get()

    await send(lou, f"{WRITE}?draft={row.id}", "keep", drop1="yes")

    assert await Media.filter(scheduled_id=row.id).count() == 1
    assert len(await kept.pictures_of(await ScheduledPost.get())) == 1


async def test_what_a_draft_says_cannot_be_read_in_the_database(lou):
    await send(lou, do="keep", text="Secret de polichinelle")

    [row] = await database.select("SELECT draft FROM scheduled_post")
    assert b"polichinelle" not in bytes(row["draft"])


async def test_drafts_and_scheduled_posts_are_listed_apart(lou, member, ctx):
    await kept.keep(member, Draft("Brouillon"), ctx)
    await scheduled.schedule(member, Draft("Prévu"), ctx.now() + timedelta(days=1), ctx)

    assert texts(read(await lou.get(DRAFTS)), ".rows .words") == ["Brouillon"]
    assert texts(read(await lou.get(SCHEDULED)), ".rows .words") == ["Prévu"]


@pytest.mark.parametrize("address", [DRAFTS, SCHEDULED])
async def test_lists_say_when_they_are_empty_and_are_read_page_by_page(lou, member, ctx, address):
    assert text(read(await lou.get(address)), ".empty")
    for number in range(32):
        due_at = ctx.now() + timedelta(days=1) if address == SCHEDULED else None
        await ScheduledPost.create(author=member, due_at=due_at, draft=scheduled.written(Draft(f"Texte {number}")))

    first = read(await lou.get(address))
    second = read(await lou.get(address + first.select_one('[rel="next"]')["href"]))
    assert texts(first, ".words") + texts(second, ".words") == [f"Texte {number}" for number in reversed(range(32))]
    assert second.select_one('[rel="next"]') is None


@pytest.mark.parametrize("address", [DRAFTS, SCHEDULED])
async def test_one_is_deleted_and_its_pictures_go(lou, member, ctx, address):
    due_at = {"date": "2096-11-28", "time": "09:30"} if address == SCHEDULED else {}
    await send(lou, do="publish" if due_at else "keep", files={"picture1": FILE}, text="Non", said1="x", **due_at)
    row = await ScheduledPost.get()

    answer = await press(lou, address, "delete", draft=row.id)

    assert answer.headers["location"] == f"{address}?said=draft_deleted"
    assert not await ScheduledPost.exists()
    assert (await Media.get()).scheduled_id is None


async def test_what_is_scheduled_is_changed_and_moved(lou, member):
    await send(lou, text="Demain", date="2096-11-28", time="09:30")
    row = await ScheduledPost.get()
    await ScheduledPost.filter(id=row.id).update(given_up_at=row.created_at)
    page = read(await lou.get(f"{WRITE}?draft={row.id}"))
    filled = form_of(page, WRITE)
    assert (filled["date"], filled["time"], filled["zone"]) == ("2096-11-28", "09:30", "Europe/Paris")
    assert "n’a pas pu être publié" in text(page, ".summary")

    await send_again(lou, page, text="Après-demain", date="2096-11-29")

    row = await ScheduledPost.get()
    assert (row.draft["text"], row.due_at.day, row.given_up_at) == ("Après-demain", 29, None)


async def test_what_is_scheduled_is_published_at_once_or_becomes_a_draft(lou, member):
    await send(lou, text="Demain", date="2096-11-28", time="09:30")
    row = await ScheduledPost.get()
    sent = form_of(read(await lou.get(SCHEDULED)), SCHEDULED, "publish")
    for _ in range(2):
        answer = await lou.post(SCHEDULED, data=sent)
        assert answer.headers["location"] == f"{SCHEDULED}?said=posted&post={(await Post.get()).id}"
    assert not await ScheduledPost.exists()

    await send(lou, text="Plus tard", date="2096-11-28", time="09:30")
    row = await ScheduledPost.get()
    await send(lou, f"{WRITE}?draft={row.id}", "keep")
    assert (await ScheduledPost.get()).due_at is None
    await send(lou, f"{WRITE}?draft={row.id}")
    assert await Post.filter(source_text="Plus tard").exists()


async def test_what_is_being_published_is_neither_changed_nor_deleted(lou, member, ctx):
    await send(lou, text="Demain", date="2096-11-28", time="09:30")
    row = await ScheduledPost.get()
    page = read(await lou.get(f"{WRITE}?draft={row.id}"))
    await ScheduledPost.all().update(held_until=ctx.now() + HELD_FOR)

    for do, more in (("publish", {}), ("publish", {"date": "", "time": ""}), ("keep", {})):
        refused = read(await send_again(lou, page, do, text="Autre", **more), 409)
        assert form_of(refused, WRITE)["text"] == "Autre"
    for do in ("delete", "publish"):
        assert "déjà en cours" in text(read(await press(lou, SCHEDULED, do), 409), ".summary")
    assert (await ScheduledPost.get()).draft["text"] == "Demain"
    assert not await Post.exists()


async def test_nobody_reaches_the_drafts_of_another(lou, enter, other_member, member, ctx):
    theirs = await kept.keep(other_member, Draft("Secret"), ctx)
    token = form_of(read(await lou.get("/me")), "/logout")

    assert (await lou.get(f"{WRITE}?draft={theirs.id}")).status_code == 404
    for address, do in ((DRAFTS, "delete"), (SCHEDULED, "delete"), (SCHEDULED, "publish")):
        answer = await lou.post(address, data=token | {"do": do, "draft": str(theirs.id)})
        assert answer.status_code == 404
        assert "Secret" not in answer.text
    refused = read(await send(lou, text="Le mien", draft=str(theirs.id)), 409)
    assert form_of(refused, WRITE)["text"] == "Le mien"
    assert (await ScheduledPost.get()).author_id == other_member.id
    await send(lou, do="keep", text="Le mien", draft=str(theirs.id))
    assert await ScheduledPost.filter(author_id=member.id).count() == 1


@pytest.mark.parametrize("draft", ["x", "", "0", "99999999999999999999"])
async def test_buttons_without_a_draft_do_nothing(lou, draft):
    token = form_of(read(await lou.get("/me")), "/logout")

    assert (await lou.post(DRAFTS, data=token | {"do": "delete", "draft": draft})).status_code == 422
    assert (await lou.post(DRAFTS, data={"form_token": "x", "do": "delete", "draft": draft})).status_code == 403
    assert (await lou.post(DRAFTS, data=token | {"do": "x", "draft": draft})).status_code == 422


async def test_there_are_a_hundred_drafts_at_most_and_none_is_endless(lou, member, ctx):
    assert "20 000" in text(read(await send(lou, do="keep", text="x" * 20_001), 422), ".summary")
    for _ in range(kept.MAX_DRAFTS):
        await ScheduledPost.create(author=member, due_at=None, draft=scheduled.written(Draft("x")))

    page = read(await send(lou, do="keep", text="Un de trop"), 422)

    assert "cent brouillons" in text(page, ".summary")
    assert form_of(page, WRITE)["text"] == "Un de trop"


async def test_apps_are_shown_no_drafts_and_no_worker_publishes_one(member, ctx):
    row = await kept.keep(member, Draft("Brouillon", poll=DraftPoll(["Oui"], 3600)), ctx)

    await scheduled.sweep(ctx)

    assert await scheduled.page(member, limit=40) == []
    assert (await ScheduledPost.get(id=row.id)).given_up_at is None
    assert not await Post.exists()


async def test_a_draft_whose_parent_is_gone_says_so(lou, member, other_member, say, ctx):
    parent = await say(other_member, "Bonjour")
    row = await kept.keep(member, Draft("Oui", Visibility.PUBLIC, in_reply_to=parent), ctx)
    assert "Bonjour" in text(read(await lou.get(f"{WRITE}?draft={row.id}")), ".written-about")
    await Post.filter(id=parent.id).delete()

    page = read(await lou.get(f"{WRITE}?draft={row.id}"))

    assert "n’est plus là" in text(page, ".summary")
    await send_again(lou, page)
    assert (await Post.get()).source_text == "Oui"
