"""Python's own tree → the neutral tree, the same as libcst's gives: statements."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable
from typing import Any

from torchcopylint.ir import syntax
from torchcopylint.ir.syntax import Body, Pattern, Statement
from torchcopylint.parse.expression_from_ast import OPERATORS, ExpressionsFromAst
from torchcopylint.parse.stretch import Bare


class FromAst(ExpressionsFromAst):
    """Makes the neutral tree of one tree of Python's, and knows how its pieces are written."""

    def module(self, tree: ast.Module) -> syntax.Module:
        """The whole file."""
        self.text.first = tree.body[0] if tree.body else None
        return syntax.Module(tree, self.text, self.body(tree.body))

    def body(self, statements: Iterable[ast.stmt]) -> Body:
        """The statements of a suite."""
        return tuple([_STATEMENTS[type(node)](self, node) for node in statements])

    def _other_statement(self, node: ast.stmt) -> Statement:
        return syntax.SmallStatement(node, self.text)

    def _expression_statement(self, node: ast.Expr) -> Statement:
        return syntax.ExpressionStatement(node, self.text, self.expression(node.value))

    def _assign(self, node: ast.Assign) -> Statement:
        targets = tuple(map(self.expression, node.targets))
        return syntax.Assign(node, self.text, targets, self.expression(node.value))

    def _annotated(self, node: ast.AnnAssign) -> Statement:
        target, annotation = self.expression(node.target), self.expression(node.annotation)
        return syntax.AnnotatedAssign(node, self.text, target, annotation, self.optional(node.value))

    def _type_alias(self, node: Any) -> Statement:
        return syntax.Assign(node, self.text, (self.expression(node.name),), self.expression(node.value))

    def _augmented(self, node: ast.AugAssign) -> Statement:
        target, operator = self.expression(node.target), OPERATORS[type(node.op)]
        return syntax.AugmentedAssign(node, self.text, target, operator, self.expression(node.value))

    def _return(self, node: ast.Return) -> Statement:
        return syntax.Return(node, self.text, self.optional(node.value))

    def _raise(self, node: ast.Raise) -> Statement:
        return syntax.Raise(node, self.text, self.optional(node.exc))

    def _break(self, node: ast.Break) -> Statement:
        return syntax.Break(node, self.text)

    def _continue(self, node: ast.Continue) -> Statement:
        return syntax.Continue(node, self.text)

    def _delete(self, node: ast.Delete) -> Statement:
        return syntax.Delete(node, self.text, tuple(map(self.expression, node.targets)))

    def _assert(self, node: ast.Assert) -> Statement:
        return syntax.Assert(node, self.text, self.expression(node.test))

    def _outer_names(self, node: ast.Global | ast.Nonlocal) -> Statement:
        return syntax.OuterNames(node, self.text, tuple(node.names))

    def _import(self, node: ast.Import) -> Statement:
        return syntax.Import(node, self.text, tuple((alias.name, alias.asname or "") for alias in node.names))

    def _import_from(self, node: ast.ImportFrom) -> Statement:
        module = "." * node.level + (node.module or "")
        return syntax.ImportFrom(node, self.text, module, tuple((a.name, a.asname or "") for a in node.names))

    def _if(self, node: ast.If) -> syntax.If:
        test, body = self.expression(node.test), self.body(node.body)
        other = node.orelse[0] if len(node.orelse) == 1 else None
        if isinstance(other, ast.If) and self.text.text.startswith("elif", self.text.own(other)[0]):
            return syntax.If(node, self.text, test, body, self._if(other))
        return syntax.If(node, self.text, test, body, self.body(node.orelse))

    def _for(self, node: ast.For | ast.AsyncFor) -> Statement:
        target, iterable = self.expression(node.target), self.expression(node.iter)
        return syntax.For(node, self.text, target, iterable, self.body(node.body), self.body(node.orelse))

    def _while(self, node: ast.While) -> Statement:
        return syntax.While(node, self.text, self.expression(node.test), self.body(node.body), self.body(node.orelse))

    def _try(self, node: ast.Try | ast.TryStar) -> Statement:
        handlers = tuple(map(self._handler, node.handlers))
        final = self.body(node.finalbody)
        return syntax.Try(node, self.text, self.body(node.body), handlers, self.body(node.orelse), final)

    def _handler(self, node: ast.ExceptHandler) -> syntax.Handler:
        name = syntax.Name(Bare(node.name), self.text, node.name) if node.name is not None else None
        return syntax.Handler(node, self.text, name, self.body(node.body))

    def _with(self, node: ast.With | ast.AsyncWith) -> Statement:
        if len(node.items) == 1 and node.items[0].optional_vars is None:
            self.text.alone[id(node.items[0].context_expr)] = None
        return syntax.With(node, self.text, tuple(map(self._context, node.items)), self.body(node.body))

    def _context(self, node: ast.withitem) -> syntax.Context:
        return syntax.Context(node, self.text, self.expression(node.context_expr), self.optional(node.optional_vars))

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Statement:
        return syntax.FunctionDef(
            node,
            self.text,
            node.name,
            self.parameters(node.args),
            tuple(map(self.expression, node.decorator_list)),
            self.optional(node.returns),
            self.body(node.body),
            self._docstring(node),
        )

    def _docstring(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
        """The text that a function begins with, where its body has lines of its own."""
        first = node.body[0]
        if not isinstance(first, ast.Expr) or not isinstance(first.value, ast.Constant):
            return ""
        start = self.text.starts[first.lineno - 1]
        own_lines = not self.text.text[start : self.text.own(first)[0]].strip()
        return (ast.get_docstring(node) or "") if own_lines else ""

    def _class(self, node: ast.ClassDef) -> Statement:
        if len(node.bases) == 1 and not node.keywords:
            self.text.alone[id(node.bases[0])] = None
        bases = tuple(self.expression(base.value if isinstance(base, ast.Starred) else base) for base in node.bases)
        decorators = tuple(map(self.expression, node.decorator_list))
        return syntax.ClassDef(node, self.text, node.name, bases, decorators, self.body(node.body))

    def _match(self, node: ast.Match) -> Statement:
        return syntax.Match(node, self.text, self.expression(node.subject), tuple(map(self._case, node.cases)))

    def _case(self, node: ast.match_case) -> syntax.Case:
        guard = self.optional(node.guard)
        return syntax.Case(node, self.text, self._pattern(node.pattern), guard, self.body(node.body))

    def _pattern(self, node: ast.pattern) -> Pattern:
        if isinstance(node, ast.MatchAs):
            inner = self._pattern(node.pattern) if node.pattern is not None else None
            return syntax.Capture(node, self.text, inner, node.name or "")
        if isinstance(node, ast.MatchStar):
            return syntax.StarPattern(node, self.text, node.name or "")
        if isinstance(node, ast.MatchSequence):
            return syntax.SequencePattern(node, self.text, tuple(map(self._pattern, node.patterns)))
        if isinstance(node, ast.MatchMapping):
            return syntax.PartsPattern(node, self.text, tuple(map(self._pattern, node.patterns)))
        if isinstance(node, ast.MatchClass):
            parts = (*node.patterns, *node.kwd_patterns)
            return syntax.PartsPattern(node, self.text, tuple(map(self._pattern, parts)))
        return Pattern(node, self.text)


class _Statements(dict[type[ast.stmt], Callable[[FromAst, Any], Statement]]):
    """How each kind of statement is read; those that nothing is asked of all alike."""

    def __missing__(self, kind: type[ast.stmt]) -> Callable[[FromAst, Any], Statement]:
        return FromAst._other_statement


_STATEMENTS = _Statements(
    {
        ast.Expr: FromAst._expression_statement,
        ast.Assign: FromAst._assign,
        ast.AnnAssign: FromAst._annotated,
        ast.AugAssign: FromAst._augmented,
        ast.Return: FromAst._return,
        ast.Raise: FromAst._raise,
        ast.Break: FromAst._break,
        ast.Continue: FromAst._continue,
        ast.Delete: FromAst._delete,
        ast.Assert: FromAst._assert,
        ast.Global: FromAst._outer_names,
        ast.Nonlocal: FromAst._outer_names,
        ast.Import: FromAst._import,
        ast.ImportFrom: FromAst._import_from,
        ast.If: FromAst._if,
        ast.For: FromAst._for,
        ast.AsyncFor: FromAst._for,
        ast.While: FromAst._while,
        ast.Try: FromAst._try,
        ast.TryStar: FromAst._try,
        ast.With: FromAst._with,
        ast.AsyncWith: FromAst._with,
        ast.Match: FromAst._match,
        ast.FunctionDef: FromAst._function,
        ast.AsyncFunctionDef: FromAst._function,
        ast.ClassDef: FromAst._class,
    }
)
if sys.version_info >= (3, 12):
    _STATEMENTS[ast.TypeAlias] = FromAst._type_alias
