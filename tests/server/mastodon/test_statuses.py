"""Statuses: publish, show, change, delete, like, boost; and the shapes that clients decode."""

import pytest
from httpx2 import AsyncClient

from federation.context import Context
from models.actor import Actor
from models.ids import new_id
from models.oauth import AccessToken
from models.post import Attachment, Post, PostTag, Visibility
from server.posts.actions import MAX_CHARACTERS
from tests import factories
from tests.server.api import LogIn
from tests.server.mastodon.shapes import OWN_STATUS, STATUS, assert_shape
from tests.world import ORIGIN, World


async def publish(client: AsyncClient, text: str = "Bonjour", **more: object) -> dict:
    answer = await client.post("/api/v1/statuses", json={"status": text, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_published_status_has_every_key(zoe: AsyncClient, member: Actor):
    found = await publish(zoe, "Bonjour #Lille https://example.org/")

    assert_shape(found, OWN_STATUS)
    assert found["account"]["id"] == str(member.id)
    assert found["visibility"] == "public"
    assert found["uri"] == f"{ORIGIN}/posts/{found['id']}"
    assert found["url"] == f"{ORIGIN}/@zoe/{found['id']}"
    assert found["tags"] == [{"name": "lille", "url": f"{ORIGIN}/tags/lille"}]
    assert found["pinned"] is False
    assert found["edited_at"] is None


@pytest.mark.parametrize(
    ("word", "visibility"),
    [
        ("public", Visibility.PUBLIC),
        ("unlisted", Visibility.UNLISTED),
        ("private", Visibility.FOLLOWERS),
        ("direct", Visibility.DIRECT),
    ],
)
async def test_visibility_is_kept_and_shown_in_the_words_of_clients(
    zoe: AsyncClient, word: str, visibility: Visibility
):
    found = await publish(zoe, visibility=word)

    assert found["visibility"] == word
    assert (await Post.get(id=int(found["id"]))).visibility is visibility


async def test_an_unknown_visibility_is_refused(zoe: AsyncClient):
    answer = await zoe.post("/api/v1/statuses", json={"status": "x", "visibility": "local"})

    assert answer.status_code == 422
    assert not await Post.exists()


async def test_a_status_may_come_as_a_form_or_as_multipart(zoe: AsyncClient):
    fields = {
        "status": "Ça va ?",
        "sensitive": "true",
        "spoiler_text": "Attention",
        "language": "fr",
        "visibility": "unlisted",
    }

    for answer in (
        await zoe.post("/api/v1/statuses", data=fields),
        await zoe.post("/api/v1/statuses", files={name: (None, value) for name, value in fields.items()}),
        await zoe.post("/api/v1/statuses", json=fields),
        await zoe.post("/api/v1/statuses", params=fields),
    ):
        found = answer.json()
        assert_shape(found, OWN_STATUS)
        assert found["content"] == "<p>Ça va ?</p>"
        assert (found["sensitive"], found["spoiler_text"], found["language"]) == (True, "Attention", "fr")
        assert found["visibility"] == "unlisted"


async def test_language_is_that_of_the_member_unless_said(zoe: AsyncClient):
    assert (await publish(zoe))["language"] == "fr"
    assert (await publish(zoe, language="en"))["language"] == "en"
    assert (await publish(zoe, language="<script>"))["language"] == "fr"


async def test_an_empty_status_is_refused(zoe: AsyncClient):
    for fields in ({}, {"status": ""}, {"status": "  \n"}, {"status": None}, {"status": {"a": "b"}}):
        assert (await zoe.post("/api/v1/statuses", json=fields)).status_code == 422


async def test_a_status_that_is_too_long_is_refused(zoe: AsyncClient):
    assert (await zoe.post("/api/v1/statuses", json={"status": "x" * MAX_CHARACTERS})).status_code == 200
    assert (await zoe.post("/api/v1/statuses", json={"status": "x" * (MAX_CHARACTERS + 1)})).status_code == 422
    assert await Post.all().count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"media_ids": ["1"]},
    ],
)
async def test_what_this_server_cannot_publish_is_refused_and_not_left_out(zoe: AsyncClient, fields: dict):
    assert (await zoe.post("/api/v1/statuses", json={"status": "x"} | fields)).status_code == 422
    assert not await Post.exists()


async def test_empty_choices_that_clients_send_are_no_choices(zoe: AsyncClient):
    await publish(
        zoe, media_ids=[], poll=None, scheduled_at=None, in_reply_to_id=None, spoiler_text="", quoted_status_id=None
    )


async def test_a_text_with_a_nul_is_kept_without_it(zoe: AsyncClient):
    assert (await publish(zoe, "a\x00b"))["content"] == "<p>ab</p>"


async def test_publishing_needs_a_token_with_the_scope(public: AsyncClient, log_in: LogIn, member: Actor):
    reader = await log_in(member, "read", "write:follows", "follow", "push")

    assert (await public.post("/api/v1/statuses", json={"status": "x"})).status_code == 401
    assert (await reader.post("/api/v1/statuses", json={"status": "x"})).status_code == 403
    assert not await Post.exists()


async def test_a_revoked_token_publishes_nothing(zoe: AsyncClient, ctx: Context):
    await AccessToken.all().update(revoked_at=ctx.now())

    assert (await zoe.post("/api/v1/statuses", json={"status": "x"})).status_code == 401


async def test_a_reply_names_what_it_answers(zoe: AsyncClient, ali: AsyncClient, member: Actor):
    parent = await publish(zoe)

    found = await publish(ali, "@zoe oui", in_reply_to_id=parent["id"])

    assert_shape(found, OWN_STATUS)
    assert (found["in_reply_to_id"], found["in_reply_to_account_id"]) == (parent["id"], str(member.id))
    assert [row["acct"] for row in found["mentions"]] == ["zoe"]
    assert (await zoe.get(f"/api/v1/statuses/{parent['id']}")).json()["replies_count"] == 1


async def test_a_reply_without_a_visibility_goes_no_further_than_what_it_answers(zoe: AsyncClient, ali: AsyncClient):
    parent = await publish(zoe, "@ali psst", visibility="direct")

    assert (await publish(ali, "oui ?", in_reply_to_id=parent["id"]))["visibility"] == "direct"


async def test_nobody_replies_to_what_is_not_there_or_not_for_them(zoe: AsyncClient, ali: AsyncClient):
    hidden = await publish(zoe, visibility="private")

    for id_ in (hidden["id"], str(new_id())):
        answer = await ali.post("/api/v1/statuses", json={"status": "x", "in_reply_to_id": id_})
        assert answer.status_code == 404
    assert (await ali.post("/api/v1/statuses", json={"status": "x", "in_reply_to_id": "abc"})).status_code == 422
    assert await Post.all().count() == 1


async def test_a_remote_status_with_everything_has_every_key(public: AsyncClient, remote_actor: Actor, member: Actor):
    post = await factories.post(remote_actor, content_warning="CW", is_sensitive=True, language="en")
    await PostTag.create(post=post, name="été", shown="Été")
    await Attachment.create(
        post=post, position=0, url="https://far.test/1.png", media_type="image/png", description="A cat",
        width=400, height=300, blurhash="LEHV6nWB2yk8pyo0adR*.7kCMdnj", focal_x=0.5, focal_y=-0.5,
    )  # fmt: skip
    await Attachment.create(post=post, position=1, url="https://far.test/2.pdf", media_type="application/pdf")

    found = (await public.get(f"/api/v1/statuses/{post.id}")).json()

    assert_shape(found, STATUS)
    picture, document = found["media_attachments"]
    assert picture["type"] == "image"
    assert picture["meta"]["original"] == {"width": 400, "height": 300, "size": "400x300", "aspect": 400 / 300}
    assert picture["meta"]["focus"] == {"x": 0.5, "y": -0.5}
    assert (document["type"], document["blurhash"], document["description"]) == ("unknown", None, None)
    assert found["account"]["avatar"].startswith("https://")
    assert found["spoiler_text"] == "CW"


async def test_the_public_is_told_nothing_of_marks(public: AsyncClient, member: Actor):
    post = await factories.post(member)

    found = (await public.get(f"/api/v1/statuses/{post.id}")).json()

    assert not {"favourited", "reblogged", "muted", "bookmarked", "pinned", "filtered"} & set(found)


async def test_an_article_begins_with_its_title(public: AsyncClient, remote_actor: Actor):
    post = await factories.post(remote_actor, "Le texte", type="Article", title="Un <titre>")
    page = await factories.post(remote_actor, type="Page", title="Lien")
    await Post.filter(id=page.id).update(content_html="", url='https://far.test/p?a=1&b="2')

    article = (await public.get(f"/api/v1/statuses/{post.id}")).json()
    linked = (await public.get(f"/api/v1/statuses/{page.id}")).json()

    assert article["content"] == "<p><strong>Un &lt;titre&gt;</strong></p><p>Le texte</p>"
    assert '<a href="https://far.test/p?a=1&amp;b=&quot;2">' in linked["content"]


async def test_deleting_gives_back_the_text_to_write_it_anew(zoe: AsyncClient):
    post = await publish(zoe, "Un <b> & deux\n\n#trois")

    found = (await zoe.delete(f"/api/v1/statuses/{post['id']}")).json()

    assert_shape(found, OWN_STATUS)
    assert found["text"] == "Un <b> & deux\n\n#trois"
    assert (await zoe.get(f"/api/v1/statuses/{post['id']}")).status_code == 404


async def test_nobody_deletes_or_edits_another_s_status(ali: AsyncClient, member: Actor, remote_actor: Actor):
    for author in (member, remote_actor):
        post = await factories.post(author)
        assert (await ali.delete(f"/api/v1/statuses/{post.id}")).status_code == 403
        assert (await ali.put(f"/api/v1/statuses/{post.id}", json={"status": "à moi"})).status_code == 403
        assert (await Post.get(id=post.id)).source_text == "Bonjour"


async def test_deleting_a_post_needs_the_scope(log_in: LogIn, member: Actor, public: AsyncClient):
    post = await factories.post(member)
    client = await log_in(member, "read", "write:favourites")

    assert (await client.delete(f"/api/v1/statuses/{post.id}")).status_code == 403
    assert (await public.delete(f"/api/v1/statuses/{post.id}")).status_code == 401
    assert await Post.exists(id=post.id)


async def test_editing_replaces_the_text_and_keeps_what_is_not_sent(zoe: AsyncClient, world: World):
    post = await publish(zoe, "Avant", spoiler_text="CW", language="en", visibility="unlisted")
    world.pass_time(minutes=1)

    found = (await zoe.put(f"/api/v1/statuses/{post['id']}", json={"status": "Après"})).json()

    assert_shape(found, OWN_STATUS)
    assert found["content"] == "<p>Après</p>"
    assert (found["spoiler_text"], found["language"], found["visibility"]) == ("CW", "en", "unlisted")
    assert found["edited_at"] is not None
    assert found["created_at"] == post["created_at"]


async def test_editing_can_take_a_content_warning_away(zoe: AsyncClient, world: World):
    post = await publish(zoe, "Avant", spoiler_text="CW")
    world.pass_time(minutes=1)

    edited = await zoe.put(
        f"/api/v1/statuses/{post['id']}", json={"status": "x", "spoiler_text": "", "sensitive": False}
    )

    assert (edited.json()["spoiler_text"], edited.json()["sensitive"]) == ("", False)


async def test_the_edit_of_a_reply_still_answers_the_same_post(zoe: AsyncClient, ali: AsyncClient, world: World):
    parent = await publish(zoe)
    reply = await publish(ali, "@zoe oui", in_reply_to_id=parent["id"])
    world.pass_time(minutes=1)

    edited = (await ali.put(f"/api/v1/statuses/{reply['id']}", json={"status": "@zoe non"})).json()

    assert edited["in_reply_to_id"] == parent["id"]


async def test_an_edit_that_is_too_long_or_empty_is_refused(zoe: AsyncClient):
    post = await publish(zoe, "Avant")

    for text in ("", "x" * (MAX_CHARACTERS + 1)):
        assert (await zoe.put(f"/api/v1/statuses/{post['id']}", json={"status": text})).status_code == 422
    assert (await zoe.get(f"/api/v1/statuses/{post['id']}")).json()["content"] == "<p>Avant</p>"


async def test_a_context_is_what_is_above_and_below(zoe: AsyncClient, ali: AsyncClient, public: AsyncClient):
    top = await publish(zoe, "1")
    middle = await publish(ali, "2", in_reply_to_id=top["id"])
    below = await publish(zoe, "3", in_reply_to_id=middle["id"])
    beside = await publish(zoe, "4", in_reply_to_id=middle["id"])
    deep = await publish(ali, "5", in_reply_to_id=below["id"])

    found = (await public.get(f"/api/v1/statuses/{middle['id']}/context")).json()

    assert [row["id"] for row in found["ancestors"]] == [top["id"]]
    assert [row["id"] for row in found["descendants"]] == [below["id"], deep["id"], beside["id"]]
    for row in found["ancestors"] + found["descendants"]:
        assert_shape(row, STATUS)


async def test_a_status_that_is_not_there_is_not_found(zoe: AsyncClient):
    for id_ in (new_id(), "abc", 2**70):
        for method, path in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("GET", "/context"), ("POST", "/favourite")):
            answer = await zoe.request(method, f"/api/v1/statuses/{id_}{path}")
            assert answer.status_code == 404, (method, id_, path)
            assert "error" in answer.json()
