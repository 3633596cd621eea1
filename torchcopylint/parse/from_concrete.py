"""A libcst tree → the neutral tree; each piece of syntax keeps the node that it came from."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

import libcst as cst

from torchcopylint.ir import syntax
from torchcopylint.ir.kind import ParameterKind
from torchcopylint.ir.question import dotted
from torchcopylint.ir.site import Site
from torchcopylint.ir.syntax import Argument, Body, Element, Expression, Index, Item, Parameter, Pattern, Statement

_BLANK = cst.Module(body=[])
_LONGEST_NUMBER = 100
_LONGEST_ESCAPED = 1000

_OPERATORS: dict[str, str] = {
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
    "And": "and",
    "Or": "or",
    "Not": "not",
    "Minus": "-",
    "Plus": "+",
    "BitInvert": "~",
}


class FromConcrete:
    """Makes the neutral tree of one libcst tree, and knows how its pieces are written."""

    def __init__(self) -> None:
        self._alone: set[int] = set()

    def module(self, tree: cst.Module) -> syntax.Module:
        """The whole file."""
        return syntax.Module(tree, self, self.body(tree))

    def code(self, site: Site) -> str:
        """The syntax as it stands in the text."""
        if isinstance(site.origin, cst.Module):
            return site.origin.code
        assert isinstance(site.origin, cst.CSTNode)
        return _BLANK.code_for_node(site.origin)

    def in_parentheses(self, site: Site) -> bool:
        """Whether the syntax has parentheses of its own."""
        return bool(getattr(site.origin, "lpar", ()))

    def begins_line(self, site: Site) -> bool:
        """Whether the syntax is a statement that has its line for itself."""
        return id(site.origin) in self._alone

    # --- statements

    def body(self, suite: cst.Module | cst.BaseSuite | cst.Else | cst.Finally | None) -> Body:
        """The statements of a suite; those of a line one by one."""
        if isinstance(suite, cst.Else | cst.Finally):
            suite = suite.body
        found: list[Statement] = []
        for node in suite.body if suite is not None else ():
            if type(node) is cst.SimpleStatementLine:
                if len(node.body) == 1:
                    self._alone.add(id(node.body[0]))
                found += map(self.statement, node.body)
            else:
                found.append(self.statement(node))
        return tuple(found)

    def statement(self, node: Any) -> Statement:
        """A statement."""
        make = _STATEMENTS.get(type(node).__name__)
        if make is not None:
            return make(self, node)
        other = syntax.SmallStatement if isinstance(node, cst.BaseSmallStatement) else Statement
        return other(node, self)

    def _expression_statement(self, node: cst.Expr) -> Statement:
        return syntax.ExpressionStatement(node, self, self.expression(node.value))

    def _assign(self, node: cst.Assign) -> Statement:
        targets = tuple(self.expression(target.target) for target in node.targets)
        return syntax.Assign(node, self, targets, self.expression(node.value))

    def _annotated(self, node: cst.AnnAssign) -> Statement:
        target, annotation = self.expression(node.target), self.expression(node.annotation.annotation)
        return syntax.AnnotatedAssign(node, self, target, annotation, self.optional(node.value))

    def _type_alias(self, node: cst.TypeAlias) -> Statement:
        return syntax.Assign(node, self, (self.expression(node.name),), self.expression(node.value))

    def _augmented(self, node: cst.AugAssign) -> Statement:
        operator = _OPERATORS[type(node.operator).__name__.removesuffix("Assign")]
        return syntax.AugmentedAssign(node, self, self.expression(node.target), operator, self.expression(node.value))

    def _return(self, node: cst.Return) -> Statement:
        return syntax.Return(node, self, self.optional(node.value))

    def _raise(self, node: cst.Raise) -> Statement:
        return syntax.Raise(node, self, self.optional(node.exc))

    def _break(self, node: cst.Break) -> Statement:
        return syntax.Break(node, self)

    def _continue(self, node: cst.Continue) -> Statement:
        return syntax.Continue(node, self)

    def _delete(self, node: cst.Del) -> Statement:
        bare = isinstance(node.target, cst.Tuple) and not node.target.lpar
        several = [element.value for element in node.target.elements] if bare else [node.target]  # type: ignore[attr-defined]
        return syntax.Delete(node, self, tuple(map(self.expression, several)))

    def _assert(self, node: cst.Assert) -> Statement:
        return syntax.Assert(node, self, self.expression(node.test))

    def _outer_names(self, node: cst.Global | cst.Nonlocal) -> Statement:
        return syntax.OuterNames(node, self, tuple(item.name.value for item in node.names))

    def _import(self, node: cst.Import) -> Statement:
        return syntax.Import(node, self, tuple(map(self._alias, node.names)))

    def _import_from(self, node: cst.ImportFrom) -> Statement:
        module = "." * len(node.relative) + (self._dotted(node.module) if node.module is not None else "")
        names = (("*", ""),) if isinstance(node.names, cst.ImportStar) else tuple(map(self._alias, node.names))
        return syntax.ImportFrom(node, self, module, names)

    def _alias(self, alias: cst.ImportAlias) -> tuple[str, str]:
        bound = alias.asname.name if alias.asname is not None else None
        return self._dotted(alias.name), bound.value if isinstance(bound, cst.Name) else ""

    def _dotted(self, node: cst.BaseExpression) -> str:
        return dotted(self.expression(node))

    def _if(self, node: cst.If) -> syntax.If:
        test, body = self.expression(node.test), self.body(node.body)
        orelse = self._if(node.orelse) if isinstance(node.orelse, cst.If) else self.body(node.orelse)
        return syntax.If(node, self, test, body, orelse)

    def _for(self, node: cst.For) -> Statement:
        target, iterable = self.expression(node.target), self.expression(node.iter)
        return syntax.For(node, self, target, iterable, self.body(node.body), self.body(node.orelse))

    def _while(self, node: cst.While) -> Statement:
        return syntax.While(node, self, self.expression(node.test), self.body(node.body), self.body(node.orelse))

    def _try(self, node: cst.Try | cst.TryStar) -> Statement:
        handlers = tuple(map(self._handler, node.handlers))
        return syntax.Try(node, self, self.body(node.body), handlers, self.body(node.orelse), self.body(node.finalbody))

    def _handler(self, node: cst.ExceptHandler | cst.ExceptStarHandler) -> syntax.Handler:
        bound = node.name.name if node.name is not None else None
        name = syntax.Name(bound, self, bound.value) if isinstance(bound, cst.Name) else None
        return syntax.Handler(node, self, name, self.body(node.body))

    def _with(self, node: cst.With) -> Statement:
        return syntax.With(node, self, tuple(map(self._context, node.items)), self.body(node.body))

    def _context(self, node: cst.WithItem) -> syntax.Context:
        target = node.asname.name if node.asname is not None else None
        return syntax.Context(node, self, self.expression(node.item), self.optional(target))

    def _function(self, node: cst.FunctionDef) -> Statement:
        return syntax.FunctionDef(
            node,
            self,
            node.name.value,
            self._parameters(node.params),
            tuple(self.expression(decorator.decorator) for decorator in node.decorators),
            self.optional(node.returns.annotation if node.returns is not None else None),
            self.body(node.body),
            (node.get_docstring() or "") if isinstance(node.body, cst.IndentedBlock) else "",
        )

    def _class(self, node: cst.ClassDef) -> Statement:
        bases = tuple(self.expression(base.value) for base in node.bases)
        decorators = tuple(self.expression(decorator.decorator) for decorator in node.decorators)
        return syntax.ClassDef(node, self, node.name.value, bases, decorators, self.body(node.body))

    def _parameters(self, params: cst.Parameters) -> tuple[Parameter, ...]:
        star = [params.star_arg] if isinstance(params.star_arg, cst.Param) else []
        double = [params.star_kwarg] if params.star_kwarg is not None else []
        return (
            *(self._parameter(param, ParameterKind.PLAIN) for param in (*params.posonly_params, *params.params)),
            *(self._parameter(param, ParameterKind.STAR) for param in star),
            *(self._parameter(param, ParameterKind.KEYWORD) for param in params.kwonly_params),
            *(self._parameter(param, ParameterKind.DOUBLE_STAR) for param in double),
        )

    def _parameter(self, param: cst.Param, kind: ParameterKind) -> Parameter:
        annotation = param.annotation.annotation if param.annotation is not None else None
        return Parameter(param.name.value, self.optional(annotation), self.optional(param.default), kind)

    def _match(self, node: cst.Match) -> Statement:
        return syntax.Match(node, self, self.expression(node.subject), tuple(map(self._case, node.cases)))

    def _case(self, node: cst.MatchCase) -> syntax.Case:
        guard = self.optional(node.guard)
        return syntax.Case(node, self, self._pattern(node.pattern), guard, self.body(node.body))

    def _pattern(self, node: cst.MatchPattern | cst.MatchStar) -> Pattern:
        if isinstance(node, cst.MatchAs):
            inner = self._pattern(node.pattern) if node.pattern is not None else None
            return syntax.Capture(node, self, inner, node.name.value if node.name is not None else "")
        if isinstance(node, cst.MatchStar):
            return syntax.StarPattern(node, self, node.name.value if node.name is not None else "")
        if isinstance(node, cst.MatchList | cst.MatchTuple):
            parts = (part if isinstance(part, cst.MatchStar) else part.value for part in node.patterns)
            return syntax.SequencePattern(node, self, tuple(map(self._pattern, parts)))
        if isinstance(node, cst.MatchMapping):
            return syntax.PartsPattern(node, self, tuple(self._pattern(item.pattern) for item in node.elements))
        if isinstance(node, cst.MatchClass):
            inside = (*(part.value for part in node.patterns), *(part.pattern for part in node.kwds))
            return syntax.PartsPattern(node, self, tuple(map(self._pattern, inside)))
        return Pattern(node, self)

    # --- expressions

    def expression(self, node: Any) -> Expression:
        """An expression."""
        make = _EXPRESSIONS.get(type(node)) or _NEWER_EXPRESSIONS.get(type(node).__name__)
        return make(self, node) if make is not None else Expression(node, self)

    def optional(self, node: cst.BaseExpression | None) -> Expression | None:
        """An expression, where there is one."""
        return self.expression(node) if node is not None else None

    def _name(self, node: cst.Name) -> Expression:
        return syntax.Name(node, self, node.value)

    def _integer(self, node: cst.Integer) -> Expression:
        short = len(node.value) < _LONGEST_NUMBER
        return syntax.Integer(node, self, int(node.value.replace("_", ""), 0) if short else 0)

    def _float(self, node: cst.Float) -> Expression:
        return syntax.Float(node, self, float(node.value.replace("_", "")))

    def _imaginary(self, node: cst.Imaginary) -> Expression:
        return syntax.Imaginary(node, self)

    def _string(self, node: cst.SimpleString) -> Expression:
        raw = node.raw_value
        value: object = raw
        if "\\" in raw and len(raw) < _LONGEST_ESCAPED:
            try:
                value = ast.literal_eval(node.value)
            except (SyntaxError, ValueError):
                value = raw
        return syntax.String(node, self, raw, value)

    def _joined(self, node: cst.ConcatenatedString) -> Expression:
        if type(node.left).__name__ == "TemplatedString":
            return self._templated(node)
        return syntax.JoinedStrings(node, self, self.expression(node.left), self.expression(node.right))

    def _formatted(self, node: cst.FormattedString) -> Expression:
        values = (part.expression for part in node.parts if isinstance(part, cst.FormattedStringExpression))
        return syntax.FormattedString(node, self, tuple(map(self.expression, values)))

    def _templated(self, node: Any) -> syntax.Tuple:
        """A t-string, or what stands beside one: what it is made of keeps the values themselves, as a tuple does."""
        if isinstance(node, cst.ConcatenatedString):
            values = self._templated(node.left).elements + self._templated(node.right).elements
            return syntax.Tuple(node, self, values)
        fields = [part.expression for part in getattr(node, "parts", ()) if hasattr(part, "expression")]
        return syntax.Tuple(node, self, tuple(Element(self.expression(field), False) for field in fields))

    def _ellipsis(self, node: cst.Ellipsis) -> Expression:
        return syntax.EllipsisLiteral(node, self)

    def _attribute(self, node: cst.Attribute) -> Expression:
        return syntax.Attribute(node, self, self.expression(node.value), node.attr.value)

    def _subscript(self, node: cst.Subscript) -> Expression:
        indices = tuple(map(self._index, node.slice))
        single = len(indices) == 1 and not indices[0].star and not isinstance(node.slice[0].comma, cst.Comma)
        return syntax.Subscript(node, self, self.expression(node.value), indices, single)

    def _index(self, element: cst.SubscriptElement) -> Index:
        part = element.slice
        if isinstance(part, cst.Index):
            return Index(self.expression(part.value), bool(part.star))
        assert isinstance(part, cst.Slice)
        bounds = map(self.optional, (part.lower, part.upper, part.step))
        return Index(syntax.Slice(part, self, *bounds))

    def _call(self, node: cst.Call) -> Expression:
        return syntax.Call(node, self, self.expression(node.func), tuple(map(self._argument, node.args)))

    def _argument(self, node: cst.Arg) -> Argument:
        keyword = node.keyword.value if node.keyword is not None else ""
        return Argument(self.expression(node.value), keyword, len(node.star))

    def _binary(self, node: cst.BinaryOperation) -> Expression:
        spine = [node]
        while isinstance(left := spine[-1].left, cst.BinaryOperation):
            spine.append(left)
        found = self.expression(spine[-1].left)
        for part in reversed(spine):
            operator = _OPERATORS[type(part.operator).__name__]
            found = syntax.BinaryOperation(part, self, found, operator, self.expression(part.right))
        return found

    def _boolean(self, node: cst.BooleanOperation) -> Expression:
        left, right = self.expression(node.left), self.expression(node.right)
        return syntax.BooleanOperation(node, self, left, _OPERATORS[type(node.operator).__name__], right)

    def _unary(self, node: cst.UnaryOperation) -> Expression:
        operator = _OPERATORS[type(node.operator).__name__]
        return syntax.UnaryOperation(node, self, operator, self.expression(node.expression))

    def _comparison(self, node: cst.Comparison) -> Expression:
        others = (
            (_OPERATORS[type(part.operator).__name__], self.expression(part.comparator)) for part in node.comparisons
        )
        return syntax.Comparison(node, self, self.expression(node.left), tuple(others))

    def _conditional(self, node: cst.IfExp) -> Expression:
        test, body, orelse = map(self.expression, (node.test, node.body, node.orelse))
        return syntax.Conditional(node, self, test, body, orelse)

    def _tuple(self, node: cst.Tuple) -> Expression:
        return syntax.Tuple(node, self, self._elements(node.elements))

    def _list(self, node: cst.List) -> Expression:
        return syntax.List(node, self, self._elements(node.elements))

    def _set(self, node: cst.Set) -> Expression:
        return syntax.Set(node, self, self._elements(node.elements))

    def _elements(self, elements: Iterable[cst.BaseElement]) -> tuple[Element, ...]:
        return tuple(Element(self.expression(e.value), isinstance(e, cst.StarredElement)) for e in elements)

    def _dict(self, node: cst.Dict) -> Expression:
        return syntax.Dict(node, self, tuple(map(self._item, node.elements)))

    def _item(self, element: cst.BaseDictElement) -> Item:
        key = self.expression(element.key) if isinstance(element, cst.DictElement) else None
        return Item(key, self.expression(element.value))

    def _comprehension(self, node: cst.BaseComp) -> Expression:
        if isinstance(node, cst.DictComp):
            value, rounds = self.expression(node.value), self._rounds(node.for_in)
            return syntax.DictComprehension(node, self, value, rounds, self.expression(node.key))
        if not isinstance(node, cst.BaseSimpleComp):  # `{**x for x in y}`
            value, rounds = self.expression(node.value), self._rounds(node.for_in)  # type: ignore[attr-defined]
            return syntax.DictComprehension(node, self, value, rounds, unpacked=True)
        kind, unpacked = _COMPREHENSIONS[type(node).__name__], isinstance(node.elt, cst.StarredElement)
        value = self.expression(node.elt.value if isinstance(node.elt, cst.StarredElement) else node.elt)
        return kind(node, self, value, self._rounds(node.for_in), unpacked=unpacked)

    def _rounds(self, node: cst.CompFor) -> syntax.Rounds:
        filters = tuple(syntax.Filter(part, self, self.expression(part.test)) for part in node.ifs)
        inner = self._rounds(node.inner_for_in) if node.inner_for_in is not None else None
        return syntax.Rounds(node, self, self.expression(node.target), self.expression(node.iter), filters, inner)

    def _lambda(self, node: cst.Lambda) -> Expression:
        return syntax.Lambda(node, self, self._parameters(node.params), self.expression(node.body))

    def _walrus(self, node: cst.NamedExpr) -> Expression:
        return syntax.NamedExpression(node, self, self.expression(node.target), self.expression(node.value))

    def _yield(self, node: cst.Yield) -> Expression:
        if isinstance(node.value, cst.From):
            return syntax.Yield(node, self, syntax.From(node.value, self, self.expression(node.value.item)))
        return syntax.Yield(node, self, self.optional(node.value))

    def _await(self, node: cst.Await) -> Expression:
        return syntax.Await(node, self, self.expression(node.expression))


_COMPREHENSIONS: dict[str, type[syntax.Comprehension]] = {
    "ListComp": syntax.ListComprehension,
    "SetComp": syntax.SetComprehension,
    "GeneratorExp": syntax.Generator,
}
_EXPRESSIONS: dict[type, Callable[[FromConcrete, Any], Expression]] = {
    cst.Name: FromConcrete._name,
    cst.Integer: FromConcrete._integer,
    cst.Float: FromConcrete._float,
    cst.Imaginary: FromConcrete._imaginary,
    cst.SimpleString: FromConcrete._string,
    cst.ConcatenatedString: FromConcrete._joined,
    cst.FormattedString: FromConcrete._formatted,
    cst.Ellipsis: FromConcrete._ellipsis,
    cst.Attribute: FromConcrete._attribute,
    cst.Subscript: FromConcrete._subscript,
    cst.Call: FromConcrete._call,
    cst.BinaryOperation: FromConcrete._binary,
    cst.BooleanOperation: FromConcrete._boolean,
    cst.UnaryOperation: FromConcrete._unary,
    cst.Comparison: FromConcrete._comparison,
    cst.IfExp: FromConcrete._conditional,
    cst.Tuple: FromConcrete._tuple,
    cst.List: FromConcrete._list,
    cst.Set: FromConcrete._set,
    cst.Dict: FromConcrete._dict,
    cst.ListComp: FromConcrete._comprehension,
    cst.SetComp: FromConcrete._comprehension,
    cst.DictComp: FromConcrete._comprehension,
    cst.GeneratorExp: FromConcrete._comprehension,
    cst.Lambda: FromConcrete._lambda,
    cst.NamedExpr: FromConcrete._walrus,
    cst.Yield: FromConcrete._yield,
    cst.Await: FromConcrete._await,
}
_NEWER_EXPRESSIONS: dict[str, Callable[[FromConcrete, Any], Expression]] = {
    "TemplatedString": FromConcrete._templated,
    "StarredDictComp": FromConcrete._comprehension,
}
"""By name, for an older libcst has no such class."""

_STATEMENTS: dict[str, Callable[[FromConcrete, Any], Statement]] = {
    "Expr": FromConcrete._expression_statement,
    "Assign": FromConcrete._assign,
    "AnnAssign": FromConcrete._annotated,
    "AugAssign": FromConcrete._augmented,
    "Return": FromConcrete._return,
    "Raise": FromConcrete._raise,
    "Break": FromConcrete._break,
    "Continue": FromConcrete._continue,
    "Del": FromConcrete._delete,
    "Assert": FromConcrete._assert,
    "Global": FromConcrete._outer_names,
    "Nonlocal": FromConcrete._outer_names,
    "Import": FromConcrete._import,
    "ImportFrom": FromConcrete._import_from,
    "LazyImport": FromConcrete._import,
    "LazyImportFrom": FromConcrete._import_from,
    "TypeAlias": FromConcrete._type_alias,
    "If": FromConcrete._if,
    "For": FromConcrete._for,
    "While": FromConcrete._while,
    "Try": FromConcrete._try,
    "TryStar": FromConcrete._try,
    "With": FromConcrete._with,
    "Match": FromConcrete._match,
    "FunctionDef": FromConcrete._function,
    "ClassDef": FromConcrete._class,
}
