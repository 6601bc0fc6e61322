"""The doorstep: uvicorn's HTTP protocol, which hands out at once what the front door would repeat.

Such an answer is a few hundred bytes that lie ready. The request is read, the bytes are written, and nothing is started in
between: no task, no middleware, no endpoint. Everything else goes the usual way.
"""

from collections.abc import Callable
from time import perf_counter
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from server.front_door import METHODS, Repeat, Repeats, ask
from server.monitoring.requests import count_request
from server.request_id import new_request_id


class Doorstep(HttpToolsProtocol):
    """One connection. `repeats` are the answers that its process may give again."""

    def __init__(self, *arguments: Any, repeats: Repeats, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._repeats = repeats

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if not self._answers_at_once(cycle):
            super()._start_asgi_task(cycle, app)

    def _answers_at_once(self, cycle: RequestResponseCycle) -> bool:
        """Answer a request whose answer lies ready; whether it did."""
        scope: Any = cycle.scope
        if scope["method"] not in METHODS:
            return False
        question = ask(scope)
        if not cycle.keep_alive or cycle.waiting_for_100_continue or self.flow.write_paused:
            return False
        started = perf_counter()
        if (repeat := self._repeats.find_at_once(question)) is None or repeat.head is None:
            return False
        self.transport.write(self._answer(repeat, is_head=scope["method"] == "HEAD"))
        cycle.response_started = cycle.response_complete = True
        scope.update(repeat.place)
        count_request(scope, repeat.status, perf_counter() - started)
        self.on_response_complete()
        return True

    def _answer(self, repeat: Repeat, *, is_head: bool) -> bytes:
        parts = [STATUS_LINE[repeat.status]]
        for name, value in self.server_state.default_headers:
            parts += (name, b": ", value, b"\r\n")
        parts += (repeat.head or b"", b"x-request-id: ", new_request_id().encode(), b"\r\n\r\n")
        if not is_head:
            parts.append(repeat.body)
        return b"".join(parts)


def on_doorstep(repeats: Repeats) -> Callable[..., Doorstep]:
    """Give what makes the protocol of each connection of a process."""

    def make(*arguments: Any, **named: Any) -> Doorstep:
        return Doorstep(*arguments, repeats=repeats, **named)

    return make
