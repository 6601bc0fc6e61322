"""What stands around something that is being written: what it answers, what it quotes, where one may go on from there."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request

from models.actor import Actor
from models.post import Post
from models.section import Section
from server.errors import Invalid, NotFound
from server.posts import queries
from server.posts.queries import PostView
from server.sections import roles
from server.sections.membership import groups_of
from server.sections.permissions import PERMISSIONS, Act
from web.shared.forms import read_id
from web.shared.logged_in import LoggedIn, Typed
from web.writing.audience import Choice, choices

HOME = "/home"
MAX_ADDRESS_CHARACTERS = 2000

_OWN_ADDRESS = re.compile(r"/(?![/\\])[!-\[\]-~]*")
_NOT_TO_COME_BACK_TO = re.compile(r"/(?:write|login|logout|posts/[0-9]+/(?:edit|delete))(?:[/?].*)?")


@dataclass(frozen=True, slots=True)
class Around:
    """What is answered and quoted, as far as it is still there for whoever writes, and for whom else one may write.

    `groups` are those whose members one may write to, `desks` the sections in whose name one may.
    """

    author: Actor
    parent: PostView | None = None
    quoted: PostView | None = None
    is_missing: bool = False
    groups: list[Actor] = field(default_factory=list)
    desks: list[Section] = field(default_factory=list)

    @property
    def choices(self) -> list[Choice]:
        """Who may see what is written here."""
        return choices(self.author, self.groups, post_of(self.parent), post_of(self.quoted))

    def check(self) -> None:
        """Refuse to write about what is not there.

        Raises:
            NotFound: it is not.
        """
        if self.is_missing:
            raise NotFound(
                "What you answer or quote is no longer there, or not for you. What you wrote is kept: published now, it "
                "stands by itself."
            )


async def look_around(who: LoggedIn, parent_id: int | None, quoted_id: int | None) -> Around:
    """Load what stands around a text."""
    parent = await queries.one(parent_id, who.actor) if parent_id is not None else None
    quoted = await queries.one(quoted_id, who.actor) if quoted_id is not None else None
    is_missing = (parent_id is not None and parent is None) or (quoted_id is not None and quoted is None)
    held = await roles.sections_of(who.actor)
    desks = [section for section, names in held if not PERMISSIONS[Act.PUBLISH].isdisjoint(names)]
    return Around(who.actor, parent, quoted, is_missing, await groups_of(who.actor), desks)


def post_of(view: PostView | None) -> Post | None:
    """Give the post that a view shows."""
    return view.post if view is not None else None


def row_in(typed: Typed, name: str) -> int | None:
    """Read the id of a row from a field that may be empty.

    Raises:
        Invalid: it holds something else.
    """
    return read_id(typed[name]) if typed.get(name) else None


def row_asked(request: Request, name: str) -> int | None:
    """Read the id of a row from the address of a page.

    Raises:
        NotFound: it is none.
    """
    try:
        return row_in(request.query_params, name)
    except Invalid as unreadable:
        raise NotFound("This page does not exist.") from unreadable


def came_from(request: Request) -> str:
    """Tell where to go back to after publishing: ?next= or the page on which the link stood; '' where neither will do."""
    if wished := request.query_params.get("next", ""):
        return own_place(wished)
    referrer = urlsplit(request.headers.get("referer", ""))
    if referrer.netloc.lower() != request.headers.get("host", "").lower():
        return ""
    address = f"{referrer.path}?{referrer.query}" if referrer.query else referrer.path
    return own_place(address)


def own_place(typed: str) -> str:
    """Give an address of this server to go on to; '' for anything else, and for pages that ask something themselves."""
    return typed if _is_own(typed) else ""


def back_to(typed: str, said: str = "", **more: object) -> str:
    """Give the address to go on to, with what is said there; for what was published, `post` says how it is taken back."""
    parts = urlsplit(own_place(typed) or HOME)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in ("said", "post")]
    query += [("said", said)] * bool(said) + [(name, str(value)) for name, value in more.items()]
    return f"{parts.path}?{urlencode(query)}" if query else parts.path


def _is_own(address: str) -> bool:
    is_ours = len(address) <= MAX_ADDRESS_CHARACTERS and _OWN_ADDRESS.fullmatch(address) is not None
    return is_ours and _NOT_TO_COME_BACK_TO.fullmatch(address) is None
