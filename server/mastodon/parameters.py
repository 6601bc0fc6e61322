"""What a client sends, whatever way it sends it: query, form, multipart or JSON, with names in brackets or nested.

`media_ids[]=1&poll[options][]=a&fields[0][name]=b` is the JSON `{"media_ids": ["1"], "poll": {"options": ["a"]},
"fields": {"0": {"name": "b"}}}`.   Source: Rack's nested queries, which Mastodon's clients are written for.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request

from server.bodies import read_body
from server.errors import Invalid, NotFound
from server.uploads import texts

MAX_PAIRS = 1000
MAX_DEPTH = 6
MAX_ID = 2**63 - 1

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_KEY = re.compile(r"\[([^\[\]]*)\]")
_FALSE = frozenset({"0", "f", "false", "n", "no", "off"})


class Parameters:
    """The values of one request, read by name as the type that is wanted."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def has(self, name: str) -> bool:
        """Whether anything but null, an empty text or an empty list was sent."""
        return self.values.get(name) not in (None, "", [], {})

    def text(self, name: str, default: str = "") -> str:
        """Read a text; of several values the last."""
        found = _texts(self.values.get(name))
        return found[-1] if found else default

    def texts(self, name: str) -> list[str]:
        """Read a list of texts; one value alone is a list of one."""
        return _texts(self.values.get(name))

    def flag(self, name: str, default: bool = False) -> bool:
        """Read yes or no: true, "true", "1", 1 and "on" are yes."""
        text = self.text(name).strip().lower()
        return text not in _FALSE if text else default

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        """Read a whole number, brought between `least` and `most`.

        Raises:
            Invalid: it is no number.
        """
        text = self.text(name).strip()
        if not text:
            return default
        digits = text.removeprefix("-")
        if not _is_digits(digits) or len(digits) > 20:
            raise Invalid(f"{name} must be a whole number.")
        return min(max(int(text), least), most)

    def id(self, name: str) -> int | None:
        """Read an id; None where there is none.

        Raises:
            Invalid: it is no id.
        """
        text = self.text(name).strip()
        if not text:
            return None
        if (id_ := as_id(text)) is None:
            raise Invalid(f"{name} must be an id.")
        return id_

    def ids(self, name: str) -> list[int]:
        """Read a list of ids, each once; whatever is no id is left out."""
        found = (as_id(text.strip()) for text in self.texts(name))
        return list(dict.fromkeys(id_ for id_ in found if id_ is not None))


def as_id(text: str) -> int | None:
    """Read a row id; None for anything that cannot be one."""
    id_ = int(text) if _is_digits(text) and len(text) < 20 else None
    return id_ if id_ is not None and id_ <= MAX_ID else None


def path_id(request: Request) -> int:
    """Read the id in a request's path.

    Raises:
        NotFound: it cannot be one.
    """
    if (id_ := as_id(request.path_params["id"])) is None:
        raise NotFound("There is nothing with this id.")
    return id_


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _texts(value: Any) -> list[str]:
    """Give the scalars in a value as texts, without the NUL that no database takes."""
    items = value if isinstance(value, list) else [value]
    return [_text(item) for item in items if isinstance(item, str | int | float)]


def _text(value: str | float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).replace("\x00", "")


async def read(request: Request, *, always_body: bool = False) -> Parameters:
    """Read the parameters of a request: those of the query, and over them those of the body.

    What is read has no body, but for the few endpoints that clients send one to: `always_body`.

    Raises:
        Invalid: the body cannot be read, or holds too many names.
        TooLarge: the body is larger than this server takes.
        TooSlow: it is not all here in time.
    """
    values = nest(_pairs(request.scope["query_string"].decode("latin-1")))
    if always_body or request.method not in ("GET", "HEAD"):
        values |= await _read_body(request)
    return Parameters(values)


async def _read_body(request: Request) -> dict[str, Any]:
    body = await read_body(request, request.app.state.settings.max_body_bytes)
    if not body:
        return {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        return _read_json(body)
    if kind == "multipart/form-data":
        return nest(await texts(request, body, most_fields=MAX_PAIRS))
    if kind in ("", "application/x-www-form-urlencoded"):
        return nest(_pairs(body.decode(errors="replace")))
    raise Invalid("Send JSON or a form.")


def _read_json(body: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Invalid("The body is not JSON.") from error
    if not isinstance(document, dict):
        raise Invalid("The body is not a JSON object.")
    return document


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_PAIRS)
    except ValueError as error:
        raise Invalid(f"A form may have {MAX_PAIRS} names.") from error


def nest(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Build the nested values that names in brackets stand for; a name that is not written well stands for itself."""
    values: dict[str, Any] = {}
    for name, value in pairs:
        match = _NAME.fullmatch(name)
        keys = _KEY.findall(match[2]) if match else []
        if match is None or len(keys) > MAX_DEPTH:
            _put(values, name, [], value)
        else:
            _put(values, match[1], keys, value)
    return values


def _put(branch: dict[str, Any], key: str, below: list[str], value: str) -> None:
    """Put a value at branch[key][below…], where '' means the end of a list. What does not fit replaces what stood there."""
    held = branch.get(key)
    if not below:
        branch[key] = [*_as_list(held), value] if isinstance(held, str | list) else value
    elif below[0] != "":
        branch[key] = held if isinstance(held, dict) else {}
        _put(branch[key], below[0], below[1:], value)
    else:
        branch[key] = _as_list(held)
        _append(branch[key], [name for name in below[1:] if name != ""], value, is_list=below[-1] == "")


def _append(items: list[Any], names: list[str], value: str, *, is_list: bool) -> None:
    """Append a value to a list, or set `names` of its last object; a name that is there already begins a new object."""
    if not names:
        items.append(value)
        return
    last = items[-1] if items and isinstance(items[-1], dict) else None
    if last is None or (not is_list and _has(last, names)):
        last = {}
        items.append(last)
    _put(last, names[0], [*names[1:], *([""] if is_list else [])], value)


def _has(branch: Any, names: list[str]) -> bool:
    for name in names:
        if not isinstance(branch, dict) or name not in branch:
            return False
        branch = branch[name]
    return True


def _as_list(held: Any) -> list[Any]:
    if isinstance(held, list):
        return held
    return [held] if isinstance(held, str) else []
