"""The addresses of pictures that stand for pages: under the mark of what a picture says; under another, the way there."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.actor import Actor, ActorType
from server.activitypub.negotiation import respond_bytes
from server.errors import Gone, NotFound
from server.throttle import throttled
from web.cards import cards
from web.cards.cards import Card
from web.cards.making import drawn_by
from web.posts.pages import open_view
from web.profiles.pages import MAX_ID
from web.shared.site import site_of

HEADERS = {
    "Content-Type": "image/png",
    "Cache-Control": "public, max-age=86400",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}


@throttled("cards", burst=300, every_seconds=1)
async def of_post(request: Request) -> Response:
    """GET /cards/posts/{id}/{mark}.png: of a post or an event that everybody may read."""
    view, site = await open_view(request), await site_of(request)
    card = cards.of_post(view, await site.section_of(view.post.actor), site)
    return await _answer(request, "posts", view.post.id, card)


@throttled("cards", burst=300, every_seconds=1)
async def of_actor(request: Request) -> Response:
    """GET /cards/actors/{id}/{mark}.png: of a section or a member of ours."""
    id_ = request.path_params["id"]
    actor = await Actor.get_or_none(id=id_, is_local=True) if id_ <= MAX_ID else None
    if actor is None or actor.type is ActorType.APPLICATION:
        raise NotFound("This page does not exist.")
    if actor.gone_at is not None:
        raise Gone("This account has been closed.")
    site = await site_of(request)
    return await _answer(request, "actors", actor.id, cards.of_actor(actor, await site.section_of(actor), site))


async def _answer(request: Request, what: str, id_: int, card: Card) -> Response:
    if request.path_params["mark"] != card.mark:
        return RedirectResponse(cards.path_of(what, id_, card), 302, {"Cache-Control": "no-cache"})
    return respond_bytes(request, await drawn_by(request).of(card), 200, HEADERS)
