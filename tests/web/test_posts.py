"""The page of a post and its conversation."""

import pytest

from models.actor import Actor
from models.post import Post, Visibility
from models.role import Role
from models.section import Section
from server.posts.actions import Draft, delete
from server.sections import roles, speaking
from tests import factories
from tests.web.pages import read, text, texts


async def test_post_page_shows_the_post_with_what_other_programs_need(visitor, section, say):
    post = await say(section, "Réunion publique samedi.")

    page = read(await visitor.get(f"/@lille/{post.id}"))

    assert text(page, ".post-alone .prose") == "Réunion publique samedi."
    assert page.select_one("link[type='application/activity+json']")["href"] == post.uri
    assert page.select_one("link[rel=canonical]")["href"] == post.url
    graph = {tag["property"]: tag["content"] for tag in page.select("meta[property]")}
    assert graph["og:type"] == "article"
    assert graph["og:description"] == "Réunion publique samedi."
    assert graph["og:url"] == post.url
    assert graph["og:image"].startswith(f"https://lille.test/cards/posts/{post.id}/")


async def test_who_wrote_for_a_section_is_shown_where_it_says_so(visitor, main_section, member, ctx):
    await roles.give(main_section, member, Role.EDITOR, None, ctx)
    post = await speaking.publish(main_section, member, Draft("Réunion samedi"), ctx)

    for shows, said in ((False, None), (True, "Écrit par Zoé"), (False, None)):
        await Section.filter(id=main_section.id).update(shows_authors=shows)
        response = await visitor.get(f"/@lille/{post.id}")
        page = read(response)
        assert (text(page, "#author") if said else page.select_one("#author")) == said
        assert ("Zoé" in response.text or "zoe" in response.text) is shows


async def test_conversation_stands_around_the_post(visitor, section, member, say):
    first = await say(member, "Question")
    second = await say(section, "Réponse", in_reply_to=first)
    third = await say(member, "Merci", in_reply_to=second)
    await say(section, "De rien", in_reply_to=third)

    page = read(await visitor.get(f"/@lille/{second.id}"))

    assert texts(page, ".ancestors .prose") == ["Question"]
    assert text(page, ".post-alone .prose") == "Réponse"
    assert texts(page, ".replies .prose") == ["Merci", "De rien"]
    assert [item["class"][-1] for item in page.select(".replies .spoken")] == ["depth-0", "depth-1"]
    assert text(page, "#replies-title") == "2 réponses"


async def test_reply_that_stands_apart_says_whom_it_answers(visitor, section, member, other_member, say):
    root = await say(section, "Bonjour")
    asked = await say(member, "Où ?", in_reply_to=root)
    await say(other_member, "Au marché ?", in_reply_to=asked)
    await say(section, "À la mairie", in_reply_to=asked)

    page = read(await visitor.get(f"/@lille/{root.id}"))

    assert texts(page, ".replies .prose") == ["Où ?", "Au marché ?", "À la mairie"]
    assert texts(page, ".replies .note") == ["En réponse à Zoé"]


async def test_long_argument_does_not_run_out_of_the_page(visitor, section, member, say):
    post = root = await say(section, "Bonjour")
    for number in range(8):
        post = await say(member, f"Réponse {number}", in_reply_to=post)

    page = read(await visitor.get(f"/@lille/{root.id}"))

    depths = [item["class"][-1] for item in page.select(".replies .spoken")]
    assert depths == ["depth-0", "depth-1", "depth-2", "depth-3", *["depth-4"] * 4]


async def test_reply_of_another_server_leads_to_its_home(visitor, section, remote_actor, say):
    post = await say(section, "Bonjour")
    await factories.post(remote_actor, "Salut", uri="https://far.test/n/1", in_reply_to=post, in_reply_to_uri=post.uri)

    link = read(await visitor.get(f"/@lille/{post.id}")).select_one(".replies a.moment")

    assert link["href"] == "https://far.test/n/1"
    assert {"nofollow", "noopener", "ugc"} <= set(link["rel"])


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.DIRECT])
async def test_replies_that_are_not_for_everybody_stay_unseen(visitor, section, member, say, visibility):
    post = await say(section, "Bonjour")
    await say(member, "Entre nous", visibility, in_reply_to=post)

    page = (await visitor.get(f"/@lille/{post.id}")).text

    assert "Entre nous" not in page
    assert "réponse</h2>" not in page


async def test_ancestor_that_is_not_for_everybody_stays_unseen(visitor, section, member, say):
    secret = await say(member, "Secret", Visibility.FOLLOWERS)
    await factories.follow(section, member)
    answer = await say(section, "Réponse", in_reply_to=secret)

    assert "Secret" not in (await visitor.get(f"/@lille/{answer.id}")).text


async def test_unlisted_post_can_be_read_and_asks_not_to_be_indexed(visitor, section, say):
    post = await say(section, "Discret", Visibility.UNLISTED)

    page = read(await visitor.get(f"/@lille/{post.id}"))

    assert page.select_one("meta[name=robots]")["content"] == "noindex"


async def test_warning_stands_before_what_it_warns_of(visitor, section):
    post = await factories.post(section, "Des images dures", content_warning="Incendie", is_sensitive=True)

    page = read(await visitor.get(f"/@lille/{post.id}"))

    assert text(page, "details summary .warning-text") == "Incendie"
    assert page.select_one("details").get("open") is None
    assert page.select_one("meta[property='og:description']")["content"] == "Incendie"


async def test_totals_come_small_and_after_everything(visitor, section, say):
    post = await say(section, "Bonjour")
    await Post.filter(id=post.id).update(likes_count=23, announces_count=1)

    page = read(await visitor.get(f"/@lille/{post.id}"))

    assert text(page, ".post-foot .note") == "Visible par tout le monde · partagée une fois · aimée par 23 personnes"


async def test_deleted_post_is_gone(visitor, section, say, ctx):
    post = await say(section, "Bonjour")
    await delete(section, post, ctx)

    for address in (f"/@lille/{post.id}", f"/posts/{post.id}"):
        assert text(read(await visitor.get(address), 410), "h1") == "Ce contenu a été supprimé"


async def test_that_a_private_post_was_deleted_is_told_to_nobody(visitor, section, say, ctx):
    post = await say(section, "Secret", Visibility.FOLLOWERS)
    await delete(section, post, ctx)

    assert (await visitor.get(f"/@lille/{post.id}")).status_code == 404


async def test_post_of_a_closed_account_is_gone(visitor, section, member, ctx):
    await Actor.filter(id=member.id).update(gone_at=ctx.now())

    assert (await visitor.get("/@zoe/1")).status_code == 410


async def test_post_asked_for_under_another_name_is_shown_under_its_own(visitor, section, member, say):
    post = await say(section, "Bonjour")

    response = await visitor.get(f"/@zoe/{post.id}")

    assert (response.status_code, response.headers["location"]) == (302, post.url)


async def test_uri_of_a_post_sends_people_to_its_page(visitor, section, say):
    post = await say(section, "Bonjour")

    response = await visitor.get(f"/posts/{post.id}")

    assert (response.status_code, response.headers["location"]) == (302, post.url)
    assert response.headers["vary"] == "Accept"


@pytest.mark.parametrize("address", ["/@lille/1", "/posts/1", f"/@lille/{10**18}", f"/posts/{10**40}", "/@nobody/1"])
async def test_post_that_never_was_is_not_found(visitor, section, address):
    assert (await visitor.get(address)).status_code == 404


async def test_post_of_another_server_has_no_page_here(visitor, section, remote_actor):
    post = await factories.post(remote_actor, "Salut")

    assert (await visitor.get(f"/posts/{post.id}")).status_code == 404
    assert (await visitor.get(f"/@noor/{post.id}")).status_code == 404


async def test_answer_to_a_post_we_do_not_have_says_so(visitor, section):
    post = await factories.post(section, "Réponse", in_reply_to_uri="https://far.test/notes/1")

    page = read(await visitor.get(f"/@lille/{post.id}"))

    assert "répond à une autre" in text(page, "main > .note")
