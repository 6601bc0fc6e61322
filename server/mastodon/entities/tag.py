"""Tag, FeaturedTag.   Source: docs.joinmastodon.org/entities/Tag, /FeaturedTag"""

from typing import Any

from federation.naming import Names
from server.tags.featured import Shown

Entity = dict[str, Any]


def tag(name: str, names: Names, *, is_followed: bool | None, is_featured: bool = False) -> Entity:
    """Write a Tag; None is the public, which follows none. How often it was used is not counted."""
    following = {} if is_followed is None else {"following": is_followed}
    return {"name": name, "url": names.tag(name), "history": [], "featuring": is_featured, **following}


def featured_tag(shown: Shown, names: Names) -> Entity:
    """Write a FeaturedTag; clients want the total as a text."""
    name, last = shown.row.name, shown.last_post_on
    return {
        "id": str(shown.row.id),
        "name": name,
        "url": names.tag(name),
        "statuses_count": str(shown.posts_count),
        "last_status_at": last.isoformat() if last else None,
    }
