"""The table of permissions, walked: every role and every act; and that what does an act asks the table."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from federation.context import Context
from models.actor import Actor
from models.membership import Membership, MembershipState
from models.post import Post
from models.role import Role, RoleHolder, RoleOffer, SectionAct
from models.section import AnnouncesFrom, Openness, Section
from server.errors import Conflict, Forbidden
from server.posts.actions import Draft
from server.posts.actions import announce as announce_post
from server.sections import actions, acts, profile, roles, speaking
from server.sections.permissions import PERMISSIONS, UNNOTED, Act, check, may, noted, roles_of
from server.sections.profile import SectionChanges
from tests import factories

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
    Act.GIVE_ROLES: {Role.ANIMATOR},
    Act.TAKE_ROLES: {Role.ANIMATOR},
    Act.HAND_OVER: HOLDING,
    Act.RETIRE: HOLDING,
    Act.SEE_ACTS: BOARD,
    Act.ORGANISE: EDITING,
    Act.SEE_PARTICIPANTS: EDITING,
    Act.DECIDE_WHO_COMES: EDITING,
    Act.EXPORT_PARTICIPANTS: BOARD,
}


async def put(person: Actor, role: Role, section: Section) -> None:
    """Let somebody hold a role, or belong."""
    if role is Role.MEMBER:
        await Membership.create(group_id=section.actor_id, member=person, state=MembershipState.ACCEPTED)
    else:
        await RoleHolder.create(section=section, holder=person, role=role)


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


@dataclass(frozen=True, slots=True)
class Stage:
    """What the acts are done with."""

    section: Section
    person: Actor
    other: Actor
    post: Post
    shown: Post
    ctx: Context

    async def give(self) -> object:
        """Give a role."""
        return await roles.give(self.section, self.other, Role.EDITOR, self.person, self.ctx)

    async def offer(self) -> object:
        """Offer a role."""
        return await roles.offer(self.section, self.other, Role.EDITOR, self.person, self.ctx)

    async def take_back(self) -> object:
        """Take back what somebody else offered."""
        expires_at = self.ctx.now() + roles.OFFERED_FOR
        offer = await RoleOffer.create(
            section=self.section, person=self.person, giver=self.other, role=Role.MODERATOR, expires_at=expires_at
        )
        return await roles.take_back(self.section, offer, self.person)

    async def take_away(self) -> object:
        """Take a role away."""
        await put(self.other, Role.EDITOR, self.section)
        return await roles.take_away(self.section, self.other, Role.EDITOR, self.person, self.ctx)

    async def hand_over(self) -> object:
        """Hand over what the person holds."""
        held = await RoleHolder.get_or_none(holder_id=self.person.id)
        role = held.role if held else Role.EDITOR
        return await roles.offer(self.section, self.other, role, self.person, self.ctx, is_hand_over=True)

    async def retire(self) -> object:
        """Give up what the person holds."""
        await put(self.other, Role.ANIMATOR, self.section)
        held = await RoleHolder.get_or_none(holder_id=self.person.id)
        return await roles.retire(self.section, self.person, held.role if held else Role.EDITOR, self.ctx)

    async def change(self, changes: SectionChanges) -> object:
        """Change what the section says of itself."""
        return await profile.edit(self.section, changes, self.person, self.ctx)


Doing = Callable[[Stage], Awaitable[object]]

DONE_BY: list[tuple[Act, Doing]] = [
    (Act.PUBLISH, lambda s: speaking.publish(s.section, s.person, Draft("Bonjour"), s.ctx)),
    (Act.EDIT_POST, lambda s: speaking.edit(s.section, s.person, s.post, Draft("Bonsoir"), s.ctx)),
    (Act.DELETE_POST, lambda s: speaking.delete(s.section, s.person, s.post, s.ctx)),
    (Act.EDIT_PAGE, lambda s: s.change(SectionChanges(place="Roubaix"))),
    (Act.EDIT_PAGE, lambda s: s.change(SectionChanges(name="Section de Roubaix"))),
    (Act.CHANGE_CHARTER, lambda s: s.change(SectionChanges(charter="Soyons brefs."))),
    (Act.CHANGE_OPENNESS, lambda s: s.change(SectionChanges(openness=Openness.OPEN))),
    (Act.CHANGE_OPENNESS, lambda s: s.change(SectionChanges(shows_authors=True))),
    (Act.CHANGE_OPENNESS, lambda s: actions.announce_from(s.section, AnnouncesFrom.EVERYBODY, s.person)),
    (Act.STOP_ANNOUNCING, lambda s: actions.stop_announcing(s.section, s.shown, s.person, s.ctx)),
    (Act.GIVE_ROLES, Stage.give),
    (Act.GIVE_ROLES, Stage.offer),
    (Act.GIVE_ROLES, Stage.take_back),
    (Act.TAKE_ROLES, Stage.take_away),
    (Act.HAND_OVER, Stage.hand_over),
    (Act.RETIRE, Stage.retire),
    (Act.SEE_ACTS, lambda s: acts.acts_of(s.section, s.person)),
]
"""What does each act: one row for each function, and for each part of one that asks for another act."""

WITHOUT_NOTE = {Stage.offer, Stage.take_back, Stage.hand_over}


@pytest.fixture
async def stage(main_section: Section, member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context) -> Stage:
    """A section that has published and shared something; somebody who holds no role yet."""
    post = await speaking.publish(main_section, None, Draft("Bonsoir à tous"), ctx)
    shown = await factories.post(remote_actor)
    await announce_post(main_section.actor, shown, ctx)
    await SectionAct.all().delete()
    return Stage(main_section, member, other_member, post, shown, ctx)


@pytest.mark.parametrize("role", [*Role, None])
@pytest.mark.parametrize(("act", "do"), DONE_BY)
async def test_what_does_an_act_asks_the_table(stage: Stage, act: Act, do: Doing, role: Role | None) -> None:
    if role is not None:
        await put(stage.person, role, stage.section)
    if role not in MEANT[act]:
        with pytest.raises(Forbidden):
            await do(stage)
        assert not await SectionAct.exists()
        return
    await do(stage)
    found = [(row.author_id, row.act) for row in await SectionAct.all()]
    assert found == ([] if act in UNNOTED or do in WITHOUT_NOTE else [(stage.person.id, act.value)])
