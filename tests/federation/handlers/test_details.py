"""The notice that what a member shows to a section elsewhere has changed: from a member, to that section, and no more."""

from typing import Any

import pytest

from federation.context import Context
from federation.errors import FederationError, NotAuthorised, UnsupportedActivity
from models.actor import Actor
from models.consent import Consent, Purpose
from models.delivery import Delivery
from models.details import SharedDetails
from models.errand import Errand, ErrandType
from models.membership import Membership, MembershipState
from server.consents import actions as consents
from tests import factories
from tests.federation.submitting import submit
from tests.world import World

DETAILS = "https://far.test/shared-details/x"


def notice(member: Actor, group: Actor, number: int = 1, *, uri: str = DETAILS, **more: Any) -> dict[str, Any]:
    object_ = {"id": uri, "type": "SharedDetails"}
    return factories.activity("Update", member.uri, object_, number, **({"to": [group.uri]} | more))


async def belongs(member: Actor, group: Actor, state: MembershipState = MembershipState.ACCEPTED) -> Membership:
    return await Membership.create(group=group, member=member, state=state)


async def test_it_has_the_details_read_and_nothing_is_fetched_meanwhile(
    section: Actor, remote_actor: Actor, ctx: Context, world: World
) -> None:
    row = await belongs(remote_actor, section)
    await submit(notice(remote_actor, section), remote_actor, ctx)

    kept = await SharedDetails.get(membership_id=row.id)
    assert (kept.uri, kept.notices, kept.keep_until) == (DETAILS, 1, None)
    assert [(errand.type, errand.uri) for errand in await Errand.all()] == [(ErrandType.DETAILS, DETAILS)]
    assert world.fetched == []
    assert not await Delivery.exists()


async def test_what_was_shown_before_is_erased_at_once(section: Actor, remote_actor: Actor, ctx: Context) -> None:
    row = await belongs(remote_actor, section)
    await Membership.filter(id=row.id).update(email="zoe@post.example", phone="0320000000", note="Vient le mardi.")
    await consents.give(section, remote_actor, Purpose.SEND_EMAIL, language="fr", by="elsewhere")
    await submit(notice(remote_actor, section), remote_actor, ctx)
    now = await Membership.get(id=row.id)
    assert (now.email, now.phone, now.note) == (None, "0320000000", "Vient le mardi.")
    assert await Consent.exists(withdrawn_at=None)  # whether it was withdrawn is not known yet


async def test_another_one_has_it_read_anew_also_while_it_is_being_read(
    section: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await belongs(remote_actor, section)
    await submit(notice(remote_actor, section), remote_actor, ctx)
    running = await Errand.claim(ctx.now(), [ErrandType.DETAILS])
    assert running is not None
    await submit(notice(remote_actor, section, 2), remote_actor, ctx)
    await running.rest(ctx.now())
    assert (await SharedDetails.get()).notices == 2
    assert await Errand.are_due(ctx.now(), [ErrandType.DETAILS])


async def test_the_same_one_sent_again_changes_nothing(section: Actor, remote_actor: Actor, ctx: Context) -> None:
    await belongs(remote_actor, section)
    for _ in range(2):
        await submit(notice(remote_actor, section), remote_actor, ctx)
    assert (await SharedDetails.get()).notices == 1


@pytest.mark.parametrize("state", [None, MembershipState.REQUESTED, MembershipState.INVITED])
async def test_who_does_not_belong_shows_nothing(
    section: Actor, remote_actor: Actor, ctx: Context, state: MembershipState | None
) -> None:
    if state is not None:
        await belongs(remote_actor, section, state)
    with pytest.raises(NotAuthorised):
        await submit(notice(remote_actor, section), remote_actor, ctx)
    assert not await SharedDetails.exists()
    assert not await Errand.exists()


async def test_it_is_for_that_section_alone(section: Actor, member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await belongs(remote_actor, section)
    public = "https://www.w3.org/ns/activitystreams#Public"
    for number, more in enumerate(
        (
            {"cc": [public]},
            {"cc": [member.uri]},
            {"cc": [remote_actor.followers_uri]},
            {"to": [section.uri, section.members_uri]},
            {"to": []},
            {"audience": member.uri},
        )
    ):
        with pytest.raises(FederationError):
            await submit(notice(remote_actor, section, number, **more), remote_actor, ctx)
    assert not await SharedDetails.exists()
    assert not await Delivery.exists()


async def test_it_is_for_no_person(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    with pytest.raises(UnsupportedActivity):
        await submit(notice(remote_actor, member), remote_actor, ctx)


async def test_what_is_anothers_is_not_theirs_to_show(
    section: Actor, remote_actor: Actor, ctx: Context, world: World
) -> None:
    other = await factories.remote_actor(ctx, world, "https://far.test/users/lou")
    for actor in (remote_actor, other):
        await belongs(actor, section)
    await submit(notice(remote_actor, section), remote_actor, ctx)
    with pytest.raises(NotAuthorised):
        await submit(notice(other, section), other, ctx)
    assert (await SharedDetails.get().select_related("membership")).membership.member_id == remote_actor.id


@pytest.mark.parametrize("uri", ["https://elsewhere.test/shared-details/x", "https://lille.test/shared-details/x"])
async def test_it_names_nothing_of_another_server(
    section: Actor, remote_actor: Actor, ctx: Context, world: World, uri: str
) -> None:
    await belongs(remote_actor, section)
    with pytest.raises(FederationError):
        await submit(notice(remote_actor, section, uri=uri), remote_actor, ctx)
    assert not await SharedDetails.exists()


async def test_between_two_others_it_is_none_of_our_business(
    section: Actor, remote_actor: Actor, ctx: Context, world: World
) -> None:
    group = await factories.remote_actor(ctx, world, "https://brest.test/actors/1", kind="Group")
    with pytest.raises(UnsupportedActivity):
        await submit(notice(remote_actor, group), remote_actor, ctx)


async def test_with_the_membership_it_goes(section: Actor, remote_actor: Actor, ctx: Context) -> None:
    await belongs(remote_actor, section)
    await submit(notice(remote_actor, section), remote_actor, ctx)
    leaving = factories.activity("Leave", remote_actor.uri, section.uri, to=[section.uri])
    await submit(leaving, remote_actor, ctx)
    assert not await SharedDetails.exists()


async def test_with_the_account_it_goes(section: Actor, remote_actor: Actor, ctx: Context) -> None:
    await belongs(remote_actor, section)
    await submit(notice(remote_actor, section), remote_actor, ctx)
    await consents.give(section, remote_actor, Purpose.SEND_EMAIL, language="fr", by="elsewhere")
    await submit(factories.activity("Delete", remote_actor.uri, remote_actor.uri), remote_actor, ctx)
    assert not await SharedDetails.exists()
    assert not await Membership.exists()
    assert not await Consent.exists()
