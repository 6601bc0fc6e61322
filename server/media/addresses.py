"""Where pictures and films of other servers are shown from: our own host, so that nobody else learns who looks at them.

The address says which picture it stands for, under a seal that only this server can make: nobody can have it fetch
what they choose, and giving addresses out asks the database nothing.
"""

import base64
import binascii
import hmac

from federation.naming import Names
from models.media import small_url
from models.post import Attachment
from models.secrets import link_token
from server.media.playing import moves

SEAL_CHARACTERS = 22  # 128 bits
SMALL = "/small"
COPIES, FILM_COPIES = "/media/copies", "/media/films"


def copy_url(url: str, names: Names) -> str:
    """Give the address here of a picture; what is ours keeps its own."""
    return copy_urls(url, names)[0]


def small_copy_url(url: str, names: Names) -> str:
    """Give the address here of the small version of a picture, which does not move; what is ours keeps its own."""
    return copy_urls(url, names)[1]


def copy_urls(url: str, names: Names) -> tuple[str, str]:
    """Give both at once, for half of the work: (the address here of a picture, that of its small version)."""
    if names.is_ours(url):
        return url, url
    whole = f"{names.origin}{COPIES}/{_seal(url)}/{_spelled(url)}"
    return whole, whole + SMALL


def film_url(url: str, names: Names) -> str:
    """Give the address here of a film or sound of another server; below it is that of a picture out of it."""
    return f"{names.origin}{FILM_COPIES}/{_seal(url, 'film')}/{_spelled(url)}"


def shown_url(item: Attachment, names: Names) -> str:
    """Tell where what hangs on a post is seen: here, but for documents, and for films that are on their server alone."""
    if _is_picture(item):
        return copy_url(item.url, names)
    is_copied = moves(item) and not names.is_ours(item.url) and not item.playing.is_elsewhere
    return film_url(item.url, names) if is_copied else item.url


def small_shown_url(item: Attachment, names: Names) -> str | None:
    """Tell where there is a small picture of what hangs on a post: of every picture, and of films that are here."""
    is_ours = names.is_ours(item.url)
    if _is_picture(item):
        return small_url(item.url) if is_ours else small_copy_url(item.url, names)
    if is_ours:
        return small_url(item.url) if item.media_type.startswith("video/") else None
    return film_url(item.url, names) + SMALL if item.playing.has_small else None


def _is_picture(item: Attachment) -> bool:
    return item.media_type.lower().startswith("image/")


def read_address(seal: str, spelled: str, kind: str = "copy") -> str | None:
    """Read for which picture, or `film`, an address of ours stands; None if we never gave it out."""
    try:
        url = base64.b64decode(spelled + "=" * (-len(spelled) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    return url if hmac.compare_digest(seal.encode(), _seal(url, kind).encode()) else None


def _spelled(url: str) -> str:
    return base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


def _seal(url: str, kind: str = "copy") -> str:
    return link_token(f"{kind} of {url}")[:SEAL_CHARACTERS]
