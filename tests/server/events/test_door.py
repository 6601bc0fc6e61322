"""The list at the door: who was seen, who came without having said so, and how many that makes."""

import asyncio
from typing import Any

import pytest

from federation.context import Context
from models.actor import Actor
from models.event import Event
from models.participation import Channel, Participation, ParticipationState
from models.post import Post
from models.role import Role, RoleHolder
from models.section import Section
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.events import by_email, door
from tests import factories


@pytest.fixture
async def event(section: Actor) -> Post:
    """An event of ours with one place."""
    return await factories.event(section, capacity=1, most_guests=1)


async def coming(event: Post, actor: Actor, **columns: Any) -> Participation:
    return await Participation.create(event=event, actor=actor, **({"state": ParticipationState.ACCEPTED} | columns))


async def came(event: Post) -> int | None:
    return (await Event.get(post_id=event.id)).came_count


async def test_whoever_is_there_came_even_if_it_is_full(event: Post, remote_actor: Actor, ctx: Context) -> None:
    await coming(event, remote_actor)
    row = await door.add_at_door(event, " Max  M. ", None, ctx, guests=1)
    assert (row.name, row.channel, row.state, row.guests, row.came_at, row.actor_id) == (
        "Max M.",
        Channel.DOOR,
        ParticipationState.ACCEPTED,
        1,
        ctx.now(),
        None,
    )
    assert await came(event) == 2


async def test_two_of_the_same_name_are_two(event: Post, ctx: Context) -> None:
    for _ in range(2):
        await door.add_at_door(event, "Max", None, ctx)
    assert await came(event) == 2


async def test_what_one_form_sends_twice_is_written_down_once(event: Post, ctx: Context) -> None:
    first, again = [await door.add_at_door(event, name, None, ctx, form_key="k") for name in ("Max", " Max ")]
    assert first.id == again.id
    assert await came(event) == 1


async def test_what_one_form_sends_twice_at_once_is_written_down_once(event: Post, ctx: Context) -> None:
    rows = await asyncio.gather(*(door.add_at_door(event, "Max", None, ctx, form_key="k") for _ in range(4)))
    assert len({row.id for row in rows}) == 1
    assert await came(event) == 1


async def test_another_name_another_form_or_another_event_is_somebody_else(
    event: Post, section: Actor, ctx: Context
) -> None:
    other = await factories.event(section, most_guests=1)
    for where, name, guests, key in (
        (event, "Max", 0, "k"), (event, "Awa", 0, "k"), (event, "Max", 1, "k"), (event, "Max", 0, "l"),
        (event, "Max", 0, ""), (event, "Max", 0, ""), (other, "Max", 0, "k"),
    ):  # fmt: skip
        await door.add_at_door(where, name, None, ctx, guests=guests, form_key=key)
    assert (await came(event), await came(other)) == (7, 1)


async def test_whoever_was_taken_off_again_can_be_written_down_by_the_same_form(event: Post, ctx: Context) -> None:
    for _ in range(2):
        row = await door.add_at_door(event, "Max", None, ctx, form_key="k")
        assert await came(event) == 1
        await door.undo_check_in(event, row.id, None, ctx)
        assert await came(event) == 0


async def test_the_key_of_a_form_opens_no_private_page(event: Post, ctx: Context) -> None:
    key = "k" * 43
    row = await door.add_at_door(event, "Max", None, ctx, form_key=key)
    for token in (key, row.hash or ""):
        with pytest.raises(NotFound):
            await by_email.of_link(token)


async def test_somebody_on_the_list_is_seen_once_and_it_can_be_taken_back(
    event: Post, remote_actor: Actor, ctx: Context
) -> None:
    row = await coming(event, remote_actor, guests=1)
    assert await came(event) is None
    for _ in range(2):
        await door.check_in(event, row.id, None, ctx)
        assert await came(event) == 2
    await door.undo_check_in(event, row.id, None, ctx)
    assert (await Participation.get()).came_at is None
    assert await came(event) == 0


async def test_who_was_only_written_down_there_goes_and_their_place_too(
    event: Post, remote_actor: Actor, ctx: Context
) -> None:
    row = await door.add_at_door(event, "Max", None, ctx)
    await coming(event, remote_actor, state=ParticipationState.WAITING)
    await door.undo_check_in(event, row.id, None, ctx)
    left = await Participation.get()
    assert (left.actor_id, left.state) == (remote_actor.id, ParticipationState.ACCEPTED)
    assert await came(event) == 0


async def test_whom_the_organisers_refused_does_not_come_in(event: Post, remote_actor: Actor, ctx: Context) -> None:
    row = await coming(event, remote_actor, state=ParticipationState.REFUSED)
    with pytest.raises(Conflict):
        await door.check_in(event, row.id, None, ctx)


@pytest.mark.parametrize(("name", "guests"), [(" ", 0), ("a" * 101, 0), ("Max", 2)])
async def test_what_cannot_be_written_down_is_refused(event: Post, ctx: Context, name: str, guests: int) -> None:
    with pytest.raises(Invalid):
        await door.add_at_door(event, name, None, ctx, guests=guests)
    assert not await Participation.exists()


async def test_nobody_is_seen_who_is_on_no_list_or_on_another(
    event: Post, section: Actor, remote_actor: Actor, ctx: Context
) -> None:
    other = await coming(await factories.event(section), remote_actor)
    unconfirmed = await Participation.create(event=event, email_fingerprint="x", state=ParticipationState.UNCONFIRMED)
    for id_ in (7, other.id, unconfirmed.id):
        for act in (door.check_in, door.undo_check_in):
            with pytest.raises(NotFound):
                await act(event, id_, None, ctx)


@pytest.mark.parametrize("role", [*Role, None])
async def test_only_organisers_stand_at_the_door(
    event: Post, main_section: Section, member: Actor, remote_actor: Actor, ctx: Context, role: Role | None
) -> None:
    row = await coming(event, remote_actor)
    if role is not None and role is not Role.MEMBER:
        await RoleHolder.create(section=main_section, holder=member, role=role)
    acts = [
        lambda: door.add_at_door(event, "Max", member, ctx),
        lambda: door.check_in(event, row.id, member, ctx),
        lambda: door.undo_check_in(event, row.id, member, ctx),
    ]
    for act in acts:
        if role in (Role.ANIMATOR, Role.MANAGER, Role.EDITOR):
            await act()
        else:
            with pytest.raises(Forbidden):
                await act()
    if role in (None, Role.MEMBER, Role.MODERATOR):
        assert await came(event) is None
