"""Writes of a tensor from parts of itself: rows swapped through views, source and target that overlap."""

from __future__ import annotations

import re
from collections.abc import Callable

from torchcopylint.domain.event import Overlap
from torchcopylint.domain.identity import Region, base_of, contains
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.sharing import VIEWS, Sure
from torchcopylint.domain.value import Ref, Value, refs_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import SelfWritten
from torchcopylint.ir import Spot, syntax
from torchcopylint.ir.question import targets_of
from torchcopylint.ir.site import Site
from torchcopylint.models.picking import PRODUCTS, UNCHECKED

Why = tuple[Overlap, bool]
"""Why a write goes wrong, and whether torch raises."""

_SHIFTED = re.compile(r"(?P<by>\w+|\([^():,]+\)):|:-(?P<back>\w+|\([^():,]+\))")
_BOUNDS = re.compile(r"(\d*):(\d*)")


def note_stored(frame: Frame, targets: Value, part: str, value: Value, node: Site) -> None:
    """`x[..] = value`, before it is written: the value may be a view of what is written, or have been."""

    def why(target: Ref, ref: Ref) -> Why | None:
        mine = frame.here.heap[target.obj].regions
        if _replaced(frame, ref, target, node):
            return Overlap.SWAPPED, False
        return _overlapping(frame, target, ref, node, frozenset((*r, part) if part else r for r in mine), stores=True)

    _note(frame, targets, value, node, why)


def note_computed(frame: Frame, targets: Value, value: Value, node: Site) -> None:
    """`x += value`, `x.copy_(value)`: the value may be a part of what is written."""

    def why(target: Ref, ref: Ref) -> Why | None:
        regions = frame.here.heap[target.obj].regions
        return None if ref.obj == target.obj else _overlapping(frame, target, ref, node, regions, stores=False)

    _note(frame, targets, value, node, why)


def note_filled(frame: Frame, out: Value, value: Value, node: Site, word: str) -> None:
    """`add(.., out=x)`: as above; some functions do not look, and a product reads its factors again and again."""

    def why(target: Ref, ref: Ref) -> Why | None:
        if ref.obj == target.obj:
            return (Overlap.FACTOR, False) if word in PRODUCTS else None
        found = _overlapping(frame, target, ref, node, frame.here.heap[target.obj].regions, stores=False)
        return (found[0], False) if found is not None and word in UNCHECKED else found

    _note(frame, out, value, node, why, itself=word in PRODUCTS)


def _note(
    frame: Frame,
    targets: Value,
    value: Value,
    node: Site,
    why: Callable[[Ref, Ref], Why | None],
    itself: bool = False,
) -> None:
    """Remember the statement where each of the things that may be written meets a view of itself that goes wrong."""
    met = [(t, r) for r in refs_of(value) for t in refs_of(targets)]
    pairs = [(t, r) for t, r in met if _views(frame, r, t) or (itself and r.obj == t.obj)]
    found = [why(target, ref) for target, ref in pairs]
    if not pairs or not (len(pairs) == len(value) == len(targets)) or None in found:
        return
    assert found[0] is not None
    (reason, raises), (target, ref) = found[0], pairs[0]
    frame.log.memory.self_written.setdefault(
        (node, base_of(ref.hand)), SelfWritten(node, reason, target.hand, ref.obj, raises, frame.here.heap[ref.obj])
    )


def _views(frame: Frame, ref: Ref, target: Ref) -> bool:
    """Whether a value surely lies in the memory that another does."""
    cell, mine = frame.here.heap[ref.obj], frame.here.heap[target.obj]
    roots, others = {r[0] for r in cell.regions}, {r[0] for r in mine.regions}
    handle = frame.program.handles.of(ref.obj)
    return len(roots) == 1 and roots == others and cell.sure is mine.sure is Sure.MUST and handle.how in VIEWS


def _replaced(frame: Frame, ref: Ref, target: Ref, node: Site) -> bool:
    """Whether the place that the view was taken from has been written since, by another statement or a part of this."""
    taken = frame.program.text(frame.program.handles.of(ref.obj).node)
    for number in frame.here.marks.get(ref.hand, ()):
        write = frame.log.memory.writes.get(number)
        if write is None or write.via or write.obj != target.obj or taken not in _targets(frame, write.node):
            continue
        if write.node is node or taken not in _targets(frame, node):
            return True
    return False


def _targets(frame: Frame, node: Site) -> set[str]:
    """What an assignment stores to, as written."""
    found: set[str] = set()
    for target in node.targets if isinstance(node, syntax.Assign) else ():
        parts = [element.value for element in target.elements] if isinstance(target, syntax.Display) else []
        found |= {frame.program.text(part) for part in parts or [target]}
    return found


def _overlapping(
    frame: Frame, target: Ref, ref: Ref, node: Site, regions: frozenset[Region], stores: bool
) -> Why | None:
    cell = frame.here.heap[ref.obj]
    if cell.kind is not Kind.TENSOR or len(regions) != 1 or len(cell.regions) != 1:
        return None
    (written,), (read,) = regions, cell.regions
    if written == read and Layout.PERMUTED in cell.layout and "*" not in written:
        return Overlap.PERMUTED, _dense(written[1:])
    if written != read and contains(written, read) and not stores and len(read) == len(written) + 1:
        return Overlap.PART, _dense(written[1:]) and _dense(read[1:])
    shift = _shift(frame, target, ref, node)
    return (Overlap.SHIFTED_LEFT if shift[0] else Overlap.SHIFTED, shift[1]) if shift is not None else None


def _dense(parts: Region) -> bool:
    """Whether indices leave a stretch of memory without gaps: whole numbers, then at most one slice."""
    words = [word for part in parts for word in str(part)[1:-1].split(",")]
    return all(word.lstrip("-").isdigit() for word in words[:-1]) and "*" not in parts


def _shift(frame: Frame, target: Ref, ref: Ref, node: Site) -> tuple[bool, bool] | None:
    """(to the left, without gaps) where target and value are the same slices but for one shifted a little."""
    for place in (*targets_of(node), frame.program.handles.of(target.obj).node):
        mine = _indices(frame, place)
        theirs = _indices(frame, frame.program.handles.of(ref.obj).node)
        if mine is None or theirs is None or mine[0] != theirs[0] or len(mine[1]) != len(theirs[1]):
            continue
        apart = [n for n, (a, b) in enumerate(zip(mine[1], theirs[1], strict=True)) if a != b]
        if len(apart) == 1 and (left := _moved(mine[1][apart[0]], theirs[1][apart[0]])) is not None:
            before, after = mine[1][: apart[0]], mine[1][apart[0] + 1 :]
            return left, all(":" not in i and i != "..." for i in before) and all(i == ":" for i in after)
    return None


def _indices(frame: Frame, node: Spot | None) -> tuple[str, list[str]] | None:
    """(what is indexed, its indices), as written; nothing where an index is more than a name, number or slice."""
    if not isinstance(node, syntax.Subscript):
        return None
    words = ["*" * index.star + frame.program.text(index.value).replace(" ", "") for index in node.indices]
    return (frame.program.text(node.value), words) if not any(c in w for w in words for c in "[{'\"") else None


def _moved(written: str, read: str) -> bool | None:
    """Whether a slice is moved to the left (True) or right (False) on itself; None where they may be apart."""
    a, b = _SHIFTED.fullmatch(written), _SHIFTED.fullmatch(read)
    if a is not None and b is not None:
        by = (a["by"] or a["back"], b["by"] or b["back"])
        return a["by"] is None if by[0] == by[1] and bool(a["by"]) != bool(b["by"]) and by[0] != "0" else None
    first, second = _BOUNDS.fullmatch(written), _BOUNDS.fullmatch(read)
    if first is None or second is None or not (first[2] and second[2]):
        return None
    low, high, other_low, other_high = (int(x or 0) for x in (*first.groups(), *second.groups()))
    return low < other_low if low < other_high and other_low < high and low != other_low else None
