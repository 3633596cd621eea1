"""The rows, and parts of rows, that a person wrote: each with the reason why torch could not be asked."""

from __future__ import annotations

import tomllib
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from torchcopylint.models.table import Row

FILE = Path(__file__).with_name("hand.toml")


class HandError(Exception):
    """A row in hand.toml that cannot be right."""


def corrections() -> dict[str, dict[str, Any]]:
    """Fields by name of the callable, the reasons left out; every section without a reason is an error."""
    found: dict[str, dict[str, Any]] = {}
    for section in tomllib.loads(FILE.read_text("utf-8"))["row"]:
        known = {field.name for field in fields(Row)} - {"name", "source", "executed"}
        names, reason = section.pop("names", None), section.pop("reason", "")
        if not names or not reason or not section or set(section) - known:
            raise HandError(
                f"{FILE.name}: {names}: needs names, a reason and fields of a row, not {sorted(set(section) - known)}"
            )
        for name in names:
            found.setdefault(name, {}).update(section)
    return found


def corrected(row: Row, fields_by_hand: dict[str, Any]) -> Row:
    """The row with the fields a person wrote."""
    values: Any = {key: tuple(value) if isinstance(value, list) else value for key, value in fields_by_hand.items()}
    return replace(row, **values, source="hand") if values else row
