"""Finished answers, kept for as long as nothing is written to the database: what is shown is never older than what is true.

Most are answers that everybody is given alike: documents for other servers, and pages.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import Response

from models.state import State, database_state

MAX_BYTES = 16 * 1024 * 1024
MAX_ANSWER_BYTES = 512 * 1024

Endpoint = Callable[[Request], Awaitable[Response]]
Key = tuple[str, ...]

_CONDITIONS = frozenset({b"if-none-match", b"if-modified-since"})


@dataclass(slots=True)
class KeptAnswers:
    """The answers of one process, the longest unread leaving first. All belong to one state of the database."""

    state: State = ()
    answers: OrderedDict[Key, Response] = field(default_factory=OrderedDict)
    total_bytes: int = 0

    def get(self, key: Key, state: State) -> Response | None:
        """Give an answer if it still says what the database says."""
        if state != self.state:
            self.state, self.total_bytes = state, 0
            self.answers.clear()
        if (found := self.answers.get(key)) is not None:
            self.answers.move_to_end(key)
        return found

    def keep(self, key: Key, state: State, answer: Response) -> None:
        """Keep an answer that was made wholly in `state`."""
        if state != self.state or len(answer.body) > MAX_ANSWER_BYTES or key in self.answers:
            return
        self.answers[key] = answer
        self.total_bytes += len(answer.body)
        while self.total_bytes > MAX_BYTES:
            _, oldest = self.answers.popitem(last=False)
            self.total_bytes -= len(oldest.body)


def kept(make: Endpoint, key_of: Callable[[Request], Key | None]) -> Endpoint:
    """Have an answer made once for each state of the database, and conditions (304) answered here: `make` sees none.

    `key_of` tells all that the answer depends on; None where it is not worth keeping, such as an address that somebody
    made up to fill the memory. What `make` calls private, or not to be stored, is never kept.
    """

    async def answer(request: Request) -> Response:
        answers, key, state = _answers_of(request), key_of(request), await database_state()
        found = answers.get(key, state) if key is not None else None
        if found is None:
            found = await make(_unconditional(request))
            if found.status_code != 200:
                return found
            if key is not None and is_for_everybody(found) and await database_state() == state:
                answers.keep(key, state, found)
        if is_known(request, found):
            return Response(status_code=304, headers=_without_body(found))
        return Response(found.body, headers=dict(found.headers))

    return answer


async def kept_for(request: Request, key: Key, make: Endpoint) -> Response:
    """Give one reader the answer made for them, once for each state of the database; `key` must name the reader."""
    answers, state = _answers_of(request), await database_state()
    found = answers.get(key, state)
    if found is None:
        found = await make(request)
        if found.status_code == 200 and await database_state() == state:
            answers.keep(key, state, found)
    return Response(found.body, headers=dict(found.headers))


def _answers_of(request: Request) -> KeptAnswers:
    state = request.app.state
    if not hasattr(state, "kept_answers"):
        state.kept_answers = KeptAnswers()
    answers: KeptAnswers = state.kept_answers
    return answers


def is_for_everybody(answer: Response) -> bool:
    """Whether an answer says that others may be given the same."""
    caching = answer.headers.get("cache-control", "")
    return "private" not in caching and "no-store" not in caching


def _unconditional(request: Request) -> Request:
    headers = [pair for pair in request.scope["headers"] if pair[0] not in _CONDITIONS]
    return Request(dict(request.scope, headers=headers), request.receive)


def _without_body(answer: Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in ("content-length", "content-type")}


def is_known(request: Request, answer: Response) -> bool:
    """Whether the reader has this answer already; an ETag, where it sends one, decides alone.

    Source: RFC 9110 §13.2.2
    """
    if (tags := request.headers.get("if-none-match")) is not None:
        return has_already(tags, answer.headers.get("etag", ""))
    since, changed = request.headers.get("if-modified-since"), answer.headers.get("last-modified")
    if since is None or changed is None:
        return False
    try:
        moment = parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False
    return moment.tzinfo is not None and parsedate_to_datetime(changed) <= moment


def has_already(if_none_match: str, etag: str) -> bool:
    """Whether an If-None-Match header names this ETag; weak marks do not count.   Source: RFC 9110 §13.1.2"""
    named = [item.strip().removeprefix("W/") for item in if_none_match.split(",")]
    return etag in named or named == ["*"]
