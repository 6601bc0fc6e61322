"""What a member prefers, and what the server says of itself at length.

Source: docs.joinmastodon.org/methods/preferences, /methods/instance#extended_description, /methods/apps#verify_credentials
"""

from typing import TypedDict

from starlette.requests import Request

from models.oauth import AccessToken
from server.errors import NotFound, Unauthorised
from server.mastodon.answers import Json
from server.mastodon.asking import login
from server.mastodon.entities.kinds import Html, Id, Instant, Url
from server.mastodon.entities.moments import instant
from server.mastodon.entities.status import WORD_OF
from server.oauth.scopes import NOT_LOGGED_IN, challenge
from server.oauth.tokens import authenticate, own_token_of
from server.sections import queries as sections

Preferences = TypedDict(
    "Preferences",
    {
        "posting:default:visibility": str,
        "posting:default:sensitive": bool,
        "posting:default:language": str,
        "posting:default:quote_policy": str,
        "reading:expand:media": str,
        "reading:expand:spoilers": bool,
        "reading:autoplay:gifs": bool,
    },
)


class ExtendedDescription(TypedDict):
    """What the server says of itself at length."""

    updated_at: Instant
    content: Html


class Application(TypedDict):
    """A program that acts for members."""

    id: Id
    name: str
    website: Url | None
    scopes: list[str]
    redirect_uris: list[str]
    redirect_uri: str
    vapid_key: str


async def preferences(request: Request) -> Json[Preferences]:
    """GET /api/v1/preferences -> Preferences."""
    member = login(request)
    return Json(
        {
            "posting:default:visibility": WORD_OF[member.posts_as],
            "posting:default:sensitive": member.marks_sensitive,
            "posting:default:language": member.language,
            "posting:default:quote_policy": "public",
            "reading:expand:media": "default",
            "reading:expand:spoilers": False,
            "reading:autoplay:gifs": False,
        }
    )


async def extended_description(request: Request) -> Json[ExtendedDescription]:
    """GET /api/v1/instance/extended_description -> ExtendedDescription: how the main section describes itself.

    Raises:
        NotFound: it does not.
    """
    main = await sections.main()
    if main is None or not main.actor.note_html:
        raise NotFound("This server does not describe itself.")
    return Json({"updated_at": instant(main.created_at), "content": main.actor.note_html})


async def verify_app(request: Request) -> Json[Application]:
    """GET /api/v1/apps/verify_credentials -> Application: the program to which the token was given, or whose own it is.

    Raises:
        Unauthorised: there is no valid token.
        NotFound: it was given to no program.
    """
    if await authenticate(request) is None:
        token = await own_token_of(request)
    else:
        token = await AccessToken.get(id=request.state.grant.token_id).select_related("application")
    if token is None:
        raise Unauthorised(NOT_LOGGED_IN, challenge(request))
    if (program := token.application) is None:
        raise NotFound("This token was given to no program.")
    addresses = program.redirect_uris.split("\n")
    return Json(
        {
            "id": str(program.id),
            "name": program.name,
            "website": program.website,
            "scopes": program.scopes.split(),
            "redirect_uris": addresses,
            "redirect_uri": program.redirect_uris,
            "vapid_key": "",
        }
    )
