"""Mastodon.py, watched: which of its methods asked the server for what, and what status it was answered with."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx2
import requests
from mastodon import Mastodon

from tests.clients.rows import BY_HAND, BY_NODE, ROWS

Test = TypeVar("Test", bound=Callable[..., Any])

COVERED = "covered_rows"


def covers(*rows: str) -> Callable[[Test], Test]:
    """Say that a test has these rows of the table asked for by their method; it fails where that is not so."""
    assert set(rows) <= set(ROWS), set(rows) - set(ROWS)

    def mark(test: Test) -> Test:
        setattr(test, COVERED, rows)
        return test

    return mark


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: the methods of the library that were being performed, the HTTP method, the path, the status."""

    by: tuple[str, ...]
    method: str
    path: str
    status: int

    def is_of(self, row: str) -> bool:
        """Whether it is the endpoint of a row, asked by the row's method, and answered well."""
        method, _, path = row.partition(" ")
        pattern = re.sub(r":\w+", "[^/]+", re.escape(path).replace(r"\:", ":"))
        is_there = self.method == method and re.fullmatch(pattern, self.path.rstrip("/")) is not None
        return is_there and ROWS[row] in self.by and self.status < 400


@dataclass(slots=True)
class Journal:
    """All that was asked during one test."""

    asked: list[Asked] = field(default_factory=list)
    performing: list[str] = field(default_factory=list)

    @contextmanager
    def during(self, name: str) -> Iterator[None]:
        """Note under whose name requests are made."""
        self.performing.append(name)
        try:
            yield
        finally:
            self.performing.remove(name)

    def note(self, method: str, url: str, status: int) -> None:
        """Note a request that was answered."""
        self.asked.append(Asked(tuple(self.performing), method, urlsplit(url).path, status))

    def check(self, rows: tuple[str, ...]) -> None:
        """Fail for every row that was not asked for by its method; those of Node have tests of their own."""
        missing = [row for row in rows if ROWS[row] != BY_NODE and not any(made.is_of(row) for made in self.asked)]
        assert not missing, f"not asked for: {missing}; asked: {self.asked}"


class Watched(Mastodon):
    """Mastodon.py as it is, but for a journal of its requests."""

    def __init__(self, journal: Journal, **options: Any) -> None:
        session = requests.Session()
        session.hooks["response"] = [lambda answer, *_, **__: self._note(answer)]
        self._journal = journal
        super().__init__(session=session, version_check_mode="created", request_timeout=30, **options)

    def _note(self, answer: requests.Response) -> None:
        self._journal.note(str(answer.request.method), str(answer.request.url), answer.status_code)

    def __getattribute__(self, name: str) -> Any:
        """Give what the library gives; a public method notes that it is being performed."""
        found = super().__getattribute__(name)
        if name.startswith("_") or not callable(found) or not hasattr(Mastodon, name):
            return found

        @wraps(found)  # the library reads there what it makes of an answer
        def performed(*arguments: Any, **options: Any) -> Any:
            with self._journal.during(name):
                return found(*arguments, **options)

        return performed


def by_hand(journal: Journal, origin: str, token: str) -> httpx2.Client:
    """A client for what Mastodon.py has no method for."""

    def note(answer: httpx2.Response) -> None:
        with journal.during(BY_HAND):
            journal.note(answer.request.method, str(answer.request.url), answer.status_code)

    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx2.Client(base_url=origin, headers=headers, timeout=30, event_hooks={"response": [note]})
