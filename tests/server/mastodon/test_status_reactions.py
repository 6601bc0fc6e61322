"""What members do with statuses: like them, boost them, take it back."""

from httpx2 import AsyncClient

from models.actor import Actor
from models.post import Post, Visibility
from models.reaction import Announce, Like
from tests import factories
from tests.server.mastodon.shapes import OWN_STATUS, assert_shape


async def test_liking_shows_and_happens_once(zoe: AsyncClient, member: Actor, other_member: Actor):
    post = await factories.post(other_member)

    await zoe.post(f"/api/v1/statuses/{post.id}/favourite")
    found = (await zoe.post(f"/api/v1/statuses/{post.id}/favourite")).json()

    assert_shape(found, OWN_STATUS)
    assert (found["favourited"], found["favourites_count"]) == (True, 1)
    assert await Like.all().count() == 1


async def test_a_like_can_be_taken_back(zoe: AsyncClient, other_member: Actor):
    post = await factories.post(other_member)
    await zoe.post(f"/api/v1/statuses/{post.id}/favourite")

    for _ in range(2):
        found = (await zoe.post(f"/api/v1/statuses/{post.id}/unfavourite")).json()
        assert (found["favourited"], found["favourites_count"]) == (False, 0)


async def test_a_boost_is_a_status_around_the_boosted_one(zoe: AsyncClient, member: Actor, remote_actor: Actor):
    post = await factories.post(remote_actor, "Loin", content_warning="CW")

    for _ in range(2):
        found = (await zoe.post(f"/api/v1/statuses/{post.id}/reblog")).json()

        assert_shape(found, OWN_STATUS)
        assert_shape(found["reblog"], OWN_STATUS)
        assert found["id"] != found["reblog"]["id"] == str(post.id)
        assert found["account"]["id"] == str(member.id)
        assert found["reblog"]["account"]["id"] == str(remote_actor.id)
        assert (found["content"], found["spoiler_text"]) == ("", "")
        for status in (found, found["reblog"]):
            assert (status["reblogged"], status["reblogs_count"]) == (True, 1)
    assert await Announce.all().count() == 1


async def test_unboosting_answers_the_original(zoe: AsyncClient, other_member: Actor):
    post = await factories.post(other_member)
    boost = (await zoe.post(f"/api/v1/statuses/{post.id}/reblog")).json()

    found = (await zoe.post(f"/api/v1/statuses/{boost['id']}/unreblog")).json()

    assert (found["id"], found["reblog"], found["reblogged"], found["reblogs_count"]) == (str(post.id), None, False, 0)


async def test_what_is_not_for_everybody_is_not_boosted(zoe: AsyncClient, member: Actor):
    post = await factories.post(member, visibility=Visibility.FOLLOWERS)

    assert (await zoe.post(f"/api/v1/statuses/{post.id}/reblog")).status_code == 403
    assert not await Announce.exists()


async def test_the_id_of_a_boost_stands_for_the_boosted_post(zoe: AsyncClient, ali: AsyncClient, other_member: Actor):
    post = await factories.post(other_member)
    boost = (await zoe.post(f"/api/v1/statuses/{post.id}/reblog")).json()

    shown = (await ali.get(f"/api/v1/statuses/{boost['id']}")).json()
    liked = (await ali.post(f"/api/v1/statuses/{boost['id']}/favourite")).json()

    assert_shape(shown, OWN_STATUS)
    assert (shown["id"], shown["reblog"]["id"]) == (boost["id"], str(post.id))
    assert (liked["id"], liked["favourited"]) == (str(post.id), True)


async def test_deleting_ones_boost_leaves_the_original(zoe: AsyncClient, other_member: Actor):
    post = await factories.post(other_member)
    boost = (await zoe.post(f"/api/v1/statuses/{post.id}/reblog")).json()

    assert (await zoe.delete(f"/api/v1/statuses/{boost['id']}")).status_code == 200
    assert await Post.exists(id=post.id)
    assert not await Announce.exists()


async def test_deleting_another_s_boost_is_refused(zoe: AsyncClient, ali: AsyncClient, remote_actor: Actor):
    post = await factories.post(remote_actor)
    boost = (await zoe.post(f"/api/v1/statuses/{post.id}/reblog")).json()

    assert (await ali.delete(f"/api/v1/statuses/{boost['id']}")).status_code == 403
    assert await Announce.all().count() == 1
