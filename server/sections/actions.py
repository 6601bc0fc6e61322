"""What is done with sections: found one."""

import re

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from federation import markup, sanitise
from federation.actors import create_local
from federation.context import Context
from models.actor import ActorType
from models.section import Section
from server.errors import Conflict, Invalid
from server.members.usernames import check_free, check_username

MAX_DESCRIPTION_CHARACTERS = 2000
MAX_LINE_CHARACTERS = 200

_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")


async def create_section(
    ctx: Context,
    handle: str,
    name: str,
    *,
    description: str = "",
    place: str = "",
    contact: str = "",
    is_main: bool = False,
) -> Section:
    """Found a section: a group actor with its keys, open to followers. `description` is plain text.

    Raises:
        Invalid: the handle or the name will not do, or a text is too long.
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
                note_html=_written(description, ctx),
                now=ctx.now(),
            )
            return await Section.create(
                actor=actor, place=place, contact=contact, is_main=is_main, created_at=ctx.now()
            )
    except IntegrityError as taken:
        raise Conflict("This name has just been taken.") from taken


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
    line = " ".join(_CONTROLS.sub("", typed).split())
    if len(line) > MAX_LINE_CHARACTERS:
        raise Invalid("This may have 200 characters at most.")
    return line


def _written(description: str, ctx: Context) -> str:
    rendered = markup.render(description, mention=lambda _: None, tag_url=ctx.names.tag)
    return sanitise.actor_note_html(rendered.html)
