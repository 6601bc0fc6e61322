"""Which posts a member finds by their words, and which nobody does."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation import pipeline
from federation.activities import parse
from federation.context import Context
from models import database, search
from models.actor import Actor
from models.membership import Membership, MembershipState
from models.post import Attachment, Mention, Post, Visibility
from models.search import Found
from server.members import mutes
from server.posts import actions, bookmarks
from server.posts.actions import Draft
from server.search import posts, questions
from server.search.posts import MOST_PLACES, Part
from tests import factories
from tests.world import World

Say = Callable[..., Awaitable[Post]]


@pytest.fixture
def say(ctx: Context) -> Say:
    """Publish a post."""

    async def publish(author: Actor, text: str, **more: object) -> Post:
        return await actions.publish(author, Draft(text, **more), ctx)  # type: ignore[arg-type]

    return publish


@pytest.fixture
async def noor(remote_actor: Actor, member: Actor) -> Actor:
    """Somebody of another server, who agreed to be found and is followed by a member."""
    await Actor.filter(id=remote_actor.id).update(is_indexable=True)
    await factories.follow(member, remote_actor)
    remote_actor.is_indexable = True
    return remote_actor


async def hear(author: Actor, number: int, text: str, ctx: Context, **more: object) -> Post:
    """Take in a public post of another server."""
    note = factories.note(author.uri, number, content=f"<p>{text}</p>", **more)
    document = factories.activity("Create", author.uri, note, number, to=note["to"], cc=note["cc"])
    await pipeline.submit(parse(document), acting=author, ctx=ctx)
    return await Post.get(uri=note["id"])


async def found(text: str, viewer: Actor, limit: int = 20, **more: int) -> list[int]:
    """The ids of the posts that somebody finds."""
    return [view.post.id for view in await posts.found(questions.read(text), viewer, Part(limit, **more))]


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("ecole", True),
        ("ÉCOLE", True),
        ("éco", True),
        ("cole", False),
        ("école fermer", True),
        ("école ouvrir", False),
        ('"veulent fermer"', True),
        ('"fermer veulent"', False),
        ('"veulent ferm"', False),
        ("école -fermer", False),
        ("école -ouvrir", True),
        ("l'école", True),
        ("-école", False),
        ("", False),
    ],
)
@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.FOLLOWERS])
async def test_words_are_found_alike_in_what_is_open_and_what_is_not(
    member: Actor, say: Say, text: str, is_found: bool, visibility: Visibility
) -> None:
    post = await say(member, "Ils veulent fermer l’École Zola !", visibility=visibility)
    assert await found(text, member) == ([post.id] if is_found else [])


async def test_others_find_what_its_author_agreed_to(
    member: Actor, other_member: Actor, noor: Actor, ctx: Context
) -> None:
    post = await hear(noor, 1, "Marché de Noël", ctx)
    assert await found("marche noel", other_member) == [post.id]
    await Actor.filter(id=noor.id).update(is_indexable=False)
    assert await found("marche noel", other_member) == []


async def test_what_is_for_few_is_found_by_those_it_concerns_alone(
    member: Actor, other_member: Actor, stranger: Actor, section: Actor, say: Say
) -> None:
    await Actor.filter(id=member.id).update(is_indexable=True)
    direct = await say(member, "@ali le secret", visibility=Visibility.DIRECT)
    for visibility in (Visibility.FOLLOWERS, Visibility.UNLISTED):
        await say(member, "un secret", visibility=visibility)
    assert await found("secret", other_member) == [direct.id]
    assert len(await found("secret", member)) == 3


async def test_nothing_that_is_not_for_everybody_is_in_the_index(
    member: Actor, other_member: Actor, section: Actor, say: Say
) -> None:
    await Membership.create(
        uri=f"{section.uri}/m", group=section, member=member, state=MembershipState.ACCEPTED
    )  # fmt: skip
    for visibility in (Visibility.FOLLOWERS, Visibility.DIRECT):
        post = await say(member, "@ali confidentiel", visibility=visibility)
        await bookmarks.bookmark(other_member, post) if visibility is Visibility.DIRECT else None
    await say(member, "confidentiel", visibility=Visibility.SECTION, section=section)
    rows = await database.select("SELECT count(*) AS n FROM post_words")
    assert rows[0]["n"] == 0
    assert len(await found("confidentiel", member)) == 3


async def test_members_alone_find_what_is_for_members(
    member: Actor, other_member: Actor, section: Actor, say: Say
) -> None:
    uri = f"{section.uri}/m"
    for number, who in enumerate((member, other_member)):
        await Membership.create(uri=f"{uri}{number}", group=section, member=who, state=MembershipState.ACCEPTED)
    post = await say(member, "@ali ordre du jour", visibility=Visibility.SECTION, section=section)
    assert await found("ordre", other_member) == [post.id]
    await Membership.filter(member_id=other_member.id).delete()
    assert await found("ordre", other_member) == []


async def test_what_one_likes_keeps_or_is_named_in_is_found_though_its_author_did_not_agree(
    member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await factories.follow(member, remote_actor)
    plain = await hear(remote_actor, 1, "tractage un", ctx)
    liked, kept = await hear(remote_actor, 2, "tractage deux", ctx), await hear(remote_actor, 3, "tractage trois", ctx)
    named = await hear(
        remote_actor, 4, "tractage quatre", ctx, tag=[{"type": "Mention", "href": member.uri, "name": "@zoe"}],
        cc=[member.uri],
    )  # fmt: skip
    await actions.like(member, liked, ctx)
    await bookmarks.bookmark(member, kept)

    assert await found("tractage", member) == sorted((liked.id, kept.id, named.id), reverse=True)
    assert await found("tractage in:public", member) == []
    assert await found("tractage", other_member) == []
    assert plain.id not in await found("in:library tractage", member)
    await actions.unlike(member, liked, ctx)
    assert liked.id not in await found("tractage", member)


async def test_an_edit_is_found_by_its_new_words_and_what_is_deleted_by_none(
    member: Actor, say: Say, ctx: Context
) -> None:
    post = await say(member, "premier jet")
    await actions.edit(member, post, Draft("version finale"), ctx)
    assert (await found("premier", member), await found("finale", member)) == ([], [post.id])
    await actions.delete(member, post, ctx)
    assert await database.select("SELECT 1 AS n FROM post_words") == []


async def test_what_pictures_show_and_polls_ask_is_found(member: Actor, noor: Actor, ctx: Context) -> None:
    pictured = await hear(
        noor, 1, "Ici", ctx,
        attachment=[{"type": "Image", "url": "https://far.test/1.png", "mediaType": "image/png", "name": "Un beffroi"}],
    )  # fmt: skip
    asked = await hear(
        noor, 2, "Alors", ctx, type="Question",
        oneOf=[{"type": "Note", "name": name, "replies": {"totalItems": 0}} for name in ("Vélo", "Tram")],
    )  # fmt: skip
    assert await found("beffroi", member) == [pictured.id]
    assert await found("velo", member) == [asked.id]
    assert await found("has:media in:public ici", member) == [pictured.id]
    assert await found("alors has:poll", member) == [asked.id]
    assert await found("alors -has:poll", member) == []


async def test_it_is_narrowed_by_author_time_language_and_kind(
    member: Actor, other_member: Actor, noor: Actor, say: Say, ctx: Context
) -> None:
    said = {"contentMap": {"en": "<p>débat public</p>"}, "published": "2026-10-01T12:00:00Z"}
    theirs = await hear(noor, 1, "débat public", ctx, **said)
    await Actor.filter(id=other_member.id).update(is_indexable=True)
    ours = await say(other_member, "débat interne", language="fr")
    mine = await say(member, "débat, suite", in_reply_to=ours)

    async def ids(narrowed: str) -> set[int]:
        return set(await found(f"débat {narrowed}", member))

    assert await ids("") == {theirs.id, ours.id, mine.id}
    assert await ids("from:me") == {mine.id}
    assert await ids("-from:me") == {theirs.id, ours.id}
    assert await ids("from:ali") == await ids("from:ALI") == {ours.id}
    assert await ids("from:noor@far.test") == {theirs.id}
    assert await ids("-from:noor@far.test") == {ours.id, mine.id}
    assert await ids("from:nobody") == await ids("from:ali from:me") == set()
    assert (
        await ids("before:2026-10-02")
        == await ids("during:2026-10-01")
        == await ids("-after:2026-10-01")
        == {theirs.id}
    )
    assert await ids("after:2026-10-01") == {ours.id, mine.id}
    assert await ids("before:2026-10-01") == set()
    assert await ids("language:en") == {theirs.id}
    assert await ids("is:reply") == {mine.id}
    assert await ids("is:sensitive") == set()
    assert await found("from:ali", member) == [ours.id]


async def test_a_page_follows_the_other(member: Actor, say: Say) -> None:
    ids = [(await say(member, f"annonce {number}")).id for number in range(5)]
    ids.append((await say(member, "annonce privée", visibility=Visibility.FOLLOWERS)).id)
    newest_first = sorted(ids, reverse=True)
    pages = [await found("annonce", member, 2, offset=offset) for offset in range(0, 8, 2)]
    assert pages == [newest_first[:2], newest_first[2:4], newest_first[4:], []]
    assert await found("annonce", member, max_id=ids[2]) == [ids[1], ids[0]]
    assert await found("annonce", member, min_id=ids[3]) == [ids[5], ids[4]]
    assert await found("annonce", member, author_id=member.id) == newest_first
    assert await found("annonce", member, author_id=1) == []
    assert await found("annonce", member, offset=MOST_PLACES) == []


async def test_those_whom_one_does_not_hear_are_not_found(
    member: Actor, other_member: Actor, noor: Actor, ctx: Context
) -> None:
    post = await hear(noor, 1, "colère", ctx)
    assert await found("colere", other_member) == [post.id]
    await mutes.mute(other_member, noor)
    assert await found("colere", other_member) == []
    await factories.block(noor, member)
    assert await found("colere", member) == []


@pytest.mark.parametrize("columns", [{"is_suspended": True}, {"blocked_at": datetime(2026, 1, 1, tzinfo=UTC)}])
async def test_whoever_is_hidden_is_not_found(
    member: Actor, noor: Actor, ctx: Context, columns: dict[str, object]
) -> None:
    await hear(noor, 1, "caché", ctx)
    await Actor.filter(id=noor.id).update(**columns)
    assert await found("cache", member) == []


async def test_a_section_is_found_without_having_agreed(member: Actor, section: Actor, say: Say) -> None:
    post = await say(section, "Réunion publique")
    assert await found("reunion", member) == [post.id]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=80))
async def test_whatever_is_typed_is_answered(member: Actor, text: str) -> None:
    assert await found(text, member) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.text(alphabet="aéb _-'œ1\n", max_size=12), typed=st.text(alphabet='aeb "-œ1', max_size=12))
async def test_the_index_finds_what_reading_finds(member: Actor, said: str, typed: str) -> None:
    words = questions.read(typed).words
    if words.is_empty:
        return
    await search.put(Found.POST, 7, said)
    where, value = search.condition(words, 1)
    assert bool(await database.select(f"SELECT 1 AS n FROM post_words WHERE {where}", value)) is words.fit(said)


async def test_the_newest_of_what_is_not_in_the_index_is_read(
    member: Actor, monkeypatch: pytest.MonkeyPatch, say: Say
) -> None:
    monkeypatch.setattr(posts, "READ_APART", 2)
    ids = [(await say(member, f"privé {number}", visibility=Visibility.FOLLOWERS)).id for number in range(4)]
    assert await found("prive", member) == [ids[3], ids[2]]


async def test_attachments_of_what_is_private_count(member: Actor, say: Say) -> None:
    post = await say(member, "photo", visibility=Visibility.FOLLOWERS)
    await Attachment.create(post=post, url="https://lille.test/media/1.png", media_type="image/png")
    await say(member, "photo sans", visibility=Visibility.FOLLOWERS)
    assert await found("photo has:media", member) == [post.id]
    assert await Mention.all().count() == 0


async def test_the_world_is_not_asked(member: Actor, world: World) -> None:
    await found("from:lou@far.test bonjour", member)
    assert world.fetched == []
