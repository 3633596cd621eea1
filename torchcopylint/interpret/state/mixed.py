"""Expressions whose value may be of several kinds, or None: what a fix may ask one of them for, another lacks."""

from __future__ import annotations

from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.value import Element, Value, refs_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.ir.question import value_of
from torchcopylint.ir.site import Site


def note_mixed(frame: Frame, value: Value, *nodes: Site | None) -> None:
    """The value of these expressions is put somewhere: it is noted where no method can be asked of all it may be."""
    absent = any(Layout.PERHAPS_NONE in frame.layout(element) for element in value)
    if absent or (len(value) > 1 and len({_kind(frame, element) for element in value}) > 1):
        frame.log.places.mixed.update(node for node in nodes if node is not None)


def note_several(frame: Frame, value: Value, node: Site) -> None:
    """A call gives several things at once: what is known of one of them cannot be asked of the call."""
    kinds = (cell.kind for element in value if (cell := frame.cell(element)) is not None)
    if any(kind in (Kind.TUPLE, Kind.ITEMS) for kind in kinds):
        frame.log.places.mixed.add(node)


def _kind(frame: Frame, element: Element) -> Kind | type[Element]:
    cell = frame.cell(element)
    return cell.kind if cell is not None else type(element)


def note_asked(frame: Frame, value: Value) -> None:
    """Somebody asks whether the value is None: so it may be, wherever it was taken or put."""
    for ref in refs_of(value):
        for hand in frame.program.handles.ancestors(ref.hand):
            handle = frame.program.handles.of(hand)
            taken = (node for node in (handle.node, handle.named_at) if node is not None)
            frame.log.places.mixed.update(at for node in taken for at in (node, value_of(node)) if at is not None)


def note_there(frame: Frame, value: Value) -> None:
    """The value is not None from here on: something was asked of it, or it was tested."""
    for ref in refs_of(value):
        layout = frame.layout(ref)
        if Layout.PERHAPS_NONE in layout:
            frame.update(ref.obj, layout=layout - {Layout.PERHAPS_NONE})
