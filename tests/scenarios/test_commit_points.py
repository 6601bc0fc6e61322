"""A process dies at each named step of the pipeline: nothing accepted is lost, nothing is performed twice.

The steps are the rows of `tests.scenarios.crashing.STEPS`. What comes after the kill is the same for all of them: each
process is started again by the supervisor, other servers and clients ask again for what nobody answered them, and in the
end every row and every total is as if nothing had happened.
"""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.scenarios import rows
from tests.scenarios.conftest import NewServer
from tests.scenarios.crashing import Process, steps
from tests.scenarios.mortal import ACTORS_PER_HOST, BLOCKED_HOST, FOLLOWERS, GOING_HOST, HOSTS, Town, check_fan_out
from tests.scenarios.receiver import Fake, Fediverse, Json
from tests.scenarios.server import ADMIN, Server

pytestmark = pytest.mark.asyncio(loop_scope="module")

FETCHING = {"path: before fetching", "path: fetched"}
LATER = ["path: stored", "path: planned", "path: performed"]  # also when others of the batch are done

IN_THE_WEB = [(step, 1) for step in steps("inbox")] + [(step, 2) for step in steps("inbox")]
IN_A_WORKER = [(step, 1) for step in steps("batch", "path")] + [(step, 5) for step in LATER]
PUBLISHING = [step for step in steps("path", "post") if step not in FETCHING]


@pytest.fixture(scope="module")
def server(new_server: NewServer) -> Server:
    """The server whose processes die."""
    return new_server("lille", "Section de Lille", program="tests.scenarios.crashing")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(server: Server) -> AsyncIterator[Town]:
    """The server among its followers."""
    fediverse = await Fediverse([*HOSTS, BLOCKED_HOST, GOING_HOST], ACTORS_PER_HOST).start()
    yield await Town(server, fediverse).settle_in()
    await fediverse.stop()


def kills() -> Iterator[tuple[Process, str, int]]:
    """Give every step of what arrives: (the process that dies, where, at which time)."""
    yield from ((Process.WEB, *where) for where in IN_THE_WEB)
    yield from ((Process.WORKER, *where) for where in IN_A_WORKER)


@pytest.mark.parametrize(("process", "step", "number"), list(kills()))
async def test_what_arrives_is_performed_once_whatever_dies(
    town: Town, process: Process, step: str, number: int
) -> None:
    post = await town.publish("what do you think?", f"{process}, {step}, {number}")
    await town.finish()
    talk = conversation(town, post)
    follows = [activity for _, activity in talk if activity["type"] == "Follow"]
    town.arm(process, step, number)
    await town.deliver(talk)
    await town.struck()

    await town.finish()

    await check_conversation(town, post)
    accepts = [arrival.activity for arrival in town.fediverse.of_type("Accept")]
    for follow in follows:
        assert len({accept["id"] for accept in accepts if follow["id"] in str(accept["object"])}) == 1


def conversation(town: Town, post: Json) -> list[tuple[Fake, Json]]:
    """Answer, like and announce a post, follow its author anew, and announce a post that has to be fetched."""
    fakes, talk = town.followers, []
    mention = {"type": "Mention", "href": town.actor["id"], "name": f"@{ADMIN}"}
    for number, fake in enumerate(fakes):
        answer = town.note(fake, "I think so.", inReplyTo=post["uri"], tag=[mention])
        answer["cc"].append(town.actor["id"])
        talk.append((fake, town.create(fake, answer)))
        talk.append((fake, town.about(fake, "Like" if number % 2 else "Announce", post["uri"])))
    talk += [(fake, town.fediverse.follow(fake, town.actor["id"])) for fake in fakes[:2]]
    unknown = town.note(fakes[1], "nobody has this yet")
    town.fediverse.documents[unknown["id"]] = unknown
    return [*talk, (town.friends[0], town.about(town.friends[0], "Announce", unknown["id"]))]


async def check_conversation(town: Town, post: Json) -> None:
    """Every answer, like and announce is there and counted once, and was told of once."""
    seen = await town.server.api("GET", f"/api/v1/statuses/{post['id']}")
    half = FOLLOWERS // 2
    assert (seen["replies_count"], seen["favourites_count"], seen["reblogs_count"]) == (FOLLOWERS, half, half)
    told = """
        SELECT n.type, count(*) FROM notification n JOIN post p ON p.id = n.post_id
        WHERE p.id = $1 OR p.in_reply_to_id = $1 GROUP BY n.type
    """
    found = await rows.query(town.server, told, int(post["id"]))
    assert dict(found) == {"mention": FOLLOWERS, "like": half, "announce": half}
    assert await town.number("SELECT count(*) FROM post WHERE in_reply_to_id = $1", int(post["id"])) == FOLLOWERS
    assert await town.number("SELECT followers_count FROM actor WHERE local_name = $1", ADMIN) == FOLLOWERS
    unread = "SELECT count(*) FROM home_row h JOIN post p ON p.id = h.post_id WHERE p.content_html LIKE $1"
    fetched = await town.number("SELECT count(*) FROM post WHERE content_html LIKE $1", "%nobody has this yet%")
    assert await town.number(unread, "%nobody has this yet%") == fetched == len(town.fediverse.documents)


@pytest.mark.parametrize("step", PUBLISHING)
async def test_a_post_is_published_once_whatever_dies(town: Town, step: str) -> None:
    text = f"published, {step}"
    town.arm(Process.WEB, step)
    post = await town.publish(text, step)
    await town.struck()

    await town.finish()

    found = await rows.query(town.server, "SELECT id FROM post WHERE content_html LIKE $1", f"%{text}%")
    assert found == [(int(post["id"]),)]
    check_fan_out(town.fediverse, text, town.followers, is_sender_killed=False)


REFUSALS = {
    "delivery: failed, before the blame": 500,
    "delivery: blamed": 500,
    "delivery: before the host waits": 503,
    "delivery: host waits": 503,
    "delivery: before the host is well again": 503,
    "delivery: host well again": 503,
    "delivery: before it is put off": 401,
    "delivery: put off": 401,
    "delivery: before its owner is buried": 410,
    "delivery: owner buried, not given up": 410,
    "delivery: before giving up": 400,
    "delivery: given up": 400,
}
FOR_GOOD = frozenset({400, 410})
AGAIN = ["delivery: before sending", "delivery: sent, not settled"]


@pytest.mark.parametrize(
    ("step", "number"), [*((step, 1) for step in steps("delivery")), *((step, 6) for step in AGAIN)]
)
async def test_what_is_owed_is_sent_whatever_dies(town: Town, step: str, number: int) -> None:
    text, refusal = f"owed, {step}, {number}", REFUSALS.get(step)
    refusing = await newcomer(town) if refusal in FOR_GOOD else town.followers[0]
    if refusal is not None:
        times = {401: 2}.get(
            refusal, 9 if refusal in FOR_GOOD else 1
        )  # to a 401 it knocks again with another signature
        town.fediverse.answers[refusing.inbox] = [refusal] * times
    town.arm(Process.WORKER, step, number)
    await town.publish(text, text)
    await town.struck()

    await town.finish()

    if refusal in FOR_GOOD:
        await check_given_up(town, refusing, refusal)
    check_fan_out(town.fediverse, text, town.followers)


async def newcomer(town: Town) -> Fake:
    """Have somebody follow who will not take what is sent."""
    for fake in town.of_host(GOING_HOST):
        if fake.inbox not in town.fediverse.answers:
            await town.deliver([(fake, town.fediverse.follow(fake, town.actor["id"]))])
            await town.finish()
            return fake
    raise LookupError("everybody of that host has gone")


async def check_given_up(town: Town, fake: Fake, status: int) -> None:
    """What is refused for good stays with the reason, never sent again; who is gone follows nobody, and is owed nothing."""
    rest = await rows.query(town.server, "SELECT due_at, last_error FROM delivery WHERE inbox_uri = $1", fake.inbox)
    assert [(due_at, str(status) in error) for due_at, error in rest] == ([(None, True)] if status == 400 else [])
    gone = await town.number("SELECT count(*) FROM actor WHERE uri = $1 AND gone_at IS NOT NULL", fake.uri)
    assert gone == (status == 410)
    if status == 400:
        await town.deliver([(fake, town.undo_follow(fake))])
        await town.finish()
    assert await town.number("SELECT followers_count FROM actor WHERE local_name = $1", ADMIN) == FOLLOWERS
