"""What runs say to a question about a line, and what such questions ask of runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from torchcopylint.confirm.worker.observe import Moment, Seen, under
from torchcopylint.confirm.worker.probe import CALLERS, Facts, Run

REFUSED = re.compile(r"in-place|inplace|leaf [Vv]ariable")
SHARED_CELLS = re.compile(r"single memory location")
TWICE = re.compile(r"backward through the graph a second time")
"""What torch says of writes, and of a backward, that it will not do."""
MISUSED = re.compile(r"has no attribute '(?:clone|copy|detach)'|deepcopy protocol|vmap")
"""What is said where something is copied that has no such copy, or a write in vmap meets what is not batched."""


@dataclass(frozen=True)
class Said:
    """What one run says to the question: yes, no, or neither, and in which words."""

    yes: bool | None
    words: str = ""
    meant: bool = True
    """Whether what it says yes to may be meant."""


def pairs(run: Run) -> Iterator[tuple[Moment, Moment]]:
    for before, after in pairwise(run.moments):
        if before.tag == "before" and after.tag == "after":
            yield before, after


def root_of(path: str) -> str:
    return re.split(r"[.\[]", path)[0]


def of_call(path: str) -> bool:
    """Whether a path leads to the stand-in for what a call gives: it may be anything."""
    return path.startswith(CALLERS) and "(" in path.partition("[")[0]


def from_call(moment: Moment, seen: Seen) -> bool:
    """Whether it lies on the memory of a stand-in for what a call gives."""
    return any(s.memory == seen.memory for p, s in moment.names.items() if of_call(p))


def shown(path: str) -> str:
    return f"the caller's `{path.removeprefix(CALLERS)}`" if path.startswith(CALLERS) else f"`{path}`"


def mine(facts: Facts, after: Moment, before: Moment) -> list[tuple[str, Seen]]:
    """What the line left where it leaves what it makes."""
    places = [p for p in facts["binds"] if p]
    found = [(path, seen) for path, seen in after.names.items() if any(under(path, p) for p in places)]
    known = before.names
    return [(p, s) for p, s in found if p not in known or known[p].identity != s.identity or p in after.wrote]


def numbers(facts: Facts, after: Moment) -> bool:
    """Whether the line leaves plain numbers, or containers that hold no tensor, where it leaves what it makes."""
    return any(root_of(place) in after.things for place in facts["binds"])


def blank(seen: Seen) -> bool:
    """Whether all its elements are the same: made to be filled."""
    value = seen.value.reshape(-1)
    return value.numel() < 2 or bool((value == value[0]).all())
