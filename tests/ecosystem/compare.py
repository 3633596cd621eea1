"""Two runs over the same code: which findings came, which went, and what became of the others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

Step: TypeAlias = tuple[str, int, int]
"""Where a step of a finding's path stands: file, line, column."""


class Kind(StrEnum):
    """What differs; `WORDING` alone says that the same is told in other words."""

    ADDED = "added"
    REMOVED = "removed"
    CONFIDENCE = "confidence"
    EXTENT = "extent"
    STEPS = "steps"
    FIX = "fix"
    FINGERPRINT = "fingerprint"
    WORDING = "wording"


@dataclass(frozen=True, slots=True)
class Found:
    """A finding as the program's JSON tells it; fix: its edits and imports as text, "" where there is none."""

    path: str
    line: int
    column: int
    end: tuple[int, int]
    rule: str
    name: str
    confidence: str
    message: str
    steps: tuple[Step, ...]
    phrases: tuple[str, ...]
    fix: str
    fingerprint: str

    @property
    def place(self) -> tuple[str, int, int, str]:
        """What makes two findings the same one: where it begins, and the rule."""
        return self.path, self.line, self.column, self.rule


@dataclass(frozen=True, slots=True)
class Difference:
    """A finding that is not the same in both runs: as it was (None: it came), as it is (None: it went)."""

    kinds: tuple[Kind, ...]
    before: Found | None
    after: Found | None

    @property
    def found(self) -> Found:
        """The finding as it is, or as it was if it went."""
        known = self.after or self.before
        assert known is not None, "one side is always there"
        return known

    @property
    def only_worded(self) -> bool:
        """Whether the same is said at the same place, in other words."""
        return self.kinds == (Kind.WORDING,)


def read(record: Mapping[str, Any]) -> Found:
    """A finding from one object of the program's JSON; raises KeyError where that is none."""
    steps = record.get("steps") or ()
    return Found(
        record["path"],
        record["line"],
        record["column"],
        (record["end_line"], record["end_column"]),
        record["code"],
        record["name"],
        record["confidence"],
        record["message"],
        tuple((step["path"], step["line"], step["column"]) for step in steps),
        tuple(step["text"] for step in steps),
        repr(record["fix"]) if record.get("fix") else "",
        record.get("fingerprint") or "",
    )


def compare(before: Iterable[Found], after: Iterable[Found]) -> list[Difference]:
    """The differences between the findings of two runs, in the order of their places."""
    was, now = _by_place(before), _by_place(after)
    pairs = (pair for place in sorted({*was, *now}) for pair in _paired(was[place], now[place]))
    return [Difference(kinds, one, other) for one, other in pairs if (kinds := _kinds(one, other))]


def counted(differences: Iterable[Difference]) -> dict[Kind, int]:
    """How many differences there are of each kind; those in wording, only where nothing else differs."""
    count = Counter(kind for one in differences for kind in one.kinds if kind is not Kind.WORDING or one.only_worded)
    return {kind: count[kind] for kind in Kind}


def _by_place(found: Iterable[Found]) -> dict[tuple[str, int, int, str], list[Found]]:
    places: dict[tuple[str, int, int, str], list[Found]] = defaultdict(list)
    for one in found:
        places[one.place].append(one)
    return places


def _paired(was: list[Found], now: list[Found]) -> Iterator[tuple[Found | None, Found | None]]:
    """The findings of one place and rule in pairs, those first that differ least; what is left over alone."""
    was, now = list(was), list(now)
    close = sorted(((len(_kinds(one, other)), i, j) for i, one in enumerate(was) for j, other in enumerate(now)))
    left, right = set(range(len(was))), set(range(len(now)))
    for _, i, j in close:
        if i in left and j in right:
            left.remove(i)
            right.remove(j)
            yield was[i], now[j]
    yield from ((was[i], None) for i in sorted(left))
    yield from ((None, now[j]) for j in sorted(right))


def _kinds(before: Found | None, after: Found | None) -> tuple[Kind, ...]:
    if before is None or after is None:
        return (Kind.ADDED,) if before is None else (Kind.REMOVED,)
    differs = {
        Kind.CONFIDENCE: before.confidence != after.confidence,
        Kind.EXTENT: before.end != after.end,
        Kind.STEPS: before.steps != after.steps,
        Kind.FIX: before.fix != after.fix,
        Kind.FINGERPRINT: before.fingerprint != after.fingerprint,
        Kind.WORDING: (before.message, before.phrases) != (after.message, after.phrases),
    }
    return tuple(kind for kind, is_so in differs.items() if is_so)
