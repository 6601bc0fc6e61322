"""A conversation as a member reads it, and every button below a post."""

import pytest

from models.bookmark import Bookmark
from models.filters import Filter, FilterAction, FilterKeyword
from models.membership import Membership, MembershipState
from models.mute import ConversationMute
from models.poll import Poll, PollVote
from models.post import Visibility
from models.reaction import Announce, Like
from server.posts.polls import DraftPoll
from tests import factories
from tests.web.pages import form_of, read, text, texts

IN_PLACE = {"Coopole-In-Place": "1"}


async def send(client, post, do, *, in_place=False, **typed):
    """Press a button below a post, from its thread."""
    address = f"/threads/{post.id}"
    fields = form_of(read(await client.get(address)), address) | {"do": do} | typed
    return await client.post(address, data=fields, headers=IN_PLACE if in_place else {})


async def test_a_conversation_of_two_servers_stands_in_its_order(enter, member, remote_actor, section, say):
    first = await factories.post(remote_actor, "Question")
    post = await say(member, "Réponse", in_reply_to=first)
    below = await factories.post(remote_actor, "Merci", in_reply_to=post, in_reply_to_uri=post.uri)
    deeper = await factories.post(remote_actor, "Encore", in_reply_to=below, in_reply_to_uri=below.uri)

    page = read(await (await enter(member)).get(f"/threads/{post.id}"))

    assert [one["data-post"] for one in page.select("article.read")] == [
        str(x.id) for x in (first, post, below, deeper)
    ]
    assert [li["class"][-1] for li in page.select(".replies li.spoken")] == ["depth-0", "depth-1"]
    assert page.select_one(".reply-box a")["href"] == f"/write?reply_to={post.id}"
    assert text(page, "#replies-title") == "2 réponses"
    assert text(page, "h1") == "Une publication de Zoé"


async def test_of_a_remote_post_more_is_asked_for(enter, member, remote_actor, section):
    post = await factories.post(remote_actor, "Question", in_reply_to_uri="https://far.test/before")

    page = read(await (await enter(member)).get(f"/threads/{post.id}"))

    assert "n’est pas sur ce serveur" in text(page, "article.read .note")


async def test_what_a_member_may_not_read_is_not_there(enter, member, other_member, remote_actor, section, say):
    for_members = await factories.post(section, "Entre membres", Visibility.SECTION, group=section)
    for_followers = await factories.post(remote_actor, "Entre nous", Visibility.FOLLOWERS)
    blocking = await factories.post(other_member, "À tous")
    await factories.block(other_member, member)
    zoe = await enter(member)

    for id_ in (for_members.id, for_followers.id, blocking.id, 1, 10**19):
        assert (await zoe.get(f"/threads/{id_}")).status_code == 404
        token = form_of(read(await zoe.get("/me")), "/logout")
        assert (await zoe.post(f"/threads/{id_}", data=token | {"do": "like"})).status_code == 404
        assert (await zoe.get(f"/threads/{id_}/report")).status_code == 404
        assert (await zoe.post(f"/threads/{id_}/report", data=token | {"reason": "spam"})).status_code == 404
    assert await Like.all().count() == 0


async def test_a_member_of_the_section_reads_what_is_for_members(enter, member, section):
    post = await factories.post(section, "Entre membres", Visibility.SECTION, group=section)
    await Membership.create(group=section, member=member, state=MembershipState.ACCEPTED)

    page = read(await (await enter(member)).get(f"/threads/{post.id}"))

    assert text(page, ".readers") == "Pour les membres de Section de Lille"
    assert page.select_one('[data-key="b"]') is None


@pytest.mark.parametrize("path", ["", "/report"])
async def test_who_is_not_logged_in_logs_in_first_and_comes_back(visitor, section, say, path):
    post = await say(section, "Bonjour")

    for answer in (await visitor.get(f"/threads/{post.id}{path}"), await visitor.post(f"/threads/{post.id}{path}")):
        assert answer.headers["location"] == f"/login?next=%2Fthreads%2F{post.id}{path.replace('/', '%2F')}"


async def test_a_filter_leaves_answers_out_but_not_the_post_itself(enter, member, remote_actor, section):
    row = await Filter.create(owner=member, title="Métro", contexts=["thread"], action=FilterAction.HIDE)
    await FilterKeyword.create(part_of=row, keyword="tunnel")
    post = await factories.post(remote_actor, "Le tunnel")
    await factories.post(remote_actor, "Un autre tunnel", in_reply_to=post, in_reply_to_uri=post.uri)

    page = read(await (await enter(member)).get(f"/threads/{post.id}"))

    assert [one["data-post"] for one in page.select("article.read")] == [str(post.id)]


@pytest.mark.parametrize(
    ("do", "undo", "rows"),
    [
        ("like", "unlike", Like),
        ("boost", "unboost", Announce),
        ("bookmark", "unbookmark", Bookmark),
        ("mute", "unmute", ConversationMute),
    ],
)
async def test_each_button_does_and_undoes_and_leads_back(enter, member, section, say, do, undo, rows):
    post = await say(section, "Bonjour")
    zoe = await enter(member)

    done = await send(zoe, post, do)
    assert (done.status_code, done.headers["location"]) == (303, f"/threads/{post.id}#item-{post.id}")
    assert await rows.all().count() == 1
    again = await send(zoe, post, do)
    assert (again.status_code, await rows.all().count()) == (303, 1)
    await send(zoe, post, undo, back="/home?before=9", item="7")
    assert await rows.all().count() == 0


@pytest.mark.parametrize(
    ("back", "item", "leads_to"),
    [
        ("/home?before=9", "7", "/home?before=9#item-7"),
        ("//evil.test", "7", "/home#item-7"),
        ("https://evil.test", "x", "/home#item-{post}"),
        ("/home#x", "-1", "/home#item-{post}"),
        ("", "", "/threads/{post}#item-{post}"),
    ],
)
async def test_the_way_back_stays_on_this_server(enter, member, section, say, back, item, leads_to):
    post = await say(section, "Bonjour")

    answer = await send(await enter(member), post, "like", back=back, item=item)

    assert answer.headers["location"] == leads_to.format(post=post.id)


async def test_a_script_is_given_the_buttons_anew_and_what_to_say(enter, member, section, say):
    post = await say(section, "Bonjour")

    answer = await send(await enter(member), post, "like", in_place=True, back="/home", item="7")

    page = read(answer)
    assert page.select_one("[data-told]")["data-told"] == "Vous aimez cette publication."
    assert text(page, '[aria-pressed="true"]') == "Aimer"
    assert page.select_one("[name=back]")["value"] == "/home"
    assert page.select_one("[name=item]")["value"] == "7"
    assert page.select_one("article, html") is None


async def test_a_vote_is_counted_once_and_the_results_take_the_place_of_the_ballot(
    enter, member, other_member, section, say
):
    post = await say(other_member, "Quel jour ?", poll=DraftPoll(("Samedi", "Dimanche"), 3600))
    zoe = await enter(member)

    nothing = await send(zoe, post, "vote", in_place=True)
    assert nothing.status_code == 422
    wrong = await send(zoe, post, "vote", choice="7")
    assert read(wrong, 422).select_one(".summary") is not None
    assert (await send(zoe, post, "vote", choice="x")).status_code == 422
    answer = await send(zoe, post, "vote", in_place=True, choice="1")
    page = read(answer)
    assert page.select_one("[data-told]")["data-told"] == "Votre vote est compté."
    assert texts(page, ".poll-share") == ["0 % (0 voix)", "100 % (1 voix)"]
    assert (await send(zoe, post, "vote", choice="0")).status_code == 409
    assert await PollVote.all().count() == 1


async def test_several_answers_are_taken_where_the_poll_takes_several(enter, member, other_member, section, say):
    post = await say(
        other_member, "Quels jours ?", poll=DraftPoll(("Samedi", "Dimanche", "Lundi"), 3600, is_multiple=True)
    )

    answer = await send(await enter(member), post, "vote", **{"choice-0": "0", "choice-2": "2"})

    assert answer.status_code == 303
    assert await PollVote.all().count() == 2


async def test_there_is_no_ballot_for_ones_own_poll_nor_for_a_closed_one(
    enter, member, other_member, section, say, ctx
):
    mine = await say(member, "Quel jour ?", poll=DraftPoll(("Samedi", "Dimanche"), 3600))
    closed = await say(other_member, "Quel jour ?", poll=DraftPoll(("Samedi", "Dimanche"), 3600))
    await Poll.filter(post_id=closed.id).update(closed_at=ctx.now())
    zoe = await enter(member)

    for post, status in ((mine, 403), (closed, 409)):
        assert read(await zoe.get(f"/threads/{post.id}")).select_one(".ballot") is None
        assert (await send(zoe, post, "vote", choice="0")).status_code == status


async def test_what_is_refused_is_said_where_it_stands(enter, member, other_member, section, say):
    await factories.follow(member, other_member)
    post = await say(other_member, "Entre nous", Visibility.FOLLOWERS)
    zoe = await enter(member)

    page = read(await send(zoe, post, "boost"), 403)
    assert page.select_one(".summary[role=alert]") is not None
    assert page.select_one(f"#item-{post.id}") is not None
    answer = await send(zoe, post, "boost", in_place=True)
    assert (answer.status_code, answer.headers["content-type"]) == (403, "text/plain; charset=utf-8")
    assert (await send(zoe, post, "explode")).status_code == 422
    assert await Announce.all().count() == 0


async def test_a_form_of_another_session_or_site_does_nothing(enter, member, other_member, section, say):
    post = await say(section, "Bonjour")
    zoe, ali = await enter(member), await enter(other_member)
    address = f"/threads/{post.id}"
    foreign = form_of(read(await ali.get(address)), address) | {"do": "like"}
    own = form_of(read(await zoe.get(address)), address) | {"do": "like"}

    assert (await zoe.post(address, data=foreign)).status_code == 403
    assert (await zoe.post(address, data=own | {"form_token": ""})).status_code == 403
    assert (await zoe.post(address, data=own, headers={"Origin": "https://evil.test"})).status_code == 403
    assert (await zoe.post(address, data=own, headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403
    assert await Like.all().count() == 0
