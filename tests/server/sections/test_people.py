"""What managers see of the members of their section, and that every look is written down."""

from collections.abc import Awaitable, Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.context import Context
from models.actor import Actor
from models.consent import Look
from models.membership import Membership, MembershipState, MembershipStatus
from models.role import Role, RoleHolder, SectionAct
from models.section import Section
from server.errors import Forbidden, Invalid, NotFound
from server.sections import membership, people
from server.sections.permissions import PERMISSIONS, Act
from server.sections.sharing import Shared, share
from tests import factories


@pytest.fixture
async def manager(main_section: Section, ctx: Context) -> Actor:
    """A manager of the section, who does not belong to it."""
    actor = await factories.member(ctx, "ines", "Inès")
    await RoleHolder.create(section=main_section, holder=actor, role=Role.MANAGER)
    return actor


@pytest.fixture
async def belonging(main_section: Section, member: Actor, ctx: Context) -> Actor:
    """A member who shares an e-mail address and of whom something is noted."""
    await membership.add(main_section.actor, member)
    await share(member, main_section.actor, Shared.EMAIL, "zoe@post.example", ctx)
    await people.set_dues(main_section, member, date(2027, 3, 31), None)
    await people.set_note(main_section, member, " Vient le mardi. ", None)
    return member


async def looked() -> list[tuple[str | None, str, int]]:
    rows = await Look.all().select_related("viewer").order_by("id")
    return [(row.viewer and row.viewer.username, row.at_what, row.rows) for row in rows]


async def test_a_manager_sees_who_belongs_and_the_look_is_written_down(
    main_section: Section, belonging: Actor, other_member: Actor, remote_actor: Actor, manager: Actor, ctx: Context
) -> None:
    await membership.ask(other_member, main_section.actor, ctx)
    await Membership.create(group=main_section.actor, member=remote_actor, state=MembershipState.ACCEPTED)
    await RoleHolder.create(section=main_section, holder=belonging, role=Role.EDITOR)

    found = await people.people(main_section, manager)

    assert [(one.member.handle, one.status.value, one.roles) for one in found] == [
        ("zoe", "member", (Role.EDITOR,)),
        ("noor@far.test", "member", ()),
    ]
    assert (found[0].email, found[0].phone, found[0].dues_until, found[0].note) == (
        "zoe@post.example",
        "",
        date(2027, 3, 31),
        "Vient le mardi.",
    )
    assert await looked() == [("ines", "list", 2)]


async def test_one_person_is_seen_alone(main_section: Section, belonging: Actor, manager: Actor) -> None:
    one = await people.person(main_section, belonging, manager)

    assert (one.member.id, one.email) == (belonging.id, "zoe@post.example")
    assert await looked() == [("ines", "@zoe", 1)]


async def test_who_asked_is_seen_with_what_they_wrote(
    main_section: Section, other_member: Actor, manager: Actor, ctx: Context
) -> None:
    await membership.ask(other_member, main_section.actor, ctx)
    await Membership.all().update(message="Je viens de Roubaix.")

    [one] = await people.waiting(main_section, manager)

    assert (one.member.id, one.state, one.message) == (
        other_member.id,
        MembershipState.REQUESTED,
        "Je viens de Roubaix.",
    )
    assert await looked() == [("ines", "requests", 1)]


async def test_who_may_not_see_notes_or_addresses_sees_neither(
    main_section: Section, belonging: Actor, manager: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for act in (Act.SEE_SHARED_DETAILS, Act.KEEP_NOTES):
        monkeypatch.setitem(PERMISSIONS, act, frozenset({Role.ANIMATOR}))  # type: ignore[arg-type]

    [one] = await people.people(main_section, manager)

    assert (one.email, one.note, one.dues_until) == ("", "", None)


async def test_all_that_is_known_is_taken_away_by_the_animator_alone_and_noted(
    main_section: Section, belonging: Actor, manager: Actor
) -> None:
    with pytest.raises(Forbidden):
        await people.everybody(main_section, manager)
    await RoleHolder.create(section=main_section, holder=manager, role=Role.ANIMATOR)

    [one] = await people.everybody(main_section, manager)

    assert (one.email, one.note) == ("zoe@post.example", "Vient le mardi.")
    assert await looked() == [("ines", "export", 1)]
    act = await SectionAct.filter(act="export members").get()
    assert (act.author_id, act.about) == (manager.id, "1 members")


LOOKS: list[Callable[[Section, Actor, Actor], Awaitable[object]]] = [
    lambda section, member, by: people.people(section, by),
    lambda section, member, by: people.person(section, member, by),
    lambda section, member, by: people.waiting(section, by),
    lambda section, member, by: people.everybody(section, by),
    lambda section, member, by: people.set_status(section, member, MembershipStatus.SYMPATHISER, by),
    lambda section, member, by: people.set_dues(section, member, None, by),
    lambda section, member, by: people.set_note(section, member, "", by),
]


@pytest.mark.parametrize("role", [None, Role.EDITOR, Role.MODERATOR])
async def test_nobody_else_sees_or_writes_anything_and_nothing_is_written_down_of_it(
    main_section: Section, belonging: Actor, other_member: Actor, role: Role | None
) -> None:
    await SectionAct.all().delete()
    await membership.add(main_section.actor, other_member)
    if role is not None:
        await RoleHolder.create(section=main_section, holder=other_member, role=role)
    for act in LOOKS:
        with pytest.raises(Forbidden):
            await act(main_section, belonging, other_member)
    assert await looked() == []
    assert not await SectionAct.exists()
    row = await Membership.get(member_id=belonging.id)
    assert (row.status, row.note, row.dues_until) == (MembershipStatus.MEMBER, "Vient le mardi.", "2027-03-31")


async def test_managers_of_one_section_see_nothing_of_another(
    main_section: Section, belonging: Actor, manager: Actor, ctx: Context
) -> None:
    actor = await factories.section(ctx, "amiens", "Section d’Amiens", is_main=False)
    other = await Section.get(actor_id=actor.id).select_related("actor")
    for act in LOOKS:
        with pytest.raises(Forbidden):
            await act(other, belonging, manager)
    assert await people.people(other, None) == []
    with pytest.raises(NotFound):
        await people.person(other, belonging, None)


async def test_what_is_written_is_noted_without_its_words(
    main_section: Section, belonging: Actor, manager: Actor
) -> None:
    await SectionAct.all().delete()
    await people.set_status(main_section, belonging, MembershipStatus.SYMPATHISER, manager)
    await people.set_dues(main_section, belonging, None, manager)
    await people.set_note(main_section, belonging, "", manager)

    row = await Membership.get(member_id=belonging.id)
    assert (row.status, row.dues_until, row.note) == (MembershipStatus.SYMPATHISER, None, None)
    acts = [(act.act, act.about, act.author_id) for act in await SectionAct.all().order_by("id")]
    assert acts == [("keep notes", f"{what} @zoe", manager.id) for what in ("status of", "dues of", "note about")]


async def test_nothing_is_written_of_who_does_not_belong(
    main_section: Section, other_member: Actor, ctx: Context
) -> None:
    await membership.ask(other_member, main_section.actor, ctx)
    for act in (LOOKS[1], *LOOKS[4:]):
        with pytest.raises(NotFound):
            await act(main_section, other_member, None)  # type: ignore[arg-type]


async def test_a_note_is_no_novel(main_section: Section, belonging: Actor) -> None:
    await people.set_note(main_section, belonging, "é" * 2000, None)
    with pytest.raises(Invalid):
        await people.set_note(main_section, belonging, "é" * 2001, None)


def test_a_date_is_read_as_browsers_send_it() -> None:
    assert people.read_date(" 2027-12-31 ") == date(2027, 12, 31)
    assert people.read_date(" ") is None
    for typed in ("31/12/2027", "2027-02-30", "2027", "20271231", "2027-W01-1", "۲۰۲۷-01-01"):
        with pytest.raises(Invalid):
            people.read_date(typed)


@given(st.dates())
def test_any_date_is_read_back(day: date) -> None:
    assert people.read_date(day.isoformat()) == day


@given(st.text())
def test_whatever_is_typed_is_a_date_or_refused(typed: str) -> None:
    try:
        found = people.read_date(typed)
    except Invalid:
        return
    assert found is None or found.isoformat() == typed.strip()
