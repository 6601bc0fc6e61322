"""Tag.   Source: docs.joinmastodon.org/entities/Tag"""

from typing import NotRequired, TypedDict

from federation.naming import Names
from server.mastodon.entities.kinds import Nothing, Url


class Tag(TypedDict):
    """A hashtag."""

    name: str
    url: Url
    history: list[Nothing]
    featuring: bool
    following: NotRequired[bool]


def tag(name: str, names: Names, *, is_followed: bool | None) -> Tag:
    """Write a Tag; None is the public, which follows none. How often it was used is not counted."""
    written: Tag = {"name": name, "url": names.tag(name), "history": [], "featuring": False}
    return written if is_followed is None else {**written, "following": is_followed}
