"""Expressions → instructions; the answer is the operand that holds the value."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst

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
)
from torchcopylint.lower.comprehension import comprehension
from torchcopylint.lower.scope import Scope
from torchcopylint.lower.target import assign
from torchcopylint.lower.text import dotted

_OPERATORS = {
    "Add": "+",
    "Subtract": "-",
    "Multiply": "*",
    "Divide": "/",
    "FloorDivide": "//",
    "Modulo": "%",
    "Power": "**",
    "MatrixMultiply": "@",
    "LeftShift": "<<",
    "RightShift": ">>",
    "BitAnd": "&",
    "BitOr": "|",
    "BitXor": "^",
}


_COMPARISONS = {
    "Equal": "==",
    "NotEqual": "!=",
    "LessThan": "<",
    "LessThanEqual": "<=",
    "GreaterThan": ">",
    "GreaterThanEqual": ">=",
    "In": "in",
    "NotIn": "not in",
    "Is": "is",
    "IsNot": "is not",
}


_UNARY = {"Not": "not", "Minus": "-", "Plus": "+", "BitInvert": "~"}


_TWO_SIDED = frozenset({"matmul", "bmm", "mm", "cross_entropy", "mse_loss", "l1_loss", "binary_cross_entropy"})


_MOST_ELEMENTS = 64


_STEADY_CALLS = frozenset({"isinstance", "hasattr", "callable", "issubclass"})


def operator_of(node: cst.CSTNode) -> str:
    """`+` for Add and AddAssign alike."""
    return _OPERATORS[type(node).__name__.removesuffix("Assign")]


def lower_expression(scope: Scope, node: cst.BaseExpression) -> Operand:
    """Emit what computes the expression; the operand that holds it."""
    return _LOWERINGS.get(type(node).__name__, _opaque)(scope, node)


def _opaque(scope: Scope, node: cst.BaseExpression) -> Operand:
    return scope.const(node, None)


def _name(scope: Scope, node: cst.Name) -> Operand:
    if node.value in ("True", "False", "None"):
        return scope.const(node, {"True": True, "False": False, "None": None}[node.value])
    return scope.read(node.value)


def _integer(scope: Scope, node: cst.Integer) -> Operand:
    return scope.const(node, int(node.value.replace("_", ""), 0) if len(node.value) < 100 else 0)


def _number(scope: Scope, node: cst.Float | cst.Imaginary) -> Operand:
    return scope.const(node, 0.5 if isinstance(node, cst.Imaginary) else float(node.value.replace("_", "")))


def _string(scope: Scope, node: cst.SimpleString) -> Operand:
    text = node.raw_value
    if "\\" in text and len(text) < 1000:
        try:
            return scope.const(node, ast.literal_eval(node.value))
        except (SyntaxError, ValueError):
            return scope.const(node, text)
    return scope.const(node, text)


def _ellipsis(scope: Scope, node: cst.Ellipsis) -> Operand:
    return scope.const(node, ...)


def _joined(scope: Scope, node: cst.ConcatenatedString) -> Operand:
    lower_expression(scope, node.left)
    lower_expression(scope, node.right)
    dst = scope.temp()
    scope.emit(Build(node, dst, "text", ()))
    return dst


def _formatted(scope: Scope, node: cst.FormattedString) -> Operand:
    items = tuple(
        Argument(lower_expression(scope, part.expression))
        for part in node.parts
        if isinstance(part, cst.FormattedStringExpression)
    )
    dst = scope.temp()
    scope.emit(Build(node, dst, "text", items))
    return dst


def _attribute(scope: Scope, node: cst.Attribute, called: bool = False) -> Operand:
    obj = lower_expression(scope, node.value)
    attr = node.attr.value
    scope.use(obj, attr)
    if not obj.startswith("%"):
        for reads in scope.reads:
            reads.names.add(f"{obj}.{attr}")
    dst = scope.temp()
    if not obj.startswith("%"):
        scope.dotted[dst] = f"{obj}.{attr}"
    scope.emit(LoadAttr(node, dst, obj, attr, called))
    return dst


def lower_index(scope: Scope, slices: Sequence[cst.SubscriptElement], node: cst.CSTNode) -> Operand:
    """What stands between the brackets; several parts become a tuple."""
    parts = [_index_part(scope, element) for element in slices]
    if len(parts) == 1 and not parts[0].star and not _has_comma(slices[0]):
        return parts[0].value
    dst = scope.temp()
    scope.emit(Build(node, dst, "tuple", tuple(parts)))
    return dst


def _has_comma(element: cst.SubscriptElement) -> bool:
    return isinstance(element.comma, cst.Comma)


def _index_part(scope: Scope, element: cst.SubscriptElement) -> Argument:
    part = element.slice
    if isinstance(part, cst.Index):
        return Argument(lower_expression(scope, part.value), star=1 if part.star else 0)
    assert isinstance(part, cst.Slice)
    bounds = tuple(
        lower_expression(scope, bound) if bound is not None else scope.const(part, None)
        for bound in (part.lower, part.upper, part.step)
    )
    dst = scope.temp()
    scope.emit(Slice(part, dst, bounds))
    return Argument(dst)


def _subscript(scope: Scope, node: cst.Subscript) -> Operand:
    obj = lower_expression(scope, node.value)
    index = lower_index(scope, node.slice, node)
    dst = scope.temp()
    scope.emit(LoadItem(node, dst, obj, index))
    return dst


def _call(scope: Scope, node: cst.Call) -> Operand:
    if type(node.func) is cst.Attribute:
        func = _attribute(scope, node.func, called=True)
    else:
        func = lower_expression(scope, node.func)
        scope.attributes.add(func)
    if func not in _STEADY_CALLS:
        for reads in scope.reads:
            reads.varies = True
    args = tuple(
        Argument(
            lower_expression(scope, arg.value),
            arg.keyword.value if arg.keyword else "",
            len(arg.star),
        )
        for arg in node.args
    )
    _note_uses(scope, node, args)
    scope.attributes.update(argument.keyword for argument in args if argument.keyword)
    if node.args and not _is_literal(node.args[0].value):
        name = node.func.attr if type(node.func) is cst.Attribute else node.func
        scope.attributes.add(f"{name.value}()" if type(name) is cst.Name else "()")
    dst = scope.temp()
    scope.emit(Call(node, dst, func, args))
    return dst


def _is_literal(node: cst.BaseExpression) -> bool:
    """Whether an expression is a number, a text, or a display of such."""
    if type(node) is cst.List or type(node) is cst.Tuple:
        return all(_is_literal(element.value) for element in node.elements)
    if type(node) is cst.UnaryOperation:
        return _is_literal(node.expression)
    return type(node) in (cst.Integer, cst.Float, cst.SimpleString)


def _note_uses(scope: Scope, node: cst.Call, args: tuple[Argument, ...]) -> None:
    """Remember, as `@F.relu`, which functions a name is handed to."""
    if type(node.func) is not cst.Attribute:
        return
    if args and args[0].value[0] != "%":
        scope.uses.setdefault(args[0].value, set()).add(f"@{dotted(node.func)}")
    for argument in args[1:3]:
        if argument.value[0] != "%" and node.func.attr.value in _TWO_SIDED:
            scope.uses.setdefault(argument.value, set()).add(f"@{dotted(node.func)}")


def _binary(scope: Scope, node: cst.BinaryOperation) -> Operand:
    spine: list[cst.BinaryOperation] = []
    left: cst.BaseExpression = node
    while isinstance(left, cst.BinaryOperation):
        spine.append(left)
        left = left.left
    value = lower_expression(scope, left)
    for part in reversed(spine):
        right = lower_expression(scope, part.right)
        if isinstance(part.operator, cst.Multiply):
            _note_repeating(scope, part.left, part.right)
        dst = scope.temp()
        scope.emit(Binary(part, dst, operator_of(part.operator), value, right))
        value = dst
    return value


def _note_repeating(scope: Scope, left: cst.BaseExpression, right: cst.BaseExpression) -> None:
    """Remember that a list, or a name that may stand for one, is multiplied."""
    if isinstance(left, cst.List) or isinstance(right, cst.List):
        scope.attributes.add("[] *")
    elif any(isinstance(side, cst.Name) and side.value in scope.lists for side in (left, right)):
        scope.attributes.add("* n")


def _unary(scope: Scope, node: cst.UnaryOperation) -> Operand:
    src = lower_expression(scope, node.expression)
    dst = scope.temp()
    scope.emit(Unary(node, dst, _UNARY[type(node.operator).__name__], src))
    return dst


def _comparison(scope: Scope, node: cst.Comparison) -> Operand:
    left = lower_expression(scope, node.left)
    dst = left
    for part in node.comparisons:
        right = lower_expression(scope, part.comparator)
        dst = scope.temp()
        scope.emit(Compare(node, dst, _COMPARISONS[type(part.operator).__name__], left, right))
        left = right
    return dst


def _boolean(scope: Scope, node: cst.BooleanOperation) -> Operand:
    left = lower_expression(scope, node.left)
    dst = scope.temp()
    scope.emit(Move(node, dst, left))
    with scope.nested() as block:
        right = lower_expression(scope, node.right)
        scope.emit(Move(node, dst, right))
    keep: tuple[Instruction, ...] = ()
    body = tuple(block)
    if isinstance(node.operator, cst.And):
        scope.emit(If(node, left, body, keep))
    else:
        scope.emit(If(node, left, keep, body))
    return dst


def _conditional(scope: Scope, node: cst.IfExp) -> Operand:
    with scope.test() as reads:
        test = lower_expression(scope, node.test)
    dst = scope.temp()
    with scope.nested() as body:
        scope.emit(Move(node, dst, lower_expression(scope, node.body)))
    with scope.nested() as orelse:
        scope.emit(Move(node, dst, lower_expression(scope, node.orelse)))
    scope.emit(If(node, test, tuple(body), tuple(orelse), frozenset(reads.names), reads.varies))
    return dst


def lower_elements(scope: Scope, elements: Sequence[cst.BaseElement]) -> tuple[Argument, ...]:
    """The elements of a display, starred ones marked."""
    return tuple(
        Argument(lower_expression(scope, e.value), star=1 if isinstance(e, cst.StarredElement) else 0)
        for e in elements[:_MOST_ELEMENTS]
    )


def _display(kind: str) -> Callable[[Scope, Any], Operand]:
    def build(scope: Scope, node: cst.List | cst.Tuple | cst.Set) -> Operand:
        items = lower_elements(scope, node.elements)
        dst = scope.temp()
        scope.emit(Build(node, dst, kind, items))
        return dst

    return build


def _dict(scope: Scope, node: cst.Dict) -> Operand:
    items: list[tuple[Operand | None, Operand]] = []
    for element in node.elements:
        if isinstance(element, cst.DictElement):
            key = lower_expression(scope, element.key)
            items.append((key, lower_expression(scope, element.value)))
        else:
            items.append((None, lower_expression(scope, element.value)))
    dst = scope.temp()
    scope.emit(BuildDict(node, dst, tuple(items)))
    return dst


def _lambda(scope: Scope, node: cst.Lambda) -> Operand:
    from torchcopylint.lower.definition import lower_lambda

    dst = scope.temp()
    scope.emit(MakeFunction(node, dst, lower_lambda(scope, node)))
    return dst


def _walrus(scope: Scope, node: cst.NamedExpr) -> Operand:
    value = lower_expression(scope, node.value)
    assign(scope, node.target, value, node)
    return value


def _yield(scope: Scope, node: cst.Yield) -> Operand:
    scope.generator = True
    src: Operand | None = None
    if isinstance(node.value, cst.From):
        src = lower_expression(scope, node.value.item)
    elif node.value is not None:
        src = lower_expression(scope, node.value)
    dst = scope.temp()
    scope.emit(Yield(node, dst, src))
    return dst


def _await(scope: Scope, node: cst.Await) -> Operand:
    return lower_expression(scope, node.expression)


def lower_augmented(scope: Scope, node: cst.AugAssign, loaded: Operand, value: Operand, item: bool = False) -> Operand:
    """Emit the in-place operator of `target op= value`."""
    dst = scope.temp()
    scope.emit(Augment(node, dst, operator_of(node.operator) + "=", loaded, value, item))
    return dst


_LOWERINGS: dict[str, Callable[[Scope, Any], Operand]] = {
    "Name": _name,
    "Integer": _integer,
    "Float": _number,
    "Imaginary": _number,
    "SimpleString": _string,
    "ConcatenatedString": _joined,
    "FormattedString": _formatted,
    "Ellipsis": _ellipsis,
    "Attribute": _attribute,
    "Subscript": _subscript,
    "Call": _call,
    "BinaryOperation": _binary,
    "UnaryOperation": _unary,
    "Comparison": _comparison,
    "BooleanOperation": _boolean,
    "IfExp": _conditional,
    "Tuple": _display("tuple"),
    "List": _display("list"),
    "Set": _display("set"),
    "Dict": _dict,
    "ListComp": comprehension("list"),
    "SetComp": comprehension("set"),
    "DictComp": comprehension("dict"),
    "GeneratorExp": comprehension("generator"),
    "Lambda": _lambda,
    "NamedExpr": _walrus,
    "Yield": _yield,
    "Await": _await,
}


__all__ = ["lower_augmented", "lower_elements", "lower_expression", "lower_index", "operator_of"]
