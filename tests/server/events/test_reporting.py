"""What is said of an event afterwards: a post below it, and a number; told to others only if the organisers say so."""

from datetime import timedelta

import pytest

from federation.context import Context
from models.actor import Actor
from models.event import Event
from models.idempotency import Asker
from models.member import Member
from models.post import Post, Visibility
from models.role import Role, SectionAct
from models.section import Section
from models.session import Session
from server.errors import AppError, Conflict, Forbidden, Invalid
from server.events.reporting import Report, Sent, came_line, report, typed_report
from server.posts import actions
from server.sections import roles
from tests import factories
from tests.federation.sending import sent_by


@pytest.fixture
async def held(section: Actor, main_section: Section, ctx: Context) -> Post:
    """An event of the section that was yesterday."""
    return await factories.event(section, starts_at=ctx.now() - timedelta(days=1), language="fr")


async def test_a_report_is_a_post_of_the_section_below_the_event(
    held: Post, section: Actor, stranger: Actor, ctx: Context
) -> None:
    await factories.follow(stranger, section)
    await report(held, None, Report("Une belle soirée.", 84), ctx)

    event = await Event.get(post_id=held.id).select_related("report")
    assert event.report is not None
    assert (event.report.actor_id, event.report.in_reply_to_id, event.report.visibility) == (
        section.id,
        held.id,
        Visibility.PUBLIC,
    )
    assert event.came_count == 84
    [sent] = await sent_by(section)
    assert (sent["type"], sent["object"]["type"], sent["object"]["inReplyTo"]) == ("Create", "Note", held.uri)
    assert "84" not in sent["object"]["content"]


@pytest.mark.parametrize(
    ("count", "line"), [(84, "84 personnes sont venues."), (1, "Une personne est venue."), (0, ""), (None, "")]
)
async def test_how_many_came_is_told_only_where_it_is_ticked(
    held: Post, ctx: Context, count: int | None, line: str
) -> None:
    await report(held, None, Report("Une belle soirée.", count, tells_came=True), ctx)

    said = (await Event.get(post_id=held.id).select_related("report")).report
    assert said is not None
    assert said.source_text == ("Une belle soirée." + (f"\n\n{line}" if line else ""))
    assert await typed_report(held) == Report("Une belle soirée.", count, tells_came=bool(line))


async def test_a_report_is_changed_where_it_stands(held: Post, section: Actor, ctx: Context) -> None:
    await report(held, None, Report("Une belle soirée.", 84, tells_came=True), ctx)
    first = (await Event.get(post_id=held.id)).report_id

    await report(held, None, Report("Une très belle soirée.", 85, tells_came=True), ctx)

    event = await Event.get(post_id=held.id).select_related("report")
    assert event.report_id == first
    assert event.report is not None
    assert event.report.source_text == "Une très belle soirée.\n\n85 personnes sont venues."
    assert await Post.filter(in_reply_to_id=held.id).count() == 1


async def test_a_form_that_is_sent_twice_says_it_once(held: Post, member: Actor, ctx: Context) -> None:
    session = await Session.create(
        hash="a" * 64, member=await Member.get(actor_id=member.id), device="Firefox", expires_at=ctx.now()
    )
    sent = Sent(Asker(session_id=session.id), "key")
    await report(held, None, Report("Une belle soirée."), ctx, sent=sent)
    await Event.filter(post_id=held.id).update(report_id=None)  # as if the process had died just then

    await report(held, None, Report("Une belle soirée."), ctx, sent=sent)

    assert await Post.filter(in_reply_to_id=held.id).count() == 1
    assert (await Event.get(post_id=held.id)).report_id == (await Post.get(in_reply_to_id=held.id)).id


async def test_a_number_alone_publishes_nothing(held: Post, section: Actor, ctx: Context) -> None:
    await report(held, None, Report("", 12, tells_came=True), ctx)

    assert (await Event.get(post_id=held.id)).came_count == 12
    assert not await Post.filter(in_reply_to_id=held.id).exists()
    assert await sent_by(section) == []


async def test_after_a_report_was_deleted_there_may_be_another(held: Post, section: Actor, ctx: Context) -> None:
    await report(held, None, Report("Une belle soirée."), ctx)
    said = (await Event.get(post_id=held.id).select_related("report")).report
    assert said is not None
    await actions.delete(section, said, ctx)

    await report(held, None, Report("Une soirée."), ctx)

    assert (await typed_report(held)).text == "Une soirée."


async def test_what_is_for_members_is_reported_to_members(section: Actor, main_section: Section, ctx: Context) -> None:
    event = await factories.event(
        section, starts_at=ctx.now() - timedelta(days=1), visibility=Visibility.SECTION, group=section
    )
    await report(event, None, Report("Entre nous."), ctx)

    said = (await Event.get(post_id=event.id).select_related("report")).report
    assert said is not None
    assert (said.visibility, said.group_id) == (Visibility.SECTION, section.id)


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        (Report(""), Invalid),
        (Report("  \n", None, tells_came=True), Invalid),
        (Report("Bien", -1), Invalid),
        (Report("Bien", 1_000_001), Invalid),
        (Report("x" * 5001), Invalid),
    ],
)
async def test_what_says_nothing_or_too_much_is_refused_and_not_noted(
    held: Post, ctx: Context, typed: Report, error: type[AppError]
) -> None:
    with pytest.raises(error):
        await report(held, None, typed, ctx)
    assert not await SectionAct.exists()
    assert (await Event.get(post_id=held.id)).came_count is None


async def test_a_report_that_others_have_read_cannot_become_empty(held: Post, ctx: Context) -> None:
    await report(held, None, Report("Une belle soirée."), ctx)
    with pytest.raises(Invalid):
        await report(held, None, Report(" ", 12), ctx)
    assert (await typed_report(held)).text == "Une belle soirée."


async def test_nobody_reports_on_what_has_not_begun(section: Actor, main_section: Section, ctx: Context) -> None:
    with pytest.raises(Conflict):
        await report(await factories.event(section), None, Report("Bien"), ctx)


async def test_a_report_is_for_those_whose_role_allows_it_and_is_noted(
    held: Post, main_section: Section, member: Actor, other_member: Actor, ctx: Context
) -> None:
    await roles.give(main_section, other_member, Role.MODERATOR, None, ctx)
    await SectionAct.all().delete()
    with pytest.raises(Forbidden):
        await report(held, other_member, Report("Bien"), ctx)

    await roles.give(main_section, member, Role.EDITOR, None, ctx)
    await report(held, member, Report("Bien"), ctx)

    act = await SectionAct.get(act="organise")
    assert (act.author_id, act.about) == (member.id, held.uri)


def test_the_line_is_in_the_language_of_the_event() -> None:
    assert came_line(84, "en") == "84 people came."
    assert came_line(2, "br") == came_line(2, "fr") == came_line(2, None) == "2 personnes sont venues."
