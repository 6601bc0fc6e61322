"""The table of permissions, walked: every role and every act; and that what does an act asks the table."""

from collections.abc import Awaitable, Callable

import pytest

from federation.context import Context
from models.actor import Actor
from models.membership import Membership, MembershipState
from models.moderation import SectionReport
from models.post import Visibility
from models.role import Role, SectionAct
from models.section import AnnouncesFrom, Openness, Section
from server.errors import Conflict, Forbidden, NotFound
from server.posts import actions as posts
from server.posts.actions import Draft
from server.reports.actions import report
from server.sections import actions, acts, belonging, links, membership, people, reports, speaking
from server.sections.permissions import PERMISSIONS, UNNOTED, Act, check, may, noted, roles_of
from server.sections.profile import SectionChanges
from tests import factories
from tests.server.sections.stage import Stage, put

BOARD = {Role.ANIMATOR, Role.MANAGER}
EDITING, ORDER = BOARD | {Role.EDITOR}, BOARD | {Role.MODERATOR}
HOLDING = {Role.ANIMATOR, Role.MANAGER, Role.MODERATOR, Role.EDITOR}

# What the table is meant to say, written a second time, so that nobody changes it without noticing.
MEANT: dict[Act, set[Role]] = {
    Act.PUBLISH: EDITING,
    Act.EDIT_POST: EDITING,
    Act.DELETE_POST: EDITING | ORDER,
    Act.WRITE_TO_MEMBERS: {Role.MEMBER},
    Act.READ_FOR_MEMBERS: {Role.MEMBER},
    Act.EDIT_PAGE: EDITING,
    Act.CHANGE_CHARTER: {Role.ANIMATOR},
    Act.CHANGE_OPENNESS: BOARD,
    Act.STOP_ANNOUNCING: ORDER,
    Act.HANDLE_REPORTS: ORDER,
    Act.SEE_REQUESTS: BOARD,
    Act.ANSWER_REQUESTS: BOARD,
    Act.INVITE: BOARD,
    Act.SEE_MEMBERS: BOARD,
    Act.SEE_SHARED_DETAILS: BOARD,
    Act.KEEP_NOTES: BOARD,
    Act.REMOVE_MEMBER: BOARD,
    Act.EXPORT_MEMBERS: {Role.ANIMATOR},
    Act.SEE_CONTACTS: BOARD,
    Act.ANSWER_TRANSFER: BOARD,
    Act.ORGANISE_TOGETHER: BOARD,
    Act.GIVE_ROLES: {Role.ANIMATOR},
    Act.TAKE_ROLES: {Role.ANIMATOR},
    Act.HAND_OVER: HOLDING,
    Act.RETIRE: HOLDING,
    Act.SEE_ACTS: BOARD,
    Act.ORGANISE: EDITING,
    Act.SEE_PARTICIPANTS: EDITING,
    Act.DECIDE_WHO_COMES: EDITING,
    Act.EXPORT_PARTICIPANTS: BOARD,
    Act.ANSWER_SIGN_UPS: BOARD,
}


def test_the_table_says_what_is_meant() -> None:
    assert dict(PERMISSIONS) == MEANT
    assert set(PERMISSIONS) == set(Act)
    assert set(Act) > UNNOTED


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("act", list(Act))
async def test_each_role_may_do_what_the_table_says_and_nothing_else(
    main_section: Section, member: Actor, ctx: Context, act: Act, role: Role
) -> None:
    await put(member, role, main_section)
    other = await Section.get(actor_id=(await factories.section(ctx, "amiens", "Amiens", is_main=False)).id)
    assert await may(member, act, main_section) is (role in MEANT[act])
    assert not await may(member, act, other)
    if role in MEANT[act]:
        await check(member, act, main_section)
    else:
        with pytest.raises(Forbidden):
            await check(member, act, main_section)


@pytest.mark.parametrize("state", [MembershipState.REQUESTED, MembershipState.INVITED, None])
async def test_who_does_not_belong_may_nothing(
    main_section: Section, member: Actor, state: MembershipState | None
) -> None:
    if state is not None:
        await Membership.create(group_id=main_section.actor_id, member=member, state=state)
    assert not [act for act in Act if await may(member, act, main_section)]


async def test_who_is_gone_holds_nothing(main_section: Section, member: Actor, ctx: Context) -> None:
    await put(member, Role.ANIMATOR, main_section)
    await Actor.filter(id=member.id).update(gone_at=ctx.now())
    assert await roles_of(member, main_section) == frozenset()


async def test_the_command_line_is_asked_nothing(main_section: Section) -> None:
    for act in Act:
        await check(None, act, main_section)


async def test_what_was_refused_is_not_noted(main_section: Section, member: Actor) -> None:
    await put(member, Role.EDITOR, main_section)
    with pytest.raises(Conflict):
        async with noted(member, Act.PUBLISH, main_section, "https://lille.test/posts/1"):
            raise Conflict("Somebody was faster.")
    assert not await SectionAct.exists()


# What does an act


Doing = Callable[[Stage], Awaitable[object]]

DONE_BY: list[tuple[Act, Doing]] = [
    (Act.PUBLISH, lambda s: speaking.publish(s.section, s.person, Draft("Bonjour"), s.ctx)),
    (Act.EDIT_POST, lambda s: speaking.edit(s.section, s.person, s.post, Draft("Bonsoir"), s.ctx)),
    (Act.DELETE_POST, lambda s: speaking.delete(s.section, s.person, s.post, s.ctx)),
    (Act.DELETE_POST, Stage.list_published),
    (Act.WRITE_TO_MEMBERS, Stage.write_to_members),
    (Act.READ_FOR_MEMBERS, lambda s: posts.readable(s.for_members.id, s.person)),
    (Act.EDIT_PAGE, lambda s: s.change(SectionChanges(place="Roubaix"))),
    (Act.EDIT_PAGE, lambda s: s.change(SectionChanges(name="Section de Roubaix"))),
    (Act.CHANGE_CHARTER, lambda s: s.change(SectionChanges(charter="Soyons brefs."))),
    (Act.CHANGE_OPENNESS, lambda s: s.change(SectionChanges(openness=Openness.OPEN))),
    (Act.CHANGE_OPENNESS, lambda s: s.change(SectionChanges(shows_authors=True))),
    (Act.CHANGE_OPENNESS, lambda s: actions.announce_from(s.section, AnnouncesFrom.EVERYBODY, s.person)),
    (Act.STOP_ANNOUNCING, lambda s: actions.stop_announcing(s.section, s.shown, s.person, s.ctx)),
    (Act.HANDLE_REPORTS, Stage.count_reports),
    (Act.HANDLE_REPORTS, Stage.list_reports),
    (Act.HANDLE_REPORTS, Stage.read_report),
    (Act.HANDLE_REPORTS, lambda s: reports.set_note(s.section, s.report_id, "À revoir", s.person)),
    (Act.HANDLE_REPORTS, Stage.close_report),
    (Act.SEE_REQUESTS, lambda s: belonging.requests(s.section.actor, s.person, s.ctx)),
    (Act.SEE_REQUESTS, lambda s: people.waiting(s.section, s.person)),
    (Act.ANSWER_REQUESTS, Stage.approve),
    (Act.INVITE, lambda s: membership.invite(s.section.actor, s.other, s.person, s.ctx)),
    (Act.INVITE, lambda s: links.make_link(s.section.actor, s.person, 1, 1, s.ctx)),
    (Act.SEE_MEMBERS, lambda s: people.people(s.section, s.person)),
    (Act.SEE_SHARED_DETAILS, Stage.see),
    (Act.KEEP_NOTES, Stage.keep_note),
    (Act.REMOVE_MEMBER, Stage.remove),
    (Act.EXPORT_MEMBERS, lambda s: people.everybody(s.section, s.person)),
    (Act.SEE_CONTACTS, Stage.see_contacts),
    (Act.ANSWER_TRANSFER, Stage.see_transfers),
    (Act.GIVE_ROLES, Stage.give),
    (Act.GIVE_ROLES, Stage.offer),
    (Act.GIVE_ROLES, Stage.take_back),
    (Act.TAKE_ROLES, Stage.take_away),
    (Act.HAND_OVER, Stage.hand_over),
    (Act.RETIRE, Stage.retire),
    (Act.SEE_ACTS, lambda s: acts.acts_of(s.section, s.person)),
    (Act.ORGANISE, Stage.announce_event),
    (Act.ORGANISE_TOGETHER, Stage.ask_another_section),
    (Act.ORGANISE, Stage.edit_event),
    (Act.ORGANISE, Stage.call_off),
    (Act.ORGANISE, Stage.ask_who_comes),
    (Act.SEE_PARTICIPANTS, Stage.see_participants),
    (Act.SEE_PARTICIPANTS, Stage.stand_at_the_door),
    (Act.DECIDE_WHO_COMES, Stage.decide_who_comes),
    (Act.EXPORT_PARTICIPANTS, Stage.export_participants),
    (Act.ANSWER_SIGN_UPS, Stage.list_sign_ups),
    (Act.ANSWER_SIGN_UPS, Stage.let_in),
    (Act.ANSWER_SIGN_UPS, Stage.keep_out),
]
"""What does each act: one row for each function, and for each part of one that asks for another act."""

WITHOUT_NOTE = {
    Stage.offer, Stage.take_back, Stage.hand_over, Stage.see_transfers, Stage.write_to_members, Stage.list_published,
    Stage.count_reports, Stage.list_reports, Stage.read_report, Stage.list_sign_ups,
}  # fmt: skip
REFUSED_AS = {Act.READ_FOR_MEMBERS: NotFound}
"""What is not for somebody is not there for them."""


@pytest.fixture
async def stage(main_section: Section, member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context) -> Stage:
    """A section that has published and shared something, and was reported; somebody who holds no role yet."""
    post = await speaking.publish(main_section, None, Draft("Bonsoir à tous"), ctx)
    for_members = await speaking.publish(main_section, None, Draft("Entre nous", Visibility.SECTION), ctx)
    shown = await factories.post(remote_actor)
    await posts.announce(main_section.actor, shown, ctx)
    await report(other_member, main_section.actor, ctx, post_ids=[post.id])
    await SectionAct.all().delete()
    report_id = (await SectionReport.get()).id
    return Stage(main_section, member, other_member, post, for_members, shown, report_id, ctx)


def test_every_act_is_done_by_something() -> None:
    assert {act for act, _ in DONE_BY} == set(Act)


@pytest.mark.parametrize("role", [*Role, None])
@pytest.mark.parametrize(("act", "do"), DONE_BY)
async def test_what_does_an_act_asks_the_table(stage: Stage, act: Act, do: Doing, role: Role | None) -> None:
    if role is not None:
        await put(stage.person, role, stage.section)
    if role not in MEANT[act]:
        with pytest.raises(REFUSED_AS.get(act, Forbidden)):
            await do(stage)
        assert not await SectionAct.exists()
        return
    await do(stage)
    found = [(row.author_id, row.act) for row in await SectionAct.all()]
    assert found == ([] if act in UNNOTED or do in WITHOUT_NOTE else [(stage.person.id, act.value)])
