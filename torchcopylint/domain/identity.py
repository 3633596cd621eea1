"""Identities: the numbers of objects and handles, and regions of storage.

An even number identifies what a place in the program creates; the odd number above it, what the same place created in
an older iteration of a loop. A region is a path: the object whose storage it is, or a name for it, and the parts that
lead
to where it lies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

Id: TypeAlias = int
Region: TypeAlias = tuple[int | str, ...]


def base_of(number: Id) -> Id:
    """The number of the place in the program, for any iteration of a loop."""
    return number & ~1


def is_older(number: Id) -> bool:
    """Whether it identifies something created in an older iteration of a loop."""
    return bool(number & 1)


def older(number: Id) -> Id:
    """What the same place in the program created in an older iteration of a loop."""
    return number | 1


def root_of(region: Region) -> Id | None:
    """The object whose storage a region is a part of; None where the storage has a name instead."""
    root = region[0]
    return root if isinstance(root, int) else None


def roots_of(regions: Iterable[Region]) -> Iterator[Id]:
    """The objects whose storage the regions are parts of, as far as these are objects."""
    return (root for region in regions if isinstance(root := region[0], int))


def rooted_in(region: Region, roots: Mapping[Id, Id]) -> Region:
    """The same part of the storage of another object, where the region's own is one of these."""
    root = region[0]
    return (roots.get(root, root), *region[1:]) if isinstance(root, int) else region


def overlap(a: Region, b: Region) -> bool:
    """Whether two regions may share memory: one contains the other, unless they diverge at two different known
    parts."""
    for left, right in zip(a, b, strict=False):
        if left != right:
            return not _apart(left, right)
    return True


def contains(a: Region, b: Region) -> bool:
    """Whether one region is certainly inside the other: no part on the way is only possibly the same."""
    return a == b[: len(a)] and "*" not in a


def _apart(left: int | str, right: int | str) -> bool:
    if isinstance(left, int) or isinstance(right, int):
        return isinstance(left, int) and isinstance(right, int)
    if left[0] == "." or right[0] == ".":
        return left[0] == right[0]
    if left[0] == "#" or right[0] == "#":
        return left[0] == right[0] and left.partition("@")[2] == right.partition("@")[2]
    if left == "*" or right == "*":
        return False
    return "'" in left or _indices_apart(left[1:-1].split(","), right[1:-1].split(","))


def _indices_apart(left: list[str], right: list[str]) -> bool:
    if left[0] == right[0] == "..." and len(left) == len(right):
        left, right = left[1:], right[1:]
    for a, b in zip(left, right, strict=False):
        if "..." in (a, b) or "None" in (a, b):
            return False
        if a != b and _cuts_apart(a, b):
            return True
    return False


def _cuts_apart(a: str, b: str) -> bool:
    """Whether two literal ints or slices are disjoint; indices from the end are not compared."""
    if a.startswith("-") != b.startswith("-"):
        return False
    (low, high), (other_low, other_high) = _bounds(a), _bounds(b)
    return high <= other_low or other_high <= low


def _bounds(text: str) -> tuple[float, float]:
    parts = text.split(":")
    if any(p.startswith("-") or (p and not p.isdigit()) for p in parts):
        same = len(parts) == 1 and parts[0][1:].isdigit()
        return (-int(parts[0][1:]) - 0.5, -int(parts[0][1:])) if same else (float("-inf"), float("inf"))
    if len(parts) == 1:
        return int(parts[0]), int(parts[0]) + 1
    return int(parts[0] or 0), float(int(parts[1])) if parts[1] else float("inf")
