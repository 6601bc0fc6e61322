"""Whether a filter finds a post.   Source: Mastodon's custom filters, `app/models/custom_filter.rb`"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from models.filters import Filter, FilterAction, FilterContext, FilterKeyword, FilterPost


@dataclass(slots=True)
class ActiveFilter:
    """A filter with its keywords, and its posts as far as they were asked for."""

    row: Filter
    keywords: list[FilterKeyword] = field(default_factory=list)
    posts: list[FilterPost] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Match:
    """What a filter found in a post: the keywords, and the post itself if it is one of the filter's."""

    filter: ActiveFilter
    keywords: tuple[str, ...] = ()
    is_named: bool = False


def found(filters: Sequence[ActiveFilter], post_id: int, texts: Iterable[str]) -> list[Match]:
    """Tell which filters find a post, by what is written in and around it."""
    written = "\n\n".join(texts)
    matches = []
    for one in filters:
        keywords = tuple(row.keyword for row in one.keywords if pattern(row.keyword, row.is_whole_word).search(written))
        is_named = any(row.post_id == post_id for row in one.posts)
        if keywords or is_named:
            matches.append(Match(one, keywords, is_named))
    return matches


@lru_cache(maxsize=4096)
def pattern(keyword: str, is_whole_word: bool) -> re.Pattern[str]:
    """Give what finds a keyword, whatever its capitals. Nothing in it means anything but itself.

    A word begins or ends only where the keyword does so with a letter or digit: "#vote" is found in "le #vote".
    """
    literal = re.escape(keyword)
    if is_whole_word:
        begin = r"(?<!\w)" if re.match(r"\w", keyword) else ""
        end = r"(?!\w)" if re.search(r"\w\Z", keyword) else ""
        literal = f"{begin}{literal}{end}"
    return re.compile(literal, re.IGNORECASE)


def hides(matches: Sequence[Match], where: FilterContext) -> bool:
    """Whether what was found in a post keeps it from being shown at all, where it would be shown."""
    return any(
        match.filter.row.action is FilterAction.HIDE and where.value in match.filter.row.contexts for match in matches
    )
