"""Sending e-mail: one letter after the other, each tried again for a day before it is given up."""

from datetime import timedelta
from typing import Any

import structlog
from arq.connections import ArqRedis

from federation.context import Context, Work
from models.mail import Letter
from server.mail.sending import Mailer, MailFailed, MailRefused
from server.queue import take_mark

MAX_ATTEMPTS = 7
FIRST_PAUSE_SECONDS = 60
PAUSE_GROWS_BY = 4

log = structlog.get_logger()


async def send_letters(job: dict[str, Any]) -> None:
    """Send what is due, until nothing is."""
    redis: ArqRedis = job["redis"]
    ctx: Context = job["context"]
    await take_mark(redis, Work.MAIL)
    while (letter := await Letter.claim(ctx.now())) is not None:
        await send_one(letter, job["mailer"], ctx)


async def send_one(letter: Letter, mailer: Mailer, ctx: Context) -> None:
    """Send one letter. Its row goes when it is sent or given up; no log names whom it was for."""
    try:
        await mailer.send(letter)
    except MailRefused as refused:
        log.info("letter given up", id=letter.id, why=str(refused))
    except MailFailed as failed:
        if letter.attempts + 1 < MAX_ATTEMPTS:
            pause = FIRST_PAUSE_SECONDS * PAUSE_GROWS_BY**letter.attempts
            await letter.put_off(ctx.now() + timedelta(seconds=pause))
            return
        log.warning("letter given up", id=letter.id, why=str(failed))
    await letter.delete()
