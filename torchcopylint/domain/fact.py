"""The linter's knowledge is expressed in enumeration members, never in words; words are made from them at the end."""

from __future__ import annotations

from enum import Enum


class Fact(Enum):
    """One of a closed set of facts. Compared and hashed by identity, because the analysis does so very often."""

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return self.name
