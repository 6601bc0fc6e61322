"""Filter, its parts, FilterResult, and the V1::Filter of old.   Source: docs.joinmastodon.org/entities/Filter"""

from collections.abc import Sequence
from typing import Any

from models.filters import Filter, FilterAction, FilterKeyword, FilterPost
from server.filters.matching import ActiveFilter, Match
from server.mastodon.entities.moments import instant

Entity = dict[str, Any]


def filter_(view: ActiveFilter) -> Entity:
    """Write a Filter."""
    row = view.row
    return {
        "id": str(row.id),
        "title": row.title,
        "context": row.contexts,
        "expires_at": _expiry(row),
        "filter_action": row.action.value,
        "keywords": [filter_keyword(keyword) for keyword in view.keywords],
        "statuses": [filter_status(item) for item in view.posts],
    }


def filter_keyword(row: FilterKeyword) -> Entity:
    """Write a FilterKeyword."""
    return {"id": str(row.id), "keyword": row.keyword, "whole_word": row.is_whole_word}


def filter_status(row: FilterPost) -> Entity:
    """Write a FilterStatus."""
    return {"id": str(row.id), "status_id": str(row.post_id)}


def filter_results(matches: Sequence[Match], post_id: int) -> list[Entity]:
    """Write the FilterResults of a Status. The filters in them name no other status than this one."""
    return [
        {
            "filter": filter_(match.filter) | {"statuses": _named(match, post_id)},
            "keyword_matches": list(match.keywords) or None,
            "status_matches": [str(post_id)] if match.is_named else None,
        }
        for match in matches
    ]


def _named(match: Match, post_id: int) -> list[Entity]:
    return [filter_status(row) for row in match.filter.posts if row.post_id == post_id]


def filter_v1(row: FilterKeyword) -> Entity:
    """Write a V1::Filter: one keyword, with the choices of its filter, which is loaded."""
    return {
        "id": str(row.id),
        "phrase": row.keyword,
        "context": row.part_of.contexts,
        "whole_word": row.is_whole_word,
        "expires_at": _expiry(row.part_of),
        "irreversible": row.part_of.action is FilterAction.HIDE,
    }


def _expiry(row: Filter) -> str | None:
    return instant(row.expires_at) if row.expires_at else None
