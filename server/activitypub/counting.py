"""Who signed a request, and a number for each that was verified or refused."""

from federation.context import Context
from federation.errors import FederationError
from federation.signatures import SignedRequest
from federation.verification import signer_uri
from server.monitoring.metrics import count_signature


async def counted_signer(request: SignedRequest, ctx: Context) -> str:
    """Tell which actor signed the request, by its uri, and count it.

    Raises:
        FederationError: nobody, or nobody we listen to; as `signer_uri` says.
    """
    try:
        uri = await signer_uri(request, ctx)
    except FederationError as error:
        count_signature(error)
        raise
    count_signature()
    return uri
