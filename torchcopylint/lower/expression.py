"""Expressions → instructions; the answer is the operand that holds the value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torchcopylint.ir import (
    Argument,
    Augment,
    Binary,
    Build,
    BuildDict,
    Call,
    Compare,
    If,
    Instruction,
    LoadAttr,
    LoadItem,
    MakeFunction,
    Move,
    Operand,
    Slice,
    Unary,
    Yield,
    syntax,
)
from torchcopylint.ir.kind import BuildKind
from torchcopylint.ir.question import last_name
from torchcopylint.lower.comprehension import comprehension
from torchcopylint.lower.handed import note_call
from torchcopylint.lower.scope import Scope
from torchcopylint.lower.target import assign

_MOST_ELEMENTS = 64


_STEADY_CALLS = frozenset({"isinstance", "hasattr", "callable", "issubclass"})


def lower_expression(scope: Scope, node: syntax.Expression) -> Operand:
    """Emit what computes the expression; the operand that holds it."""
    return _LOWERINGS.get(type(node), _opaque)(scope, node)


def _opaque(scope: Scope, node: syntax.Expression) -> Operand:
    return scope.const(node, None)


_NAMED_CONSTANTS = {"True": True, "False": False, "None": None}


def _name(scope: Scope, node: syntax.Name) -> Operand:
    if node.name in _NAMED_CONSTANTS:
        return scope.const(node, _NAMED_CONSTANTS[node.name])
    return scope.read(node.name)


def _number(scope: Scope, node: syntax.Integer | syntax.Float) -> Operand:
    return scope.const(node, node.number)


def _imaginary(scope: Scope, node: syntax.Imaginary) -> Operand:
    return scope.const(node, 0.5)


def _string(scope: Scope, node: syntax.String) -> Operand:
    return scope.const(node, node.value)


def _ellipsis(scope: Scope, node: syntax.EllipsisLiteral) -> Operand:
    return scope.const(node, ...)


def _joined(scope: Scope, node: syntax.JoinedStrings) -> Operand:
    lower_expression(scope, node.left)
    lower_expression(scope, node.right)
    dst = scope.temp()
    scope.emit(Build(node, dst, BuildKind.TEXT, ()))
    return dst


def _formatted(scope: Scope, node: syntax.FormattedString) -> Operand:
    items = tuple(Argument(lower_expression(scope, value)) for value in node.values)
    dst = scope.temp()
    scope.emit(Build(node, dst, BuildKind.TEXT, items))
    return dst


def _attribute(scope: Scope, node: syntax.Attribute, called: bool = False) -> Operand:
    obj = lower_expression(scope, node.value)
    attr = node.attr
    scope.use(obj, attr, called)
    if not obj.startswith("%"):
        for reads in scope.reads:
            reads.names.add(f"{obj}.{attr}")
    dst = scope.temp()
    if not obj.startswith("%"):
        scope.dotted[dst] = f"{obj}.{attr}"
    scope.emit(LoadAttr(node, dst, obj, attr, called))
    return dst


def lower_index(scope: Scope, node: syntax.Subscript) -> Operand:
    """What stands between the brackets; several parts become a tuple."""
    parts = [_index_part(scope, index) for index in node.indices]
    if node.single:
        return parts[0].value
    dst = scope.temp()
    scope.emit(Build(node, dst, BuildKind.TUPLE, tuple(parts)))
    return dst


def _index_part(scope: Scope, index: syntax.Index) -> Argument:
    part = index.value
    if not isinstance(part, syntax.Slice):
        return Argument(lower_expression(scope, part), star=int(index.star))
    bounds = tuple(
        lower_expression(scope, bound) if bound is not None else scope.const(part, None)
        for bound in (part.lower, part.upper, part.step)
    )
    dst = scope.temp()
    scope.emit(Slice(part, dst, bounds))
    return Argument(dst)


def _subscript(scope: Scope, node: syntax.Subscript) -> Operand:
    obj = lower_expression(scope, node.value)
    index = lower_index(scope, node)
    dst = scope.temp()
    scope.emit(LoadItem(node, dst, obj, index))
    scope.note(obj, "[]")
    return dst


def _call(scope: Scope, node: syntax.Call) -> Operand:
    if isinstance(node.func, syntax.Attribute):
        func = _attribute(scope, node.func, called=True)
    else:
        func = lower_expression(scope, node.func)
        scope.attributes.add(func)
    if func not in _STEADY_CALLS:
        for reads in scope.reads:
            reads.varies = True
    args = tuple(Argument(lower_expression(scope, arg.value), arg.keyword, arg.star) for arg in node.args)
    scope.attributes.update(argument.keyword for argument in args if argument.keyword)
    if node.args and not _is_literal(node.args[0].value):
        scope.attributes.add(f"{_last_part(node.func)}()")
    dst = scope.temp()
    note_call(scope, node, func, args, dst)
    scope.emit(Call(node, dst, func, args))
    return dst


def _last_part(func: syntax.Expression) -> str:
    """The name that is called, or the attribute; "" for what is neither."""
    if isinstance(func, syntax.Attribute):
        return func.attr
    return func.name if isinstance(func, syntax.Name) else ""


def _is_literal(node: syntax.Expression) -> bool:
    """Whether an expression is a number, a text, or a display of such."""
    if isinstance(node, syntax.List | syntax.Tuple):
        return all(_is_literal(element.value) for element in node.elements)
    if isinstance(node, syntax.UnaryOperation):
        return _is_literal(node.operand)
    return isinstance(node, syntax.Integer | syntax.Float | syntax.String)


def _binary(scope: Scope, node: syntax.BinaryOperation) -> Operand:
    spine: list[syntax.BinaryOperation] = []
    left: syntax.Expression = node
    while isinstance(left, syntax.BinaryOperation):
        spine.append(left)
        left = left.left
    value = lower_expression(scope, left)
    for part in reversed(spine):
        right = lower_expression(scope, part.right)
        if part.operator == "*":
            _note_repeating(scope, part.left, part.right)
        dst = scope.temp()
        scope.compute(dst, value, part.operator, right)
        scope.emit(Binary(part, dst, part.operator, value, right))
        value = dst
    return value


_WITH_PARTS = frozenset({"Sequential", "ModuleList"})
"""Classes whose instances can be multiplied as a list can."""


def _note_repeating(scope: Scope, left: syntax.Expression, right: syntax.Expression) -> None:
    """Remember that a list, or a call or name that may stand for something with parts, is multiplied by a number."""
    sides = (left, right)
    if isinstance(left, syntax.List) or isinstance(right, syntax.List):
        scope.attributes.add("[] *")
    elif any(_may_have_parts(scope, side) for side in sides):
        scope.attributes.add("* n")


def _may_have_parts(scope: Scope, side: syntax.Expression) -> bool:
    if isinstance(side, syntax.Call):
        return last_name(side) in _WITH_PARTS
    return isinstance(side, syntax.Name) and side.name in scope.lists


def _unary(scope: Scope, node: syntax.UnaryOperation) -> Operand:
    src = lower_expression(scope, node.operand)
    dst = scope.temp()
    scope.emit(Unary(node, dst, node.operator, src))
    return dst


def _comparison(scope: Scope, node: syntax.Comparison) -> Operand:
    left = lower_expression(scope, node.left)
    dst = left
    for operator, other in node.others:
        right = lower_expression(scope, other)
        dst = scope.temp()
        scope.emit(Compare(node, dst, operator, left, right))
        left = right
    return dst


def _boolean(scope: Scope, node: syntax.BooleanOperation) -> Operand:
    left = lower_expression(scope, node.left)
    dst = scope.temp()
    scope.emit(Move(node, dst, left))
    with scope.nested() as block:
        right = lower_expression(scope, node.right)
        scope.emit(Move(node, dst, right))
    keep: tuple[Instruction, ...] = ()
    body = tuple(block)
    if node.operator == "and":
        scope.emit(If(node, left, body, keep))
    else:
        scope.emit(If(node, left, keep, body))
    return dst


def _conditional(scope: Scope, node: syntax.Conditional) -> Operand:
    with scope.test() as reads:
        test = lower_expression(scope, node.test)
    dst = scope.temp()
    with scope.nested() as body:
        scope.emit(Move(node, dst, lower_expression(scope, node.body)))
    with scope.nested() as orelse:
        scope.emit(Move(node, dst, lower_expression(scope, node.orelse)))
    scope.emit(If(node, test, tuple(body), tuple(orelse), frozenset(reads.names), reads.varies))
    return dst


def lower_elements(scope: Scope, elements: tuple[syntax.Element, ...]) -> tuple[Argument, ...]:
    """The elements of a display, starred ones marked."""
    return tuple(Argument(lower_expression(scope, e.value), star=int(e.star)) for e in elements[:_MOST_ELEMENTS])


def _display(kind: BuildKind) -> Callable[[Scope, Any], Operand]:
    def build(scope: Scope, node: syntax.Display) -> Operand:
        items = lower_elements(scope, node.elements)
        dst = scope.temp()
        scope.emit(Build(node, dst, kind, items))
        return dst

    return build


def _dict(scope: Scope, node: syntax.Dict) -> Operand:
    items: list[tuple[Operand | None, Operand]] = []
    for item in node.items:
        key = lower_expression(scope, item.key) if item.key is not None else None
        items.append((key, lower_expression(scope, item.value)))
    dst = scope.temp()
    scope.emit(BuildDict(node, dst, tuple(items)))
    return dst


def _lambda(scope: Scope, node: syntax.Lambda) -> Operand:
    from torchcopylint.lower.definition import lower_lambda

    dst = scope.temp()
    scope.emit(MakeFunction(node, dst, lower_lambda(scope, node)))
    return dst


def _walrus(scope: Scope, node: syntax.NamedExpression) -> Operand:
    value = lower_expression(scope, node.value)
    assign(scope, node.target, value, node)
    return value


def _yield(scope: Scope, node: syntax.Yield) -> Operand:
    scope.generator = True
    value = node.value.iterable if isinstance(node.value, syntax.From) else node.value
    src = lower_expression(scope, value) if value is not None else None
    dst = scope.temp()
    scope.emit(Yield(node, dst, src))
    return dst


def _await(scope: Scope, node: syntax.Await) -> Operand:
    return lower_expression(scope, node.awaited)


def lower_augmented(
    scope: Scope, node: syntax.AugmentedAssign, loaded: Operand, value: Operand, item: bool = False
) -> Operand:
    """Emit the in-place operator of `target op= value`."""
    dst = scope.temp()
    scope.emit(Augment(node, dst, f"{node.operator}=", loaded, value, item))
    return dst


_LOWERINGS: dict[type[syntax.Expression], Callable[[Scope, Any], Operand]] = {
    syntax.Name: _name,
    syntax.Integer: _number,
    syntax.Float: _number,
    syntax.Imaginary: _imaginary,
    syntax.String: _string,
    syntax.JoinedStrings: _joined,
    syntax.FormattedString: _formatted,
    syntax.EllipsisLiteral: _ellipsis,
    syntax.Attribute: _attribute,
    syntax.Subscript: _subscript,
    syntax.Call: _call,
    syntax.BinaryOperation: _binary,
    syntax.UnaryOperation: _unary,
    syntax.Comparison: _comparison,
    syntax.BooleanOperation: _boolean,
    syntax.Conditional: _conditional,
    syntax.Tuple: _display(BuildKind.TUPLE),
    syntax.List: _display(BuildKind.LIST),
    syntax.Set: _display(BuildKind.SET),
    syntax.Dict: _dict,
    syntax.ListComprehension: comprehension(BuildKind.LIST),
    syntax.SetComprehension: comprehension(BuildKind.SET),
    syntax.DictComprehension: comprehension(None),
    syntax.Generator: comprehension(BuildKind.GENERATOR),
    syntax.Lambda: _lambda,
    syntax.NamedExpression: _walrus,
    syntax.Yield: _yield,
    syntax.Await: _await,
}


__all__ = ["lower_augmented", "lower_elements", "lower_expression", "lower_index"]
