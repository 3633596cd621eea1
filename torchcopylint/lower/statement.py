"""Statements → instructions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
    syntax,
)
from torchcopylint.ir.kind import JumpKind, LoopKind
from torchcopylint.ir.question import annotation_text, text_of
from torchcopylint.lower.expression import lower_augmented, lower_expression, lower_index
from torchcopylint.lower.pattern import lower_match
from torchcopylint.lower.scope import Scope
from torchcopylint.lower.target import assign, delete, target_names

Methods = dict[str, Function]


def lower_body(scope: Scope, body: syntax.Body, methods: Methods | None = None) -> None:
    """Emit the statements in order; `methods` collects the defs of a class body."""
    for node in body:
        if isinstance(node, syntax.FunctionDef):
            _function(scope, node, methods)
        elif (lowering := _LOWERINGS.get(type(node))) is not None:
            lowering(scope, node)


def nested_body(scope: Scope, body: syntax.Body) -> Block:
    """A suite as a block of its own."""
    with scope.nested() as block:
        lower_body(scope, body)
    return tuple(block)


def _function(scope: Scope, node: syntax.FunctionDef, methods: Methods | None) -> None:
    from torchcopylint.lower.definition import lower_function

    function = lower_function(scope, node)
    if methods is not None:
        methods[function.name] = function
    scope.emit(MakeFunction(node, scope.bind(function.name), function))


def _class(scope: Scope, node: syntax.ClassDef) -> None:
    from torchcopylint.lower.definition import lower_class

    scope.emit(MakeClass(node, scope.bind(node.name), lower_class(scope, node)))


def _expression(scope: Scope, node: syntax.ExpressionStatement) -> None:
    if node in scope.displayed:
        lower_expression(scope, node.value)
        return
    if isinstance(node.value, syntax.Call) and isinstance(node.value.func, syntax.Attribute):
        scope.dropped.add(node.value.func.attr)
    if not isinstance(node.value, syntax.String | syntax.EllipsisLiteral):
        scope.emit(Discard(node.value, lower_expression(scope, node.value)))


def _assign(scope: Scope, node: syntax.Assign) -> None:
    value = lower_expression(scope, node.value)
    if isinstance(node.value, syntax.List | syntax.ListComprehension | syntax.BinaryOperation):
        scope.lists.update(name for target in node.targets for name in target_names(target))
    for target in node.targets:
        assign(scope, target, value, node)


def _annotated(scope: Scope, node: syntax.AnnotatedAssign) -> None:
    if node.value is not None:
        value = lower_expression(scope, node.value)
        assign(scope, node.target, value, node, annotation_text(node.annotation))


def _augmented(scope: Scope, node: syntax.AugmentedAssign) -> None:
    target = node.target
    if not (isinstance(node.value, syntax.Integer) and isinstance(target, syntax.Name)):
        scope.attributes.add("+=")
    if isinstance(target, syntax.Name):
        value = lower_expression(scope, node.value)
        result = lower_augmented(scope, node, scope.read(target.name), value)
        scope.emit(Move(node, scope.bind(target.name), result))
    elif isinstance(target, syntax.Attribute):
        obj, attr = lower_expression(scope, target.value), target.attr
        scope.use(obj, attr)
        loaded = lower_expression(scope, target)
        value = lower_expression(scope, node.value)
        scope.note_assigned(f"{obj}.{attr}")
        scope.emit(StoreAttr(node, obj, attr, lower_augmented(scope, node, loaded, value), aug=True))
    elif isinstance(target, syntax.Subscript):
        obj = lower_expression(scope, target.value)
        index = lower_index(scope, target)
        loaded = scope.temp()
        scope.emit(LoadItem(target, loaded, obj, index, aug=True))
        value = lower_expression(scope, node.value)
        scope.emit(StoreItem(node, obj, index, lower_augmented(scope, node, loaded, value, item=True), aug=True))


def _return(scope: Scope, node: syntax.Return) -> None:
    scope.emit(Return(node, lower_expression(scope, node.value) if node.value else None))


def _raise(scope: Scope, node: syntax.Raise) -> None:
    if node.exception is not None:
        lower_expression(scope, node.exception)
    scope.emit(Jump(node, JumpKind.RAISE))


def _jump(scope: Scope, node: syntax.Break | syntax.Continue) -> None:
    scope.emit(Jump(node, JumpKind.BREAK if isinstance(node, syntax.Break) else JumpKind.CONTINUE))


def _delete(scope: Scope, node: syntax.Delete) -> None:
    for target in node.targets:
        delete(scope, target, node)


def _assert(scope: Scope, node: syntax.Assert) -> None:
    test = lower_expression(scope, node.test)
    dead: Block = (Jump(node, JumpKind.RAISE),)
    scope.emit(If(node, test, (), dead))


def _outer_names(scope: Scope, node: syntax.OuterNames) -> None:
    scope.outer |= set(node.names)
    scope.bound -= set(node.names)


def _import(scope: Scope, node: syntax.Import) -> None:
    for name, bound in node.names:
        top = name.split(".")[0]
        scope.emit(Import(node, scope.bind(bound or top), name if bound else top))


def _import_from(scope: Scope, node: syntax.ImportFrom) -> None:
    joint = "" if node.module.endswith(".") else "."
    for name, bound in node.names:
        if name == "*":
            scope.emit(Import(node, "*", node.module))
        else:
            scope.emit(Import(node, scope.bind(bound or name), f"{node.module}{joint}{name}"))


def _if(scope: Scope, node: syntax.If) -> None:
    arms: list[tuple[syntax.If, Operand, Block, Block, frozenset[str], bool]] = []
    arm: syntax.If | syntax.Body = node
    while isinstance(arm, syntax.If):
        with scope.nested() as head, scope.test() as reads:
            test = lower_expression(scope, arm.test)
        arms.append((arm, test, tuple(head), nested_body(scope, arm.body), frozenset(reads.names), reads.varies))
        arm = arm.orelse
    orelse = nested_body(scope, arm)
    for part, test, before, body, names, varies in reversed(arms):
        orelse = (*before, If(part, test, body, orelse, names, varies, is_first_time(part.test)))
    for instruction in orelse:
        scope.emit(instruction)


def is_first_time(test: syntax.Expression) -> bool:
    """`x is None` or `not hasattr(..)`: true the first time only, as a rule."""
    if isinstance(test, syntax.Comparison):
        operator, right = test.others[0]
        return operator == "is" and isinstance(right, syntax.Name) and right.name == "None"
    if not isinstance(test, syntax.UnaryOperation) or test.operator != "not":
        return False
    return isinstance(test.operand, syntax.Call | syntax.BooleanOperation) and "hasattr" in text_of(test.operand)


def _for(scope: Scope, node: syntax.For) -> None:
    scope.attributes.add("for")
    iterable = lower_expression(scope, node.iterable)
    item = scope.temp()
    with scope.loop() as assigned, scope.nested() as body:
        assign(scope, node.target, item, node)
        with scope.loop() as rebound:
            lower_body(scope, node.body)
    if not rebound.isdisjoint(target_names(node.target)):
        scope.attributes.add("for =")
    orelse = nested_body(scope, node.orelse)
    scope.emit(Loop(node, LoopKind.FOR, iterable, item, (), "", tuple(body), orelse, frozenset(assigned)))


def _while(scope: Scope, node: syntax.While) -> None:
    scope.attributes.add("for")
    with scope.loop() as assigned:
        with scope.nested() as head:
            test = lower_expression(scope, node.test)
        body = nested_body(scope, node.body)
    orelse = nested_body(scope, node.orelse)
    scope.emit(Loop(node, LoopKind.WHILE, "", "", tuple(head), test, body, orelse, frozenset(assigned)))


def _try(scope: Scope, node: syntax.Try) -> None:
    body = nested_body(scope, node.body)
    handlers = tuple(_handler(scope, handler) for handler in node.handlers)
    scope.emit(Try(node, body, handlers, nested_body(scope, node.orelse), nested_body(scope, node.final)))


def _handler(scope: Scope, handler: syntax.Handler) -> Block:
    with scope.nested() as block:
        if handler.name is not None:
            assign(scope, handler.name, scope.const(handler, None), handler)
        lower_body(scope, handler.body)
    return tuple(block)


def _with(scope: Scope, node: syntax.With) -> None:
    _with_contexts(scope, node, 0)


def _with_contexts(scope: Scope, node: syntax.With, done: int) -> None:
    if done == len(node.contexts):
        lower_body(scope, node.body)
        return
    part = node.contexts[done]
    context = lower_expression(scope, part.manager)
    bound = scope.temp()
    with scope.nested() as body:
        if part.target is not None:
            assign(scope, part.target, bound, part)
        _with_contexts(scope, node, done + 1)
    scope.emit(With(part, context, bound, tuple(body)))


def _match(scope: Scope, node: syntax.Match) -> None:
    lower_match(scope, node, lambda suite: nested_body(scope, suite))


_LOWERINGS: dict[type[syntax.Statement], Callable[[Scope, Any], None]] = {
    syntax.ExpressionStatement: _expression,
    syntax.Assign: _assign,
    syntax.AnnotatedAssign: _annotated,
    syntax.AugmentedAssign: _augmented,
    syntax.Return: _return,
    syntax.Raise: _raise,
    syntax.Break: _jump,
    syntax.Continue: _jump,
    syntax.Delete: _delete,
    syntax.Assert: _assert,
    syntax.OuterNames: _outer_names,
    syntax.Import: _import,
    syntax.ImportFrom: _import_from,
    syntax.If: _if,
    syntax.For: _for,
    syntax.While: _while,
    syntax.Try: _try,
    syntax.With: _with,
    syntax.Match: _match,
    syntax.ClassDef: _class,
}
__all__ = ["Move", "Unary", "lower_body", "nested_body"]
