"""What clients ask at their start and this server does not offer: empty answers, since a 404 breaks some of them.

Nothing is ranked by what is popular, nobody is suggested, and there are no custom emojis of our own.
Source: docs.joinmastodon.org/methods/trends, /suggestions, /custom_emojis, /proofs
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


async def identity_proofs(request: Request) -> Json[list[Nothing]]:
    """GET /api/v1/accounts/{id}/identity_proofs -> []: no other site vouches for anybody here."""
    await find_account(request)
    return Json([])
