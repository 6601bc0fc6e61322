"""The page of a person as a member sees it, and what they do about them."""

from datetime import timedelta

import pytest

from federation.actors import create_local
from models.activity import ActivityRecord
from models.actor import Actor, ActorType
from models.delivery import Delivery
from models.filters import Filter, FilterAction, FilterKeyword
from models.follow import Follow, FollowState
from models.lists import Listed, ReadingList
from models.membership import Membership, MembershipState
from models.moderation import Block, Report
from models.mute import HostMute, Mute
from models.post import Attachment, Visibility
from models.remark import Remark
from server.admin import rules
from server.follows.actions import follow
from server.members.profiles import ProfileChanges, edit
from tests import factories
from tests.web.pages import form_of, press, read, text, texts
from tests.world import key_pair

NOBODY = 2**62


@pytest.fixture
async def zoe(enter, section, member):
    return await enter(member)


def at(actor, more=""):
    return f"/people/{actor.id}{more}"


@pytest.mark.parametrize("more", ["", "/block", "/server", "/report"])
async def test_pages_are_for_whoever_is_logged_in(visitor, section, remote_actor, more):
    assert (await visitor.get(at(remote_actor, more))).headers["location"].startswith("/login?next=%2Fpeople%2F")


@pytest.mark.parametrize("more", ["", "/report"])
async def test_forms_of_another_session_or_site_are_refused(visitor, zoe, remote_actor, more):
    token = form_of(read(await zoe.get("/me")), "/logout")

    assert (await visitor.post(at(remote_actor, more), data={})).headers["location"].startswith("/login")
    assert (await zoe.post(at(remote_actor, more), data={"do": "follow"})).status_code == 403
    sent = await zoe.post(at(remote_actor, more), data=token, headers={"Origin": "https://far.test"})
    assert sent.status_code == 403


@pytest.mark.parametrize("more", ["", "/block", "/server", "/report"])
@pytest.mark.parametrize("columns", [{"is_suspended": True}, {"gone": True}, {"blocked": True}, None])
async def test_nobody_is_shown_who_is_not_there(zoe, remote_actor, ctx, more, columns):
    if columns is None:
        assert (await zoe.get(f"/people/{NOBODY}{more}")).status_code == 404
        assert (await zoe.get(f"/people/9999999999999999999{more}")).status_code == 404
        return
    moments = {"gone": {"gone_at": ctx.now()}, "blocked": {"blocked_at": ctx.now()}}
    name = next(iter(columns))
    await Actor.filter(id=remote_actor.id).update(**moments.get(name, columns))

    assert (await zoe.get(at(remote_actor, more))).status_code == 404


async def test_somebody_of_another_server_is_shown_as_they_say(zoe, remote_actor, ctx):
    await Actor.filter(id=remote_actor.id).update(
        note_html="<p>Bonjour</p>",
        profile_fields=[{"name": "Ville", "value": "Brest"}],
        image_url="https://far.test/1.png",
    )
    await factories.post(remote_actor, "Salut")
    page = read(await zoe.get(at(remote_actor)))

    assert text(page, "h1") == "Noor"
    assert text(page, ".profile .handle") == "@noor@far.test"
    assert texts(page, ".person-fields dd") == ["Brest"]
    assert page.select_one(".banner")["src"].startswith("https://lille.test/media/copies/")
    assert texts(page, ".post .prose") == ["Salut"]
    assert page.select_one(".post a.moment")["href"].startswith("/threads/")
    assert page.select_one(".post .person-name")["href"] == at(remote_actor)
    assert page.select_one('meta[name="robots"]')["content"] == "noindex"


async def test_nobody_is_told_whom_others_follow(zoe, remote_actor, other_member):
    await factories.follow(other_member, remote_actor)

    assert "@ali" not in (await zoe.get(at(remote_actor))).text


async def test_only_what_one_may_read_is_shown(zoe, member, remote_actor):
    await factories.post(remote_actor, "Pour tous")
    await factories.post(remote_actor, "Entre nous", Visibility.FOLLOWERS)
    assert texts(read(await zoe.get(at(remote_actor))), ".post .prose") == ["Pour tous"]

    await factories.follow(member, remote_actor)

    page = read(await zoe.get(at(remote_actor)))
    assert texts(page, ".post .prose") == ["Entre nous", "Pour tous"]
    assert texts(page, ".post > .note") == ["Pour les personnes qui suivent"]


async def test_replies_and_pictures_have_tabs_and_pages_go_on(zoe, remote_actor):
    first = await factories.post(remote_actor, "Premier")
    await factories.post(remote_actor, "Réponse", in_reply_to=first, in_reply_to_uri=first.uri)
    pictured = await factories.post(remote_actor, "Image")
    await Attachment.create(post=pictured, url="https://far.test/1.png", media_type="image/png")

    assert texts(read(await zoe.get(at(remote_actor))), ".post .prose") == ["Image", "Premier"]
    assert texts(read(await zoe.get(at(remote_actor, "?show=replies"))), ".post .prose") == [
        "Image",
        "Réponse",
        "Premier",
    ]
    assert texts(read(await zoe.get(at(remote_actor, "?show=media"))), ".post .prose") == ["Image"]
    assert (await zoe.get(at(remote_actor, "?show=x"))).status_code == 404
    assert (await zoe.get(at(remote_actor, "?before=x"))).status_code == 404
    for number in range(20):
        await factories.post(remote_actor, f"Suite {number}")
    page = read(await zoe.get(at(remote_actor)))
    older = read(await zoe.get(page.select_one(".paging-next")["href"]))
    assert texts(older, ".post .prose") == ["Image", "Premier"]


async def test_filters_hide_or_warn(zoe, member, remote_actor):
    await factories.post(remote_actor, "Le train")
    await factories.post(remote_actor, "Le bus")
    for word, action in (("train", FilterAction.HIDE), ("bus", FilterAction.WARN)):
        row = await Filter.create(owner=member, title=f"Sans {word}", contexts=["account"], action=action)
        await FilterKeyword.create(part_of=row, keyword=word)

    page = read(await zoe.get(at(remote_actor)))

    assert texts(page, ".post .prose") == ["Le bus"]
    assert "Sans bus" in text(page, ".post .warning-text")


async def test_section_here_is_followed_at_once_and_unfollowed(zoe, section, member):
    response = await press(zoe, at(section), "follow")
    assert response.headers["location"] == at(section, "?said=followed")
    assert (await Follow.get()).state is FollowState.ACCEPTED

    assert (await press(zoe, at(section), "unfollow")).headers["location"] == at(section, "?said=unfollowed")
    assert not await Follow.exists()


async def test_whoever_approves_is_asked_and_answers(zoe, enter, member, other_member, ctx):
    await edit(other_member, ProfileChanges(approves_followers=True), ctx)
    page = read(await zoe.get(at(other_member)))
    assert "Demander à suivre" in text(page, ".person-presses")
    await press(zoe, at(other_member), "follow")
    assert "pas encore de réponse" in read(await zoe.get(at(other_member))).get_text()
    ali = await enter(other_member)
    assert "demande à vous suivre" in read(await ali.get(at(member))).get_text()

    assert (await press(ali, at(member), "accept")).headers["location"] == at(member, "?said=follow_accepted")
    assert (await Follow.get()).state is FollowState.ACCEPTED
    assert "Vous suit" in text(read(await ali.get(at(member))), ".marks")

    assert (await press(ali, at(member), "dismiss")).headers["location"] == at(member, "?said=dismissed")
    assert not await Follow.exists()


async def test_remote_follow_is_sent(zoe, remote_actor):
    assert (await press(zoe, at(remote_actor), "follow")).headers["location"] == at(remote_actor, "?said=follow_sent")
    assert await Delivery.exists()
    assert "pas encore de réponse" in read(await zoe.get(at(remote_actor))).get_text()
    await press(zoe, at(remote_actor), "unfollow")
    assert not await Follow.exists()


async def test_wishes_of_a_follow(zoe, member, section):
    row = await factories.follow(member, section)
    sent = form_of(read(await zoe.get(at(section))), at(section), "wish")
    assert "shows_announces" in sent
    del sent["shows_announces"]

    assert (await zoe.post(at(section), data=sent | {"notifies": "yes"})).status_code == 303

    await row.refresh_from_db()
    assert (row.notifies, row.shows_announces) == (True, False)


async def test_nobody_wishes_anything_of_whom_they_do_not_follow(zoe, section):
    token = form_of(read(await zoe.get("/me")), "/logout")

    assert (await zoe.post(at(section), data=token | {"do": "wish"})).status_code == 404
    assert not await Follow.exists()


async def test_mute_for_a_while_and_for_good(zoe, remote_actor, ctx):
    sent = form_of(read(await zoe.get(at(remote_actor))), at(remote_actor), "mute")
    await zoe.post(at(remote_actor), data=sent | {"duration": "week"})
    mute = await Mute.get()
    assert (mute.expires_at, mute.hides_notifications) == (ctx.now() + timedelta(days=7), True)
    assert "jusqu’au" in read(await zoe.get(at(remote_actor))).get_text()
    await press(zoe, at(remote_actor), "unmute")
    assert not await Mute.exists()

    del sent["notifications"]
    await zoe.post(at(remote_actor), data=sent | {"duration": ""})

    mute = await Mute.get()
    assert (mute.expires_at, mute.hides_notifications) == (None, False)


async def test_block_asks_once_and_is_taken_back(zoe, remote_actor):
    await factories.post(remote_actor, "Salut")
    page = read(await zoe.get(at(remote_actor, "/block")))
    assert text(page, "h1") == "Bloquer Noor ?"
    assert not await Block.exists()

    response = await zoe.post(at(remote_actor), data=form_of(page, at(remote_actor), "block"))

    assert response.headers["location"] == at(remote_actor, "?said=blocked")
    page = read(await zoe.get(at(remote_actor)))
    assert page.select(".post") == []
    await press(zoe, at(remote_actor), "unblock")
    assert not await Block.exists()


async def test_who_is_blocked_is_shown_the_same_as_others_without_posts(zoe, member, remote_actor):
    await factories.post(remote_actor, "Salut")
    await factories.block(remote_actor, member)

    page = read(await zoe.get(at(remote_actor)))

    assert page.select(".post") == []
    assert "bloqu" not in text(page, ".person-presses").lower()


async def test_a_whole_server_is_hidden_and_shown_again(zoe, member, remote_actor, ctx):
    await follow(member, remote_actor, ctx)
    page = read(await zoe.get(at(remote_actor, "/server")))
    assert "far.test" in text(page, "h1")
    assert "Vous y suivez 1 compte" in page.get_text()
    assert not await HostMute.exists()

    await zoe.post(at(remote_actor), data=form_of(page, at(remote_actor), "hide_server"))
    assert (await HostMute.get()).host == "far.test"
    assert not await Follow.exists()

    await press(zoe, at(remote_actor), "show_server")
    assert not await HostMute.exists()


async def test_nobody_hides_or_blocks_themselves(zoe, member, other_member):
    token = form_of(read(await zoe.get("/me")), "/logout")

    for more in ("/block", "/server", "/report"):
        assert (await zoe.get(at(member, more))).status_code == 404
    assert (await zoe.get(at(other_member, "/server"))).status_code == 404
    for do in ("follow", "block", "mute"):
        assert (await zoe.post(at(member), data=token | {"do": do})).status_code == 409
    assert "Modifier mon profil" in text(read(await zoe.get(at(member))), ".person-presses")


async def test_private_note_is_kept_for_oneself_and_typed_again_where_refused(zoe, enter, remote_actor, other_member):
    sent = form_of(read(await zoe.get(at(remote_actor))), at(remote_actor), "note")
    assert (await zoe.post(at(remote_actor), data=sent | {"note": "Vue à Brest"})).status_code == 303
    assert (await Remark.get()).text == "Vue à Brest"
    assert form_of(read(await zoe.get(at(remote_actor))), at(remote_actor), "note")["note"] == "Vue à Brest"
    assert "Vue à Brest" not in (await (await enter(other_member)).get(at(remote_actor))).text

    page = read(await zoe.post(at(remote_actor), data=sent | {"note": "x" * 2001}), 422)

    assert form_of(page, at(remote_actor), "note")["note"] == "x" * 2001
    assert "2 000" in text(page, ".summary").replace("\xa0", " ")


async def test_lists_are_ticked_and_unticked(zoe, member, other_member, section):
    await factories.follow(member, section)
    mine, theirs = (
        await ReadingList.create(owner=member, title="Nord"),
        await ReadingList.create(owner=other_member, title="X"),
    )
    sent = form_of(read(await zoe.get(at(section))), at(section), "list")

    await zoe.post(at(section), data=sent | {f"list-{mine.id}": "yes", f"list-{theirs.id}": "yes"})
    assert [row.list_id for row in await Listed.all()] == [mine.id]
    assert f"list-{mine.id}" in form_of(read(await zoe.get(at(section))), at(section), "list")

    await zoe.post(at(section), data=sent)
    assert not await Listed.exists()


async def test_only_whom_one_follows_is_listed(zoe, member, section):
    mine = await ReadingList.create(owner=member, title="Nord")
    token = form_of(read(await zoe.get("/me")), "/logout")

    page = read(await zoe.post(at(section), data=token | {"do": "list", f"list-{mine.id}": "yes"}), 404)

    assert "que l’on suit" in text(page, ".summary")


@pytest.mark.parametrize("sent", [{}, {"do": "x"}, {"do": "mute", "duration": "year"}])
async def test_made_up_forms_are_refused(zoe, remote_actor, sent):
    token = form_of(read(await zoe.get("/me")), "/logout")

    assert (await zoe.post(at(remote_actor), data=token | sent)).status_code == 422
    assert not await Mute.exists()


async def test_section_is_joined_and_says_how_far(zoe, member, section, ctx, world):
    far = await factories.remote_actor(ctx, world, "https://far.test/groups/arras", kind="Group", key=1)
    assert read(await zoe.get(at(section))).select_one('.person-presses a[href="/@lille/join"]')
    assert read(await zoe.get(at(far))).select_one('.person-presses a[href^="/me/join?of=https"]')

    await Membership.create(group=section, member=member, state=MembershipState.ACCEPTED)

    assert "Vous en faites partie" in text(read(await zoe.get(at(section))), ".person-presses")


async def test_who_moved_is_shown_with_their_new_home(zoe, member, remote_actor, stranger):
    await Actor.filter(id=remote_actor.id).update(moved_to_uri=stranger.uri)
    await Actor.filter(id=stranger.id).update(also_known_as=[remote_actor.uri])

    page = read(await zoe.get(at(remote_actor)))

    assert page.select_one(".moved .person-name")["href"] == at(stranger)
    with pytest.raises(AssertionError, match="no form"):
        form_of(page, at(remote_actor), "follow")


@pytest.fixture
async def instance(ctx):
    """The actor of the server itself."""
    return await create_local(
        ctx.names, ActorType.APPLICATION, "instance", now=ctx.now(), uri=ctx.names.instance_actor, rsa_key=key_pair(3)
    )


async def test_a_button_leads_to_a_text_that_names_them(zoe, remote_actor):
    page = read(await zoe.get(f"/people/{remote_actor.id}"))
    written = read(await zoe.get(page.select_one('a[href^="/write?mention"]')["href"]))
    assert written.select_one("textarea[name=text]").get_text().strip().startswith(f"@{remote_actor.handle}")


async def test_report_says_what_kind_which_rules_and_which_posts(zoe, member, remote_actor, instance):
    rule = await rules.add("Pas d’insultes")
    post = await factories.post(remote_actor, "Insulte")
    page = read(await zoe.get(at(remote_actor, f"/report?post={post.id}")))
    sent = form_of(page, at(remote_actor, "/report"))
    assert sent[f"post-{post.id}"] == "yes"
    assert "Insulte" in page.get_text()

    more = {"reason": "violation", f"rule-{rule.number}": "yes", "comment": "Deux fois", "forward": "yes"}
    response = await zoe.post(at(remote_actor, "/report"), data=sent | more)

    assert response.headers["location"] == at(remote_actor, "?said=report_sent")
    kept = await Report.get()
    assert kept.post_uris == [post.uri]
    assert (kept.category, kept.rule_numbers, kept.comment) == ("violation", [rule.number], "Deux fois")
    flag = await ActivityRecord.get(type="Flag")
    assert flag.actor_uri == instance.uri
    assert member.uri not in flag.document
    assert await Delivery.filter(activity_id=flag.id).count() == 1
    assert (await zoe.get(at(instance))).status_code == 404


@pytest.mark.parametrize(
    "sent", [{}, {"reason": "x"}, {"reason": "spam", "comment": "x" * 1001}, {"reason": "spam", "post-x": "1"}]
)
async def test_report_that_will_not_do_is_shown_again(zoe, remote_actor, sent):
    page = read(await zoe.get(at(remote_actor, "/report")))
    typed = {"comment": "Deux fois"} | sent
    again = read(
        await zoe.post(at(remote_actor, "/report"), data=form_of(page, at(remote_actor, "/report")) | typed), 422
    )

    assert form_of(again, at(remote_actor, "/report"))["comment"] == typed["comment"]
    assert not await Report.exists()


async def test_posts_of_others_cannot_be_slipped_into_a_report(zoe, remote_actor, other_member):
    theirs = await factories.post(other_member, "Secret", Visibility.FOLLOWERS)
    page = read(await zoe.get(at(remote_actor, f"/report?post={theirs.id}")))
    assert "Secret" not in page.get_text()

    sent = form_of(page, at(remote_actor, "/report")) | {"reason": "spam", f"post-{theirs.id}": "yes"}
    await zoe.post(at(remote_actor, "/report"), data=sent)

    assert (await Report.get()).post_uris == []
