"""The periodic look: whatever a lost job, a dead worker or an empty broker left behind is found here."""

from typing import Any

from federation.context import Context, Work
from models.delivery import Delivery
from models.errand import Errand
from models.inbox import InboxMessage
from models.mail import Letter
from models.push import Push, PushSubscription
from server.admin.domains import purge
from server.events import announcing, notices
from server.filters import actions as filters
from server.follows.moving import carry_on
from server.media.clearing import clear
from server.members import mutes
from server.members.leaving import destroy_keys
from server.posts import polls, scheduled
from server.queue import take_mark
from server.sections import copies
from workers.delivery import expire
from workers.errands import ERRANDS


async def sweep(job: dict[str, Any]) -> None:
    """Wake whoever has rows to look at, give up what is too old, and carry on with what was too much at once."""
    ctx: Context = job["context"]
    await expire(ctx)
    await carry_on(ctx)
    await destroy_keys()
    await purge(ctx)
    if await InboxMessage.filter(due_at__lte=ctx.now()).exists():
        await _wake(Work.INBOX, job)
    if await Delivery.due_hosts(ctx.now(), 1):
        await _wake(Work.DELIVERY, job)
    await Errand.expire(ctx.now())
    await copies.keep_up(ctx)
    if await Errand.are_due(ctx.now(), ERRANDS):
        await _wake(Work.ERRANDS, job)
    if await Letter.are_due(ctx.now()):
        await _wake(Work.MAIL, job)
    await mutes.sweep(ctx.now())
    await filters.sweep(ctx)
    await PushSubscription.forget_revoked()
    if await Push.are_due(ctx.now()):
        await _wake(Work.PUSH, job)
    await polls.sweep(ctx)
    await scheduled.sweep(ctx)
    await notices.sweep(ctx)
    await announcing.announce_due(ctx)
    await clear(job["media"], ctx.now())


async def _wake(work: Work, job: dict[str, Any]) -> None:
    """Wake a worker even where a mark says that one was woken: whoever set it may have died before it could."""
    ctx: Context = job["context"]
    await take_mark(job["redis"], work)
    await ctx.wake(work)
