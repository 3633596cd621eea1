"""Running averages: `average = 0.9 * average + 0.1 * value`, in the forms that people write."""

from __future__ import annotations

from torchcopylint.domain.heap import NO, YES
from torchcopylint.domain.identity import Id, base_of, is_older
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.value import Value, refs_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Averaged
from torchcopylint.ir.question import method_of, receiver_of, targets_of, text_of, value_of
from torchcopylint.ir.site import Site
from torchcopylint.ir.syntax import (
    Attribute,
    AugmentedAssign,
    BinaryOperation,
    Call,
    Conditional,
    Expression,
    Float,
    Integer,
    Name,
    Subscript,
)


def note_average(frame: Frame, node: Site, holders: frozenset[Id], old: Value, value: Value) -> None:
    """A statement stores an attached value; it is noted where that is an average of what it replaces and more."""
    if frame.grad_off or not value or (expression := _averaged(node)) is None:
        return
    found = [
        (r.obj, c) for r in refs_of(value) if (c := frame.cell(r)) is not None and c.kind in (Kind.TENSOR, Kind.UNKNOWN)
    ]
    if expression is not value_of(node):
        births = frame.program.births
        found = [(obj, c) for obj, c in found if births[base_of(obj)].node is expression]
    attached = max((c.attached for _, c in found), default=NO)
    if attached == NO:
        return
    made = frozenset(base_of(obj) for obj, _ in found)
    back = {base_of(r.obj) for r in refs_of(old) if is_older(r.obj) and frame.here.heap[r.obj].attached != NO}
    frame.log.graph.averages[node] = Averaged(
        node=node,
        expression=expression,
        name=text_of(_target(node)),
        added=_added(expression, _target(node)),
        made=made,
        holders=holders,
        rounds=tuple(r.node for r in frame.rounds),
        returned=bool(back & made),
        sources=frozenset(base_of(s) for _, c in found for s in c.sources),
        sure=attached == YES,
    )


def _target(node: Site) -> Expression | None:
    """The one thing that a statement assigns to."""
    targets = targets_of(node)
    return targets[0] if len(targets) == 1 else None


def _averaged(node: Site) -> Expression | None:
    """The assigned expression, where it is an average of the target and something else."""
    expression, target = value_of(node), _target(node)
    if isinstance(expression, Conditional):  # `x if self.mean is None else 0.9 * self.mean + 0.1 * x`
        arms = (expression.body, expression.orelse)
        expression = next((arm for arm in arms if not _is(arm, target) and _added(arm, target)), expression)
    if not isinstance(expression, BinaryOperation | Call) or isinstance(node, AugmentedAssign):
        return None
    if not isinstance(target, Name | Attribute | Subscript):
        return None
    return expression if _added(expression, target) else None


def _is(node: Expression | None, target: Expression | None) -> bool:
    """Whether a node is written as the target is; most are distinguished without making text of them."""
    if isinstance(node, Name) and isinstance(target, Name):
        return node.name == target.name
    if isinstance(node, Attribute) and isinstance(target, Attribute):
        return node.attr == target.attr and _is(node.value, target.value)
    if isinstance(node, Subscript) and isinstance(target, Subscript):
        return _is(node.value, target.value) and text_of(node) == text_of(target)
    return False


def _added(expression: Expression | None, target: Expression | None) -> str:
    """What is averaged into the target, as written; "" where the expression is no average of the target."""
    if isinstance(expression, Call):
        return _interpolated(expression, target)
    left, right, sign = _sides(expression)
    if sign == "/" and _sides(left)[2] == "+":
        return _one_of(left, target, weighted=False)
    if sign in ("+", "-") and _is(left, target):
        return _difference(right, target)
    return _one_of(expression, target, weighted=True) if sign == "+" else ""


def _one_of(total: Expression | None, target: Expression | None, weighted: bool) -> str:
    """`a * target + b * value`, either way round; the value need not be weighted where all is divided."""
    left, right, _ = _sides(total)
    for old, new in ((left, right), (right, left)):
        factors = _sides(old)
        if factors[2] == "*" and (_is(factors[0], target) or _is(factors[1], target)):
            a, b, sign = _sides(new)
            if sign == "*":
                return _heavier(a, b)
            return "" if weighted else text_of(new)
    return ""


def _difference(step: Expression | None, target: Expression | None) -> str:
    """The value of `a * (value - target)`, as it is added to the target or taken from it."""
    for factor in _sides(step)[:2]:
        left, right, sign = _sides(factor)
        if sign == "-" and (_is(left, target) or _is(right, target)):
            return text_of(right if _is(left, target) else left)
    return ""


def _interpolated(call: Call, target: Expression | None) -> str:
    """The value of `target.lerp(value, weight)` and `torch.lerp(target, value, weight)`."""
    if method_of(call) != "lerp":
        return ""
    given = [argument.value for argument in call.args]
    if _is(receiver_of(call), target):
        return text_of(given[0]) if given else ""
    return text_of(given[1]) if len(given) > 1 and _is(given[0], target) else ""


def _sides(expression: Expression | None) -> tuple[Expression | None, Expression | None, str]:
    if not isinstance(expression, BinaryOperation):
        return None, None, ""
    return expression.left, expression.right, expression.operator


def _heavier(a: Expression | None, b: Expression | None) -> str:
    """Of a weight and what it weighs, the latter: a number, or a difference from one, is a weight."""
    weight = isinstance(a, Integer | Float) or _sides(a)[2] == "-" or len(text_of(a)) == 1
    other = isinstance(b, Integer | Float) or _sides(b)[2] == "-"
    return text_of(a if other and not weight else b)
