"""What a visitor may follow, join or answer from another server: an actor of ours, or a post that everybody may read."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from federation.context import Context
from models.actor import Actor, ActorType
from server.errors import NotFound
from server.posts import queries
from server.sections import directory
from server.sections import queries as sections
from web.profiles.pages import MAX_ID, local_actor


class Act(StrEnum):
    """What a visitor wishes to do from their own server."""

    FOLLOW = "follow"
    JOIN = "join"
    REPLY = "reply"
    LIKE = "like"
    SHARE = "share"
    COME = "come"


@dataclass(frozen=True, slots=True)
class Target:
    """`uri` is what the visitor's server is told; `of` or `post` is how our own form names it; `search` what to look
    for by hand; `page` is where they came from."""

    uri: str
    actor: Actor
    search: str
    page: str
    act: Act = Act.FOLLOW
    of: str = ""
    post: str = ""


async def target_of(values: Mapping[str, str], ctx: Context) -> Target:
    """Find what the form or the address names: of=username, act=join; or post=id, act=reply, like, share or come.

    of=user@host is a section of another server that stands in the directory.

    Raises:
        NotFound: nothing that may be followed, joined or answered.
        Gone: its actor has gone.
    """
    if id_ := values.get("post", ""):
        return await _post(id_, values.get("act", ""))
    if "@" in (of := values.get("of", "")):
        return await _section_elsewhere(of)
    actor = await local_actor(values.get("of", ""))
    if actor.type is ActorType.APPLICATION:
        raise NotFound("This page does not exist.")
    handle = f"@{ctx.names.handle(actor.username)}"
    if values.get("act") != Act.JOIN:
        return Target(actor.uri, actor, handle, actor.url, of=actor.username)
    if await sections.of_actor(actor.id) is None:
        raise NotFound("This page does not exist.")
    return Target(actor.uri, actor, handle, f"{actor.url}/join", Act.JOIN, of=actor.username)


async def _section_elsewhere(handle: str) -> Target:
    actor = await directory.elsewhere(handle)
    if actor is None:
        raise NotFound("This page does not exist.")
    return Target(actor.uri, actor, f"@{actor.handle}", actor.url or actor.uri, of=actor.handle)


async def _post(text: str, wish: str) -> Target:
    act = Act(wish) if wish in (Act.LIKE, Act.SHARE, Act.COME) else Act.REPLY
    is_id = text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= MAX_ID
    view = await queries.one(int(text), None) if is_id else None
    if view is None or not view.post.is_local:
        raise NotFound("This post does not exist, or is not for everybody.")
    return Target(view.post.uri, view.post.actor, view.post.url, view.post.url, act, post=text)
