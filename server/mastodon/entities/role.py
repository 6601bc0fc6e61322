"""Role: what apps show as a badge beside a name.   Source: docs.joinmastodon.org/entities/Role

A section bears one for everybody. What somebody is in a section says that they belong to it, and is told to them alone.
"""

from collections.abc import Iterable
from typing import NotRequired, TypedDict

from models.actor import Actor
from models.member import Member
from models.role import Role as Held
from models.role import RoleHolder

COLOUR = "#0f5263"

_WORDS = {
    Held.ANIMATOR: {"fr": "Animation", "en": "Animation"},
    Held.MANAGER: {"fr": "Gestion", "en": "Management"},
    Held.MODERATOR: {"fr": "Modération", "en": "Moderation"},
    Held.EDITOR: {"fr": "Rédaction", "en": "Editing"},
}


class Role(TypedDict):
    """What an actor is here."""

    id: str
    name: str
    color: str
    permissions: NotRequired[str]
    highlighted: NotRequired[bool]


def shown_roles(actor: Actor) -> list[Role]:
    """Write the roles that everybody sees beside a name: that of a section of this server."""
    is_section = actor.is_local and actor.is_group and actor.gone_at is None
    return [{"id": "2", "name": "Section", "color": COLOUR}] if is_section else []


def own_roles(held: Iterable[RoleHolder], language: str) -> list[Role]:
    """Write what somebody is in which section, for themselves. The sections and their actors must be loaded."""
    return [
        {"id": str(row.id), "name": f"{_word(row.role, language)} · {row.section.actor.name}", "color": COLOUR}
        for row in held
        if row.role in _WORDS
    ]


def _word(role: Held, language: str) -> str:
    return _WORDS[role].get(language, _WORDS[role]["en"])


def server_role(member: Member) -> Role:
    """Write what a login may do here. Permissions are 0: they would offer moderation screens that this API does not have."""
    return {
        "id": "1" if member.is_admin else "-99",
        "name": "Admin" if member.is_admin else "",
        "color": "",
        "permissions": "0",
        "highlighted": False,
    }
