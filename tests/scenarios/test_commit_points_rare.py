"""A process dies at each named step of what happens seldom: errands, sweeps, a closed account, a blocked domain.

As in `test_commit_points`; what a command was killed in the middle of, its administrator asks for again.
"""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime

import aiohttp
import pytest
import pytest_asyncio

from server.admin.domains import KEPT_FOR
from tests.scenarios import rows
from tests.scenarios.conftest import NewServer
from tests.scenarios.crashing import Process, steps
from tests.scenarios.mortal import ACTORS_PER_HOST, BLOCKED_HOST, FOLLOWERS, GOING_HOST, HOSTS, NEW_HOST, Town
from tests.scenarios.receiver import Fake, Fediverse, Json
from tests.scenarios.server import ADMIN, Server, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

IN_THE_PATH = ["path: stored", "path: reacted, before commit", "path: committed, nobody woken"]
MOVING = [step for step in steps("sweep") if "carried" in step]
KEYS = [step for step in steps("sweep") if "keys" in step]
PURGING = [step for step in steps("sweep") if "purge" in step]
POLLS = [step for step in steps("sweep") if "poll" in step]
MEMBERS = ["zoe", "ali", "noor"]


@pytest.fixture(scope="module")
def server(new_server: NewServer) -> Server:
    """The server whose processes die, with some members."""
    server = new_server("lille", "Section de Lille", program="tests.scenarios.crashing")
    server.add_members(*MEMBERS)
    return server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(server: Server) -> AsyncIterator[Town]:
    """The server among its followers."""
    fediverse = await Fediverse([*HOSTS, BLOCKED_HOST, GOING_HOST, NEW_HOST], ACTORS_PER_HOST).start()
    yield await Town(server, fediverse).settle_in()
    await fediverse.stop()


async def test_every_sweep_has_a_test() -> None:
    assert {*MOVING, *KEYS, *PURGING, *POLLS} == set(steps("sweep"))


@pytest.mark.parametrize("step", steps("errand"))
async def test_an_errand_is_done_whatever_dies(town: Town, step: str) -> None:
    author, other = town.friends[0], town.followers[1]
    parent = town.note(other, f"the parent, {step}")
    town.fediverse.documents[parent["id"]] = parent
    town.arm(Process.WORKER, step)
    await town.deliver([(author, town.create(author, town.note(author, "indeed", inReplyTo=parent["id"])))])
    await town.struck()

    await town.finish()

    answered = "SELECT count(*) FROM post p JOIN post q ON q.id = p.in_reply_to_id WHERE q.uri = $1"
    assert await town.number(answered, parent["id"]) == 1
    assert await town.number("SELECT replies_count FROM post WHERE uri = $1", parent["id"]) == 1
    assert (
        await town.number("SELECT count(*) FROM errand WHERE uri = $1 AND rests_until IS NOT NULL", parent["id"]) == 1
    )


@pytest.mark.parametrize("step", POLLS)
async def test_a_poll_is_closed_once_whatever_dies(town: Town, step: str) -> None:
    poll = {"options": ["yes", "no"], "expires_in": 3600}
    post = await town.publish(f"shall we? {step}", step, poll=poll)
    await town.finish()
    town.arm(Process.WORKER, step)
    await rows.close_polls(town.server)
    await town.struck()

    await eventually(lambda: is_closed(town, post))
    await town.finish()

    updates = [arrival for arrival in town.fediverse.of_type("Update") if arrival.says(f"shall we? {step}")]
    assert {arrival.inbox for arrival in updates} == {fake.inbox for fake in town.followers}
    assert len({arrival.activity["id"] for arrival in updates}) == 1


async def is_closed(town: Town, post: Json) -> bool:
    """Whether a poll is closed; a worker looks meanwhile."""
    await rows.close_polls(town.server)
    return bool((await town.server.api("GET", f"/api/v1/statuses/{post['id']}"))["poll"]["expired"]) and bool(
        await town.number("SELECT count(*) FROM poll WHERE post_id = $1 AND closed_at IS NOT NULL", int(post["id"]))
    )


@pytest.mark.parametrize("step", steps("profile"))
async def test_a_changed_profile_is_told_whatever_dies(town: Town, step: str) -> None:
    town.arm(Process.WEB, step)
    name = f"Inès, {step}"
    with suppress(aiohttp.ClientError):
        await town.server.api("PATCH", "/api/v1/accounts/update_credentials", display_name=name)
    await town.struck()
    await eventually(lambda: town.server.api("PATCH", "/api/v1/accounts/update_credentials", display_name=name))

    await town.finish()

    told = [item for item in town.fediverse.of_type("Update") if item.activity["object"].get("name") == name]
    assert {arrival.inbox for arrival in told} == {fake.inbox for fake in town.followers}
    assert len({arrival.activity["id"] for arrival in told}) == 1


@pytest.mark.parametrize("step", steps("report"))
async def test_a_report_is_forwarded_if_it_is_kept_whatever_dies(town: Town, step: str) -> None:
    friend = town.friends[0]
    [(id_,)] = await rows.query(town.server, "SELECT id FROM actor WHERE uri = $1", friend.uri)
    said = {"account_id": str(id_), "comment": f"look, {step}", "forward": True}
    town.arm(Process.WEB, step)
    with suppress(aiohttp.ClientError):
        await town.server.api("POST", "/api/v1/reports", **said)
    await town.struck()
    await eventually(lambda: town.server.api("POST", "/api/v1/reports", **said))

    await town.finish()

    kept = await town.number("SELECT count(*) FROM report WHERE comment = $1", said["comment"])
    flags = [item for item in town.fediverse.of_type("Flag") if item.activity["content"] == said["comment"]]
    assert len({flag.activity["id"] for flag in flags}) == kept == 1


@pytest.mark.parametrize("step", [*steps("closing"), *IN_THE_PATH])
async def test_an_account_is_closed_whatever_dies(town: Town, step: str) -> None:
    name = await new_member(town)
    actor = await town.server.document(f"/@{name}")
    town.arm(Process.COMMAND, step, 2 if step == "closing: Delete planned" else 1)
    assert town.server.try_cli("member", "delete", name, "--yes").returncode == -9

    town.server.try_cli("member", "delete", name, "--yes")  # which it was already, if the kill came late
    await town.finish()

    await check_closed(town, actor)


@pytest.mark.parametrize("step", KEYS)
async def test_keys_are_destroyed_after_the_last_word_whatever_dies(town: Town, step: str) -> None:
    name = await new_member(town)
    actor = await town.server.document(f"/@{name}")
    town.arm(Process.WORKER, step)
    town.server.cli("member", "delete", name, "--yes")
    await town.struck()

    await town.finish()

    await check_closed(town, actor)


async def new_member(town: Town) -> str:
    """Take in a member whom the administrator's friends follow; the name."""
    number = await town.number("SELECT count(*) FROM actor")
    name = f"leaving{number}"
    town.server.add_member(name)
    await town.server.follow(town.friends[0].uri, member=name)
    actor = await town.server.document(f"/@{name}")
    await town.deliver([(fake, town.fediverse.follow(fake, actor["id"])) for fake in town.friends])
    await town.finish()
    return name


async def check_closed(town: Town, actor: Json) -> None:
    """Whoever followed was told once, with a signature that holds; then the keys go."""
    deletes = [item for item in town.fediverse.of_type("Delete") if item.activity["actor"] == actor["id"]]
    assert {arrival.inbox for arrival in deletes} == {fake.inbox for fake in town.friends}
    assert len({arrival.activity["id"] for arrival in deletes}) == 1
    assert all(arrival.is_signed for arrival in deletes)
    keys = "SELECT count(*) FROM actor_key k JOIN actor a ON a.id = k.actor_id WHERE a.uri = $1"

    async def are_destroyed() -> bool:
        await rows.end_every_pause(town.server)
        return await town.number(keys, actor["id"]) == 0

    await eventually(are_destroyed)


@pytest.mark.parametrize(
    ("step", "number"), [*((step, 1) for step in steps("blocking")), ("blocking: some follows ended", 2)]
)
async def test_a_domain_is_blocked_whatever_dies(town: Town, step: str, number: int) -> None:
    fakes = await befriended(town)
    town.arm(Process.COMMAND, step, number)
    assert town.server.try_cli("domain", "block", BLOCKED_HOST).returncode == -9

    town.server.cli("domain", "block", BLOCKED_HOST)

    blocked = await town.number("SELECT count(*) FROM actor WHERE blocked_at IS NOT NULL")
    town.server.cli("domain", "unblock", BLOCKED_HOST)
    assert blocked == len(fakes)
    await check_totals(town)


@pytest.mark.parametrize("step", PURGING)
async def test_what_a_blocked_domain_wrote_is_purged_whatever_dies(town: Town, step: str) -> None:
    post = await town.publish(f"what do they say? {step}", step)
    fakes = await befriended(town)
    answers = [(fake, town.create(fake, town.note(fake, "nothing good", inReplyTo=post["uri"]))) for fake in fakes]
    await town.deliver(answers)
    await town.finish()
    town.server.cli("domain", "block", BLOCKED_HOST)
    long_ago = datetime.now(UTC) - 2 * KEPT_FOR
    await rows.query(town.server, "UPDATE actor SET blocked_at = $1 WHERE blocked_at IS NOT NULL", long_ago)
    town.arm(Process.WORKER, step)
    await town.struck()

    async def are_gone() -> bool:
        await rows.end_every_pause(town.server)
        return await town.number("SELECT count(*) FROM post WHERE in_reply_to_id = $1", int(post["id"])) == 0

    await eventually(are_gone)
    town.server.cli("domain", "unblock", BLOCKED_HOST)
    await check_totals(town)


async def befriended(town: Town) -> list[Fake]:
    """Have everybody of the host that is to be blocked follow and be followed."""
    fakes = town.of_host(BLOCKED_HOST)
    await town.deliver([(fake, town.fediverse.follow(fake, town.actor["id"])) for fake in fakes])
    for fake in fakes:
        await town.server.follow(fake.uri)
    await town.finish()
    return fakes


async def check_totals(town: Town) -> None:
    """The totals of the administrator are what the rows say, and those of the blocked host are not among them."""
    [totals] = await rows.query(
        town.server, "SELECT followers_count, following_count FROM actor WHERE local_name = $1", ADMIN
    )
    assert totals == (FOLLOWERS, len(HOSTS))
    theirs = (
        "SELECT count(*) FROM follow f JOIN actor a ON a.id = f.{} WHERE a.local_name = $1 AND f.state = 'accepted'"
    )
    assert await town.number(theirs.format("followed_id"), ADMIN) == FOLLOWERS
    assert await town.number(theirs.format("follower_id"), ADMIN) == len(HOSTS)


@pytest.mark.parametrize("step", MOVING)
async def test_followers_are_carried_over_whatever_dies(town: Town, step: str) -> None:
    number = MOVING.index(step)
    old, new = town.of_host(GOING_HOST)[number], town.of_host(NEW_HOST)[number]
    for name in MEMBERS:
        await town.server.follow(old.uri, member=name)
    await town.finish()
    town.fediverse.documents |= {
        old.uri: old.document() | {"movedTo": new.uri},
        new.uri: new.document() | {"alsoKnownAs": [old.uri]},
    }
    town.arm(Process.WORKER, step)
    await town.deliver([(old, town.about(old, "Move", old.uri) | {"target": new.uri})])
    await town.struck()

    async def are_carried_over() -> bool:
        await rows.end_every_pause(town.server)
        return await followed(town, old) == 0 and await followed(town, new) == len(MEMBERS)

    try:
        await eventually(are_carried_over)
    except AssertionError:
        print(town.server.log_text()[-6000:])
        print(
            await rows.query(
                town.server, "select a.uri,f.state,f.follower_id from follow f join actor a on a.id=f.followed_id"
            )
        )
        print(await rows.query(town.server, "select name,value from setting"))
        print(await rows.query(town.server, "select inbox_uri,due_at,leased_by,last_error from delivery"))
        raise
    await town.finish()

    told = "SELECT count(*) FROM notification n JOIN actor a ON a.id = n.actor_id WHERE n.type = 'move' AND a.uri = $1"
    assert await town.number(told, old.uri) == len(MEMBERS)
    for kind in ("Follow", "Undo"):
        sent = [item for item in town.fediverse.of_type(kind) if item.inbox == (new if kind == "Follow" else old).inbox]
        assert len({item.activity["id"] for item in sent}) == len(MEMBERS)


async def followed(town: Town, fake: Fake) -> int:
    """Count the follows of a fake that its server accepted."""
    sql = "SELECT count(*) FROM follow f JOIN actor a ON a.id = f.followed_id WHERE a.uri = $1 AND f.state = 'accepted'"
    return await town.number(sql, fake.uri)
