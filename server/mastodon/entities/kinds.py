"""The kinds of text that entities are made of, with what clients rely on in each; `openapi.json` tells it."""

from typing import Annotated, TypedDict

from msgspec import Meta

Id = Annotated[str, Meta(pattern=r"^[0-9]{1,19}$")]
Instant = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]
Day = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d$")]
Url = Annotated[str, Meta(pattern=r"^https?://[^/]")]
Html = Annotated[str, Meta(description="HTML, made safe")]


class Nothing(TypedDict):
    """What is answered where there is nothing to tell."""


class Failure(TypedDict):
    """Why something was refused, in one sentence."""

    error: str
