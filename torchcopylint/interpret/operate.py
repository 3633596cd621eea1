"""Operators: arithmetic makes something fresh, comparisons masks, in-place operators write."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from torchcopylint import ir
from torchcopylint.domain.family import Family, OfClass
from torchcopylint.domain.ground import Ground
from torchcopylint.domain.heap import NO, Cell
from torchcopylint.domain.identity import base_of, is_older
from torchcopylint.domain.kind import DATA, Kind
from torchcopylint.domain.layout import NO_FLAGS, Flag, Layout
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.sharing import Sharing
from torchcopylint.domain.use import ReadHow
from torchcopylint.domain.value import (
    NONE,
    NOTHING,
    SCALAR,
    Const,
    Cut,
    Element,
    Narrow,
    Ref,
    Scalar,
    Value,
    join_values,
    refs_of,
)
from torchcopylint.interpret.effects.action import replicate
from torchcopylint.interpret.effects.apply import apply
from torchcopylint.interpret.effects.history import keep
from torchcopylint.interpret.effects.overlap import note_computed
from torchcopylint.interpret.effects.result import fresh
from torchcopylint.interpret.effects.training import compare
from torchcopylint.interpret.state.access import everything
from torchcopylint.interpret.state.autograd import attach
from torchcopylint.interpret.state.footing import of_all
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Difference
from torchcopylint.interpret.state.mixed import note_asked
from torchcopylint.interpret.state.saved import save
from torchcopylint.interpret.state.touch import one_tensor, read, write, write_perhaps
from torchcopylint.ir.question import target_of
from torchcopylint.ir.site import Site
from torchcopylint.ir.syntax import Attribute, BinaryOperation, Subscript
from torchcopylint.models import method_effect
from torchcopylint.models.effect import Effect, Shape
from torchcopylint.models.language import Gives, Grad
from torchcopylint.models.tensor import operator_saves

COMPARED = ".compared"
"""Where a mask keeps what of an array was compared to make it."""


@lru_cache(maxsize=1024)
def _arithmetic(
    kind: Kind,
    proof: int,
    saves: tuple[tuple[int, int], ...] = (),
    family: Family | None = None,
    layout: frozenset[Flag] = NO_FLAGS,
) -> Effect:
    """What an operator does: something new, computed from both sides."""
    grad = Grad.FLOWS if kind is not Kind.NDARRAY else Grad.NEVER
    return Effect(Gives.FRESH, kind, proof, of=(0, 1), grad=grad, saves=saves, family=family, layout=layout)


def binary(frame: Frame, i: ir.Binary) -> None:
    """A binary operator."""
    left, right = frame.get(i.left), frame.get(i.right)
    frame.temps[i.dst] = combine(frame, left, right, i.op, i.node)


def combine(frame: Frame, left: Value, right: Value, op: str, node: Site) -> Value:
    """The value of a binary operator: arithmetic makes something fresh, `list * n` the same elements again."""
    read(frame, left, node, ReadHow.COMPUTED)
    read(frame, right, node, ReadHow.COMPUTED)
    kinds = {_kind(frame, left), _kind(frame, right)}
    if op == "@" and Kind.TENSOR in kinds:
        kinds |= {_learn_factor(frame, value, other) for value, other in ((left, right), (right, left))}
    if kinds <= {Kind.SCALAR}:
        return SCALAR
    if kinds & {Kind.LIST, Kind.TUPLE, Kind.PARAMS} and not kinds & DATA:
        return _sequence(frame, left, right, op, node)
    layers = [r for v in (left, right) for r in refs_of(v) if frame.here.heap[r.obj].family == OfClass("Sequential")]
    if op == "*" and len(layers) == 1:
        return _repeated_layers(frame, layers[0], left, right, node)
    kind = Kind.TENSOR if Kind.TENSOR in kinds else Kind.NDARRAY if Kind.NDARRAY in kinds else Kind.UNKNOWN
    proof = max((_proof(frame, v) for v in (left, right) if _kind(frame, v) == kind), default=0)
    # Of a power by a tensor autograd keeps the result.
    tensors = op == "**" and not all(isinstance(element, Const | Scalar) for element in right)
    saves = operator_saves(op, Shape((left, right), kinds=(_kind(frame, left), _kind(frame, right))))
    effect = _arithmetic(kind, proof, saves, Family.SAVED if tensors else None)
    value = fresh(frame, effect, Shape((left, right)), node)
    for ref in refs_of(value):
        frame.update(ref.obj, ground=of_all(frame, (left, right)))
    save(frame, effect, Shape((left, right)), node, value)
    if op == "-":
        frame.log.graph.differences.update({r.obj: Difference(left, right) for r in refs_of(value)})
    elif op == "+" and isinstance(node, BinaryOperation) and _of_a_place(node):
        frame.log.graph.sums.update({r.obj: Difference(left, right) for r in refs_of(value)})
    elif op == "**" and right == (Const(2),):
        squared(frame, left, node)
    _note_growth(frame, value, (left, right), node)
    return value


def _learn_factor(frame: Frame, value: Value, other: Value) -> Kind:
    """What is multiplied by a tensor with `@` is one itself: a number or a list cannot be."""
    cell = frame.cell(value[0]) if len(value) == 1 else None
    proof = min(_proof(frame, other), 2)
    if cell is not None and not cell.mixed and cell.kind in (Kind.UNKNOWN, Kind.TENSOR) and proof > cell.proof:
        for ref in refs_of(value) if _kind(frame, other) is Kind.TENSOR else ():
            frame.update(ref.obj, kind=Kind.TENSOR, proof=proof, ground=Ground.GUESSED)
    return _kind(frame, value)


def _of_a_place(node: BinaryOperation) -> bool:
    """`self.total + x`, `x + totals[k]`: such a sum may be put back where it was taken."""
    return isinstance(node.left, Attribute | Subscript) or isinstance(node.right, Attribute | Subscript)


def squared(frame: Frame, value: Value, node: Site) -> None:
    """`(prediction - target) ** 2` compares as a loss function does."""
    for ref in refs_of(value):
        sides = frame.log.graph.differences.get(ref.obj)
        if sides is not None:
            compare(frame, sides.left, sides.right, node)


def _note_growth(frame: Frame, value: Value, operands: tuple[Value, ...], node: Site) -> None:
    """`total = total + loss`: what this place made in an earlier iteration goes into what it makes now."""
    made = {base_of(r.obj) for r in refs_of(value)}
    for n, operand in enumerate(operands):
        if any(is_older(r.obj) and base_of(r.obj) in made for r in refs_of(operand)):
            keep_total(frame, operands[1 - n], made, node, operand)


def keep_total(frame: Frame, added: Value, into: set[int], node: Site, total: Value) -> None:
    """Something is added to a running total."""
    names = [frame.program.handles.of(r.hand).name for r in refs_of(total)]
    holder = tuple(r for r in refs_of(total) if base_of(r.obj) in into)
    keep(frame, holder, added, node, next((n for n in names if n), ""))


def _sequence(frame: Frame, left: Value, right: Value, op: str, node: Site) -> Value:
    lists = [r for v in (left, right) for r in refs_of(v)]
    rest: Value = NOTHING
    for ref in lists:
        cell = frame.here.heap[ref.obj]
        rest = join_values(rest, (ref,) if cell.kind is Kind.PARAMS else everything(cell))
    kind = Kind.TUPLE if Kind.TUPLE in (_kind(frame, left), _kind(frame, right)) else Kind.LIST
    made = frame.make(node, "sequence", Cell(kind, 3, rest=rest))
    if op == "*" and not (_is_one(left) or _is_one(right)):
        replicate(frame, rest, node, made.obj, repeated=True)
    return (made,)


def _repeated_layers(frame: Frame, layers: Ref, left: Value, right: Value, node: Site) -> Value:
    """`nn.Sequential(...) * n`: the very same layers again."""
    cell = frame.here.heap[layers.obj]
    made = frame.make(node, "repeated", cell._replace(made=Origin.FRESH))
    if not (_is_one(left) or _is_one(right)):
        replicate(frame, everything(cell), node, made.obj, repeated=True)
    return (made,)


def _is_one(value: Value) -> bool:
    return value == (Const(1),)


def _kind(frame: Frame, value: Value) -> Kind:
    found = {_element_kind(frame, e) for e in value}
    found -= {Kind.NONE} if len(found) > 1 else set()
    return found.pop() if len(found) == 1 else Kind.TENSOR if found == {Kind.TENSOR, Kind.SCALAR} else Kind.UNKNOWN


def _element_kind(frame: Frame, element: Element) -> Kind:
    if isinstance(element, Const):
        return Kind.NONE if element.value is None else Kind.SCALAR
    if isinstance(element, Scalar | Narrow | Cut):
        return Kind.SCALAR
    cell = frame.cell(element)
    return cell.kind if cell is not None else Kind.UNKNOWN


def _proof(frame: Frame, value: Value) -> int:
    return min((c.proof for r in refs_of(value) if (c := frame.cell(r)) is not None), default=0)


def unary(frame: Frame, i: ir.Unary) -> None:
    """A unary operator."""
    value = frame.get(i.src)
    if i.op == "not":
        flipped = tuple(Narrow(e.name, e.kinds, not e.holds) if type(e) is Narrow else e for e in value)
        frame.temps[i.dst] = flipped if any(type(e) is Narrow for e in flipped) else SCALAR
    elif len(value) == 1 and isinstance(value[0], Const) and isinstance(value[0].value, int | float) and i.op == "-":
        frame.temps[i.dst] = (Const(-value[0].value),)
    elif _kind(frame, value) is Kind.SCALAR:
        frame.temps[i.dst] = SCALAR
    elif i.op in "+-" and _kind(frame, value) is Kind.TENSOR:
        _signed(frame, i, value)
    else:
        read(frame, value, i.node)
        kind = _kind(frame, value)
        masks = i.op == "~" and any((c := frame.cell(r)) and Layout.MASK in c.layout for r in refs_of(value))
        layout = frozenset({Layout.MASK} if masks else ())
        effect = _arithmetic(kind, _proof(frame, value), layout=layout)
        frame.temps[i.dst] = fresh(frame, effect, Shape((value,)), i.node)


def _signed(frame: Frame, i: ir.Unary, value: Value) -> None:
    """`+x` or `-x` of a tensor."""
    shape = Shape((value,), traits=frame.layout(value[0]) if len(value) == 1 else NO_FLAGS)
    effect = method_effect(Kind.TENSOR, "__pos__" if i.op == "+" else "__neg__", shape)
    assert effect is not None
    frame.temps[i.dst] = apply(frame, replace(effect, proof=min(effect.proof, _proof(frame, value))), shape, i.node)


def comparison(frame: Frame, i: ir.Compare) -> None:
    """A comparison: of tensors a mask, of None a test."""
    left, right = frame.get(i.left), frame.get(i.right)
    none = i.op in ("is", "is not") and right == NONE
    if none:
        note_asked(frame, left)
    read(frame, left, i.node, ReadHow.TESTED if none else ReadHow.COMPUTED)
    keyed = i.op in ("in", "not in") and _kind(frame, right) in (Kind.DICT, Kind.STATE_DICT)
    read(frame, right, i.node, ReadHow.ASKED if keyed else ReadHow.COMPUTED)
    if i.op in ("is", "is not", "in", "not in"):
        frame.temps[i.dst] = _none_test(i, left) if none else SCALAR
        return
    kinds = {_kind(frame, left), _kind(frame, right)} & DATA
    if not kinds:
        frame.temps[i.dst] = SCALAR
        return
    kind = Kind.TENSOR if Kind.TENSOR in kinds else Kind.NDARRAY
    proof = max(_proof(frame, left), _proof(frame, right))
    ground = of_all(frame, (left, right))
    rows = tuple(ref for ref in refs_of((*left, *right)) if _perhaps_number(frame, ref))
    slots = {COMPARED: rows} if rows else {}
    layout = frozenset({Layout.MASK})
    mask = Cell(kind, proof, attached=NO, layout=layout, made=Origin.FRESH, ground=ground, slots=slots)
    frame.temps[i.dst] = (frame.make(i.node, "mask", mask),)


def _perhaps_number(frame: Frame, ref: Ref) -> bool:
    """Whether it is what a loop or an index takes out of an array: of one of a single dimension, a number."""
    cell = frame.here.heap[ref.obj]
    taken = (Sharing.ROW, Sharing.INDEX)
    return cell.kind is Kind.NDARRAY and any(h.how in taken for h in frame.program.handles.chain(ref.hand)[:2])


def _none_test(i: ir.Compare, left: Value) -> Value:
    if i.left[0] != "%":
        return (Narrow(i.left, (Kind.NONE,), i.op == "is"),)
    return SCALAR


def augment(frame: Frame, i: ir.Augment) -> None:
    """An in-place operator: on tensors a write, on numbers a new value."""
    target, value = frame.get(i.target), frame.get(i.value)
    read(frame, value, i.node)
    kept: list[Element] = []
    rest: list[Element] = []
    for element in target:
        cell = frame.cell(element)
        written = cell is not None and cell.kind in DATA and cell.proof >= 1
        (kept if written or (cell is not None and cell.kind is Kind.LIST and i.op == "+=") else rest).append(element)
    if kept:
        _augment_in_place(frame, i, tuple(kept), value)
    elif not i.item:
        write_perhaps(frame, target, i.node, arithmetic=True)
    if i.item and not kept and i.op in ("+=", "-="):
        keep_total(frame, value, set(), i.node, target)
    made = combine(frame, tuple(rest), value, i.op[:-1], i.node) if rest else NOTHING
    frame.temps[i.dst] = join_values(tuple(kept), made)


def _augment_in_place(frame: Frame, i: ir.Augment, target: Value, value: Value) -> None:
    note_computed(frame, target, value, i.node)
    growing = i.op in ("+=", "-=") and all(_older(frame, ref) for ref in refs_of(target))
    alone = refs_of(target)[:1] if len(target) == 1 or one_tensor(frame, target) else ()
    for ref in refs_of(target):
        cell = frame.here.heap[ref.obj]
        if cell.kind is Kind.LIST:
            for other in refs_of(value):
                frame.update(ref.obj, rest=join_values(cell.rest, everything(frame.here.heap[other.obj])))
            continue
        birth = frame.program.births.get(base_of(ref.obj))
        held = frame.program.handles.of(ref.obj).how in (Sharing.ITEM, Sharing.ATTRIBUTE)
        if not i.item or held or birth is None or birth.node is not target_of(i.node):
            write(frame, (ref,), i.node, arithmetic=True, alone=ref in alone)
        if growing:
            keep_total(frame, value, {base_of(ref.obj)}, i.node, (ref,))
        attach(frame, (ref,), [value])


def _older(frame: Frame, ref: Ref) -> bool:
    """Whether an object is from before this iteration of the innermost loop."""
    birth = frame.program.births.get(base_of(ref.obj))
    rounds = tuple(r.node for r in frame.rounds)
    if birth is None or not rounds:
        return False
    return birth.rounds == rounds[: len(birth.rounds)] and (len(birth.rounds) < len(rounds) or is_older(ref.obj))
