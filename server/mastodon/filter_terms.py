"""Reading how a filter is to be, out of what a client sends."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from models.filters import FilterAction, FilterContext
from server.errors import Invalid
from server.filters.actions import Keyword, Terms
from server.mastodon.parameters import Parameters

MAX_SECONDS = 100 * 366 * 24 * 3600
CONTEXTS = {context.value: context for context in FilterContext}
ACTIONS = {action.value: action for action in FilterAction}


def read_terms(parameters: Parameters, before: Terms, now: datetime) -> Terms:
    """Read a filter of v2; what is not sent stays as it was.

    Raises:
        Invalid: a context or an action that there is not, or a time that is none.
    """
    action = parameters.text("filter_action", before.action.value)
    if action not in ACTIONS:
        raise Invalid("filter_action must be warn, hide or blur.")
    return Terms(
        parameters.text("title", before.title),
        read_contexts(parameters) or before.contexts,
        ACTIONS[action],
        read_expiry(parameters, before.expires_at, now),
    )


def read_contexts(parameters: Parameters) -> list[FilterContext]:
    """Read where a filter applies.

    Raises:
        Invalid: there is no such place.
    """
    words = [word for word in parameters.texts("context") if word]
    if unknown := [word for word in words if word not in CONTEXTS]:
        raise Invalid(f"There is no filter context {unknown[0][:64]!r}.")
    return [CONTEXTS[word] for word in words]


def read_expiry(parameters: Parameters, before: datetime | None, now: datetime) -> datetime | None:
    """Read until when a filter applies, given in seconds from now; an empty value is for ever.

    Raises:
        Invalid: it is no number.
    """
    if "expires_in" not in parameters.values:
        return before
    if not parameters.has("expires_in"):
        return None
    return now + timedelta(seconds=parameters.number("expires_in", 0, least=0, most=MAX_SECONDS))


def read_keywords(parameters: Parameters) -> list[Keyword]:
    """Read `keywords_attributes`: a list of objects, or one object that has them by their numbers."""
    sent = parameters.values.get("keywords_attributes")
    items: Iterable[Any] = sent.values() if isinstance(sent, Mapping) else sent if isinstance(sent, list) else ()
    return [read_keyword(Parameters(item)) for item in items if isinstance(item, Mapping)]


def read_keyword(parameters: Parameters) -> Keyword:
    """Read one keyword.

    Raises:
        Invalid: its id is none.
    """
    return Keyword(
        parameters.text("keyword") if "keyword" in parameters.values else None,
        parameters.flag("whole_word") if parameters.has("whole_word") else None,
        parameters.id("id"),
        parameters.flag("_destroy"),
    )
