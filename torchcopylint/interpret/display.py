"""Lists, tuples, sets, dicts and comprehensions being built."""

from __future__ import annotations

from torchcopylint import ir
from torchcopylint.domain.ground import Ground
from torchcopylint.domain.heap import Cell
from torchcopylint.domain.identity import base_of, is_older
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.sharing import Sharing
from torchcopylint.domain.use import ReadHow
from torchcopylint.domain.value import NOTHING, SCALAR, Const, Cut, Value, join_values, refs_of
from torchcopylint.interpret.effects.action import replicate
from torchcopylint.interpret.effects.container_slot import held_in
from torchcopylint.interpret.effects.history import keep
from torchcopylint.interpret.state.access import everything, key_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.touch import read
from torchcopylint.ir.kind import BuildKind, LoopKind
from torchcopylint.ir.syntax import Comprehension


def build(frame: Frame, i: ir.Build) -> None:
    """A list, tuple or set display; text only reads."""
    if i.kind is BuildKind.TEXT:
        for item in i.items:
            read(frame, frame.get(item.value), i.node, ReadHow.SHOWN)
        frame.temps[i.dst] = SCALAR
        return
    slots: dict[str, Value] = {}
    rest: Value = NOTHING
    starred = False
    for n, item in enumerate(i.items):
        value = frame.get(item.value)
        if item.star:
            starred = True
            for ref in refs_of(value):
                rest = join_values(rest, everything(frame.here.heap[ref.obj]))
        elif starred or len(i.items) > 12:
            rest = join_values(rest, value)
        else:
            slots[f"[{n}]"] = value
    frame.temps[i.dst] = (
        frame.make(
            i.node, "built", Cell(_KINDS[i.kind], 3, slots=slots, rest=rest, layout=_CLOSED, ground=Ground.MADE)
        ),
    )


_CLOSED = frozenset({Layout.CLOSED})
_KINDS = {
    BuildKind.LIST: Kind.LIST,
    BuildKind.TUPLE: Kind.TUPLE,
    BuildKind.SET: Kind.SET,
    BuildKind.GENERATOR: Kind.LIST,
}


def build_dict(frame: Frame, i: ir.BuildDict) -> None:
    """A dict display; unpacking a state dict copies no tensor."""
    slots: dict[str, Value] = {}
    rest: Value = NOTHING
    shared: set[tuple[int | str, ...]] = set()
    layout = _CLOSED
    for key, operand in i.items:
        value = frame.get(operand)
        if key is None:
            for ref in refs_of(value):
                cell = frame.here.heap[ref.obj]
                frame.log.places.looked_up |= (
                    frame.here.marks.get(ref.hand, frozenset()) & frame.log.places.placings.keys()
                )
                rest = join_values(rest, everything(cell))
                if cell.kind is Kind.STATE_DICT and not everything(cell):
                    shared |= cell.regions
                layout = frozenset()
        elif name := key_of(frame.get(key)):
            slots[name] = value
        else:
            rest = join_values(rest, value)
    how = Sharing.SHALLOW if shared else Sharing.MADE
    cell = Cell(Kind.DICT, 3, slots=slots, rest=rest, layout=layout, made=Origin.BUILT, ground=Ground.MADE)
    made = frame.make(i.node, "built", cell, how)
    if shared:
        unpacked = [r for key, operand in i.items if key is None for r in refs_of(frame.get(operand))]
        frame.program.handles.of(made.hand).parent = unpacked[0].hand if unpacked else None
        frame.update(
            made.obj, kind=Kind.STATE_DICT, regions=frozenset(shared), made=Origin.SHALLOW, ground=Ground.GUESSED
        )
    frame.temps[i.dst] = (made,)


def add_round(frame: Frame, i: ir.Append) -> None:
    """A comprehension's round adds its element."""
    value = placed = frame.get(i.value)
    if not any(frame.here.marks.get(r.hand) for r in refs_of(value)):
        node = i.node.value if isinstance(i.node, Comprehension) else None
        placed = held_in(frame, frame.get(i.container), value, node)
    for ref in refs_of(frame.get(i.container)):
        cell = frame.here.heap[ref.obj]
        frame.update(ref.obj, rest=join_values(cell.rest, placed))
        for held in refs_of(value):
            frame.log.places.homes.setdefault(base_of(held.hand), ref.hand)
    if i.key is None:
        keep(frame, frame.get(i.container), value, i.node)
    _note_repeated(frame, value, i)


def _note_repeated(frame: Frame, value: Value, i: ir.Append) -> None:
    """`[layer for _ in range(n)]`: the element is older than the comprehension and does not depend on its iteration."""
    current = frame.rounds[-1] if frame.rounds else None
    if (
        current is None
        or current.kind is not LoopKind.COMPREHENSION
        or i.key is not None
        or current.over[:5] != "range"
    ):
        return
    for ref in refs_of(value):
        birth = frame.program.births.get(base_of(ref.obj))
        if birth is not None and current.node not in birth.rounds and not i.value.partition("~")[2]:
            cell = frame.here.heap[ref.obj]
            if cell.kind is Kind.MODULE and ref.obj not in frame.program.selves and not is_older(ref.obj):
                replicate(frame, (ref,), i.node, ref.obj)


def cut(frame: Frame, i: ir.Slice) -> None:
    """A slice, its literal bounds kept as text."""
    parts = [frame.get(part) for part in i.parts]
    shown = [str(p[0].value) if len(p) == 1 and isinstance(p[0], Const) else "?" for p in parts]
    frame.temps[i.dst] = (Cut(":".join("" if s == "None" else s for s in shown)),)
