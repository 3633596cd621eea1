"""Identities: the numbers of objects and handles, and regions of storage.

An even number identifies what a place in the program creates; the odd number above it, what the same place created in
an older iteration of a loop. A region is a path: the object whose storage it is a part of, and the parts that lead to
where it lies: an index as written, an attribute, `*` for a part that is not known, or `#key@n` for one of several views
that were made together of n.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import inf
from typing import TypeAlias, cast

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


def root_of(region: Region) -> Id:
    """The object whose storage a region is a part of."""
    return cast(Id, region[0])


def roots_of(regions: Iterable[Region]) -> Iterator[Id]:
    """The objects whose storage the regions are parts of."""
    return map(root_of, regions)


def rooted_in(region: Region, roots: Mapping[Id, Id]) -> Region:
    """The same part of the storage of another object, where the region's own is one of these."""
    root = root_of(region)
    return (roots.get(root, root), *region[1:])


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
        return True
    if left[0] == "." or right[0] == ".":
        return left[0] == right[0]
    if left[0] == "#" or right[0] == "#":
        return left[0] == right[0] and left.partition("@")[2] == right.partition("@")[2]
    if left == "*" or right == "*":
        return False
    return "'" in left + right or _indices_apart(left[1:-1].split(","), right[1:-1].split(","))


def _indices_apart(left: list[str], right: list[str]) -> bool:
    if left[0] == right[0] == "..." and len(left) == len(right):
        left, right = left[1:], right[1:]
    for a, b in zip(left, right, strict=False):
        if "..." in (a, b):
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
        return (-int(parts[0][1:]) - 0.5, -int(parts[0][1:])) if same else (-inf, inf)
    if len(parts) == 1:
        return int(parts[0]), int(parts[0]) + 1
    return int(parts[0] or 0), float(int(parts[1])) if parts[1] else inf
