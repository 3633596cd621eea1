"""Comprehensions → a container, and a loop that adds to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import libcst as cst

from torchcopylint.ir import Append, Build, BuildDict, If, Loop, Operand
from torchcopylint.lower.scope import Scope
from torchcopylint.lower.target import assign, target_names


def comprehension(kind: str) -> Callable[[Scope, Any], Operand]:
    """The lowering of a comprehension that builds this kind of container."""

    def build(scope: Scope, node: cst.BaseComp) -> Operand:
        dst = scope.temp()
        scope.emit(BuildDict(node, dst, ()) if kind == "dict" else Build(node, dst, kind, ()))
        _round(scope, node, node.for_in, dst)
        return dst

    return build


def _round(scope: Scope, node: cst.BaseComp, part: cst.CompFor, container: Operand) -> None:
    from torchcopylint.lower.expression import lower_expression

    iterable = lower_expression(scope, part.iter)
    if isinstance(part.iter, cst.Call) and isinstance(part.iter.func, cst.Name) and part.iter.func.value == "range":
        scope.attributes.add("for range")
    item = scope.temp()
    with scope.own_names(target_names(part.target)), scope.loop() as assigned, scope.nested() as body:
        assign(scope, part.target, item, part)
        _filtered(scope, node, part, container, 0)
    scope.emit(Loop(part, "comprehension", iterable, item, (), "", tuple(body), (), frozenset(assigned)))


def _filtered(scope: Scope, node: cst.BaseComp, part: cst.CompFor, container: Operand, done: int) -> None:
    from torchcopylint.lower.expression import lower_expression

    if done < len(part.ifs):
        with scope.test() as reads:
            test = lower_expression(scope, part.ifs[done].test)
        with scope.nested() as body:
            _filtered(scope, node, part, container, done + 1)
        scope.emit(If(part.ifs[done], test, tuple(body), (), frozenset(reads.names), reads.varies))
    elif part.inner_for_in is not None:
        _round(scope, node, part.inner_for_in, container)
    elif isinstance(node, cst.DictComp):
        key = lower_expression(scope, node.key)
        scope.emit(Append(node, container, lower_expression(scope, node.value), key))
    else:
        assert isinstance(node, cst.BaseSimpleComp)
        scope.emit(Append(node, container, lower_expression(scope, node.elt)))
