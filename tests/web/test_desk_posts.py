"""At the desk: writing in the section's name, and what it published, changed and deleted."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.activity import ActivityRecord
from models.idempotency import IdempotencyKey
from models.poll import PollOption
from models.post import Post, Visibility
from models.role import Role, SectionAct
from models.section import Section
from server.errors import Invalid
from server.posts.actions import Draft
from server.sections import roles, speaking
from tests import factories
from tests.web.pages import fill, form_of, press, read, text, texts
from web.writing.typed import LANGUAGES, read_draft

DESK = "/@lille/desk"
WRITE, POSTS = f"{DESK}/write", f"{DESK}/posts"


@pytest.fixture
async def own(main_section, ctx):
    """A post of the section."""
    return await speaking.publish(main_section, None, Draft("Réunion samedi", language="fr"), ctx)


@pytest.fixture
def desk_of(enter, main_section, other_member, ctx):
    """Give the browser of Ali, who holds a role: `await desk_of(Role.EDITOR)`."""

    async def hold(role):
        await roles.give(main_section, other_member, role, None, ctx)
        return await enter(other_member)

    return hold


async def test_section_speaks_and_who_wrote_stays_inside(zoe, visitor, section, member):
    response = await fill(
        zoe, WRITE, "publish", text="Réunion samedi.\r\n\r\nVenez !", warning=" Une  réunion ", language="en",
        visibility="unlisted",
    )  # fmt: skip

    assert response.headers["location"] == f"{POSTS}?said=published"
    post = await Post.get()
    assert (post.actor_id, post.visibility, post.language) == (section.id, Visibility.UNLISTED, "en")
    assert (post.source_text, post.content_warning) == ("Réunion samedi.\n\nVenez !", "Une réunion")
    assert (await SectionAct.get(act="publish")).author_id == member.id
    page = read(await zoe.get(POSTS))
    assert "Écrit par Zoé" in text(page, ".rows")
    assert "Venez !" in text(page, ".rows .prose")
    assert "Zoé" not in read(await visitor.get(post.url)).get_text()
    for record in await ActivityRecord.all():
        assert member.username not in record.document


@pytest.mark.parametrize("visibility", ["public", "unlisted", "followers", "section"])
async def test_who_will_see_it_is_said_in_words_and_chosen(zoe, visibility):
    page = read(await zoe.get(WRITE))
    assert len(set(texts(page, ".choice .note"))) == 4
    assert page.select_one("input[name=visibility][checked]")["value"] == "public"

    await fill(zoe, WRITE, "publish", text="Bonjour", visibility=visibility)

    assert (await Post.get()).visibility == visibility


async def test_section_asks_a_question(zoe, section):
    refused = read(await fill(zoe, WRITE, "publish", text="On y va ?", option1="Oui", open_for="3600"), 422)
    assert "deux choix" in text(refused, ".summary")
    assert form_of(refused, WRITE)["option1"] == "Oui"

    await zoe.post(WRITE, data=form_of(refused, WRITE) | {"option2": "Non"})

    assert (await Post.get()).actor_id == section.id
    assert [row.title for row in await PollOption.all().order_by("position")] == ["Oui", "Non"]


async def test_who_speaks_is_said_before(zoe, main_section, own):
    assert "Section de Lille" in text(read(await zoe.get(WRITE)), ".speaker")
    assert "n’est pas montré" in text(read(await zoe.get(WRITE)), ".speaker")
    await Section.filter(id=main_section.id).update(shows_authors=True)

    assert "votre nom, Zoé" in text(read(await zoe.get(WRITE)), ".speaker")
    changing = text(
        read(await zoe.get(f"{POSTS}/{own.id}/edit")), ".speaker"
    )  # whose name stands below is who wrote it first
    assert "Section de Lille" in changing
    assert "Zoé" not in changing


@pytest.mark.parametrize(
    "typed",
    [
        {"text": " "},
        {"text": "x" * 5001},
        {"warning": "x" * 501},
        {"language": "tlh"},
        {"visibility": "direct"},
        {"visibility": ""},
        {"do": "x"},
    ],
)
async def test_what_will_not_do_is_shown_again_with_all_that_was_typed(zoe, typed):
    written = {"text": "Bonjour\nà tous", "warning": "Salut", "language": "br", "visibility": "section"} | typed
    page = read(await fill(zoe, WRITE, "publish", **written), 422)

    kept = form_of(page, WRITE)
    for name in ("text", "warning") if typed.keys() & {"language", "visibility"} else ("text", "warning", "language"):
        assert kept[name] == written[name]
    assert text(page, ".summary")
    assert not await Post.exists()
    assert not await SectionAct.filter(act="publish").exists()


async def test_what_was_refused_is_corrected_and_sent_again(zoe):
    page = read(await fill(zoe, WRITE, "publish", text="x" * 5001), 422)

    await zoe.post(WRITE, data=form_of(page, WRITE) | {"text": "Court"})

    assert (await Post.get()).source_text == "Court"


async def test_what_is_sent_twice_is_published_once(zoe):
    sent = form_of(read(await zoe.get(WRITE)), WRITE) | {"text": "Bonjour"}

    for _ in range(2):
        assert (await zoe.post(WRITE, data=sent)).headers["location"] == f"{POSTS}?said=published"

    assert await Post.all().count() == 1
    assert await SectionAct.filter(act="publish").count() == 1


async def test_of_two_clicks_at_once_one_publishes_and_neither_loses_the_text(zoe):
    sent = form_of(read(await zoe.get(WRITE)), WRITE) | {"text": "Bonjour"}

    answers = await asyncio.gather(*(zoe.post(WRITE, data=sent) for _ in range(4)))

    assert {answer.status_code for answer in answers} <= {303, 409}
    for answer in answers:
        if answer.status_code == 409:
            assert form_of(read(answer, 409), WRITE) == sent
    assert await Post.all().count() == 1


async def test_another_text_of_the_same_page_is_another_post(zoe):
    sent = form_of(read(await zoe.get(WRITE)), WRITE)
    for said in ("Bonjour", "Bonsoir"):
        await zoe.post(WRITE, data=sent | {"text": said})

    assert {post.source_text for post in await Post.all()} == {"Bonjour", "Bonsoir"}


async def test_form_without_its_key_publishes_nothing(zoe):
    page = read(await fill(zoe, WRITE, "publish", text="Bonjour", key=""), 422)

    assert form_of(page, WRITE)["text"] == "Bonjour"
    assert not await IdempotencyKey.exists()


async def test_list_is_read_page_by_page_and_shows_what_is_for_members(zoe, main_section, ctx):
    for number in range(22):
        visibility = Visibility.SECTION if number % 2 else Visibility.PUBLIC
        await speaking.publish(main_section, None, Draft(f"Message {number}", visibility), ctx)
    first = read(await zoe.get(POSTS))
    second = read(await zoe.get(POSTS + first.select_one('[rel="next"]')["href"]))

    shown = texts(first, ".rows .prose") + texts(second, ".rows .prose")
    assert shown == [f"Message {number}" for number in reversed(range(22))]
    assert second.select_one('[rel="next"]') is None
    assert (await zoe.get(f"{POSTS}?before=x")).status_code == 404


async def test_post_is_changed_and_seen_by_as_many_as_before(zoe, own, member):
    at = f"{POSTS}/{own.id}/edit"
    assert form_of(read(await zoe.get(at)), at)["text"] == "Réunion samedi"

    response = await fill(zoe, at, "edit", text="Réunion dimanche", warning="Changé", visibility="section")

    assert response.headers["location"] == f"{POSTS}?said=changed"
    post = await Post.get(id=own.id)
    assert (post.source_text, post.content_warning, post.language) == ("Réunion dimanche", "Changé", "fr")
    assert (post.visibility, post.is_sensitive) == (Visibility.PUBLIC, True)
    assert (await SectionAct.get(act="edit post")).author_id == member.id
    await fill(zoe, at, "edit", warning="")
    assert not (await Post.get(id=own.id)).is_sensitive


@pytest.mark.parametrize("typed", [{"text": ""}, {"text": "x" * 5001}, {"warning": "x" * 501}, {"language": "x"}])
async def test_change_that_will_not_do_is_kept_in_the_form(zoe, own, typed):
    at = f"{POSTS}/{own.id}/edit"
    page = read(await fill(zoe, at, "edit", **{"text": "Réunion dimanche", "warning": "Changé"} | typed), 422)

    kept = form_of(page, at)
    assert (kept["text"], kept["warning"]) == (typed.get("text", "Réunion dimanche"), typed.get("warning", "Changé"))
    assert (await Post.get(id=own.id)).source_text == "Réunion samedi"


async def test_change_of_what_somebody_else_changed_meanwhile_is_not_lost_and_changes_nothing(
    zoe, own, main_section, ctx
):
    at = f"{POSTS}/{own.id}/edit"
    sent = form_of(read(await zoe.get(at)), at) | {"text": "Réunion lundi"}
    await speaking.edit(main_section, None, own, Draft("Réunion mardi"), ctx)

    page = read(await zoe.post(at, data=sent), 409)

    assert (await Post.get(id=own.id)).source_text == "Réunion mardi"
    assert form_of(page, at)["text"] == "Réunion lundi"
    await zoe.post(at, data=form_of(page, at))
    assert (await Post.get(id=own.id)).source_text == "Réunion lundi"


async def test_change_that_is_sent_twice_is_made_once(zoe, own):
    at = f"{POSTS}/{own.id}/edit"
    sent = form_of(read(await zoe.get(at)), at) | {"text": "Réunion lundi"}
    for _ in range(2):
        assert (await zoe.post(at, data=sent)).headers["location"] == f"{POSTS}?said=changed"

    assert await SectionAct.filter(act="edit post").count() == 1


async def test_post_is_deleted_after_being_asked_once(zoe, own, member):
    at = f"{POSTS}/{own.id}/delete"
    assert "Réunion samedi" in text(read(await zoe.get(at)), "blockquote")
    assert await Post.exists(id=own.id)

    response = await press(zoe, at, "delete")

    assert response.headers["location"] == f"{POSTS}?said=deleted"
    assert not await Post.exists()
    assert (await SectionAct.get(act="delete post")).author_id == member.id
    assert (await zoe.get(at)).status_code == 404


@pytest.mark.parametrize("what", ["edit", "delete"])
async def test_nothing_but_its_own_posts_is_changed(zoe, member, what, main_section, ctx):
    token = form_of(read(await zoe.get("/me")), "/logout")
    theirs = await factories.post(member)
    aside = await speaking.publish(main_section, None, Draft("@ali à part", Visibility.DIRECT), ctx)

    for id_ in (theirs.id, aside.id, 1, 2**63, 9999999999999999999):
        at = f"{POSTS}/{id_}/{what}"
        assert (await zoe.get(at)).status_code == 404
        assert (await zoe.post(at, data=token | {"do": what, "text": "Non"})).status_code == 404
    assert await Post.all().count() == 2


async def test_editor_writes_changes_and_deletes(desk_of, own):
    ali = await desk_of(Role.EDITOR)
    page = read(await ali.get(POSTS))
    for there in (WRITE, f"{POSTS}/{own.id}/edit", f"{POSTS}/{own.id}/delete"):
        assert page.select_one(f'main a[href="{there}"]') is not None
        assert (await ali.get(there)).status_code == 200
    assert page.select_one(f'.places a[href="{DESK}/reports"]') is None
    await fill(ali, WRITE, "publish", text="De la rédaction")

    assert texts(read(await ali.get(POSTS)), ".rows .note span[dir]") == ["Ali"]


async def test_moderator_deletes_and_does_not_write(desk_of, own):
    ali = await desk_of(Role.MODERATOR)
    token = form_of(read(await ali.get("/me")), "/logout")
    page = read(await ali.get(POSTS))
    for there, do in ((WRITE, "publish"), (f"{POSTS}/{own.id}/edit", "edit")):
        assert page.select_one(f'a[href="{there}"]') is None
        assert text(read(await ali.get(there), 403), "main")
        sent = token | {"do": do, "text": "Non", "visibility": "public", "key": "k", "language": "fr"}
        assert (await ali.post(there, data=sent)).status_code == 403
    assert (await Post.get()).source_text == "Réunion samedi"

    await press(ali, f"{POSTS}/{own.id}/delete", "delete")

    assert not await Post.exists()


async def test_language_that_was_chosen_elsewhere_stays(zoe, main_section, ctx):
    post = await speaking.publish(main_section, None, Draft("Olá", language="pt-BR"), ctx)
    at = f"{POSTS}/{post.id}/edit"

    await fill(zoe, at, "edit", text="Olá a todos")

    assert (await Post.get()).language == "pt-BR"


@given(
    st.dictionaries(
        st.sampled_from(["text", "warning", "language"]), st.text(max_size=600) | st.sampled_from([*LANGUAGES])
    )
)
def test_whatever_is_typed_is_a_draft_or_refused(typed):
    try:
        draft = read_draft(typed, Visibility.PUBLIC)
    except Invalid:
        return
    assert draft.text == typed["text"]
    assert draft.text.strip()
    assert draft.language in LANGUAGES
    assert "\n" not in draft.content_warning
