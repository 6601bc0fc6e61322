"""Erasing: everything that named somebody is gone, others are told, and what is not theirs stays."""

import pytest
from starlette.applications import Starlette

from federation.actors import create_local
from federation.context import Context
from federation.objects import details
from models import database
from models.activity import ActivityRecord
from models.actor import Actor, ActorKey, ActorType
from models.consent import Consent, ConsentText, Contact, Look, Purpose
from models.details import SharedDetails
from models.leftovers import quoted, references_to
from models.mail import Letter
from models.member import Member
from models.membership import JoinLink, Membership, MembershipHistory, MembershipState, MembershipStep, Transfer
from models.role import Role, RoleHolder, RoleOffer, SectionAct
from models.secrets import fingerprint
from models.section import Section
from models.session import Session
from server.consents import actions as consents
from server.contacts.actions import leave_address
from server.errors import Conflict, Forbidden, Invalid
from server.privacy.erasing import erase, erase_address, forget
from server.sections import membership, people
from server.sections.sharing import Shared, share
from tests import factories
from tests.federation.sending import inboxes
from tests.federation.submitting import submit
from tests.server.activitypub.asker import Asker
from tests.server.api import app
from tests.world import World

__all__ = ["app"]

EMAIL = "zoe@post.example"


async def live(actor: Actor, section: Section, ctx: Context) -> None:
    """Leave a row of somebody in every table of sections."""
    group = section.actor
    other = await Actor.get_or_none(local_name="amiens")
    other = other or await factories.section(ctx, "amiens", "Section d’Amiens", is_main=False)
    moment = ctx.now()
    await Membership.create(group=group, member=actor, state=MembershipState.ACCEPTED, note="Vient le mardi.")
    await MembershipHistory.create(group=group, member=actor, step=MembershipStep.ACCEPTED)
    await Transfer.create(uri=f"{actor.uri}/moves/1", member=actor, origin=group, target=other)
    await consents.give(group, actor, Purpose.MEMBERSHIP, language="fr", by="form")
    await RoleHolder.create(section=section, holder=actor, role=Role.EDITOR)
    await RoleOffer.create(section=section, person=actor, role=Role.MANAGER, giver=actor, expires_at=moment)
    await JoinLink.create(hash=fingerprint(actor.uri), group=group, maker=actor, expires_at=moment)
    await people.person(section, actor, None)
    await people.set_note(section, actor, "Vient le jeudi.", None)
    await Look.create(group=group, viewer=actor, at_what="list")
    await SectionAct.create(section=section, author=actor, act="publish", about="https://lille.test/posts/1")


@pytest.fixture
async def lived(main_section: Section, member: Actor, ctx: Context) -> Actor:
    """A member who left traces everywhere."""
    await Member.filter(actor_id=member.id).update(email=EMAIL, email_fingerprint=fingerprint(EMAIL))
    await live(member, main_section, ctx)
    login = await Member.get(actor_id=member.id)
    await Session.create(hash="a" * 64, member=login, expires_at=ctx.now())
    await leave_address(main_section.actor, EMAIL, [Purpose.NEWS], ctx, name="Zoé L.")
    return member


async def left_of(actor: Actor) -> dict[str, int]:
    """Count what refers to an actor: {table.column: rows}."""
    found = {}
    for table, column in references_to(Actor):
        rows = await database.select(f"SELECT COUNT(*) AS n FROM {quoted(table)} WHERE {column} = $1", actor.id)
        if rows[0]["n"]:
            found[f"{table}.{column}"] = rows[0]["n"]
    return found


async def test_nothing_that_names_them_is_left(lived: Actor, ctx: Context) -> None:
    await erase(lived, ctx)

    assert set(await left_of(lived)) <= {"actor_key.actor_id"}  # until the last server was told
    for rows in (Member, Session, Membership, Contact, Consent, ConsentText, Letter):
        assert await rows.all().count() == 0, rows
    assert (await Actor.get(id=lived.id)).gone_at == ctx.now()


async def test_journals_keep_what_was_done_without_names(lived: Actor, section: Actor, ctx: Context) -> None:
    await erase(lived, ctx)

    assert [(row.viewer_id, row.at_what) for row in await Look.all().order_by("id")] == [
        (None, "somebody erased"),
        (None, "list"),
    ]
    assert [(row.author_id, row.act, row.about) for row in await SectionAct.all().order_by("id")] == [
        (None, "keep notes", "somebody erased"),
        (None, "publish", "https://lille.test/posts/1"),
    ]


async def test_other_servers_are_told(lived: Actor, remote_actor: Actor, ctx: Context) -> None:
    await factories.follow(remote_actor, lived)
    await erase(lived, ctx)
    assert await inboxes("Delete") == [remote_actor.delivery_uri]
    assert await ActorKey.exists(actor_id=lived.id)


async def test_what_sections_told_them_is_dropped(
    section: Actor, member: Actor, other_member: Actor, ctx: Context
) -> None:
    for who in (member, other_member):
        await membership.ask(who, section, ctx)
        await membership.approve(section, who, None, ctx)

    await erase(member, ctx)

    left = [row for row in await ActivityRecord.all() if member.uri in row.document]
    assert [row.type for row in left] == ["Delete"]
    assert await ActivityRecord.filter(type="Accept", actor_uri=section.uri).count() == 1


async def test_others_lose_nothing(lived: Actor, other_member: Actor, main_section: Section, ctx: Context) -> None:
    await live(other_member, main_section, ctx)
    before = await left_of(other_member)
    await factories.contact(main_section.actor, "rosa@post.example")

    await erase(lived, ctx)

    assert await left_of(other_member) == before
    assert [contact.email for contact in await Contact.all()] == ["rosa@post.example"]
    assert (await Membership.get()).note == "Vient le jeudi."


async def test_if_the_account_cannot_be_closed_nothing_is_erased(
    lived: Actor, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(actor: Actor, ctx: Context) -> None:
        await Membership.filter(member_id=actor.id).delete()
        raise Conflict("The last animator stays.")

    monkeypatch.setattr("server.members.leaving.delete", refuse)
    before = await left_of(lived)
    with pytest.raises(Conflict):
        await erase(lived, ctx)
    assert await left_of(lived) == before
    assert await Contact.exists()


async def test_sections_and_strangers_are_not_erased_like_this(
    section: Actor, member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    for actor in (section, remote_actor):
        with pytest.raises(Invalid):
            await erase(actor, ctx)
    with pytest.raises(Invalid):
        await forget(member)


async def test_the_server_itself_stays(ctx: Context) -> None:
    actor = await create_local(ctx.names, ActorType.APPLICATION, "instance", display_name="", now=ctx.now())
    with pytest.raises(Forbidden):
        await erase(actor, ctx)


async def test_somebody_elsewhere_is_forgotten_once_they_belong_no_more(
    remote_actor: Actor, main_section: Section, ctx: Context
) -> None:
    joining = factories.activity("Join", remote_actor.uri, main_section.actor.uri, to=[main_section.actor.uri])
    await submit(joining, remote_actor, ctx)
    await Membership.all().delete()
    await live(remote_actor, main_section, ctx)
    with pytest.raises(Conflict, match="end that first"):
        await forget(remote_actor)
    await Membership.all().delete()

    await forget(remote_actor)

    assert await left_of(remote_actor) == {}
    assert not await ActivityRecord.exists(actor_uri=remote_actor.uri)
    assert (await Actor.get(id=remote_actor.id)).gone_at is None


async def test_who_is_deleted_at_home_leaves_nothing_here(
    remote_actor: Actor, main_section: Section, ctx: Context
) -> None:
    await live(remote_actor, main_section, ctx)
    await submit(factories.activity("Delete", remote_actor.uri, remote_actor.uri), remote_actor, ctx)
    assert set(await left_of(remote_actor)) <= {"section_act.author_id", "look.viewer_id"}
    assert not await Consent.exists()


async def test_an_address_is_erased_wherever_it_was_left(section: Actor, ctx: Context) -> None:
    other = await factories.section(ctx, "amiens", "Section d’Amiens", is_main=False)
    for group in (section, other):
        await leave_address(group, EMAIL, [Purpose.NEWS], ctx)
    await leave_address(section, "rosa@post.example", [Purpose.NEWS], ctx)

    assert await erase_address(" ZOE@post.example ", ctx) == 2

    assert [contact.email for contact in await Contact.all()] == ["rosa@post.example"]
    assert [letter.recipient for letter in await Letter.all()] == ["rosa@post.example"]
    assert await Consent.all().count() == 1
    assert await erase_address(EMAIL, ctx) == 0


async def test_what_somebody_elsewhere_showed_is_forgotten_with_what_was_said_of_it(
    main_section: Section, remote_actor: Actor, ctx: Context
) -> None:
    row = await Membership.create(group=main_section.actor, member=remote_actor, state=MembershipState.ACCEPTED)
    notice = factories.activity(
        "Update", remote_actor.uri, details.notice("https://far.test/shared-details/x"), to=[main_section.actor.uri]
    )
    await submit(notice, remote_actor, ctx)
    assert await SharedDetails.exists(membership_id=row.id)
    await row.delete()

    await forget(remote_actor)

    assert not await SharedDetails.exists()
    assert not await ActivityRecord.exists(actor_uri=remote_actor.uri)


async def test_a_member_who_is_erased_is_read_by_no_section_elsewhere(
    member: Actor, ctx: Context, world: World, app: Starlette
) -> None:
    uri = "https://brest.test/actors/1"
    group = await factories.remote_actor(ctx, world, uri, kind="Group", acceptsSharedDetails=True)
    await Membership.create(group=group, member=member, state=MembershipState.ACCEPTED)
    await share(member, group, Shared.EMAIL, EMAIL, ctx)
    shown, asker = await SharedDetails.get(), Asker(app, world)
    assert (await asker.get(shown.uri, signer=world.signer(uri))).status == 200

    await erase(member, ctx)

    world.pass_time(minutes=1)
    assert (await asker.get(shown.uri, signer=world.signer(uri))).status == 404
    assert not await SharedDetails.exists()
    assert await inboxes("Delete") == ["https://brest.test/inbox"]
