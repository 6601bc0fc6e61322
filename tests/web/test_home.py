"""A member's timelines: what stands in them and how, page by page, and what is not theirs to read."""

import re
from datetime import timedelta

import pytest

from models.actor import Actor
from models.filters import Filter, FilterAction, FilterKeyword
from models.ids import new_id
from models.lists import Listed, ReadingList
from models.mute import ConversationMute
from models.post import Attachment, PostTag, Visibility
from models.reaction import Announce, Like
from models.tag_follow import TagFollow
from models.timeline import HomeRow
from server.posts import bookmarks
from server.posts.polls import DraftPoll
from tests import factories
from tests.web.conftest import browser
from tests.web.pages import read, text, texts
from web.home.paging import PAGE_ITEMS
from web.shared.static import FOLDER

PLACES = ["Fil", "Agenda", "Écrire", "Notifications", "Moi"]
IN_PLACE = {"Coopole-In-Place": "1"}


async def brought(owner: Actor, *posts):
    """Put posts into a member's home timeline."""
    for post in posts:
        await HomeRow.bring_to([owner.id], post.id, post.id, post.actor_id)


async def filtered(owner: Actor, action: FilterAction, *contexts: str, title="Métro", keyword="tunnel"):
    row = await Filter.create(owner=owner, title=title, contexts=list(contexts), action=action)
    await FilterKeyword.create(part_of=row, keyword=keyword)


async def test_what_is_followed_stands_at_home_with_its_author_and_the_way_to_its_thread(
    enter, member, remote_actor, section
):
    post = await factories.post(remote_actor, "Bonjour de loin")
    await brought(member, post)

    page = read(await (await enter(member)).get("/home"))

    card = page.select_one(f"#item-{post.id}")
    assert "Bonjour de loin" in card.get_text()
    assert card.select_one(".person-name")["href"] == f"/people/{remote_actor.id}"
    assert card.select_one("a.moment")["href"] == f"/threads/{post.id}"
    assert card.select_one('[data-key="r"]')["href"] == f"/write?reply_to={post.id}"
    assert page.select_one("article [style]") is None


async def test_the_bar_leads_to_five_places_and_says_where_one_is(enter, visitor, member, section):
    zoe = await enter(member)

    page = read(await zoe.get("/home"))
    assert [link.select_one("span").get_text() for link in page.select(".own-bar a")] == PLACES
    assert [link["href"] for link in page.select(".own-bar a")] == [
        "/home",
        "/me/agenda",
        "/write",
        "/notifications",
        "/me",
    ]
    assert page.select_one(".own-bar [aria-current]")["href"] == "/home"
    assert read(await zoe.get("/me")).select_one(".own-bar [aria-current]")["href"] == "/me"
    assert read(await zoe.get("/me/agenda")).select_one(".own-bar [aria-current]")["href"] == "/me/agenda"
    public = read(await visitor.get("/"))
    assert public.select_one(".own-bar") is None
    assert public.select_one(".masthead-own a")["href"] == "/me"
    assert read(await zoe.get("/")).select_one(".own-bar") is None  # a kept page is the same for everybody


@pytest.mark.parametrize("path", ["", "/network", "/local", "/lists/1", "/bookmarks", "/favourites", "/tags/nord"])
async def test_nobody_else_reads_it(visitor, section, path):
    answer = await visitor.get(f"/home{path}")

    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/login")


async def test_its_scripts_are_ours_and_ask_nobody_else_and_nothing_keeps_it(enter, member, section):
    headers = (await (await enter(member)).get("/home")).headers

    assert "script-src 'self'; connect-src 'self';" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert (headers["cache-control"], headers["vary"]) == ("no-store", "Accept-Language, Cookie")


async def test_a_boost_says_by_whom_and_an_answer_to_whom(enter, member, other_member, remote_actor, section):
    first = await factories.post(remote_actor, "Question")
    answer = await factories.post(other_member, "Réponse", in_reply_to=first, in_reply_to_uri=first.uri)
    again = await factories.post(other_member, "Suite", in_reply_to=answer, in_reply_to_uri=answer.uri)
    lost = await factories.post(other_member, "Écho", in_reply_to_uri="https://far.test/lost")
    await brought(member, answer, again, lost)
    announce = await Announce.create(id=new_id(), uri="https://far.test/a", actor=other_member, post=first)
    await HomeRow.create(owner=member, item_id=announce.id, post=first, actor=other_member, is_announce=True)

    page = read(await (await enter(member)).get("/home"))

    assert text(page, f"#item-{announce.id} .shared") == "Partagé par Ali"
    assert text(page, f"#item-{answer.id} > .note") == f"En réponse à {remote_actor.name}"
    assert page.select_one(f"#item-{answer.id} > .note a")["href"] == f"/threads/{first.id}"
    assert text(page, f"#item-{again.id} > .note") == "Suite d’une publication précédente"
    assert "n’est pas sur ce serveur" in text(page, f"#item-{lost.id} > .note")


async def test_pages_go_to_what_is_older_and_back_to_what_is_newer(enter, member, remote_actor, section):
    posts = [await factories.post(remote_actor, f"Numéro {number}") for number in range(2 * PAGE_ITEMS + 5)]
    await brought(member, *posts)
    zoe = await enter(member)

    first = read(await zoe.get("/home"))
    assert first.select_one("[rel=prev]") is None
    second = read(await zoe.get("/home" + first.select_one("[rel=next]")["href"]))
    third = read(await zoe.get("/home" + second.select_one("[rel=next]")["href"]))
    assert third.select_one("[rel=next]") is None
    back = read(await zoe.get("/home" + third.select_one("[rel=prev]")["href"]))

    seen = [article["data-item"] for page in (first, second, third) for article in page.select("article.read")]
    assert seen == [str(post.id) for post in reversed(posts)]
    assert [one["data-item"] for one in back.select("article.read")] == seen[PAGE_ITEMS : 2 * PAGE_ITEMS]
    assert first.select_one("[data-stream]") is not None
    assert second.select_one("[data-stream]") is None  # what is new does not belong on an old page


@pytest.mark.parametrize("query", ["before=x", "before=-1", "after=1e3", "since=" + "9" * 20, "before=٣", "after="])
async def test_an_address_that_names_no_page_leads_nowhere(enter, member, section, query):
    assert (await (await enter(member)).get(f"/home?{query}")).status_code == 404


async def test_what_is_beyond_the_last_page_says_so(enter, member, section):
    assert "Il n’y a rien de plus ici." in (await (await enter(member)).get("/home?before=1")).text


async def test_a_script_is_given_what_is_newer_and_nothing_around_it(enter, member, remote_actor, section):
    old, new = await factories.post(remote_actor, "Vieux"), await factories.post(remote_actor, "Neuf")
    await brought(member, old, new)

    answer = await (await enter(member)).get(f"/home?since={old.id}", headers=IN_PLACE)

    page = read(answer)
    assert [one["data-item"] for one in page.select("article")] == [str(new.id)]
    assert (page.select_one("html"), answer.headers["cache-control"]) == (None, "no-store")


async def test_filters_warn_with_their_titles_hide_or_blur(enter, member, remote_actor, section):
    warned = await factories.post(remote_actor, "Le tunnel")
    hidden = await factories.post(remote_actor, "Le pont")
    shown = await factories.post(remote_actor, "Le port")
    await Attachment.create(post=shown, url="https://far.test/1.png", media_type="image/png")
    await brought(member, warned, hidden, shown)
    await filtered(member, FilterAction.WARN, "home", title="Métro <b>")
    await filtered(member, FilterAction.HIDE, "home", keyword="pont")
    await filtered(member, FilterAction.BLUR, "home", keyword="port", title="Mer")
    await filtered(member, FilterAction.HIDE, "public", keyword="port")

    page = read(await (await enter(member)).get("/home"))

    assert text(page, f"#item-{warned.id} .filtered summary") == "Masqué par votre filtre : Métro <b> Afficher"
    assert "Le tunnel" in text(page, f"#item-{warned.id} .filtered")
    assert page.select_one(f"#item-{hidden.id}") is None
    assert "read-blurred" in page.select_one(f"#item-{shown.id}")["class"]
    assert "floutées par votre filtre : Mer" in text(page, f"#item-{shown.id}")


async def test_filters_that_leave_nothing_say_so(enter, member, remote_actor, section):
    await brought(member, await factories.post(remote_actor, "Le tunnel"))
    await filtered(member, FilterAction.HIDE, "home")

    assert "Vos filtres ne laissent rien" in text(read(await (await enter(member)).get("/home")), ".empty")


async def test_warnings_events_polls_quotes_and_who_may_read_are_said(enter, member, other_member, section, say, ctx):
    await factories.follow(member, other_member)
    warned = await say(other_member, "Le dénouement", content_warning="Film")
    private = await say(other_member, "Entre nous", Visibility.FOLLOWERS)
    asked = await say(other_member, "Quel jour ?", poll=DraftPoll(("Samedi", "Dimanche"), 3600))
    quoting = await say(other_member, "Voyez", quoted=warned)
    event = await factories.event(section, "Tractage")
    await brought(member, event)

    page = read(await (await enter(member)).get("/home"))

    assert text(page, f"#item-{warned.id} .warning-text") == "Film"
    assert text(page, f"#item-{private.id} .readers") == "Pour les personnes qui suivent"
    assert page.select_one(f'#item-{private.id} [data-key="b"]') is None
    assert page.select_one(f'#item-{asked.id} form.ballot input[type="radio"]') is not None
    assert page.select_one(f"#item-{quoting.id} .quoted") is not None
    assert page.select_one(f"#item-{event.id} .event-brief") is not None
    assert page.select_one(f"#item-{event.id} .headline a")["href"] == f"/events/{event.id}"
    assert "Participez-vous" in text(page, f"#item-{event.id} .acts") or page.select_one(
        f'#item-{event.id} .acts a[href="/events/{event.id}"]'
    )


async def test_ones_own_posts_are_edited_and_deleted_and_those_of_others_reported(
    enter, member, other_member, section, say
):
    mine, theirs = await say(member, "De moi"), await say(other_member, "D’un autre")
    await brought(member, theirs)

    page = read(await (await enter(member)).get("/home"))

    def links(post):
        return [link["href"] for link in page.select(f"#item-{post.id} .act-more a")]

    assert links(mine)[:3] == [f"/write?quote={mine.id}", f"/posts/{mine.id}/edit", f"/posts/{mine.id}/delete"]
    assert links(theirs)[-1] == f"/threads/{theirs.id}/report"
    assert f"/posts/{theirs.id}/edit" not in links(theirs)


async def test_what_was_done_is_pressed(enter, member, remote_actor, section):
    post = await factories.post(remote_actor)
    await brought(member, post)
    await Like.create(uri="https://lille.test/l", actor=member, post=post)
    await bookmarks.bookmark(member, post)
    await ConversationMute.create(muter=member, uri=post.uri)

    page = read(await (await enter(member)).get("/home"))

    assert [button["aria-pressed"] for button in page.select(".acts [aria-pressed]")] == ["false", "true", "true"]
    assert [button["value"] for button in page.select(".acts button[name=do]")] == [
        "boost",
        "unlike",
        "unbookmark",
        "unmute",
    ]


async def test_an_empty_home_names_sections_to_follow_but_none_that_is_followed_or_kept_away(
    enter, member, remote_actor, section, ctx
):
    other = await factories.section(ctx, "roubaix", "Section de Roubaix", is_main=False)
    blocked = await factories.section(ctx, "nul", "Section nulle", is_main=False)
    hostile = await factories.section(ctx, "dur", "Section dure", is_main=False)
    await factories.block(member, blocked)
    await factories.block(hostile, member)
    await factories.follow(member, other)

    page = read(await (await enter(member)).get("/home"))

    assert texts(page, ".empty .person-name") == ["Section de Lille"]
    assert page.select_one(".empty .person-name")["href"] == f"/people/{section.id}"


async def test_local_shows_what_is_public_here(enter, member, other_member, remote_actor, section, say):
    here = await say(other_member, "Ici")
    await factories.post(remote_actor, "Là-bas")
    await say(other_member, "Discrètement", Visibility.UNLISTED)

    page = read(await (await enter(member)).get("/home/local"))

    assert [one["data-item"] for one in page.select("article.read")] == [str(here.id)]
    assert page.select_one(".tabs [aria-current]")["href"] == "/home/local"


async def test_the_network_shows_what_the_sections_publish_that_ours_follow(
    enter, member, other_member, remote_actor, ctx, world, section
):
    brest = await factories.remote_actor(ctx, world, "https://brest.test/actors/1", kind="Group")
    browser = await enter(member)
    assert "Aucune section du réseau" in (await browser.get("/home/network")).text
    await factories.follow(section, brest)
    there, here = await factories.post(brest, "Là-bas"), await factories.post(section, "Ici")
    await factories.post(remote_actor, "Ailleurs")
    await factories.post(other_member, "Un membre")

    page = read(await browser.get("/home/network"))

    assert [one["data-item"] for one in page.select("article.read")] == [str(here.id), str(there.id)]
    assert page.select_one(".tabs [aria-current]")["href"] == "/home/network"


async def test_a_list_shows_who_is_in_it_to_its_owner_alone(
    enter, member, other_member, remote_actor, stranger, section
):
    row = await ReadingList.create(owner=member, title="Voisins")
    await Listed.create(list=row, actor=remote_actor)
    listed, other = await factories.post(remote_actor, "Voisin"), await factories.post(stranger, "Étranger")
    await brought(member, listed, other)

    zoe, ali = await enter(member), await enter(other_member)

    page = read(await zoe.get(f"/home/lists/{row.id}"))
    assert text(page, "h1") == "Voisins"
    assert [one["data-item"] for one in page.select("article.read")] == [str(listed.id)]
    assert page.select_one("[data-stream]")["data-stream"] == f"list&list={row.id}"
    assert page.select_one(".side [aria-current]")["href"] == f"/home/lists/{row.id}"
    assert (await ali.get(f"/home/lists/{row.id}")).status_code == 404
    assert "Voisins" not in (await ali.get("/home")).text
    assert (await zoe.get(f"/home/lists/{row.id + 1}")).status_code == 404
    assert (await zoe.get(f"/home/lists/{10**19}")).status_code == 404


async def test_a_hashtag_shows_what_bears_it_and_those_followed_are_beside(enter, member, remote_actor, section):
    post = await factories.post(remote_actor, "Bonjour")
    await PostTag.create(post=post, name="métro", shown="Métro")
    await TagFollow.create(actor=member, name="métro")
    zoe = await enter(member)

    page = read(await zoe.get("/home/tags/métro"))
    assert [one["data-item"] for one in page.select("article.read")] == [str(post.id)]
    assert text(page, ".side [aria-current]") == "#métro"
    assert (await zoe.get("/home/tags/Métro")).headers["location"] == "/home/tags/m%C3%A9tro"
    assert (await zoe.get("/home/tags/" + "a" * 101)).status_code == 404
    assert (await zoe.get("/home/tags/%20")).status_code == 404


async def test_what_is_kept_and_liked_stands_there_in_its_order(enter, member, other_member, remote_actor, section):
    old, new = await factories.post(remote_actor, "Vieux"), await factories.post(remote_actor, "Neuf")
    await bookmarks.bookmark(member, new)
    await bookmarks.bookmark(member, old)
    await Like.create(uri="https://lille.test/l", actor=member, post=old)
    zoe = await enter(member)

    kept, liked = read(await zoe.get("/home/bookmarks")), read(await zoe.get("/home/favourites"))

    assert [one["data-post"] for one in kept.select("article.read")] == [str(old.id), str(new.id)]
    assert [one["data-post"] for one in liked.select("article.read")] == [str(old.id)]
    ali = read(await (await enter(other_member)).get("/home/bookmarks"))
    assert "Vous ne gardez encore rien" in text(ali, ".empty")


async def test_it_speaks_english_too(app, enter, member, remote_actor, section, ctx):
    await brought(member, await factories.post(remote_actor, received_at=ctx.now() - timedelta(days=1)))
    zoe = await enter(member)
    async with browser(app, language="en") as reader:
        reader.cookies = zoe.cookies
        page = read(await reader.get("/home"))

    assert texts(page, ".tabs a") == ["Home", "Network", "Local", "Kept", "Liked"]
    assert texts(page, ".acts > .act") == ["Reply", "Share", "Like", "Bookmark"]


@pytest.mark.parametrize("name", ["deeds", "keys", "live"])
def test_its_scripts_are_small_and_make_no_html_of_what_others_wrote(name):
    script = (FOLDER / f"js/{name}.js").read_text()

    assert len(script.encode()) < 4096
    assert not re.search(r"innerHTML|insertAdjacentHTML|eval\(|https?://", script)
