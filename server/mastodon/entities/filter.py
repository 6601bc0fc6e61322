"""Filter, its parts, FilterResult, and the V1::Filter of old.   Source: docs.joinmastodon.org/entities/Filter"""

from collections.abc import Sequence
from typing import TypedDict

from models import filters as rows
from models.filters import FilterAction
from server.filters.matching import ActiveFilter, Match
from server.mastodon.entities.kinds import Id, Instant
from server.mastodon.entities.moments import instant


class FilterKeyword(TypedDict):
    """A word that a filter looks for."""

    id: Id
    keyword: str
    whole_word: bool


class FilterStatus(TypedDict):
    """A status that a filter names."""

    id: Id
    status_id: Id


class Filter(TypedDict):
    """What a member does not want to read."""

    id: Id
    title: str
    context: list[str]
    expires_at: Instant | None
    filter_action: str
    keywords: list[FilterKeyword]
    statuses: list[FilterStatus]


class FilterResult(TypedDict):
    """Why a filter applies to a status."""

    filter: Filter
    keyword_matches: list[str] | None
    status_matches: list[Id] | None


class V1Filter(TypedDict):
    """A filter as clients of old know it: one word."""

    id: Id
    phrase: str
    context: list[str]
    whole_word: bool
    expires_at: Instant | None
    irreversible: bool


def filter_(view: ActiveFilter) -> Filter:
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


def filter_keyword(row: rows.FilterKeyword) -> FilterKeyword:
    """Write a FilterKeyword."""
    return {"id": str(row.id), "keyword": row.keyword, "whole_word": row.is_whole_word}


def filter_status(row: rows.FilterPost) -> FilterStatus:
    """Write a FilterStatus."""
    return {"id": str(row.id), "status_id": str(row.post_id)}


def filter_results(matches: Sequence[Match], post_id: int) -> list[FilterResult]:
    """Write the FilterResults of a Status. The filters in them name no other status than this one."""
    return [
        {
            "filter": {**filter_(match.filter), "statuses": _named(match, post_id)},
            "keyword_matches": list(match.keywords) or None,
            "status_matches": [str(post_id)] if match.is_named else None,
        }
        for match in matches
    ]


def _named(match: Match, post_id: int) -> list[FilterStatus]:
    return [filter_status(row) for row in match.filter.posts if row.post_id == post_id]


def filter_v1(row: rows.FilterKeyword) -> V1Filter:
    """Write a V1::Filter: one keyword, with the choices of its filter, which is loaded."""
    return {
        "id": str(row.id),
        "phrase": row.keyword,
        "context": row.part_of.contexts,
        "whole_word": row.is_whole_word,
        "expires_at": _expiry(row.part_of),
        "irreversible": row.part_of.action is FilterAction.HIDE,
    }


def _expiry(row: rows.Filter) -> str | None:
    return instant(row.expires_at) if row.expires_at else None
