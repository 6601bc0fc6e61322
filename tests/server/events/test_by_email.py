"""Coming with nothing but an e-mail address: one letter, no place before it is confirmed, nobody learns who was known."""

from datetime import timedelta
from typing import Any

import pytest

from federation.context import Context, Work
from models.actor import Actor
from models.event import Event, EventStatus, JoinMode, Shift
from models.ids import id_at, new_id
from models.mail import Letter
from models.member import Member
from models.participation import Channel, Participation, ParticipationState, ShiftTaken
from models.post import Post, Visibility
from models.secrets import fingerprint
from server.errors import Conflict, Invalid, NotFound
from server.events import by_email, participation
from server.events.checks import Wish
from server.housekeeping import run
from server.housekeeping.chores import Terms
from server.members import leaving
from server.privacy.erasing import erase_address
from server.privacy.known import known
from tests import factories
from tests.server.events.mail import plain, tokens
from tests.world import World

EMAIL = "Rosa@post.example"
ACCEPTED, UNCONFIRMED, WAITING = (
    ParticipationState.ACCEPTED,
    ParticipationState.UNCONFIRMED,
    ParticipationState.WAITING,
)
HOUR = timedelta(hours=1)


@pytest.fixture
async def event(section: Actor) -> Post:
    """An event of ours with a question, guests and places."""
    question = {"id": "1", "label": "Une voiture ?", "kind": "yes_no", "choices": [], "is_required": False}
    return await factories.event(section, "Réunion", most_guests=2, questions=[question], language="fr")


@pytest.fixture
async def shift(event: Post) -> Shift:
    """Something to do there, by one person."""
    terms = await Event.get(post_id=event.id)
    hours = {"starts_at": terms.starts_at, "ends_at": terms.ends_at}
    return await Shift.create(uri="https://lille.test/shifts/1", event=terms, name="Accueil", places=1, **hours)


async def leave(event: Post, ctx: Context, email: str = EMAIL, language: str = "fr", **wish: Any) -> None:
    await by_email.leave_address(event, email, Wish(**wish), ctx, language=language)


async def confirmed(event: Post, ctx: Context, email: str = EMAIL, **wish: Any) -> Participation:
    """Somebody who left an address and followed the link."""
    await leave(event, ctx, email, **wish)
    row = await Participation.get(email_fingerprint=fingerprint(email), event_id=event.id)
    return await by_email.confirm(await linked(row, ctx), ctx)


async def linked(row: Participation, ctx: Context) -> Participation:
    """The same row, found by its private link."""
    return await by_email.of_link(by_email.link_of(row, ctx).rpartition("/")[2])


class TestLeaving:
    """Leaving an address."""

    async def test_it_is_sealed_and_written_to_and_holds_no_place(
        self, event: Post, ctx: Context, world: World, shift: Shift
    ) -> None:
        await leave(event, ctx, name=" Rosa  Q. ", guests=1, answers={"1": "yes"}, shift_ids=[shift.id], message="Hé")
        row = await Participation.get()
        assert (row.email, row.name, row.guests, row.answers, row.message) == (EMAIL, "Rosa Q.", 1, '{"1":"yes"}', "Hé")
        assert (row.state, row.channel, row.actor_id, row.wished_shifts) == (
            UNCONFIRMED,
            Channel.EMAIL,
            None,
            [shift.id],
        )
        assert not await ShiftTaken.exists()
        assert await Participation.coming([event.id]) == {}
        letter = await Letter.get()
        assert (letter.recipient, letter.sender_name) == (EMAIL, "Section de Lille")
        assert world.woken == [Work.MAIL]

    @pytest.mark.parametrize(
        ("language", "words"), [("fr", "Pour confirmer, ouvrez cette page"), ("en", "To confirm, open this page")]
    )
    async def test_the_letter_says_what_and_when_in_the_language_of_its_reader(
        self, event: Post, ctx: Context, language: str, words: str
    ) -> None:
        await leave(event, ctx, language=language, name="Buy this", message="And that")
        text = plain(await Letter.get())
        assert words in text
        assert "(Paris)" in text
        assert "Buy this" not in text
        assert "And that" not in text

    async def test_it_is_written_to_once_an_hour(self, event: Post, ctx: Context, world: World) -> None:
        for _ in range(3):
            await leave(event, ctx, email="rosa@POST.example")
        await leave(event, ctx)
        assert (await Participation.all().count(), await Letter.all().count()) == (1, 1)
        world.now += HOUR
        await leave(event, ctx)
        assert await Letter.all().count() == 2
        assert len(set(await tokens())) == 1

    async def test_nobody_is_flooded_by_way_of_many_events(self, section: Actor, ctx: Context) -> None:
        for _ in range(by_email.LETTERS_AN_HOUR + 2):
            await leave(await factories.event(section), ctx)
        assert await Letter.all().count() == by_email.LETTERS_AN_HOUR

    async def test_until_it_is_confirmed_the_last_wish_counts(self, event: Post, ctx: Context) -> None:
        await leave(event, ctx, name="Rosa", guests=2)
        await leave(event, ctx, name="Rosa Q.", language="en")
        row = await Participation.get()
        assert (row.name, row.guests, row.language) == ("Rosa Q.", 0, "en")

    async def test_once_it_is_confirmed_nobody_else_changes_anything(
        self, event: Post, ctx: Context, world: World
    ) -> None:
        before = await confirmed(event, ctx, name="Rosa", guests=1)
        world.now += HOUR
        await leave(event, ctx, name="Somebody", guests=0, language="en")
        row = await Participation.get()
        assert (row.name, row.guests, row.language, row.state) == ("Rosa", 1, "fr", before.state)
        letter = (await Letter.all().order_by("id"))[-1]
        assert "Somebody" not in letter.message
        assert "d=C3=A9j=C3=A0" in letter.message
        assert len(set(await tokens())) == 1

    async def test_whoever_leaves_one_is_answered_alike_whether_it_was_known_or_not(
        self, event: Post, ctx: Context
    ) -> None:
        for _ in range(2):
            assert await by_email.leave_address(event, EMAIL, Wish(), ctx) is None  # type: ignore[func-returns-value]
        await by_email.confirm(await linked(await Participation.get(), ctx), ctx)
        assert await by_email.leave_address(event, EMAIL, Wish(), ctx) is None  # type: ignore[func-returns-value]

    @pytest.mark.parametrize(
        "wish",
        [
            {"email": "rosa"},
            {"language": "de"},
            {"guests": 3},
            {"guests": -1},
            {"answers": {"1": "perhaps"}},
            {"answers": {"2": "yes"}},
            {"shift_ids": [7]},
            {"name": "a" * 101},
            {"message": "a" * 2001},
        ],
    )
    async def test_what_the_event_does_not_offer_is_refused(
        self, event: Post, ctx: Context, wish: dict[str, Any]
    ) -> None:
        with pytest.raises(Invalid):
            await leave(event, ctx, **wish)
        assert not await Participation.exists()
        assert not await Letter.exists()

    async def test_a_full_shift_is_refused(self, event: Post, shift: Shift, remote_actor: Actor, ctx: Context) -> None:
        row = await Participation.create(event=event, actor=remote_actor, state=ACCEPTED)
        await ShiftTaken.create(shift=shift, participation=row)
        with pytest.raises(Conflict, match="Enough people"):
            await leave(event, ctx, shift_ids=[shift.id])

    @pytest.mark.parametrize(
        "terms",
        [{"status": EventStatus.CANCELLED}, {"join_mode": JoinMode.NONE}, {"join_mode": JoinMode.EXTERNAL}],
    )
    async def test_an_event_that_takes_nobody_takes_no_address(
        self, section: Actor, ctx: Context, terms: dict[str, Any]
    ) -> None:
        with pytest.raises(Conflict):
            await leave(await factories.event(section, **terms), ctx)

    async def test_nor_does_one_that_is_over(self, section: Actor, ctx: Context) -> None:
        with pytest.raises(Conflict, match="over"):
            await leave(await factories.event(section, starts_at=ctx.now() - 3 * HOUR), ctx)

    @pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.SECTION, Visibility.DIRECT])
    async def test_nor_one_that_is_not_for_everybody(
        self, section: Actor, ctx: Context, visibility: Visibility
    ) -> None:
        with pytest.raises(NotFound):
            await leave(await factories.event(section, visibility=visibility), ctx)

    async def test_nor_one_of_another_server_or_what_is_no_event(
        self, section: Actor, remote_actor: Actor, ctx: Context
    ) -> None:
        for post in (await factories.event(remote_actor), await factories.post(section)):
            with pytest.raises(NotFound):
                await leave(post, ctx)


class TestLink:
    """What the private link does."""

    async def test_it_confirms_once(self, event: Post, ctx: Context, shift: Shift) -> None:
        await leave(event, ctx, guests=1, shift_ids=[shift.id])
        [token] = await tokens()
        for _ in range(2):
            row = await by_email.confirm(await by_email.of_link(token), ctx)
            assert (row.state, row.guests, row.said_at) == (ACCEPTED, 1, ctx.now())
        assert await Participation.coming([event.id]) == {event.id: 2}
        assert await ShiftTaken.all().count() == 1

    @pytest.mark.parametrize("token", ["", "x", "é", "a" * 43, "a" * 5000])
    async def test_no_other_link_leads_anywhere(self, event: Post, ctx: Context, token: str) -> None:
        await leave(event, ctx)
        with pytest.raises(NotFound):
            await by_email.of_link(token)

    async def test_where_it_is_full_they_wait_and_come_up(self, section: Actor, ctx: Context, world: World) -> None:
        event = await factories.event(section, capacity=1)
        first = await confirmed(event, ctx, "a@post.example")
        second = await confirmed(event, ctx, "b@post.example")
        assert (first.state, second.state) == (ACCEPTED, WAITING)
        await by_email.withdraw(first, ctx)
        assert (await Participation.get()).state is ACCEPTED

    async def test_where_organisers_agree_first_they_ask(self, section: Actor, ctx: Context) -> None:
        event = await factories.event(section, join_mode=JoinMode.RESTRICTED)
        assert (await confirmed(event, ctx)).state is ParticipationState.REQUESTED

    async def test_its_owner_changes_their_mind(self, event: Post, shift: Shift, ctx: Context) -> None:
        row = await confirmed(event, ctx, guests=2, message="Hé", shift_ids=[shift.id])
        row = await by_email.change(row, Wish("Rosa", 1, [shift.id], {"1": "no"}), ctx)
        assert (row.name, row.guests, row.answers, row.message, row.state) == (
            "Rosa",
            1,
            '{"1":"no"}',
            None,
            ACCEPTED,
        )
        row = await by_email.change(row, Wish(), ctx, state=ParticipationState.DECLINED)
        assert row.state is ParticipationState.DECLINED
        assert not await ShiftTaken.exists()
        row = await by_email.change(row, Wish(), ctx, state=ParticipationState.TENTATIVE)
        assert row.state is ParticipationState.TENTATIVE
        assert (await by_email.change(row, Wish(), ctx)).state is ACCEPTED

    async def test_what_is_no_answer_is_refused(self, event: Post, ctx: Context) -> None:
        row = await confirmed(event, ctx)
        for wish, state in ((Wish(), ParticipationState.INVITED), (Wish(guests=9), ACCEPTED)):
            with pytest.raises(Invalid):
                await by_email.change(row, wish, ctx, state=state)

    async def test_a_cancelled_event_takes_no_yes_and_lets_go(self, event: Post, ctx: Context) -> None:
        row = await confirmed(event, ctx)
        await leave(event, ctx, "other@post.example")
        other = await Participation.get(state=UNCONFIRMED).select_related("event__actor")
        await Event.filter(post_id=event.id).update(status=EventStatus.CANCELLED)
        with pytest.raises(Conflict):
            await by_email.confirm(other, ctx)
        with pytest.raises(Conflict):
            await by_email.change(row, Wish(), ctx)
        await by_email.change(row, Wish(), ctx, state=ParticipationState.DECLINED)
        await by_email.withdraw(row, ctx)
        assert await Participation.all().count() == 1

    async def test_what_is_withdrawn_is_gone(self, event: Post, ctx: Context) -> None:
        row = await confirmed(event, ctx)
        link = by_email.link_of(row, ctx).rpartition("/")[2]
        await by_email.withdraw(row, ctx)
        assert not await Participation.exists()
        with pytest.raises(NotFound):
            await by_email.of_link(link)
        for again in (by_email.confirm(row, ctx), by_email.withdraw(row, ctx)):
            with pytest.raises(NotFound):
                await again

    async def test_whom_the_organisers_refused_does_not_come_in_by_withdrawing(
        self, event: Post, section: Actor, ctx: Context
    ) -> None:
        row = await confirmed(event, ctx, name="Rosa")
        await participation.decide(section, row, ctx, accept=False)
        await by_email.withdraw(row, ctx)
        kept = await Participation.get()
        assert (kept.state, kept.email, kept.name) == (ParticipationState.REFUSED, None, None)
        await leave(event, ctx)
        assert (await Participation.get()).state is ParticipationState.REFUSED

    async def test_of_a_section_that_is_gone_no_link_works(self, event: Post, section: Actor, ctx: Context) -> None:
        row = await confirmed(event, ctx)
        await Actor.filter(id=section.id).update(gone_at=ctx.now())
        with pytest.raises(NotFound):
            await linked(row, ctx)


class TestMembers:
    """An address of somebody's login here."""

    @pytest.fixture
    async def login(self, member: Actor) -> Member:
        login = await Member.get(actor_id=member.id)
        login.email, login.email_fingerprint = EMAIL, fingerprint(EMAIL)
        await login.save()
        return login

    async def test_it_counts_as_that_member(self, event: Post, login: Member, ctx: Context) -> None:
        row = await confirmed(event, ctx)
        assert (row.actor_id, row.state, row.email) == (login.actor_id, ACCEPTED, EMAIL)
        assert (await linked(row, ctx)).id == row.id

    async def test_their_two_answers_become_one_and_the_link_goes_on(
        self, event: Post, login: Member, member: Actor, ctx: Context
    ) -> None:
        await participation.answer(member, event, participation.Answer.NO, ctx)
        row = await confirmed(event, ctx, guests=1)
        assert await Participation.all().count() == 1
        assert (row.actor_id, row.state, row.guests, row.channel) == (member.id, ACCEPTED, 1, Channel.EMAIL)
        await by_email.change(await linked(row, ctx), Wish(), ctx, state=ParticipationState.TENTATIVE)
        assert (await Participation.get()).state is ParticipationState.TENTATIVE

    async def test_before_it_is_confirmed_nobody_answers_for_them(
        self, event: Post, login: Member, member: Actor, ctx: Context
    ) -> None:
        await participation.join(member, event, ctx)
        await leave(event, ctx)
        assert {row.state for row in await Participation.filter(actor_id=member.id)} == {ACCEPTED}
        assert await Participation.coming([event.id]) == {event.id: 1}

    async def test_a_login_that_was_closed_is_nobodys(self, event: Post, login: Member, ctx: Context) -> None:
        login.disabled_at = ctx.now()
        await login.save()
        assert (await confirmed(event, ctx)).actor_id is None

    async def test_with_the_account_goes_the_answer(
        self, event: Post, login: Member, member: Actor, ctx: Context
    ) -> None:
        await confirmed(event, ctx)
        await leaving.delete(member, ctx)
        assert not await Participation.exists()


class TestErasing:
    """What is left goes by itself."""

    async def left(self, event: Post, ctx: Context, state: ParticipationState, **columns: Any) -> Participation:
        said_at = columns.pop("said_at")
        id_ = id_at(int(said_at.timestamp() * 1000))
        return await Participation.create(id=id_, event=event, state=state, said_at=said_at, **columns)

    async def sweep(self, ctx: Context) -> dict[str, int]:
        return await run.sweep(Terms(ctx.now(), 90), seconds=3600)

    async def test_unconfirmed_after_two_days(self, event: Post, ctx: Context) -> None:
        for number, hours in enumerate((47, 49)):
            said_at = ctx.now() - hours * HOUR
            await self.left(
                event, ctx, UNCONFIRMED, said_at=said_at, email_fingerprint=str(number), channel=Channel.EMAIL
            )
        assert (await self.sweep(ctx))["answers never confirmed"] == 1
        assert (await Participation.get()).email_fingerprint == "0"

    async def test_everybody_without_an_account_a_month_after_the_event(
        self, section: Actor, member: Actor, ctx: Context
    ) -> None:
        long_ago, days = ctx.now() - timedelta(days=60), (29, 31)
        for number, ago in enumerate(days):
            ends_at = ctx.now() - timedelta(days=ago)
            event = await factories.event(section, starts_at=ends_at - HOUR, ends_at=ends_at, came_count=3)
            at = long_ago + number * HOUR
            await self.left(event, ctx, ACCEPTED, said_at=at, email_fingerprint=f"{ago}", email=EMAIL)
            await self.left(event, ctx, ACCEPTED, said_at=at + HOUR / 4, channel=Channel.DOOR, name="Max")
            await self.left(event, ctx, ACCEPTED, said_at=at + HOUR / 2, actor=member)
        assert (await self.sweep(ctx))["answers without an account"] == 2
        assert await Participation.all().count() == 4
        assert set(await Event.all().values_list("came_count", flat=True)) == {3}


class TestPrivacy:
    """What belongs to whoever has the address."""

    async def test_it_is_shown_to_whoever_has_a_login_under_it(
        self, event: Post, member: Actor, other_member: Actor, ctx: Context
    ) -> None:
        await confirmed(event, ctx, message="Hé")
        await Member.filter(actor_id=member.id).update(email_fingerprint=fingerprint(EMAIL))
        [row] = (await known(member))["events by e-mail"]
        assert (row["event.uri"], row["email"], row["message"], row["channel"]) == (event.uri, EMAIL, "Hé", "email")
        assert "events by e-mail" not in await known(other_member)

    @pytest.mark.parametrize("state", [ACCEPTED, UNCONFIRMED, ParticipationState.REFUSED])
    async def test_it_is_erased_when_its_owner_asks_for_it(
        self, event: Post, ctx: Context, state: ParticipationState
    ) -> None:
        await confirmed(event, ctx)
        await leave(event, ctx, "other@post.example")
        await Participation.filter(email_fingerprint=fingerprint(EMAIL)).update(state=state)
        assert await erase_address(EMAIL, ctx) == 1
        assert (await Participation.get()).email == "other@post.example"
        assert [letter.recipient for letter in await Letter.all()] == ["other@post.example"]

    async def test_a_place_that_was_erased_goes_to_whoever_waits(self, section: Actor, ctx: Context) -> None:
        event = await factories.event(section, capacity=1)
        for email in (EMAIL, "other@post.example"):
            await confirmed(event, ctx, email)
        await erase_address(EMAIL, ctx)
        assert (await Participation.get()).state is ACCEPTED


async def test_an_id_is_no_link(event: Post, ctx: Context) -> None:
    await leave(event, ctx)
    with pytest.raises(NotFound):
        await by_email.of_link(str((await Participation.get()).id))
    with pytest.raises(NotFound):
        await by_email.of_link(str(new_id()))
