"""What a member was told: every kind in words, in groups, marked, put away; who asks, and the answer."""

import pytest

from models.actor import Actor
from models.filters import Filter, FilterAction, FilterKeyword
from models.follow import Follow, FollowState
from models.notification import Notification, NotificationType
from models.notification_policy import NotificationPermission
from models.post import Mention, Visibility
from server.follows import actions as follows
from tests import factories
from tests.web.conftest import browser
from tests.web.pages import form_of, press, read, text, texts
from web.home.paging import PAGE_ITEMS
from web.notifications.pages import ONLY

ADDRESS = "/notifications"
T = NotificationType


async def tell(recipient, type_, actor, post=None, **more):
    return await Notification.create(recipient=recipient, type=type_, actor=actor, post=post, **more)


@pytest.fixture
async def zoe(enter, member):
    return await enter(member)


async def test_nobody_else_reads_them(visitor, section):
    assert (await visitor.get(ADDRESS)).headers["location"] == "/login?next=%2Fnotifications"
    assert (await visitor.post(ADDRESS)).headers["location"] == "/login?next=%2Fnotifications"


async def test_every_kind_has_its_words_and_belongs_to_one_page(app, zoe, member, other_member, section, say):
    post = await say(member, "Bonjour à vous")
    for type_ in T:
        await tell(member, type_, other_member, post)
    assert sorted(type_ for only, types in ONLY.items() if only for type_ in types) == sorted(T)

    found = texts(read(await zoe.get(ADDRESS)), ".told-what")
    async with browser(app, language="en") as reader:
        reader.cookies = zoe.cookies
        english = texts(read(await reader.get(ADDRESS)), ".told-what")

    assert len(found) == len(english) == PAGE_ITEMS
    assert all(len(words) > len(" nouveau") for words in found)
    for only in list(ONLY)[1:]:
        said = texts(read(await zoe.get(f"{ADDRESS}?only={only}")), ".told-what")
        assert said
        assert all("Ali" in words or "signalement" in words for words in said), said


async def test_what_happened_to_one_post_is_one_line(zoe, member, other_member, remote_actor, stranger, section, say):
    post = await say(member, "Bonjour à vous")
    await tell(member, T.LIKE, other_member, post)
    page = read(await zoe.get(ADDRESS))
    assert text(page, ".told-what").startswith("Ali aime votre publication")
    await tell(member, T.LIKE, remote_actor, post)
    page = read(await zoe.get(ADDRESS))
    assert text(page, ".told-what").startswith(f"{remote_actor.name} et une autre personne aiment")
    await tell(member, T.EMOJI_REACTION, stranger, post)
    page = read(await zoe.get(ADDRESS))
    assert text(page, ".told-what").startswith(f"{stranger.name} et 2 autres personnes aiment")
    assert len(page.select(".told-marks a")) == 3
    assert page.select_one(".told-post a")["href"] == f"/threads/{post.id}"
    assert text(page, ".told-post") == "Bonjour à vous"


async def test_a_letter_differs_from_a_mention_and_an_event_is_answered(zoe, member, other_member, section):
    letter = await factories.post(other_member, "Psst", Visibility.DIRECT)
    await Mention.create(post=letter, actor=member)
    event = await factories.event(other_member, "Tractage")
    await tell(member, T.MENTION, other_member, letter)
    await tell(member, T.EVENT_INVITE, other_member, event)

    page = read(await zoe.get(ADDRESS))

    assert [words.removesuffix(" nouveau") for words in texts(page, ".told-what")] == [
        "Ali vous invite à un événement", "Ali vous a écrit",
    ]  # fmt: skip
    assert page.select_one(".told-post a")["href"] == f"/events/{event.id}"


async def test_who_reported_is_not_named(zoe, member, other_member, section):
    await tell(member, T.ADMIN_REPORT, other_member)

    answer = await zoe.get(ADDRESS)

    assert text(read(answer), ".told-what").startswith("Un signalement est arrivé")
    assert "Ali" not in answer.text


async def test_they_are_counted_until_they_are_read(zoe, member, other_member, section, say):
    post = await say(member, "Bonjour")
    assert read(await zoe.get("/me")).select_one(".unread").has_attr("hidden")
    await tell(member, T.MENTION, other_member, post)
    await tell(member, T.LIKE, other_member, post)
    assert text(read(await zoe.get("/me")), ".unread") == "2 à lire"

    page = read(await zoe.get(ADDRESS))
    assert len(page.select(".told-new")) == 2
    sent = form_of(page, ADDRESS, newest=page.select_one("[name=newest]")["value"]) | {"do": "read"}
    await say(other_member, "@zoe")
    later = await Notification.all().order_by("-id").first()
    assert (await zoe.post(ADDRESS, data=sent)).headers["location"] == ADDRESS

    page = read(await zoe.get(ADDRESS))
    assert [one["id"] for one in page.select(".told-new")] == [f"told-{later.id}"]
    assert text(page, ".unread") == "1 à lire"
    assert (await zoe.post(ADDRESS, data=sent, headers={"Coopole-In-Place": "1"})).status_code == 204
    assert text(read(await zoe.get(ADDRESS)), ".unread") == "1 à lire"  # the marker never goes back


async def test_one_group_or_everything_is_put_away_and_only_ones_own(
    zoe, enter, member, other_member, remote_actor, section, say
):
    post = await say(member, "Bonjour")
    kept = await tell(other_member, T.FOLLOW, member)
    await tell(member, T.LIKE, other_member, post)
    await tell(member, T.LIKE, remote_actor, post)
    await tell(member, T.MENTION, other_member, post)

    assert (await press(zoe, ADDRESS, "", key=f"favourite-{post.id}")).status_code == 422  # no button was pressed
    sent = form_of(read(await zoe.get(ADDRESS)), ADDRESS, key=f"favourite-{post.id}") | {"do": "dismiss"}
    assert (await zoe.post(ADDRESS, data=sent)).headers["location"] == f"{ADDRESS}?said=put_away"
    assert await Notification.filter(recipient_id=member.id).count() == 1
    for key in ("", "x" * 41):
        assert (await zoe.post(ADDRESS, data=sent | {"key": key})).status_code == 422
    assert (await zoe.post(ADDRESS, data=sent | {"key": f"ungrouped-{kept.id}"})).status_code == 303
    assert await Notification.filter(recipient_id=other_member.id).count() == 1
    assert (await press(zoe, ADDRESS, "clear")).headers["location"] == f"{ADDRESS}?said=cleared"
    assert await Notification.filter(recipient_id=member.id).count() == 0
    page = read(await zoe.get(ADDRESS))
    assert text(page, ".empty .lead") == "Vous êtes à jour."
    assert await Notification.filter(recipient_id=other_member.id).count() == 1


async def test_who_asks_to_follow_is_accepted_or_refused(zoe, member, other_member, section, ctx):
    await Actor.filter(id=member.id).update(approves_followers=True)
    eve = await factories.member(ctx, "eve", "Ève")
    for follower in (other_member, eve):
        await follows.follow(follower, await Actor.get(id=member.id), ctx)

    page = read(await zoe.get(ADDRESS))
    assert texts(page, ".asking .person-name") == ["Ève", "Ali"]
    answer = await press(zoe, ADDRESS, "accept", actor=other_member.id)
    assert answer.headers["location"] == f"{ADDRESS}?said=follower_accepted"
    assert (await Follow.get(follower=other_member)).state is FollowState.ACCEPTED
    answer = await press(zoe, ADDRESS, "refuse", actor=eve.id)
    assert answer.headers["location"] == f"{ADDRESS}?said=follower_refused"
    assert not await Follow.exists(follower=eve)
    sent = form_of(read(await zoe.get("/me")), "/logout")
    for do in ("accept", "refuse"):  # whoever follows already, or never asked, has no request
        for actor in (other_member.id, eve.id):
            assert (await zoe.post(ADDRESS, data=sent | {"do": do, "actor": actor})).status_code == 404
    assert (await zoe.post(ADDRESS, data=sent | {"do": "accept", "actor": "x"})).status_code == 422


async def test_who_is_kept_apart_is_heard_or_put_away(zoe, member, other_member, remote_actor, section):
    first = await tell(member, T.FOLLOW, other_member, is_filtered=True)
    second = await tell(member, T.FOLLOW, remote_actor, is_filtered=True)
    foreign = await tell(other_member, T.FOLLOW, remote_actor, is_filtered=True)
    assert "2 à part" in texts(read(await zoe.get(ADDRESS)), ".tabs a")
    page_of_theirs = f"{ADDRESS}?only=requests"

    page = read(await zoe.get(page_of_theirs))
    sent = form_of(page, ADDRESS, "hear", request=first.id)
    answer = await zoe.post(ADDRESS, data=sent)
    assert answer.headers["location"] == f"{page_of_theirs}&said=heard"
    assert await NotificationPermission.exists(recipient=member, actor=other_member)
    assert not (await Notification.get(id=first.id)).is_filtered
    sent = form_of(page, ADDRESS, "leave", request=second.id)
    assert (await zoe.post(ADDRESS, data=sent)).headers["location"] == f"{page_of_theirs}&said=put_away"
    assert not await Notification.exists(id=second.id)
    for do in ("hear", "leave"):
        assert (await zoe.post(ADDRESS, data=sent | {"do": do, "request": str(foreign.id)})).status_code == 404
    assert (await Notification.get(id=foreign.id)).is_filtered
    assert "Personne n’est mis à part." in text(read(await zoe.get(page_of_theirs)), ".empty")


async def test_pages_and_kinds_that_are_not_there(zoe, member, other_member, section, say):
    for number in range(PAGE_ITEMS + 3):
        await say(other_member, f"@zoe {number}")

    first = read(await zoe.get(f"{ADDRESS}?only=mentions"))
    assert len(first.select(".told")) == PAGE_ITEMS
    second = read(await zoe.get(ADDRESS + first.select_one("[rel=next]")["href"]))
    assert {one["id"] for one in second.select(".told")}.isdisjoint(one["id"] for one in first.select(".told"))
    assert second.select_one("[rel=next]") is None
    assert "Nothing" not in (await zoe.get(f"{ADDRESS}?only=events")).text
    for query in ("only=everything", "before=x"):
        assert (await zoe.get(f"{ADDRESS}?{query}")).status_code == 404


async def test_filters_hide_or_cover_what_is_told(zoe, member, other_member, section, say):
    for action, keyword in ((FilterAction.HIDE, "pont"), (FilterAction.WARN, "tunnel")):
        row = await Filter.create(owner=member, title="Métro", contexts=["notifications"], action=action)
        await FilterKeyword.create(part_of=row, keyword=keyword)
    for words in ("@zoe un pont", "@zoe un tunnel"):
        await say(other_member, words)

    page = read(await zoe.get(ADDRESS))

    assert texts(page, ".told-post") == ["Masqué par votre filtre : Métro"]


async def test_a_form_of_another_session_does_nothing(zoe, enter, member, other_member, section):
    await tell(member, T.FOLLOW, other_member)
    ali = await enter(other_member)
    foreign = form_of(read(await ali.get("/me")), "/logout")

    assert (await zoe.post(ADDRESS, data=foreign | {"do": "clear"})).status_code == 403
    assert await Notification.filter(recipient_id=member.id).count() == 1
