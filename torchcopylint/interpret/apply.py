"""Effects of calls, applied: results are made, arguments written, actions carried out."""

from __future__ import annotations

from collections.abc import Callable

from torchcopylint.heap import MAYBE, NO, YES, Cell
from torchcopylint.interpret.access import DATA, elements, everything, held_at, inherit
from torchcopylint.interpret.action import ACTIONS
from torchcopylint.interpret.effectful import fate, read, sources_of, write
from torchcopylint.interpret.frame import Frame
from torchcopylint.interpret.log import CopyMade
from torchcopylint.models.effect import Effect, Shape
from torchcopylint.models.module import gives_tensor
from torchcopylint.value import NONE, NOTHING, SCALAR, UNKNOWN, Const, Ref, Region, Value, join_values, refs_of


def apply(frame: Frame, effect: Effect, shape: Shape, node: object) -> Value:
    """Carry out an effect on these arguments; the call's value."""
    given = [*shape.args, *shape.keywords.values()]
    for i, value in enumerate(given):
        if i not in effect.writes:
            read(frame, value, node, _reading(effect, i))
    for i in effect.writes:
        if i < len(shape.args) and effect.act != "loads":
            write(frame, shape.args[i], node, arithmetic=_computes(node), constant=_constant(shape, node))
    if effect.writes and effect.act != "loads":
        _spread(frame, effect, shape)
    action = ACTIONS.get(effect.act)
    answer = action(frame, effect, shape, node) if action is not None else None
    if answer is not None:
        return answer
    value = RESULTS[effect.result](frame, effect, shape, node)
    if effect.pure and _proven(frame, shape) and "inplace" not in shape.keywords:
        frame.log.pure[id(node)] = frame.here.heap[refs_of(shape.args[0])[0].obj]
    if effect.copy:
        note_copy(frame, effect, shape, node, value)
    return value


def _proven(frame: Frame, shape: Shape) -> bool:
    first = frame.cell(shape.args[0][0]) if shape.args and len(shape.args[0]) == 1 else None
    return first is not None and first.kind in DATA and first.proof >= 2


def _reading(effect: Effect, i: int) -> str:
    named = {"runs": "called", "loads": "loaded", "saves": "saved", "steps": "stepped", "backward": "backward"}
    if effect.act in named and i in effect.on:
        return named[effect.act]
    if effect.act == "asks":
        return "asked"
    if effect.writes:
        return "computed"
    if effect.result in ("live", "same", "wrapped"):
        return "asked"
    if effect.result in ("view", "parts"):
        return "viewed"
    return "computed" if effect.kind == "tensor" or effect.result == "scalar" else "read"


def _computes(node: object) -> bool:
    return _last(node).rstrip("_") not in (
        "zero",
        "fill",
        "copy",
        "normal",
        "uniform",
        "set",
        "resize",
        "random",
        "bernoulli",
    )


def _constant(shape: Shape, node: object) -> bool:
    if _computes(node):
        return False
    return len(shape.args) < 2 or all(isinstance(e, Const) for v in shape.args[1:] for e in v)


def _spread(frame: Frame, effect: Effect, shape: Shape) -> None:
    """What is written from an attached value becomes attached itself."""
    others = [v for i, v in enumerate(shape.args) if i not in effect.writes]
    sources, attached = sources_of(frame, others)
    for i in effect.writes:
        if i < len(shape.args):
            attach(frame, shape.args[i], sources, attached)


def attach(frame: Frame, value: Value, sources: frozenset[int], attached: int) -> None:
    """The objects now hang on the graph as far as what was written into them does."""
    if frame.grad_off or not attached:
        return
    for ref in refs_of(value):
        cell = frame.cell(ref)
        if cell is not None and cell.kind in DATA and cell.family != "parameter":
            frame.update(ref.obj, attached=max(cell.attached, attached), sources=_few(cell.sources | sources))


def _few(sources: frozenset[int]) -> frozenset[int]:
    return sources if len(sources) <= 24 else frozenset(sorted(sources)[-24:])


def note_copy(frame: Frame, effect: Effect, shape: Shape, node: object, value: Value) -> None:
    """Remember that a copy was made of the first argument."""
    sources = refs_of(shape.args[0] if shape.args else NOTHING)
    cells = [frame.here.heap[ref.obj] for ref in sources]
    if not cells or len(cells) != len(shape.args[0]) or len({c.kind for c in cells}) > 1:
        return
    cell = min(cells, key=lambda c: c.proof)
    if effect.copy == "deepcopy":
        ran = frame.log.ran.get(sources[0].obj, False)
        inside = [(r.obj & ~1, frame.here.heap[r.obj]) for v in (*cell.slots.values(), cell.rest) for r in refs_of(v)]
        frame.log.deepcopied[id(node)] = (node, ran, cell, sources[0].hand, tuple(inside))
    for made in refs_of(value):
        frame.log.copied_from[made.obj & ~1] = sources[0].obj
        frame.log.copies[made.obj & ~1] = CopyMade(
            node=node,
            made=made.obj,
            how=effect.copy,
            kind=_copied_kind(frame, cell),
            proof=cell.proof,
            source=frame.program.handles.of(sources[0].hand).name,
            rounds=tuple(frame.rounds),
            guarded=frame.guards > 0,
        )


def _copied_kind(frame: Frame, cell: Cell) -> str:
    """A container of modules or tensors counts as what it holds."""
    if cell.kind in ("list", "dict", "tuple"):
        inner = {frame.here.heap[r.obj].kind for v in (*cell.slots.values(), cell.rest) for r in refs_of(v)}
        return "container" if inner & {"tensor", "module"} else cell.kind
    return cell.kind


def _of(effect: Effect, shape: Shape) -> list[Value]:
    keywords = list(shape.keywords.values()) if len(effect.of) > 1 else []
    return [shape.args[i] for i in effect.of if i < len(shape.args)] + keywords


def graph(frame: Frame, effect: Effect, values: list[Value]) -> tuple[int, frozenset[int]]:
    """(attached, sources) of a result computed from the values."""
    if effect.grad in ("leaf", "parameter"):
        return YES, frozenset()
    if effect.grad in ("cut", "never") or frame.grad_off:
        return NO, frozenset()
    sources, attached = sources_of(frame, values)
    return attached, _few(sources)


def fresh(frame: Frame, effect: Effect, shape: Shape, node: object) -> Value:
    """A new object with storage of its own."""
    values = _of(effect, shape)
    attached, sources = graph(frame, effect, values)
    if effect.kind == "scalars":
        return (frame.make(node, "fresh", Cell("list", effect.proof, rest=SCALAR)),)
    kind = effect.kind
    if effect.result == "fresh" and kind == "unknown" and any(_kind(frame, v) == "tensor" for v in values):
        kind = "tensor"
    cell = Cell(
        kind=kind,
        proof=effect.proof,
        attached=attached if kind in ("tensor", "unknown") else NO,
        leaf=effect.grad in ("leaf", "parameter"),
        sources=sources,
        family=effect.family,
        made=effect.copy or "fresh",
        layout=effect.layout,
    )
    return (frame.make(node, "fresh", cell, effect.how),)


def _kind(frame: Frame, value: Value) -> str:
    kinds = {cell.kind for ref in refs_of(value) if (cell := frame.cell(ref)) is not None}
    return kinds.pop() if len(kinds) == 1 else "unknown"


def _several(frame: Frame, effect: Effect, shape: Shape, node: object) -> Value:
    attached, sources = graph(frame, effect, _of(effect, shape))
    each = Cell("tensor", effect.proof, attached=attached, sources=sources, made="fresh", layout=effect.layout)
    item = frame.make(node, "each", each)
    return (frame.make(node, "several", Cell("tuple", 3, rest=(item,), layout=frozenset({"several"}))),)


def _view(frame: Frame, effect: Effect, shape: Shape, node: object) -> Value:
    found: Value = NOTHING
    for n, value in enumerate(_of(effect, shape)[:1] if len(effect.of) == 1 else _of(effect, shape)):
        for i, ref in enumerate(refs_of(value)):
            found = join_values(found, (_view_of(frame, effect, ref, node, f"view{n}.{i}"),))
    return found or fresh(frame, effect, shape, node)


def _view_of(frame: Frame, effect: Effect, ref: Ref, node: object, tag: str) -> Ref:
    cell = frame.here.heap[ref.obj]
    attached, sources = graph(frame, effect, [(ref,)])
    perhaps = effect.result == "perhaps"
    new = Cell(
        kind=effect.kind if effect.kind != "unknown" else cell.kind,
        proof=effect.proof if effect.kind != "unknown" else cell.proof,
        regions=cell.regions,
        sure="conditional" if perhaps or cell.sure == "conditional" else cell.sure,
        counter=cell.counter and effect.counter,
        attached=attached,
        leaf=effect.grad == "parameter",
        sources=sources,
        layout=(cell.layout - {"expanded"} if perhaps else cell.layout) | effect.layout,
        family="parameter" if effect.grad == "parameter" else "",
        made="conditional" if perhaps else "view",
        of=cell.of,
    )
    made = frame.make(node, tag, new, effect.how or "a view")
    frame.program.handles.of(made.hand).parent = ref.hand
    if perhaps and effect.how != "device":
        frame.update(made.obj, regions=cell.regions | {(made.obj,)})
    return made


def _parts(frame: Frame, effect: Effect, shape: Shape, node: object) -> Value:
    value = _view(frame, effect, shape, node)
    bases = refs_of(value)
    if not bases or any(frame.here.heap[b.obj].kind not in DATA for b in bases[:1]):
        return value
    cell = Cell("tuple", 3, rest=bases[:1], layout=frozenset({"parts"}), of=frozenset({bases[0].obj}))
    return (frame.make(node, "parts", cell, "several views"),)


def _same(frame: Frame, effect: Effect, shape: Shape, node: object) -> Value:
    values = [shape.args[i] for i in effect.of if i < len(shape.args)]
    return values[0] if values and values[0] else UNKNOWN


def _element(frame: Frame, effect: Effect, shape: Shape, node: object) -> Value:
    found: Value = NOTHING
    receiver = shape.args[0] if shape.args else UNKNOWN
    for element in receiver:
        cell = frame.cell(element)
        if cell is None or type(element) is not Ref:
            found = join_values(found, UNKNOWN)
        elif len(shape.args) > 1:
            found = join_values(found, held_at(frame, element, cell, shape.args[1], node))
        else:
            found = join_values(found, elements(frame, (element,), node, "next"))
    for value in shape.args[2:]:
        found = join_values(found, value)
    return found or UNKNOWN


def _pairs(frame: Frame, node: object, tag: str, left: Value, right: Value) -> Value:
    pair = frame.make(node, f"{tag} pair", Cell("tuple", 3, slots={"[0]": left, "[1]": right}))
    return (frame.make(node, tag, Cell("items", 3, rest=(pair,))),)


def _held_in(frame: Frame, value: Value, node: object) -> Value:
    found: Value = NOTHING
    for element in value:
        cell = frame.cell(element)
        if cell is None or type(element) is not Ref:
            continue
        if cell.kind == "state_dict" and cell.made != "copied" and not everything(cell):
            found = join_values(found, (_entry(frame, element, cell, node),))
        else:
            found = join_values(found, held_at(frame, element, cell, SCALAR, node))
    return found or UNKNOWN


def _entry(frame: Frame, ref: Ref, cell: Cell, node: object) -> Ref:
    regions = frozenset((*r, "*") for r in cell.regions)
    made = frame.make(node, "entry", Cell("tensor", 3, regions, sure=cell.sure, attached=NO), "the live weights")
    inherit(frame, ref, cell, made)
    return made


def _items(frame: Frame, effect: Effect, shape: Shape, node: object) -> Value:
    return _pairs(frame, node, "items", SCALAR, _held_in(frame, shape.args[0], node))


def _values(frame: Frame, effect: Effect, shape: Shape, node: object) -> Value:
    return (frame.make(node, "values", Cell("items", 3, rest=_held_in(frame, shape.args[0], node))),)


def _enumerated(frame: Frame, effect: Effect, shape: Shape, node: object) -> Value:
    inner = elements(frame, shape.args[0] if shape.args else UNKNOWN, node, "enumerated")
    made = _pairs(frame, node, "enumerate", SCALAR, inner)
    return _as_loader(frame, made, shape)


def _as_loader(frame: Frame, value: Value, shape: Shape) -> Value:
    if any(_kind(frame, v) == "loader" for v in shape.args):
        for ref in refs_of(value):
            frame.update(ref.obj, family="loader")
    return value


def _zipped(frame: Frame, effect: Effect, shape: Shape, node: object) -> Value:
    parts = [elements(frame, value, node, f"zip{i}") for i, value in enumerate(shape.args)]
    if effect.family == "chain":
        found: Value = NOTHING
        for part in parts:
            found = join_values(found, part)
        return (frame.make(node, "chain", Cell("list", 3, rest=found)),)
    row = frame.make(node, "zip row", Cell("tuple", 3, slots={f"[{i}]": part for i, part in enumerate(parts)}))
    return _as_loader(frame, (frame.make(node, "zip", Cell("items", 3, rest=(row,))),), shape)


def _copied(frame: Frame, effect: Effect, shape: Shape, node: object) -> Value:
    found: Value = NOTHING
    for i, element in enumerate(shape.args[0] if shape.args else UNKNOWN):
        cell = frame.cell(element)
        if cell is None or type(element) is not Ref:
            found = join_values(found, (element,))
            continue
        new = cell._replace(
            regions=frozenset(),
            sure="must",
            made="copied",
            of=frozenset({element.obj}),
            slots={},
            rest=NOTHING,
            layout=frozenset(),
            counter=True,
            attached=cell.attached if cell.leaf else NO,
            sources=frozenset(),
        )
        made = frame.make(node, f"copied{i}", new, "a deep copy")
        found = join_values(found, (made,))
    return found or UNKNOWN


def _shallow(frame: Frame, effect: Effect, shape: Shape, node: object) -> Value:
    value = next((v for i in effect.of if (v := shape.value(i))), NOTHING)
    if not value:
        return (frame.make(node, "shallow", Cell(_container(effect), 3, layout=frozenset({"closed"}))),)
    found: Value = NOTHING
    for i, element in enumerate(value):
        cell = frame.cell(element)
        if cell is None or type(element) is not Ref:
            found = join_values(found, UNKNOWN if not isinstance(element, Const) else SCALAR)
            continue
        found = join_values(found, (_shallow_of(frame, effect, element, cell, node, i),))
    return found or UNKNOWN


def _container(effect: Effect) -> str:
    return effect.kind if effect.kind != "unknown" else "list"


def _shallow_of(frame: Frame, effect: Effect, ref: Ref, cell: Cell, node: object, i: int) -> Ref:
    keeps = cell.kind in ("state_dict", "params", "dict", "module", "tensor", "object", "loader", "modules")
    kind = cell.kind if keeps else effect.kind if effect.kind != "unknown" else cell.kind
    shares = cell.kind in ("state_dict", "params", "module", "tensor", "loader", "unknown", "modules")
    rest = cell.rest
    if cell.kind in DATA and effect.kind in ("list", "tuple", "set"):
        kind, shares, rest = effect.kind, False, elements(frame, (ref,), node, f"rows{i}")
    made = frame.make(
        node,
        f"shallow{i}",
        cell._replace(kind=kind, regions=cell.regions if shares else frozenset(), made="shallow", rest=rest),
        effect.how or "a shallow copy",
    )
    frame.program.handles.of(made.hand).parent = ref.hand
    return made


def _held(frame: Frame, effect: Effect, shape: Shape, node: object) -> Value:
    rest: Value = NOTHING
    regions: set[Region] = set()
    for value in [*_of(effect, shape), *shape.keywords.values()]:
        for ref in refs_of(value):
            cell = frame.here.heap[ref.obj]
            inner = everything(cell) if cell.kind in ("list", "tuple", "items", "dict") else (ref,)
            rest = join_values(rest, inner)
            fate(frame, inner, "stored")
    for ref in refs_of(rest):
        regions |= frame.here.heap[ref.obj].regions
    made = frame.make(node, "held", Cell(effect.kind, effect.proof, rest=rest, family=effect.family, made="fresh"))
    frame.update(made.obj, regions=frozenset(regions) | {(made.obj,)})
    return (made,)


def _live(frame: Frame, effect: Effect, shape: Shape, node: object) -> Value:
    found: Value = NOTHING
    for i, element in enumerate(shape.args[0] if shape.args else UNKNOWN):
        cell = frame.cell(element)
        if cell is None or type(element) is not Ref:
            found = join_values(found, UNKNOWN)
            continue
        family = "named" if "named_" in _last(node) else cell.family if cell.kind == "optimizer" else cell.kind
        new = Cell(effect.kind, 3, cell.regions, attached=cell.attached, family=family, made="live", of=frozenset())
        made = frame.make(node, f"live{i}", new._replace(sources=frozenset({element.obj})), effect.how)
        frame.program.handles.of(made.hand).parent = element.hand
        found = join_values(found, (made,))
    return found


def _last(node: object) -> str:
    attr = getattr(getattr(node, "func", None), "attr", None)
    return str(getattr(attr, "value", ""))


def _output(frame: Frame, effect: Effect, shape: Shape, node: object) -> Value:
    """What a module returns: computed from its parameters and its arguments."""
    module = frame.cell(shape.args[0][0]) if shape.args and shape.args[0] else None
    sources, attached = sources_of(frame, shape.args[1:])
    proof = 0
    if module is not None and module.family not in ("stateless", "loss"):
        frozen = "frozen" in module.layout
        attached = max(attached, NO if frozen else YES if module.proof >= 2 else MAYBE)
        if not frozen:
            sources |= {ref.obj for ref in refs_of(shape.args[0])}
    if module is not None:
        proof = 3 if module.proof == 3 and gives_tensor(module.family) else min(module.proof, 2)
    cell = Cell(
        "tensor", proof, attached=frame.attached(attached), sources=_few(sources), made="fresh", family="output"
    )
    if frame.grad_off:
        cell = cell._replace(sources=frozenset())
    return (frame.make(node, "output", cell),)


def unknown_call(frame: Frame, shape: Shape, node: object) -> Value:
    """A call of which nothing is known: it reads, and gives something computed from what it was given."""
    values = [*shape.args, *shape.keywords.values()]
    sources, attached = sources_of(frame, values)
    cell = Cell("unknown", 0, attached=frame.attached(attached and MAYBE), sources=_few(sources), made="called")
    given = tuple(r for v in values for r in refs_of(v) if frame.here.heap[r.obj].kind == "module")
    return (frame.make(node, "called", cell._replace(slots={".given": given} if given else {})),)


def _passed(frame: Frame, effect: Effect, shape: Shape, node: object) -> Value:
    values = [shape.args[i] for i in effect.of if i < len(shape.args)]
    if len(values) == 1:
        return values[0]
    return (frame.make(node, "passed", Cell("tuple", 3, slots={f"[{i}]": v for i, v in enumerate(values)})),)


def _context(frame: Frame, effect: Effect, shape: Shape, node: object) -> Value:
    return (frame.make(node, "context", Cell("context", 3, family=effect.family)),)


def _plain(value: Value) -> Callable[[Frame, Effect, Shape, object], Value]:
    return lambda frame, effect, shape, node: value


def _unknown(frame: Frame, effect: Effect, shape: Shape, node: object) -> Value:
    return unknown_call(frame, shape, node)


RESULTS: dict[str, Callable[[Frame, Effect, Shape, object], Value]] = {
    "fresh": fresh,
    "several": _several,
    "view": _view,
    "perhaps": _view,
    "parts": _parts,
    "same": _same,
    "wrapped": _same,
    "element": _element,
    "items": _items,
    "values": _values,
    "enumerated": _enumerated,
    "zipped": _zipped,
    "copied": _copied,
    "shallow": _shallow,
    "held": _held,
    "live": _live,
    "output": _output,
    "passed": _passed,
    "context": _context,
    "scalar": _plain(SCALAR),
    "none": _plain(NONE),
    "unknown": _unknown,
}
