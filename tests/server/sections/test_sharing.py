"""An e-mail address or a phone number shown to managers: by a consent for each, and only as long as it stands."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.context import Context
from models.activity import ActivityRecord
from models.actor import Actor
from models.consent import Consent, Purpose
from models.delivery import Delivery
from models.details import SharedDetails
from models.membership import Membership, MembershipState
from server.consents import actions as consents
from server.errors import Invalid, NotFound
from server.sections import membership
from server.sections.sharing import Shared, check_phone, checked, share, stop_sharing
from tests import factories
from tests.federation.sending import inboxes, sent_by
from tests.world import World

EMAIL, PHONE = "zoe@post.example", "+33 3 20 00 00 00"
GROUP = "https://brest.test/actors/1"


@pytest.fixture
async def group(ctx: Context, world: World, member: Actor) -> Actor:
    """A section on another server, to which the member belongs."""
    group = await factories.remote_actor(ctx, world, GROUP, kind="Group", acceptsSharedDetails=True)
    await Membership.create(group=group, member=member, state=MembershipState.ACCEPTED)
    return group


async def kept(section: Actor, member: Actor) -> tuple[str | None, str | None]:
    row = await Membership.get(group_id=section.id, member_id=member.id)
    return row.email, row.phone


async def test_each_is_shared_and_withdrawn_by_itself(section: Actor, member: Actor, ctx: Context) -> None:
    await membership.add(section, member)
    await share(member, section, Shared.EMAIL, f" {EMAIL} ", ctx)
    await share(member, section, Shared.PHONE, PHONE, ctx)
    assert await kept(section, member) == (EMAIL, "+33320000000")
    assert set(await consents.standing(section, member)) == {Purpose.SHARE_EMAIL, Purpose.SHARE_PHONE}

    await stop_sharing(member, section, Shared.EMAIL, ctx)

    assert await kept(section, member) == (None, "+33320000000")
    assert set(await consents.standing(section, member)) == {Purpose.SHARE_PHONE}


async def test_a_new_address_takes_the_place_of_the_old_one_under_the_same_consent(
    section: Actor, member: Actor, ctx: Context
) -> None:
    await membership.add(section, member)
    await share(member, section, Shared.EMAIL, EMAIL, ctx)
    await share(member, section, Shared.EMAIL, "autre@post.example", ctx)
    assert await kept(section, member) == ("autre@post.example", None)
    assert await Consent.all().count() == 1


@pytest.mark.parametrize("state", [None, MembershipState.REQUESTED, MembershipState.INVITED])
async def test_only_members_share(section: Actor, member: Actor, ctx: Context, state: MembershipState | None) -> None:
    if state is not None:
        await Membership.create(group=section, member=member, state=state)
    with pytest.raises(NotFound):
        await share(member, section, Shared.EMAIL, EMAIL, ctx)
    assert not await Consent.exists()
    assert not await Membership.exists(email__not_isnull=True)


async def test_a_section_elsewhere_is_told_at_its_own_inbox_that_something_has_changed(
    group: Actor, member: Actor, ctx: Context
) -> None:
    await share(member, group, Shared.EMAIL, EMAIL, ctx)

    assert await kept(group, member) == (EMAIL, None)
    assert set(await consents.standing(group, member)) == {Purpose.SEND_EMAIL}
    details = await SharedDetails.get()
    [sent] = await sent_by(member)
    assert {name: sent[name] for name in ("type", "object", "to")} == {
        "type": "Update",
        "object": {"id": details.uri, "type": "SharedDetails"},
        "to": [group.uri],
    }
    assert set(sent) == {"@context", "id", "type", "actor", "object", "to"}
    assert await inboxes("Update") == [f"{GROUP}/inbox"]
    assert re.fullmatch(rf"{ctx.names.origin}/shared-details/[\w-]{{43}}", details.uri)


async def test_no_value_is_in_any_row_that_leaves(group: Actor, member: Actor, ctx: Context) -> None:
    await share(member, group, Shared.EMAIL, EMAIL, ctx)
    await share(member, group, Shared.PHONE, PHONE, ctx)
    await stop_sharing(member, group, Shared.EMAIL, ctx)
    documents = [row.document for row in await ActivityRecord.all()]
    assert len(documents) == 3
    for document in documents:
        assert "post.example" not in document
        assert "320000000" not in document
    assert await SharedDetails.all().count() == 1


async def test_what_is_withdrawn_from_a_section_elsewhere_is_erased_and_it_is_told(
    group: Actor, member: Actor, ctx: Context
) -> None:
    await share(member, group, Shared.EMAIL, EMAIL, ctx)
    await stop_sharing(member, group, Shared.EMAIL, ctx)
    await stop_sharing(member, group, Shared.EMAIL, ctx)  # there is nothing to tell any more
    assert await kept(group, member) == (None, None)
    assert await consents.standing(group, member) == {}
    first, second = await sent_by(member)
    assert first["object"] == second["object"]


async def test_to_agree_for_a_section_here_is_not_to_agree_for_one_elsewhere(
    group: Actor, member: Actor, ctx: Context
) -> None:
    await consents.give(group, member, Purpose.SHARE_EMAIL, language="fr", by="form")
    await share(member, group, Shared.EMAIL, EMAIL, ctx)
    sent = (await consents.standing(group, member))[Purpose.SEND_EMAIL]
    assert "quitte mon serveur pour celui de" in sent.text.text


async def test_a_server_that_does_not_take_it_is_sent_nothing(
    group: Actor, member: Actor, ctx: Context, world: World
) -> None:
    await Actor.filter(id=group.id).update(takes_shared_details=False)
    group.takes_shared_details = False
    world.serve(factories.actor_document(GROUP, kind="Group"))
    with pytest.raises(Invalid, match="cannot take this"):
        await share(member, group, Shared.EMAIL, EMAIL, ctx)
    assert await kept(group, member) == (None, None)
    assert not await Consent.exists()
    assert not await Delivery.exists()


async def test_a_server_that_has_learnt_it_meanwhile_is_asked(
    group: Actor, member: Actor, ctx: Context, world: World
) -> None:
    await Actor.filter(id=group.id).update(takes_shared_details=False)
    group.takes_shared_details = False
    await share(member, group, Shared.EMAIL, EMAIL, ctx)
    assert world.fetched == [GROUP]
    assert (await Actor.get(id=group.id)).takes_shared_details
    assert await inboxes("Update") == [f"{GROUP}/inbox"]


async def test_a_server_that_does_not_answer_is_sent_nothing(
    group: Actor, member: Actor, ctx: Context, world: World
) -> None:
    group.takes_shared_details = False
    world.statuses[GROUP] = 0
    with pytest.raises(Invalid):
        await share(member, group, Shared.EMAIL, EMAIL, ctx)


@pytest.mark.parametrize("state", [None, MembershipState.REQUESTED, MembershipState.INVITED])
async def test_only_members_share_with_a_section_elsewhere(
    group: Actor, member: Actor, ctx: Context, state: MembershipState | None
) -> None:
    rows = Membership.filter(group_id=group.id)
    await (rows.delete() if state is None else rows.update(state=state))
    with pytest.raises(NotFound):
        await share(member, group, Shared.EMAIL, EMAIL, ctx)
    assert not await Consent.exists()
    assert not await Delivery.exists()


@pytest.mark.parametrize("typed", ["", "   ", "zoe", "@post.example", "zoe@post", "zoe@post.example, ali@post.example"])
async def test_what_is_no_address_is_refused(section: Actor, member: Actor, ctx: Context, typed: str) -> None:
    await membership.add(section, member)
    with pytest.raises(Invalid):
        await share(member, section, Shared.EMAIL, typed, ctx)
    assert await kept(section, member) == (None, None)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("03 20 00 00 00", "0320000000"),
        ("+33 (0)3.20.00-00/00", "+330320000000"),
        ("+33\N{NARROW NO-BREAK SPACE}3\N{NO-BREAK SPACE}20000000", "+33320000000"),
    ],
)
def test_a_number_is_read_as_people_write_it(typed: str, number: str) -> None:
    assert check_phone(typed) == number


@pytest.mark.parametrize(
    "typed", ["", "12345", "1" * 16, "++33320000000", "03 20 00 00 0x", "٠٣٢٠٠٠٠٠٠٠", "=1+1111111"]
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        check_phone(typed)


@given(st.sampled_from(Shared), st.text())
def test_whatever_is_typed_is_kept_tidy_or_refused(field: Shared, typed: str) -> None:
    try:
        value = checked(field, typed)
    except Invalid:
        return
    assert value == value.strip()
    assert checked(field, value) == value
