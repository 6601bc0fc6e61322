"""What a member does about somebody who behaves badly: report them."""

from collections.abc import Sequence

from federation import pipeline
from federation.activities import build
from federation.context import Context
from federation.facts import Reported
from models.actor import Actor
from models.ids import new_id
from models.moderation import Report, ReportCategory
from models.post import Post
from server.admin.rules import all_rules
from server.atomically import atomically
from server.errors import Conflict, Invalid

MAX_COMMENT_CHARACTERS = 1000
MAX_POSTS = 100


async def report(
    reporter: Actor,
    reported: Actor,
    ctx: Context,
    *,
    post_ids: Sequence[int] = (),
    comment: str = "",
    category: ReportCategory = ReportCategory.OTHER,
    rule_numbers: Sequence[int] = (),
    forward: bool = False,
) -> Report:
    """Report an actor, and posts of theirs, to the moderators here.

    `rule_numbers` are those of the rules of this server that it is about; one that there is not is left out.

    `forward` tells those of the actor's own server too, in the name of this server: who reports stays here.

    Raises:
        Conflict: one cannot report oneself.
        Invalid: the comment or the list of posts is too long.
    """
    if reporter.id == reported.id:
        raise Conflict("You cannot report yourself.")
    if len(comment) > MAX_COMMENT_CHARACTERS:
        raise Invalid("A report may have 1,000 characters at most.")
    if len(post_ids) > MAX_POSTS:
        raise Invalid("A report may name 100 posts at most.")
    readable = Post.visible_to(reporter).filter(actor_id=reported.id, id__in=list(post_ids)) if post_ids else None
    uris = [post.uri for post in await readable.order_by("id")] if readable is not None else []
    standing = {rule.number for rule in await all_rules()} if rule_numbers else set()
    id_ = new_id()
    async with atomically(ctx) as whole:
        kept = await Report.create(
            id=id_, uri=f"{ctx.names.origin}/reports/{id_}", reporter=reporter, reported=reported, post_uris=uris,
            comment=comment, category=category, created_at=ctx.now(),
            rule_numbers=[number for number in dict.fromkeys(rule_numbers) if number in standing],
        )  # fmt: skip
        await ctx.react([Reported(kept, reported)])
        if forward and not reported.is_local:
            await _forward(reported, uris, comment, whole)
    return kept


async def _forward(reported: Actor, post_uris: Sequence[str], comment: str, ctx: Context) -> None:
    instance = await Actor.get(uri=ctx.names.instance_actor)
    flag = build(
        "Flag", instance, [reported.uri, *post_uris], uri=ctx.names.new_activity(), to=[reported.uri], content=comment
    )  # fmt: skip
    await pipeline.submit(flag, acting=instance, ctx=ctx)
