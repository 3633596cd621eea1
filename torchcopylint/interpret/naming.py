"""Names: what is bound to one, and what its annotation and uses say of it."""

from __future__ import annotations

from torchcopylint.domain.family import Family, OfKind
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.sharing import Sharing
from torchcopylint.domain.value import Bound, Element, Ref, Scalar, Value
from torchcopylint.interpret.state.access import load_attr
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.mixed import note_mixed
from torchcopylint.ir import syntax
from torchcopylint.ir.question import callee_of, last_name, value_of
from torchcopylint.ir.site import Site
from torchcopylint.models import evidence


def bind(frame: Frame, value: Value, name: str, node: Site, computed: bool, annotation: str = "") -> Value:
    """The value under a name: what was just computed gets this name, what had one gets another handle."""
    shown = name.partition("~")[0]
    bound: list[Element] = []
    note_mixed(frame, value, node, value_of(node))
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
            bound.append(frame.alias(element, node, f"bind {shown} {n}", shown, Sharing.SAME_OBJECT))
    return tuple(bound)


def _materialise(frame: Frame, element: Bound, node: Site) -> Element:
    found = load_attr(frame, (element.receiver,), element.attr, node, False)
    return found[0] if found and type(found[0]) is not Bound else Scalar()


def _learn(frame: Frame, ref: Ref, name: str, annotation: str) -> None:
    """What a name's annotation and uses say about the object bound to it."""
    cell = frame.here.heap.get(ref.obj)
    if cell is None or cell.made is Origin.TOLIST:
        return
    said = frame.program.annotation(annotation, frame.function.qualname)
    kind, proof, ground = evidence.held_against(said.known, frame.function.uses.get(name, ()))
    if cell.kind is not Kind.UNKNOWN and cell.proof >= 2:
        if kind == cell.kind and ground > cell.ground:
            frame.update(ref.obj, ground=ground)
        return
    if kind is Kind.UNKNOWN:
        kind, proof = (Kind.UNKNOWN, 0) if _constructed(frame, ref) else _used_as(frame, name)
        # What a network gives and what is done with it are two witnesses; a method and its own name are one.
        if kind is cell.kind is not Kind.UNKNOWN and proof == cell.proof == 1 and cell.family is Family.OUTPUT:
            proof = 2
    if kind in (Kind.UNKNOWN, Kind.SCALAR, Kind.NONE) and cell.kind is Kind.UNKNOWN:
        kind, proof = evidence.kind_from_call(name, frame.function.uses.get(name, ()))
    if kind not in (Kind.UNKNOWN, Kind.SCALAR, Kind.NONE) and (cell.kind in (Kind.UNKNOWN, kind) or proof > cell.proof):
        family = OfKind(said.of) if said.of is not None else cell.family
        frame.update(ref.obj, kind=kind, proof=max(proof, cell.proof), ground=ground, family=family)


def _used_as(frame: Frame, name: str) -> tuple[Kind, int]:
    return evidence.kind_from_uses(frame.function.uses.get(name, ()), frame.function.dropped)


def _constructed(frame: Frame, ref: Ref) -> bool:
    """Whether it comes from calling an unknown class, or a method of one such as `Image.open`: what is read off the
    name may be read off what it was before."""
    cell = frame.here.heap[ref.obj]
    func = callee_of(frame.program.handles.of(ref.hand).node)
    words = (last_name(func) if not isinstance(func, syntax.Call) else "", _name_of(value_of(func)))
    return cell.made is Origin.CALLED and any(word[:1].isupper() for word in words)


def _name_of(site: Site | None) -> str:
    return site.name if isinstance(site, syntax.Name) else ""
