"""Rows and documents that tests begin with."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tortoise import timezone

from federation.actors import create_local, keep
from federation.context import Context
from federation.objects import actor as actor_object
from models.actor import Actor, ActorType
from models.consent import Contact
from models.event import Event
from models.follow import Follow, FollowState
from models.host import DomainRule
from models.ids import new_id
from models.member import Member
from models.moderation import Block
from models.oauth import token_hash
from models.poll import Poll, PollOption
from models.post import Post, Visibility
from models.secrets import fingerprint, link_token
from models.section import Section
from tests.world import World, key_pair

OUR_KEY = 3  # making a key takes longer than most tests
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


async def section(ctx: Context, username: str, name: str, *, is_main: bool = True) -> Actor:
    """A section of ours."""
    actor = await create_local(
        ctx.names, ActorType.GROUP, username, display_name=name, now=ctx.now(), rsa_key=key_pair(OUR_KEY)
    )
    await Section.create(actor=actor, place=name, is_main=is_main)
    return actor


async def member(ctx: Context, username: str, name: str) -> Actor:
    """A member of ours, with a login."""
    actor = await create_local(
        ctx.names, ActorType.PERSON, username, display_name=name, now=ctx.now(), rsa_key=key_pair(OUR_KEY)
    )
    await Member.create(actor=actor)
    return actor


def actor_document(uri: str, *, kind: str = "Person", key: int = 0, **more: Any) -> dict[str, Any]:
    """The document of an actor on another server."""
    origin = "/".join(uri.split("/")[:3])
    return {
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
        "id": uri,
        "type": kind,
        "preferredUsername": uri.rpartition("/")[2],
        "name": uri.rpartition("/")[2].title(),
        "inbox": f"{uri}/inbox",
        "outbox": f"{uri}/outbox",
        "followers": f"{uri}/followers",
        "endpoints": {"sharedInbox": f"{origin}/inbox"},
        "publicKey": {"id": f"{uri}#main-key", "owner": uri, "publicKeyPem": key_pair(key)[1]},
        **more,
    }


async def remote_actor(ctx: Context, world: World, uri: str, **more: Any) -> Actor:
    """An actor of another server, met, and served there."""
    document = actor_document(uri, **more)
    world.serve(document)
    return await keep(actor_object.read(document, now=ctx.now()))


async def follow(follower: Actor, followed: Actor) -> Follow:
    """An accepted follow."""
    uri = f"{follower.uri}/follows/{new_id()}"
    return await Follow.create(uri=uri, follower=follower, followed=followed, state=FollowState.ACCEPTED)


async def block(blocker: Actor, blocked: Actor) -> Block:
    """One who wants nothing to do with another."""
    return await Block.create(uri=f"{blocker.uri}/blocks/{new_id()}", blocker=blocker, blocked=blocked)


async def post(author: Actor, text: str = "Bonjour", visibility: Visibility = Visibility.PUBLIC, **more: Any) -> Post:
    """A post, written straight into its table."""
    id_ = more.pop("id", None) or new_id()
    uri = more.pop("uri", f"{author.uri}/posts/{id_}")
    return await Post.create(
        id=id_, uri=uri, url=more.pop("url", uri), actor=author, is_local=author.is_local, visibility=visibility,
        content_html=f"<p>{text}</p>", source_text=text, **more,
    )  # fmt: skip


async def event(organiser: Actor, title: str = "Réunion de section", **columns: Any) -> Post:
    """An event, written straight into its tables; the day after tomorrow from 18 h, for two hours, where nobody says."""
    of_post = {name: columns.pop(name) for name in ("visibility", "uri", "id", "group", "language") if name in columns}
    announced = await post(
        organiser, "Venez", of_post.pop("visibility", Visibility.PUBLIC), type="Event", title=title, **of_post
    )
    starts_at = columns.pop("starts_at", None) or (timezone.now() + timedelta(days=2)).replace(
        hour=18, minute=0, second=0, microsecond=0
    )
    ends_at = columns.pop("ends_at", starts_at + timedelta(hours=2))
    await Event.create(
        id=announced.id, post=announced, organiser=organiser, starts_at=starts_at, ends_at=ends_at,
        **({"timezone": "Europe/Paris"} | columns),
    )  # fmt: skip
    return announced


async def poll(author: Actor, *titles: str, visibility: Visibility = Visibility.PUBLIC, **more: Any) -> Poll:
    """A poll with its post, written straight into their tables; `uri` is the post's."""
    named = {"uri": more.pop("uri")} if "uri" in more else {}
    asked = await post(author, "Venez-vous ?", visibility, type="Question", **named)
    row = await Poll.create(post=asked, **({"voters_count": 0} | more))
    for position, title in enumerate(titles or ("Oui", "Non")):
        await PollOption.create(poll=row, position=position, title=title)
    return row


def question(author_uri: str, number: int | str = 1, *, counts: Sequence[int] = (0, 0), **more: Any) -> dict[str, Any]:
    """A public Question of another server, with the options Oui, Non and so on."""
    titles = ("Oui", "Non", "Peut-être")[: len(counts)]
    options = [
        {"type": "Note", "name": title, "replies": {"type": "Collection", "totalItems": count}}
        for title, count in zip(titles, counts, strict=True)
    ]
    return note(author_uri, number, **({"type": "Question", "oneOf": options, "votersCount": sum(counts)} | more))


def note(author_uri: str, number: int | str = 1, **more: Any) -> dict[str, Any]:
    """A public Note of another server."""
    return {
        "id": f"{author_uri}/notes/{number}",
        "type": "Note",
        "attributedTo": author_uri,
        "content": f"<p>Note {number}</p>",
        "to": [PUBLIC],
        "cc": [f"{author_uri}/followers"],
        **more,
    }


def activity(kind: str, actor_uri: str, object_: Any, number: int | str = 1, **more: Any) -> dict[str, Any]:
    """An activity of another server."""
    return {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": f"{actor_uri}/{kind.lower()}/{number}",
        "type": kind,
        "actor": actor_uri,
        "object": object_,
        **more,
    }


def create(author_uri: str, number: int | str = 1, **more: Any) -> dict[str, Any]:
    """A Create of a public Note."""
    object_ = note(author_uri, number, **more)
    return activity("Create", author_uri, object_, number, to=object_["to"], cc=object_.get("cc", []))


async def blocked_origin(domain: str) -> str:
    """Block a domain; its origin."""
    await DomainRule.create(domain=domain)
    return f"https://{domain}"


async def contact(group: Actor, email: str, *, name: str = "", is_confirmed: bool = True) -> Contact:
    """Somebody who left an address with a section, written straight into its table."""
    id_ = new_id()
    return await Contact.create(
        id=id_, group=group, email=email, email_fingerprint=fingerprint(email), name=name or None,
        hash=token_hash(link_token(f"contact {id_}")), confirmed_at=timezone.now() if is_confirmed else None,
    )  # fmt: skip
