"""Asking to join a section of ours with what it takes: the agreement that it keeps who belongs, and its charter."""

from collections.abc import Collection
from dataclasses import dataclass, field

from federation.context import Context
from models.actor import Actor
from models.consent import Purpose
from models.membership import Membership
from models.section import Section
from server.atomically import atomically
from server.consents import actions as consents
from server.consents import texts
from server.consents.texts import Words
from server.errors import Invalid
from server.sections import links, membership


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody typed who asks to join: a message for the managers, and to what they agreed, in which language."""

    message: str = ""
    agreed: Collection[Purpose] = field(default_factory=frozenset)
    language: str = "fr"


async def words(section: Section, language: str) -> list[Words]:
    """Give what must be agreed to before joining a section, in the order in which it is shown; `actor` must be loaded."""
    purposes = [Purpose.MEMBERSHIP, Purpose.CHARTER] if section.charter.strip() else [Purpose.MEMBERSHIP]
    return [await texts.words(section.actor, purpose, language) for purpose in purposes]


async def join(member: Actor, section: Section, wish: Wish, ctx: Context) -> Membership:
    """Ask to join a section of ours, having agreed to what it takes; both are kept, or neither.

    Raises:
        Invalid: something was not agreed to, or the message is too long.
        Forbidden: the section takes in nobody but whom it invites.
    """
    needed = await _check_agreed(section, wish)
    async with atomically(ctx) as whole:
        await _agree(section, member, needed, wish, whole)
        return await membership.ask(member, section.actor, whole, wish.message)


async def join_by_link(member: Actor, token: str, wish: Wish, ctx: Context) -> Membership:
    """Come into a section of ours by a link, having agreed to what it takes; both are kept, or neither.

    Raises:
        NotFound: the link does not work, or no longer does.
        Invalid: something was not agreed to.
        Forbidden: the section refused or removed them before; they may ask.
    """
    link = await links.open_link(token, ctx)
    section = await Section.get(actor_id=link.group_id).select_related("actor")
    needed = await _check_agreed(section, wish)
    async with atomically(ctx) as whole:
        await _agree(section, member, needed, wish, whole)
        return await links.redeem(token, member, whole)


async def _check_agreed(section: Section, wish: Wish) -> list[Purpose]:
    needed = [one.purpose for one in await words(section, wish.language)]
    if not set(needed) <= set(wish.agreed):
        raise Invalid("To join, agree to each of these points.")
    return needed


async def _agree(section: Section, member: Actor, needed: list[Purpose], wish: Wish, ctx: Context) -> None:
    for purpose in needed:
        await consents.give(section.actor, member, purpose, language=wish.language, by="form", at=ctx.now())
