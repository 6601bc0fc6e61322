"""Leaving an e-mail address with a section, from an app.   Source: Mastodon 4.6 (accounts/:id/email_subscriptions)

Whether the address was known is told to nobody: the letter that confirms it says the same to everybody.
"""

from starlette.requests import Request

from models.actor import Actor
from models.consent import Purpose
from server.contacts.actions import leave_address
from server.errors import NotFound
from server.mastodon.answers import Json
from server.mastodon.asking import context
from server.mastodon.entities.account import takes_addresses
from server.mastodon.entities.kinds import Nothing
from server.mastodon.parameters import path_id, read
from server.throttle import throttled


@throttled("contact", burst=10, every_seconds=60)
async def create(request: Request) -> Json[Nothing]:
    """POST /api/v1/accounts/{id}/email_subscriptions -> {}: `email` is to receive the news of a section. No token is needed.

    Raises:
        NotFound: this is no section of this server.
    """
    actor = await Actor.get_or_none(id=path_id(request), gone_at=None)
    if actor is None or not takes_addresses(actor):
        raise NotFound("One cannot leave an address with this account.")
    email = (await read(request)).text("email").strip()
    is_french = request.headers.get("accept-language", "fr").lower().startswith("fr")
    language = "fr" if is_french else "en"
    await leave_address(actor, email, [Purpose.NEWS], context(request), language=language, by="api")
    return Json({})
