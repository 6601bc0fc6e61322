"""What a member says of themselves, and how a new post of theirs begins."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from federation.sanitise import plain_text
from models.actor import Actor, ActorType
from models.member import Member
from models.post import Visibility
from server.errors import AppError, Invalid
from server.members import pictures, profiles, verifying
from server.members.preferences import POSTS_BEGIN_AS, Preferences, prefer
from server.members.profiles import MAX_FIELDS, ProfileChanges
from server.throttle import throttled
from web.shared.forms import Files
from web.shared.logged_in import LoggedIn, Typed, for_members, go, member_page, own_upload, perform
from web.shared.site import context_of
from web.writing.typed import LANGUAGES

ADDRESS = "/me/profile"
PICTURES: Mapping[str, pictures.Column] = {"avatar": "icon_url", "banner": "image_url"}
FLAGS = ("approves_followers", "is_discoverable", "is_indexable", "is_automatic", "marks_sensitive")


@for_members
async def profile(request: Request, who: LoggedIn) -> Response:
    """GET /me/profile."""
    return await _page(request, who, values_of(who.actor, who.member))


async def _save(request: Request, who: LoggedIn, typed: Typed, files: Files) -> Response:
    try:
        said = await perform(_DEEDS, typed.get("do", ""), request, who, typed, files)
    except AppError as refused:
        return await _page(request, who, typed_again(typed), refused)
    return go(ADDRESS, said)


save = throttled("profile", burst=30, every_seconds=10)(own_upload(_save, len(PICTURES)))
"""POST /me/profile: do=verify looks at the pages it names; do=keep takes display_name, note, label-<n>, value-<n>, each of
FLAGS that is ticked, posts_as, language; avatar and banner, files, or drop-avatar and drop-banner. 303 to the same page; a
picture that will do is kept whatever else is refused."""


async def _keep(request: Request, who: LoggedIn, typed: Typed, files: Files) -> str:
    ctx, changes, wishes = context_of(request), read_changes(typed), read_wishes(typed)
    for name, column in PICTURES.items():
        if (file := files.get(name)) is not None:
            await pictures.put(who.actor, column, file, request.app.state.media, ctx)
        elif f"drop-{name}" in typed:
            await pictures.remove(who.actor, column, ctx)
    await profiles.edit(who.actor, changes, ctx)
    await prefer(who.member, wishes)
    return "profile_kept"


async def _verify(request: Request, who: LoggedIn, typed: Typed, files: Files) -> str:
    return "links_verified" if await verifying.verify(who.actor, context_of(request)) else "links_not_verified"


_DEEDS = {"keep": _keep, "verify": _verify}


def read_changes(typed: Typed) -> ProfileChanges:
    """Read what was typed of the profile. A box that is not ticked is not sent."""
    numbers = range(MAX_FIELDS)
    return ProfileChanges(
        display_name=typed.get("display_name", ""),
        note=typed.get("note", ""),
        fields=[(typed.get(f"label-{n}", ""), typed.get(f"value-{n}", "")) for n in numbers],
        approves_followers="approves_followers" in typed,
        is_discoverable="is_discoverable" in typed,
        is_indexable="is_indexable" in typed,
        is_automatic="is_automatic" in typed,
    )


def read_wishes(typed: Typed) -> Preferences:
    """Read how new posts are to begin.

    Raises:
        Invalid: the form is none of ours.
    """
    visibility, language = typed.get("posts_as", ""), typed.get("language", "")
    if visibility not in list(Visibility) or language not in LANGUAGES:
        raise Invalid("This form could not be read.")
    return Preferences(language=language, posts_as=Visibility(visibility), marks_sensitive="marks_sensitive" in typed)


def values_of(actor: Actor, member: Member) -> dict[str, str]:
    """Give a profile as it would be typed."""
    values = {
        "display_name": actor.display_name,
        "note": plain_text(actor.note_html) if actor.note_html else "",
        "posts_as": member.posts_as.value,
        "language": member.language if member.language in LANGUAGES else next(iter(LANGUAGES)),
    }
    for number, field in enumerate(actor.profile_fields[:MAX_FIELDS]):
        values[f"label-{number}"] = field.get("name", "")
        values[f"value-{number}"] = plain_text(field["value"]) if field.get("value") else ""
    is_so = {
        "approves_followers": actor.approves_followers,
        "is_discoverable": actor.is_discoverable,
        "is_indexable": actor.is_indexable,
        "is_automatic": actor.type is ActorType.SERVICE,
        "marks_sensitive": member.marks_sensitive,
    }
    return values | {name: "yes" for name, value in is_so.items() if value}


def typed_again(typed: Typed) -> dict[str, str]:
    """Give what was typed, to be shown again."""
    return {name: value for name, value in typed.items() if name != "do"}


async def _page(
    request: Request, who: LoggedIn, values: Mapping[str, str], refused: AppError | None = None
) -> Response:
    return await member_page(
        request,
        who,
        "me/profile.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        values=values,
        numbers=range(MAX_FIELDS),
        links=[field for field in who.actor.profile_fields if verifying.links_in(field.get("value", ""))],
        visibilities=POSTS_BEGIN_AS,
        languages=LANGUAGES,
        handle=f"@{context_of(request).names.handle(who.actor.username)}",
        most_megabytes=request.app.state.media.max_bytes // 2**20,
    )
