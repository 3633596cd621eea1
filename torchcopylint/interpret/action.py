"""What calls do beyond their value: descend through the graph, step, load, append, freeze."""

from __future__ import annotations

from collections.abc import Callable

from torchcopylint.heap import NO, YES, Cell
from torchcopylint.interpret.effectful import fate, read, sources_of, touch, write
from torchcopylint.interpret.frame import Frame
from torchcopylint.interpret.log import Compared, Kept, Write
from torchcopylint.lower import text_of
from torchcopylint.models.effect import Effect, Shape
from torchcopylint.value import (
    NOTHING,
    SCALAR,
    Callee,
    ClassOf,
    Const,
    Id,
    Named,
    Narrow,
    Ref,
    Region,
    Value,
    const_of,
    join_values,
    refs_of,
)

Answer = Value | None


def _on(effect: Effect, shape: Shape, n: int = 0) -> Value:
    index = effect.on[n] if n < len(effect.on) else 99
    return shape.args[index] if index < len(shape.args) else NOTHING


def _backward(frame: Frame, effect: Effect, shape: Shape, node: object) -> Answer:
    given = [_on(effect, shape, n) for n in range(len(effect.on))]
    sources, _ = sources_of(frame, given)
    for value in given:
        for ref in refs_of(value):
            cell = frame.here.heap[ref.obj]
            if cell.kind in ("tensor", "unknown") and not frame.grad_off:
                frame.update(ref.obj, attached=YES, kind="tensor", proof=max(cell.proof, 2))
                sources |= {ref.obj}
    frame.log.backwarded |= {i & ~1 for i in sources}
    frame.log.roots |= {r.obj & ~1 for value in given for r in refs_of(value)}
    frame.log.backward_rounds[id(node)] = tuple(r.node for r in frame.rounds)
    frame.last_backward = sources
    if shape.flag("create_graph"):
        frame.log.second_order = True
    return None


def _differentiates(frame: Frame, effect: Effect, shape: Shape, node: object) -> Answer:
    if shape.flag("create_graph"):
        frame.log.second_order = True
    return None


def _steps(frame: Frame, effect: Effect, shape: Shape, node: object) -> Answer:
    regions: set[Region] = set()
    for ref in refs_of(_on(effect, shape)):
        cell = frame.cell(ref)
        if cell is None:
            continue
        for held in refs_of(cell.slots.get(".held", NOTHING)):
            regions |= frame.here.heap[held.obj].regions
        _check_link(frame, ref, _owned_by(frame, _on(effect, shape)), node)
        trains(frame, ref, frozenset({(ref.obj,)}), node)
    if not regions:
        for source in frame.last_backward:
            found = frame.here.heap.get(source)
            if found is not None and found.kind == "module":
                regions |= found.regions
    for ref in refs_of(_on(effect, shape))[:1]:
        trains(frame, ref, frozenset(regions), node)
    frame.log.stepped |= {tuple(p & ~1 if isinstance(p, int) else p for p in r) for r in regions}
    frame.log.step_rounds[id(node)] = tuple(r.node for r in frame.rounds)
    return None


def trains(frame: Frame, ref: Ref, regions: frozenset[Region], node: object) -> None:
    """The weights in these regions are changed by training."""
    if not regions:
        return
    number = frame.program.ids.of(frame.function, node, f"train {min(map(str, regions))}")
    frame.log.writes[number] = Write(
        node,
        ref.hand,
        ref.obj,
        "",
        "train",
        regions,
        True,
        tuple(r.node for r in frame.rounds),
        guarded=frame.guards > 0,
    )
    for obj, cell in frame.here.heap.items():
        if cell.made == "copied" and any(r[0] == obj for r in regions):
            fate(frame, (Ref(obj, obj),), "trained")
    touch(frame, regions, number)


def _owned_by(frame: Frame, optimizers: Value) -> set[int | str]:
    """The modules whose parameters any of these optimizers holds."""
    held = [h for ref in refs_of(optimizers) for h in refs_of(frame.here.heap[ref.obj].slots.get(".held", NOTHING))]
    return {r[0] for h in held for r in frame.here.heap[h.obj].regions}


def _check_link(frame: Frame, ref: Ref, owned: set[int | str], node: object) -> None:
    """An optimizer that steps a module which was copied or made anew, where what was descended through is the new."""
    for source in frame.last_backward:
        found = frame.here.heap.get(source)
        if found is None or found.kind != "module" or found.made not in ("copied", "fresh"):
            continue
        names = {frame.program.handles.of(o).name for o in owned if isinstance(o, int)}
        same = frame.program.handles.of(source).name in names - {""}
        copied = found.of & owned and not owned & frame.last_backward
        if owned and (copied or same) and not {source, source & ~1, source | 1} & owned:
            birth = frame.program.births.get(source & ~1)
            if birth is not None:
                frame.log.relinked[id(birth[0])] = ("copied", birth[0], source, ref.hand, node)


def _holds(frame: Frame, effect: Effect, shape: Shape, node: object) -> Answer:
    held = shape.value(0, "params")
    fate(frame, held, "trained")
    regions_of = _parameters_in(frame, held, 5)
    _trained_copies(frame, regions_of)
    plain = effect.family == "SGD" and not shape.keywords.keys() & {"momentum", "nesterov"} and len(shape.args) < 3
    family = "plain SGD" if plain else effect.family
    made = frame.make(node, "fresh", Cell("optimizer", 3, slots={".held": regions_of}, made="fresh", family=family))
    return (made,)


def _parameters_in(frame: Frame, value: Value, depth: int) -> Value:
    """The parameters among a list, a list of groups, or what else an optimizer is made from."""
    found: Value = NOTHING
    for ref in refs_of(value):
        cell = frame.cell(ref)
        if cell is None:
            continue
        if cell.kind in ("list", "dict", "tuple", "set", "items") and depth:
            for inner in (cell.rest, *cell.slots.values()):
                found = join_values(found, _parameters_in(frame, inner, depth - 1))
        else:
            found = join_values(found, (ref,))
    return found


def _holds_more(frame: Frame, effect: Effect, shape: Shape, node: object) -> Answer:
    for ref in refs_of(shape.value(0)):
        cell = frame.here.heap[ref.obj]
        more = join_values(cell.slots.get(".held", NOTHING), _parameters_in(frame, shape.value(1, "param_group"), 5))
        frame.update(ref.obj, slots={**cell.slots, ".held": more})
        for key, (_, _, _, optimizer, _) in list(frame.log.relinked.items()):
            if optimizer == ref.obj:
                del frame.log.relinked[key]
    return None


def _trained_copies(frame: Frame, value: Value) -> None:
    roots = {r[0] for ref in refs_of(value) for r in frame.here.heap[ref.obj].regions}
    for root in roots:
        cell = frame.here.heap.get(root) if isinstance(root, int) else None
        if isinstance(root, int) and cell is not None and cell.made == "copied":
            fate(frame, (Ref(root, root),), "trained")


def _loads(frame: Frame, effect: Effect, shape: Shape, node: object) -> Answer:
    target, source = _on(effect, shape), _on(effect, shape, 1)
    fate(frame, source, "loaded", deep=False)
    args = getattr(node, "args", ())
    frame.log.loaded_names |= {text_of(args[0].value)} if args else set()
    if not _own_state(frame, target, source):
        write(frame, target, node, kind="load")
    return None


def _own_state(frame: Frame, target: Value, source: Value) -> bool:
    """`m.load_state_dict(s)` where s refers to m's own weights changes nothing."""
    mine = {r for ref in refs_of(target) for r in frame.here.heap[ref.obj].regions}
    given = [r for ref in refs_of(source) for r in frame.here.heap[ref.obj].regions]
    return bool(given) and all(r in mine for r in given)


def _relinks(frame: Frame, effect: Effect, shape: Shape, node: object) -> Answer:
    for ref in refs_of(_on(effect, shape)):
        unlink(frame, ref, frame.here.heap[ref.obj].regions, node, "assigned")
    return None


def unlink(frame: Frame, ref: Ref, regions: frozenset[Region], node: object, how: str) -> None:
    """The parameters in these regions are replaced: note the optimizers made from the old ones."""
    for obj, cell in frame.here.heap.items():
        if cell.kind != "optimizer":
            continue
        for held in refs_of(cell.slots.get(".held", NOTHING)):
            inside = frame.here.heap[held.obj].regions
            if any(r[: len(h)] == h for r in regions for h in inside):
                frame.log.relinked[id(node)] = (how, node, ref.hand, obj, None)


def _appends(frame: Frame, effect: Effect, shape: Shape, node: object) -> Answer:
    container, value = _on(effect, shape), _on(effect, shape, 1)
    fate(frame, value, "stored")
    keep(frame, container, value, node, "append")
    for ref in refs_of(container):
        cell = frame.here.heap[ref.obj]
        for held in refs_of(value):
            frame.log.homes.setdefault(held.hand & ~1, ref.hand)
        if frame.program.replicated.get(ref.obj & ~1, 0) not in frame.program.slot_stores | {0}:
            frame.program.changed.add(ref.obj & ~1)
        frame.update(ref.obj, rest=join_values(cell.rest, value))
    return None


def _extends(frame: Frame, effect: Effect, shape: Shape, node: object) -> Answer:
    from torchcopylint.interpret.access import everything

    for ref in refs_of(_on(effect, shape)):
        for held in refs_of(_on(effect, shape, 1)):
            frame.log.homes.setdefault(held.hand & ~1, ref.hand)
        for other in refs_of(_on(effect, shape, 1)):
            cell, more = frame.here.heap[ref.obj], frame.here.heap[other.obj]
            fate(frame, everything(more), "stored")
            keep(frame, (ref,), everything(more), node, "extend")
            frame.update(ref.obj, rest=join_values(cell.rest, everything(more)))
    return None


def keep(frame: Frame, container: Value, value: Value, node: object, how: str) -> None:
    """A tensor is put into something that may outlive this round of the loop."""
    objects: set[Id] = set()
    sources: set[Id] = set()
    attached = NO
    for ref in refs_of(value):
        cell = frame.cell(ref)
        if cell is None:
            continue
        if cell.kind in ("tensor", "unknown"):
            objects.add(ref.obj & ~1)
            sources |= {s & ~1 for s in cell.sources}
            attached = max(attached, cell.attached)
        elif cell.kind in ("dict", "tuple", "list"):
            for inner in (*cell.slots.values(), cell.rest):
                for deep in refs_of(inner):
                    found = frame.cell(deep)
                    if found is not None and found.kind in ("tensor", "unknown") and found.attached:
                        objects.add(deep.obj & ~1)
                        node = frame.log.placed.get(deep.obj & ~1, node)
                        attached = max(attached, found.attached)
    if not objects or not attached or frame.grad_off:
        return
    names = [frame.program.handles.of(r.hand).name for r in refs_of(container)]
    shown = [frame.program.handles.of(r.hand).name for r in refs_of(value)]
    frame.log.kept[id(node)] = Kept(
        node=node,
        name=next((n for n in names if n), ""),
        objects=frozenset(objects),
        sources=frozenset(sources),
        into=frozenset(r.obj & ~1 for r in refs_of(container)),
        rounds=tuple(r.node for r in frame.rounds),
        source=next((s for s in shown if s), ""),
        how=how,
        attached=attached,
        over=frame.rounds[-1].over if frame.rounds else "",
    )


def _clears(frame: Frame, effect: Effect, shape: Shape, node: object) -> Answer:
    for ref in refs_of(_on(effect, shape)):
        frame.update(
            ref.obj, rest=NOTHING, slots={k: v for k, v in frame.here.heap[ref.obj].slots.items() if k[0] == "."}
        )
    return None


def _freezes(frame: Frame, effect: Effect, shape: Shape, node: object) -> Answer:
    for ref in refs_of(_on(effect, shape)):
        cell = frame.here.heap[ref.obj]
        frame.update(ref.obj, layout=cell.layout | {"frozen"}, attached=NO if cell.kind == "tensor" else cell.attached)
        _freeze_owner(frame, cell)
    return None


def _freeze_owner(frame: Frame, cell: Cell) -> None:
    if cell.family == "parameter":
        for region in cell.regions:
            owner = frame.here.heap.get(region[0]) if isinstance(region[0], int) else None
            if owner is not None and owner.kind == "module" and isinstance(region[0], int):
                frame.update(region[0], layout=owner.layout | {"frozen"})


def _requires(frame: Frame, effect: Effect, shape: Shape, node: object) -> Answer:
    for ref in refs_of(_on(effect, shape)):
        cell = frame.here.heap[ref.obj]
        if cell.kind == "tensor" and cell.attached != YES:
            frame.update(ref.obj, attached=YES, leaf=True)
    return None


def _compares(frame: Frame, effect: Effect, shape: Shape, node: object) -> Answer:
    compare(frame, shape.value(effect.on[0], "input"), shape.value(effect.on[1], "target"), node)
    return None


def compare(frame: Frame, prediction: Value, target: Value, node: object) -> None:
    """A prediction is held against a target."""
    if frame.grad_off:
        return
    sources, _ = sources_of(frame, [prediction])
    for ref in refs_of(target)[:1]:
        cell = frame.cell(ref)
        if cell is not None and cell.kind in ("tensor", "unknown"):
            frame.log.compared[id(node)] = Compared(
                node,
                frozenset(i & ~1 for i in sources),
                ref.obj & ~1,
                ref.hand,
                frozenset(i & ~1 for i in cell.sources),
                cell.attached,
                cell.proof,
            )


def _is_instance(frame: Frame, effect: Effect, shape: Shape, node: object) -> Answer:
    from torchcopylint.models.evidence import annotated_kind

    kinds: set[str] = set()
    for element in shape.value(1):
        found = frame.cell(element)
        inner = [e for v in found.slots.values() for e in v] if found is not None else [element]
        for part in inner:
            kinds.add(
                annotated_kind(part.name)[0]
                if isinstance(part, Named)
                else "class"
                if isinstance(part, ClassOf)
                else "unknown"
            )
    name = next((frame.program.handles.of(r.hand).name for r in refs_of(shape.value(0))), "")
    return (Narrow(name, tuple(sorted(kinds))),) if name else SCALAR


def _tests_tensor(frame: Frame, effect: Effect, shape: Shape, node: object) -> Answer:
    name = next((frame.program.handles.of(r.hand).name for r in refs_of(shape.value(0))), "")
    return (Narrow(name, ("tensor",)),) if name else SCALAR


def _gets(frame: Frame, effect: Effect, shape: Shape, node: object) -> Answer:
    from torchcopylint.interpret.access import load_attr

    attr = shape.const(1)
    return load_attr(frame, shape.value(0), attr, node, False) if isinstance(attr, str) else None


def _sets(frame: Frame, effect: Effect, shape: Shape, node: object) -> Answer:
    for ref in refs_of(shape.value(0)):
        cell = frame.here.heap[ref.obj]
        attr = shape.const(1)
        if isinstance(attr, str):
            frame.update(ref.obj, slots={**cell.slots, f".{attr}": shape.value(2) or SCALAR})
    return SCALAR


def _sets_default(frame: Frame, effect: Effect, shape: Shape, node: object) -> Answer:
    for ref in refs_of(shape.value(0)):
        cell = frame.here.heap[ref.obj]
        frame.update(ref.obj, rest=join_values(cell.rest, shape.value(2)))
    return None


def replicate(frame: Frame, value: Value, node: object, kind: str, into: Id) -> None:
    """The same objects now stand in several places."""
    for ref in refs_of(value):
        cell = frame.cell(ref)
        if cell is not None and cell.kind in ("module", "tensor", "list", "ndarray", "dict"):
            frame.program.replicated[ref.obj & ~1] = into
            frame.log.replicated[ref.obj & ~1] = (node, cell.kind, cell.family, cell.proof, ref.hand, kind, into)


def _replicates(frame: Frame, effect: Effect, shape: Shape, node: object) -> Answer:
    made = frame.make(node, "fromkeys", Cell("dict", 3, rest=shape.value(1) or SCALAR))
    replicate(frame, shape.value(1), node, "dict", made.obj)
    return (made,)


def _runs(frame: Frame, effect: Effect, shape: Shape, node: object) -> Answer:
    fate(frame, shape.value(0), "called")
    frame.log.ran.update({r.obj: not frame.grad_off for r in refs_of(shape.value(0))})
    module = frame.cell(shape.args[0][0]) if shape.args and shape.args[0] else None
    if module is not None and module.family == "loss" and len(shape.args) >= 3:
        compares = Effect("fresh", "tensor", of=(1, 2), on=(1, 2))
        _compares(frame, compares, shape, node)
    return None


def _saves(frame: Frame, effect: Effect, shape: Shape, node: object) -> Answer:
    fate(frame, shape.value(0), "saved")
    return None


def _registers(frame: Frame, effect: Effect, shape: Shape, node: object) -> Answer:
    name = const_of(shape.value(1, "name"))
    for ref in refs_of(shape.value(0)):
        if isinstance(name, str):
            cell = frame.here.heap[ref.obj]
            frame.update(ref.obj, slots={**cell.slots, f".{name}": shape.value(2, "tensor") or SCALAR})
            for held in refs_of(shape.value(2, "tensor")):
                if frame.here.heap[held.obj].family != "blank":
                    frame.update(held.obj, family="buffer")
    return None


def _fills_out(frame: Frame, effect: Effect, shape: Shape, node: object) -> Answer:
    out = shape.keywords.get("out", NOTHING)
    write(frame, out, node)
    return out or None


ACTIONS: dict[str, Callable[[Frame, Effect, Shape, object], Answer]] = {
    "backward": _backward,
    "differentiates": _differentiates,
    "steps": _steps,
    "holds": _holds,
    "holds more": _holds_more,
    "loads": _loads,
    "relinks": _relinks,
    "appends": _appends,
    "extends": _extends,
    "clears": _clears,
    "freezes": _freezes,
    "requires": _requires,
    "compares": _compares,
    "is instance": _is_instance,
    "is tensor": _tests_tensor,
    "gets attribute": _gets,
    "sets attribute": _sets,
    "sets default": _sets_default,
    "replicates": _replicates,
    "runs": _runs,
    "saves": _saves,
    "registers": _registers,
    "fills out": _fills_out,
}
__all__ = ["ACTIONS", "Callee", "Const", "keep", "read", "replicate", "trains", "unlink"]
