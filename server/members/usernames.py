"""The names of our actors: which are allowed, which are nobody's to take, and one to propose."""

import re
import unicodedata

from models.actor import Actor
from server.errors import Conflict, Invalid

MAX_CHARACTERS = 30

_USERNAME = re.compile(rf"[a-z0-9_]{{1,{MAX_CHARACTERS}}}")
_NOT_IN_USERNAME = re.compile(r"[^a-z0-9]+")
_SMALL = "a au aux d de des du en et l la le les locale of section sur the"
_SMALL_WORDS = frozenset(_SMALL.split())
_SPEAKING_FOR_US = """
about abuse account accounts actor actors admin administrateur administration administrator aide all animation api auth
contact coopole everyone feed fediverse handle help hostmaster inbox info instance login logout mail mailer_daemon me
media mod moderateur moderation moderator newsletter nobody no_reply noreply null oauth official officiel outbox owner
postmaster press presse public root search section security securite server serveur service settings setup signup ssl
staff static status support system systeme tags team tous undefined user users web webfinger webmaster well_known www
"""
# Names that would speak for the server or for its keepers, in either language.
RESERVED = frozenset(_SPEAKING_FOR_US.split())


def check_username(typed: str) -> str:
    """Read a username as it was typed, with or without its @.

    Raises:
        Invalid: it is empty, too long, has other characters, or is reserved.
    """
    username = typed.strip().removeprefix("@").lower()
    if not username:
        raise Invalid("Choose a name.")
    if len(username) > MAX_CHARACTERS:
        raise Invalid("A name may have 30 characters at most.")
    if not _USERNAME.fullmatch(username):
        raise Invalid("A name has only unaccented letters, digits and _.")
    if username in RESERVED:
        raise Invalid("This name is reserved. Choose another.")
    return username


async def check_free(username: str) -> None:
    """Refuse a name that an actor of ours has, or had: names are never given twice.

    Raises:
        Conflict: it is taken.
    """
    if await Actor.exists(local_name=username):
        raise Conflict("This name is taken. Choose another.")


async def suggest_username(name: str) -> str:
    """Propose a free username for a name such as "Section de Lille-Centre": "lille_centre"."""
    ascii_name = unicodedata.normalize("NFKD", name.replace("’", "'")).encode("ascii", "ignore").decode().lower()
    words = [word for word in _NOT_IN_USERNAME.split(ascii_name) if word]
    telling = [word for word in words if word not in _SMALL_WORDS]
    stem = "_".join(telling or words)[:MAX_CHARACTERS].strip("_") or "lieu"
    candidates = [stem, *(f"{stem[: MAX_CHARACTERS - 4]}_{number}" for number in range(2, 100))]
    taken = set(await Actor.filter(local_name__in=candidates).values_list("local_name", flat=True)) | RESERVED
    return next((candidate for candidate in candidates if candidate not in taken), "")
