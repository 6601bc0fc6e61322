"""Structured logs: one line an event, to standard error. No address, e-mail or token is ever logged."""

import logging
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog

from server.config import Settings

PLAIN_FORMAT = "%(levelname)s %(name)s: %(message)s"


def configure_logs(settings: Settings, *, process: str) -> None:
    """Set up the logs of this process; `process` names it in every line."""
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    is_json = settings.log_format == "json"
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _as_json if is_json else _for_people(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter(process) if is_json else logging.Formatter(PLAIN_FORMAT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def _for_people() -> Any:
    if sys.stderr.isatty():
        return structlog.dev.ConsoleRenderer(colors=True)
    return structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "process", "event"])


def _as_json(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    """Write an event as one line of JSON; what JSON has no word for is written as Python shows it."""
    first = {name: event[name] for name in ("timestamp", "level", "process", "event") if name in event}
    return _json({**first, **event})


def _json(fields: dict[str, Any]) -> str:
    try:
        return orjson.dumps(fields, default=repr).decode()
    except orjson.JSONEncodeError:  # text that is no UTF-8, or a key that is no text
        return orjson.dumps({"event": repr(fields)}).decode()


class _JsonFormatter(logging.Formatter):
    """What libraries log, in the same form."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """Write a record as one line of JSON."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z")
        fields = {
            "timestamp": moment, "level": record.levelname.lower(), "process": self._process,
            "event": record.getMessage(), "logger": record.name,
        }  # fmt: skip
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return _json(fields)
