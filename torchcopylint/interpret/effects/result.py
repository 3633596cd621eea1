"""What a call gives: something fresh, a view, the same thing, live references, the output of a module."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from torchcopylint.domain.family import Family
from torchcopylint.domain.ground import Ground
from torchcopylint.domain.heap import MAYBE, NO, Cell, bounded, perhaps_one
from torchcopylint.domain.kind import DATA, Kind
from torchcopylint.domain.layout import Flag, Layout
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.sharing import Sharing, Sure
from torchcopylint.domain.use import CopyHow
from torchcopylint.domain.value import NOTHING, SCALAR, UNKNOWN, Const, Ref, Scalar, Value, join_values, refs_of
from torchcopylint.interpret.effects.optimizer import is_unstepped, no_longer_new
from torchcopylint.interpret.state.access import everything
from torchcopylint.interpret.state.autograd import graph, shared, sources_of, trainable
from torchcopylint.interpret.state.footing import of_result
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.ir import Spot
from torchcopylint.ir.question import method_of
from torchcopylint.ir.site import Site
from torchcopylint.models.effect import Effect, Shape
from torchcopylint.models.language import Gives, Grad
from torchcopylint.models.layer import gives_tensor


def made_from(effect: Effect, shape: Shape) -> list[Value]:
    """The arguments that a result is made from."""
    keywords = list(shape.keywords.values()) if len(effect.of) > 1 else []
    return [shape.args[i] for i in effect.of if i < len(shape.args)] + keywords


def fresh(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Value:
    """A new object with storage of its own."""
    values = made_from(effect, shape)
    standing = graph(frame, effect, values)
    if effect.kind is Kind.SCALARS:
        source = frozenset(ref.obj for value in values for ref in refs_of(value))
        return (
            frame.make(
                node,
                "fresh",
                Cell(Kind.LIST, effect.proof, rest=SCALAR, made=_origin(effect, Origin.UNKNOWN), of=source),
            ),
        )
    kind = effect.kind
    if effect.result is Gives.FRESH and kind is Kind.UNKNOWN and any(kind_of(frame, v) is Kind.TENSOR for v in values):
        kind = Kind.TENSOR
    cell = Cell(
        kind=kind,
        proof=effect.proof,
        family=effect.family,
        made=_origin(effect, Origin.FRESH) if effect.own else Origin.CALLED,
        layout=effect.layout,
        ground=of_result(frame, effect, shape, method_name(node)) if kind == effect.kind else Ground.GUESSED,
        **standing._asdict(),
    )
    if kind not in (Kind.TENSOR, Kind.UNKNOWN):
        cell = cell._replace(attached=MAYBE if kind is Kind.MODULE else NO)
    made = frame.make(node, "fresh", cell, effect.sharing or Sharing.MADE)
    if effect.sizes is not None:
        frame.program.in_rows[made.obj] = effect.sizes
    return (made,)


def _origin(effect: Effect, otherwise: Origin) -> Origin:
    """How what an effect makes came to be: by a copy that somebody may want to judge, or otherwise."""
    return _COPIES.get(effect.copy, otherwise) if effect.copy is not None else otherwise


_COPIES = {
    CopyHow.CLONE: Origin.CLONE,
    CopyHow.COPY: Origin.COPY,
    CopyHow.TENSOR: Origin.TENSOR,
    CopyHow.TOLIST: Origin.TOLIST,
}


def kind_of(frame: Frame, value: Value) -> Kind:
    """The kind that all of a value is, or "unknown"."""
    kinds = {cell.kind for ref in refs_of(value) if (cell := frame.cell(ref)) is not None}
    return kinds.pop() if len(kinds) == 1 else Kind.UNKNOWN


def several(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Value:
    """A tuple of new tensors, or arrays."""
    standing = graph(frame, effect, made_from(effect, shape))
    kind = effect.kind if effect.kind in DATA else Kind.TENSOR
    ground = of_result(frame, effect, shape, method_name(node))
    each = Cell(kind, effect.proof, made=Origin.FRESH, layout=effect.layout, ground=ground, **standing._asdict())
    each = each._replace(family=effect.family)
    surely = min(each.attached, MAYBE) if effect.indices else each.attached
    item = frame.make(node, "each", each._replace(attached=surely))
    slots = {}
    if effect.indices:
        first, second = each._replace(layout=frozenset()), each._replace(attached=NO, sources=frozenset())
        slots = {"[0]": (frame.make(node, "first", first),), "[1]": (frame.make(node, "second", second),)}
        slots |= {".values": slots["[0]"], ".indices": slots["[1]"]}
    return (
        frame.make(node, "several", Cell(Kind.TUPLE, 3, rest=(item,), slots=slots, layout=frozenset({Layout.SEVERAL}))),
    )


def view(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Value:
    """A view, or perhaps one, of each argument."""
    found: Value = NOTHING
    values = made_from(effect, shape)[:1] if len(effect.of) == 1 else made_from(effect, shape)
    for n, value in enumerate(values):
        for i, ref in enumerate(_viewed(frame, effect, value)):
            found = join_values(found, (_view_of(frame, effect, ref, node, f"view{n}.{i}"),))
    numbers = bool(values) and all(isinstance(e, Const | Scalar) for value in values for e in value)
    return found or fresh(frame, effect if numbers else replace(effect, own=False), shape, node)


def _viewed(frame: Frame, effect: Effect, value: Value) -> tuple[Ref, ...]:
    """What a view is taken of: of a list of tensors, each."""
    found: list[Ref] = []
    for ref in refs_of(value):
        cell = frame.here.heap[ref.obj]
        listed = effect.kind is Kind.TENSOR and cell.kind in (Kind.LIST, Kind.TUPLE)
        found += (refs_of(everything(cell)) if listed else ()) or (ref,)
    return tuple(found)


def _view_of(frame: Frame, effect: Effect, ref: Ref, node: Site, tag: str) -> Ref:
    cell = frame.here.heap[ref.obj]
    perhaps = effect.result is Gives.PERHAPS
    layout = _layout_of(cell, effect) | effect.layout
    new = Cell(
        kind=effect.kind if effect.kind is not Kind.UNKNOWN else cell.kind,
        proof=effect.proof if effect.kind is not Kind.UNKNOWN else cell.proof,
        regions=cell.regions,
        sure=Sure.CONDITIONAL if perhaps else cell.sure,
        counter=cell.counter and effect.counter,
        **shared(frame, effect, ref)._asdict(),
        layout=perhaps_one(layout) if method_of(node) in _FEWER else layout,
        family=Family.PARAMETER if effect.grad is Grad.PARAMETER else None,
        made=Origin.CONDITIONAL if perhaps else Origin.VIEW,
        of=cell.of,
        ground=Ground.MADE if effect.certain else cell.ground if cell.kind in DATA else Ground.GUESSED,
    )
    made = frame.make(node, tag, new, effect.sharing or Sharing.VIEW)
    frame.program.handles.of(made.hand).parent = ref.hand
    if perhaps and effect.sharing is not Sharing.DEVICE:
        frame.update(made.obj, regions=cell.regions | {(made.obj,)})
    return made


_FEWER = frozenset("squeeze select unbind reshape view".split())
"""What may leave a single number of several."""


def _layout_of(cell: Cell, effect: Effect) -> frozenset[Flag]:
    """What a view keeps of the layout of what it views: a copy repeats nothing, another shape is in another order."""
    if effect.result is Gives.PERHAPS:
        return cell.layout - {Layout.EXPANDED, Layout.PERMUTED, Layout.SPARSE}
    return cell.layout if effect.sharing in (Sharing.DETACHED, Sharing.DATA) else cell.layout - {Layout.PERMUTED}


def parts(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Value:
    """Several views made together."""
    value = view(frame, effect, shape, node)
    bases = refs_of(value)
    if not bases or any(frame.here.heap[b.obj].kind not in DATA for b in bases[:1]):
        return value
    if len(effect.of) > 1 and len(bases) > 1 and len(bases) == len(shape.args) == len(value):
        slots = {f"[{n}]": (base,) for n, base in enumerate(bases)}
        return (frame.make(node, "parts", Cell(Kind.TUPLE, 3, slots=slots), Sharing.PARTS),)
    if len(bases) > 1:
        return (frame.make(node, "parts", Cell(Kind.TUPLE, 3, rest=bases), Sharing.PARTS),)
    cell = Cell(Kind.TUPLE, 3, rest=bases, layout=frozenset({Layout.PARTS}), of=frozenset({bases[0].obj}))
    return (frame.make(node, "parts", cell, Sharing.PARTS),)


def same(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Value:
    """The argument itself."""
    values = [shape.args[i] for i in effect.of if i < len(shape.args)]
    return values[0] if values and values[0] else UNKNOWN


def live_references(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Value:
    """References to what a module or optimizer keeps: its state dict, its parameters."""
    found: Value = NOTHING
    given = [shape.args[i] for i in effect.of if i < len(shape.args)]
    for i, element in enumerate(given[0] if given else UNKNOWN):
        cell = frame.cell(element)
        if cell is None or type(element) is not Ref:
            found = join_values(found, UNKNOWN)
            continue
        if cell.kind is Kind.OPTIMIZER and is_unstepped(frame, element):
            empty = Cell(effect.kind, 3, made=Origin.FRESH, ground=cell.ground)
            found = join_values(found, (frame.make(node, f"empty{i}", empty),))
            continue
        own = cell.family if cell.kind is Kind.OPTIMIZER else Family.LIVE
        family = Family.NAMED if "named_" in method_name(node) else own
        attached = NO if effect.grad is Grad.NEVER else cell.attached
        new = Cell(effect.kind, 3, cell.regions, attached=attached, family=family, made=Origin.LIVE, of=frozenset())
        new = new._replace(sources=frozenset({element.obj}), ground=cell.ground)
        made = frame.make(node, f"live{i}", new, effect.sharing or Sharing.MADE)
        frame.program.handles.of(made.hand).parent = element.hand
        found = join_values(found, (made,))
    return found


def method_name(node: Spot | None) -> str:
    """The name of the method or function that a call calls."""
    return method_of(node)


def output(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Value:
    """What a module returns: computed from its parameters and its arguments."""
    module = frame.cell(shape.args[0][0]) if shape.args and shape.args[0] else None
    sources, attached = sources_of(frame, (*shape.args[1:], *shape.keywords.values()))
    proof, ground = 0, Ground.GUESSED
    weights = trainable(frame, shape.args[0] if shape.args else NOTHING)
    if weights != NO:
        attached = max(attached, weights)
        sources |= {ref.obj for ref in refs_of(shape.args[0])}
    if module is not None:
        proof = 3 if module.proof == 3 and gives_tensor(module.family) else min(module.proof, 2)
        ground = module.ground if proof == 3 else ground
    cell = Cell(
        Kind.TENSOR,
        proof,
        attached=frame.attached(attached),
        leaf=NO,
        sources=bounded(sources),
        made=Origin.FRESH,
        family=Family.OUTPUT,
        ground=ground,
    )
    if frame.grad_off:
        cell = cell._replace(sources=frozenset())
    return (frame.make(node, "output", cell),)


def unknown_call(frame: Frame, shape: Shape, node: Site) -> Value:
    """A call of which nothing is known: it reads, and gives something computed from what it was given."""
    values = [*shape.args, *shape.keywords.values()]
    for value in values:
        no_longer_new(frame, value)
    sources, attached = sources_of(frame, values)
    cell = Cell(
        Kind.UNKNOWN, 0, attached=frame.attached(attached and MAYBE), sources=bounded(sources), made=Origin.CALLED
    )
    given = tuple(r for v in values for r in refs_of(v) if frame.here.heap[r.obj].kind is Kind.MODULE)
    return (frame.make(node, "called", cell._replace(slots={".given": given} if given else {})),)


def passed(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Value:
    """The arguments themselves, one or a tuple."""
    values = [shape.args[i] for i in effect.of if i < len(shape.args)]
    if len(values) == 1:
        return values[0]
    return (frame.make(node, "passed", Cell(Kind.TUPLE, 3, slots={f"[{i}]": v for i, v in enumerate(values)})),)


def context(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Value:
    """A context manager."""
    return (frame.make(node, "context", Cell(Kind.CONTEXT, 3, family=effect.family)),)


def plain(value: Value) -> Callable[[Frame, Effect, Shape, Site], Value]:
    """A result that never differs."""
    return lambda frame, effect, shape, node: value


def unknown(frame: Frame, effect: Effect, shape: Shape, node: Site) -> Value:
    """Nothing known."""
    return unknown_call(frame, shape, node)
