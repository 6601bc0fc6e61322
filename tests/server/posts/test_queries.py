"""Reading posts with all that is shown of them."""

import logging

import pytest

from models.actor import Actor
from models.ids import new_id
from models.post import Attachment, Mention, Post, PostTag, Visibility
from models.reaction import Announce, Like
from server.posts import queries
from tests import factories


async def reply(author: Actor, parent: Post, text: str = "Réponse", **more: object) -> Post:
    return await factories.post(author, text, in_reply_to=parent, in_reply_to_uri=parent.uri, **more)


async def announce(actor: Actor, post: Post) -> Announce:
    return await Announce.create(uri=f"{actor.uri}/announces/{new_id()}", actor=actor, post=post)


async def texts(shown: list[queries.PostView]) -> list[str | None]:
    return [view.post.source_text for view in shown]


# What is shown of a post


async def test_a_view_has_all_that_is_shown_of_a_post(member: Actor, other_member: Actor, remote_actor: Actor) -> None:
    parent = await factories.post(remote_actor)
    post = await reply(member, parent)
    for actor in (other_member, remote_actor):
        await Mention.create(post=post, actor=actor)
    await PostTag.create(post=post, name="nord", shown="Nord")
    for position in (1, 0):
        await Attachment.create(post=post, position=position, url=f"https://lille.test/{position}.png")
    await Like.create(uri=f"{other_member.uri}/1", actor=other_member, post=post)

    view = await queries.one(post.id, other_member)

    assert view is not None
    assert (view.post.id, view.post.actor.id, view.item_id) == (post.id, member.id, post.id)
    assert [actor.id for actor in view.mentioned] == [other_member.id, remote_actor.id]
    assert [tag.shown for tag in view.tags] == ["Nord"]
    assert [item.position for item in view.attachments] == [0, 1]
    assert view.parent is not None
    assert view.parent.id == parent.id
    assert (view.is_liked, view.is_announced, view.announce) == (True, False, None)


async def test_marks_are_the_viewers_own(member: Actor, other_member: Actor) -> None:
    post = await factories.post(member)
    await Like.create(uri=f"{member.uri}/1", actor=member, post=post)
    await announce(member, post)
    for viewer, marked in ((member, True), (other_member, False), (None, False)):
        view = await queries.one(post.id, viewer)
        assert view is not None
        assert (view.is_liked, view.is_announced) == (marked, marked)


async def test_what_is_not_for_the_viewer_is_not_shown(member: Actor, other_member: Actor) -> None:
    post = await factories.post(member, visibility=Visibility.DIRECT)
    assert await queries.one(post.id, other_member) is None
    assert await queries.one(post.id, None) is None
    assert await queries.one(7, member) is None


async def test_many_posts_cost_as_many_queries_as_one(
    member: Actor, other_member: Actor, caplog: pytest.LogCaptureFixture
) -> None:
    parents = [await factories.post(other_member, str(number)) for number in range(8)]
    posts = [await reply(member, parent) for parent in parents]
    for post in posts:
        await Mention.create(post=post, actor=other_member)
        post.actor = member
    caplog.set_level(logging.DEBUG, "tortoise.db_client")
    counts = []
    for some in (posts[:1], posts):
        caplog.clear()
        assert len(await queries.views(some, other_member)) == len(some)
        counts.append(len(caplog.records))
    assert 0 < counts[0] == counts[1] <= 8
    assert await queries.views([], member) == []


# By author


async def test_an_actors_posts_and_announces_come_newest_first(member: Actor, remote_actor: Actor) -> None:
    first = await factories.post(member, "un")
    other = await factories.post(remote_actor, "autre")
    shared = await announce(member, other)
    last = await factories.post(member, "deux")
    shown = await queries.by_actor(member, None, limit=10)
    assert await texts(shown) == ["deux", "autre", "un"]
    assert [view.item_id for view in shown] == [last.id, shared.id, first.id]
    assert shown[1].announce is not None
    assert (shown[1].announce.actor.id, shown[1].post.actor.id) == (member.id, remote_actor.id)


async def test_replies_and_announces_can_be_left_out(member: Actor, remote_actor: Actor) -> None:
    other = await factories.post(remote_actor, "autre")
    await announce(member, other)
    await reply(member, other)
    await factories.post(member, "un")
    shown = await queries.by_actor(member, None, limit=10, with_replies=False, with_announces=False)
    assert await texts(shown) == ["un"]


async def test_posts_with_pictures_can_be_asked_for_alone(member: Actor) -> None:
    await factories.post(member, "sans")
    post = await factories.post(member, "avec")
    for position in (0, 1):
        await Attachment.create(post=post, position=position, url="https://lille.test/1.png")
    assert await texts(await queries.by_actor(member, None, limit=10, only_media=True)) == ["avec"]


async def test_an_actors_page_shows_only_what_is_for_the_viewer(
    member: Actor, other_member: Actor, remote_actor: Actor
) -> None:
    for visibility in Visibility:
        await factories.post(member, visibility.value, visibility)
    closed = await factories.post(remote_actor, "fermé", Visibility.FOLLOWERS)
    await announce(member, closed)
    await factories.follow(other_member, member)
    assert await texts(await queries.by_actor(member, None, limit=10)) == ["unlisted", "public"]
    assert await texts(await queries.by_actor(member, other_member, limit=10)) == ["followers", "unlisted", "public"]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ({}, ["5", "4"]),
        ({"max_id": 4}, ["3", "2"]),
        ({"min_id": 1}, ["3", "2"]),
        ({"max_id": 5, "min_id": 2}, ["4", "3"]),
    ],
)
async def test_pages_go_down_from_max_id_and_up_from_min_id(
    member: Actor, page: dict[str, int], expected: list[str]
) -> None:
    posts = [await factories.post(member, str(number)) for number in range(6)]
    bounds = {name: posts[number].id for name, number in page.items()}
    assert await texts(await queries.by_actor(member, None, limit=2, **bounds)) == expected
    assert await texts(await queries.public(None, limit=2, **bounds)) == expected


# Threads


async def test_a_thread_is_read_from_its_root_down(member: Actor, other_member: Actor) -> None:
    root = await factories.post(member, "racine")
    left, right = await reply(other_member, root, "gauche"), await reply(member, root, "droite")
    leaf = await reply(member, left, "feuille")
    await reply(other_member, right, "autre feuille")
    assert await texts(await queries.ancestors(leaf, None)) == ["racine", "gauche"]
    assert await texts(await queries.descendants(root, None)) == ["gauche", "feuille", "droite", "autre feuille"]
    assert await queries.ancestors(root, None) == []
    assert await queries.descendants(leaf, None) == []


async def test_a_thread_ends_where_it_is_not_for_the_viewer(member: Actor, other_member: Actor) -> None:
    root = await factories.post(member, "racine")
    hidden = await reply(other_member, root, "caché", visibility=Visibility.DIRECT)
    leaf = await reply(member, hidden, "feuille")
    assert await queries.ancestors(leaf, None) == []
    assert await queries.descendants(root, None) == []
    assert await texts(await queries.ancestors(leaf, other_member)) == ["racine", "caché"]


async def test_a_long_thread_is_cut(member: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MAX_ANCESTORS", 2)
    monkeypatch.setattr(queries, "MAX_DESCENDANTS", 3)
    posts = [await factories.post(member, "0")]
    for number in range(1, 6):
        posts.append(await reply(member, posts[-1], str(number)))
    assert await texts(await queries.ancestors(posts[-1], None)) == ["3", "4"]
    assert await texts(await queries.descendants(posts[0], None)) == ["1", "2", "3"]


async def test_posts_that_answer_each_other_do_not_go_round_for_ever(member: Actor) -> None:
    first = await factories.post(member, "un")
    second = await reply(member, first, "deux")
    await Post.filter(id=first.id).update(in_reply_to_id=second.id)
    first = await Post.get(id=first.id)
    assert len(await queries.ancestors(first, None)) <= queries.MAX_ANCESTORS
    assert len(await queries.descendants(first, None)) <= queries.MAX_DESCENDANTS


# Everybody's


async def test_the_public_timeline_has_what_is_public_and_no_answers(member: Actor, remote_actor: Actor) -> None:
    for visibility in Visibility:
        await factories.post(member, visibility.value, visibility)
    ours, theirs = await factories.post(member, "ici"), await factories.post(remote_actor, "ailleurs")
    await reply(member, theirs)
    assert await texts(await queries.public(None, limit=10)) == ["ailleurs", "ici", "public"]
    assert await texts(await queries.public(None, limit=10, local=True)) == ["ici", "public"]
    assert await texts(await queries.public(None, limit=10, remote=True)) == ["ailleurs"]
    assert ours.is_local
