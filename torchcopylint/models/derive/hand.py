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
    """Fields by name of the callable, the reasons left out; a section without names or reason is an error."""
    found: dict[str, dict[str, Any]] = {}
    known = {field.name for field in fields(Row)} - {"name", "source", "executed"}
    for place, section in enumerate(tomllib.loads(FILE.read_text("utf-8")).get("row", ()), 1):
        names, reason = section.pop("names", None), section.pop("reason", "")
        where = f"{FILE.name}: row {place} ({', '.join(names or ['?'])})"
        if not names or not reason:
            raise HandError(f"{where}: has no {'reason' if names else 'names'}")
        if unknown := sorted(section.keys() - known):
            raise HandError(f"{where}: a row has no {', '.join(unknown)}")
        for name in names:
            found.setdefault(name, {}).update(section)
    return found


def corrected(row: Row, fields_by_hand: dict[str, Any]) -> Row:
    """The row with the fields a person wrote."""
    values: Any = {key: tuple(value) if isinstance(value, list) else value for key, value in fields_by_hand.items()}
    return replace(row, **values, source="hand") if values else row
