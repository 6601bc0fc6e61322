"""Publishing, sharing and following from the command line."""

from pathlib import Path

import pytest

from federation.actors import keep
from federation.context import Context
from federation.objects import actor as actor_object
from models.actor import Actor
from models.follow import Follow, FollowState
from models.post import Post, Visibility
from models.reaction import Announce
from models.role import SectionAct
from server.errors import AppError, Conflict, Forbidden, NotFound
from tests import factories
from tests.server.cli.installation import ORIGIN, Installation, install


@pytest.fixture
def coopole(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation with a section and a member."""
    coopole = install(database_url, tmp_path, monkeypatch)

    async def fill(ctx: Context) -> None:
        await factories.section(ctx, "lille", "Section de Lille")
        await factories.member(ctx, "zoe", "Zoé")

    coopole.look(fill)
    return coopole


def posts(coopole: Installation) -> list[Post]:
    """Everything published."""

    async def look(ctx: Context) -> list[Post]:
        return await Post.all().select_related("actor", "in_reply_to").order_by("id")

    return coopole.look(look)


@pytest.mark.parametrize("author", ["lille", "@Lille", "lille@localhost:8000"])
def test_a_section_publishes(coopole: Installation, author: str) -> None:
    said = coopole.say("post", author, "Réunion mardi, [salle 2]")
    [post] = posts(coopole)
    assert said.strip() == post.url
    assert post.url.startswith(f"{ORIGIN}/@lille/")
    assert (post.actor.username, post.source_text, post.visibility) == (
        "lille", "Réunion mardi, [salle 2]", Visibility.PUBLIC,
    )  # fmt: skip


def test_a_member_speaks_in_a_sections_name_if_their_role_allows_it(coopole: Installation) -> None:
    async def look(ctx: Context) -> list[tuple[str | None, str]]:
        rows = await SectionAct.all().select_related("author").order_by("id")
        return [(row.author.username if row.author else None, row.act) for row in rows]

    assert isinstance(coopole.run("post", "lille", "Bonjour", "--by", "zoe").exception, Forbidden)
    coopole.say("section", "give-role", "lille", "zoe", "editor")
    coopole.say("post", "lille", "Bonjour", "--by", "zoe")
    coopole.say("post", "lille", "Bonsoir")
    assert [post.actor.username for post in posts(coopole)] == ["lille", "lille"]
    assert coopole.look(look) == [(None, "give roles"), ("zoe", "publish"), (None, "publish")]
    assert isinstance(coopole.run("post", "zoe", "Bonjour", "--by", "zoe").exception, NotFound)


def test_a_member_publishes_with_everything_said(coopole: Installation) -> None:
    coopole.say("post", "zoe", "first")
    [first] = posts(coopole)
    coopole.say(
        "post", "zoe", "second", "--visibility", "unlisted", "--reply-to", first.uri, "--warning", "long", "--language", "fr"
    )  # fmt: skip
    second = posts(coopole)[1]
    assert (second.visibility, second.content_warning, second.language) == (Visibility.UNLISTED, "long", "fr")
    assert second.in_reply_to is not None
    assert second.in_reply_to.id == first.id


def test_nobody_publishes_as_somebody_who_is_not_here(coopole: Installation) -> None:
    assert isinstance(coopole.run("post", "nobody", "text").exception, NotFound)
    assert posts(coopole) == []


def test_nobody_answers_what_is_not_here(coopole: Installation) -> None:
    done = coopole.run("post", "zoe", "text", "--reply-to", "https://far.test/notes/1")
    assert isinstance(done.exception, NotFound)
    assert posts(coopole) == []


def test_nothing_is_not_published(coopole: Installation) -> None:
    assert isinstance(coopole.run("post", "zoe", "  ").exception, AppError)
    assert posts(coopole) == []


def test_a_visibility_that_there_is_not_is_refused(coopole: Installation) -> None:
    done = coopole.run("post", "zoe", "text", "--visibility", "secret")
    assert done.exit_code == 2
    assert posts(coopole) == []


def test_a_member_follows_a_section(coopole: Installation) -> None:
    assert coopole.say("follow", "zoe", "lille") == "zoe → lille: accepted\n"

    async def look(ctx: Context) -> FollowState:
        return (await Follow.get(follower__username="zoe", followed__username="lille")).state

    assert coopole.look(look) is FollowState.ACCEPTED


def test_several_are_followed_at_once(coopole: Installation) -> None:
    async def take_in(ctx: Context) -> None:
        await factories.member(ctx, "ali", "Ali")

    coopole.look(take_in)
    assert coopole.say("follow", "zoe", "lille", "ali") == "zoe → lille: accepted\nzoe → ali: accepted\n"


def test_following_again_changes_nothing(coopole: Installation) -> None:
    coopole.say("follow", "zoe", "lille")
    assert coopole.say("follow", "zoe", "@lille@localhost:8000") == "zoe → lille: accepted\n"


def test_somebody_whose_name_looks_like_markup_is_followed_all_the_same(coopole: Installation) -> None:
    async def meet(ctx: Context) -> str:
        document = factories.actor_document("https://far.test/users/odd", preferredUsername="[red]")
        return (await keep(actor_object.read(document, now=ctx.now()))).uri

    uri = coopole.look(meet)
    assert coopole.say("follow", "zoe", uri) == "zoe → [red]@far.test: requested\n"


def test_nobody_follows_somebody_who_cannot_be_found(coopole: Installation) -> None:
    for whom in ("nobody", "@nobody@localhost:8000", "http://127.0.0.1:1/users/nobody"):
        assert isinstance(coopole.run("follow", "zoe", whom).exception, NotFound)


def test_nobody_follows_themselves(coopole: Installation) -> None:
    assert isinstance(coopole.run("follow", "zoe", "zoe").exception, Conflict)


def test_a_section_shows_a_members_post(coopole: Installation) -> None:
    coopole.say("post", "zoe", "worth reading")
    [post] = posts(coopole)
    said = coopole.say("announce", "lille", post.uri)

    async def look(ctx: Context) -> tuple[str, str]:
        row = await Announce.get().select_related("actor")
        return row.uri, row.actor.username

    assert coopole.look(look) == (said.strip(), "lille")


def test_nobody_shows_what_is_not_here(coopole: Installation) -> None:
    assert isinstance(coopole.run("announce", "lille", "https://far.test/notes/1").exception, NotFound)


def test_nobody_shows_what_is_not_for_them(coopole: Installation) -> None:
    async def write(ctx: Context) -> str:
        zoe = await Actor.get(username="zoe")
        return (await factories.post(zoe, "private", Visibility.DIRECT)).uri

    assert isinstance(coopole.run("announce", "lille", coopole.look(write)).exception, NotFound)
