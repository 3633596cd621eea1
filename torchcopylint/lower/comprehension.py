"""Comprehensions → a container, and a loop that adds to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torchcopylint.ir import Append, Build, BuildDict, If, LoadItem, Loop, Operand, syntax
from torchcopylint.ir.kind import BuildKind, LoopKind
from torchcopylint.lower.scope import Scope
from torchcopylint.lower.target import assign, target_names


def comprehension(kind: BuildKind | None) -> Callable[[Scope, Any], Operand]:
    """The lowering of a comprehension that builds this kind of container."""

    def build(scope: Scope, node: syntax.Comprehension) -> Operand:
        dst = scope.temp()
        scope.emit(BuildDict(node, dst, ()) if kind is None else Build(node, dst, kind, ()))
        _round(scope, node, node.rounds, dst)
        return dst

    return build


def _round(scope: Scope, node: syntax.Comprehension, part: syntax.Rounds, container: Operand) -> None:
    from torchcopylint.lower.expression import lower_expression

    over = part.iterable
    iterable = lower_expression(scope, over)
    if isinstance(over, syntax.Call) and isinstance(over.func, syntax.Name) and over.func.name == "range":
        scope.attributes.add("for range")
    item = scope.temp()
    with scope.own_names(target_names(part.target)), scope.loop() as assigned, scope.nested() as body:
        assign(scope, part.target, item, part)
        _filtered(scope, node, part, container, 0)
    scope.emit(Loop(part, LoopKind.COMPREHENSION, iterable, item, (), "", tuple(body), (), frozenset(assigned)))


def _filtered(scope: Scope, node: syntax.Comprehension, part: syntax.Rounds, container: Operand, done: int) -> None:
    from torchcopylint.lower.expression import lower_expression

    if done < len(part.filters):
        with scope.test() as reads:
            test = lower_expression(scope, part.filters[done].test)
        with scope.nested() as body:
            _filtered(scope, node, part, container, done + 1)
        scope.emit(If(part.filters[done], test, tuple(body), (), frozenset(reads.names), reads.varies))
    elif part.inner is not None:
        _round(scope, node, part.inner, container)
    elif node.unpacked:
        _unpacked(scope, node, part, container)
    else:
        key = lower_expression(scope, node.key) if node.key is not None else None
        scope.emit(Append(node, container, lower_expression(scope, node.value), key))


def _unpacked(scope: Scope, node: syntax.Comprehension, part: syntax.Rounds, container: Operand) -> None:
    """What a value holds, one by one; what a mapping holds by its keys."""
    from torchcopylint.lower.expression import lower_expression

    held = lower_expression(scope, node.value)
    item = scope.temp()
    with scope.loop() as assigned, scope.nested() as body:
        if isinstance(node, syntax.DictComprehension):
            value = scope.temp()
            scope.emit(LoadItem(node, value, held, item))
            scope.emit(Append(node, container, value, item))
        else:
            scope.emit(Append(node, container, item, None))
    scope.emit(Loop(part, LoopKind.COMPREHENSION, held, item, (), "", tuple(body), (), frozenset(assigned)))
