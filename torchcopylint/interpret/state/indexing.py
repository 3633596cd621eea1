"""Indexing tensors and arrays: what an index picks, and whether that is a view or a copy."""

from __future__ import annotations

from enum import auto

from torchcopylint.domain.fact import Fact
from torchcopylint.domain.ground import Ground
from torchcopylint.domain.heap import NO, Cell, perhaps_one
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.sharing import Sharing, Sure
from torchcopylint.domain.use import ReadHow
from torchcopylint.domain.value import (
    NOTHING,
    Const,
    Cut,
    Element,
    Ref,
    Scalar,
    Value,
    const_of,
    refs_of,
)
from torchcopylint.interpret.state.autograd import looked_at
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.touch import read, read_view
from torchcopylint.ir.site import Site


def indexed(frame: Frame, ref: Ref, cell: Cell, index: Value, node: Site, i: int, aug: bool = False) -> Ref:
    """What indexing a tensor or array gives: a view, a copy, or perhaps either."""
    how = _picks(frame, index)
    if how is Picks.COPY and not aug:
        read(frame, (ref,), node, ReadHow.READ)
    standing = looked_at(frame, ref, cell)
    base = cell._replace(
        slots={},
        rest=NOTHING,
        **standing._asdict(),
        made=Origin.UNKNOWN,
        of=frozenset(),
        family=None,
        layout=cell.layout - {Layout.PERMUTED},
    )
    if how is Picks.COPY:
        ground = min(cell.ground, _picks_on(frame, index))
        layout = frozenset({Layout.INDEXED})
        new = base._replace(regions=frozenset(), sure=Sure.MUST, layout=layout, counter=True, ground=ground)
        new = new._replace(attached=frame.attached(cell.attached), leaf=NO)
        return frame.make(node, f"item{i}", new, Sharing.PICKED)
    if cell.kind is Kind.NDARRAY and not _slices(frame, index):
        how, base = Picks.PERHAPS, base._replace(ground=Ground.GUESSED)
    part = place_of(frame, index)
    if type(const_of(index)) is int:
        base = base._replace(layout=base.layout - {Layout.MASK})  # one index out of several picks a single thing
    elif not any(isinstance(element, Cut) for element in index):
        base = base._replace(layout=perhaps_one(base.layout))
    regions = frozenset((*r, part) for r in cell.regions if len(r) < 6) or cell.regions
    if not aug:
        read_view(frame, ref, node, regions)
    sure = cell.sure if how is Picks.VIEW else Sure.CONDITIONAL
    made = frame.make(
        node,
        f"item{i}",
        base._replace(regions=regions, sure=sure),
        Sharing.VIEW if how is Picks.VIEW else Sharing.INDEX,
    )
    frame.program.handles.of(made.hand).parent = ref.hand
    return made


def _slices(frame: Frame, index: Value) -> bool:
    """Whether a slice is among the indices: then what numpy gives is an array, and no number."""
    parts = frame.cell(index[0]) if len(index) == 1 else None
    each = [*parts.slots.values(), index] if parts is not None else [index]
    return any(isinstance(e, Cut) or (isinstance(e, Const) and e.value in (None, ...)) for v in each for e in v)


class Picks(Fact):
    """What an index picks."""

    VIEW = auto()
    """By ints, slices, None and Ellipsis."""
    COPY = auto()
    """By lists and masks."""
    PERHAPS = auto()
    """Either, where that is not known."""


def _picks(frame: Frame, index: Value) -> Picks:
    found = {_one_index(frame, element) for element in index}
    return found.pop() if len(found) == 1 else Picks.PERHAPS


def _one_index(frame: Frame, element: Element) -> Picks:
    if isinstance(element, Const | Scalar | Cut):
        return Picks.COPY if isinstance(element, Const) and isinstance(element.value, bool) else Picks.VIEW
    cell = frame.cell(element)
    if cell is None:
        return Picks.PERHAPS
    if cell.kind is Kind.TUPLE:
        held = [v for v in (*cell.slots.values(), cell.rest) if v]
        parts = {Picks.COPY if _is_tuple(frame, v) else _picks(frame, v) for v in held}
        return Picks.COPY if Picks.COPY in parts else Picks.PERHAPS if Picks.PERHAPS in parts else Picks.VIEW
    if cell.kind is Kind.TENSOR and Layout.NUMBER in cell.layout:
        return Picks.VIEW
    if cell.kind is Kind.SCALARS:
        return Picks.COPY  # numbers that `tolist` gave: one alone is taken out by `item`
    if cell.kind is Kind.LIST or Layout.MASK in cell.layout:
        return Picks.COPY if cell.proof >= 2 else Picks.PERHAPS
    return Picks.PERHAPS


def _is_tuple(frame: Frame, value: Value) -> bool:
    """Whether one of several indices is a tuple: it picks as a list does, in torch as in numpy."""
    return all(frame.here.heap[ref.obj].kind is Kind.TUPLE for ref in refs_of(value)) and len(refs_of(value)) > 0


def _picks_on(frame: Frame, index: Value) -> Ground:
    """On what it rests that an index picks by a list or a mask: a mask is made as one, a list may be taken for one."""
    grounds = []
    for element in index:
        cell = frame.cell(element)
        if cell is not None and cell.kind is Kind.TUPLE:
            parts = [v for v in (*cell.slots.values(), cell.rest) if v and _picks(frame, v) is Picks.COPY]
            grounds.append(max((_picks_on(frame, part) for part in parts), default=Ground.GUESSED))
        else:
            grounds.append(_picks_each_on(cell))
    return min(grounds, default=Ground.GUESSED)


def _picks_each_on(cell: Cell | None) -> Ground:
    if cell is None or (Layout.MASK in cell.layout and Layout.PERHAPS_ONE not in cell.layout):
        return Ground.MADE
    return cell.ground if cell.kind is Kind.LIST else Ground.GUESSED


def place_of(frame: Frame, index: Value) -> str:
    """The index as text where all of it is literal, "*" otherwise."""
    element = index[0] if len(index) == 1 else None
    cell = frame.cell(element) if element is not None else None
    parts = list(cell.slots.values()) if cell is not None and cell.kind is Kind.TUPLE and not cell.rest else [index]
    shown = [_literal_index(part) for part in parts]
    return f"[{','.join(shown)}]" if shown and "" not in shown else "*"


def _literal_index(part: Value) -> str:
    element = part[0] if len(part) == 1 else None
    if isinstance(element, Const):
        return "..." if element.value is ... else str(element.value) if type(element.value) is int else ""
    return element.text if isinstance(element, Cut) and "?" not in element.text else ""
