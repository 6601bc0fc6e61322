"""The pages of sections and members."""

from datetime import UTC, datetime

import pytest
from httpx2 import AsyncClient

from federation.context import Context
from models.actor import Actor
from models.media_copy import MediaCopy, film_key
from models.post import Attachment, Post, Visibility
from models.reaction import Announce
from models.section import Section
from server.media.addresses import copy_url, film_url, small_copy_url
from server.posts import featured
from server.sections.actions import create_section
from tests import factories
from tests.web.conftest import Say, browser
from tests.web.pages import read, text, texts
from web.profiles.pages import PAGE_POSTS

SCRIPT = "<script>alert(1)</script>"


async def test_front_page_shows_the_posts_of_the_section_newest_first(visitor, section, say):
    for words in ("Premier", "Deuxième", "Troisième"):
        await say(section, words)

    page = read(await visitor.get("/"))

    assert texts(page, ".post .prose") == ["Troisième", "Deuxième", "Premier"]
    assert text(page, "h1") == "Section de Lille"
    assert page.html["lang"] == "fr"


async def test_front_page_and_profile_show_the_same_section(visitor, section, say):
    await say(section, "Bonjour")

    front, profile = read(await visitor.get("/")), read(await visitor.get("/@LILLE"))

    assert texts(front, ".post") == texts(profile, ".post") != []
    assert profile.select_one("link[rel=canonical]")["href"] == "https://lille.test/"


async def test_section_page_says_who_and_where_and_how_to_write(visitor, ctx):
    made = await create_section(
        ctx, "roubaix", "Section de Roubaix", description="Bonjour à tous.", place="Roubaix, Nord",
        contact="roubaix@section.example", is_main=True,
    )  # fmt: skip
    actor = made.actor
    actor.profile_fields = [{"name": "Permanence", "value": "<em>jeudi</em>"}]
    actor.followers_count = 1412
    await actor.save()

    about = read(await visitor.get("/")).select_one("#section")

    assert text(about, ".prose") == "Bonjour à tous."
    assert texts(about, "dt") == ["Lieu", "Contact", "Permanence"]
    assert texts(about, "dd") == ["Roubaix, Nord", "roubaix@section.example", "jeudi"]
    assert about.select_one("a")["href"] == "mailto:roubaix@section.example"
    assert text(about, ".note") == "1\u202f412 personnes suivent".replace("\u202f", " ")


async def test_empty_section_says_so_and_invites_to_follow(visitor, section):
    page = read(await visitor.get("/"))

    assert text(page, ".empty .lead") == "La section n’a encore rien publié."
    assert page.select_one("form[action='/follow'] input[name=of]")["value"] == "lille"


async def test_member_page_shows_name_and_full_handle(visitor, section, member, say):
    await say(member, "Bonjour")

    page = read(await visitor.get("/@zoe"))

    assert text(page, "h1") == "Zoé"
    assert text(page, ".profile .handle") == "@zoe@lille.test"
    assert texts(page, ".post .prose") == ["Bonjour"]


async def test_member_page_asks_not_to_be_indexed_unless_the_member_wishes_it(visitor, section, member):
    assert read(await visitor.get("/@zoe")).select_one("meta[name=robots]")["content"] == "noindex"

    await Actor.filter(id=member.id).update(is_indexable=True)

    assert read(await visitor.get("/@zoe")).select_one("meta[name=robots]") is None


async def test_page_offers_its_other_forms(visitor, section):
    page = read(await visitor.get("/@lille"))

    links = {link["type"]: link["href"] for link in page.select("link[rel=alternate]")}
    assert links == {
        "application/activity+json": section.uri,
        "application/atom+xml": "/@lille.atom",
        "application/rss+xml": "/@lille.rss",
        "application/feed+json": "/@lille.json",
        "text/calendar": "/@lille/agenda.ics",
    }


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.DIRECT])
async def test_posts_that_are_not_for_everybody_appear_nowhere(visitor, section, member, say, visibility):
    secret = await say(section, "Le secret de @zoe", visibility)

    for address in ("/", "/@lille", "/@zoe", "/@lille.atom", "/@lille.rss", "/feed.atom"):
        assert "secret" not in (await visitor.get(address)).text
    assert (await visitor.get(f"/@lille/{secret.id}")).status_code == 404


async def test_reply_of_the_section_stays_in_its_conversation(visitor, section, member, say):
    asked = await say(member, "Une question")
    await say(section, "Notre réponse", in_reply_to=asked)

    assert texts(read(await visitor.get("/")), ".post .prose") == []


async def test_shared_post_bears_its_author_and_leads_to_its_home(visitor, section, remote_actor, ctx):
    shared = await factories.post(remote_actor, "Venez dimanche", uri="https://far.test/@noor/1")
    await Announce.create(uri=ctx.names.new_activity(), actor=section, post=shared, published_at=ctx.now())

    article = read(await visitor.get("/")).select_one(".post")

    assert text(article, ".person-name") == "Noor"
    assert text(article, ".handle") == "@noor@far.test"
    assert article.select_one("a.moment")["href"] == "https://far.test/@noor/1"
    assert "noopener" in article.select_one("a.moment")["rel"]


async def test_pages_lead_from_the_newest_to_the_oldest(visitor, section, say):
    posts = [await say(section, f"Numéro {number}") for number in range(PAGE_POSTS + 3)]

    first = read(await visitor.get("/"))
    following = first.select_one(".paging-next")["href"]
    second = read(await visitor.get("/" + following))

    assert len(first.select(".post")) == PAGE_POSTS
    assert texts(second, ".post .prose") == ["Numéro 2", "Numéro 1", "Numéro 0"]
    assert following == f"?before={posts[3].id}"
    assert second.select_one(".paging-next") is None
    assert second.select_one(".paging a")["href"] == "/"


async def test_page_beyond_the_oldest_post_says_so(visitor, section):
    assert text(read(await visitor.get("/?before=1")), ".empty") == "Il n’y a rien de plus ancien."


@pytest.mark.parametrize("before", ["", "x", "-1", "0", "9" * 19, "9" * 40, "1.5", "١"])
async def test_page_that_cannot_be_is_not_found(visitor, section, before):
    assert (await visitor.get("/", params={"before": before})).status_code == 404


async def test_names_and_warnings_are_text_wherever_they_stand(visitor, section):
    await Actor.filter(id=section.id).update(display_name=SCRIPT, profile_fields=[{"name": SCRIPT, "value": "x"}])
    await Section.filter(actor_id=section.id).update(place=SCRIPT, contact=SCRIPT)
    post = await factories.post(section, "Bonjour", title=SCRIPT, content_warning=SCRIPT)

    for address in ("/", "/@lille", f"/@lille/{post.id}", "/about", "/follow?of=lille", "/@lille.atom", "/@lille.rss"):
        body = (await visitor.get(address)).text
        assert "<script" not in body.replace('<script type="application/ld+json">', "")
        assert "&lt;script&gt;" in body or "&lt;strong&gt;" in body


async def test_dates_are_written_out_in_the_time_of_the_section(visitor, section):
    await factories.post(section, "Réunion", published_at=datetime(2026, 12, 5, 13, 0, tzinfo=UTC))

    moment = read(await visitor.get("/")).select_one("time")

    assert moment["datetime"] == "2026-12-05T13:00:00+00:00"
    assert moment.get_text() == "samedi 5 décembre 2026 à 14\u00a0h\u00a000"


async def test_replies_are_counted_as_far_as_the_public_may_read_them(visitor, section, member, say):
    post = await say(section, "Bonjour")
    await say(member, "Bonjour à vous", in_reply_to=post)
    await say(member, "Entre nous", Visibility.FOLLOWERS, in_reply_to=post)

    assert text(read(await visitor.get("/")), ".more") == "1 réponse"


async def test_pictures_of_another_server_are_shown_from_here(visitor, section, ctx):
    icon, bus = "https://far.test/icon.png", "https://far.test/bus.png"
    await Actor.filter(id=section.id).update(icon_url=icon)
    post = await factories.post(section, "Bonjour")
    await Attachment.create(post=post, media_type="image/png", url=bus, description="Un bus")

    page = read(await visitor.get("/"))

    assert {image["src"] for image in page.select("img")} == {small_copy_url(url, ctx.names) for url in (icon, bus)}
    assert page.select_one(".attachment a")["href"] == copy_url(bus, ctx.names)
    assert page.select_one(".attachment img")["alt"] == "Un bus"


@pytest.mark.parametrize(("kind", "media_type"), [("video", "video/mp4"), ("audio", "audio/mpeg")])
async def test_film_of_another_server_is_played_from_here_once_somebody_starts_it(
    visitor, section, ctx, kind, media_type
):
    post, bus = await factories.post(section, "Bonjour"), "https://far.test/bus.mp4"
    await Attachment.create(post=post, media_type=media_type, url=bus, description="Un bus")

    page = read(await visitor.get("/"))

    [film] = page.select("img, video, audio")
    assert (film.name, film["src"], film["preload"]) == (kind, film_url(bus, ctx.names), "none")
    assert not {"poster", "autoplay", "loop"} & set(film.attrs)
    assert film["aria-label"] == "Un bus"
    assert (text(page, ".attachment a"), page.select_one(".attachment a")["href"]) == ("Ouvrir sur far.test", bus)


async def test_film_that_is_on_its_own_server_alone_is_a_link_and_not_a_request(visitor, section):
    post, bus = await factories.post(section, "Bonjour"), "https://far.test/bus.mp4"
    await Attachment.create(post=post, media_type="video/mp4", url=bus, description="Un bus")
    await MediaCopy.miss(film_key(bus), datetime.now(UTC), is_elsewhere=True)

    page = read(await visitor.get("/"))

    assert page.select("img, video, audio") == []
    assert text(page, ".attachment-link") == "Vidéo Un bus Ouvrir sur far.test"


async def test_what_loops_stands_still_until_somebody_starts_it(visitor, section, ctx):
    post, bus = await factories.post(section, "Bonjour"), "https://far.test/bus.mp4"
    await Attachment.create(post=post, media_type="video/mp4", url=bus, description="Un bus")
    await MediaCopy.keep(film_key(bus), f"{'a' * 32}.mp4", 1000, datetime.now(UTC), loops=True, duration_ms=2000)

    [film] = read(await visitor.get("/")).select("video")

    assert {"loop", "muted", "playsinline", "controls"} <= set(film.attrs)
    assert "autoplay" not in film.attrs
    assert film["poster"] == f"{film_url(bus, ctx.names)}/small"


async def test_somebody_whose_media_is_refused_has_letters_for_a_picture(visitor, section):
    await Actor.filter(id=section.id).update(icon_url="https://far.test/icon.png", is_media_rejected=True)
    await factories.post(section, "Bonjour")

    page = read(await visitor.get("/"))

    assert page.select("img") == []
    assert page.select(".mark")


async def test_picture_of_ours_is_shown_with_its_description(visitor, section, ctx):
    post = await factories.post(section, "Bonjour")
    own, small = (f"{ctx.names.origin}/media/1{end}" for end in (".png", "-small.webp"))
    await Attachment.create(post=post, media_type="image/png", url=own, description="Un bus", width=4, height=3)

    picture = read(await visitor.get("/")).select_one(".attachment img")

    assert (picture["src"], picture["alt"], picture["width"]) == (small, "Un bus", "4")


async def test_unknown_name_is_not_found(visitor, section):
    assert (await visitor.get("/@nobody")).status_code == 404


async def test_closed_account_is_gone(visitor, section, member, ctx):
    await Actor.filter(id=member.id).update(gone_at=ctx.now())

    assert (await visitor.get("/@zoe")).status_code == 410
    assert (await visitor.get(f"/actors/{member.id}")).status_code == 410


async def test_uri_of_an_actor_sends_people_to_its_page(visitor, section):
    response = await visitor.get(f"/actors/{section.id}")

    assert (response.status_code, response.headers["location"]) == (302, section.url)


@pytest.mark.parametrize("id_", ["1", "9" * 30])
async def test_uri_of_nobody_is_not_found(visitor, section, id_):
    assert (await visitor.get(f"/actors/{id_}")).status_code == 404


async def test_actor_of_another_server_has_no_page_here(visitor, section, remote_actor):
    assert (await visitor.get(f"/actors/{remote_actor.id}")).status_code == 404
    assert (await visitor.get("/@noor")).status_code == 404


async def test_server_asks_for_json_at_the_same_address_and_gets_it(visitor, section):
    response = await visitor.get("/@lille", headers={"Accept": "application/activity+json"})

    assert response.headers["content-type"].startswith("application/activity+json")
    assert (await visitor.get("/@lille")).headers["vary"] == "Accept, Accept-Language, Cookie"


async def test_before_the_set_up_the_front_page_says_so_and_no_more(visitor, ctx: Context):
    page = read(await visitor.get("/"))

    assert text(page, "h1") == "Ce serveur n’est pas encore installé"
    assert page.select("form") == []


async def test_no_page_lists_who_follows(visitor: AsyncClient, section: Actor, member: Actor, say: Say):
    post: Post = await say(section, "Bonjour")
    await factories.follow(member, section)

    for address in ("/", "/@lille", f"/@lille/{post.id}", "/about"):
        assert "Zoé" not in (await visitor.get(address)).text


async def test_what_is_pinned_comes_first_with_a_mark_and_once(app, visitor, section, say, ctx):
    first = await say(section, "Premier")
    await say(section, "Deuxième")
    await featured.pin(section, first, ctx)

    french = read(await visitor.get("/"))
    async with browser(app, language="en") as reader:
        english = read(await reader.get("/"))

    assert texts(french, ".post .prose") == ["Premier", "Deuxième"]
    assert (texts(french, ".pinned"), texts(english, ".pinned")) == (["Épinglé"], ["Pinned"])
    assert french.select_one(".post .pinned").parent["id"] == f"post-{first.id}"


async def test_what_is_pinned_does_not_hide_the_older_pages(visitor, section, say, ctx):
    posts = [await say(section, f"Numéro {number}") for number in range(PAGE_POSTS + 1)]
    for post in (posts[0], posts[-1]):
        await featured.pin(section, post, ctx)

    page = read(await visitor.get("/"))
    older = read(await visitor.get("/" + page.select_one(".paging-next")["href"]))

    shown = texts(page, ".post .prose") + texts(older, ".post .prose")
    assert set(shown) == {f"Numéro {number}" for number in range(PAGE_POSTS + 1)}
    assert texts(older, ".pinned") == []


async def test_page_of_one_who_moved_leads_to_where_they_live(visitor, member, other_member):
    member.moved_to_uri, other_member.also_known_as = other_member.uri, [member.uri]
    await member.save()
    await other_member.save()

    page = read(await visitor.get("/@zoe"))

    assert text(page, ".moved .lead") == "Ce compte a déménagé. Il continue ici :"
    assert page.select_one(".moved a")["href"] == other_member.url
