"""The syntax that an instruction came from, as later stages know it: a small record, the same from either reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache
from typing import Protocol

_LONGEST = 60


class Written(Protocol):
    """What only the text itself can say of syntax that was read from it."""

    def code(self, site: Site) -> str:
        """The syntax as it stands in the text, with the parentheses that are its own."""

    def in_parentheses(self, site: Site) -> bool:
        """Whether the syntax has parentheses of its own."""

    def begins_line(self, site: Site) -> bool:
        """Whether the syntax is a statement of one line, and no other statement is on its line."""


@dataclass(slots=True, eq=False, repr=False)
class Site:
    """A piece of syntax: what it came from (a node of the reader's tree, for the reader alone) and where it is written.

    What it consists of are the fields of the classes in `ir.syntax`.
    """

    origin: object
    written: Written

    @property
    def parts(self) -> Iterator[Site]:
        """The pieces of syntax that it consists of."""
        for name in _own_fields(type(self)):  # type: ignore[arg-type]  # a class has a hash of its own
            yield from _sites(getattr(self, name))

    @property
    def code(self) -> str:
        """The source as it stands."""
        return self.written.code(self)

    @property
    def text(self) -> str:
        """The source on one line, shortened in the middle where it is long."""
        words = " ".join(self.code.split()).rstrip("; ")
        return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 4].rstrip()} ..."


@cache
def _own_fields(kind: type[Site]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.name not in ("origin", "written"))


def _sites(part: object) -> Iterator[Site]:
    if isinstance(part, Site):
        yield part
    elif isinstance(part, tuple):
        for inner in part:
            yield from _sites(inner)


def within(site: object) -> Iterator[Site]:
    """A piece of syntax and everything in it, each before what it consists of."""
    waiting = [site] if isinstance(site, Site) else []
    while waiting:
        inner = waiting.pop()
        yield inner
        waiting += inner.parts


def under(site: object) -> frozenset[Site]:
    """A piece of syntax and everything in it."""
    return frozenset(within(site))
