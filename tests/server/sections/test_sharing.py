"""An e-mail address or a phone number shown to managers: by a consent for each, and only as long as it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.actor import Actor
from models.consent import Consent, Purpose
from models.membership import Membership, MembershipState
from server.consents import actions as consents
from server.errors import Invalid, NotFound
from server.sections import membership
from server.sections.sharing import Shared, check_phone, checked, share, stop_sharing

EMAIL, PHONE = "zoe@post.example", "+33 3 20 00 00 00"


async def kept(section: Actor, member: Actor) -> tuple[str | None, str | None]:
    row = await Membership.get(group_id=section.id, member_id=member.id)
    return row.email, row.phone


async def test_each_is_shared_and_withdrawn_by_itself(section: Actor, member: Actor) -> None:
    await membership.add(section, member)
    await share(member, section, Shared.EMAIL, f" {EMAIL} ")
    await share(member, section, Shared.PHONE, PHONE)
    assert await kept(section, member) == (EMAIL, "+33320000000")
    assert set(await consents.standing(section, member)) == {Purpose.SHARE_EMAIL, Purpose.SHARE_PHONE}

    await stop_sharing(member, section, Shared.EMAIL)

    assert await kept(section, member) == (None, "+33320000000")
    assert set(await consents.standing(section, member)) == {Purpose.SHARE_PHONE}


async def test_a_new_address_takes_the_place_of_the_old_one_under_the_same_consent(
    section: Actor, member: Actor
) -> None:
    await membership.add(section, member)
    await share(member, section, Shared.EMAIL, EMAIL)
    await share(member, section, Shared.EMAIL, "autre@post.example")
    assert await kept(section, member) == ("autre@post.example", None)
    assert await Consent.all().count() == 1


@pytest.mark.parametrize("state", [None, MembershipState.REQUESTED, MembershipState.INVITED])
async def test_only_members_share(section: Actor, member: Actor, state: MembershipState | None) -> None:
    if state is not None:
        await Membership.create(group=section, member=member, state=state)
    with pytest.raises(NotFound):
        await share(member, section, Shared.EMAIL, EMAIL)
    assert not await Consent.exists()
    assert not await Membership.exists(email__not_isnull=True)


async def test_a_section_elsewhere_is_told_nothing_by_this_server(member: Actor, remote_actor: Actor) -> None:
    await Membership.create(group=remote_actor, member=member, state=MembershipState.ACCEPTED)
    with pytest.raises(Invalid, match="another server"):
        await share(member, remote_actor, Shared.EMAIL, EMAIL)


@pytest.mark.parametrize("typed", ["", "   ", "zoe", "@post.example", "zoe@post", "zoe@post.example, ali@post.example"])
async def test_what_is_no_address_is_refused(section: Actor, member: Actor, typed: str) -> None:
    await membership.add(section, member)
    with pytest.raises(Invalid):
        await share(member, section, Shared.EMAIL, typed)
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
