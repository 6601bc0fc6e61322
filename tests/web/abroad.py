"""What other servers send to the town of the tests: an actor, notes, a poll, an event, with a text in every field."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from federation.context import Context
from models.actor import Actor
from models.ids import new_id
from models.post import Post
from models.reaction import Announce
from tests import factories
from tests.federation.submitting import submit
from tests.world import World

AUTHOR, GROUP = "https://far.test/users/noor", "https://far.test/groups/nord"
KINDS = ("image/png", "video/mp4", "audio/mpeg", "text/plain")


class Writer(Protocol):
    """Whoever writes a text that is wanted, of so many characters at most."""

    def __call__(self, text: str, most: int = 100) -> str:
        """Write it, or something in its place."""


def plainly(text: str, most: int = 100) -> str:
    """Write what is wanted."""
    return text


@dataclass(frozen=True, slots=True)
class Abroad:
    """Who and what is on the other server. `files` are what may hang on posts: (media type, url)."""

    author: Actor
    group: Actor
    note: Post
    event: Post
    files: tuple[tuple[str, str], ...]


async def arrive(ctx: Context, world: World, home: Actor, follower: Actor, write: Writer) -> Abroad:
    """Have them heard by `follower`, and one of their posts shared by the section `home`."""
    author = await factories.remote_actor(ctx, world, AUTHOR, **_profile(write))
    group = await factories.remote_actor(ctx, world, GROUP, kind="Group", **_profile(write))
    await factories.follow(follower, author)
    source = {"content": write("x"), "mediaType": "text/plain"}
    options = [_option(write("Lundi")), _option(write("Mardi"))]
    texts = {"content": write("<p>Un <b>compte rendu</b></p>"), "summary": write("Compte rendu"), "tag": _tags(write)}
    sent = [
        factories.note(AUTHOR, 1, content=write("<p>Bonjour du nord</p>"), tag=_tags(write), attachment=_files(write),
                       url=write("https://far.test/@noor/1"), name=write("Titre")),
        factories.note(AUTHOR, 2, **texts | {"sensitive": True, "source": source}),
        factories.note(AUTHOR, 3, type="Article", name=write("Un article"), content=write("<h2>Titre</h2><p>Texte</p>"),
                       image={"type": "Image", "url": write("https://far.test/3.png")}),
        factories.question(AUTHOR, 4, content=write("<p>Quel jour ?</p>"), oneOf=options),
        _event(ctx, write),
    ]  # fmt: skip
    for number, document in enumerate(sent, 1):
        told = {"to": document["to"], "cc": document.get("cc", [])}
        await submit(factories.activity("Create", AUTHOR, document, number, **told), author, ctx)
    posts = {post.uri: post for post in await Post.filter(actor_id=author.id).select_related("actor")}
    for post in posts.values():
        await Announce.create(uri=f"{home.uri}/announces/{new_id()}", actor=home, post=post)
    files = tuple((kind, f"https://far.test/file.{number}") for number, kind in enumerate(KINDS))
    return Abroad(author, group, posts[f"{AUTHOR}/notes/1"], posts[f"{AUTHOR}/events/1"], files)


async def answer_from_abroad(author: Actor, post: Post, ctx: Context, write: Writer) -> None:
    """Have the author answer a post of ours, and name whom it is by."""
    tag = [{"type": "Mention", "href": post.actor.uri, "name": write("@lille")}]
    document = factories.note(AUTHOR, 9, content=write("<p>Merci !</p>"), inReplyTo=post.uri, tag=tag)
    document |= {"to": [factories.PUBLIC, post.actor.uri]}
    await submit(factories.activity("Create", AUTHOR, document, 9, to=document["to"], cc=document["cc"]), author, ctx)


def _profile(write: Writer) -> dict[str, Any]:
    fields = [
        {"type": "PropertyValue", "name": write("Site"), "value": write('<a href="https://far.test/">far.test</a>')}
    ]
    return {
        "name": write("Noor"),
        "summary": write("<p>Au nord.</p>"),
        "attachment": fields,
        "url": write("https://far.test/@noor"),
        "icon": {"type": "Image", "url": write("https://far.test/noor.png")},
        "image": {"type": "Image", "url": write("https://far.test/head.png")},
        "tag": [_emoji(write)],
    }


def _emoji(write: Writer) -> dict[str, Any]:
    return {
        "type": "Emoji",
        "name": write(":rose:"),
        "icon": {"type": "Image", "url": write("https://far.test/rose.png")},
    }


def _tags(write: Writer) -> list[dict[str, Any]]:
    return [{"type": "Hashtag", "name": write("#nord"), "href": write("https://far.test/tags/nord")}, _emoji(write)]


def _files(write: Writer) -> list[dict[str, Any]]:
    first = [
        {"type": "Document", "mediaType": kind, "url": f"https://far.test/{number}", "name": write("Une place")}
        for number, kind in enumerate(KINDS)
    ]
    return [
        *first,
        {"type": "Image", "mediaType": "image/png", "url": write("https://far.test/4.png"), "name": write("Ici")},
    ]


def _option(name: str) -> dict[str, Any]:
    return {"type": "Note", "name": name, "replies": {"type": "Collection", "totalItems": 3}}


def _event(ctx: Context, write: Writer) -> dict[str, Any]:
    starts = ctx.now() + timedelta(days=4)
    place = {
        "type": "Place", "name": write("Bourse du travail"), "latitude": 50.6, "longitude": 3.0,
        "address": {"type": "PostalAddress", "streetAddress": write("2, rue"), "addressLocality": write("Lille")},
    }  # fmt: skip
    return factories.note(
        AUTHOR, 5, id=f"{AUTHOR}/events/1", type="Event", name=write("Débat"), content=write("<p>Débattons</p>"),
        startTime=starts.isoformat(), endTime=(starts + timedelta(hours=2)).isoformat(), location=place,
        category="DEBATE", joinMode="external", externalParticipationUrl=write("https://far.test/come"),
        onlineAddress=write("https://far.test/visio"), attachment=_files(write), url=write("https://far.test/events/1"),
        timezone="Europe/Paris",
    )  # fmt: skip
