"""Whole conversations with the software of others, written as it writes: each activity does what it says."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from federation import pipeline
from federation.activities import parse
from federation.context import Context
from federation.errors import FederationError
from federation.handlers import HANDLERS
from models.actor import Actor
from models.follow import Follow, FollowState
from models.membership import Membership, MembershipState, Transfer, TransferAnswer
from models.poll import Poll
from models.post import Mention, Post, Visibility
from models.quote import Quote, QuoteState
from models.reaction import EmojiReaction
from models.timeline import HomeRow
from server.events import participation
from server.follows import actions as follows
from server.sections import membership, organising
from tests import factories
from tests.world import World, key_pair

GROUP = "https://lemmy.test/c/nord"
MAX = "https://ailleurs.test/u/max"
FIXTURES = Path(__file__).parents[1] / "fixtures"
Row = tuple[str, str]

# software -> its activities in the order of the conversation, each with the row of HANDLERS that performs it
CONVERSATIONS: dict[str, dict[str, Row]] = {
    "mastodon": {
        "follow": ("Follow", "Actor"),
        "create_note": ("Create", "Post"),
        "update_note": ("Update", "Post"),
        "add_featured": ("Add", "Post"),
        "remove_featured": ("Remove", "Post"),
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
        "move": ("Move", "Actor"),
        "update_person": ("Update", "Actor"),
        "block": ("Block", "Actor"),
        "undo_block": ("Undo", "Block"),
        "flag": ("Flag", "Actor"),
        "delete_person": ("Delete", "Actor"),
    },
    "pleroma": {
        "follow": ("Follow", "Actor"),
        "accept_follow": ("Accept", "Follow"),
        "create_note": ("Create", "Post"),
        "update_note": ("Update", "Post"),
        "like": ("Like", "Post"),
        "undo_like": ("Undo", "Like"),
        "emoji_react": ("EmojiReact", "Post"),
        "emoji_react_custom": ("EmojiReact", "Post"),
        "undo_emoji_react": ("Undo", "EmojiReact"),
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
        "dislike": ("Dislike", "Post"),
        "undo_dislike": ("Undo", "Dislike"),
        "flag": ("Flag", "Post"),
        "delete_page": ("Delete", "Post"),
        "announce_create": ("Announce", "Activity"),
        "announce_page": ("Announce", "Post"),
        "announce_update": ("Announce", "Activity"),
        "announce_like": ("Announce", "Activity"),
        "announce_undo_like": ("Announce", "Activity"),
        "announce_delete": ("Announce", "Activity"),
        "undo_follow": ("Undo", "Follow"),
    },
    "mobilizon": {
        "follow": ("Follow", "Actor"),
        "accept_follow": ("Accept", "Follow"),
        "create_comment": ("Create", "Post"),
        "delete_comment": ("Delete", "Post"),
        "update_group": ("Update", "Actor"),
        "join_event": ("Join", "Event"),
        "leave_event": ("Leave", "Event"),
        "accept_join_event": ("Accept", "EventJoin"),
        "reject_join_event": ("Reject", "EventJoin"),
        "accept_invite": ("Accept", "Invite"),
        "accept_invite_as_member": ("Accept", "Member"),
        "leave_group": ("Leave", "Actor"),
        "join_group": ("Join", "Actor"),
        "undo_join": ("Undo", "Join"),
        "reject_invite": ("Reject", "Invite"),
        "accept_join": ("Accept", "Join"),
        "accept_member": ("Accept", "Member"),
        "update_member": ("Update", "Member"),
        "reject_join": ("Reject", "Join"),
        "reject_member": ("Reject", "Member"),
        "remove_member": ("Remove", "Member"),
        "remove_join": ("Remove", "Join"),
        "invite_member": ("Invite", "Actor"),
        "remove_invite": ("Remove", "Invite"),
        "reject_follow": ("Reject", "Follow"),
        "undo_follow": ("Undo", "Follow"),
    },
    "friendica": {
        "follow": ("Follow", "Actor"),
        "invite_event": ("Invite", "Event"),
        "undo_invite_event": ("Undo", "EventInvite"),
        "tentative_accept_event": ("TentativeAccept", "Event"),
        "accept_event": ("Accept", "Event"),
        "undo_accept_event": ("Undo", "EventAnswer"),
        "reject_event": ("Reject", "Event"),
    },
    "hubzilla": {
        "follow": ("Follow", "Actor"),
        "tentative_accept_invite": ("TentativeAccept", "EventInvite"),
        "accept_invite": ("Accept", "EventInvite"),
        "tentative_reject_invite": ("TentativeReject", "EventInvite"),
        "reject_invite": ("Reject", "EventInvite"),
        "tentative_reject_event": ("TentativeReject", "Event"),
    },
    "wordpress": {
        "follow": ("Follow", "Actor"),
        "ignore_join": ("Ignore", "EventJoin"),
        "ignore_event": ("Ignore", "Event"),
    },
    "peertube": {
        "follow": ("Follow", "Actor"),
        "view": ("View", "unknown object"),
        "dislike": ("Dislike", "unknown object"),
    },
    "funkwhale": {
        "follow": ("Follow", "Actor"),
        "listen": ("Listen", "unknown object"),
    },
    "coopole": {
        "follow": ("Follow", "Actor"),
        "update_shared_details": ("Update", "SharedDetails"),
        "move_membership": ("Move", "Membership"),
        "accept_move": ("Accept", "Move"),
        "undo_move": ("Undo", "Move"),
        "move_membership_again": ("Move", "Membership"),
        "reject_move": ("Reject", "Move"),
        "offer_event": ("Offer", "Event"),
        "undo_offer": ("Undo", "EventOffer"),
        "accept_offer": ("Accept", "EventOffer"),
        "reject_offer": ("Reject", "EventOffer"),
    },
    "vocabulary": {  # the shapes of its examples, for what no program is known to send
        "follow": ("Follow", "Actor"),
        "view": ("View", "Post"),
        "undo_view": ("Undo", "View"),
        "read": ("Read", "Post"),
        "undo_read": ("Undo", "Read"),
        "listen": ("Listen", "Post"),
        "undo_listen": ("Undo", "Listen"),
        "read_article": ("Read", "unknown object"),
        "join": ("Join", "Event"),
        "undo_join": ("Undo", "EventJoin"),
        "tentative_accept_join": ("TentativeAccept", "EventJoin"),
        "tentative_reject_join": ("TentativeReject", "EventJoin"),
    },
}


class Scene:
    """A member, who has posted, asks to follow an actor of that software and to come to its event; our section follows.

    It follows its group too; where the actor is a group, four of ours ask to belong to it, and three sections invite it. An
    actor of Coopole belongs to our section.
    """

    def __init__(self, ctx: Context, world: World, software: str, actor: Actor, names: dict[str, str]) -> None:
        self.ctx = ctx
        self._world = world
        self.actor = actor
        self._folder = FIXTURES / software
        self._names = names

    def load(self, name: str) -> dict[str, Any]:
        text = (self._folder / f"{name}.json").read_text()
        for placeholder, value in self._names.items():
            text = text.replace(f'"{{{{{placeholder}}}}}"', orjson.dumps(value).decode())
        document = dict(orjson.loads(text))
        if name.startswith("announce_") and isinstance(document["object"], dict):
            self._world.serve(document["object"])
        return document

    async def play(self, names: Sequence[str]) -> list[pipeline.Outcome]:
        """Submit these activities one after the other."""
        activities = [parse(self.load(name)) for name in names]
        actors = {actor.uri: actor for actor in await Actor.filter(uri__in=[item.actor_uri for item in activities])}
        return [await pipeline.submit(item, acting=actors[item.actor_uri], ctx=self.ctx) for item in activities]

    async def repeat(self, names: Sequence[str]) -> list[pipeline.Outcome]:
        """Submit these activities once more; those by whoever is gone by then may be refused for that."""
        outcomes = []
        for name in names:
            try:
                outcomes += await self.play([name])
            except FederationError:
                if not await Actor.exists(uri=self.load(name)["actor"], gone_at__not_isnull=True):
                    raise
        return outcomes


@pytest.fixture
async def scene(request: pytest.FixtureRequest, ctx: Context, world: World, member: Actor, section: Actor) -> Scene:
    first = orjson.loads((FIXTURES / request.param / "follow.json").read_bytes())
    kind = "Group" if request.param == "mobilizon" else "Person"
    uri = first["actor"]
    featured = f"{uri}/collections/featured"
    actor = await factories.remote_actor(ctx, world, uri, preferredUsername="noor", kind=kind, featured=featured)
    await factories.remote_actor(ctx, world, f"https://{actor.host}/actor", kind="Application")
    await factories.follow(section, actor)
    await factories.follow(section, await factories.remote_actor(ctx, world, GROUP, kind="Group"))
    world.serve(factories.actor_document(MAX))
    await Actor.filter(id=member.id).update(also_known_as=[actor.uri])
    asked = await follows.follow(member, actor, ctx)
    post = await factories.post(member, uri=ctx.names.post(7))
    event = await factories.post(section, type="Event", uri=ctx.names.post(8))
    theirs = await factories.post(actor, type="Event", uri=f"https://{actor.host}/events/1")
    coming = await participation.join(member, theirs, ctx)
    names = {
        "member": member.uri,
        "section": section.uri,
        "post": post.uri,
        "follow": asked.uri,
        "event": event.uri,
        "their_event": theirs.uri,
        "event_join": coming.uri,
        "poll": ctx.names.post(10),
        "pem": key_pair(0)[1],
    }
    await factories.poll(section, "Samedi", "Dimanche", uri=ctx.names.post(10))
    if request.param == "coopole":
        await Membership.create(group=section, member=actor, state=MembershipState.ACCEPTED)
        brest = await factories.remote_actor(ctx, world, "https://brest.test/actors/1", kind="Group")
        await factories.event(brest, uri="https://brest.test/posts/20")
        offered = await factories.event(section, uri=ctx.names.post(11))
        offer = await organising.ask(section, offered, brest, None, ctx)
        names |= {"offered": offered.uri, "offer": offer.uri}
    if request.param == "mobilizon":
        await factories.remote_actor(ctx, world, "https://mobilizon.test/@noor", preferredUsername="admin")
    if request.param == "mastodon":
        names |= await a_quote(actor, section, ctx)
    return Scene(ctx, world, request.param, actor, names | await memberships(ctx, actor, member, section))


async def a_quote(actor: Actor, section: Actor, ctx: Context) -> dict[str, str]:
    """The names of a post of ours that asks to quote one of theirs."""
    names = {"quoting": ctx.names.post(9), "quote_request": f"{ctx.names.origin}/activities/9"}
    quoted = await factories.post(actor, uri=f"{actor.uri}/statuses/115590000000000009")
    quoting = await factories.post(section, uri=names["quoting"])
    await Quote.create(
        post=quoting, quoted=quoted, quoted_uri=quoted.uri, state="requested", request_uri=names["quote_request"]
    )
    return names


async def memberships(ctx: Context, group: Actor, member: Actor, section: Actor) -> dict[str, str]:
    """The names of memberships that are asked for or offered, where the actor is a group."""
    if not group.is_group:
        return {}
    others = [await factories.section(ctx, name, name.title(), is_main=False) for name in ("brest", "paris")]
    asked = [(await membership.ask(one, group, ctx)).uri or "" for one in (member, section, *others)]
    for one in (section, *others):
        await membership.invite(one, group, None, ctx)
    invited = [str(row.uri) for row in await Membership.filter(member_id=group.id).order_by("id")]
    names = ["join", "section_join", "other_join", "third_join", "invitation", "other_invitation", "third_invitation"]
    named = dict(zip(names, [*asked, *invited], strict=True))
    return named | {"other": others[0].uri, "third": others[1].uri}


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
    outcomes = await scene.repeat(names)
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
    post = await Post.get(actor_id=scene.actor.id, type__not="Event")
    assert (post.source_text, post.is_sensitive, post.content_warning) == ("Bonsoir @zoe@lille.test", False, "")
    assert post.in_reply_to_id is not None


@pytest.mark.parametrize("scene", ["misskey"], indirect=True)
async def test_a_misskey_reaction_is_an_emoji_and_no_like(scene: Scene, member: Actor) -> None:
    await scene.play(played("misskey", "like"))
    assert (await EmojiReaction.get()).emoji == "🎉"
    assert (await Post.get(actor_id=member.id)).likes_count == 0


@pytest.mark.parametrize("scene", ["misskey"], indirect=True)
async def test_a_misskey_reaction_is_taken_back(scene: Scene) -> None:
    await scene.play(played("misskey", "undo_like"))
    assert await EmojiReaction.all().count() == 0


@pytest.mark.parametrize("scene", ["pleroma"], indirect=True)
async def test_a_pleroma_emoji_of_its_own_comes_with_its_picture(scene: Scene) -> None:
    await scene.play(["emoji_react_custom"])
    row = await EmojiReaction.get()
    assert (row.emoji, row.emoji_url) == (":rose_au_poing:", "https://pleroma.test/emoji/rose.png")


@pytest.mark.parametrize("scene", ["misskey"], indirect=True)
async def test_a_misskey_note_keeps_its_text_and_not_its_markdown(scene: Scene) -> None:
    await scene.play(played("misskey", "create_note"))
    post = await Post.get(actor_id=scene.actor.id, type__not="Event")
    assert "やあ" in post.content_html
    assert post.source_text is None


@pytest.mark.parametrize("scene", ["lemmy"], indirect=True)
async def test_a_lemmy_page_has_a_title(scene: Scene) -> None:
    await scene.play(["create_page", "update_page"])
    post = await Post.get(actor_id=scene.actor.id, type__not="Event")
    assert (post.type, post.title) == ("Page", "Une piste cyclable pour Lille-Sud")


@pytest.mark.parametrize("scene", ["mobilizon"], indirect=True)
async def test_a_mobilizon_group_accepts_and_is_followed(scene: Scene, member: Actor) -> None:
    await scene.play(played("mobilizon", "update_group"))
    assert (await Follow.get(follower_id=member.id)).state is FollowState.ACCEPTED
    assert (await Actor.get(id=scene.actor.id)).display_name == "Collectif du Nord"


@pytest.mark.parametrize("scene", ["lemmy"], indirect=True)
async def test_a_lemmy_community_passes_a_page_on_once(scene: Scene, section: Actor) -> None:
    await scene.play(["announce_create", "announce_page"])
    post = await Post.get(uri="https://ailleurs.test/post/7").select_related("group")
    assert (post.title, post.announces_count) == ("Le tram revient à Wazemmes", 1)
    assert post.group is not None
    assert post.group.uri == GROUP
    assert [row.post_id for row in await HomeRow.filter(owner_id=section.id)] == [post.id]


@pytest.mark.parametrize("scene", ["lemmy"], indirect=True)
async def test_a_lemmy_community_passes_on_edits_likes_and_deletes(scene: Scene) -> None:
    await scene.play(["announce_create", "announce_update", "announce_like"])
    post = await Post.get(uri="https://ailleurs.test/post/7")
    assert (post.title, post.likes_count) == ("Le tram revient à Wazemmes en mai", 1)
    await scene.play(["announce_undo_like"])
    assert (await Post.get(id=post.id)).likes_count == 0
    await scene.play(["announce_delete"])
    assert not await Post.exists(id=post.id)


@pytest.mark.parametrize("scene", ["mobilizon"], indirect=True)
async def test_a_mobilizon_group_takes_a_member_in_and_removes_it(scene: Scene, member: Actor) -> None:
    belonging = Membership.filter(member_id=member.id, state=MembershipState.ACCEPTED)
    await scene.play(["accept_member"])
    assert await belonging.exists()
    await scene.play(["remove_member"])
    assert not await Membership.exists(member_id=member.id)


@pytest.mark.parametrize("scene", ["mobilizon"], indirect=True)
async def test_a_member_of_mobilizon_is_named_by_the_join_or_invite_it_came_of(scene: Scene, member: Actor) -> None:
    await scene.play(["accept_invite_as_member", "remove_join"])
    paris = await Actor.get(username="paris", is_local=True)
    assert [row.member_id for row in await Membership.filter(group_id=paris.id, state="accepted")] == [scene.actor.id]
    assert not await Membership.exists(member_id=paris.id)
    await scene.play(["update_member"])
    assert (await Membership.get(member_id=member.id)).state is MembershipState.ACCEPTED


@pytest.mark.parametrize("scene", ["coopole"], indirect=True)
async def test_a_transfer_that_is_taken_back_or_refused_changes_nothing(scene: Scene, section: Actor) -> None:
    await scene.play(["move_membership", "accept_move"])
    assert (await Transfer.get()).target_says is TransferAnswer.AGREED
    await scene.play(["undo_move"])
    assert not await Transfer.exists()
    await scene.play(["move_membership_again", "reject_move"])
    assert not await Transfer.exists()
    assert await Membership.is_member(scene.actor.id, section.id)
