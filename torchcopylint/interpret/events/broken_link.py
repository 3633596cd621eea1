"""Links that a copy broke, copies that raise, one object in several places."""

from __future__ import annotations

import re
from collections.abc import Iterator

from torchcopylint.domain.event import NonLeafCopied, OldParametersStepped, Replicated
from torchcopylint.domain.family import Family
from torchcopylint.domain.ground import Ground
from torchcopylint.domain.heap import NO, YES, Cell
from torchcopylint.domain.identity import Id, base_of
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.rewrite import detached_clone
from torchcopylint.domain.use import WriteKind
from torchcopylint.domain.value import KnownClass, refs_of
from torchcopylint.interpret.events.path import (
    all_frames,
    cell_of,
    holders_of,
    in_attribute,
    itself,
    me,
    name_of,
    other_methods,
    parts_of,
    place,
)
from torchcopylint.interpret.events.phrases import Said
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.ir import Spot
from torchcopylint.ir.question import arguments_of, operand_of, source_of, text_of
from torchcopylint.ir.site import Site
from torchcopylint.ir.syntax import Attribute, BinaryOperation, Call, Display, Element, List, Name


def broken_links(frame: Frame) -> Iterator[OldParametersStepped]:
    """An OldParametersStepped where an optimizer goes on stepping what was copied or replaced."""
    for link in frame.log.training.relinked.values():
        node, thing, optimizer, step = link.node, link.thing, link.optimizer, link.step
        if not _steps_later(frame, optimizer):
            continue
        steps = [Said.REPLACED.at(node)]
        if step is not None:
            steps.append(Said.STEPPED_OLD.at(step))
        yield OldParametersStepped(
            node=node,
            name=name_of(frame, thing),
            source=name_of(frame, optimizer),
            place=place(frame),
            steps=tuple(steps),
            write=text_of(node),
        )


def _steps_later(frame: Frame, optimizer: int) -> bool:
    """Whether this optimizer steps, in this function or, where it lasts in an attribute, in another method."""
    if _steps(frame, optimizer):
        return True
    return _lasts(frame, optimizer) and any(_steps(other, optimizer) for other in other_methods(frame))


def _steps(frame: Frame, optimizer: int) -> bool:
    writes = (w for w in frame.log.memory.writes.values() if w.kind is WriteKind.TRAIN)
    name = frame.program.handles.of(optimizer).name
    return any(
        base_of(optimizer) in (base_of(w.hand), base_of(w.obj))
        or (name and frame.program.handles.of(w.hand).name == name)
        for w in writes
    )


def _lasts(frame: Frame, optimizer: int) -> bool:
    return any(ref.obj == optimizer for value in itself(frame).slots.values() for ref in refs_of(value))


def raises(frame: Frame) -> Iterator[NonLeafCopied]:
    """A NonLeafCopied for each deepcopy of what the graph holds."""
    for copied in frame.log.copying.deepcopied.values():
        node, cell, hand, inside = copied.node, copied.cell, copied.hand, copied.inside
        name = name_of(frame, hand)
        if _hangs(cell) or any(_hangs(inner) or _descended(frame, obj, inner) for obj, inner in inside):
            sources = frozenset().union(*(c.sources for c in (cell, *(c for _, c in inside))))
            cached, proof = False, 3 if _surely_trained(frame, sources) else 1
        elif cell.kind is Kind.MODULE and copied.ran and (kept := _caches(frame, cell.cls, 3)):
            cached, proof, name = True, 2, kept
        else:
            continue
        yield NonLeafCopied(
            node=node,
            name=name,
            proof=proof,
            place=place(frame),
            steps=(Said.COPIED.at(node),),
            cached=cached,
            call=text_of(node),
            site=node,
            remedy=_cut(node) if _hangs(cell) else "",
        )


def _cut(node: Site) -> str:
    """The copy as one cut from the graph, where one thing is copied."""
    args = arguments_of(node)
    return detached_clone(operand_of(args[0].value)) if len(args) == 1 and not args[0].star else ""


def _surely_trained(frame: Frame, sources: frozenset[int]) -> bool:
    """Whether what these were computed from has gradients on for sure: made here, a parameter, or trained here."""
    if {base_of(s) for s in sources} & frame.log.graph.backwarded:
        return True
    cells = [cell_of(frame, source) for source in sources]
    if any(c.family is Family.PARAMETER for c in cells) or not any(c.kind is Kind.MODULE for c in cells):
        return True
    return any(c.kind is Kind.MODULE and c.made is Origin.FRESH for c in cells)


def _hangs(cell: Cell) -> bool:
    return cell.kind is Kind.TENSOR and cell.attached == YES and cell.leaf == NO


def _descended(frame: Frame, obj: int, cell: Cell) -> bool:
    """Backward went through this very tensor, so it is attached to the graph."""
    return obj in frame.log.graph.backwarded and cell.kind is Kind.TENSOR and cell.leaf == NO


def _caches(frame: Frame, kind: KnownClass | None, depth: int) -> str:
    """The attribute in which the module's forward, or that of a module inside it, leaves a computed tensor."""
    if kind is None or kind.method("__deepcopy__") or not depth:
        return ""
    for inner in all_frames(frame):
        if inner.function is kind.method("forward"):
            for attr, obj in inner.log.graph.cached.items():
                if _hangs(cell_of(inner, obj)) and obj in in_attribute(inner, attr):
                    return f"{me(inner)}.{attr}"
    return next((kept for part in parts_of(frame, kind) if (kept := _caches(frame, part, depth - 1))), "")


def replicated(frame: Frame) -> Iterator[Replicated]:
    """A Replicated for each object that was put into several places at once."""
    for obj, several in frame.log.places.replicated.items():
        node = several.node
        here = frame.program.births[obj].node is _element(node)
        yield Replicated(
            node=node,
            name=frame.program.handles.of(several.hand).name or _element_text(node),
            literal=_is_literal(node),
            proof=several.proof,
            ground=several.ground if here else Ground.GUESSED,
            place=place(frame),
            steps=(Said.ONE_OBJECT.at(node),),
            kind=several.kind,
            family=several.family,
            repeated=several.repeated,
            call=text_of(node),
            written=obj in frame.program.changed,
            uses=frozenset(frame.log.copying.fates.get(obj, ())),
            holders=_holders(frame, obj),
            site=node,
            remedy=_one_each(node) if _is_literal(node) and not several.in_class else "",
        )


def _one_each(node: Site) -> str:
    """The comprehension that makes one each: `[f() for _ in range(n)]`, `{key: f() for key in keys}`."""
    args = arguments_of(node)
    if isinstance(node, BinaryOperation) and isinstance(node.left, List) and len(node.left.elements) == 1:
        element = node.left.elements[0]
        if not element.star:
            value = source_of(element.value)
            return f"[{value} for _ in range({source_of(node.right)})]" if not re.search(r"\b_\b", value) else ""
    if len(args) == 2 and not any(arg.star or arg.keyword for arg in args):
        keys, value = (source_of(arg.value) for arg in args)
        return f"{{key: {value} for key in {keys}}}" if not re.search(r"\bkey\b", value) else ""
    return ""


def _holders(frame: Frame, obj: Id) -> tuple[str, ...]:
    """The names of what holds the object at the end."""
    names = {frame.program.handles.of(holder).name for holder in holders_of(frame, obj)}
    return tuple(sorted(names - {""}))


def _is_literal(node: Site) -> bool:
    """Whether the element is made on the spot: `[f()] * n`, `[[]] * n`, `dict.fromkeys(k, f())`."""
    element = _element(node)
    return element is not None and not isinstance(element, Attribute | Name)


def _element(node: Site) -> Spot | None:
    """The expression whose value comes to stand in several places."""
    elements, args = _repeated(node), arguments_of(node)
    return elements[0].value if elements else args[1].value if len(args) > 1 else None


def _element_text(node: Site) -> str:
    elements = _repeated(node)
    layers = node.left if isinstance(node, BinaryOperation) and isinstance(node.left, Call) else node
    return text_of(elements[0].value if elements else layers)


def _repeated(node: Site) -> tuple[Element, ...]:
    """The elements of `[a, b]` in `[a, b] * n`."""
    return node.left.elements if isinstance(node, BinaryOperation) and isinstance(node.left, Display) else ()
