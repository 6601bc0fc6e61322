"""A section's reports in the hands of its moderators: read, noted, closed, and what was reported taken down."""

import pytest

from federation.context import Context
from models.activity import ActivityRecord
from models.actor import Actor
from models.consent import Look
from models.membership import Membership, MembershipState
from models.moderation import Report, ReportOutcome, SectionReport
from models.post import Post, Visibility
from models.reaction import Announce
from models.role import Role, SectionAct
from models.section import Section
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.posts import actions as posts
from server.posts.actions import Draft
from server.reports.actions import report
from server.sections import membership, reports, roles, speaking
from server.sections.permissions import Act
from tests import factories
from tests.federation.submitting import submit
from tests.world import World

DONE, NOTHING = ReportOutcome.DEALT_WITH, ReportOutcome.NOTHING_DONE


@pytest.fixture
async def moderator(main_section: Section, ctx: Context) -> Actor:
    """Somebody who keeps order in the section, and does not belong to it."""
    actor = await factories.member(ctx, "max", "Max")
    await roles.give(main_section, actor, Role.MODERATOR, None, ctx)
    await SectionAct.all().delete()
    return actor


@pytest.fixture
async def own(main_section: Section, ctx: Context) -> Post:
    """A post of the section."""
    post = await speaking.publish(main_section, None, Draft("Réunion samedi"), ctx)
    await SectionAct.all().delete()
    return post


@pytest.fixture
async def shown(main_section: Section, remote_actor: Actor, ctx: Context) -> Post:
    """A post of another server that the section passes on."""
    post = await factories.post(remote_actor, "Venez donc")
    await posts.announce(main_section.actor, post, ctx)
    return post


async def of_section(reporter: Actor, section: Section, ctx: Context, *named: Post, comment: str = "") -> int:
    """Report the author of some posts, or the section; the number that it has there."""
    actor = await Actor.get(id=named[0].actor_id) if named else section.actor
    kept = await report(reporter, actor, ctx, post_ids=[post.id for post in named], comment=comment)
    return (await SectionReport.get(report_id=kept.id)).id


async def noted() -> list[tuple[int | None, str, str]]:
    return [(row.author_id, row.act, row.about) for row in await SectionAct.all().order_by("id")]


async def test_those_that_wait_are_listed_newest_first_and_the_look_is_noted(
    main_section: Section, moderator: Actor, member: Actor, own: Post, shown: Post, ctx: Context
) -> None:
    first = await of_section(member, main_section, ctx, own, comment="C’est faux")
    second = await of_section(member, main_section, ctx, shown)

    found = await reports.reports(main_section, moderator)

    assert [(one.id, one.reported.username, one.comment, one.posts_count) for one in found] == [
        (second, "noor", "", 1),
        (first, "lille", "C’est faux", 1),
    ]
    [older] = await reports.reports(main_section, moderator, max_id=second)
    assert older.id == first
    assert await reports.waiting(main_section, moderator) == 2
    looked = await Look.all().order_by("id").values_list("viewer_id", "at_what", "rows")
    assert looked == [(moderator.id, "reports", 2), (moderator.id, "reports", 1)]


async def test_nothing_of_it_says_who_reported(
    main_section: Section, moderator: Actor, member: Actor, stranger: Actor, own: Post, ctx: Context, world: World
) -> None:
    instance = await factories.remote_actor(ctx, world, "https://elsewhere.test/actor", kind="Application")
    await of_section(member, main_section, ctx, own)
    await submit(factories.activity("Flag", stranger.uri, own.uri), stranger, ctx)

    found = await reports.reports(main_section, moderator)

    assert [one.origin for one in found] == ["elsewhere.test", ""]
    for one in (*found, await reports.report(main_section, found[0].id, moderator)):
        for who in (member, stranger, instance):
            assert who.uri not in repr(one)
        assert not hasattr(one, "reporter")


async def test_one_is_read_with_what_was_said_among_the_members(
    main_section: Section, moderator: Actor, member: Actor, other_member: Actor, ctx: Context
) -> None:
    for person in (member, other_member):
        await membership.add(main_section.actor, person)
    draft = Draft("Entre nous", Visibility.SECTION, section=main_section.actor)
    inside, gone = [await posts.publish(other_member, draft, ctx) for _ in range(2)]
    id_ = await of_section(member, main_section, ctx, inside, gone)
    await posts.delete(other_member, gone, ctx)

    seen = await reports.report(main_section, id_, moderator)

    assert [(one.view.post.id, one.act) for one in seen.posts] == [(inside.id, None)]
    assert seen.posts_count == 2
    assert await Look.exists(viewer_id=moderator.id, at_what="report", rows=1)
    assert not await Post.visible_to(moderator).filter(id=inside.id).exists()


async def test_nobody_has_a_report_about_themselves(
    main_section: Section, moderator: Actor, member: Actor, ctx: Context
) -> None:
    post = await factories.post(moderator, "Non", visibility=Visibility.SECTION, group=main_section.actor)
    await membership.add(main_section.actor, member)
    id_ = await of_section(member, main_section, ctx, post)

    assert await reports.reports(main_section, moderator) == []
    assert await reports.waiting(main_section, moderator) == 0
    with pytest.raises(NotFound):
        await reports.report(main_section, id_, moderator)
    with pytest.raises(NotFound):
        await reports.set_note(main_section, id_, "Rien de grave", moderator)
    with pytest.raises(NotFound):
        await reports.close(main_section, id_, NOTHING, moderator, ctx)
    assert [one.id for one in await reports.reports(main_section, None)] == [id_]
    assert await noted() == []


async def test_those_of_another_section_are_not_there(
    main_section: Section, moderator: Actor, member: Actor, ctx: Context
) -> None:
    actor = await factories.section(ctx, "arras", "Section d’Arras", is_main=False)
    arras = await Section.get(actor_id=actor.id).select_related("actor")
    id_ = await of_section(member, arras, ctx)

    with pytest.raises(NotFound):
        await reports.report(main_section, id_, moderator)
    with pytest.raises(Forbidden):
        await reports.report(arras, id_, moderator)


async def test_a_note_replaces_the_one_before_and_is_sealed(
    main_section: Section, moderator: Actor, member: Actor, ctx: Context
) -> None:
    id_ = await of_section(member, main_section, ctx)
    for text in ("À revoir", " Parlé à Inès. "):
        await reports.set_note(main_section, id_, text, moderator)

    assert (await reports.report(main_section, id_, moderator)).note == "Parlé à Inès."
    assert await noted() == [(moderator.id, "handle reports", f"note {id_}")] * 2
    with pytest.raises(Invalid):
        await reports.set_note(main_section, id_, "x" * 2001, moderator)
    await reports.set_note(main_section, id_, "", moderator)
    assert (await SectionReport.get(id=id_)).note is None


async def test_closed_as_nothing_done_it_waits_no_longer_and_all_stays(
    main_section: Section, moderator: Actor, member: Actor, own: Post, ctx: Context
) -> None:
    id_ = await of_section(member, main_section, ctx, own)

    await reports.close(main_section, id_, NOTHING, moderator, ctx, note="Une blague")

    assert await reports.reports(main_section, moderator) == []
    [closed] = await reports.reports(main_section, moderator, is_closed=True)
    assert (closed.id, closed.outcome, closed.closed_at, closed.note) == (id_, NOTHING, ctx.now(), "Une blague")
    assert await Post.exists(id=own.id)
    assert await noted() == [(moderator.id, "handle reports", f"nothing_done {id_}")]
    assert (await Report.get()).resolved_at is None  # the administrators have it still


async def test_what_the_section_published_is_deleted_with_it(
    main_section: Section, moderator: Actor, member: Actor, own: Post, ctx: Context
) -> None:
    id_ = await of_section(member, main_section, ctx, own)
    assert (await reports.report(main_section, id_, moderator)).posts[0].act is Act.DELETE_POST

    await reports.close(main_section, id_, DONE, moderator, ctx, take_down=[own.uri])

    assert not await Post.exists(id=own.id)
    expected = [("handle reports", f"dealt_with {id_}"), ("delete post", own.uri)]
    assert await noted() == [(moderator.id, *one) for one in expected]
    assert (await reports.report(main_section, id_, moderator)).posts == []


async def test_what_it_passes_on_is_passed_on_no_longer(
    main_section: Section, moderator: Actor, member: Actor, shown: Post, ctx: Context
) -> None:
    id_ = await of_section(member, main_section, ctx, shown)
    assert (await reports.report(main_section, id_, moderator)).posts[0].act is Act.STOP_ANNOUNCING

    await reports.close(main_section, id_, DONE, moderator, ctx, take_down=[shown.uri])

    assert not await Announce.exists(actor_id=main_section.actor_id)
    assert await Post.exists(id=shown.id)
    assert [act for _, act, _ in await noted()] == ["handle reports", "stop announcing"]
    assert (await reports.report(main_section, id_, moderator)).posts[0].act is None


async def test_what_another_servers_member_said_to_the_members_is_passed_on_no_longer(
    main_section: Section, moderator: Actor, member: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    section = main_section.actor
    for person in (remote_actor, stranger, member):
        await Membership.create(uri=f"{person.uri}/join", group=section, member=person, state=MembershipState.ACCEPTED)
    said = factories.create(remote_actor.uri, to=[section.members_uri], cc=[], audience=section.uri)
    await submit(said, remote_actor, ctx)
    post = await Post.get(uri=said["object"]["id"])
    id_ = await of_section(member, main_section, ctx, post)

    await reports.close(main_section, id_, DONE, moderator, ctx, take_down=[post.uri])

    undo = await ActivityRecord.get(type="Undo", actor_uri=section.uri)
    assert member.uri not in undo.document
    assert section.members_uri in undo.document


async def test_all_of_it_happens_or_nothing(
    main_section: Section, moderator: Actor, member: Actor, shown: Post, ctx: Context
) -> None:
    other = await factories.post(await Actor.get(id=shown.actor_id), "Encore")
    await posts.announce(main_section.actor, other, ctx)
    id_ = await of_section(member, main_section, ctx, shown, other)
    await posts.unannounce(main_section.actor, other, ctx)

    with pytest.raises(NotFound):
        await reports.close(main_section, id_, DONE, moderator, ctx, note="Fait", take_down=[shown.uri, other.uri])

    assert await Announce.exists(actor_id=main_section.actor_id, post_id=shown.id)
    row = await SectionReport.get(id=id_)
    assert (row.closed_at, row.outcome, row.note) == (None, None, None)
    assert await noted() == []


async def test_what_makes_no_sense_is_refused(
    main_section: Section, moderator: Actor, member: Actor, own: Post, shown: Post, ctx: Context
) -> None:
    id_ = await of_section(member, main_section, ctx, own)
    wrong: list[tuple[ReportOutcome, list[str]]] = [
        (NOTHING, [own.uri]),
        (DONE, [shown.uri]),
        (DONE, ["https://far.test/1"]),
    ]
    for outcome, uris in wrong:
        with pytest.raises(Invalid):
            await reports.close(main_section, id_, outcome, moderator, ctx, take_down=uris)
    with pytest.raises(Invalid):
        await reports.close(main_section, id_, NOTHING, moderator, ctx, note="x" * 2001)

    assert await reports.waiting(main_section, moderator) == 1
    assert await Post.filter(id__in=[own.id, shown.id]).count() == 2


async def test_it_is_closed_once(
    main_section: Section, moderator: Actor, member: Actor, own: Post, ctx: Context
) -> None:
    id_ = await of_section(member, main_section, ctx, own)
    await reports.close(main_section, id_, NOTHING, None, ctx)

    with pytest.raises(Conflict):
        await reports.close(main_section, id_, DONE, moderator, ctx, take_down=[own.uri])

    assert await Post.exists(id=own.id)
    assert (await SectionReport.get(id=id_)).outcome is NOTHING


async def test_it_goes_with_whoever_was_reported(
    main_section: Section, member: Actor, shown: Post, ctx: Context
) -> None:
    await of_section(member, main_section, ctx, shown)
    await Actor.filter(id=shown.actor_id).delete()

    assert not await SectionReport.exists()


async def test_what_is_passed_on_names_no_moderator(
    main_section: Section, moderator: Actor, member: Actor, own: Post, remote_actor: Actor, ctx: Context
) -> None:
    await factories.follow(remote_actor, main_section.actor)
    id_ = await of_section(member, main_section, ctx, own, comment="Quinze mensonges")
    await reports.close(main_section, id_, DONE, moderator, ctx, note="Avec Inès", take_down=[own.uri])

    for record in await ActivityRecord.all():
        for word in (moderator.uri, member.uri, "mensonges", "Inès", "Flag"):
            assert word not in record.document
