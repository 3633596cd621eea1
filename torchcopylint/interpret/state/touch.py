"""Writes, reads and what becomes of copies: who is made stale, and who notices."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from torchcopylint.domain.heap import SLOTTED, Cell
from torchcopylint.domain.identity import Id, Region, base_of, contains
from torchcopylint.domain.kind import DATA, Kind
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.sharing import Sure
from torchcopylint.domain.use import Fate, ReadHow, WriteKind
from torchcopylint.domain.value import Bound, Callee, Ref, Value, refs_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Read, Write
from torchcopylint.interpret.state.saved import strike
from torchcopylint.ir.site import Site


def write(
    frame: Frame,
    value: Value,
    node: Site,
    kind: WriteKind = WriteKind.WRITE,
    arithmetic: bool = False,
    constant: bool = False,
    alone: bool = True,
    part: str = "",
) -> None:
    """Something is written in place through each of the value's references: all of it, or the part under an index."""
    together = one_tensor(frame, value)
    for n, ref in enumerate(refs_of(value)):
        cell = frame.cell(ref)
        if cell is not None and cell.regions:
            if part:
                cell = cell._replace(regions=frozenset((*r, part) if len(r) < 6 else r for r in cell.regions))
            only = alone and (len(value) == 1 or (together and n == 0)) and not frame.doubt
            _write_one(frame, ref, cell, node, kind, arithmetic, constant, only)


def one_tensor(frame: Frame, value: Value) -> bool:
    """Whether all that a value may be lies in one and the same tensor: `x.unsqueeze(0) if x.dim() == 2 else x`."""
    cells = [frame.cell(element) for element in value if type(element) is Ref]
    if len(value) < 2 or len(cells) < len(value):
        return False
    known = all(c is not None and c.sure is Sure.MUST and c.kind in DATA and c.regions for c in cells)
    return known and len({region[0] for cell in cells if cell is not None for region in cell.regions}) == 1


def _write_one(
    frame: Frame,
    ref: Ref,
    cell: Cell,
    node: Site,
    kind: WriteKind,
    arithmetic: bool,
    constant: bool,
    alone: bool,
) -> None:
    number = frame.program.ids.of(frame.function, node, f"write {base_of(ref.hand)}")
    frame.log.memory.writes[number] = Write(
        node=node,
        hand=ref.hand,
        obj=ref.obj,
        name=frame.program.handles.of(ref.hand).name,
        kind=kind,
        regions=cell.regions,
        arithmetic=arithmetic,
        rounds=tuple(r.node for r in frame.rounds),
        grad_off=frame.grad_off,
        guarded=frame.guards > 0,
        sure=cell.sure if alone else Sure.MAY,
        tests=frozenset().union(*frame.tests),
        proof=cell.proof,
        ground=cell.ground,
        layout=cell.layout,
        thing=cell.kind,
        constant=constant,
    )
    if frame.program.replicated.get(base_of(ref.obj), 0) not in frame.program.slot_stores | {0}:
        frame.program.changed.add(base_of(ref.obj))
    if cell.made is Origin.COPIED or cell.of:
        fate(frame, (ref,), _FATES.get(kind, Fate.WRITTEN))
    strike(frame, cell, number, frame.log.memory.writes[number])
    touch(frame, cell.regions, number)
    frame.here.marks[ref.hand] = frame.here.marks.get(ref.hand, frozenset()) | {number}


def write_perhaps(frame: Frame, value: Value, node: Site, arithmetic: bool) -> None:
    """Something that a function was given, and knows nothing of, is written in place if it is a tensor or an array:
    whoever calls it may know."""
    given = frame.symbols.values()
    for ref in refs_of(value):
        cell = frame.cell(ref)
        if cell is not None and cell.kind is Kind.UNKNOWN and base_of(ref.obj) in given:
            number = frame.program.ids.of(frame.function, node, f"perhaps {base_of(ref.hand)}")
            name = frame.program.handles.of(ref.hand).name
            write = Write(node, ref.hand, ref.obj, name, WriteKind.WRITE, cell.regions, arithmetic, proof=0)
            frame.log.memory.perhaps[number] = replace(
                write,
                rounds=tuple(r.node for r in frame.rounds),
                grad_off=frame.grad_off,
                guarded=frame.guards > 0,
                sure=cell.sure if len(value) == 1 else Sure.MAY,
                tests=frozenset().union(*frame.tests),
            )


_FATES = {WriteKind.TRAIN: Fate.TRAINED, WriteKind.LOAD: Fate.REFRESHED}


def touch(frame: Frame, regions: Collection[Region], number: int) -> None:
    """Mark every handle of every object that may lie in the regions; a tensor and its gradient lie apart."""
    state = frame.here
    gradients = any(".grad" in region for region in regions)
    shared = {obj for obj in state.sharing(regions) if in_gradient(state.heap[obj]) == gradients}
    if not shared:
        return
    fresh = frozenset({number})
    marks = state.marks
    watched = frame.program.watched
    for hand in hands_of(frame, shared):
        marks[hand] = marks[hand] | fresh if hand in marks else fresh
        if base_of(hand) in watched:
            frame.log.memory.met.add((hand, number))


def in_gradient(cell: Cell) -> bool:
    """Whether what is known of an object says that it lies in a gradient."""
    return any(".grad" in region for region in cell.regions)


def hands_of(frame: Frame, objects: set[Id]) -> set[Id]:
    """The handles under which these objects are reached from names and from other objects."""
    found: set[Id] = set()
    state = frame.here
    _collect(state.env.values(), objects, found)
    for cell in state.heap.values():
        if cell.slots:
            _collect(cell.slots.values(), objects, found)
        if cell.rest:
            _collect((cell.rest,), objects, found)
    return found


def _collect(values: Iterable[Value], objects: set[Id], found: set[Id]) -> None:
    for value in values:
        for element in value:
            if type(element) is Ref:
                if element.obj in objects:
                    found.add(element.hand)
            elif type(element) is Bound or type(element) is Callee:
                inner = element.receiver
                if type(inner) is Ref and inner.obj in objects:
                    found.add(inner.hand)


def read(frame: Frame, value: Value, node: Site, how: ReadHow = ReadHow.READ, deep: bool = True) -> None:
    """The value is used: note which stale handles that goes through."""
    marks = frame.here.marks
    for element in value:
        if type(element) is not Ref:
            if type(element) is Bound:
                read(frame, (element.receiver,), node, how, deep)
            continue
        for number in marks.get(element.hand, ()):
            _notice(frame, element, number, Read(node, how, frame.grad_off, alone=_is_one(value)))
        if deep and marks:
            cell = frame.here.heap.get(element.obj)
            if cell is not None and cell.kind in SLOTTED and how is not ReadHow.VIEWED:
                for inner in (*cell.slots.values(), cell.rest):
                    _read_inside(frame, element.hand, cell, inner, node, how)


def _is_one(value: Value) -> bool:
    """Whether a value is one thing, under whatever names."""
    return len(value) == 1 or all(type(e) is Ref and e[0] == value[0][0] for e in value)


def _notice(frame: Frame, ref: Ref, number: int, seen: Read) -> None:
    """A stale handle is read; what is read in a container is also what was put there."""
    readings = [(ref.hand, seen)]
    if base_of(ref.hand) in frame.log.places.held and (parent := frame.program.handles.of(ref.hand).parent) is not None:
        readings.append((parent, replace(seen, within=True)))
    for hand, reading in readings:
        frame.log.memory.seen[hand] = frame.here.heap[ref.obj]
        frame.log.memory.reads.setdefault((hand, number), {}).setdefault(seen.node, reading)


_READ_WITH = frozenset({Kind.TUPLE, Kind.DICT, Kind.LIST, Kind.STATE_DICT, Kind.DISTRIBUTION})
"""What is used with what holds it, and what it holds with it."""


def _read_inside(frame: Frame, outer: Id, cell: Cell, value: Value, node: Site, how: ReadHow) -> None:
    """What a container holds is used with it; where it has no name of its own it goes by the container's."""
    read(frame, value, node, how, deep=False)
    for ref in refs_of(value):
        found = frame.here.heap.get(ref.obj)
        if found is not None and found.kind in _READ_WITH:
            for inner in (*found.slots.values(), found.rest):
                read(frame, inner, node, how, deep=False)
        numbers = frame.here.marks.get(ref.hand, ())
        if numbers and not frame.program.handles.of(ref.hand).name:
            frame.log.memory.inside[base_of(outer)] = ref.hand
            frame.log.memory.seen[outer] = cell
            for number in numbers:
                noticed = frame.log.memory.reads.setdefault((outer, number), {})
                noticed.setdefault(node, Read(node, how, frame.grad_off))


def read_view(frame: Frame, ref: Ref, node: Site, regions: frozenset[Region]) -> None:
    """A part of a stale thing is looked at: noticed only where that part may have been written."""
    for number in frame.here.marks.get(ref.hand, ()):
        write = frame.log.memory.writes.get(number)
        if write is None or any(contains(a, b) or contains(b, a) for a in regions for b in write.regions):
            frame.log.memory.seen[ref.hand] = frame.here.heap[ref.obj]
            noticed = frame.log.memory.reads.setdefault((ref.hand, number), {})
            noticed.setdefault(node, Read(node, ReadHow.VIEWED, frame.grad_off))


def fate(frame: Frame, value: Value, what: Fate, deep: bool = True) -> None:
    """Remember what becomes of copies."""
    for ref in refs_of(value):
        cell = frame.cell(ref)
        if cell is None:
            continue
        if cell.made is Origin.COPIED:
            frame.log.copying.fates.setdefault(base_of(ref.obj), set()).add(what)
        for source in cell.of:
            frame.log.copying.fates.setdefault(base_of(source), set()).add(what)
        if deep and cell.kind in SLOTTED:
            for inner in (*cell.slots.values(), cell.rest):
                fate(frame, inner, what, deep=False)
