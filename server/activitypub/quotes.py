"""Consent to quotes, for whoever was shown one and checks it.   Source: FEP-044f"""

from starlette.requests import Request
from starlette.responses import Response

from federation.context import Context
from federation.objects.quote import write_authorization
from models.quote import Quote, QuoteState
from server.activitypub.negotiation import respond
from server.errors import NotFound


async def authorization(request: Request) -> Response:
    """GET /quotes/{id} -> the QuoteAuthorization, as long as it holds.

    Raises:
        NotFound: there is none, or it was taken back.
    """
    ctx: Context = request.app.state.context
    uri = ctx.names.quote_authorization(request.path_params["id"])
    given = Quote.get_or_none(authorization_uri=uri, state=QuoteState.ACCEPTED, quoted__is_local=True)
    row = await given.select_related("post", "quoted__actor")
    if row is None or row.quoted is None:
        raise NotFound("There is no such consent.")
    return respond(request, write_authorization(uri, row.quoted.actor.uri, row.post.uri, row.quoted.uri))
