"""Whole conversations with the software of others, written as it writes: each activity does what it says."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from federation import pipeline
from federation.activities import parse
from federation.context import Context
from federation.handlers import HANDLERS
from models.actor import Actor
from models.follow import Follow, FollowState
from models.poll import Poll
from models.post import Mention, Post, Visibility
from models.quote import Quote, QuoteState
from server.follows import actions as follows
from tests import factories
from tests.world import World, key_pair

FIXTURES = Path(__file__).parents[1] / "fixtures"
Row = tuple[str, str]

# software -> its activities in the order of the conversation, each with the row of HANDLERS that performs it
CONVERSATIONS: dict[str, dict[str, Row]] = {
    "mastodon": {
        "follow": ("Follow", "Actor"),
        "create_note": ("Create", "Post"),
        "update_note": ("Update", "Post"),
        "create_question": ("Create", "Post"),
        "update_question": ("Update", "Post"),
        "create_vote": ("Create", "Vote"),
        "create_quote": ("Create", "Post"),
        "quote_request": ("QuoteRequest", "Post"),
        "accept_quote_request": ("Accept", "QuoteRequest"),
        "delete_quote_authorization": ("Delete", "QuoteAuthorization"),
        "reject_quote_request": ("Reject", "QuoteRequest"),
        "delete_note": ("Delete", "Post"),
        "delete_unknown_note": ("Delete", "Tombstone"),
        "like": ("Like", "Post"),
        "undo_like": ("Undo", "Like"),
        "announce": ("Announce", "Post"),
        "undo_announce": ("Undo", "Announce"),
        "undo_follow": ("Undo", "Follow"),
        "accept_follow": ("Accept", "Follow"),
        "reject_follow": ("Reject", "Follow"),
        "update_person": ("Update", "Actor"),
        "delete_person": ("Delete", "Actor"),
    },
    "pleroma": {
        "follow": ("Follow", "Actor"),
        "accept_follow": ("Accept", "Follow"),
        "create_note": ("Create", "Post"),
        "update_note": ("Update", "Post"),
        "like": ("Like", "Post"),
        "undo_like": ("Undo", "Like"),
        "announce": ("Announce", "Post"),
        "delete_note": ("Delete", "Post"),
    },
    "misskey": {
        "follow": ("Follow", "Actor"),
        "accept_follow": ("Accept", "Follow"),
        "create_note": ("Create", "Post"),
        "like": ("Like", "Post"),
        "undo_like": ("Undo", "Like"),
        "announce": ("Announce", "Post"),
        "undo_announce": ("Undo", "Announce"),
        "delete_note": ("Delete", "Post"),
        "undo_follow": ("Undo", "Follow"),
    },
    "lemmy": {
        "follow": ("Follow", "Actor"),
        "create_page": ("Create", "Post"),
        "update_page": ("Update", "Post"),
        "create_comment": ("Create", "Post"),
        "like": ("Like", "Post"),
        "undo_like": ("Undo", "Like"),
        "delete_page": ("Delete", "Post"),
        "undo_follow": ("Undo", "Follow"),
    },
    "mobilizon": {
        "follow": ("Follow", "Actor"),
        "accept_follow": ("Accept", "Follow"),
        "create_comment": ("Create", "Post"),
        "delete_comment": ("Delete", "Post"),
        "update_group": ("Update", "Actor"),
        "reject_follow": ("Reject", "Follow"),
        "undo_follow": ("Undo", "Follow"),
    },
}


class Scene:
    """A member, who has posted, and asks to follow an actor of that software, whom our section follows already."""

    def __init__(self, ctx: Context, software: str, actor: Actor, names: dict[str, str]) -> None:
        self.ctx = ctx
        self.actor = actor
        self._folder = FIXTURES / software
        self._names = names

    def load(self, name: str) -> dict[str, Any]:
        text = (self._folder / f"{name}.json").read_text()
        for placeholder, value in self._names.items():
            text = text.replace(f'"{{{{{placeholder}}}}}"', orjson.dumps(value).decode())
        return dict(orjson.loads(text))

    async def play(self, names: Sequence[str]) -> list[pipeline.Outcome]:
        """Submit these activities one after the other."""
        activities = [parse(self.load(name)) for name in names]
        return [await pipeline.submit(activity, acting=self.actor, ctx=self.ctx) for activity in activities]


@pytest.fixture
async def scene(request: pytest.FixtureRequest, ctx: Context, world: World, member: Actor, section: Actor) -> Scene:
    first = orjson.loads((FIXTURES / request.param / "follow.json").read_bytes())
    actor = await factories.remote_actor(ctx, world, first["actor"], preferredUsername="noor")
    await factories.follow(section, actor)
    asked = await follows.follow(member, actor, ctx)
    post = await factories.post(member, uri=ctx.names.post(7))
    await factories.poll(section, "Samedi", "Dimanche", uri=ctx.names.post(8))
    names = {
        "member": member.uri, "section": section.uri, "post": post.uri, "poll": ctx.names.post(8), "follow": asked.uri,
        "pem": key_pair(0)[1],
    }  # fmt: skip
    if request.param == "mastodon":
        names["quoting"], names["quote_request"] = ctx.names.post(9), f"{ctx.names.origin}/activities/9"
        quoted = await factories.post(actor, uri=f"{actor.uri}/statuses/115590000000000009")
        quoting = await factories.post(section, uri=names["quoting"])
        await Quote.create(
            post=quoting, quoted=quoted, quoted_uri=quoted.uri, state="requested", request_uri=names["quote_request"]
        )
    return Scene(ctx, request.param, actor, names)


def played(software: str, until: str) -> list[str]:
    """The names of a conversation up to one of them."""
    names = list(CONVERSATIONS[software])
    return names[: names.index(until) + 1]


def test_every_row_of_handlers_has_an_activity_that_needs_it() -> None:
    assert {row for rows in CONVERSATIONS.values() for row in rows.values()} == set(HANDLERS)


@pytest.mark.parametrize("software", CONVERSATIONS)
def test_every_fixture_is_part_of_its_conversation(software: str) -> None:
    assert {path.stem for path in (FIXTURES / software).glob("*.json")} == set(CONVERSATIONS[software])


@pytest.mark.parametrize("scene", CONVERSATIONS, indirect=True)
async def test_a_whole_conversation_is_understood(scene: Scene, request: pytest.FixtureRequest) -> None:
    software = request.node.callspec.params["scene"]
    expected = CONVERSATIONS[software]
    outcomes = await scene.play(list(expected))
    assert [outcome.activity.type for outcome in outcomes] == [kind for kind, _ in expected.values()]
    assert all(outcome.is_new for outcome in outcomes)


@pytest.mark.parametrize("scene", CONVERSATIONS, indirect=True)
async def test_a_conversation_that_is_repeated_changes_nothing(scene: Scene, request: pytest.FixtureRequest) -> None:
    names = list(CONVERSATIONS[request.node.callspec.params["scene"]])
    await scene.play(names)
    before = await Actor.all().order_by("id").values()
    outcomes = await scene.play(names)
    assert not any(outcome.is_new for outcome in outcomes)
    assert await Actor.all().order_by("id").values() == before


@pytest.mark.parametrize("scene", ["mastodon"], indirect=True)
async def test_a_mastodon_note(scene: Scene, member: Actor) -> None:
    await scene.play(["create_note"])
    note = scene.load("create_note")["object"]
    post = await Post.get(uri=note["id"]).prefetch_related("tags", "attachments")
    assert (post.language, post.is_sensitive, post.conversation_uri) == ("fr", False, note["conversation"])
    assert (post.url, post.visibility) == (note["url"], Visibility.PUBLIC)
    assert [tag.name for tag in post.tags] == ["lille"]
    assert [(item.media_type, item.width, item.focal_x) for item in post.attachments] == [("image/jpeg", 1200, 0.0)]
    assert [row.actor_id for row in await Mention.filter(post_id=post.id)] == [member.id]
    assert (await Post.get(id=post.in_reply_to_id)).actor_id == member.id


@pytest.mark.parametrize("scene", ["mastodon"], indirect=True)
async def test_a_mastodon_note_edited(scene: Scene) -> None:
    await scene.play(["create_note", "update_note"])
    post = await Post.get(uri=scene.load("create_note")["object"]["id"])
    assert post.content_html == "<p>Rendez-vous dimanche au marché</p>"
    assert post.edited_at is not None


@pytest.mark.parametrize("scene", ["mastodon"], indirect=True)
async def test_a_mastodon_poll(scene: Scene) -> None:
    await scene.play(["create_question", "update_question"])
    poll = await Poll.get(post__actor_id=scene.actor.id).prefetch_related("options", "post")
    assert (poll.is_multiple, poll.voters_count, poll.post.edited_at) == (True, 3, None)
    assert [(option.title, option.votes_count) for option in poll.options] == [("Le port", 3), ("La gare", 1)]


@pytest.mark.parametrize("scene", ["mastodon"], indirect=True)
async def test_a_mastodon_vote(scene: Scene, section: Actor) -> None:
    await scene.play(["create_vote"])
    poll = await Poll.get(post__actor_id=section.id).prefetch_related("options")
    assert [option.votes_count for option in poll.options] == [0, 1]


@pytest.mark.parametrize("scene", ["mastodon"], indirect=True)
async def test_a_mastodon_quote(scene: Scene, ctx: Context, member: Actor) -> None:
    await scene.play(["create_quote"])
    quote = await Quote.get(post__actor_id=scene.actor.id).select_related("post", "quoted")
    assert (quote.quoted.actor_id, quote.state) == (member.id, QuoteState.REQUESTED)
    assert quote.post.content_html == "<p>À lire</p>"
    await scene.play(["quote_request"])
    quote = await Quote.get(id=quote.id)
    assert (quote.state, quote.authorization_uri) == (QuoteState.ACCEPTED, ctx.names.quote_authorization(quote.id))


@pytest.mark.parametrize("scene", ["mastodon"], indirect=True)
async def test_a_mastodon_answer_to_a_quote(scene: Scene, section: Actor) -> None:
    states = []
    for name in ("accept_quote_request", "delete_quote_authorization", "reject_quote_request"):
        await scene.play([name])
        states.append((await Quote.get(post__actor_id=section.id)).state)
    assert states == [QuoteState.ACCEPTED, QuoteState.REVOKED, QuoteState.REJECTED]


@pytest.mark.parametrize("scene", ["pleroma"], indirect=True)
async def test_a_pleroma_note(scene: Scene) -> None:
    await scene.play(played("pleroma", "create_note"))
    post = await Post.get(actor_id=scene.actor.id)
    assert (post.source_text, post.is_sensitive, post.content_warning) == ("Bonsoir @zoe@lille.test", False, "")
    assert post.in_reply_to_id is not None


@pytest.mark.parametrize("scene", ["misskey"], indirect=True)
async def test_a_misskey_reaction_is_a_like(scene: Scene, member: Actor) -> None:
    await scene.play(played("misskey", "like"))
    assert (await Post.get(actor_id=member.id)).likes_count == 1


@pytest.mark.parametrize("scene", ["misskey"], indirect=True)
async def test_a_misskey_note_keeps_its_text_and_not_its_markdown(scene: Scene) -> None:
    await scene.play(played("misskey", "create_note"))
    post = await Post.get(actor_id=scene.actor.id)
    assert "やあ" in post.content_html
    assert post.source_text is None


@pytest.mark.parametrize("scene", ["lemmy"], indirect=True)
async def test_a_lemmy_page_has_a_title(scene: Scene) -> None:
    await scene.play(["create_page", "update_page"])
    post = await Post.get(actor_id=scene.actor.id)
    assert (post.type, post.title) == ("Page", "Une piste cyclable pour Lille-Sud")


@pytest.mark.parametrize("scene", ["mobilizon"], indirect=True)
async def test_a_mobilizon_group_accepts_and_is_followed(scene: Scene, member: Actor) -> None:
    await scene.play(played("mobilizon", "update_group"))
    assert (await Follow.get(follower_id=member.id)).state is FollowState.ACCEPTED
    assert (await Actor.get(id=scene.actor.id)).display_name == "Collectif du Nord"
