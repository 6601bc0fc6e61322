"""Where pictures of other servers are shown from: our own host, so that nobody else learns who looks at them.

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

SEAL_CHARACTERS = 22  # 128 bits
SMALL = "/small"


def copy_url(url: str, names: Names) -> str:
    """Give the address here of a picture; what is ours keeps its own."""
    if names.is_ours(url):
        return url
    spelled = base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")
    return f"{names.origin}/media/copies/{_seal(url)}/{spelled}"


def small_copy_url(url: str, names: Names) -> str:
    """Give the address here of the small version of a picture, which does not move; what is ours keeps its own."""
    return url if names.is_ours(url) else copy_url(url, names) + SMALL


def shown_url(item: Attachment, names: Names) -> str:
    """Tell where what hangs on a post is seen: a picture here; films and sounds of other servers are on these."""
    return copy_url(item.url, names) if _is_picture(item) else item.url


def small_shown_url(item: Attachment, names: Names) -> str | None:
    """Tell where there is a small picture of what hangs on a post: of every picture, and of films of ours."""
    if names.is_ours(item.url):
        return small_url(item.url) if _is_picture(item) or item.media_type.startswith("video/") else None
    return small_copy_url(item.url, names) if _is_picture(item) else None


def _is_picture(item: Attachment) -> bool:
    return item.media_type.lower().startswith("image/")


def read_address(seal: str, spelled: str) -> str | None:
    """Read for which picture an address of ours stands; None if we never gave it out."""
    try:
        url = base64.b64decode(spelled + "=" * (-len(spelled) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    return url if hmac.compare_digest(seal.encode(), _seal(url).encode()) else None


def _seal(url: str) -> str:
    return link_token(f"copy of {url}")[:SEAL_CHARACTERS]
