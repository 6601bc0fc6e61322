"""Finding who is meant by an address that was typed into a form of ours."""

from federation.context import Context
from models.actor import Actor, ActorType
from server.errors import Invalid, NotFound
from server.follows.lookup import find


async def found_at(address: str, ctx: Context) -> Actor:
    """Find a person or a group by the fediverse address, or the name here, that was typed; their server may be asked.

    Raises:
        Invalid: nobody has it, or their server does not answer.
    """
    try:
        found = await find(address, ctx) if address.strip() else None
    except NotFound:
        found = None
    if found is None or found.type is ActorType.APPLICATION:
        raise Invalid("Nobody was found under this address. Is it written correctly?")
    return found


async def group_at(address: str, ctx: Context) -> Actor:
    """Find a section or group by the address that was typed.

    Raises:
        Invalid: nobody has it, or it is a person.
    """
    found = await found_at(address, ctx)
    if not found.is_group:
        raise Invalid("This is a person. Give the address of a section or a group.")
    return found


async def member_at(name: str, ctx: Context) -> Actor:
    """Find somebody of this server by the name or the address that was typed.

    Raises:
        Invalid: nobody here has it.
    """
    bare, _, host = name.strip().removeprefix("@").partition("@")
    found = await Actor.local(bare) if bare and (not host or ctx.names.is_our_host(host)) else None
    if found is None or found.gone_at is not None:
        raise Invalid("Nobody on this server has this name.")
    return found
