"""What each instruction does to the state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from torchcopylint import ir
from torchcopylint.heap import MAYBE, NO, Cell
from torchcopylint.interpret import flow
from torchcopylint.interpret.access import DATA, everything, key_of, load_attr, load_item, unpack
from torchcopylint.interpret.action import compare, keep, replicate, unlink
from torchcopylint.interpret.apply import apply, attach, fresh
from torchcopylint.interpret.call import call
from torchcopylint.interpret.classes import classify
from torchcopylint.interpret.effectful import fate, read, sources_of, write
from torchcopylint.interpret.frame import Exhausted, Frame
from torchcopylint.models import evidence, method_effect
from torchcopylint.models.effect import Effect, Shape
from torchcopylint.value import (
    NONE,
    NOTHING,
    SCALAR,
    UNKNOWN,
    Bound,
    Callee,
    ClassOf,
    Const,
    Cut,
    Element,
    Named,
    Narrow,
    Ref,
    Scalar,
    Value,
    join_values,
    refs_of,
)

_ARITHMETIC = Effect("fresh", "unknown", of=(0, 1))


def run(frame: Frame, block: ir.Block) -> None:
    """Interpret a block until its end or a jump."""
    for instruction in block:
        if frame.state is None:
            return
        frame.fuel -= 1
        if frame.fuel < 0:
            raise Exhausted(frame.function.qualname)
        TRANSFER[type(instruction)](frame, instruction)


def _const(frame: Frame, i: ir.Const) -> None:
    frame.temps[i.dst] = (Const(i.value),)


def _move(frame: Frame, i: ir.Move) -> None:
    value = frame.get(i.src)
    if i.dst[0] == "%":
        frame.here.env[i.dst] = value
        return
    frame.here.env[i.dst] = bind(frame, value, i.dst, i.node, i.src[0] == "%", i.annotation)


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


def _load_attr(frame: Frame, i: ir.LoadAttr) -> None:
    value = load_attr(frame, frame.get(i.obj), i.attr, i.node, i.called)
    found: Value = NOTHING
    for element in value:
        if type(element) is Bound and element.tag == "property":
            found = join_values(found, _property(frame, element, i.node))
        else:
            found = join_values(found, (element,))
    frame.temps[i.dst] = found


def _property(frame: Frame, element: Bound, node: object) -> Value:
    cell = frame.cell(element.receiver)
    shape = Shape(((element.receiver,),))
    effect = method_effect(cell.kind if cell is not None else "unknown", element.attr, shape)
    if effect is None or effect.result in ("scalar", "none"):
        return SCALAR
    return apply(frame, effect, shape, node)


def _store_attr(frame: Frame, i: ir.StoreAttr) -> None:
    value = frame.get(i.src)
    owners = refs_of(frame.get(i.obj))
    name = f"{_text(frame, i.obj)}.{i.attr}"
    if i.attr == "data" and any(frame.here.heap[o.obj].kind == "tensor" for o in owners):
        _store_data(frame, owners, value)
        return
    if i.attr == "requires_grad":
        return
    if i.aug:
        for owner in owners:
            if owner.obj in frame.program.selves:
                keep(frame, (owner,), value, i.node, f"total {name}")
    else:
        value = bind(frame, value, name, i.node, i.src[0] == "%" and _fresh_here(frame, value, i.node), i.annotation)
        fate(frame, value, "kept")
    for owner in owners:
        cell = frame.here.heap[owner.obj]
        if i.attr == "requires_grad_" or cell.kind == "super":
            continue
        old = cell.slots.get(f".{i.attr}", NOTHING)
        if not i.aug and _modules(frame, value):
            gone = {r for o in refs_of(old) for r in frame.here.heap[o.obj].regions}
            if cell.kind == "module":
                gone |= {(*r, f".{i.attr}") for r in cell.regions}
            unlink(frame, owner, frozenset(gone), i.node, "replaced")
        _check_cached(frame, owner, cell, value, i)
        _note_alias(frame, owner, cell, value, i)
        merged = value if len(owners) == 1 and not owner.obj & 1 else join_values(old, value)
        frame.update(owner.obj, slots={**frame.here.heap[owner.obj].slots, f".{i.attr}": merged})


def _check_cached(frame: Frame, owner: Ref, cell: Cell, value: Value, i: ir.StoreAttr) -> None:
    if cell.kind == "module" and frame.function.name == "forward":
        for ref in refs_of(value):
            found = frame.cell(ref)
            if found is not None and found.kind == "tensor" and found.attached and not found.leaf:
                frame.log.cached[i.attr] = (i.node, found.attached, ref.obj)


def _note_alias(frame: Frame, owner: Ref, cell: Cell, value: Value, i: ir.StoreAttr) -> None:
    """`self.target = self.online`, `self.best = model.state_dict()`: what other methods of the class may rely on."""
    if owner.obj not in frame.program.selves or i.aug:
        return
    for ref in refs_of(value):
        found = frame.cell(ref)
        handle = frame.program.handles.of(ref.hand)
        if found is not None and found.kind == "module" and handle.how == "same object" and handle.parent is not None:
            source = frame.program.handles.of(handle.parent).name
            frame.log.aliased[id(i.node)] = (i.node, ref.obj, i.attr, source)
        elif found is not None and found.kind == "state_dict" and found.made in ("live", "shallow", "built"):
            frame.log.snapshots[id(i.node)] = (i.node, i.attr, ref.hand, "state_dict")
        elif found is not None and found.kind in ("dict", "list"):
            for inner in refs_of(everything(found)):
                how = frame.program.handles.of(inner.hand).how
                if how in ("the live weights", "detached", "its `.data`", "device") and _of_module(frame, inner):
                    frame.log.snapshots[id(i.node)] = (i.node, i.attr, inner.hand, found.kind)


def _of_module(frame: Frame, ref: Ref) -> bool:
    roots = (frame.here.heap.get(r[0]) for r in frame.here.heap[ref.obj].regions if isinstance(r[0], int))
    return any(root is not None and root.kind == "module" for root in roots)


def _fresh_here(frame: Frame, value: Value, node: object) -> bool:
    return all(not frame.program.handles.of(r.hand).name for r in refs_of(value))


def _modules(frame: Frame, value: Value) -> bool:
    """Whether the value brings weights of its own: a new module that has some to train, or a new parameter."""
    cells = [c for r in refs_of(value) if (c := frame.cell(r)) is not None]
    return any(
        c.family == "parameter" or (c.kind == "module" and c.made == "fresh" and c.family != "stateless")
        for c in cells
        if "frozen" not in c.layout
    )


def _store_data(frame: Frame, owners: tuple[Ref, ...], value: Value) -> None:
    for owner in owners:
        for ref in refs_of(value):
            frame.update(owner.obj, regions=frame.here.heap[owner.obj].regions | frame.here.heap[ref.obj].regions)


def _text(frame: Frame, operand: str) -> str:
    if operand[0] != "%":
        return operand.partition("~")[0]
    names = [frame.program.handles.of(r.hand).name for r in refs_of(frame.get(operand))]
    return next((n for n in names if n), "")


def _load_item(frame: Frame, i: ir.LoadItem) -> None:
    frame.temps[i.dst] = load_item(frame, frame.get(i.obj), frame.get(i.index), i.node, i.aug)


def _store_item(frame: Frame, i: ir.StoreItem) -> None:
    target, index, value = frame.get(i.obj), frame.get(i.index), frame.get(i.src)
    read(frame, value, i.node)
    fate(frame, value, "stored")
    data = tuple(r for r in refs_of(target) if frame.here.heap[r.obj].kind in DATA)
    if data:
        constant = all(isinstance(e, Const) for e in value)
        write(frame, data, i.node, arithmetic=i.aug, constant=constant, alone=len(target) == 1)
        attach(frame, data, *sources_of(frame, [value]))
    for ref in refs_of(target):
        cell = frame.here.heap[ref.obj]
        if ref not in data:
            _store_held(frame, ref, cell, index, value, i)


def _store_held(frame: Frame, ref: Ref, cell: Cell, index: Value, value: Value, i: ir.StoreItem) -> None:
    key = key_of(index)
    if cell.kind == "module" and _modules(frame, value):
        unlink(frame, ref, frozenset((*r, key or "*") for r in cell.regions), i.node, "replaced")
    if not key:
        keep(frame, (ref,), value, i.node, "store")
    else:
        frame.log.placed.update({r.obj & ~1: i.node for r in refs_of(value)})
    if i.aug:
        return
    if not key and cell.family == "of tensor":
        write(frame, (ref,), i.node)
    slots = dict(cell.slots)
    if key and not ref.obj & 1:
        slots[key] = value
        frame.update(ref.obj, slots=slots)
    else:
        frame.update(ref.obj, rest=join_values(cell.rest, value))
    frame.program.slot_stores.add(ref.obj & ~1)


def _call(frame: Frame, i: ir.Call) -> None:
    frame.temps[i.dst] = call(frame, i)


def _binary(frame: Frame, i: ir.Binary) -> None:
    left, right = frame.get(i.left), frame.get(i.right)
    frame.temps[i.dst] = combine(frame, left, right, i.op, i.node)


def combine(frame: Frame, left: Value, right: Value, op: str, node: object) -> Value:
    """The value of a binary operator: arithmetic makes something fresh, `list * n` the same elements again."""
    read(frame, left, node, "computed")
    read(frame, right, node, "computed")
    kinds = {_kind(frame, left), _kind(frame, right)}
    if kinds <= {"scalar"}:
        return SCALAR
    if kinds & {"list", "tuple", "params"} and not kinds & set(DATA):
        return _sequence(frame, left, right, op, node)
    kind = "tensor" if "tensor" in kinds else "ndarray" if "ndarray" in kinds else "unknown"
    proof = max((_proof(frame, v) for v in (left, right) if _kind(frame, v) == kind), default=0)
    effect = replace(_ARITHMETIC, kind=kind, proof=proof, grad="flows" if kind != "ndarray" else "never")
    value = fresh(frame, effect, Shape((left, right)), node)
    if op == "-":
        frame.log.differences.update({r.obj: (left, right) for r in refs_of(value)})
    elif op == "**" and right == (Const(2),):
        squared(frame, left, node)
    _note_growth(frame, value, (left, right), node)
    return value


def squared(frame: Frame, value: Value, node: object) -> None:
    """`(prediction - target) ** 2` compares as a loss function does."""
    for ref in refs_of(value):
        sides = frame.log.differences.get(ref.obj)
        if sides is not None:
            compare(frame, sides[0], sides[1], node)


def _note_growth(frame: Frame, value: Value, operands: tuple[Value, ...], node: object) -> None:
    """`total = total + loss`: what this place made in an earlier round goes into what it makes now."""
    made = {r.obj & ~1 for r in refs_of(value)}
    for n, operand in enumerate(operands):
        if any(r.obj & 1 and r.obj & ~1 in made for r in refs_of(operand)):
            keep_total(frame, operands[1 - n], made, node, operand)


def keep_total(frame: Frame, added: Value, into: set[int], node: object, total: Value) -> None:
    """Something is added to a running total."""
    names = [frame.program.handles.of(r.hand).name for r in refs_of(total)]
    holder = tuple(r for r in refs_of(total) if r.obj & ~1 in into)
    keep(frame, holder, added, node, f"total {next((n for n in names if n), '')}".strip())


def _sequence(frame: Frame, left: Value, right: Value, op: str, node: object) -> Value:
    lists = [r for v in (left, right) for r in refs_of(v)]
    rest: Value = NOTHING
    for ref in lists:
        cell = frame.here.heap[ref.obj]
        rest = join_values(rest, (ref,) if cell.kind == "params" else everything(cell))
    kind = "tuple" if _kind(frame, left) == "tuple" else "list"
    made = frame.make(node, "sequence", Cell(kind, 3, rest=rest))
    if op == "*" and not (_is_one(left) or _is_one(right)):
        replicate(frame, rest, node, "list", made.obj)
    return (made,)


def _is_one(value: Value) -> bool:
    return value == (Const(1),)


def _kind(frame: Frame, value: Value) -> str:
    found = {_element_kind(frame, e) for e in value}
    found -= {"none"} if len(found) > 1 else set()
    return found.pop() if len(found) == 1 else "tensor" if found == {"tensor", "scalar"} else "unknown"


def _element_kind(frame: Frame, element: Element) -> str:
    if isinstance(element, Const):
        return "none" if element.value is None else "scalar"
    if isinstance(element, Scalar | Narrow | Cut):
        return "scalar"
    cell = frame.cell(element)
    return cell.kind if cell is not None else "unknown"


def _proof(frame: Frame, value: Value) -> int:
    return min((c.proof for r in refs_of(value) if (c := frame.cell(r)) is not None), default=0)


def _unary(frame: Frame, i: ir.Unary) -> None:
    value = frame.get(i.src)
    if i.op == "not":
        flipped = tuple(Narrow(e.name, e.kinds, not e.holds) if type(e) is Narrow else e for e in value)
        frame.temps[i.dst] = flipped if any(type(e) is Narrow for e in flipped) else SCALAR
    elif len(value) == 1 and isinstance(value[0], Const) and isinstance(value[0].value, int | float) and i.op == "-":
        frame.temps[i.dst] = (Const(-value[0].value),)
    elif _kind(frame, value) == "scalar":
        frame.temps[i.dst] = SCALAR
    else:
        read(frame, value, i.node)
        kind = _kind(frame, value)
        masks = i.op == "~" and any((c := frame.cell(r)) and "mask" in c.layout for r in refs_of(value))
        layout = frozenset({"mask"} if masks else ())
        effect = replace(_ARITHMETIC, kind=kind, proof=_proof(frame, value), layout=layout)
        frame.temps[i.dst] = fresh(frame, effect, Shape((value,)), i.node)


def _compare(frame: Frame, i: ir.Compare) -> None:
    left, right = frame.get(i.left), frame.get(i.right)
    none = i.op in ("is", "is not") and right == NONE
    read(frame, left, i.node, "tested" if none else "computed")
    read(frame, right, i.node, "computed")
    if i.op in ("is", "is not", "in", "not in"):
        frame.temps[i.dst] = _none_test(i, left) if none else SCALAR
        return
    kinds = {_kind(frame, left), _kind(frame, right)} & set(DATA)
    if not kinds:
        frame.temps[i.dst] = SCALAR
        return
    kind = "tensor" if "tensor" in kinds else "ndarray"
    proof = max(_proof(frame, left), _proof(frame, right))
    mask = Cell(kind, proof, attached=NO, layout=frozenset({"mask"}), made="fresh")
    frame.temps[i.dst] = (frame.make(i.node, "mask", mask),)


def _none_test(i: ir.Compare, left: Value) -> Value:
    if i.left[0] != "%":
        return (Narrow(i.left, ("none",), i.op == "is"),)
    return SCALAR


def _augment(frame: Frame, i: ir.Augment) -> None:
    target, value = frame.get(i.target), frame.get(i.value)
    read(frame, value, i.node)
    kept: list[Element] = []
    rest: list[Element] = []
    for element in target:
        cell = frame.cell(element)
        written = cell is not None and cell.kind in DATA and cell.proof >= 1
        (kept if written or (cell is not None and cell.kind == "list" and i.op == "+=") else rest).append(element)
    if kept:
        _augment_in_place(frame, i, tuple(kept), value)
    if i.item and not kept:
        keep_total(frame, value, set(), i.node, target)
    made = combine(frame, tuple(rest), value, i.op[:-1], i.node) if rest else NOTHING
    frame.temps[i.dst] = join_values(tuple(kept), made)


def _augment_in_place(frame: Frame, i: ir.Augment, target: Value, value: Value) -> None:
    growing = i.op in ("+=", "-=") and all(_older(frame, ref) for ref in refs_of(target))
    for ref in refs_of(target):
        cell = frame.here.heap[ref.obj]
        if cell.kind == "list":
            for other in refs_of(value):
                frame.update(ref.obj, rest=join_values(cell.rest, everything(frame.here.heap[other.obj])))
            continue
        birth = frame.program.births.get(ref.obj & ~1)
        if not i.item or birth is None or birth[0] is not getattr(i.node, "target", None):
            write(frame, (ref,), i.node, arithmetic=True, alone=len(target) == 1)
        if growing:
            keep_total(frame, value, {ref.obj & ~1}, i.node, (ref,))
        attach(frame, (ref,), *sources_of(frame, [value]))


def _older(frame: Frame, ref: Ref) -> bool:
    """Whether an object is from before this round of the innermost loop."""
    birth = frame.program.births.get(ref.obj & ~1)
    rounds = tuple(r.node for r in frame.rounds)
    if birth is None or not rounds:
        return False
    return birth[1] == rounds[: len(birth[1])] and (len(birth[1]) < len(rounds) or bool(ref.obj & 1))


def _build(frame: Frame, i: ir.Build) -> None:
    if i.kind == "text":
        for item in i.items:
            read(frame, frame.get(item.value), i.node, "shown")
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
    kind = "list" if i.kind == "generator" else i.kind
    frame.temps[i.dst] = (frame.make(i.node, "built", Cell(kind, 3, slots=slots, rest=rest, layout=_CLOSED)),)


_CLOSED = frozenset({"closed"})


def _build_dict(frame: Frame, i: ir.BuildDict) -> None:
    slots: dict[str, Value] = {}
    rest: Value = NOTHING
    shared: set[tuple[int | str, ...]] = set()
    layout = _CLOSED
    for key, operand in i.items:
        value = frame.get(operand)
        if key is None:
            for ref in refs_of(value):
                cell = frame.here.heap[ref.obj]
                rest = join_values(rest, everything(cell))
                if cell.kind == "state_dict" and not everything(cell):
                    shared |= cell.regions
                layout = frozenset()
        elif name := key_of(frame.get(key)):
            slots[name] = value
        else:
            rest = join_values(rest, value)
    how = "a shallow copy" if shared else ""
    made = frame.make(i.node, "built", Cell("dict", 3, slots=slots, rest=rest, layout=layout, made="built"), how)
    if shared:
        unpacked = [r for key, operand in i.items if key is None for r in refs_of(frame.get(operand))]
        frame.program.handles.of(made.hand).parent = unpacked[0].hand if unpacked else None
        frame.update(made.obj, kind="state_dict", regions=frozenset(shared), made="shallow")
    frame.temps[i.dst] = (made,)


def _append(frame: Frame, i: ir.Append) -> None:
    value = frame.get(i.value)
    for ref in refs_of(frame.get(i.container)):
        cell = frame.here.heap[ref.obj]
        frame.update(ref.obj, rest=join_values(cell.rest, value))
        for held in refs_of(value):
            frame.log.homes.setdefault(held.hand & ~1, ref.hand)
    if i.key is None:
        keep(frame, frame.get(i.container), value, i.node, "append")
    _note_repeated(frame, value, i)


def _note_repeated(frame: Frame, value: Value, i: ir.Append) -> None:
    """`[layer for _ in range(n)]`: the element is older than the comprehension and does not depend on its round."""
    current = frame.rounds[-1] if frame.rounds else None
    if current is None or current.kind != "comprehension" or i.key is not None or current.over[:5] != "range":
        return
    for ref in refs_of(value):
        birth = frame.program.births.get(ref.obj & ~1)
        if birth is not None and current.node not in birth[1] and not i.value.partition("~")[2]:
            cell = frame.here.heap[ref.obj]
            if cell.kind == "module" and ref.obj not in frame.program.selves and not ref.obj & 1:
                replicate(frame, (ref,), i.node, "comprehension", ref.obj)


def _slice(frame: Frame, i: ir.Slice) -> None:
    parts = [frame.get(part) for part in i.parts]
    shown = [str(p[0].value) if len(p) == 1 and isinstance(p[0], Const) else "?" for p in parts]
    frame.temps[i.dst] = (Cut(":".join("" if s == "None" else s for s in shown)),)


def _unpack(frame: Frame, i: ir.Unpack) -> None:
    value = frame.get(i.src)
    for dst, part in zip(i.dsts, unpack(frame, value, len(i.dsts), i.star, i.node), strict=True):
        frame.temps[dst] = part


def _import(frame: Frame, i: ir.Import) -> None:
    if i.dst != "*":
        frame.here.env[i.dst] = (Named(i.name),)


def _function(frame: Frame, i: ir.MakeFunction) -> None:
    code = frame.program.code(i.function, frame.function.qualname)
    value: Value = (Callee(code),)
    frame.program.define(frame, i.function)
    if i.dst[0] == "%":
        frame.temps[i.dst] = value
    else:
        frame.here.env[i.dst] = value


def _class(frame: Frame, i: ir.MakeClass) -> None:
    frame.here.env[i.dst] = (ClassOf(classify(frame, i.cls)),)


def _return(frame: Frame, i: ir.Return) -> None:
    if i.src is not None:
        value = frame.get(i.src)
        read(frame, value, i.node, "returned")
        fate(frame, value, "returned")
        frame.returned = join_values(frame.returned, value)
    else:
        frame.returned = join_values(frame.returned, NONE)
    frame.exits.append(frame.here)
    frame.state = None


def _yield(frame: Frame, i: ir.Yield) -> None:
    if i.src is not None:
        value = frame.get(i.src)
        read(frame, value, i.node, "returned")
        fate(frame, value, "returned")
    frame.temps[i.dst] = UNKNOWN


def _discard(frame: Frame, i: ir.Discard) -> None:
    value = frame.get(i.src)
    if frame.protected:
        frame.log.protected.add(id(i.node))
    for ref in refs_of(value):
        cell = frame.here.heap[ref.obj]
        handle = frame.program.handles.of(ref.hand)
        if ref.hand & ~1 == ref.obj & ~1 and handle.node is i.node and len(value) == 1:
            frame.log.discarded[id(i.node)] = (i.node, ref.obj, cell)


def _delete(frame: Frame, i: ir.Delete) -> None:
    frame.here.env.pop(i.name, None)


def _jump(frame: Frame, i: ir.Jump) -> None:
    if i.kind == "break" and frame.breaks:
        frame.breaks[-1].append(frame.here)
    elif i.kind == "continue" and frame.continues:
        frame.continues[-1].append(frame.here)
    frame.state = None


TRANSFER: dict[type[ir.Instruction], Callable[[Frame, Any], None]] = {
    ir.Const: _const,
    ir.Move: _move,
    ir.LoadAttr: _load_attr,
    ir.StoreAttr: _store_attr,
    ir.LoadItem: _load_item,
    ir.StoreItem: _store_item,
    ir.Call: _call,
    ir.Binary: _binary,
    ir.Unary: _unary,
    ir.Compare: _compare,
    ir.Augment: _augment,
    ir.Build: _build,
    ir.BuildDict: _build_dict,
    ir.Append: _append,
    ir.Slice: _slice,
    ir.Unpack: _unpack,
    ir.Import: _import,
    ir.MakeFunction: _function,
    ir.MakeClass: _class,
    ir.Return: _return,
    ir.Yield: _yield,
    ir.Discard: _discard,
    ir.Delete: _delete,
    ir.Jump: _jump,
    ir.If: flow.branch,
    ir.Loop: flow.loop,
    ir.Try: flow.attempt,
    ir.With: flow.within,
}
flow.RUN.append(run)
__all__ = ["MAYBE", "run"]
