"""Answers of the client API: JSON, written fast."""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import orjson
from starlette.responses import Response

Content = TypeVar("Content")


class Json(Response, Generic[Content]):
    """A JSON answer. What an endpoint says that it gives, `Json[Account]`, is what `openapi.json` says of it."""

    media_type = "application/json; charset=utf-8"

    def __init__(self, content: Content, status_code: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(content, status_code, headers)

    def render(self, content: Any) -> bytes:
        """Write the JSON text."""
        return orjson.dumps(content)
