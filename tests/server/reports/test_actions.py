"""Members report somebody: to the moderators here, and if they ask for it to those of the other server, unnamed."""

import pytest

from federation.actors import create_local
from federation.context import Context
from federation.jsonld import dump
from models.actor import Actor, ActorType
from models.delivery import Delivery
from models.member import Member, MemberRole
from models.moderation import Report
from models.notification import Notification, NotificationType
from models.post import Visibility
from server.errors import Conflict, Invalid
from server.reports.actions import report
from tests import factories
from tests.federation.sending import sent_by
from tests.world import key_pair


@pytest.fixture
async def instance(ctx: Context) -> Actor:
    """The actor of the server itself."""
    return await create_local(
        ctx.names, ActorType.APPLICATION, "instance", display_name="lille.test", now=ctx.now(),
        uri=ctx.names.instance_actor, rsa_key=key_pair(3),
    )  # fmt: skip


async def test_it_stays_here_unless_it_is_to_be_passed_on(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    post = await factories.post(remote_actor)
    kept = await report(member, remote_actor, ctx, post_ids=[post.id], comment="Il insulte")
    found = await Report.get(id=kept.id)
    assert (found.reporter_id, found.reported_id, found.comment) == (member.id, remote_actor.id, "Il insulte")
    assert found.post_uris == [post.uri]
    assert not await Delivery.exists()


async def test_passed_on_it_names_the_server_and_never_the_member(
    member: Actor, remote_actor: Actor, instance: Actor, ctx: Context
) -> None:
    post = await factories.post(remote_actor)
    await report(member, remote_actor, ctx, post_ids=[post.id], comment="Il insulte", forward=True)
    [sent] = await sent_by(instance)
    assert (sent["type"], sent["actor"], sent["object"]) == ("Flag", instance.uri, [remote_actor.uri, post.uri])
    assert (sent["content"], sent["to"]) == ("Il insulte", [remote_actor.uri])
    assert member.uri not in dump(sent)
    assert (await Delivery.get()).sender_id == instance.id
    assert await Report.all().count() == 1


async def test_of_somebody_here_there_is_nobody_to_pass_it_on_to(
    member: Actor, other_member: Actor, instance: Actor, ctx: Context
) -> None:
    await report(member, other_member, ctx, forward=True)
    assert not await Delivery.exists()


async def test_posts_of_others_and_those_one_may_not_read_are_left_out(
    member: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    others = await factories.post(stranger)
    hidden = await factories.post(remote_actor, visibility=Visibility.DIRECT)
    kept = await report(member, remote_actor, ctx, post_ids=[others.id, hidden.id])
    assert kept.post_uris == []


async def test_the_administrators_are_told(
    member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await Member.filter(actor_id=other_member.id).update(role=MemberRole.ADMIN)
    await report(member, remote_actor, ctx)
    told = await Notification.get()
    assert (told.recipient_id, told.type) == (other_member.id, NotificationType.ADMIN_REPORT)


async def test_nobody_reports_themselves_or_writes_a_book(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    with pytest.raises(Conflict):
        await report(member, member, ctx)
    with pytest.raises(Invalid):
        await report(member, remote_actor, ctx, comment="x" * 1001)
    with pytest.raises(Invalid):
        await report(member, remote_actor, ctx, post_ids=list(range(101)))
    assert not await Report.exists()
