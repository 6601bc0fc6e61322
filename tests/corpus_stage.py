"""What a document of the corpus speaks of, made true here, so that it can be performed: a Like needs the post it likes.

Where an activity is for somebody of the receiving server (Follow, Block, Flag, Invite …), one of ours takes their place.
"""

import copy
import itertools
from collections.abc import Callable
from typing import Any

from federation.activities import parse
from federation.actors import keep
from federation.context import Context
from federation.errors import FederationError
from federation.jsonld import Json, each, is_uri, type_of, uri_of, uris_of
from federation.objects import actor as actor_object
from federation.objects import question
from federation.uris import host_of
from federation.vocabulary import ACTIVITY_TYPES, ACTOR_TYPES
from models.actor import Actor
from models.follow import Follow, FollowState
from models.membership import Membership
from models.post import Post
from tests import factories
from tests.world import World

OURS = frozenset({"Follow", "Block", "Flag", "Join", "Leave", "Invite"})
OF_A_POST = frozenset(
    {"Like", "Announce", "Dislike", "EmojiReact", "View", "Read", "Listen", "Add", "Remove", "Delete", "Lock"}
)


def completed(document: Json) -> Json:
    """Fill what whoever published a document blanked out: ids, dates, the domain of a template."""
    numbers = itertools.count(1)

    def fill(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: fill(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [fill(inner) for inner in value]
        if value == "SCRUBBED_ID":
            return f"https://kbin.test/scrubbed/{next(numbers)}"
        if value == "SCRUBBED_DATE":
            return "2026-01-01T12:00:00Z"
        if isinstance(value, str):
            return value.replace("{{DOMAIN}}", "template.test").replace("{{", "").replace("}}", "")
        return value

    return dict(fill(document))


class Stage:
    """The rows that one document needs."""

    def __init__(self, ctx: Context, world: World, member: Actor, section: Actor) -> None:
        self._ctx, self._world = ctx, world
        self._member, self._section = member, section

    async def meet(self, uri: str, **more: Any) -> Actor:
        """Make somebody of another server known, whom a member follows."""
        document = factories.actor_document(uri, preferredUsername="somebody", **more)
        self._world.serve(document)
        actor = await keep(actor_object.read(document, now=self._ctx.now()))
        follow = {"uri": f"{self._member.uri}/follows/{actor.id}", "state": FollowState.ACCEPTED}
        await Follow.get_or_create(follow, follower=self._member, followed=actor)
        return actor

    async def set(self, activity: Json, submit: Callable[[Json, str], Any]) -> Json:
        """Make true what an activity takes for granted; the activity, as it would be sent to us."""
        activity = copy.deepcopy(activity)
        kind, actor_uri = type_of(activity) or "", uri_of(activity.get("actor")) or ""
        if kind in OURS:
            await self._address_us(kind, activity)
        elif kind in ("Accept", "Reject", "TentativeAccept"):
            await self._ask(activity, actor_uri)
        elif kind == "Undo" and isinstance(activity.get("object"), dict):
            inner = activity["object"]
            inner.setdefault("actor", actor_uri)
            activity["object"] = await self.set(inner, submit)
            await submit(activity["object"], actor_uri)
        elif kind == "Announce" and type_of(activity.get("object")) in ACTIVITY_TYPES:
            await self._pass_on(activity, submit)
        elif kind in OF_A_POST:
            await self._post_at(activity, kind, actor_uri)
        elif kind == "Create" and question.is_vote(next(each(activity.get("object")), None)):
            await self._poll_for(activity)
        elif kind == "Update" and type_of(activity.get("object")) in ACTOR_TYPES:
            activity["object"]["id"] = actor_uri if "scrubbed" in activity["object"]["id"] else activity["object"]["id"]
        elif kind == "Update" and type_of(activity.get("object")) not in ACTOR_TYPES:
            await submit(activity | {"id": f"{activity['id']}#before", "type": "Create"}, actor_uri)
        elif kind == "Move":
            await self._target_of(activity)
        return activity

    async def _address_us(self, kind: str, activity: Json) -> None:
        if kind == "Flag":
            activity["object"] = [self._member.uri, *uris_of(activity.get("object"))[1:]]
        elif kind == "Invite" and uri_of(activity.get("object")):
            await self.meet(uri_of(activity["object"]) or "", kind="Group")
            activity["target"] = self._member.uri
        else:
            activity["object"] = self._section.uri if kind != "Block" else self._member.uri
        if kind == "Block" and (group := uri_of(activity.get("target"))):
            await self.meet(group, kind="Group")
        if kind == "Leave":
            actor = await Actor.get(uri=uri_of(activity["actor"]))
            await Membership.create(group=self._section, member=actor)

    async def _poll_for(self, activity: Json) -> None:
        """Ask what the votes answer."""
        votes = list(each(activity["object"]))
        uri = self._ctx.names.post(7)
        for vote in votes:
            vote["inReplyTo"] = uri
        titles = [vote["name"] for vote in votes]
        await factories.poll(self._section, *titles, "Autre", uri=uri, is_multiple=len(titles) > 1)

    async def _ask(self, activity: Json, actor_uri: str) -> None:
        """Have a member ask for what is accepted or rejected."""
        inner = activity.get("object")
        uri = f"{self._member.uri}/asked/1"
        if isinstance(inner, dict):
            inner |= {"id": uri, "actor": self._member.uri}
        else:
            activity["object"] = uri
        actor = await Actor.get(uri=actor_uri)
        await Follow.filter(followed=actor).delete()
        if type_of(inner) == "Join":
            await Membership.create(uri=uri, group=actor, member=self._member)
            inner["object"] = actor_uri
        else:
            await Follow.create(uri=uri, follower=self._member, followed=actor)

    async def _pass_on(self, activity: Json, submit: Callable[[Json, str], Any]) -> None:
        """Let the inner activity be found at its home."""
        inner = activity["object"]
        author = uri_of(inner.get("actor")) or ""
        if author:
            await self.meet(author)
        activity["object"] = inner = await self.set(inner, submit)
        for document in (inner, inner.get("object")):
            if isinstance(document, dict) and is_uri(document.get("id")):
                self._world.serve(document)

    async def _post_at(self, activity: Json, kind: str, actor_uri: str) -> None:
        uri = uri_of(activity.get("object"))
        if uri is None or uri == actor_uri or await Post.exists(uri=uri) or await Actor.exists(uri=uri):
            return
        own = kind in ("Delete", "Add", "Remove")
        author = actor_uri if own else f"{uri.rpartition('/')[0]}/author"
        writer = await Actor.get_or_none(uri=author) or await self.meet(author)
        await factories.post(writer, uri=uri)
        if kind in ("Add", "Remove"):
            await Actor.filter(uri=actor_uri).update(featured_uri=uri_of(activity.get("target")))

    async def _target_of(self, activity: Json) -> None:
        target, old = uri_of(activity.get("target")) or "", uri_of(activity.get("object")) or ""
        if target:
            self._world.serve(factories.actor_document(target, preferredUsername="somebody", alsoKnownAs=[old]))
            self._world.serve(factories.actor_document(old, preferredUsername="somebody", movedTo=target))


def sender_of(document: Json) -> str | None:
    """Tell who sends an activity."""
    return next((uri for uri in uris_of(document.get("actor")) if is_uri(uri) and _host(uri)), None)


def _host(uri: str) -> str:
    try:
        return host_of(uri)
    except FederationError:
        return ""


def wrapped(document: Json) -> Json | None:
    """Give the activity by which a document would reach us; None for what nobody sends: collections, parts."""
    kind, uri = type_of(document) or "", document.get("id")
    if kind in ACTIVITY_TYPES - {"Question"} or ("actor" in document and "object" in document):
        return document
    if not is_uri(uri):
        return None
    if kind in ACTOR_TYPES:
        return _activity("Update", uri, document)
    author = next((uri for uri in uris_of(document.get("attributedTo") or document.get("actor")) if is_uri(uri)), None)
    return _activity("Create", author, document) if author else None


def _activity(kind: str, actor: str, object_: Json) -> Json:
    more = {name: object_[name] for name in ("@context", "to", "cc") if name in object_}
    return {"id": f"{actor}#{kind.lower()}s/1", "type": kind, "actor": actor, "object": object_, **more}


def readable(document: Json) -> bool:
    """Whether an activity has all that it needs to be read."""
    try:
        parse(document)
    except FederationError:
        return False
    return bool(list(each(document.get("actor"))))
