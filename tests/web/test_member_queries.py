"""What is behind the login asks the database as often for thirteen of anything as for three: one row for each page."""

from collections.abc import Sequence
from datetime import timedelta

from httpx2 import AsyncClient

from federation.context import Context
from models.actor import Actor
from models.consent import Purpose
from models.event import Event, EventSeries, Organising, Shift
from models.filters import Filter, FilterKeyword
from models.ids import new_id
from models.lists import Listed, ReadingList
from models.media import Media
from models.member import Member
from models.membership import JoinLink, Membership, MembershipHistory, MembershipState, MembershipStep
from models.moderation import Block, ReportOutcome, SectionReport
from models.mute import HostMute, Mute
from models.oauth import AccessToken, Application
from models.participation import Participation, ParticipationState, ShiftTaken
from models.passkey import Passkey
from models.post import Attachment
from models.reaction import Announce
from models.role import Role, RoleHolder, RoleOffer, SectionAct
from models.scheduled import ScheduledPost
from models.section import Section
from models.session import Session
from models.sign_up import SignUp
from models.tag_follow import TagFollow
from server.consents import actions as consents
from server.events import announcing, series
from server.events.drafts import EventDraft, PlaceDraft
from server.events.recurrence import Frequency, Rule
from server.posts.actions import Draft
from server.posts.scheduled import written
from server.reports.actions import report
from server.sections import speaking
from tests import factories
from tests.web.test_queries import needs_sqlite, statements
from tests.world import World

DESK = "/@lille/desk"
LISTS = {
    "/me": 30,
    "/me/consents": 25,
    "/me/sessions": 25,
    "/me/passkeys": 25,
    "/me/data": 60,
    "/me/join": 25,
    "/write": 20,
    "/me/drafts": 20,
    "/me/scheduled": 20,
    "/me/agenda": 20,
    "/me/events": 30,
    "/me/events?when=past": 30,
    "/me/privacy": 25,
    "/me/export": 25,
    "/me/profile": 25,
    "/me/language": 25,
    "/me/moving": 25,
    "/me/follows": 25,
    **{f"/me/follows/{part}": 25 for part in ("followers", "requests", "tags", "muted", "blocked", "servers")},
    "/me/lists": 25,
    "/me/filters": 25,
    "/me/filters/new": 25,
    "/me/agenda?near=lille": 20,
    DESK: 30,
    f"{DESK}/events": 30,
    f"{DESK}/events/new?kind=meeting": 30,
    f"{DESK}/requests": 30,
    f"{DESK}/together": 30,
    f"{DESK}/sign_ups": 30,
    f"{DESK}/members": 30,
    f"{DESK}/invitations": 30,
    f"{DESK}/contacts": 30,
    f"{DESK}/roles": 30,
    f"{DESK}/acts": 30,
    f"{DESK}/page": 30,
    f"{DESK}/posts": 30,
    f"{DESK}/write": 30,
    f"{DESK}/reports": 30,
    f"{DESK}/reports?state=closed": 30,
    f"{DESK}/import": 30,
}


async def fill(ctx: Context, world: World, section: Section, zoe: Actor, numbers: range) -> None:
    """Add, for each number, whatever any of these pages lists."""
    login, soon = await Member.get(actor_id=zoe.id), ctx.now() + timedelta(days=9)
    for number in numbers:
        people = [
            await factories.remote_actor(ctx, world, f"https://far{number}.test/users/{name}{number}", key=1)
            for name in ("ask", "in", "out")
        ]
        states = (MembershipState.REQUESTED, MembershipState.ACCEPTED, MembershipState.INVITED)
        for person, state in zip(people, states, strict=True):
            uri = f"{person.uri}/join"
            await Membership.create(uri=uri, group=section.actor, member=person, state=state, message="Bonjour")
            await MembershipHistory.create(group=section.actor, member=person, step=MembershipStep.ASKED)
        ours = await factories.member(ctx, f"ours{number}", f"Ours {number}")
        await RoleHolder.create(section=section, holder=ours, role=Role.EDITOR, giver=zoe)
        await RoleOffer.create(section=section, person=ours, role=Role.MODERATOR, giver=zoe, expires_at=soon)
        await SectionAct.create(section=section, author=ours, act="publish", about=f"https://lille.test/posts/{number}")
        theirs, own = await factories.event(people[0]), await factories.event(section.actor)
        await Organising.create(uri=f"{theirs.uri}#o", event_id=theirs.id, section=section.actor)
        await Organising.create(uri=f"{own.uri}#o", event_id=own.id, section=people[1])
        await JoinLink.create(hash=f"{number:064d}", group=section.actor, maker=zoe, expires_at=soon)
        await factories.contact(section.actor, f"somebody{number}@post.example", name="Lou")
        other = await factories.section(ctx, f"other{number}", f"Other {number}", is_main=False)
        await Membership.create(group=other, member=zoe, state=MembershipState.ACCEPTED)
        await factories.event(other, f"Event {number}", capacity=9)
        await factories.event(other, f"Exhibition {number}", starts_at=ctx.now() - timedelta(days=1), ends_at=soon)
        await Membership.create(group=await factories.section(ctx, f"asks{number}", "Asks", is_main=False), member=zoe,
                                uri=f"https://lille.test/invite/{new_id()}", state=MembershipState.INVITED)  # fmt: skip
        said = await speaking.publish(section, ours, Draft(f"Message {number} #bus", content_warning="Bus"), ctx)
        await report(ours, section.actor, ctx, post_ids=[said.id], comment="Non")
        kept = await report(ours, section.actor, ctx)
        closed = {"closed_at": ctx.now(), "outcome": ReportOutcome.NOTHING_DONE}
        await SectionReport.filter(report_id=kept.id).update(**closed)
        await consents.give(other, zoe, Purpose.EVENTS, language="fr", by="form")
        await Session.create(hash=f"{number:064x}", member=login, device="Firefox", expires_at=soon)
        app = await Application.create(
            client_id=f"{number}", client_secret_hash="", name="Tusky", redirect_uris="tusky://x", scopes="read"
        )
        await AccessToken.create(hash=f"{number:064x}", member=login, application=app, scopes="read")
        for due_at in (None, soon):
            kept = await ScheduledPost.create(author=zoe, due_at=due_at, draft=written(Draft("Demain")))
            await Media.create(
                url=f"https://lille.test/media/{new_id()}.webp", owner=zoe, scheduled=kept, media_type="image/webp",
                size_bytes=1, width=1, height=1, blurhash="", expires_at=soon,
            )  # fmt: skip
        await Passkey.create(member=login, hash=f"{number:064x}", credential="AA", public_key="AA", name="Clé")
        await SignUp.create(
            username=f"new{number}",
            email="a@b.example",
            email_fingerprint=f"{number}",
            password_hash="",
            confirmed_at=soon,
        )


async def fill_reading(zoe: Actor, other: Actor, people: Sequence[Actor], numbers: range) -> None:
    """Add, for each number, whatever pages show of whom and what somebody reads."""
    lists, filters = ReadingList.filter(owner_id=zoe.id).order_by("id"), Filter.filter(owner_id=zoe.id).order_by("id")
    first = await lists.first() or await ReadingList.create(owner=zoe, title="Amis")
    bus = await filters.first() or await Filter.create(owner=zoe, title="Bus", contexts=["account"])
    for number, person in zip(numbers, people, strict=True):
        await factories.follow(zoe, person)
        await factories.follow(person, zoe)
        await Block.create(uri=f"{zoe.uri}/b/{number}", blocker=zoe, blocked=person)
        await Mute.create(muter=zoe, muted=person)
        await HostMute.create(muter=zoe, host=f"bad{number}.test")
        await TagFollow.create(actor=zoe, name=f"mot{number}")
        await Listed.create(list=first, actor=person)
        await ReadingList.create(owner=zoe, title=f"Liste {number}")
        await FilterKeyword.create(part_of=bus, keyword="bus")
        await Filter.create(owner=zoe, title=f"Filtre {number}", contexts=["home"])
        written = await factories.post(other, f"Le bus {number}")
        await Attachment.create(post=written, url="https://far.test/1.png", media_type="image/png")
        await Announce.create(uri=f"{person.uri}/a/{number}", actor=other, post=await factories.post(person, "Loin"))
        event = await factories.event(other, f"Réunion {number}")
        row = await Participation.create(event=event, actor=zoe, state=ParticipationState.ACCEPTED)
        terms = await Event.get(post_id=event.id)
        shift = await Shift.create(
            uri=f"{event.uri}#s", event=terms, name="Table", starts_at=terms.starts_at, ends_at=terms.ends_at
        )
        await ShiftTaken.create(shift=shift, participation=row)
    await Actor.filter(id=zoe.id).update(also_known_as=[person.uri for person in people])


@needs_sqlite
async def test_whom_one_reads_asks_as_much_for_forty_as_for_three(
    zoe: AsyncClient, member: Actor, other_member: Actor, main_section: Section, ctx: Context, world: World
) -> None:
    await factories.follow(member, other_member)
    costs, addresses = [], [address for address in LISTS if "desk" not in address and address.startswith("/me")]
    for numbers in (range(3), range(3, 40)):
        people = [
            await factories.remote_actor(ctx, world, f"https://lire{number}.test/users/lu{number}", key=1)
            for number in numbers
        ]
        await fill_reading(member, other_member, people, numbers)
        reading = await ReadingList.filter(owner_id=member.id).order_by("id").first()
        bus = await Filter.filter(owner_id=member.id).order_by("id").first()
        assert reading is not None
        assert bus is not None
        some = [f"/me/lists/{reading.id}", f"/me/lists/{reading.id}/delete", f"/me/filters/{bus.id}"]
        some += [f"/me/filters/{bus.id}/delete", *(f"/people/{people[0].id}{more}" for more in ("/block", "/server"))]
        some += [f"/people/{other_member.id}{more}" for more in ("", "?show=replies", "?show=media", "/report")]
        wanted = {address.replace(str(people[0].id), "one"): address for address in [*addresses, *some]}
        costs.append({name: await cost(zoe, address) for name, address in wanted.items()})

    assert {name: (costs[0][name], count) for name, count in costs[1].items() if costs[0][name] != count} == {}
    assert {name: count for name, count in costs[1].items() if count > LISTS.get(name, 40)} == {}


async def cost(zoe: AsyncClient, address: str) -> int:
    """Count what is asked to make a page."""
    zoe._transport.app.state.site = None  # type: ignore[attr-defined]
    with statements() as seen:
        answer = await zoe.get(address)
    assert answer.status_code == 200, address
    return len(seen)


@needs_sqlite
async def test_a_page_asks_as_much_for_thirteen_as_for_three(
    zoe: AsyncClient, member: Actor, main_section: Section, ctx: Context, world: World
) -> None:
    costs = []
    for numbers in (range(3), range(3, 13)):
        await fill(ctx, world, main_section, member, numbers)
        costs.append({address: await cost(zoe, address) for address in LISTS})

    assert costs[0] == costs[1]
    assert {address: count for address, count in costs[1].items() if count > LISTS[address]} == {}


@needs_sqlite
async def test_a_report_asks_as_much_for_thirteen_posts_as_for_three(
    zoe: AsyncClient, member: Actor, main_section: Section, other_member: Actor, ctx: Context
) -> None:
    costs, ids = [], []
    for numbers in (range(3), range(3, 13)):
        ids += [
            (await speaking.publish(main_section, member, Draft(f"Message {number}"), ctx)).id for number in numbers
        ]
        kept = await report(other_member, main_section.actor, ctx, post_ids=ids)
        costs.append(await cost(zoe, f"{DESK}/reports/{(await SectionReport.get(report_id=kept.id)).id}"))

    assert costs[0] == costs[1] <= 30


@needs_sqlite
async def test_an_event_asks_as_much_for_thirteen_who_come_as_for_three(
    zoe: AsyncClient, member: Actor, main_section: Section, ctx: Context
) -> None:
    event = await factories.event(main_section.actor)
    terms = await Event.get(post_id=event.id)
    costs = []
    for numbers in (range(3), range(3, 13)):
        for number in numbers:
            ours = await factories.member(ctx, f"ours{number}", f"Ours {number}")
            row = await Participation.create(event=event, actor=ours, state=ParticipationState.ACCEPTED)
            shift = await Shift.create(
                uri=f"{event.uri}#{number}", event=terms, name="Accueil", position=number, starts_at=terms.starts_at,
                ends_at=terms.ends_at,
            )  # fmt: skip
            await ShiftTaken.create(shift=shift, participation=row)
        paths = ("", "/edit", "/status?to=cancelled", "/delete", "/report", "/people", "/door")
        costs.append({path: await cost(zoe, f"{DESK}/events/{event.id}{path}") for path in paths})

    assert costs[0] == costs[1]
    assert max(costs[1].values()) <= 30


@needs_sqlite
async def test_a_series_asks_as_much_for_thirteen_dates_as_for_three(
    zoe: AsyncClient, main_section: Section, ctx: Context
) -> None:
    draft = EventDraft("Réunion", (ctx.now() + timedelta(days=2)).replace(tzinfo=None), place=PlaceDraft("Local"))
    costs = []
    for count in (3, 13):
        made = await series.begin(main_section.actor, draft, Rule(Frequency.WEEKLY, count=count), ctx)
        for _ in range(count - 2):
            await announcing.announce_next(await EventSeries.get(id=made.id), ctx)
        first = await Event.filter(series_id=made.id).order_by("starts_at").first()
        assert first is not None
        paths = [
            f"series/{made.id}",
            *(f"{first.post_id}{path}" for path in ("", "/edit", "/status?to=cancelled", "/delete")),
        ]
        costs.append([await cost(zoe, f"{DESK}/events/{path}") for path in paths])

    assert costs[0] == costs[1]
    assert max(costs[1]) <= 30
