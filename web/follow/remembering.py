"""What a visitor's browser remembers of their server: its name, and its pages for following, answering and the like.

Never who they are: a template in which their name stands is left out, and typed anew.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import orjson

from federation.webfinger import Jrd
from web.follow.home import INTENTS

MAX_CHARACTERS = 3000
SUBSCRIBE = "subscribe"
KEPT = frozenset({*INTENTS.values(), "object", SUBSCRIBE})


def written(jrd: Jrd, user: str) -> str:
    """Write the templates of a server's pages for a cookie; '' where there are none that say nothing of the user."""
    every = {**jrd.intents, SUBSCRIBE: jrd.subscribe_template or ""}
    kept = {name: text for name, text in every.items() if name in KEPT and text and user.lower() not in text.lower()}
    value = urlsafe_b64encode(orjson.dumps(kept)).decode() if kept else ""
    return value if len(value) <= MAX_CHARACTERS else ""


def read(cookie: str) -> Jrd | None:
    """Read such a cookie back, as if the server had just been asked; None where it is none."""
    try:
        found = orjson.loads(urlsafe_b64decode(cookie)) if 0 < len(cookie) <= MAX_CHARACTERS else None
    except ValueError:
        return None
    if not isinstance(found, dict) or not found:
        return None
    if not all(name in KEPT and isinstance(text, str) for name, text in found.items()):
        return None
    intents = {name: text for name, text in found.items() if name != SUBSCRIBE}
    return Jrd(None, "", found.get(SUBSCRIBE), (), intents)
