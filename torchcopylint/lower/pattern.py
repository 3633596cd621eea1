"""`match` → a chain of ifs: each case binds what its pattern captures, then runs its body."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from torchcopylint.ir import Block, If, LoadItem, Move, Operand
from torchcopylint.lower.expression import lower_expression
from torchcopylint.lower.scope import Scope


def lower_match(scope: Scope, node: cst.Match, body_of: Callable[[cst.BaseSuite], Block]) -> None:
    """Emit the cases of a match statement; which one is taken is not decided here."""
    subject = lower_expression(scope, node.subject)
    orelse: Block = ()
    cases: list[tuple[cst.MatchCase, Operand, Block, Block]] = []
    for case in node.cases:
        with scope.nested() as head:
            test = lower_expression(scope, case.guard) if case.guard else scope.const(case, None)
        with scope.nested() as bound:
            _bind(scope, case.pattern, subject, case)
        cases.append((case, test, tuple(head), (*bound, *body_of(case.body))))
    for case, test, head_block, body in reversed(cases):
        orelse = (*head_block, If(case, test, body, orelse, frozenset({subject}), True))
    for instruction in orelse:
        scope.emit(instruction)


def _bind(scope: Scope, pattern: cst.MatchPattern | cst.MatchStar | None, value: Operand, node: cst.CSTNode) -> None:
    if isinstance(pattern, cst.MatchAs):
        _bind(scope, pattern.pattern, value, node)
        if pattern.name is not None:
            scope.emit(Move(node, scope.bind(pattern.name.value), value))
    elif isinstance(pattern, cst.MatchStar):
        if pattern.name is not None:
            scope.emit(Move(node, scope.bind(pattern.name.value), value))
    elif isinstance(pattern, cst.MatchList | cst.MatchTuple):
        for i, element in enumerate(pattern.patterns):
            _bind_part(scope, element, value, i, node)
    elif isinstance(pattern, cst.MatchMapping):
        for item in pattern.elements:
            _bind(scope, item.pattern, value, node)
    elif isinstance(pattern, cst.MatchClass):
        for positional in pattern.patterns:
            _bind(scope, positional.value, value, node)
        for keyword in pattern.kwds:
            _bind(scope, keyword.pattern, value, node)


def _bind_part(
    scope: Scope, element: cst.MatchSequenceElement | cst.MatchStar, value: Operand, i: int, node: cst.CSTNode
) -> None:
    if isinstance(element, cst.MatchStar):
        _bind(scope, element, value, node)
        return
    part = scope.temp()
    scope.emit(LoadItem(node, part, value, scope.const(node, i)))
    _bind(scope, element.value, part, node)
