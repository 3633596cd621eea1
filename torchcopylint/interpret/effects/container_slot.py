"""Tensors put into containers, or handed out: each goes by a handle of its own there, and later writes show in it."""

from __future__ import annotations

from collections.abc import Iterator

from torchcopylint.domain.identity import base_of, roots_of
from torchcopylint.domain.kind import DATA, Kind
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.sharing import Sharing
from torchcopylint.domain.value import Element, Ref, Value, refs_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Held
from torchcopylint.interpret.state.mixed import note_mixed
from torchcopylint.ir import syntax
from torchcopylint.ir.site import Site


def held_in(frame: Frame, container: Value, value: Value, node: Site | None, how: Sharing = Sharing.KEPT) -> Value:
    """The value as the container holds it; `node` is the expression that was put there."""
    note_mixed(frame, value, node)
    return tuple(_held(frame, container, e, node, f"{how.name} {n}", how) for n, e in enumerate(value))


def _held(frame: Frame, container: Value, element: Element, node: Site | None, tag: str, how: Sharing) -> Element:
    cell = frame.cell(element)
    if type(element) is not Ref or cell is None or node is None:
        return element
    if cell.kind in (Kind.TUPLE, Kind.LIST, Kind.DICT) and Layout.CLOSED in cell.layout and element.hand == element.obj:
        slots = dict(cell.slots)
        for key, inner in _displayed(node):
            if key in slots:
                slots[key] = held_in(frame, container, slots[key], inner, how)
        frame.update(element.obj, slots=slots)
    if cell.kind not in DATA:
        return element
    handles = frame.program.handles
    made = frame.alias(element, node, tag, handles.of(element.hand).name, how)
    frame.program.watched.add(made.hand)
    roots = [frame.program.births.get(base_of(root)) for root in roots_of(cell.regions)]
    frame.log.places.held[made.hand] = Held(
        node=node,
        hand=made.hand,
        obj=element.obj,
        into=tuple(r.hand for r in refs_of(container)),
        rounds=tuple(r.node for r in frame.rounds),
        born=min((birth.rounds for birth in roots if birth is not None), key=len, default=()),
        cell=cell,
        how=how,
    )
    return made


def _displayed(node: Site) -> Iterator[tuple[str, Site]]:
    """(slot, expression) of the items of a tuple, list or dict display."""
    if isinstance(node, syntax.Display):
        for n, element in enumerate(node.elements):
            yield f"[{n!r}]", element.value
    elif isinstance(node, syntax.Dict):
        for n, item in enumerate(node.items):
            key = item.key.raw if isinstance(item.key, syntax.String) else n
            yield f"[{key!r}]", item.value


def hand_out(frame: Frame, value: Value, node: Site) -> None:
    """A generator hands the value to whoever asked for it, and may go on writing it."""
    frame.here.env[f"%out {frame.program.ids.of(frame.function, node, 'out')}"] = held_in(
        frame, (), value, _yielded(node), Sharing.YIELDED
    )


def _yielded(node: Site) -> Site | None:
    return node.value if isinstance(node, syntax.Yield) else None
