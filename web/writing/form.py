"""The composer as a form: filled in before it is typed into, read, and shown again with all that was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_urlsafe

from starlette.requests import Request
from starlette.responses import Response

from federation import markup
from models.actor import Actor
from models.post import Visibility
from models.scheduled import ScheduledPost
from server.errors import AppError, Invalid
from server.posts.actions import MAX_CHARACTERS, Draft
from server.posts.queries import PostView
from web.shared.headers import let_ask_us
from web.shared.logged_in import LoggedIn, Typed, member_page
from web.shared.rendering import gettext_of
from web.shared.site import context_of, site_of
from web.writing import composed
from web.writing.around import Around, came_from, post_of
from web.writing.audience import no_wider
from web.writing.composed import Said
from web.writing.pictures import Slot, are_mixed, as_typed
from web.writing.typed import languages_with

MAX_PREFILLED_CHARACTERS = 10_000
MARK_CHARACTERS = 16


class Unfit(Invalid):
    """What was typed will not do; `problems` are sentences by field. `is_asked` is true where it may be sent as it is."""

    def __init__(self, problems: Mapping[str, str], *, is_asked: bool = False) -> None:
        super().__init__(_ASKED if is_asked else _UNFIT)
        self.problems = problems
        self.is_asked = is_asked


@dataclass(frozen=True, slots=True)
class Composer:
    """What somebody sent: the fields, what stands around it, the pictures, and the draft with which it goes on."""

    who: LoggedIn
    typed: Typed
    around: Around
    slots: Sequence[Slot]
    row: ScheduledPost | None = None

    def read(self, request: Request) -> Said:
        """Read the fields.

        Raises:
            Invalid: it is no form of ours.
        """
        has_pictures = any(slot.media is not None for slot in self.slots)
        language = (self.row.draft["language"] or "") if self.row is not None else None
        return composed.read(self.typed, context_of(request).now(), has_pictures=has_pictures, draft_language=language)

    def check(self, said: Said) -> None:
        """Refuse what cannot be published as it is.

        Raises:
            Unfit: something is missing or too much, more people would see it than see what it answers, or a picture has no
                description, which is asked once.
            NotFound: what it answers or quotes is not there any more.
        """
        self.around.check()
        problems = dict(said.problems)
        if not any(choice.value == self.typed.get("visibility") for choice in self.around.choices):
            problems["visibility"] = _VISIBILITY
        if said.visibility is Visibility.DIRECT and not self._names_somebody(said):
            problems.setdefault("text", _NOBODY)
        media = [slot.media for slot in self.slots if slot.media is not None]
        if are_mixed(media):
            problems["pictures"] = _MIXED
        if problems:
            raise Unfit(problems)
        if not self.typed.get("undescribed") and not all(slot.said.strip() for slot in self.slots if slot.media):
            raise Unfit({"pictures": _UNDESCRIBED}, is_asked=True)

    def _names_somebody(self, said: Said) -> bool:
        return self.around.parent is not None or bool(markup.find_mentions(said.text))

    def draft(self, said: Said) -> Draft:
        """Make a draft of what was typed.

        Raises:
            Invalid: the description of a picture is too long.
        """
        group = next((group for group in self.around.groups if group.id == said.group_id), None)
        return Draft(
            said.text,
            said.visibility,
            content_warning=said.warning,
            is_sensitive=said.is_sensitive,
            language=said.language,
            in_reply_to=post_of(self.around.parent),
            section=group if said.visibility is Visibility.SECTION else None,
            poll=said.poll,
            quoted=post_of(self.around.quoted),
            quote_policy=said.quote_policy,
            media=as_typed(self.slots),
        )


def _(sentence: str) -> str:
    """Mark a sentence for the catalogues."""
    return sentence


_UNFIT = _("Look at what is marked below. Nothing has been published yet, and nothing is lost.")
_ASKED = _("One thing first, about the pictures. Nothing has been published yet, and nothing is lost.")
_VISIBILITY = _("Choose who will see it: no more people than can see what you answer.")
_NOBODY = _("Name those who are to see it, such as @name or @name@server.example.")
_MIXED = _("A post has up to four pictures, or one film or sound alone.")
_UNDESCRIBED = _(
    "One of them has no description, so those who cannot see it will not know what it shows. Describe it, or publish it "
    "without: nothing stops you the second time."
)


async def begun(request: Request, who: LoggedIn, around: Around, row: ScheduledPost | None = None) -> dict[str, str]:
    """Give what stands in the form before anything is typed: what the address asks for, or what a draft says."""
    zone, query = (await site_of(request)).zone, request.query_params
    values = {"key": token_urlsafe(16), "next": came_from(request), "zone": zone.key, "open_for": "86400"}
    if row is not None:
        return values | composed.of_draft(row.draft, row.due_at, zone) | {"draft": str(row.id)}
    wished, offered = query.get("visibility", ""), around.choices
    parent, quoted, member = around.parent, around.quoted, who.member
    return values | {
        "language": member.language,
        "visibility": wished if wished in {choice.value for choice in offered} else no_wider(offered, member.posts_as),
        "sensitive": "yes" if member.marks_sensitive else "",
        "text": _names_in(parent, who.actor) if parent else _asked_text(request),
        "warning": parent.post.content_warning if parent else "",
        "reply_to": str(parent.post.id) if parent else "",
        "quote": str(quoted.post.id) if quoted else "",
    }


def _names_in(parent: PostView, author: Actor) -> str:
    """Name those to whom an answer goes: who wrote the post, and the people it names."""
    people = [actor for actor in parent.mentioned if not actor.is_group]
    named = {actor.id: actor for actor in (parent.post.actor, *people) if actor.id != author.id}
    return "".join(f"@{actor.handle} " for actor in named.values())


def _asked_text(request: Request) -> str:
    """Give what a link or another application wishes to be written: whom to name, a title, a text, an address."""
    query = request.query_params
    named = " ".join(f"@{name.lstrip('@')}" for name in query.get("mention", "").split()[:20])
    lines = [line for name in ("title", "text", "url") if (line := query.get(name, "").replace("\r", "").strip())]
    text = "\n\n".join(dict.fromkeys(lines))
    return (f"{named} {text}" if named else text)[:MAX_PREFILLED_CHARACTERS]


async def show(
    request: Request,
    who: LoggedIn,
    around: Around,
    values: Mapping[str, str],
    slots: Sequence[Slot],
    refused: AppError | None = None,
    row: ScheduledPost | None = None,
) -> Response:
    """Show the form, with what it holds; refused, with a sentence where something will not do.

    A choice of who sees it that is not there any more falls back to the narrowest that is.
    """
    sentence, unfit = gettext_of(request), refused if isinstance(refused, Unfit) else None
    filled = {"key": token_urlsafe(16), "text": "", "language": who.member.language, "open_for": "86400", **values}
    if filled.get("visibility") not in {choice.value for choice in around.choices}:
        filled["visibility"] = no_wider(around.choices, Visibility.DIRECT)
    response = await member_page(
        request,
        who,
        "writing/write.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        problems={name: sentence(said) for name, said in (unfit.problems if unfit else {}).items()},
        is_asked=unfit is not None and unfit.is_asked,
        around=around,
        values=filled,
        slots=slots,
        row=row,
        languages=languages_with(filled),
        most=MAX_CHARACTERS,
        takes_films=request.app.state.media.takes_films,
        named=markup.find_mentions(filled["text"]),
        mark=mark_of(who),
    )
    return let_ask_us(response)


def mark_of(who: LoggedIn) -> str:
    """Give what tells the texts that one session typed in a browser from those of another."""
    return sha256(who.form_token.encode()).hexdigest()[:MARK_CHARACTERS]
