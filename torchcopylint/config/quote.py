"""Keys and values of a configuration file, quoted for messages."""

from __future__ import annotations

from reprlib import Repr

_CUT = Repr()
_CUT.maxstring = _CUT.maxother = 80
_CUT.maxlevel = 3


def quote(value: object) -> str:
    """The repr of a value, shortened if it is long or deeply nested."""
    return _CUT.repr(value)


def quote_key(key: str) -> str:
    """A key as part of a dotted TOML name."""
    return key if key.replace("-", "_").isidentifier() else f'"{key}"'
