"""Sending letters: each once if it can be, later if it cannot, and no name in any log."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from federation.context import Context, Work
from models.mail import Letter
from server.mail import actions as mail
from server.mail.sending import MailFailed, MailRefused
from server.monitoring.metrics import LETTER_TRIES
from tests.world import World
from workers.mail import MAX_ATTEMPTS, send_letters
from workers.sweep import sweep


class Postman:
    """A mailer that does as it is told."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.trouble: dict[str, Exception] = {}
        self.opened_times = 0

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Postman"]:
        """Count how often."""
        self.opened_times += 1
        yield self

    async def send(self, letter: Letter) -> None:
        """Remember whom it was for."""
        if (trouble := self.trouble.get(letter.recipient)) is not None:
            raise trouble
        self.sent.append(letter.recipient)

    async def try_out(self) -> None:
        """Nothing to try."""


@pytest.fixture
def postman(job: dict[str, Any]) -> Postman:
    """The mailer of this worker."""
    job["mailer"] = Postman()
    return job["mailer"]


async def write(*addresses: str, ctx: Context) -> None:
    for address in addresses:
        await mail.post("trial", address, ctx, language="fr", sender_name="Lille", host="lille.test")


async def test_everything_due_is_sent_and_gone(job: dict[str, Any], postman: Postman, ctx: Context) -> None:
    await write("zoe@post.example", "ali@post.example", ctx=ctx)
    await send_letters(job)
    assert postman.sent == ["zoe@post.example", "ali@post.example"]
    assert postman.opened_times == 1
    assert not await Letter.exists()


async def test_each_try_is_counted_by_what_became_of_it(
    job: dict[str, Any], postman: Postman, ctx: Context, world: World
) -> None:
    outcomes = ("sent", "put_off", "refused", "given_up")
    before = {outcome: LETTER_TRIES.labels(outcome)._value.get() for outcome in outcomes}
    await write("zoe@post.example", "ali@post.example", "noor@post.example", ctx=ctx)
    postman.trouble["ali@post.example"] = MailRefused("the mail server answered 550")
    postman.trouble["noor@post.example"] = MailFailed("the mail server answered 450")
    await send_letters(job)
    while (letter := await Letter.first()) is not None:
        world.now = letter.due_at
        await send_letters(job)
    counted = {outcome: LETTER_TRIES.labels(outcome)._value.get() - before[outcome] for outcome in outcomes}
    assert counted == {"sent": 1, "put_off": MAX_ATTEMPTS - 1, "refused": 1, "given_up": 1}


async def test_one_that_fails_waits_longer_each_time_and_is_given_up(
    job: dict[str, Any], postman: Postman, ctx: Context, world: World
) -> None:
    await write("zoe@post.example", "ali@post.example", ctx=ctx)
    postman.trouble["zoe@post.example"] = MailFailed("the mail server answered 450")
    pauses = []
    with capture_logs() as logs:
        await send_letters(job)
        assert postman.sent == ["ali@post.example"]
        while (letter := await Letter.first()) is not None:
            pauses.append((letter.due_at - world.now).total_seconds())
            world.now = letter.due_at
            await send_letters(job)
    assert pauses == [60.0 * 4**times for times in range(MAX_ATTEMPTS - 1)]
    assert [entry["event"] for entry in logs] == ["letter given up"]
    assert "zoe" not in str(logs)


async def test_one_that_is_refused_is_given_up_at_once(job: dict[str, Any], postman: Postman, ctx: Context) -> None:
    await write("zoe@post.example", ctx=ctx)
    postman.trouble["zoe@post.example"] = MailRefused("the mail server answered 550")
    with capture_logs() as logs:
        await send_letters(job)
    assert not await Letter.exists()
    assert "zoe" not in str(logs)


async def test_the_periodic_look_finds_letters_that_nobody_was_woken_for(
    job: dict[str, Any], postman: Postman, ctx: Context, world: World
) -> None:
    await sweep(job)
    assert Work.MAIL not in world.woken
    await write("zoe@post.example", ctx=ctx)
    world.woken.clear()
    await sweep(job)
    assert Work.MAIL in world.woken


async def test_a_letter_wakes_a_worker(ctx: Context, world: World) -> None:
    await write("zoe@post.example", ctx=ctx)
    assert world.woken == [Work.MAIL]
    assert (await Letter.get()).due_at - ctx.now() == timedelta()
