"""Names: what is bound to one, and what its annotation and uses say of it."""

from __future__ import annotations

from torchcopylint.interpret.access import load_attr
from torchcopylint.interpret.frame import Frame
from torchcopylint.models import evidence
from torchcopylint.value import Bound, Element, Ref, Scalar, Value


def bind(frame: Frame, value: Value, name: str, node: object, computed: bool, annotation: str = "") -> Value:
    """The value under a name: what was just computed gets this name, what had one gets another handle."""
    shown = name.partition("~")[0]
    bound: list[Element] = []
    for n, element in enumerate(value):
        if type(element) is Bound:
            element = _materialise(frame, element, node)
        if type(element) is not Ref:
            bound.append(element)
            continue
        _learn(frame, element, name, annotation)
        recent = frame.just_made(element.hand, node)
        named = frame.program.handles.of(element.hand).name
        if computed and (named == shown or (recent and frame.program.handles.name(element.hand, shown, node))):
            bound.append(element)
        else:
            bound.append(frame.alias(element, node, f"bind {shown} {n}", shown, "same object"))
    return tuple(bound)


def _materialise(frame: Frame, element: Bound, node: object) -> Element:
    found = load_attr(frame, (element.receiver,), element.attr, node, False)
    return found[0] if found and type(found[0]) is not Bound else Scalar()


def _learn(frame: Frame, ref: Ref, name: str, annotation: str) -> None:
    """What a name's annotation and uses say about the object bound to it."""
    cell = frame.here.heap.get(ref.obj)
    if cell is None or (cell.kind != "unknown" and cell.proof >= 2):
        return
    kind, inner, proof = evidence.annotated_kind(annotation) if annotation else ("unknown", "", 0)
    if kind == "unknown":
        kind, proof = evidence.kind_from_uses(frame.function.uses.get(name, ()))
        if kind == cell.kind != "unknown" and proof == cell.proof == 1:
            proof = 2
    if kind in ("unknown", "scalar", "none") and cell.kind == "unknown":
        kind, proof = evidence.kind_from_name(name)
    if kind not in ("unknown", "scalar", "none") and (cell.kind in ("unknown", kind) or proof > cell.proof):
        frame.update(ref.obj, kind=kind, proof=max(proof, cell.proof), family=f"of {inner}" if inner else cell.family)
