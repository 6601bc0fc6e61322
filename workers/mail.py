"""Sending e-mail: what is due over one connection, each letter tried again for a day before it is given up."""

from datetime import timedelta
from typing import Any

import structlog
from arq.connections import ArqRedis

from federation.context import Context, Work
from models.mail import Letter
from server.mail.sending import Mailer, MailFailed, MailRefused, Sender
from server.monitoring.metrics import LETTER_TRIES
from server.queue import take_mark

MAX_ATTEMPTS = 7
FIRST_PAUSE_SECONDS = 60
PAUSE_GROWS_BY = 4

log = structlog.get_logger()


async def send_letters(job: dict[str, Any]) -> None:
    """Send what is due, until nothing is."""
    redis: ArqRedis = job["redis"]
    ctx: Context = job["context"]
    mailer: Mailer = job["mailer"]
    await take_mark(redis, Work.MAIL)
    async with mailer.opened() as sender:
        while (letter := await Letter.claim(ctx.now())) is not None:
            await send_one(letter, sender, ctx)


async def send_one(letter: Letter, sender: Sender, ctx: Context) -> None:
    """Send one letter. Its row goes when it is sent or given up; no log names whom it was for."""
    outcome = "sent"
    try:
        await sender.send(letter)
    except MailRefused as refused:
        outcome = "refused"
        log.info("letter given up", id=letter.id, why=str(refused))
    except MailFailed as failed:
        if letter.attempts + 1 < MAX_ATTEMPTS:
            pause = FIRST_PAUSE_SECONDS * PAUSE_GROWS_BY**letter.attempts
            await letter.put_off(ctx.now() + timedelta(seconds=pause))
            LETTER_TRIES.labels("put_off").inc()
            return
        outcome = "given_up"
        log.warning("letter given up", id=letter.id, why=str(failed))
    await letter.delete()
    LETTER_TRIES.labels(outcome).inc()
