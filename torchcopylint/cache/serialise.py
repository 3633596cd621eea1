"""Frozen dataclasses ↔ plain lists, dicts, strings and numbers, as in JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import IntEnum
from functools import cache
from types import NoneType
from typing import Any, TypeAlias, TypeVar, get_args, get_origin, get_type_hints

Plain: TypeAlias = bool | int | str | list[Any] | dict[str, Any] | None
Thing = TypeVar("Thing")


def plain(thing: object) -> Plain:
    """A value as JSON data; dict keys become strings."""
    if is_dataclass(thing):
        return {item.name: plain(getattr(thing, item.name)) for item in fields(thing)}
    if isinstance(thing, Mapping):
        return {str(key): plain(value) for key, value in thing.items()}
    if isinstance(thing, tuple | list | frozenset):
        return [plain(value) for value in thing]
    if isinstance(thing, IntEnum):
        return int(thing)
    if thing is None or isinstance(thing, bool | int | str):
        return thing
    raise TypeError(f"{type(thing).__name__} cannot be kept")


def revived(value: Plain, kind: type[Thing]) -> Thing:
    """The value of that type from which `plain` made this; TypeError, ValueError or KeyError if it is not one."""
    reader: Callable[[Any], Thing] = _reader(kind)  # type: ignore[arg-type]
    return reader(value)


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    origin, inner = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        readers = {item.name: _reader(hints[item.name]) for item in fields(kind)}
        return lambda value: kind(**{name: read(value[name]) for name, read in readers.items()})  # type: ignore[operator]
    if origin is tuple and len(inner) == 2 and inner[1] is Ellipsis:
        each = _reader(inner[0])
        return lambda value: tuple(each(item) for item in _checked(value, list))
    if origin in (dict, Mapping):
        key, each = inner[0], _reader(inner[1])
        return lambda value: {key(name): each(item) for name, item in _checked(value, dict).items()}
    if NoneType in inner and len(inner) == 2:
        (other,) = (_reader(part) for part in inner if part is not NoneType)
        return lambda value: None if value is None else other(value)
    if isinstance(kind, type) and issubclass(kind, IntEnum):
        return kind
    return (lambda value: _checked(value, kind)) if kind in (str, int, bool) else _same


def _same(value: Any) -> Any:
    return value


def _checked(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is not {kind.__name__}")
    return value
