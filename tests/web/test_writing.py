"""The composer: every field of it, whom a text is for, what it answers and quotes, and going back afterwards."""

from datetime import timedelta

import pytest

from models.actor import Actor
from models.follow import Follow
from models.media import Media
from models.member import Member
from models.membership import Membership, MembershipState
from models.poll import Poll, PollOption
from models.post import Attachment, Mention, Post, QuotePolicy, Visibility
from models.quote import Quote
from models.role import Role
from models.scheduled import ScheduledPost
from server.media.clearing import clear_all
from server.media.films import FilmMaker
from server.sections import roles
from tests.films import FFMPEG, film
from tests.web.composing import FILE, WRITE, send, send_again
from tests.web.conftest import browser
from tests.web.pages import form_of, read, text, texts
from web.writing.composed import OPEN_FOR, OPTIONS


@pytest.fixture
async def lou(enter, member, section):
    """The browser of Zoé, who holds no role."""
    return await enter(member)


async def belong(member, section):
    await Membership.create(member=member, group=section, state=MembershipState.ACCEPTED)


async def test_a_text_is_published_with_all_that_was_chosen(lou, member):
    answer = await send(
        lou, text="Réunion samedi.\r\n\r\nVenez ! #bus", warning=" Une  réunion ", language="en", visibility="unlisted",
        quote_policy="nobody",
    )  # fmt: skip

    post = await Post.get()
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/home?said=posted&post={post.id}"
    assert (post.actor_id, post.visibility, post.language) == (member.id, Visibility.UNLISTED, "en")
    assert (post.source_text, post.content_warning) == ("Réunion samedi.\n\nVenez ! #bus", "Une réunion")
    assert (post.is_sensitive, post.quote_policy) == (True, QuotePolicy.NOBODY)


async def test_form_needs_no_script_and_every_field_has_its_name(lou):
    page = read(await lou.get(WRITE))

    form = page.select_one(f'form[action="{WRITE}"]')
    assert form["enctype"] == "multipart/form-data"
    for field in form.select("textarea, select, input:not([type=hidden])"):
        assert form.select_one(f'label[for="{field.get("id")}"]') or field.find_parent("label"), field
    assert page.select_one("input[name=visibility][checked]")["value"] == "public"
    policy = (await lou.get(WRITE)).headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "connect-src 'self'" in policy


@pytest.mark.parametrize(
    ("usual", "belongs", "shown"),
    [
        (Visibility.FOLLOWERS, False, "followers"),
        (Visibility.SECTION, True, "section-"),
        (Visibility.SECTION, False, "direct"),
    ],
)
async def test_a_new_text_begins_as_its_member_wishes_and_for_nobody_more(lou, member, section, usual, belongs, shown):
    if belongs:
        await belong(member, section)
    await Member.filter(actor_id=member.id).update(posts_as=usual, marks_sensitive=True)

    page = read(await lou.get(WRITE))

    assert page.select_one("input[name=visibility][checked]")["value"].startswith(shown)
    assert page.select_one("input[name=sensitive]").has_attr("checked")
    asked = read(await lou.get(f"{WRITE}?visibility=unlisted"))
    assert asked.select_one("input[name=visibility][checked]")["value"] == "unlisted"


async def test_who_will_see_it_is_said_with_numbers(lou, app, enter, member, section, other_member):
    await belong(member, section)
    await Actor.filter(id=member.id).update(followers_count=412)
    page = read(await lou.get(WRITE))
    sees = dict(zip(texts(page, ".audience strong"), texts(page, ".audience .note"), strict=True))

    assert sees["Tout le monde"] == "Visible par tout le monde, partagé avec les 412 personnes qui vous suivent."
    assert "Section de Lille" in sees["Les membres de « Section de Lille »"]
    assert len(sees) == 5
    async with browser(app, language="en") as english:
        english.cookies = lou.cookies
        assert "the 412 people who follow you" in read(await english.get(WRITE)).get_text()
    await Actor.filter(id=member.id).update(followers_count=0)
    assert "Personne ne vous suit encore" in text(read(await lou.get(WRITE)), ".audience .note")
    ali = read(await (await enter(other_member)).get(WRITE))
    assert len(ali.select(".audience .choice")) == 4  # who belongs nowhere writes to no members


@pytest.mark.parametrize("visibility", ["public", "unlisted", "followers", "section", "direct"])
async def test_each_audience_is_reached(lou, member, section, other_member, visibility):
    await belong(member, section)
    value = f"section-{section.id}" if visibility == "section" else visibility

    await send(lou, text="@ali bonjour", visibility=value)

    post = await Post.get()
    assert post.visibility == visibility
    assert (post.group_id == section.id) == (visibility == "section")


async def test_pictures_come_with_words_and_the_point_that_matters(lou, visitor, member):
    await send(lou, files={"picture1": FILE, "picture3": FILE}, text="Voici", said1="Deux  tours", focus1="0.5,-0.25",
               said3="Une porte")  # fmt: skip

    rows = await Attachment.filter(post_id=(await Post.get()).id).order_by("position")
    assert [(row.description, row.focal_x, row.focal_y) for row in rows] == [
        ("Deux tours", 0.5, -0.25),
        ("Une porte", None, None),
    ]


async def test_pictures_alone_are_a_post_and_may_be_hidden(lou):
    await send(lou, files={"picture1": FILE}, said1="Deux tours", sensitive="yes")

    post = await Post.get()
    assert (post.source_text, post.is_sensitive) == ("", True)


async def test_a_picture_without_description_is_asked_about_once(lou):
    asked = read(await send(lou, files={"picture1": FILE}, text="Voici"), 422)
    assert "n’a pas de description" in text(asked, "#pictures-error")
    assert "Publier ainsi" in texts(asked, "button")
    assert not await Post.exists()

    await send_again(lou, asked)

    assert (await Media.get()).post_id == (await Post.get()).id


async def test_form_offers_what_may_be_chosen_of_a_poll(lou):
    page = read(await lou.get(WRITE))

    assert [int(one["value"]) for one in page.select("#open_for option")] == list(OPEN_FOR)
    assert [field["name"] for field in page.select("#poll input[type=text]")] == [f"option{n}" for n in OPTIONS]


async def test_a_poll_is_asked(lou, ctx):
    await send(
        lou, text="On y va ?", option1="Oui", option2=" ", option3=" Non  merci ", open_for="3600", multiple="yes",
        hides_totals="yes",
    )  # fmt: skip

    poll = await Poll.get()
    titles = [row.title for row in await PollOption.filter(poll_id=poll.id).order_by("position")]
    assert (titles, poll.is_multiple, poll.hides_totals) == (["Oui", "Non merci"], True, True)
    assert poll.closes_at == ctx.now() + timedelta(hours=1)


async def test_a_text_waits_for_its_time_by_the_clock_of_its_writer(lou, ctx, member):
    day = (ctx.now() + timedelta(days=2)).date()

    answer = await send(lou, text="Demain", date=day.isoformat(), time="09:30", zone="Indian/Reunion",
                        files={"picture1": FILE}, said1="Une porte")  # fmt: skip

    assert answer.headers["location"] == "/me/scheduled?said=scheduled"
    row = await ScheduledPost.get(author_id=member.id)
    assert row.due_at.strftime("%Y-%m-%d %H:%M") == f"{day} 05:30"
    assert (await Media.get()).scheduled_id == row.id
    assert not await Post.exists()


async def test_an_answer_names_those_it_is_for_and_is_for_no_more_people(lou, member, other_member, say):
    parent = await say(other_member, "@zoe secret", Visibility.FOLLOWERS, content_warning="Affaire")
    await Follow.filter().delete()

    page = read(await lou.get(f"{WRITE}?reply_to={parent.id}"))

    filled = form_of(page, WRITE)
    assert (filled["text"], filled["warning"], filled["visibility"]) == ("@ali ", "Affaire", "followers")
    assert {one["value"] for one in page.select("[name=visibility]")} == {"followers", "direct"}
    assert "secret" in text(page, ".written-about")
    await send_again(lou, page, text="@ali oui")
    assert (await Post.get(actor_id=member.id)).in_reply_to_id == parent.id


async def test_members_are_answered_among_the_same_members(lou, member, section, other_member, say):
    for person in (member, other_member):
        await belong(person, section)
    parent = await say(other_member, "entre nous", Visibility.SECTION, section=section)

    page = read(await lou.get(f"{WRITE}?reply_to={parent.id}"))
    assert {one["value"] for one in page.select("[name=visibility]")} == {f"section-{section.id}", "direct"}
    await send_again(lou, page, text="@ali oui")

    answer = await Post.get(actor_id=member.id)
    assert (answer.visibility, answer.group_id) == (Visibility.SECTION, section.id)


async def test_a_post_is_quoted(lou, member, section, say):
    quoted = await say(section, "Bonjour à tous")

    page = read(await lou.get(f"{WRITE}?quote={quoted.id}"))
    assert "Bonjour à tous" in text(page, ".written-about")
    assert {one["value"] for one in page.select("[name=visibility]")} == {"public", "unlisted"}
    await send_again(lou, page, text="À lire")

    assert (await Quote.get()).quoted_id == quoted.id


async def test_what_must_not_be_quoted_or_is_not_there_cannot_be(lou, section, other_member, say):
    silent = await say(section, "Non", quote_policy=QuotePolicy.NOBODY)
    aside = await say(other_member, "entre nous", Visibility.FOLLOWERS)

    assert "ne souhaite pas" in text(read(await lou.get(f"{WRITE}?quote={silent.id}"), 403), "main")
    for query in (f"quote={aside.id}", f"reply_to={aside.id}", "reply_to=1", "reply_to=x", "quote=-1", "draft=9"):
        assert (await lou.get(f"{WRITE}?{query}")).status_code == 404


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("mention=@ali", "@ali "),
        ("mention=ali@far.test", "@ali@far.test "),
        ("text=Bonjour&url=https://far.test/1&title=Titre", "Titre\n\nBonjour\n\nhttps://far.test/1"),
        ("text=" + "x" * 3000, "x" * 3000),
    ],
)
async def test_what_a_link_or_another_app_brings_is_filled_in_and_nothing_is_published(lou, query, expected):
    assert form_of(read(await lou.get(f"{WRITE}?{query}")), WRITE)["text"] == expected
    assert not await Post.exists()


async def test_who_is_meant_is_chosen_in_the_link(lou, other_member):
    page = read(await lou.get(f"{WRITE}?mention=@ali&visibility=direct"))
    await send_again(lou, page, text="@ali psst")

    post = await Post.get()
    assert post.visibility is Visibility.DIRECT
    assert await Mention.exists(post_id=post.id, actor_id=other_member.id)


@pytest.mark.parametrize(
    ("at", "referrer", "place"),
    [
        ("?next=/home/local", "", "/home/local?"),
        ("?next=/home/lists/3%3Fbefore%3D9%26said%3Dkept", "", "/home/lists/3?before=9&"),
        ("", "https://lille.test/home/tags/bus", "/home/tags/bus?"),
        ("", "https://lille.test/write?reply_to=3", "/home?"),
        ("", "https://bad.test/home/local", "/home?"),
        ("?next=https://bad.test/", "", "/home?"),
        ("?next=//bad.test/", "", "/home?"),
        ("?next=/%5Cbad.test/", "", "/home?"),
        ("?next=/login", "", "/home?"),
        ("?next=javascript:alert(1)", "", "/home?"),
    ],
)
async def test_afterwards_one_is_where_one_came_from_and_nowhere_else(lou, at, referrer, place):
    page = read(await lou.get(f"{WRITE}{at}", headers={"Referer": referrer} if referrer else {}))

    location = (await send_again(lou, page, text="Bonjour")).headers["location"]

    assert location == f"{place}said=posted&post={(await Post.get()).id}"


async def test_what_was_published_is_taken_back_from_the_notice(lou, member):
    answer = await send(lou, f"{WRITE}?next=/me", text="Bonjour")
    page = read(await lou.get(answer.headers["location"]))

    post = await Post.get()
    assert text(page, ".said") == "C’est publié. Annuler cette publication"
    assert page.select_one(".said a")["href"] == f"/posts/{post.id}/delete"
    for said in ("posted&post=x", "posted&post=1/../../logout", "kept&post=3"):
        assert read(await lou.get(f"/me?said={said}")).select_one(".said a") is None


async def test_a_form_sent_twice_publishes_once(lou, app, ctx):
    page = read(await lou.get(WRITE))
    locations = {
        (await send_again(lou, page, files={"picture1": FILE}, said1="Une porte")).headers["location"] for _ in range(2)
    }

    assert len(locations) == 1
    assert await Post.all().count() == 1
    await clear_all(app.state.media, ctx.now())


async def test_whoever_may_speak_for_a_section_is_shown_to_its_desk(lou, main_section, member, ctx):
    assert read(await lou.get(WRITE)).select_one("a[href='/@lille/desk/write']") is None

    await roles.give(main_section, member, Role.EDITOR, None, ctx)

    assert read(await lou.get(WRITE)).select_one("a[href='/@lille/desk/write']")
    assert read(await lou.get("/@lille/desk/write")).select_one("a[href='/write']")


@pytest.fixture
def ffmpeg(app, tmp_path_factory, monkeypatch):
    """Install ffmpeg for this server."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "ffmpeg").symlink_to(FFMPEG)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    app.state.media.films = FilmMaker()


async def test_a_film_stands_alone(lou, ffmpeg):
    moving = ("film.mp4", film(), "video/mp4")
    mixed = read(await send(lou, files={"picture1": FILE, "picture2": moving}, text="Voici", said1="x", said2="y"), 422)
    assert "un seul film" in text(mixed, "#pictures-error")

    await send_again(lou, mixed, drop1="yes")

    assert (await Attachment.get()).media_type == "video/mp4"


async def test_suggestions_are_for_whoever_is_logged_in_and_for_our_pages(lou, visitor, other_member, section, say):
    await say(section, "Bonjour #Transports")
    assert (await lou.get("/write/suggest?q=%40al")).json() == {"found": [{"text": "@ali", "name": "Ali"}]}
    assert (await lou.get("/write/suggest?q=%23trans")).json() == {"found": [{"text": "#transports", "name": ""}]}
    for nothing in ("", "al", "%40", "%23", "%40nobody", "%00"):
        assert (await lou.get(f"/write/suggest?q={nothing}")).json() == {"found": []}

    assert (await visitor.get("/write/suggest?q=%40al")).status_code == 401
    for site in ("cross-site", "same-site", "none"):
        answer = await lou.get("/write/suggest?q=%40al", headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 403


async def test_logging_out_has_the_browser_forget_what_was_begun(lou):
    token = form_of(read(await lou.get("/me")), "/logout")

    assert (await lou.post("/logout", data=token)).headers["clear-site-data"] == '"storage"'
