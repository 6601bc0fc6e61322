"""Who may see the numbers: this machine itself, or whoever has the token. To others there is nothing here."""

import hmac
import ipaddress

from starlette.requests import Request

from server.config import Settings

# Any of these says that the request came here by way of somebody, who may have brought it from anywhere.
PASSED_ON = frozenset(
    {
        "forwarded",
        "via",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-port",
        "x-forwarded-proto",
        "x-forwarded-server",
        "x-real-ip",
        "cf-connecting-ip",
        "true-client-ip",
    }
)


def may_see_numbers(request: Request, settings: Settings) -> bool:
    """Whether a request comes from this machine directly, or bears the token of `COOPOLE_METRICS_TOKEN`."""
    return bears_token(request.headers.get("authorization", ""), settings.metrics_token) or is_from_here(request)


def bears_token(authorization: str, token: str) -> bool:
    """Whether an Authorization header bears this token; takes as long for a wrong one. An empty token is nobody's."""
    scheme, _, given = authorization.partition(" ")
    is_same = hmac.compare_digest(given.strip().encode(errors="replace"), token.encode())
    return scheme.lower() == "bearer" and bool(token) and is_same


def is_from_here(request: Request) -> bool:
    """Whether whoever asks is on this machine, asks for this machine by a loopback name, and no proxy lies between.

    The name is asked for, too, because a proxy that passes on none of `PASSED_ON` passes on the public one.
    """
    if request.client is None or PASSED_ON.intersection(request.headers.keys()):
        return False
    return is_loopback(request.client.host) and is_loopback(_name_in(request.headers.get("host", "")))


def _name_in(host: str) -> str:
    """Take the name out of a Host header: 127.0.0.1:8000, [::1]:8000."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def is_loopback(name: str) -> bool:
    """Whether a name or address is this machine's own."""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
