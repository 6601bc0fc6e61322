"""Carrying on with moves whose followers were too many for one transaction."""

from federation import pipeline
from federation.context import Context
from federation.handlers.moving import UNFINISHED, carry_over
from federation.pipeline import Submission
from models.actor import Actor
from models.setting import Setting
from server.atomically import atomically


async def carry_on(ctx: Context) -> int:
    """Carry over the next followers of every move that is not finished; how many activities that took."""
    count = 0
    for setting in await Setting.filter(name__startswith=UNFINISHED):
        performed = await _carry_on(int(setting.name.removeprefix(UNFINISHED)), ctx)
        if not performed:
            await setting.delete()
        count += performed
    return count


async def _carry_on(old_id: int, ctx: Context) -> int:
    old = await Actor.get_or_none(id=old_id, gone_at=None)
    target = await Actor.get_or_none(uri=old.moved_to_uri, gone_at=None) if old and old.moved_to_uri else None
    if old is None or target is None or old.uri not in target.also_known_as:
        return 0
    async with atomically(ctx) as whole:
        await Setting.select_for_update().get_or_none(name=f"{UNFINISHED}{old_id}")  # one worker at a time
        effects = await carry_over(old, target, whole.for_batch())
        await whole.react(effects.facts)
        outcomes = await pipeline.submit_many([Submission(item, item.actor_uri) for item in effects.replies], whole)
    return sum(outcome.is_new for outcome in outcomes)
