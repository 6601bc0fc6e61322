"""Rows without the query builder: statements written by hand, rows made into objects fast, and objects into rows.

For the few questions that every timeline asks, and for what comes with every activity. An object is made anew for each
reader, but what its columns say is read once: while a row's bare values are the same, so is all that was read out of
them, and that is remembered.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar, cast

from tortoise.fields import JSONField
from tortoise.models import Model

from models import database

M = TypeVar("M", bound=Model)
T = TypeVar("T")
Values = tuple[Any, ...]

MAX_REMEMBERED = 2048
MAX_CHARACTERS = 16_384
MAX_ID = 2**63 - 1


class _Layout(NamedTuple):
    """How a model's row is read: its columns in their order, and what makes of each (attribute, index, field, how)."""

    columns: tuple[str, ...]
    key: int
    plain: tuple[tuple[str, int], ...]
    cast: tuple[tuple[str, int, type], ...]
    read: tuple[tuple[str, int, Any], ...]
    mutable: tuple[str, ...]


_REMEMBERED: OrderedDict[tuple[type[Model], Any], tuple[Values, dict[str, Any]]] = OrderedDict()


@cache
def _layout(model: type[Model]) -> _Layout:
    meta = model._meta
    columns = tuple(meta.fields_db_projection.values())
    place = {column: index for index, column in enumerate(columns)}
    return _Layout(
        columns,
        place[meta.db_pk_column],
        tuple((name, place[column]) for column, name, _ in meta.db_native_fields),
        tuple((name, place[column], cast("type", field.field_type)) for column, name, field in meta.db_default_fields),
        tuple((name, place[column], field.to_python_value) for column, name, field in meta.db_complex_fields),
        tuple(name for name, field in meta.fields_map.items() if isinstance(field, JSONField)),
    )


@cache
def columns(model: type[Model], alias: str) -> str:
    """List the columns of a model as a SELECT wants them: 'p.id, p.uri, …'."""
    return ", ".join(f'{alias}."{column}"' for column in _layout(model).columns)


def width(model: type[Model]) -> int:
    """Tell how many columns `columns` lists."""
    return len(_layout(model).columns)


def made(model: type[M], values: Values) -> M:
    """Make an object of a row, its values being in the order of `columns`."""
    layout = _layout(model)
    key = (model, values[layout.key])
    known = _REMEMBERED.get(key)
    if known is None or known[0] != values:
        known = (values, _read(model, layout, values))
        if sum(len(value) for value in values if isinstance(value, str)) <= MAX_CHARACTERS:
            _remember(key, known)
    return _object(model, layout, known[1])


def made_once(model: type[M], values: Values) -> M:
    """Make an object of a row that nobody will read again."""
    layout = _layout(model)
    return _object(model, layout, _read(model, layout, values))


def _object(model: type[M], layout: _Layout, read: dict[str, Any]) -> M:
    one = model.__new__(model)
    state = one.__dict__
    state.update(read)
    state["_await_when_save"] = {}
    for name in layout.mutable:
        if isinstance(value := state[name], (list, dict)):
            state[name] = value.copy()
    return one


def _read(model: type[Model], layout: _Layout, values: Values) -> dict[str, Any]:
    meta = model._meta
    state: dict[str, Any] = {
        "_partial": False,
        "_saved_in_db": True,
        "_custom_generated_pk": meta.db_pk_column not in meta.generated_db_fields,
    }
    for name, index in layout.plain:
        state[name] = values[index]
    for name, index, type_ in layout.cast:
        state[name] = None if (value := values[index]) is None else type_(value)
    for name, index, read in layout.read:
        state[name] = read(values[index])
    return state


def _remember(key: tuple[type[Model], Any], known: tuple[Values, dict[str, Any]]) -> None:
    _REMEMBERED[key] = known
    _REMEMBERED.move_to_end(key)
    if len(_REMEMBERED) > MAX_REMEMBERED:
        _REMEMBERED.popitem(last=False)


@cache
def _draft(model: type[Model]) -> tuple[dict[str, Any], tuple[tuple[str, Any], ...], tuple[tuple[str, Any], ...], str]:
    """How a model's row is written: plain defaults, defaults to be made, fields in the order of the columns, statement."""
    meta = model._meta
    fields = tuple((name, meta.fields_map[name]) for name in meta.fields_db_projection)
    plain = {name: field.default for name, field in fields if not callable(field.default)}
    made_anew = tuple((name, field.default) for name, field in fields if callable(field.default))
    names = ", ".join(f'"{column}"' for column in meta.fields_db_projection.values())
    return plain, made_anew, fields, f'INSERT INTO "{meta.db_table}" ({names}) VALUES ({{values}})'


async def create(model: type[M], **given: Any) -> M:
    """Write a new row whose id is ours to give, in half the time of `Model.create`; objects may stand for their ids.

    Raises:
        IntegrityError: a constraint forbids it.
        ValidationError: a value is none that its column takes.
    """
    one, sql, values = _drafted(model, given)
    await database.execute(sql, *values)
    one._saved_in_db = True
    return one


async def create_if_new(model: type[M], **given: Any) -> M | None:
    """Write a new row as `create` does, unless there is one already that a constraint makes the same; None then.

    Raises:
        ValidationError: a value is none that its column takes.
    """
    one, sql, values = _drafted(model, given)
    if not await database.change(f"{sql} ON CONFLICT DO NOTHING RETURNING id", *values):
        return None
    one._saved_in_db = True
    return one


def _drafted(model: type[M], given: dict[str, Any]) -> tuple[M, str, list[Any]]:
    """Make an object that is no row yet, and what writes it: the statement and its values."""
    plain, made_anew, fields, sql = _draft(model)
    one = model.__new__(model)
    state = one.__dict__
    state.update(plain)
    for name, make in made_anew:
        if name not in given:
            state[name] = make()
    for name, value in given.items():
        if name in model._meta.fk_fields:
            state[f"_{name}"], state[f"{name}_id"] = value, None if value is None else value.pk
        else:
            state[name] = value
    state |= {"_partial": False, "_saved_in_db": False, "_custom_generated_pk": True, "_await_when_save": {}}
    values = [field.to_db_value(state[name], one) for name, field in fields]
    return one, sql.format(values=database.placeholders(len(values))), values


async def select(sql: str, *values: Any) -> list[Values]:
    """Run a query whose parameters are written $1, $2::bigint …; its rows as bare values."""
    return [tuple(row) for row in await database.select(sql, *values)]


def padded(ids: Iterable[T]) -> list[T]:
    """Fill a list of ids or names for IN up to a power of two by repeating one, so that few statements are prepared."""
    found = list(ids)
    wanted = 1 << (len(found) - 1).bit_length()
    return found + found[-1:] * (wanted - len(found))


def in_list(ids: Sequence[object], first: int = 1) -> str:
    """Write the IN list of these ids or names, their parameters being numbered from `first`."""
    return f"({database.placeholders(len(ids), first)})"
