"""Statements → instructions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import libcst as cst

from torchcopylint.ir import (
    Block,
    Discard,
    Function,
    If,
    Import,
    Jump,
    LoadItem,
    Loop,
    MakeClass,
    MakeFunction,
    Move,
    Operand,
    Return,
    StoreAttr,
    StoreItem,
    Try,
    Unary,
    With,
)
from torchcopylint.lower.expression import lower_augmented, lower_expression, lower_index
from torchcopylint.lower.pattern import lower_match
from torchcopylint.lower.scope import Scope
from torchcopylint.lower.target import assign, delete, target_names
from torchcopylint.lower.text import annotation_text, dotted, text_of

Methods = dict[str, Function]


def lower_body(scope: Scope, body: Iterable[cst.CSTNode], methods: Methods | None = None) -> None:
    """Emit the statements in order; `methods` collects the defs of a class body."""
    for node in body:
        if type(node) is cst.SimpleStatementLine:
            lower_body(scope, node.body, methods)
        elif type(node) is cst.FunctionDef:
            _function(scope, node, methods)
        else:
            lowering = _LOWERINGS.get(type(node).__name__)
            if lowering is not None:
                lowering(scope, node)


def nested_body(scope: Scope, suite: cst.BaseSuite) -> Block:
    """A suite as a block of its own."""
    with scope.nested() as block:
        lower_body(scope, suite.body)
    return tuple(block)


def _function(scope: Scope, node: cst.FunctionDef, methods: Methods | None) -> None:
    from torchcopylint.lower.definition import lower_function

    function = lower_function(scope, node)
    if methods is not None:
        methods[function.name] = function
    scope.emit(MakeFunction(node, scope.bind(function.name), function))


def _class(scope: Scope, node: cst.ClassDef) -> None:
    from torchcopylint.lower.definition import lower_class

    scope.emit(MakeClass(node, scope.bind(node.name.value), lower_class(scope, node)))


def _expression(scope: Scope, node: cst.Expr) -> None:
    if id(node) in scope.displayed:
        lower_expression(scope, node.value)
        return
    if isinstance(node.value, cst.Call) and isinstance(node.value.func, cst.Attribute):
        scope.dropped.add(node.value.func.attr.value)
    if not isinstance(node.value, cst.SimpleString | cst.Ellipsis):
        scope.emit(Discard(node.value, lower_expression(scope, node.value)))


def _assign(scope: Scope, node: cst.Assign) -> None:
    value = lower_expression(scope, node.value)
    if isinstance(node.value, cst.List | cst.ListComp | cst.BinaryOperation):
        scope.lists.update(name for target in node.targets for name in target_names(target.target))
    for target in node.targets:
        assign(scope, target.target, value, node)


def _annotated(scope: Scope, node: cst.AnnAssign) -> None:
    if node.value is not None:
        value = lower_expression(scope, node.value)
        assign(scope, node.target, value, node, annotation_text(node.annotation))


def _augmented(scope: Scope, node: cst.AugAssign) -> None:
    target = node.target
    if not (isinstance(node.value, cst.Integer) and isinstance(target, cst.Name)):
        scope.attributes.add("+=")
    if isinstance(target, cst.Name):
        value = lower_expression(scope, node.value)
        result = lower_augmented(scope, node, scope.read(target.value), value)
        scope.emit(Move(node, scope.bind(target.value), result))
    elif isinstance(target, cst.Attribute):
        obj, attr = lower_expression(scope, target.value), target.attr.value
        scope.use(obj, attr)
        loaded = lower_expression(scope, target)
        value = lower_expression(scope, node.value)
        scope.note_assigned(f"{obj}.{attr}")
        scope.emit(StoreAttr(node, obj, attr, lower_augmented(scope, node, loaded, value), aug=True))
    elif isinstance(target, cst.Subscript):
        obj = lower_expression(scope, target.value)
        index = lower_index(scope, target.slice, target)
        loaded = scope.temp()
        scope.emit(LoadItem(target, loaded, obj, index, aug=True))
        value = lower_expression(scope, node.value)
        scope.emit(StoreItem(node, obj, index, lower_augmented(scope, node, loaded, value, item=True), aug=True))


def _return(scope: Scope, node: cst.Return) -> None:
    scope.emit(Return(node, lower_expression(scope, node.value) if node.value else None))


def _raise(scope: Scope, node: cst.Raise) -> None:
    if node.exc is not None:
        lower_expression(scope, node.exc)
    scope.emit(Jump(node, "raise"))


def _jump(scope: Scope, node: cst.Break | cst.Continue) -> None:
    scope.emit(Jump(node, "break" if isinstance(node, cst.Break) else "continue"))


def _delete(scope: Scope, node: cst.Del) -> None:
    delete(scope, node.target, node)


def _assert(scope: Scope, node: cst.Assert) -> None:
    test = lower_expression(scope, node.test)
    dead: Block = (Jump(node, "raise"),)
    scope.emit(If(node, test, (), dead))


def _outer_names(scope: Scope, node: cst.Global | cst.Nonlocal) -> None:
    names = {item.name.value for item in node.names}
    scope.outer |= names
    scope.bound -= names


def _import(scope: Scope, node: cst.Import) -> None:
    for alias in node.names:
        name = dotted(alias.name)
        if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
            scope.emit(Import(node, scope.bind(alias.asname.name.value), name))
        else:
            top = name.split(".")[0]
            scope.emit(Import(node, scope.bind(top), top))


def _import_from(scope: Scope, node: cst.ImportFrom) -> None:
    module = "." * len(node.relative) + (dotted(node.module) if node.module is not None else "")
    if isinstance(node.names, cst.ImportStar):
        scope.emit(Import(node, "*", module))
        return
    for alias in node.names:
        name = dotted(alias.name)
        bound = alias.asname.name if alias.asname is not None else alias.name
        if isinstance(bound, cst.Name):
            joint = "" if module.endswith(".") else "."
            scope.emit(Import(node, scope.bind(bound.value), f"{module}{joint}{name}"))


def _if(scope: Scope, node: cst.If) -> None:
    arms: list[tuple[cst.If, Operand, Block, Block, frozenset[str], bool]] = []
    orelse: Block = ()
    arm: cst.If | cst.Else | None = node
    while isinstance(arm, cst.If):
        with scope.nested() as head, scope.test() as reads:
            test = lower_expression(scope, arm.test)
        arms.append((arm, test, tuple(head), nested_body(scope, arm.body), frozenset(reads.names), reads.varies))
        arm = arm.orelse
    if arm is not None:
        orelse = nested_body(scope, arm.body)
    for part, test, before, body, names, varies in reversed(arms):
        orelse = (*before, If(part, test, body, orelse, names, varies, is_first_time(part.test)))
    for instruction in orelse:
        scope.emit(instruction)


def is_first_time(test: cst.BaseExpression) -> bool:
    """`x is None` or `not hasattr(..)`: true the first time only, as a rule."""
    if isinstance(test, cst.Comparison):
        right = test.comparisons[0].comparator
        return (
            isinstance(test.comparisons[0].operator, cst.Is) and isinstance(right, cst.Name) and right.value == "None"
        )
    if not isinstance(test, cst.UnaryOperation) or not isinstance(test.operator, cst.Not):
        return False
    inner = test.expression
    return isinstance(inner, cst.Call | cst.BooleanOperation) and "hasattr" in text_of(inner)


def _for(scope: Scope, node: cst.For) -> None:
    scope.attributes.add("for")
    iterable = lower_expression(scope, node.iter)
    item = scope.temp()
    with scope.loop() as assigned, scope.nested() as body:
        assign(scope, node.target, item, node)
        with scope.loop() as rebound:
            lower_body(scope, node.body.body)
    if not rebound.isdisjoint(target_names(node.target)):
        scope.attributes.add("for =")
    orelse = nested_body(scope, node.orelse.body) if node.orelse else ()
    scope.emit(Loop(node, "for", iterable, item, (), "", tuple(body), orelse, frozenset(assigned)))


def _while(scope: Scope, node: cst.While) -> None:
    scope.attributes.add("for")
    with scope.loop() as assigned:
        with scope.nested() as head:
            test = lower_expression(scope, node.test)
        body = nested_body(scope, node.body)
    orelse = nested_body(scope, node.orelse.body) if node.orelse else ()
    scope.emit(Loop(node, "while", "", "", tuple(head), test, body, orelse, frozenset(assigned)))


def _try(scope: Scope, node: cst.Try | cst.TryStar) -> None:
    body = nested_body(scope, node.body)
    handlers = tuple(_handler(scope, handler) for handler in node.handlers)
    orelse = nested_body(scope, node.orelse.body) if node.orelse else ()
    final = nested_body(scope, node.finalbody.body) if node.finalbody else ()
    scope.emit(Try(node, body, handlers, orelse, final))


def _handler(scope: Scope, handler: cst.ExceptHandler | cst.ExceptStarHandler) -> Block:
    with scope.nested() as block:
        if handler.name is not None:
            assign(scope, handler.name.name, scope.const(handler, None), handler)
        lower_body(scope, handler.body.body)
    return tuple(block)


def _with(scope: Scope, node: cst.With) -> None:
    _with_items(scope, node, 0)


def _with_items(scope: Scope, node: cst.With, done: int) -> None:
    if done == len(node.items):
        lower_body(scope, node.body.body)
        return
    item = node.items[done]
    context = lower_expression(scope, item.item)
    bound = scope.temp()
    with scope.nested() as body:
        if item.asname is not None:
            assign(scope, item.asname.name, bound, item)
        _with_items(scope, node, done + 1)
    scope.emit(With(item, context, bound, tuple(body)))


def _match(scope: Scope, node: cst.Match) -> None:
    lower_match(scope, node, lambda suite: nested_body(scope, suite))


_LOWERINGS: dict[str, Callable[[Scope, Any], None]] = {
    "Expr": _expression,
    "Assign": _assign,
    "AnnAssign": _annotated,
    "AugAssign": _augmented,
    "Return": _return,
    "Raise": _raise,
    "Break": _jump,
    "Continue": _jump,
    "Del": _delete,
    "Assert": _assert,
    "Global": _outer_names,
    "Nonlocal": _outer_names,
    "Import": _import,
    "ImportFrom": _import_from,
    "If": _if,
    "For": _for,
    "While": _while,
    "Try": _try,
    "TryStar": _try,
    "With": _with,
    "Match": _match,
    "ClassDef": _class,
}
__all__ = ["Move", "Unary", "lower_body", "nested_body"]
