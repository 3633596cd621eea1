"""Keys and values of a configuration file as messages quote them."""

from __future__ import annotations

from reprlib import Repr

_CUT = Repr()
_CUT.maxstring = _CUT.maxother = 80
_CUT.maxlevel = 3


def quote(value: object) -> str:
    """A value as Python writes it, cut short where it is long or nested deeply."""
    return _CUT.repr(value)


def quote_key(key: str) -> str:
    """A key as TOML has it in a dotted name."""
    return key if key.replace("-", "_").isidentifier() else f'"{key}"'
