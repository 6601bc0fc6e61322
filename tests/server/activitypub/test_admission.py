"""The door of the inbox: nobody fills it for others, and whoever is turned away is told when to come back."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from federation.context import Context
from models import database
from models.actor import Actor
from models.inbox import InboxMessage
from server.activitypub import admission as admission_module
from server.activitypub.admission import DOUBTED_SECONDS, FAILURES_AT_ONCE, Admission
from server.errors import TooMany, Unavailable
from tests import factories
from tests.server.activitypub.poster import FAR, Poster, build_app, follow_of
from tests.world import World, WorldClient

OTHER = "https://elsewhere.test/users/max"


class Clock:
    """Seconds that tests move."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def admission(db: str, clock: Clock) -> Admission:
    """A door with room for three of each host, and for five."""
    admission = Admission(5, clock)
    admission.share = 3
    return admission


@pytest.fixture
def poster(ctx: Context, world: World, tmp_path: Path, admission: Admission) -> Poster:
    """Whoever POSTs."""
    app = build_app(ctx, tmp_path)
    app.state.admission = admission
    return Poster(app, world)


async def fill(count: int, host: str = "far.test") -> None:
    """Put messages of a host into the journal."""
    actor = f"https://{host}/users/full"
    await InboxMessage.bulk_create(
        [InboxMessage(actor_uri=actor, activity_uri=f"{actor}/{n}", body="{}") for n in range(count)]
    )


async def test_a_host_that_has_its_share_is_told_so_and_others_go_on(
    section: Actor, remote_actor: Actor, stranger: Actor, poster: Poster
) -> None:
    replies = [await poster.post(follow_of(section, number)) for number in range(4)]
    assert [reply.status for reply in replies] == [202, 202, 202, 429]
    assert replies[-1].error == "Too much from your server waits here. Send it again later."
    assert replies[-1].headers["retry-after"] == "60"
    assert (await poster.post(follow_of(section, 1, OTHER))).status == 202
    assert await InboxMessage.all().count() == 4, "what was accepted is there, and what was not is not"


async def test_what_others_put_in_counts_too(
    section: Actor, remote_actor: Actor, poster: Poster, admission: Admission
) -> None:
    await fill(3)
    assert (await poster.post(follow_of(section))).status == 429
    assert (admission.waiting(), admission.waiting_of("far.test")) == (3, 3)


async def test_everybody_is_told_when_everything_is_full(
    section: Actor, remote_actor: Actor, stranger: Actor, poster: Poster
) -> None:
    await fill(2)
    await fill(3, "third.test")
    reply = await poster.post(follow_of(section))
    assert (reply.status, reply.headers["retry-after"]) == (503, "60")
    assert reply.error == "Too much waits at this server. Send it again later."


async def test_a_host_is_served_again_when_its_messages_were_performed(
    section: Actor, remote_actor: Actor, poster: Poster, clock: Clock
) -> None:
    for number in range(3):
        await poster.post(follow_of(section, number))
    assert (await poster.post(follow_of(section, 3))).status == 429
    await InboxMessage.all().delete()
    clock.seconds += DOUBTED_SECONDS
    assert (await poster.post(follow_of(section, 3))).status == 202


async def test_nothing_is_fetched_for_a_host_that_has_its_share(section: Actor, poster: Poster, world: World) -> None:
    world.serve(factories.actor_document(FAR))
    await fill(3)
    assert (await poster.post(follow_of(section))).status == 429
    assert world.fetched == []


async def test_nobody_uses_up_the_share_of_a_host_by_its_name(
    section: Actor, remote_actor: Actor, poster: Poster, admission: Admission
) -> None:
    replies = [await poster.post(follow_of(section, number), key=1) for number in range(6)]
    assert {reply.status for reply in replies} == {401}
    assert admission.waiting_of("far.test") == 0
    assert (await poster.post(follow_of(section))).status == 202


async def test_what_is_passed_on_fills_no_more_than_half_of_its_authors_share(admission: Admission) -> None:
    await admission.admit("far.test", is_passed_on=True)
    with pytest.raises(TooMany):
        await admission.admit("far.test", is_passed_on=True)
    await admission.admit("far.test")


async def test_many_requests_cost_one_count(admission: Admission, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = []
    count = InboxMessage.count_by_host

    async def counting(limit: int) -> dict[str, int]:
        counted.append(limit)
        return await count(limit)

    monkeypatch.setattr(InboxMessage, "count_by_host", counting)
    for host in ("a.test", "b.test", "c.test"):
        await admission.admit(host)
    assert counted == [10]


async def test_a_count_that_fails_refuses_nobody(admission: Admission) -> None:
    await database.execute("ALTER TABLE inbox_message RENAME TO mislaid")
    try:
        await admission.admit("far.test")
    finally:
        await database.execute("ALTER TABLE mislaid RENAME TO inbox_message")


def test_a_share_is_a_fifth_and_never_less_than_two_thousand() -> None:
    assert [Admission(most).share for most in (100_000, 5_000, 500)] == [20_000, 2_000, 500]


async def test_an_address_whose_signatures_do_not_fit_is_refused_for_a_while(
    section: Actor, remote_actor: Actor, poster: Poster, clock: Clock
) -> None:
    for number in range(FAILURES_AT_ONCE):
        assert (await poster.post(follow_of(section, number), key=1)).status == 401
    reply = await poster.post(follow_of(section))
    assert (reply.status, reply.headers["retry-after"]) == (429, "1")
    assert reply.error == "Too many of your signatures do not fit. Try again later."
    clock.seconds += 1
    assert (await poster.post(follow_of(section))).status == 202


class Hanging(WorldClient):
    """Servers that answer when they are told to."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.answers = asyncio.Event()

    async def get(self, url: str, **choices: Any) -> Any:
        """Answer late."""
        await self.answers.wait()
        return await super().get(url, **choices)


async def hold(admission: Admission, key_id: str, address: str, ends: asyncio.Event, size: int = 10) -> None:
    async with admission.verifying(key_id, address, size):
        await ends.wait()


async def refusal(admission: Admission, key_id: str, address: str, size: int = 10) -> str:
    """The sentence with which a check is refused."""
    with pytest.raises(Unavailable) as refused:
        async with admission.verifying(key_id, address, size):
            pass
    assert refused.value.headers["Retry-After"] == "60"
    return refused.value.message


async def test_unknown_keys_are_waited_for_by_so_many_of_a_host_and_of_an_address_and_in_all(
    admission: Admission, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission_module, "MAX_CHECKS", 3)
    monkeypatch.setattr(admission_module, "MAX_CHECKS_OF_ONE", 2)
    ends = asyncio.Event()
    first = [asyncio.create_task(hold(admission, f"https://a.test/{n}", f"10.0.0.{n}", ends)) for n in range(2)]
    await asyncio.sleep(0.0)
    while admission.checks() < 2:
        await asyncio.sleep(0)
    yours = "Too many of your signatures are being checked. Try again later."
    assert await refusal(admission, "https://a.test/9", "10.0.0.9") == yours

    third = asyncio.create_task(hold(admission, "https://b.test/1", "10.0.0.0", ends))
    while admission.checks() < 3:
        await asyncio.sleep(0)
    assert await refusal(admission, "https://c.test/1", "10.0.0.0") == yours
    assert await refusal(admission, "https://c.test/1", "10.0.0.9") == (
        "Too many signatures are being checked. Try again later."
    )
    async with admission.verifying("https://a.test/known", "10.0.0.0", 10, is_known=True):
        pass

    ends.set()
    await asyncio.gather(*first, third)
    assert admission.checks() == 0
    async with admission.verifying("https://a.test/9", "10.0.0.9", 10):
        assert admission.checks() == 1


async def test_the_bodies_of_those_who_wait_for_a_key_have_so_much_room(
    admission: Admission, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission_module, "MAX_CHECKED_BYTES", 100)
    async with admission.verifying("https://a.test/1", "10.0.0.1", 60):
        said = await refusal(admission, "https://b.test/1", "10.0.0.2", 60)
    assert said == "Too many signatures are being checked. Try again later."
    async with admission.verifying("https://b.test/1", "10.0.0.2", 60):
        pass


async def test_who_names_keys_that_hang_is_refused_and_whose_key_is_here_is_not(
    section: Actor,
    remote_actor: Actor,
    ctx: Context,
    poster: Poster,
    world: World,
    admission: Admission,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(admission_module, "MAX_CHECKS_OF_ONE", 2)
    assert (await poster.post(follow_of(section))).status == 202
    client = Hanging(world)
    object.__setattr__(ctx, "client", client)
    slow = [f"https://slow.test/users/{number}" for number in range(3)]
    waiting = [asyncio.create_task(poster.post(follow_of(section, 1, actor))) for actor in slow[:2]]
    while admission.checks() < 2:
        await asyncio.sleep(0)

    reply = await poster.post(follow_of(section, 1, slow[2]))
    assert (reply.status, reply.headers["retry-after"]) == (503, "60")
    assert (await poster.post(follow_of(section, 2))).status == 202

    client.answers.set()
    await asyncio.gather(*waiting)
    assert admission.checks() == 0
