"""What else goes, and when: actors nobody needs, and rows that have expired."""

from datetime import datetime, timedelta

import pytest

from federation.context import Context
from models import database
from models.activity import ActivityRecord
from models.actor import Actor
from models.delivery import Delivery
from models.follow import Follow
from models.host import Host
from models.ids import id_at
from models.membership import Transfer
from models.moderation import Block
from models.notification import Notification, NotificationType
from server.housekeeping import run
from server.housekeeping.chores import CHORES, Terms
from tests import databases, factories

DAYS = 90


async def sweep(now: datetime, *, limit: int = 100) -> dict[str, int]:
    return await run.sweep(Terms(now, DAYS, limit), seconds=3600)


async def unseen(actor: Actor, now: datetime, days: int = 60) -> Actor:
    """Make it long ago that anybody asked for an actor."""
    moment = now - timedelta(days=days)
    await Actor.filter(id=actor.id).update(fetched_at=moment, published_at=moment)
    return actor


async def test_an_actor_whom_nothing_refers_to_goes(remote_actor: Actor, now: datetime) -> None:
    await unseen(remote_actor, now)
    assert (await sweep(now))["actors"] == 1
    assert not await Actor.exists(id=remote_actor.id)


async def test_an_actor_met_lately_stays(remote_actor: Actor, now: datetime) -> None:
    await unseen(remote_actor, now, days=3)
    assert (await sweep(now))["actors"] == 0


async def test_an_actor_stays_whom_somebody_here_follows_blocks_or_reads(
    member: Actor, remote_actor: Actor, stranger: Actor, ctx: Context, now: datetime
) -> None:
    for actor in (remote_actor, stranger):
        await unseen(actor, now)
    await factories.follow(member, remote_actor)
    await Block.create(uri=f"{member.uri}/b", blocker=member, blocked=stranger)
    assert (await sweep(now))["actors"] == 0
    await Follow.all().delete()
    await factories.post(remote_actor)
    assert (await sweep(now))["actors"] == 0


async def test_nobody_who_lives_here_goes(member: Actor, now: datetime) -> None:
    await unseen(member, now)
    assert (await sweep(now))["actors"] == 0


async def record(now: datetime, days: int, kind: str, *, is_local: bool = False) -> None:
    """An activity of so many days ago."""
    moment = now - timedelta(days=days)
    id_ = id_at(int(moment.timestamp() * 1000))
    uri = f"https://far.test/{kind}/{days}/{is_local}"
    await ActivityRecord.create(
        id=id_, uri=uri, type=kind, actor_uri="https://far.test/a", document="{}", created_at=moment, is_local=is_local
    )


async def test_activities_of_others_go_after_a_month_and_deletions_after_a_year(db: str, now: datetime) -> None:
    for days, kind in ((31, "Like"), (29, "Like"), (31, "Delete"), (364, "Delete"), (366, "Delete"), (31, "Join")):
        await record(now, days, kind)
    await record(now, 400, "Create", is_local=True)
    deleted = await sweep(now)
    assert (deleted["activities"], deleted["deletions"]) == (1, 1)
    left = sorted(
        str(uri).removeprefix("https://far.test/") for uri in await ActivityRecord.all().values_list("uri", flat=True)
    )
    assert left == ["Create/400/True", "Delete/31/False", "Delete/364/False", "Join/31/False", "Like/29/False"]


async def test_what_a_transfer_waits_for_stays_as_long_as_it_waits(
    section: Actor, remote_actor: Actor, stranger: Actor, now: datetime
) -> None:
    long_ago = now - timedelta(days=100)
    id_, uri = id_at(int(long_ago.timestamp() * 1000)), f"{remote_actor.uri}/move/1"
    for number, (kind, about) in enumerate((("Move", remote_actor.uri), ("Accept", uri), ("Accept", f"{uri}2"))):
        said = {"type": kind, "object_uri": about, "document": "{}", "created_at": long_ago, "is_local": False}
        name = uri if kind == "Move" else f"{stranger.uri}/{number}"
        await ActivityRecord.create(id=id_ + number, uri=name, actor_uri=remote_actor.uri, **said)
    asked = await Transfer.create(uri=uri, member=remote_actor, origin=stranger, target=section)
    assert (await sweep(now))["activities"] == 1
    await asked.delete()
    assert (await sweep(now))["activities"] == 2


async def test_notifications_go_after_half_a_year(member: Actor, remote_actor: Actor, now: datetime) -> None:
    for days in (179, 181):
        moment = now - timedelta(days=days)
        id_ = id_at(int(moment.timestamp() * 1000))
        said = {"type": NotificationType.FOLLOW, "actor_id": remote_actor.id, "created_at": moment}
        await Notification.create(id=id_, recipient_id=member.id, **said)
    assert (await sweep(now))["notifications"] == 1


async def test_deliveries_that_were_given_up_go_after_a_month_and_no_others(section: Actor, now: datetime) -> None:
    activity = await ActivityRecord.create(
        uri=f"{section.uri}/a", type="Create", actor_uri=section.uri, document="{}", is_local=True
    )
    said = {"activity": activity, "sender_id": section.id, "host": "far.test", "created_at": now - timedelta(days=31)}
    await Delivery.create(inbox_uri="https://far.test/1", due_at=None, **said)
    await Delivery.create(inbox_uri="https://far.test/2", due_at=now, **said)
    assert (await sweep(now))["deliveries given up"] == 1
    assert [row.inbox_uri for row in await Delivery.all()] == ["https://far.test/2"]


async def test_a_host_is_forgotten_when_nobody_there_is_known(remote_actor: Actor, now: datetime) -> None:
    long_ago = now - timedelta(days=40)
    for name in ("gone.test", remote_actor.host):
        await Host.update_or_create({"last_success_at": long_ago}, name=name)
    await Host.create(name="failing.test", failing_since=now, retry_at=now)
    assert (await sweep(now))["hosts"] == 1
    assert not await Host.exists(name="gone.test")


@pytest.mark.parametrize("limit", [1, 7])
async def test_no_slice_deletes_more_than_its_share(db: str, now: datetime, limit: int) -> None:
    for days in range(31, 51):
        await record(now, days, "Like")
    terms = Terms(now, DAYS, limit)
    assert max([done.deleted async for done in run.slices("activities", terms)]) == limit
    assert not await ActivityRecord.exists()


async def test_a_whole_sweep_of_nothing_deletes_nothing(db: str, now: datetime) -> None:
    assert await sweep(now) == dict.fromkeys(CHORES, 0)


@pytest.mark.skipif(databases.KIND != "sqlite", reason="PostgreSQL looks after its own files")
async def test_the_file_grows_smaller_again(db: str, now: datetime) -> None:
    for number in range(400):
        await record(now, 31 + number % 20, f"Like{number}")
    await run.compact()
    full = (await database.select("PRAGMA page_count"))[0][0]
    await sweep(now)
    assert (await database.select("PRAGMA freelist_count"))[0][0] == 0
    assert (await database.select("PRAGMA page_count"))[0][0] < full
