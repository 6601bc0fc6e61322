"""What clients ask at their start and this server does not offer: empty answers, since a 404 breaks some of them.

Nothing is ranked by what is popular, nobody is suggested, nothing is announced over the heads of all,
and there are no custom emojis of our own.
Source: docs.joinmastodon.org/methods/trends, /suggestions, /custom_emojis, /announcements, /endorsements
"""

from starlette.requests import Request

from server.mastodon.accounts import find_account
from server.mastodon.answers import Json
from server.mastodon.entities.kinds import Nothing


async def trends(request: Request) -> Json[list[Nothing]]:
    """GET /api/v1/trends -> []."""
    return Json([])


async def trending_tags(request: Request) -> Json[list[Nothing]]:
    """GET /api/v1/trends/tags -> []."""
    return Json([])


async def trending_statuses(request: Request) -> Json[list[Nothing]]:
    """GET /api/v1/trends/statuses -> []."""
    return Json([])


async def trending_links(request: Request) -> Json[list[Nothing]]:
    """GET /api/v1/trends/links -> []."""
    return Json([])


async def custom_emojis(request: Request) -> Json[list[Nothing]]:
    """GET /api/v1/custom_emojis -> []."""
    return Json([])


async def announcements(request: Request) -> Json[list[Nothing]]:
    """GET /api/v1/announcements -> []."""
    return Json([])


async def suggestions(request: Request) -> Json[list[Nothing]]:
    """GET /api/v2/suggestions -> []."""
    return Json([])


async def suggestions_v1(request: Request) -> Json[list[Nothing]]:
    """GET /api/v1/suggestions -> []."""
    return Json([])


async def dismiss_suggestion(request: Request) -> Json[Nothing]:
    """DELETE /api/v1/suggestions/{id} -> {}: nobody was suggested.

    Raises:
        NotFound: there is no such account.
    """
    await find_account(request)
    return Json({})


async def endorsements(request: Request) -> Json[list[Nothing]]:
    """GET /api/v1/endorsements -> []: whom somebody recommends is a list of whom they know, and is not kept."""
    return Json([])


async def endorsements_of(request: Request) -> Json[list[Nothing]]:
    """GET /api/v1/accounts/{id}/endorsements -> []."""
    return Json([])
