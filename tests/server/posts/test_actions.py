"""What a member does with posts: publish, edit, delete, like, announce."""

from datetime import timedelta

import pytest

from federation.context import Context
from federation.errors import NotAuthorised
from federation.jsonld import load
from models.activity import ActivityRecord
from models.actor import Actor
from models.post import Mention, Post, PostTag, Visibility
from models.reaction import Announce, Like
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.posts import actions
from server.posts.actions import MAX_CHARACTERS, Draft
from tests import factories
from tests.factories import PUBLIC
from tests.world import World


async def document_of(kind: str) -> dict:
    """The latest activity of a type that was performed here."""
    record = await ActivityRecord.filter(type=kind).order_by("-id").first()
    assert record is not None
    return load(record.document)


# Publish


async def test_a_post_is_kept_as_it_was_typed_and_as_it_is_shown(member: Actor, ctx: Context) -> None:
    post = await actions.publish(member, Draft("Bonjour <b>\n\nhttps://lille.test"), ctx)
    assert post.source_text == "Bonjour <b>\n\nhttps://lille.test"
    assert post.content_html.startswith("<p>Bonjour &lt;b&gt;</p><p><a href=")
    assert (post.actor.id, post.is_local, post.visibility) == (member.id, True, Visibility.PUBLIC)
    assert (post.uri, post.url) == (f"https://lille.test/posts/{post.id}", f"https://lille.test/@zoe/{post.id}")
    assert (post.published_at, post.conversation_uri) == (ctx.now(), f"{post.uri}/context")
    assert (await Actor.get(id=member.id)).posts_count == 1


async def test_the_create_says_what_the_post_says(member: Actor, ctx: Context) -> None:
    post = await actions.publish(member, Draft("Bonjour", content_warning="Politique", language="fr"), ctx)
    create = await document_of("Create")
    note = create["object"]
    assert (create["actor"], create["to"], create["cc"]) == (member.uri, [PUBLIC], [member.followers_uri])
    assert (note["to"], note["cc"]) == (create["to"], create["cc"])
    assert (note["id"], note["attributedTo"], note["content"]) == (post.uri, member.uri, "<p>Bonjour</p>")
    assert (note["summary"], note["sensitive"], note["contentMap"]) == ("Politique", True, {"fr": "<p>Bonjour</p>"})
    assert note["source"] == {"content": "Bonjour", "mediaType": "text/plain"}
    assert "@context" not in note


async def test_whoever_is_named_is_a_link_a_tag_and_an_address(
    member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    post = await actions.publish(member, Draft("Salut @ali et @noor@far.test, @personne@void.test"), ctx)
    named = {row.actor_id for row in await Mention.filter(post_id=post.id)}
    note = (await document_of("Create"))["object"]
    assert named == {other_member.id, remote_actor.id}
    assert {tag["href"]: tag["name"] for tag in note["tag"]} == {
        other_member.uri: "@ali@lille.test", remote_actor.uri: "@noor@far.test",
    }  # fmt: skip
    assert note["cc"] == [member.followers_uri, other_member.uri, remote_actor.uri]
    assert f'href="{remote_actor.url}"' in post.content_html
    assert "@personne@void.test" in post.content_html


async def test_hashtags_are_kept(member: Actor, ctx: Context) -> None:
    post = await actions.publish(member, Draft("#Santé et #sante, #SANTÉ"), ctx)
    assert [row.name for row in await PostTag.filter(post_id=post.id).order_by("id")] == ["santé", "sante"]
    tags = [tag["name"] for tag in (await document_of("Create"))["object"]["tag"]]
    assert len(tags) == 2


@pytest.mark.parametrize("text", ["", "  ", "\n\n"])
async def test_an_empty_post_is_refused(member: Actor, ctx: Context, text: str) -> None:
    with pytest.raises(Invalid, match="empty"):
        await actions.publish(member, Draft(text), ctx)
    assert await Post.all().count() == 0


async def test_a_post_may_be_long_but_not_longer(member: Actor, ctx: Context) -> None:
    await actions.publish(member, Draft("a" * MAX_CHARACTERS), ctx)
    with pytest.raises(Invalid, match=str(MAX_CHARACTERS)):
        await actions.publish(member, Draft("a" * (MAX_CHARACTERS + 1)), ctx)


@pytest.mark.parametrize(
    "visibility", [Visibility.PUBLIC, Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.DIRECT]
)
async def test_it_is_for_whom_its_author_chose(
    member: Actor, other_member: Actor, ctx: Context, visibility: Visibility
) -> None:
    post = await actions.publish(member, Draft("Salut @ali", visibility), ctx)
    assert post.visibility is visibility
    assert await Post.visible_to(other_member).filter(id=post.id).exists()
    assert await Post.visible_to(None).filter(id=post.id).exists() is post.is_open


async def test_a_direct_post_that_names_nobody_is_a_note_to_oneself(
    member: Actor, section: Actor, ctx: Context
) -> None:
    post = await actions.publish(member, Draft("Penser au pain", Visibility.DIRECT), ctx)
    assert post.visibility is Visibility.DIRECT
    assert not await Post.visible_to(section).exists()


# Reply


async def test_a_reply_names_whom_it_answers_and_stays_in_the_conversation(
    member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    parent = await factories.post(remote_actor, conversation_uri="tag:far.test,2026:1")
    reply = await actions.publish(member, Draft("D'accord", in_reply_to=parent), ctx)
    note = (await document_of("Create"))["object"]
    assert (note["inReplyTo"], note["conversation"], note["context"]) == (parent.uri, *["tag:far.test,2026:1"] * 2)
    assert remote_actor.uri in note["cc"]
    assert reply.in_reply_to_id == parent.id
    assert (await Post.get(id=parent.id)).replies_count == 1


async def test_a_reply_to_oneself_names_nobody(member: Actor, ctx: Context) -> None:
    parent = await actions.publish(member, Draft("Un"), ctx)
    reply = await actions.publish(member, Draft("Deux", in_reply_to=parent), ctx)
    assert await Mention.filter(post_id=reply.id).count() == 0
    assert reply.conversation_uri == parent.conversation_uri == f"{parent.uri}/context"


async def test_a_conversation_that_began_here_stays_ours_whatever_its_answers_call_it(
    member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    first = await actions.publish(member, Draft("Un"), ctx)
    theirs = await factories.post(
        remote_actor, in_reply_to=first, in_reply_to_uri=first.uri, conversation_uri="https://far.test/contexts/9"
    )
    await actions.publish(member, Draft("Trois", in_reply_to=theirs), ctx)
    record = await ActivityRecord.filter(type="Create").order_by("-id").first()
    assert record is not None
    note = load(record.document)["object"]
    assert (note["context"], note["conversation"]) == (f"{first.uri}/context", first.uri)


async def test_a_conversation_that_began_elsewhere_keeps_its_name(
    member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    first = await factories.post(remote_actor, conversation_uri="https://far.test/contexts/9")
    answer = await actions.publish(member, Draft("Deux", in_reply_to=first), ctx)
    further = await actions.publish(member, Draft("Trois", in_reply_to=answer), ctx)
    assert further.conversation_uri == "https://far.test/contexts/9"


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.DIRECT])
async def test_what_one_may_not_read_one_does_not_answer(
    member: Actor, remote_actor: Actor, ctx: Context, visibility: Visibility
) -> None:
    parent = await factories.post(remote_actor, visibility=visibility)
    with pytest.raises(Forbidden, match="cannot reply"):
        await actions.publish(member, Draft("Hein ?", in_reply_to=parent), ctx)


# Edit


async def test_an_edit_replaces_the_text_and_tells_when(member: Actor, ctx: Context, world: World) -> None:
    post = await actions.publish(member, Draft("Avant #un"), ctx)
    world.pass_time(minutes=3)
    edited = await actions.edit(member, post, Draft("Après #deux"), ctx)
    assert (edited.source_text, edited.edited_at) == ("Après #deux", ctx.now())
    assert (edited.published_at, edited.uri) == (post.published_at, post.uri)
    assert [row.name for row in await PostTag.filter(post_id=post.id)] == ["deux"]
    update = await document_of("Update")
    assert (update["to"], update["cc"]) == (post.to_uris, post.cc_uris)
    assert update["object"]["updated"] == ctx.now().strftime("%Y-%m-%dT%H:%M:%SZ")


async def test_an_edit_changes_nothing_around_the_text(
    member: Actor, remote_actor: Actor, ctx: Context, world: World
) -> None:
    parent = await factories.post(remote_actor, conversation_uri="tag:far.test,2026:1")
    post = await actions.publish(member, Draft("Avant", Visibility.UNLISTED, in_reply_to=parent), ctx)
    created = (await document_of("Create"))["object"]
    world.pass_time(minutes=3)
    await actions.edit(member, post, Draft("Après"), ctx)
    updated = (await document_of("Update"))["object"]
    for name in ("id", "to", "cc", "published", "inReplyTo", "conversation", "context", "url", "attributedTo", "type"):
        assert updated[name] == created[name], name
    assert (await Post.get(id=post.id)).visibility is Visibility.UNLISTED


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.DIRECT])
async def test_an_edit_lets_nobody_in(
    member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context, visibility: Visibility
) -> None:
    post = await actions.publish(member, Draft("Entre @noor@far.test et moi", visibility), ctx)
    await actions.edit(member, post, Draft("Entre @noor@far.test et moi, pas @ali"), ctx)
    assert not await Post.visible_to(other_member).filter(id=post.id).exists()
    assert await Post.visible_to(remote_actor).filter(id=post.id).exists()


@pytest.mark.parametrize("text", ["", " ", "a" * (MAX_CHARACTERS + 1)])
async def test_an_edit_is_measured_like_a_post(member: Actor, ctx: Context, text: str) -> None:
    post = await actions.publish(member, Draft("Avant"), ctx)
    with pytest.raises(Invalid):
        await actions.edit(member, post, Draft(text), ctx)
    assert (await Post.get(id=post.id)).source_text == "Avant"


async def test_only_the_author_edits_and_deletes(member: Actor, other_member: Actor, ctx: Context) -> None:
    post = await actions.publish(member, Draft("Avant"), ctx)
    with pytest.raises(Forbidden):
        await actions.edit(other_member, post, Draft("Après"), ctx)
    with pytest.raises(Forbidden):
        await actions.delete(other_member, post, ctx)
    assert (await Post.get(id=post.id)).source_text == "Avant"


# Delete


async def test_a_deleted_post_is_a_tombstone(member: Actor, ctx: Context) -> None:
    post = await actions.publish(member, Draft("Avant"), ctx)
    await actions.delete(member, post, ctx)
    assert await Post.all().count() == 0
    delete = await document_of("Delete")
    assert (delete["object"], delete["to"]) == ({"id": post.uri, "type": "Tombstone"}, post.to_uris)
    assert (await Actor.get(id=member.id)).posts_count == 0


# Like, announce


async def test_liked_twice_and_unliked_twice_is_once_each(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    post = await factories.post(remote_actor)
    for _ in range(2):
        await actions.like(member, post, ctx)
    assert (await Post.get(id=post.id)).likes_count == await Like.all().count() == 1
    for _ in range(2):
        await actions.unlike(member, post, ctx)
    assert (await Post.get(id=post.id)).likes_count == await Like.all().count() == 0
    assert await ActivityRecord.all().count() == 2


async def test_a_like_tells_the_author_alone(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    post = await factories.post(remote_actor)
    await actions.like(member, post, ctx)
    like = await document_of("Like")
    assert (like["to"], "cc" in like, like["object"]) == ([remote_actor.uri], False, post.uri)


async def test_what_one_may_not_read_one_does_not_like(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    post = await factories.post(remote_actor, visibility=Visibility.DIRECT)
    with pytest.raises(NotAuthorised):
        await actions.like(member, post, ctx)


async def test_announced_twice_and_taken_back_twice_is_once_each(
    member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    post = await factories.post(remote_actor)
    first = await actions.announce(member, post, ctx)
    assert (await actions.announce(member, post, ctx)).id == first.id
    assert (await Post.get(id=post.id)).announces_count == 1
    for _ in range(2):
        await actions.unannounce(member, post, ctx)
    assert (await Post.get(id=post.id)).announces_count == await Announce.all().count() == 0
    undo = await document_of("Undo")
    assert (undo["object"]["id"], undo["object"]["type"]) == (first.uri, "Announce")


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.DIRECT])
async def test_only_what_is_open_is_announced(member: Actor, ctx: Context, visibility: Visibility) -> None:
    post = await factories.post(member, visibility=visibility)
    with pytest.raises(Forbidden):
        await actions.announce(member, post, ctx)


# Reading one


async def test_a_post_is_given_to_those_it_is_for(member: Actor, section: Actor) -> None:
    post = await factories.post(member, visibility=Visibility.FOLLOWERS)
    assert (await actions.readable(post.id, member)).actor.id == member.id
    for viewer in (section, None):
        with pytest.raises(NotFound):
            await actions.readable(post.id, viewer)


async def test_a_post_is_written_from_its_rows_as_it_was_sent(
    member: Actor, remote_actor: Actor, ctx: Context, world: World
) -> None:
    parent = await factories.post(remote_actor)
    post = await actions.publish(member, Draft("#Santé pour @noor@far.test", language="fr", in_reply_to=parent), ctx)
    world.pass_time(minutes=1)
    sent = (await document_of("Create"))["object"]
    written = await actions.document_of(await Post.get(id=post.id), ctx)
    assert {name: value for name, value in written.items() if name != "@context"} == sent


async def test_the_post_of_another_server_is_not_ours_to_write(remote_actor: Actor, ctx: Context) -> None:
    with pytest.raises(Conflict):
        await actions.document_of(await factories.post(remote_actor), ctx)


async def test_published_an_hour_ago_by_the_clock_of_its_author(member: Actor, ctx: Context, world: World) -> None:
    first = await actions.publish(member, Draft("Un"), ctx)
    world.pass_time(hours=1)
    second = await actions.publish(member, Draft("Deux"), ctx)
    assert second.published_at - first.published_at == timedelta(hours=1)
    assert (await Actor.get(id=member.id)).last_post_at == second.published_at
