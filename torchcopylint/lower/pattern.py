"""`match` → a chain of ifs: each case binds what its pattern captures, then runs its body."""

from __future__ import annotations

from collections.abc import Callable

from torchcopylint.ir import Block, If, LoadItem, Move, Operand, syntax
from torchcopylint.ir.site import Site
from torchcopylint.lower.expression import lower_expression
from torchcopylint.lower.scope import Scope


def lower_match(scope: Scope, node: syntax.Match, body_of: Callable[[syntax.Body], Block]) -> None:
    """Emit the cases of a match statement; which one is taken is not decided here."""
    subject = lower_expression(scope, node.subject)
    orelse: Block = ()
    cases: list[tuple[syntax.Case, Operand, Block, Block]] = []
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


def _bind(scope: Scope, pattern: syntax.Pattern, value: Operand, node: Site) -> None:
    if isinstance(pattern, syntax.Capture):
        if pattern.pattern is not None:
            _bind(scope, pattern.pattern, value, node)
        _capture(scope, pattern.name, value, node)
    elif isinstance(pattern, syntax.StarPattern):
        _capture(scope, pattern.name, value, node)
    elif isinstance(pattern, syntax.SequencePattern):
        for i, part in enumerate(pattern.patterns):
            _bind_part(scope, part, value, i, node)
    elif isinstance(pattern, syntax.PartsPattern):
        for part in pattern.patterns:
            _bind(scope, part, value, node)


def _capture(scope: Scope, name: str, value: Operand, node: Site) -> None:
    if name:
        scope.emit(Move(node, scope.bind(name), value))


def _bind_part(scope: Scope, pattern: syntax.Pattern, value: Operand, i: int, node: Site) -> None:
    if isinstance(pattern, syntax.StarPattern):
        _bind(scope, pattern, value, node)
        return
    part = scope.temp()
    scope.emit(LoadItem(node, part, value, scope.const(node, i)))
    _bind(scope, pattern, part, node)
