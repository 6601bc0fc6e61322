"""What a status said before, and what its author typed."""

from httpx2 import AsyncClient

from federation.naming import Names
from models.actor import Actor
from models.post import Post
from server.media.addresses import copy_url, small_copy_url
from tests import factories
from tests.server.mastodon.test_statuses import publish
from tests.world import ORIGIN


async def test_the_history_has_every_version_the_oldest_first(zoe: AsyncClient):
    found = await publish(zoe, "Avant", spoiler_text="Attention")
    await zoe.put(f"/api/v1/statuses/{found['id']}", json={"status": "Après", "spoiler_text": ""})

    versions = (await zoe.get(f"/api/v1/statuses/{found['id']}/history")).json()

    assert [version["content"] for version in versions] == ["<p>Avant</p>", "<p>Après</p>"]
    assert [version["spoiler_text"] for version in versions] == ["Attention", ""]
    assert versions[0]["created_at"] == found["created_at"]
    assert set(versions[0]) >= {"account", "content", "created_at", "emojis", "media_attachments", "sensitive"}


async def test_a_status_that_was_never_edited_has_one_version(zoe: AsyncClient):
    found = await publish(zoe)

    assert len((await zoe.get(f"/api/v1/statuses/{found['id']}/history")).json()) == 1


async def test_the_history_of_what_one_may_not_read_is_not_found(zoe: AsyncClient, other_member: Actor):
    post = await factories.post(other_member, visibility="direct")

    assert (await zoe.get(f"/api/v1/statuses/{post.id}/history")).status_code == 404


async def test_the_author_gets_what_was_typed(zoe: AsyncClient):
    found = await publish(zoe, "Bonjour <3 #Lille", spoiler_text="Chat")

    source = (await zoe.get(f"/api/v1/statuses/{found['id']}/source")).json()

    assert source == {"id": found["id"], "text": "Bonjour <3 #Lille", "spoiler_text": "Chat"}


async def test_what_another_typed_is_not_shown(zoe: AsyncClient, other_member: Actor):
    post = await factories.post(other_member)

    assert (await zoe.get(f"/api/v1/statuses/{post.id}/source")).status_code == 404


async def test_custom_emoji_are_named_with_their_pictures(zoe: AsyncClient, other_member: Actor):
    emoji = {"shortcode": "blob", "url": "https://far.test/blob.png"}
    post = await factories.post(other_member, emojis=[emoji])
    await Post.filter(id=post.id).update(content_html=":blob:")

    [written] = (await zoe.get(f"/api/v1/statuses/{post.id}")).json()["emojis"]

    assert written == {
        "shortcode": "blob",
        "url": copy_url(emoji["url"], Names(ORIGIN)),
        "static_url": small_copy_url(emoji["url"], Names(ORIGIN)),
        "visible_in_picker": False,
        "category": None,
    }
