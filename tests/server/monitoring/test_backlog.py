"""What the rows say is to do."""

from datetime import datetime, timedelta

from federation.context import Context
from models.activity import ActivityRecord
from models.actor import Actor
from models.delivery import Delivery
from models.errand import Errand, ErrandType
from models.host import Host
from models.ids import new_id
from models.inbox import InboxMessage
from models.mail import Letter
from server.monitoring.backlog import Backlog, failing_hosts, take_stock


async def message(number: int, due_at: datetime, leased_until: datetime | None = None) -> None:
    await InboxMessage.create(
        actor_uri="https://far.test/users/noor",
        activity_uri=f"https://far.test/activities/{number}",
        body="{}",
        due_at=due_at,
        leased_until=leased_until,
    )


async def delivery(sender: Actor, host: str, due_at: datetime | None, leased_until: datetime | None = None) -> None:
    id_ = new_id()
    activity = await ActivityRecord.create(
        id=id_, uri=f"{sender.uri}/{id_}", type="Create", actor_uri=sender.uri, is_local=True, document="{}"
    )
    await Delivery.create(
        activity=activity,
        sender_id=sender.id,
        inbox_uri=f"https://{host}/inbox",
        host=host,
        due_at=due_at,
        leased_until=leased_until,
    )


async def test_where_there_is_nothing_to_do_every_number_is_nought(ctx: Context) -> None:
    assert await take_stock(ctx.now()) == Backlog(
        inbox={"due": 0, "leased": 0, "waiting": 0},
        deliveries={"due": 0, "leased": 0, "host_waits": 0, "put_off": 0, "given_up": 0},
        hosts={"total": 0, "failing": 0, "waiting": 0},
        letters={"due": 0, "leased": 0, "failed": 0},
    )


async def test_messages_are_due_held_or_put_off_and_the_oldest_that_is_free_tells_its_age(ctx: Context) -> None:
    now = ctx.now()
    await message(1, now - timedelta(seconds=90), now + timedelta(seconds=30))
    await message(2, now - timedelta(seconds=40))
    await message(3, now - timedelta(seconds=20), now - timedelta(seconds=1))
    await message(4, now + timedelta(seconds=60))
    stock = await take_stock(now)
    assert stock.inbox == {"due": 2, "leased": 1, "waiting": 1}
    assert stock.oldest_message_seconds == 40


async def test_deliveries_to_a_host_that_is_left_alone_do_not_count_as_late(ctx: Context, section: Actor) -> None:
    now = ctx.now()
    await Host.create(name="dead.test", failures=3, failing_since=now, retry_at=now + timedelta(hours=1))
    await Host.create(name="well.test")
    await delivery(section, "dead.test", now - timedelta(days=2))
    await delivery(section, "well.test", now - timedelta(seconds=30))
    await delivery(section, "well.test", now - timedelta(seconds=50), now + timedelta(seconds=30))
    await delivery(section, "well.test", now + timedelta(seconds=50))
    await delivery(section, "well.test", None)
    stock = await take_stock(now)
    assert stock.deliveries == {"due": 1, "leased": 1, "host_waits": 1, "put_off": 1, "given_up": 1}
    assert stock.oldest_delivery_seconds == 30
    assert stock.hosts == {"total": 2, "failing": 1, "waiting": 1}


async def test_errands_count_while_they_are_due_and_nobody_runs_them(ctx: Context) -> None:
    now = ctx.now()
    await Errand.ask_many(ErrandType.REPLIES, [f"https://far.test/{number}" for number in range(3)], now)
    await Errand.filter(uri="https://far.test/0").update(leased_until=now + timedelta(seconds=60))
    await Errand.filter(uri="https://far.test/1").update(rests_until=now + timedelta(seconds=60))
    assert (await take_stock(now)).errands_due == 1


async def letter(due_at: datetime, **columns: object) -> None:
    address = "zoe@post.example"
    await Letter.create(recipient=address, recipient_fingerprint="a" * 64, message="", due_at=due_at, **columns)


async def test_letters_are_due_held_or_failed_and_the_oldest_that_is_free_tells_its_age(ctx: Context) -> None:
    now = ctx.now()
    await letter(now - timedelta(seconds=90), leased_until=now + timedelta(seconds=30))
    await letter(now - timedelta(seconds=40))
    await letter(now - timedelta(seconds=20), leased_until=now - timedelta(seconds=1))
    await letter(now + timedelta(seconds=60), attempts=1)
    stock = await take_stock(now)
    assert stock.letters == {"due": 2, "leased": 1, "failed": 1}
    assert stock.oldest_letter_seconds == 40


async def test_failing_hosts_are_named_worst_first_with_what_is_owed_to_them(ctx: Context, section: Actor) -> None:
    now = ctx.now()
    for name, failures in (("well.test", 0), ("bad.test", 2), ("worse.test", 9)):
        await Host.create(name=name, failures=failures, last_error=f"{name} answers 500")
    await delivery(section, "worse.test", now)
    await delivery(section, "worse.test", None)
    found = await failing_hosts(5)
    assert [(row.name, row.failures, row.owed) for row in found] == [("worse.test", 9, 1), ("bad.test", 2, 0)]
    assert [row.name for row in await failing_hosts(1)] == ["worse.test"]
