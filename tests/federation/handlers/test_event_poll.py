"""Answering an event of ours from an app that knows no events: by a word in reply, or by a vote in a Question."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from federation.context import Context
from federation.errors import NotAuthorised
from federation.handlers import post as post_handler
from models.actor import Actor
from models.delivery import Delivery
from models.event import Event, EventPoll, EventStatus, JoinMode
from models.ids import new_id
from models.notification import Notification, NotificationType
from models.participation import Channel, Participation, ParticipationState
from models.poll import Poll, PollOption, PollVote
from models.post import Mention, Post, Visibility
from models.section import AnnouncesFrom, Section
from server.events import actions
from server.posts import polls, queries
from server.threads.queries import open_replies
from tests import factories
from tests.factories import PUBLIC
from tests.federation.sending import sent_by
from tests.federation.submitting import submit
from tests.web.test_queries import needs_sqlite, statements
from tests.world import World

ACCEPTED, TENTATIVE, DECLINED = (
    ParticipationState.ACCEPTED,
    ParticipationState.TENTATIVE,
    ParticipationState.DECLINED,
)


@pytest.fixture
async def event(section: Actor, ctx: Context) -> Post:
    """An event of ours for everybody, two guests each."""
    id_ = new_id()
    return await factories.event(
        section, "Porte-à-porte", id=id_, uri=ctx.names.post(id_), language="fr", most_guests=2
    )


async def reply(actor: Actor, event: Post, text: str, ctx: Context, number: int = 1, **more: Any) -> None:
    """Answer an event from another server, with a post."""
    said = {"inReplyTo": event.uri, "content": f"<p>{text}</p>"} | more
    await submit(factories.create(actor.uri, number, **said), actor, ctx)


async def vote(actor: Actor, question: Post, title: str, ctx: Context, number: int = 1) -> None:
    """Choose an option from another server."""
    note = {
        "id": f"{actor.uri}/votes/{number}", "type": "Note", "attributedTo": actor.uri, "name": title,
        "inReplyTo": question.uri, "to": [question.actor.uri],
    }  # fmt: skip
    await submit(factories.activity("Create", actor.uri, note, f"vote-{number}", to=note["to"]), actor, ctx)


async def asked_of(actor: Actor, event: Post, ctx: Context) -> Post:
    """The Question that somebody is sent who asks for it."""
    await reply(actor, event, "rsvp", ctx, "ask")
    return await Post.get(type="Question", mentions__actor_id=actor.id).select_related("actor")


class TestWords:
    """A reply that is one of a few words."""

    @pytest.mark.parametrize(
        ("text", "state", "guests"),
        [
            ("+1", ACCEPTED, 0),
            ("@lille +2", ACCEPTED, 1),
            ("+9", ACCEPTED, 2),
            ("Je viens", ACCEPTED, 0),
            ("Peut-être", TENTATIVE, 0),
            ("Annuler", DECLINED, 0),
        ],
    )
    async def test_it_is_an_answer(
        self, event: Post, remote_actor: Actor, ctx: Context, text: str, state: ParticipationState, guests: int
    ) -> None:
        await reply(remote_actor, event, text, ctx)
        row = await Participation.get()
        assert (row.event_id, row.actor_id, row.state, row.channel) == (
            event.id,
            remote_actor.id,
            state,
            Channel.REPLY,
        )
        assert row.guests == guests

    async def test_the_reply_stays_its_authors_post_and_nothing_is_sent(
        self, event: Post, remote_actor: Actor, section: Actor, ctx: Context
    ) -> None:
        await reply(remote_actor, event, "je viens", ctx)
        assert (await Post.get(actor_id=remote_actor.id)).in_reply_to_uri == event.uri
        assert await sent_by(section) == []

    async def test_it_is_shown_below_the_event_to_nobody(
        self, event: Post, remote_actor: Actor, member: Actor, ctx: Context
    ) -> None:
        await reply(remote_actor, event, "je viens", ctx)
        await reply(remote_actor, event, "Bravo", ctx, 2)
        assert (await Post.get(id=event.id)).replies_count == 1
        for viewer in (None, member):
            below = await queries.descendants(event, viewer)
            assert [view.post.content_html for view in below] == ["<p>Bravo</p>"]
        [shown] = await open_replies(event, limit=10)
        assert shown.content_html == "<p>Bravo</p>"

    async def test_nor_does_it_come_back_there_or_count_when_it_is_deleted(
        self, event: Post, remote_actor: Actor, ctx: Context
    ) -> None:
        await reply(remote_actor, event, "je viens", ctx)
        assert await post_handler.adopt(event) == 0
        uri = (await Post.get(actor_id=remote_actor.id)).uri
        await submit(factories.activity("Delete", remote_actor.uri, uri), remote_actor, ctx)
        assert (await Post.get(id=event.id)).replies_count == 0
        assert (await Participation.get()).state is ACCEPTED

    async def test_the_section_passes_it_on_to_nobody(
        self, event: Post, section: Actor, stranger: Actor, remote_actor: Actor, ctx: Context
    ) -> None:
        await Section.filter(actor_id=section.id).update(announces_from=AnnouncesFrom.EVERYBODY)
        await Post.filter(id=event.id).update(group_id=section.id)
        await factories.follow(stranger, section)
        to_followers = {"cc": [section.followers_uri, section.uri]}
        await reply(remote_actor, event, "je viens", ctx, **to_followers)
        assert not await Delivery.exists()
        await reply(remote_actor, event, "Bravo", ctx, 2, **to_followers)
        assert {item["type"] for item in await sent_by(section)} >= {"Announce"}

    async def test_the_newest_counts(self, event: Post, remote_actor: Actor, ctx: Context) -> None:
        for number, text in enumerate(("oui", "non", "peut-être")):
            await reply(remote_actor, event, text, ctx, number)
        assert (await Participation.get()).state is TENTATIVE

    async def test_an_old_reply_that_is_met_late_does_not_undo_a_newer_answer(
        self, event: Post, remote_actor: Actor, ctx: Context, world: World
    ) -> None:
        published = (world.now - timedelta(hours=3)).isoformat()
        await reply(remote_actor, event, "non", ctx)
        await reply(remote_actor, event, "oui", ctx, 2, published=published)
        assert (await Participation.get()).state is DECLINED

    async def test_a_reply_that_comes_twice_counts_once(self, event: Post, remote_actor: Actor, ctx: Context) -> None:
        await reply(remote_actor, event, "oui", ctx)
        await reply(remote_actor, event, "non", ctx, 2)
        again = factories.create(remote_actor.uri, 1, inReplyTo=event.uri, content="<p>oui</p>")
        await submit(again | {"id": f"{remote_actor.uri}/create/again"}, remote_actor, ctx)
        assert (await Participation.get()).state is DECLINED

    @pytest.mark.parametrize("text", ["oui ?", "Je viens demain", "Bravo", "👍"])
    async def test_talk_changes_nothing(self, event: Post, remote_actor: Actor, ctx: Context, text: str) -> None:
        await reply(remote_actor, event, text, ctx)
        assert not await Participation.exists()

    @pytest.mark.parametrize(
        "terms", [{"status": EventStatus.CANCELLED}, {"join_mode": JoinMode.EXTERNAL}, {"join_mode": JoinMode.NONE}]
    )
    async def test_an_event_that_takes_nobody_hears_no_yes(
        self, section: Actor, remote_actor: Actor, ctx: Context, terms: dict[str, Any]
    ) -> None:
        await reply(remote_actor, await factories.event(section, **terms), "oui", ctx)
        assert not await Participation.exists()
        assert await Post.filter(actor_id=remote_actor.id).exists()

    async def test_after_the_event_a_yes_is_talk(
        self, section: Actor, remote_actor: Actor, ctx: Context, now: Any
    ) -> None:
        over = await factories.event(section, starts_at=now - timedelta(hours=3), ends_at=now - timedelta(hours=1))
        await reply(remote_actor, over, "oui", ctx)
        assert not await Participation.exists()

    async def test_whoever_may_not_read_the_event_does_not_answer_it(
        self, section: Actor, remote_actor: Actor, member: Actor, ctx: Context
    ) -> None:
        hidden = await factories.event(section, visibility=Visibility.FOLLOWERS)
        named = {"to": [PUBLIC, member.uri], "tag": [{"type": "Mention", "href": member.uri, "name": "@zoe"}]}
        await reply(remote_actor, hidden, "oui", ctx, **named)
        assert await Post.filter(actor_id=remote_actor.id).exists()
        assert not await Participation.exists()

    async def test_the_organisers_do_not_answer_themselves(self, event: Post, section: Actor, ctx: Context) -> None:
        document = factories.note(section.uri, inReplyTo=event.uri, content="<p>oui</p>", id=ctx.names.post(7))
        await submit(factories.create(section.uri) | {"object": document}, section, ctx)
        assert not await Participation.exists()

    async def test_a_reply_to_what_is_no_event_of_ours_says_nothing(
        self, section: Actor, member: Actor, remote_actor: Actor, ctx: Context
    ) -> None:
        await factories.follow(member, remote_actor)
        for number, parent in enumerate((await factories.post(section), await factories.event(remote_actor))):
            await reply(remote_actor, parent, "oui", ctx, number)
        assert not await Participation.exists()

    async def test_where_organisers_agree_first_they_are_asked(
        self, section: Actor, remote_actor: Actor, ctx: Context
    ) -> None:
        await reply(remote_actor, await factories.event(section, join_mode=JoinMode.RESTRICTED), "oui", ctx)
        assert (await Participation.get()).state is ParticipationState.REQUESTED
        assert await Notification.filter(type=NotificationType.EVENT_REQUEST).exists()

    @needs_sqlite
    async def test_an_ordinary_reply_asks_the_database_nothing_more(
        self, section: Actor, event: Post, remote_actor: Actor, ctx: Context
    ) -> None:
        note = await factories.post(section)
        asked = []
        for number, (parent, text) in enumerate(((note, "oui"), (event, "Bravo à vous"))):
            with statements() as made:
                await reply(remote_actor, parent, text, ctx, number)
            asked.append(len(made))
        assert asked[0] == asked[1]
        assert not await Participation.exists()


class TestQuestion:
    """The Question that is sent to whoever asks for it."""

    async def test_it_is_for_whoever_asked_alone_and_tells_no_totals(
        self, event: Post, remote_actor: Actor, stranger: Actor, section: Actor, ctx: Context
    ) -> None:
        await factories.follow(stranger, section)
        question = await asked_of(remote_actor, event, ctx)
        [create] = await sent_by(section)
        document = create["object"]
        assert (create["type"], create["to"], create.get("cc")) == ("Create", [remote_actor.uri], None)
        assert (document["type"], document["inReplyTo"], document["to"]) == ("Question", event.uri, [remote_actor.uri])
        assert [option["name"] for option in document["oneOf"]] == ["Oui", "Peut-être", "Non"]
        assert not any("totalItems" in option["replies"] for option in document["oneOf"])
        assert "votersCount" not in document
        terms = await Event.get(post_id=event.id)
        assert (await Poll.get(post_id=question.id)).closes_at == terms.starts_at
        assert document["tag"] == [{"type": "Mention", "href": remote_actor.uri, "name": f"@{remote_actor.handle}"}]
        assert f'href="{remote_actor.url}"' in document["content"]
        assert "Porte-à-porte&nbsp;: viendrez-vous&nbsp;?" in document["content"]
        assert question.visibility is Visibility.DIRECT
        assert (await EventPoll.get()).event_id == event.id

    async def test_it_speaks_the_language_of_the_event(self, section: Actor, remote_actor: Actor, ctx: Context) -> None:
        question = await asked_of(remote_actor, await factories.event(section, language="en"), ctx)
        assert "will you come?" in question.content_html
        titles = PollOption.filter(poll__post_id=question.id).order_by("position")
        assert list(await titles.values_list("title", flat=True)) == ["Yes", "Maybe", "No"]

    async def test_it_is_sent_once(self, event: Post, remote_actor: Actor, ctx: Context) -> None:
        for number in range(3):
            await reply(remote_actor, event, "inscription", ctx, number)
        assert await EventPoll.all().count() == 1

    async def test_a_member_of_ours_is_told_of_it(self, event: Post, member: Actor, ctx: Context) -> None:
        document = factories.note(member.uri, inReplyTo=event.uri, content="<p>participer</p>", id=ctx.names.post(7))
        await submit(factories.create(member.uri) | {"object": document}, member, ctx)
        told = await Notification.get(recipient_id=member.id, type=NotificationType.MENTION)
        assert told.post_id == (await EventPoll.get()).post_id

    async def test_of_what_has_begun_nobody_is_asked(
        self, section: Actor, remote_actor: Actor, ctx: Context, now: Any
    ) -> None:
        begun = await factories.event(section, starts_at=now - timedelta(minutes=1))
        await reply(remote_actor, begun, "rsvp", ctx)
        assert not await EventPoll.exists()

    @pytest.mark.parametrize(("title", "state"), [("Oui", ACCEPTED), ("Peut-être", TENTATIVE), ("Non", DECLINED)])
    async def test_a_vote_is_an_answer_and_is_not_counted(
        self, event: Post, remote_actor: Actor, ctx: Context, title: str, state: ParticipationState
    ) -> None:
        question = await asked_of(remote_actor, event, ctx)
        await vote(remote_actor, question, title, ctx)
        row = await Participation.get()
        assert (row.actor_id, row.state, row.channel) == (remote_actor.id, state, Channel.POLL)
        assert not await PollVote.exists()
        assert set(await PollOption.all().values_list("votes_count", flat=True)) == {0}
        assert (await Poll.get(post_id=question.id)).untold_since is None

    async def test_a_second_vote_is_a_changed_mind(self, event: Post, remote_actor: Actor, ctx: Context) -> None:
        question = await asked_of(remote_actor, event, ctx)
        for number, title in enumerate(("Oui", "Non")):
            await vote(remote_actor, question, title, ctx, number)
        assert (await Participation.get()).state is DECLINED

    async def test_nobody_votes_in_a_question_for_somebody_else(
        self, event: Post, remote_actor: Actor, stranger: Actor, ctx: Context
    ) -> None:
        question = await asked_of(remote_actor, event, ctx)
        with pytest.raises(NotAuthorised, match="is not for"):
            await vote(stranger, question, "Oui", ctx)

    async def test_a_cancelled_event_takes_a_no_and_no_yes(
        self, event: Post, remote_actor: Actor, ctx: Context
    ) -> None:
        question = await asked_of(remote_actor, event, ctx)
        await Event.filter(post_id=event.id).update(status=EventStatus.CANCELLED)
        with pytest.raises(NotAuthorised, match="does not take place"):
            await vote(remote_actor, question, "Oui", ctx)
        await vote(remote_actor, question, "Non", ctx, 2)
        assert (await Participation.get()).state is DECLINED

    async def test_when_it_closes_no_totals_are_told(
        self, event: Post, remote_actor: Actor, section: Actor, ctx: Context, world: World
    ) -> None:
        question = await asked_of(remote_actor, event, ctx)
        await vote(remote_actor, question, "Oui", ctx)
        world.now += timedelta(days=3)
        with pytest.raises(NotAuthorised, match="is closed"):
            await vote(remote_actor, question, "Non", ctx, 2)
        await polls.sweep(ctx)
        update = (await sent_by(section))[-1]
        assert (update["type"], update["to"]) == ("Update", [remote_actor.uri])
        assert [option["replies"].get("totalItems", 0) for option in update["object"]["oneOf"]] == [0, 0, 0]

    async def test_it_moves_with_the_event_and_goes_with_it(
        self, event: Post, remote_actor: Actor, section: Actor, ctx: Context, world: World
    ) -> None:
        question = await asked_of(remote_actor, event, ctx)
        draft = await actions.draft_of(event)
        later = {"starts": draft.starts + timedelta(days=1), "ends": None, "online_url": "https://visio.test/lille"}
        draft = replace(draft, **later)
        await actions.edit(section, event, draft, ctx)
        poll = await Poll.get(post_id=question.id)
        assert poll.closes_at == (await Event.get(post_id=event.id)).starts_at
        world.now += timedelta(minutes=2)
        await polls.sweep(ctx)
        told = (await sent_by(section))[-1]
        assert (told["object"]["id"], told["to"]) == (question.uri, [remote_actor.uri])
        await actions.delete(section, event, ctx)
        assert not await Post.filter(type="Question").exists()
        assert [item["type"] for item in await sent_by(section)].count("Delete") == 1

    async def test_another_poll_below_an_event_is_a_poll(
        self, event: Post, section: Actor, remote_actor: Actor, ctx: Context
    ) -> None:
        row = await factories.poll(section, "Pizza", "Soupe")
        question = await Post.get(id=row.post_id).select_related("actor")
        await Post.filter(id=question.id).update(in_reply_to_id=event.id, in_reply_to_uri=event.uri)
        await vote(remote_actor, question, "Soupe", ctx)
        assert await PollVote.all().count() == 1
        assert not await Participation.exists()
        assert not await Mention.exists()
