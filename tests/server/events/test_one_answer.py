"""One answer a person, the newest, whatever way it came; one last place; and nobody else learns who comes."""

import asyncio
from typing import Any

import orjson
import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from federation.context import Context
from models import database
from models.actor import Actor
from models.event import EventPoll
from models.ids import new_id
from models.member import Member
from models.participation import Channel, Participation, ParticipationState
from models.post import Post
from models.secrets import fingerprint
from server.events import by_email, door, organising, people
from server.events import participation as coming
from server.events.checks import Wish
from server.posts import actions as posts
from server.posts import polls
from server.posts.queries import one
from tests import factories
from tests.federation.sending import sent_by
from tests.federation.submitting import submit
from tests.server.api import LogIn, app, log_in, public

__all__ = ["app", "log_in", "public"]

ACCEPTED, TENTATIVE, DECLINED, WAITING = (
    ParticipationState.ACCEPTED,
    ParticipationState.TENTATIVE,
    ParticipationState.DECLINED,
    ParticipationState.WAITING,
)
EMAIL = "zoe@post.example"


async def hold(section: Actor, ctx: Context, **terms: Any) -> Post:
    """An event of ours under the name it has on the network."""
    id_ = new_id()
    event = await factories.event(section, "Réunion", id=id_, uri=ctx.names.post(id_), language="fr", **terms)
    event.to_uris, event.cc_uris = [factories.PUBLIC], [section.followers_uri or ""]
    await event.save(update_fields=["to_uris", "cc_uris"])
    return await Post.get(id=id_).select_related("actor")


async def vote(member: Actor, question: Post, choice: int, ctx: Context) -> None:
    view = await one(question.id, member)
    assert view is not None
    await polls.vote(member, view, [choice], ctx)


async def reply(member: Actor, event: Post, text: str, ctx: Context) -> Post:
    return await posts.publish(member, posts.Draft(text, in_reply_to=event), ctx)


async def by_address(event: Post, ctx: Context, email: str = EMAIL, **wish: Any) -> Participation:
    """Leave an address and follow the link in the letter."""
    await by_email.leave_address(event, email, Wish(**wish), ctx)
    row = await Participation.get(event_id=event.id, email_fingerprint=fingerprint(email))
    return await by_email.confirm(await by_email.of_link(by_email.link_of(row, ctx).rpartition("/")[2]), ctx)


async def test_a_poll_then_a_reply_then_a_join_then_an_address_are_one_answer(
    section: Actor, member: Actor, login: Member, ctx: Context
) -> None:
    login.email, login.email_fingerprint = EMAIL, fingerprint(EMAIL)
    await login.save()
    event = await hold(section, ctx, most_guests=2)
    question = await organising.ask_everybody(event, None, ctx)
    said = []

    async def now() -> None:
        row = await Participation.get()
        said.append((row.actor_id, row.channel, row.state, row.guests))

    await vote(member, question, 1, ctx)
    await now()
    await reply(member, event, "+2", ctx)
    await now()
    await reply(member, event, "annuler", ctx)
    await now()
    await coming.join(member, event, ctx)
    await now()
    await by_address(event, ctx, guests=2)
    await now()
    await coming.answer(member, event, coming.Answer.NO, ctx)
    await now()

    assert said == [
        (member.id, Channel.POLL, TENTATIVE, 0),
        (member.id, Channel.REPLY, ACCEPTED, 1),
        (member.id, Channel.REPLY, DECLINED, 1),
        (member.id, Channel.JOIN, ACCEPTED, 1),
        (member.id, Channel.EMAIL, ACCEPTED, 2),
        (member.id, Channel.ANSWER, DECLINED, 2),
    ]
    assert [one.handle for one in await people.people(event, None)] == [member.handle]


async def test_a_wish_goes_with_a_join_and_is_kept_sealed(section: Actor, member: Actor, ctx: Context) -> None:
    question = {"id": "1", "label": "Un mot ?", "kind": "text", "choices": [], "is_required": True}
    event = await hold(section, ctx, most_guests=2, questions=[question])
    await coming.join(member, event, ctx, Wish(guests=1, answers={"1": "Oui"}, message="J’apporte la table"))
    row = await Participation.get()
    assert (row.guests, row.answers, row.message) == (1, '{"1":"Oui"}', "J’apporte la table")
    await coming.join(member, event, ctx, Wish(guests=2, answers={"1": "Non"}))
    row = await Participation.get()
    assert (row.guests, row.answers) == (2, '{"1":"Non"}')


async def test_a_wish_for_another_servers_event_reaches_its_organiser(
    member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    event = await factories.event(remote_actor, most_guests=2)
    await coming.join(member, event, ctx, Wish(guests=1, message="Bonjour"))
    [join] = await sent_by(member)
    assert (join["to"], join["guests"], join["participationMessage"]) == ([remote_actor.uri], 1, "Bonjour")
    await submit(factories.activity("Accept", remote_actor.uri, join["id"]), remote_actor, ctx)
    [join] = await sent_by(member)
    assert "participationMessage" not in join


@pytest.mark.parametrize("ways", ["join and join", "join and address", "reply and address", "door and join"])
async def test_of_two_who_race_for_the_last_place_one_waits(
    section: Actor, member: Actor, other_member: Actor, ctx: Context, ways: str
) -> None:
    event = await hold(section, ctx, capacity=1)
    acts = {
        "join": lambda: coming.join(member, event, ctx),
        "address": lambda: by_address(event, ctx, "rosa@post.example"),
        "reply": lambda: reply(member, event, "je viens", ctx),
        "door": lambda: door.add_at_door(event, "Max", None, ctx),
    }
    first, second = ways.split(" and ")
    other = (lambda: coming.join(other_member, event, ctx)) if first == second else acts[second]

    await asyncio.gather(acts[first](), other())

    states = sorted([row.state.value for row in await Participation.all()])
    if first == "door":  # whoever is there is there
        assert states in (["accepted", "accepted"], ["accepted", "waiting"])
    else:
        assert states == ["accepted", "waiting"]


async def test_many_who_race_fill_what_there_is_and_no_more(section: Actor, ctx: Context) -> None:
    event = await hold(section, ctx, capacity=3)
    actors = [await factories.member(ctx, f"m{number}", f"M{number}") for number in range(6)]
    await asyncio.gather(*(coming.join(actor, event, ctx) for actor in actors))
    states = [row.state for row in await Participation.all()]
    assert (states.count(ACCEPTED), states.count(WAITING)) == (3, 3)


async def test_two_who_answer_in_words_at_once_do_not_stand_in_each_others_way(
    section: Actor, member: Actor, other_member: Actor, ctx: Context
) -> None:
    event = await hold(section, ctx, capacity=1)
    await asyncio.gather(*(reply(actor, event, "je viens", ctx) for actor in (member, other_member)))
    assert sorted([row.state.value for row in await Participation.all()]) == ["accepted", "waiting"]


async def test_the_same_person_who_races_with_themselves_has_one_answer(
    section: Actor, member: Actor, ctx: Context
) -> None:
    event = await hold(section, ctx)
    await asyncio.gather(
        coming.join(member, event, ctx), reply(member, event, "+1", ctx), reply(member, event, "oui", ctx)
    )
    assert (await Participation.get()).state is ACCEPTED


@pytest.mark.parametrize("way", ["join", "poll", "reply"])
async def test_who_was_refused_does_not_come_in_by_a_no_and_a_yes(
    section: Actor, member: Actor, ctx: Context, way: str
) -> None:
    event = await hold(section, ctx)
    question = await organising.ask_everybody(event, None, ctx)
    row = await coming.join(member, event, ctx)
    await people.decide(event, row.id, None, ctx, accept=False)

    if way == "join":
        await coming.leave(member, event, ctx)
        await coming.join(member, event, ctx)
    elif way == "poll":
        await vote(member, question, 2, ctx)
        await vote(member, question, 0, ctx)
    else:
        for text in ("non", "oui"):
            await reply(member, event, text, ctx)

    assert (await Participation.get()).state is ParticipationState.REQUESTED


class TestPrivacy:
    """Nobody but the organisers and they themselves learns who comes."""

    NAMES = ("Noor", "noor", "Rosa", "rosa", "Max-at-the-door", "J’apporte")

    @pytest.fixture
    async def event(self, section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context) -> Post:
        """An event that somebody of each kind answered, and that a stranger follows."""
        await factories.follow(stranger, section)
        event = await hold(section, ctx, capacity=10, most_guests=3)
        await organising.ask_everybody(event, None, ctx)
        question = await Post.get(type="Question")
        note = {
            "id": f"{remote_actor.uri}/votes/1", "type": "Note", "attributedTo": remote_actor.uri, "name": "Oui",
            "inReplyTo": question.uri, "to": [section.uri],
        }  # fmt: skip
        await submit(factories.activity("Create", remote_actor.uri, note, to=[section.uri]), remote_actor, ctx)
        said = {"inReplyTo": event.uri, "content": "<p>je viens</p>"}
        await submit(factories.create(remote_actor.uri, **said), remote_actor, ctx)
        await by_address(event, ctx, "rosa@post.example", name="Rosa", message="J’apporte la table")
        await door.add_at_door(event, "Max-at-the-door", None, ctx)
        return event

    @pytest.fixture
    async def others(self, log_in: LogIn, other_member: Actor, public: AsyncClient) -> list[AsyncClient]:
        return [public, await log_in(other_member)]

    async def test_in_no_answer_of_the_api_no_document_and_no_page(
        self, event: Post, section: Actor, others: list[AsyncClient]
    ) -> None:
        question_id = (await EventPoll.get()).post_id
        activity = {"Accept": "application/activity+json"}
        for client in others:
            for address, headers in (
                (f"/api/v1/statuses/{event.id}", {}),
                (f"/api/v1/statuses/{event.id}/context", {}),
                (f"/api/v1/statuses/{event.id}/history", {}),
                (f"/api/v1/polls/{event.id}", {}),
                (f"/api/v1/statuses/{question_id}", {}),
                ("/api/v1/timelines/public", {}),
                (f"/api/v1/accounts/{section.id}/statuses", {}),
                (f"/posts/{event.id}", activity),
                (f"/posts/{event.id}/replies", activity),
                (f"/posts/{question_id}", activity),
                (f"/posts/{question_id}/replies", activity),
                (f"/actors/{section.id}/outbox?page=true", activity),
                (f"/@lille/{event.id}", {}),
                (f"/@lille/{question_id}", {}),
                ("/@lille", {}),
                ("/@lille.atom", {}),
            ):
                answer = await client.get(address, headers=headers)
                assert answer.status_code == 200, address
                assert not any(name in answer.text for name in self.NAMES), address

    async def test_in_nothing_that_is_sent_to_anybody_else(
        self, event: Post, section: Actor, remote_actor: Actor
    ) -> None:
        for activity in await sent_by(section):
            if activity["to"] != [remote_actor.uri]:
                text = orjson.dumps(activity).decode()
                assert not any(name in text for name in self.NAMES)
                assert '"totalItems":1' not in text

    async def test_in_no_column_that_can_be_read_in_the_database(self, event: Post, app: Starlette) -> None:
        rows = await database.select("SELECT * FROM participation")
        text = repr([tuple(row) for row in rows])
        assert not any(name in text for name in ("Rosa", "rosa", "Max-at-the-door", "table"))
