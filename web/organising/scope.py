"""Of an event that repeats: whether what is done is done to it alone, or to those that follow, too."""

from server.errors import Invalid
from web.shared.logged_in import Typed

THIS, FOLLOWING = "this", "following"


def read_scope(typed: Typed) -> str:
    """Read which of the two was chosen: this one alone, unless somebody said otherwise.

    Raises:
        Invalid: it is no form of ours.
    """
    if (scope := typed.get("scope", THIS)) not in (THIS, FOLLOWING):
        raise Invalid("This form could not be read.")
    return scope
