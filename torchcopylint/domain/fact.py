"""What the linter knows is said in members of enumerations, never in words: words are made of them at the end."""

from __future__ import annotations

from enum import Enum


class Fact(Enum):
    """One of a closed set of things that can be so. Compared and hashed by identity, for the analysis does so a lot."""

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return self.name
