"""Python's own tree → the neutral tree, the same as libcst's gives: expressions."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any

from torchcopylint.ir import syntax
from torchcopylint.ir.kind import ParameterKind
from torchcopylint.ir.site import Written
from torchcopylint.ir.syntax import Argument, Element, Expression, Index, Item, Parameter
from torchcopylint.parse.literal import NESTS, count_fields, is_formatted, literals, raw_of, value_of
from torchcopylint.parse.stretch import Handed, Piece, Run, Stretches, Unparsed

_LONGEST_NUMBER = 100

OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.And: "and",
    ast.Or: "or",
    ast.Not: "not",
    ast.USub: "-",
    ast.UAdd: "+",
    ast.Invert: "~",
}


class ExpressionsFromAst:
    """Makes neutral expressions of those of one tree of Python's."""

    def __init__(self, text: str) -> None:
        self.text = Stretches(text)
        self.written: Written = self.text

    def expression(self, node: ast.expr) -> Expression:
        """An expression."""
        return _EXPRESSIONS[type(node)](self, node)

    def optional(self, node: ast.expr | None) -> Expression | None:
        """An expression, where there is one."""
        return _EXPRESSIONS[type(node)](self, node) if node is not None else None

    def _other(self, node: ast.expr) -> Expression:
        return Expression(node, self.written)

    def _name(self, node: ast.Name) -> Expression:
        return syntax.Name(node, self.written, node.id)

    def _constant(self, node: ast.Constant) -> Expression:
        value = node.value
        if isinstance(value, str | bytes):
            return self._strings(node, value)
        if value is None or isinstance(value, bool):
            return syntax.Name(node, self.written, str(value))
        if isinstance(value, int):
            short = (node.end_col_offset or 0) - node.col_offset < _LONGEST_NUMBER
            return syntax.Integer(node, self.written, value if short else 0)
        if isinstance(value, float):
            return syntax.Float(node, self.written, value)
        kind = syntax.Imaginary if isinstance(value, complex) else syntax.EllipsisLiteral
        return kind(node, self.written)

    def _strings(self, node: ast.Constant, value: str | bytes) -> Expression:
        if self.written is not self.text:
            raw = value if isinstance(value, str) else value.decode("latin-1")
            return syntax.String(node, self.written, raw, raw)
        start, end = self.text.own(node)
        code = self.text.text[start:end]
        if code[1:-1] == value and "\\" not in code:
            return syntax.String(node, self.text, value, value)
        return self._side_by_side(node, start, code, ())

    def _side_by_side(
        self, node: ast.expr, start: int, code: str, fields: Sequence[tuple[ast.FormattedValue, Expression]]
    ) -> Expression:
        """One literal, or several that stand side by side: the first joined with the rest."""
        found = literals(code)
        if len(found) == 1:
            return self._literal(node, code, [value for _, value in fields])
        parts, left = list[Expression](), list(fields)
        for begin, end in found:
            piece, part = Piece(start + begin, start + end), code[begin:end]
            inside = [] if not is_formatted(part) else self._inside(piece, part, left)
            parts.append(self._literal(piece, part, [value for _, value in inside]))
            left = left[len(inside) :]
        if left:
            raise ValueError("an f-string whose expressions cannot be told apart")
        joined = parts.pop()
        while parts:
            whole = Piece(start + found[len(parts) - 1][0], start + len(code))
            joined = syntax.JoinedStrings(whole if len(parts) > 1 else node, self.text, parts.pop(), joined)
        return joined

    def _inside(
        self, piece: Piece, code: str, fields: list[tuple[ast.FormattedValue, Expression]]
    ) -> list[tuple[ast.FormattedValue, Expression]]:
        """Of the expressions that are left those in one f-string."""
        if NESTS:
            return [field for field in fields if piece.start <= self.text.own(field[0])[0] < piece.end]
        return fields[: count_fields(code)]

    def _literal(self, origin: object, code: str, values: list[Expression]) -> Expression:
        if is_formatted(code):
            return syntax.FormattedString(origin, self.text, tuple(values))
        raw = raw_of(code)
        return syntax.String(origin, self.text, raw, value_of(code, raw))

    def _formatted(self, node: ast.JoinedStr) -> Expression:
        outer = self.written
        self.written = outer if NESTS else Unparsed()
        parts = [part for part in node.values if isinstance(part, ast.FormattedValue)]
        fields = [(part, self.expression(part.value)) for part in parts]
        self.written = outer
        if outer is not self.text:
            return syntax.FormattedString(node, outer, tuple(value for _, value in fields))
        start, end = self.text.own(node)
        return self._side_by_side(node, start, self.text.text[start:end], fields)

    def _templated(self, node: Any) -> Expression:
        fields = [part.value for part in node.values if not isinstance(part, ast.Constant)]
        return syntax.Tuple(node, self.written, tuple(Element(self.expression(field), False) for field in fields))

    def _attribute(self, node: ast.Attribute) -> Expression:
        return syntax.Attribute(node, self.written, self.expression(node.value), node.attr)

    def _subscript(self, node: ast.Subscript) -> Expression:
        inside = node.slice
        several = isinstance(inside, ast.Tuple) and not self._in_own_parentheses(inside)
        indices = tuple(map(self._index, inside.elts if several else [inside]))  # type: ignore[attr-defined]
        return syntax.Subscript(node, self.written, self.expression(node.value), indices, not several)

    def _in_own_parentheses(self, node: ast.Tuple) -> bool:
        if self.written is not self.text or any(isinstance(element, ast.Slice) for element in node.elts):
            return not node.elts
        return self.text.encloses(node)

    def _index(self, node: ast.expr) -> Index:
        if isinstance(node, ast.Slice):
            bounds = map(self.optional, (node.lower, node.upper, node.step))
            return Index(syntax.Slice(node, self.written, *bounds))
        star = isinstance(node, ast.Starred)
        return Index(self.expression(node.value if isinstance(node, ast.Starred) else node), star)

    def _call(self, node: ast.Call) -> Expression:
        func = self.expression(node.func)
        args, keywords = node.args, node.keywords
        if len(args) == 1 and not keywords:
            self.text.alone[id(args[0])] = node
        found = [
            Argument(self.expression(a.value), "", 1) if type(a) is ast.Starred else Argument(self.expression(a))
            for a in args
        ]
        if keywords:
            found += [Argument(self.expression(k.value), k.arg or "", 0 if k.arg else 2) for k in keywords]
            if args and _place(args[-1]) > _place(keywords[0]):
                places = [*map(_place, args), *map(_place, keywords)]
                found = [argument for _, argument in sorted(zip(places, found, strict=True), key=itemgetter(0))]
        return syntax.Call(node, self.written, func, tuple(found))

    def _binary(self, node: ast.BinOp) -> Expression:
        spine = [node]
        while isinstance(left := spine[-1].left, ast.BinOp):
            spine.append(left)
        found = self.expression(spine[-1].left)
        for part in reversed(spine):
            operator, right = OPERATORS[type(part.op)], self.expression(part.right)
            found = syntax.BinaryOperation(part, self.written, found, operator, right)
        return found

    def _boolean(self, node: ast.BoolOp) -> Expression:
        operator, last = OPERATORS[type(node.op)], node.values[-1]
        found = self.expression(node.values[0])
        for part in node.values[1:]:
            origin = node if part is last else Run(node, part)
            found = syntax.BooleanOperation(origin, self.written, found, operator, self.expression(part))
        return found

    def _unary(self, node: ast.UnaryOp) -> Expression:
        return syntax.UnaryOperation(node, self.written, OPERATORS[type(node.op)], self.expression(node.operand))

    def _comparison(self, node: ast.Compare) -> Expression:
        left = self.expression(node.left)
        others = zip((OPERATORS[type(op)] for op in node.ops), map(self.expression, node.comparators), strict=True)
        return syntax.Comparison(node, self.written, left, tuple(others))

    def _conditional(self, node: ast.IfExp) -> Expression:
        test, body, orelse = map(self.expression, (node.test, node.body, node.orelse))
        return syntax.Conditional(node, self.written, test, body, orelse)

    def _tuple(self, node: ast.Tuple) -> Expression:
        return syntax.Tuple(node, self.written, self._elements(node.elts))

    def _list(self, node: ast.List) -> Expression:
        return syntax.List(node, self.written, self._elements(node.elts))

    def _set(self, node: ast.Set) -> Expression:
        return syntax.Set(node, self.written, self._elements(node.elts))

    def _elements(self, elements: Iterable[ast.expr]) -> tuple[Element, ...]:
        return tuple(
            [
                Element(self.expression(e.value), True) if type(e) is ast.Starred else Element(self.expression(e))
                for e in elements
            ]
        )

    def _dict(self, node: ast.Dict) -> Expression:
        items = zip(map(self.optional, node.keys), map(self.expression, node.values), strict=True)
        return syntax.Dict(node, self.written, tuple(Item(key, value) for key, value in items))

    def _simple_comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Expression:
        kind = _COMPREHENSIONS[type(node)]
        unpacked = isinstance(node.elt, ast.Starred)
        value = self.expression(node.elt.value if isinstance(node.elt, ast.Starred) else node.elt)
        return kind(node, self.written, value, self._rounds(node.generators), unpacked=unpacked)

    def _dict_comprehension(self, node: ast.DictComp) -> Expression:
        rounds = self._rounds(node.generators)
        if node.value is None:  # `{**x for x in y}`, of Python 3.15
            return syntax.DictComprehension(node, self.written, self.expression(node.key), rounds, unpacked=True)
        value = self.expression(node.value)
        return syntax.DictComprehension(node, self.written, value, rounds, self.expression(node.key))

    def _rounds(self, generators: list[ast.comprehension]) -> syntax.Rounds:
        found: syntax.Rounds | None = None
        for node in reversed(generators):
            filters = tuple(syntax.Filter(test, self.written, self.expression(test)) for test in node.ifs)
            target, iterable = self.expression(node.target), self.expression(node.iter)
            found = syntax.Rounds(node, self.written, target, iterable, filters, found)
        assert found is not None
        return found

    def _lambda(self, node: ast.Lambda) -> Expression:
        return syntax.Lambda(node, self.written, self.parameters(node.args), self.expression(node.body))

    def _walrus(self, node: ast.NamedExpr) -> Expression:
        return syntax.NamedExpression(node, self.written, self.expression(node.target), self.expression(node.value))

    def _yield(self, node: ast.Yield) -> Expression:
        return syntax.Yield(node, self.written, self.optional(node.value))

    def _yield_from(self, node: ast.YieldFrom) -> Expression:
        inner = syntax.From(Handed(node), self.written, self.expression(node.value))
        return syntax.Yield(node, self.written, inner)

    def _await(self, node: ast.Await) -> Expression:
        return syntax.Await(node, self.written, self.expression(node.value))

    def parameters(self, args: ast.arguments) -> tuple[Parameter, ...]:
        """The parameters of a function, in the order in which their defaults are computed."""
        plain = [*args.posonlyargs, *args.args]
        defaults: list[ast.expr | None] = [*[None] * (len(plain) - len(args.defaults)), *args.defaults]
        found = [
            self._parameter(arg, default, ParameterKind.PLAIN) for arg, default in zip(plain, defaults, strict=True)
        ]
        if args.vararg is not None:
            found.append(self._parameter(args.vararg, None, ParameterKind.STAR))
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            found.append(self._parameter(arg, default, ParameterKind.KEYWORD))
        if args.kwarg is not None:
            found.append(self._parameter(args.kwarg, None, ParameterKind.DOUBLE_STAR))
        return tuple(found)

    def _parameter(self, arg: ast.arg, default: ast.expr | None, kind: ParameterKind) -> Parameter:
        return Parameter(arg.arg, self.optional(arg.annotation), self.optional(default), kind)


def _place(node: ast.expr | ast.keyword) -> tuple[int, int]:
    return node.lineno, node.col_offset


_COMPREHENSIONS: dict[type, type[syntax.Comprehension]] = {
    ast.ListComp: syntax.ListComprehension,
    ast.SetComp: syntax.SetComprehension,
    ast.GeneratorExp: syntax.Generator,
}


class _Expressions(dict[type, Callable[[ExpressionsFromAst, Any], Expression]]):
    """How each kind of expression is read; those that nothing is asked of all alike."""

    def __missing__(self, kind: type) -> Callable[[ExpressionsFromAst, Any], Expression]:
        return ExpressionsFromAst._other


_EXPRESSIONS = _Expressions(
    {
        ast.Name: ExpressionsFromAst._name,
        ast.Constant: ExpressionsFromAst._constant,
        ast.JoinedStr: ExpressionsFromAst._formatted,
        ast.Attribute: ExpressionsFromAst._attribute,
        ast.Subscript: ExpressionsFromAst._subscript,
        ast.Call: ExpressionsFromAst._call,
        ast.BinOp: ExpressionsFromAst._binary,
        ast.BoolOp: ExpressionsFromAst._boolean,
        ast.UnaryOp: ExpressionsFromAst._unary,
        ast.Compare: ExpressionsFromAst._comparison,
        ast.IfExp: ExpressionsFromAst._conditional,
        ast.Tuple: ExpressionsFromAst._tuple,
        ast.List: ExpressionsFromAst._list,
        ast.Set: ExpressionsFromAst._set,
        ast.Dict: ExpressionsFromAst._dict,
        ast.ListComp: ExpressionsFromAst._simple_comprehension,
        ast.SetComp: ExpressionsFromAst._simple_comprehension,
        ast.GeneratorExp: ExpressionsFromAst._simple_comprehension,
        ast.DictComp: ExpressionsFromAst._dict_comprehension,
        ast.Lambda: ExpressionsFromAst._lambda,
        ast.NamedExpr: ExpressionsFromAst._walrus,
        ast.Yield: ExpressionsFromAst._yield,
        ast.YieldFrom: ExpressionsFromAst._yield_from,
        ast.Await: ExpressionsFromAst._await,
    }
)
if sys.version_info >= (3, 14):
    _EXPRESSIONS[ast.TemplateStr] = ExpressionsFromAst._templated
