"""Tag.   Source: docs.joinmastodon.org/entities/Tag"""

from typing import Any

from federation.naming import Names

Entity = dict[str, Any]


def tag(name: str, names: Names, *, is_followed: bool | None) -> Entity:
    """Write a Tag; None is the public, which follows none. How often it was used is not counted."""
    following = {} if is_followed is None else {"following": is_followed}
    return {"name": name, "url": names.tag(name), "history": [], "featuring": False, **following}
