"""What is done with sections: found one, choose whose posts it passes on, take back what it passed on."""

import re
from collections.abc import Sequence

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from federation import markup, pipeline, sanitise
from federation.activities import parse
from federation.actors import create_local
from federation.context import Context
from federation.jsonld import load
from models.activity import ActivityRecord
from models.actor import Actor, ActorType
from models.post import Post
from models.section import AnnouncesFrom, Section
from server.errors import Conflict, Invalid, NotFound
from server.members.usernames import check_free, check_username
from server.posts.actions import undo_of
from server.sections import roles
from server.sections.permissions import Act, noted

MAX_DESCRIPTION_CHARACTERS = 2000
MAX_LINE_CHARACTERS = 200

CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")


async def create_section(
    ctx: Context,
    handle: str,
    name: str,
    *,
    description: str = "",
    place: str = "",
    contact: str = "",
    is_main: bool = False,
    animator: Actor | None = None,
) -> Section:
    """Found a section: a group actor with its keys, open to followers. `description` is plain text.

    Raises:
        Invalid: the handle or the name will not do, a text is too long, or the animator has no login here.
        Conflict: the handle is taken, or there is a main section already.
    """
    handle, name = check_username(handle), check_name(name)
    description, place, contact = check_description(description), check_line(place), check_line(contact)
    await check_free(handle)
    if is_main and await Section.exists(is_main=True):
        raise Conflict("This server has its main section already.")
    try:
        async with in_transaction():
            actor = await create_local(
                ctx.names,
                ActorType.GROUP,
                handle,
                display_name=name,
                note_html=written(description, ctx),
                now=ctx.now(),
            )
            section = await Section.create(
                actor=actor, place=place, contact=contact, is_main=is_main, created_at=ctx.now()
            )
            if animator is not None:
                await roles.found(section, animator, ctx)
            return section
    except IntegrityError as taken:
        raise Conflict("This name has just been taken.") from taken


async def announce_from(section: Section, authors: AnnouncesFrom, by: Actor | None) -> None:
    """Choose whose posts a section passes on when they address it; None is the command line.

    Raises:
        Forbidden: `by` may not.
    """
    async with in_transaction(), noted(by, Act.CHANGE_OPENNESS, section, authors.value):
        await Section.filter(id=section.id).update(announces_from=authors)


async def stop_announcing(section: Section, post: Post, by: Actor | None, ctx: Context) -> None:
    """Take back every Announce by which a section showed a post: of the post, and of the activity that created it.

    None is the command line.

    Raises:
        Forbidden: `by` may not.
        NotFound: it does not show the post.
    """
    async with noted(by, Act.STOP_ANNOUNCING, section, post.uri):
        await _stop_announcing(await Actor.get(id=section.actor_id), post, ctx)


async def _stop_announcing(section: Actor, post: Post, ctx: Context) -> None:
    standing = await announces_of(section, [post])
    if not standing:
        raise NotFound("This section does not show that post.")
    for record in standing[post.uri]:
        await pipeline.submit(undo_of(parse(load(record.document)), section, ctx), acting=section, ctx=ctx)


async def announces_of(section: Actor, posts: Sequence[Post]) -> dict[str, list[ActivityRecord]]:
    """Load the Announces by which a section shows each of these posts: of the post, and of the activity that created it.

    They come by the uri of the post; one that it does not show is left out.
    """
    uris = [post.uri for post in posts]
    post_of = {uri: uri for uri in uris}
    for create in await ActivityRecord.filter(type="Create", object_uri__in=uris):
        post_of[create.uri] = create.object_uri or ""
    by_section = ActivityRecord.filter(actor_uri=section.uri)
    announces = await by_section.filter(type="Announce", object_uri__in=list(post_of)).order_by("id")
    undos = by_section.filter(type="Undo", object_uri__in=[record.uri for record in announces])
    undone = {str(uri) for uri in await undos.values_list("object_uri", flat=True)} if announces else set()
    standing: dict[str, list[ActivityRecord]] = {}
    for record in announces:
        if record.uri not in undone:
            standing.setdefault(post_of[record.object_uri or ""], []).append(record)
    return standing


def check_name(typed: str) -> str:
    """Read the name of a section.

    Raises:
        Invalid: there is none, or it is too long.
    """
    if not (name := sanitise.display_name(check_line(typed))):
        raise Invalid("Give the section a name.")
    return name


def check_description(typed: str) -> str:
    """Read the text that presents a section.

    Raises:
        Invalid: it is too long.
    """
    if len(typed) > MAX_DESCRIPTION_CHARACTERS:
        raise Invalid("This text may have 2,000 characters at most.")
    return typed


def check_line(typed: str) -> str:
    """Read one line of text.

    Raises:
        Invalid: it is too long.
    """
    line = " ".join(CONTROLS.sub("", typed).split())
    if len(line) > MAX_LINE_CHARACTERS:
        raise Invalid("This may have 200 characters at most.")
    return line


def written(description: str, ctx: Context) -> str:
    """Write the text that presents a section as HTML."""
    rendered = markup.render(description, mention=lambda _: None, tag_url=ctx.names.tag)
    return sanitise.actor_note_html(rendered.html)
