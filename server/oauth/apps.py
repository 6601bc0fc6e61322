"""Programs that register themselves before they ask a member for anything.   Source: RFC 6749 §2, §3.1.2."""

import re
import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit

from federation.sanitise import safe_url
from models.oauth import Application, token_hash
from server.errors import Invalid
from server.oauth import scopes as oauth_scopes

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
MAX_NAME_CHARACTERS = 255
MAX_REDIRECT_URIS = 20
MAX_REDIRECT_URI_CHARACTERS = 2000

# What a browser would run, or read from the member's own disk, in place of going there.
FORBIDDEN_SCHEMES = frozenset({"about", "blob", "data", "file", "filesystem", "javascript", "view-source", "vbscript"})
_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")


async def register(
    name: str, redirect_uris: Sequence[str], *, scopes: str = "", website: str = ""
) -> tuple[Application, str]:
    """Register a program: its row, and its secret, which is known now and never again.

    Raises:
        Invalid: a name, an address or a scope that cannot be.
    """
    name, website = name.strip(), website.strip()
    if not name or len(name) > MAX_NAME_CHARACTERS:
        raise Invalid(f"client_name must have between 1 and {MAX_NAME_CHARACTERS} characters.")
    if website and safe_url(website) is None:
        raise Invalid("website must be an http or https address.")
    addresses = list(dict.fromkeys(check_redirect_uri(uri) for uri in redirect_uris))
    if not 0 < len(addresses) <= MAX_REDIRECT_URIS:
        raise Invalid(f"redirect_uris must name between 1 and {MAX_REDIRECT_URIS} addresses.")
    secret = secrets.token_urlsafe(32)
    application = await Application.create(
        client_id=secrets.token_urlsafe(32),
        client_secret_hash=token_hash(secret),
        name=name,
        website=website or None,
        redirect_uris="\n".join(addresses),
        scopes=" ".join(oauth_scopes.parse(scopes)),
    )
    return application, secret


async def find(client_id: str) -> Application | None:
    """Find the program of this id; None where nobody registered it."""
    return await Application.get_or_none(client_id=client_id) if _CLIENT_ID.fullmatch(client_id) else None


def check_redirect_uri(text: str) -> str:
    """Give back an address that a member may be sent to: an absolute URI without a fragment. Any app's own scheme will do.

    Raises:
        Invalid: it is something else, or a browser would run it.
    """
    uri = text.strip()
    if uri == OUT_OF_BAND:
        return uri
    try:
        parts = urlsplit(uri)
        has_host = bool(parts.hostname)
    except ValueError as error:
        raise Invalid("A redirect URI is not a URI.") from error
    is_written_well = uri.isascii() and uri.isprintable() and not set(uri) & set(' "<>\\^`{|}')
    if not is_written_well or len(uri) > MAX_REDIRECT_URI_CHARACTERS or "#" in uri:
        raise Invalid("A redirect URI must be a URI without a fragment.")
    if not _SCHEME.fullmatch(parts.scheme) or parts.scheme in FORBIDDEN_SCHEMES:
        raise Invalid("A redirect URI must be absolute, with a scheme that an application may answer to.")
    if parts.scheme in ("http", "https") and not has_host:
        raise Invalid("A redirect URI must name a host.")
    return uri
