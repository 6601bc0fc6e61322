"""Reports from other servers: kept for the moderators, whatever shape they have."""

from typing import Any

import pytest

from federation.context import Context
from federation.errors import NotAuthorised, UnsupportedActivity
from models.actor import Actor
from models.member import Member, MemberRole
from models.moderation import Report
from models.notification import Notification, NotificationType
from models.post import Post
from tests import factories
from tests.federation.submitting import submit
from tests.world import World


@pytest.fixture
async def instance(ctx: Context, world: World) -> Actor:
    """The actor of another server."""
    return await factories.remote_actor(ctx, world, "https://far.test/actor", kind="Application")


@pytest.fixture
async def ours(member: Actor) -> Post:
    """A public post of a member here."""
    return await factories.post(member)


def flag(actor: Actor, object_: Any, number: int = 1) -> dict[str, Any]:
    """A report of another server."""
    return factories.activity("Flag", actor.uri, object_, number, content="<p>Il insulte</p>")


async def test_an_actor_with_posts_is_reported(member: Actor, ours: Post, instance: Actor, ctx: Context) -> None:
    await submit(flag(instance, [member.uri, ours.uri]), instance, ctx)
    report = await Report.get()
    assert (report.reporter_id, report.reported_id, report.post_uris) == (instance.id, member.id, [ours.uri])
    assert report.comment == "Il insulte"


async def test_every_shape_of_its_object_is_read(member: Actor, ours: Post, instance: Actor, ctx: Context) -> None:
    unknown = "https://far.test/gone/1"
    shapes: list[Any] = [
        member.uri, ours.uri, [ours.uri], [ours.uri, member.uri], [unknown, ours.uri], {"type": "Person", "id": member.uri},
        [{"type": "Note", "id": ours.uri}, {"type": "Person", "id": member.uri}],
    ]  # fmt: skip
    for number, shape in enumerate(shapes):
        await submit(flag(instance, shape, number), instance, ctx)
    assert await Report.filter(reported_id=member.id).count() == len(shapes)


async def test_a_report_that_comes_twice_is_one(member: Actor, instance: Actor, ctx: Context) -> None:
    for _ in range(2):
        await submit(flag(instance, member.uri), instance, ctx)
    assert await Report.all().count() == 1


async def test_who_reports_elsewhere_is_known_here_as_their_server(
    member: Actor, instance: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    await submit(flag(remote_actor, member.uri), remote_actor, ctx)
    assert (await Report.get()).reporter_id == instance.id
    await submit(flag(stranger, member.uri), stranger, ctx)  # we have not met the actor of that server
    assert await Report.exists(reporter_id=stranger.id)


async def test_what_is_not_of_here_is_reported_elsewhere(
    instance: Actor, stranger: Actor, ctx: Context, world: World
) -> None:
    for number, named in enumerate((stranger.uri, ["https://far.test/1", "https://far.test/2"])):
        with pytest.raises(UnsupportedActivity):
            await submit(flag(instance, named, number), instance, ctx)
    assert world.fetched == []
    assert not await Report.exists()


async def test_a_member_here_sends_no_report_in_their_own_name(
    member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    with pytest.raises(NotAuthorised):
        await submit(flag(member, remote_actor.uri), member, ctx)


async def test_the_administrators_are_told_each_time_but_not_of_themselves(
    member: Actor, other_member: Actor, instance: Actor, ctx: Context
) -> None:
    await Member.filter(actor_id=other_member.id).update(role=MemberRole.ADMIN)
    for number in (1, 2):
        await submit(flag(instance, member.uri, number), instance, ctx)
    await submit(flag(instance, other_member.uri, 3), instance, ctx)
    told = await Notification.all()
    expected = (other_member.id, NotificationType.ADMIN_REPORT, instance.id)
    assert [(row.recipient_id, row.type, row.actor_id) for row in told] == [expected, expected]
