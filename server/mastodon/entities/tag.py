"""Tag, FeaturedTag.   Source: docs.joinmastodon.org/entities/Tag, /FeaturedTag"""

from typing import NotRequired, TypedDict

from federation.naming import Names
from server.mastodon.entities.kinds import Day, Id, Nothing, Url
from server.tags.featured import Shown


class Tag(TypedDict):
    """A hashtag."""

    name: str
    url: Url
    history: list[Nothing]
    featuring: bool
    following: NotRequired[bool]


class FeaturedTag(TypedDict):
    """A hashtag on a profile."""

    id: Id
    name: str
    url: Url
    statuses_count: str
    last_status_at: Day | None


def tag(name: str, names: Names, *, is_followed: bool | None, is_featured: bool = False) -> Tag:
    """Write a Tag; None is the public, which follows none. How often it was used is not counted."""
    written: Tag = {"name": name, "url": names.tag(name), "history": [], "featuring": is_featured}
    return written if is_followed is None else {**written, "following": is_followed}


def featured_tag(shown: Shown, names: Names) -> FeaturedTag:
    """Write a FeaturedTag; clients want the total as a text."""
    name, last = shown.row.name, shown.last_post_on
    return {
        "id": str(shown.row.id),
        "name": name,
        "url": names.tag(name),
        "statuses_count": str(shown.posts_count),
        "last_status_at": last.isoformat() if last else None,
    }
