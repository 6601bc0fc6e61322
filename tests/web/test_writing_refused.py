"""What the composer refuses: with the right status, a sentence at the field, and all that was typed kept."""

from datetime import timedelta

import pytest

from models.media import Media, small_url
from models.membership import Membership, MembershipState
from models.post import Attachment, Post, Visibility
from models.scheduled import ScheduledPost
from tests import factories
from tests.pictures import photograph
from tests.web.composing import FILE, WRITE, send, send_again
from tests.web.pages import form_of, read, text, texts

TYPED = {
    "text": "Bonjour\nà tous", "warning": "Salut", "language": "br", "visibility": "unlisted", "option1": "Oui",
    "option2": "Non", "open_for": "3600", "multiple": "yes", "sensitive": "yes", "quote_policy": "followers",
    "said2": "Une porte", "date": "2096-11-28", "time": "09:30", "zone": "Indian/Reunion",
}  # fmt: skip


@pytest.fixture
async def lou(enter, member, section):
    """The browser of Zoé, who holds no role."""
    return await enter(member)


@pytest.mark.parametrize(
    ("typed", "where", "sentence"),
    [
        ({"text": " "}, "#text-error", "Écrivez d’abord"),
        ({"text": "x" * 5001}, "#text-error", "5 000 caractères"),
        ({"warning": "x" * 501}, "#warning-error", "500 caractères"),
        ({"option2": " "}, "#poll-error", "deux choix"),
        ({"option2": "Oui"}, "#poll-error", "identiques"),
        ({"option2": "x" * 101}, "#poll-error", "100 caractères"),
        ({"time": ""}, "#later-error", "un jour et une heure"),
        ({"date": "2096-13-01"}, "#later-error", "un jour et une heure"),
        ({"date": "2020-01-01"}, "#later-error", "cinq minutes"),
        ({"visibility": "direct"}, "#text-error", "@nom"),
    ],
)
async def test_what_will_not_do_is_shown_again_with_a_sentence_at_its_field(lou, typed, where, sentence):
    page = read(await send(lou, **TYPED | typed), 422)

    assert sentence in text(page, where)
    assert "rien n’est perdu" in text(page, ".summary")
    kept = form_of(page, WRITE)
    for name, value in (TYPED | typed).items():
        assert kept[name] == value, name
    described = page.select_one("[aria-invalid], fieldset.field-wrong")
    assert described is not None
    assert described.find_parent("details") is None or described.find_parent("details").has_attr("open")
    assert not await Post.exists()
    assert not await ScheduledPost.exists()


@pytest.mark.parametrize(
    "typed",
    [
        {"language": "tlh"}, {"visibility": ""}, {"visibility": "x"}, {"quote_policy": "x"}, {"open_for": "7"},
        {"zone": "Mars/Base"}, {"zone": "../etc/passwd"}, {"zone": ""}, {"do": "x"}, {"focus1": "2,0"},
    ],
)  # fmt: skip
async def test_a_form_that_is_none_of_ours_keeps_the_text_and_publishes_nothing(lou, typed):
    files = {"picture1": FILE} if "focus1" in typed else None
    without = dict.fromkeys(("option1", "option2"), "") if files else {}
    page = read(await send(lou, files=files, **{"do": "publish"} | TYPED | without | typed), 422)

    assert form_of(page, WRITE)["text"] == TYPED["text"]
    assert text(page, ".summary")
    assert not await Post.exists()


@pytest.mark.parametrize("name", ["kept1", "reply_to", "quote", "draft"])
@pytest.mark.parametrize("value", ["x", "-1", "0", "99999999999999999999"])
async def test_ids_that_are_none_are_refused(lou, name, value):
    answer = await send(lou, text="Voici", **{name: value})

    assert answer.status_code == 422
    assert not await Post.exists()


async def test_an_answer_for_more_people_than_its_parent_is_refused(lou, member, section, other_member, say):
    parent = await say(other_member, "@zoe psst", Visibility.DIRECT)
    at = f"{WRITE}?reply_to={parent.id}"
    for visibility in ("public", "unlisted", "followers", f"section-{section.id}"):
        page = read(await send(lou, at, text="@ali oui", visibility=visibility), 422)

        assert "pas plus de monde" in text(page, "#visibility-error")
        assert form_of(page, WRITE)["visibility"] == "direct"
    assert not await Post.filter(actor_id=member.id).exists()


async def test_members_of_a_section_to_which_one_does_not_belong_are_not_written_to(lou, section):
    page = read(await send(lou, text="Bonjour", visibility=f"section-{section.id}"), 422)

    assert text(page, "#visibility-error")
    assert not await Post.exists()


async def test_what_answers_something_that_is_gone_is_kept_and_said(lou, member, other_member, say):
    parent = await say(other_member, "Bonjour")
    page = read(await lou.get(f"{WRITE}?reply_to={parent.id}"))
    await Post.filter(id=parent.id).delete()

    refused = read(await send_again(lou, page, text="Oui"), 404)
    assert "n’est plus là" in text(refused, ".summary")
    assert not await Post.exists()

    await send_again(lou, refused)
    assert (await Post.get()).in_reply_to_uri is None


@pytest.mark.parametrize(
    ("file", "status", "sentence"),
    [
        (("x.svg", b"<svg/>", "image/svg+xml"), 422, "n’est pas une image"),
        (("x.pdf", b"%PDF-1.7", "application/pdf"), 422, "n’est pas une image"),
        (("x.jpg", photograph()[:-200], "image/jpeg"), 422, "abîmé"),
        (("x.mp4", b"\x00\x00\x00\x18ftypmp42", "video/mp4"), 422, "ni le son"),
        (("x.jpg", photograph() + bytes(2**21), "image/jpeg"), 413, "trop lourd"),
    ],
)
async def test_a_file_that_will_not_do_keeps_all_the_rest(app, lou, file, status, sentence):
    app.state.media.max_bytes = 2**20
    files = {"picture1": FILE, "picture2": file}
    page = read(await send(lou, files=files, text="Voici", said1="Deux tours", said2="Autre chose"), status)

    assert sentence in text(page, ".summary")
    kept = form_of(page, WRITE)
    assert (kept["text"], kept["said1"], kept["said2"]) == ("Voici", "Deux tours", "Autre chose")
    media = await Media.get()
    assert kept["kept1"] == str(media.id)
    assert page.select_one("img[alt='Deux tours']")["src"] == small_url(media.url)
    await send_again(lou, page)
    assert (await Attachment.get()).id == media.id


async def test_more_files_than_there_is_room_for_are_refused(lou):
    answer = await send(lou, files={f"picture{n}": FILE for n in range(1, 6)}, text="Voici")

    assert answer.status_code == 422
    assert not await Media.exists()


async def test_pictures_and_a_poll_are_one_too_many(lou):
    page = read(await send(lou, files={"picture1": FILE}, text="Voici", said1="x", option1="Oui", option2="Non"), 422)

    assert "pas les deux" in text(page, "#poll-error")


async def test_pictures_of_others_are_not_slipped_in(lou, other_member):
    page = read(await send(lou, files={"picture1": FILE}, text="x" * 5001, said1="Deux tours"), 422)
    await Media.all().update(owner_id=other_member.id)

    await send_again(lou, page, text="Voici")

    assert await Post.exists()
    assert not await Attachment.exists()


async def test_another_site_and_whoever_is_not_logged_in_send_nothing(lou, visitor):
    sent = form_of(read(await lou.get(WRITE)), WRITE) | {"do": "publish", "text": "Non"}

    assert (await lou.post(WRITE, data=sent, headers={"Origin": "https://bad.test"})).status_code == 403
    assert (await lou.post(WRITE, data=sent, headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403
    assert (await visitor.post(WRITE, data=sent)).headers["location"].startswith("/login")
    assert (await visitor.get(WRITE)).headers["location"] == "/login?next=%2Fwrite"
    assert not await Post.exists()


async def test_text_outlives_the_session_in_which_it_was_begun(lou, enter, member):
    sent = form_of(read(await lou.get(WRITE)), WRITE) | {"do": "publish", "text": "Long travail"}
    later = await enter(member)

    page = read(await later.post(WRITE, data=sent), 403)
    assert form_of(page, WRITE)["text"] == "Long travail"
    assert not await Post.exists()

    await send_again(later, page)
    assert (await Post.get()).source_text == "Long travail"


async def test_who_moved_away_writes_nothing(lou, member):
    member.moved_to_uri = "https://far.test/users/zoe"
    await member.save(update_fields=["moved_to_uri"])

    page = read(await send(lou, text="Bonjour"), 403)

    assert "déménagé" in text(page, ".summary")
    assert form_of(page, WRITE)["text"] == "Bonjour"


async def test_a_refusal_says_it_in_english_too(lou):
    lou.headers["Accept-Language"] = "en"
    page = read(await send(lou, text=" ", option1="Yes"), 422)

    assert texts(page, ".error") == ["Write something first.", "A poll needs two choices at least."]


async def test_time_that_has_come_meanwhile_is_refused(lou, ctx):
    day = ctx.now() + timedelta(minutes=4)

    page = read(await send(lou, text="Bientôt", date=f"{day:%Y-%m-%d}", time=f"{day:%H:%M}", zone="UTC"), 422)

    assert text(page, "#later-error")


async def test_members_of_two_sections_are_told_apart(lou, member, section, ctx):
    other = await factories.section(ctx, "douai", "Section de Douai", is_main=False)
    for group in (section, other):
        await Membership.create(member=member, group=group, state=MembershipState.ACCEPTED)

    await send(lou, text="Bonjour", visibility=f"section-{other.id}")

    assert (await Post.get()).group_id == other.id
