"""Handing on what arrives for a collection of ours, whose members only we know.

Somebody answers a member of ours and addresses the answer to that member's followers: their servers get it from us, as
it came; its proof or its home tells them whose it is.   Source: ActivityPub §7.1.2
"""

from collections.abc import Iterator

from federation import event_polls
from federation.activities import Activity
from federation.context import Context
from federation.jsonld import each, type_of, uri_of
from models.activity import ActivityRecord
from models.actor import Actor
from models.delivery import Delivery
from models.post import Post, Visibility

MAX_STEPS = 8  # of the chain of replies, up to something of ours


async def hand_on(activity: Activity, record: ActivityRecord, ctx: Context) -> bool:
    """Owe an activity of another server to the followers it is addressed to, if it is about something of ours.

    Whether it is owed to anybody. Its own server is left out.
    """
    owners = await _owners(activity, ctx) if not event_polls.is_answer(activity, ctx) else []
    if not owners or _is_among_members(activity, ctx) or not await _is_about_ours(activity, ctx):
        return False
    origin = ctx.known.actor(activity.actor_uri).host
    for owner in owners:
        await Delivery.plan_to_followers(record, owner.id, ctx.now(), except_host=origin)
    return await Delivery.filter(activity_id=record.id).exists()


async def _owners(activity: Activity, ctx: Context) -> list[Actor]:
    """Find the actors of ours to whose followers the activity itself is addressed."""
    named = (*activity.to, *activity.cc, *activity.audience)
    uris = [uri.removesuffix("/followers") for uri in named if ctx.names.is_ours(uri) and uri.endswith("/followers")]
    if not uris:
        return []
    found = await Actor.filter(uri__in=list(dict.fromkeys(uris)), is_local=True, gone_at=None)
    return [actor for actor in found if actor.followers_uri in named]


def _is_among_members(activity: Activity, ctx: Context) -> bool:
    """Whether it is for the members of a group, or about something that is: followers are others."""
    if any(uri in ctx.known.groups for uri in activity.addresses):
        return True
    posts = (ctx.known.posts.get(uri) for uri in _related(activity))
    return any(post is not None and post.visibility is Visibility.SECTION for post in posts)


async def _is_about_ours(activity: Activity, ctx: Context) -> bool:
    """Whether what it is about, answers, targets or tags is ours, or answers in a few steps something that is."""
    uris = set(_related(activity))
    if any(ctx.names.is_ours(uri) and (uri in ctx.known.posts or uri in ctx.known.actors) for uri in uris):
        return True
    for post in [post for uri in uris if (post := ctx.known.posts.get(uri))]:
        above = await Post.ancestor_ids(post.id, MAX_STEPS)
        if above and await Post.exists(id__in=above, is_local=True):
            return True
    return False


def _related(activity: Activity) -> Iterator[str]:
    document, embedded = activity.document, activity.object or {}
    related = [activity.object_uri, uri_of(document.get("target")), uri_of(embedded.get("inReplyTo"))]
    related += [uri_of(tag) for tag in each(embedded.get("tag")) if type_of(tag) == "Mention"]
    yield from (uri for uri in related if uri)
