"""The statements of Python and the patterns of `match`, as far as anything is asked of them."""

from __future__ import annotations

from dataclasses import dataclass

from torchcopylint.ir.site import Site
from torchcopylint.ir.syntax.expression import Expression, Name, Parameter


@dataclass(slots=True, eq=False, repr=False)
class Statement(Site):
    """A statement; of this very class where it holds others and nothing is asked of it."""


Body = tuple[Statement, ...]


@dataclass(slots=True, eq=False, repr=False)
class SmallStatement(Statement):
    """A statement that holds no others; of this very class where nothing is asked of what it consists of."""


@dataclass(slots=True, eq=False, repr=False)
class ExpressionStatement(SmallStatement):
    value: Expression


@dataclass(slots=True, eq=False, repr=False)
class Assign(SmallStatement):
    targets: tuple[Expression, ...]
    value: Expression


@dataclass(slots=True, eq=False, repr=False)
class AnnotatedAssign(SmallStatement):
    target: Expression
    annotation: Expression
    value: Expression | None


@dataclass(slots=True, eq=False, repr=False)
class AugmentedAssign(SmallStatement):
    """`operator` is written as in a binary operation: "+" for `+=`."""

    target: Expression
    operator: str
    value: Expression


@dataclass(slots=True, eq=False, repr=False)
class Return(SmallStatement):
    value: Expression | None


@dataclass(slots=True, eq=False, repr=False)
class Raise(SmallStatement):
    exception: Expression | None


@dataclass(slots=True, eq=False, repr=False)
class Break(SmallStatement):
    pass


@dataclass(slots=True, eq=False, repr=False)
class Continue(SmallStatement):
    pass


@dataclass(slots=True, eq=False, repr=False)
class Delete(SmallStatement):
    targets: tuple[Expression, ...]


@dataclass(slots=True, eq=False, repr=False)
class Assert(SmallStatement):
    test: Expression


@dataclass(slots=True, eq=False, repr=False)
class OuterNames(SmallStatement):
    """`global` and `nonlocal`."""

    names: tuple[str, ...]


@dataclass(slots=True, eq=False, repr=False)
class Import(SmallStatement):
    """`names`: each imported name, in full, and what it is bound to here: "" where `as` does not say."""

    names: tuple[tuple[str, str], ...]


@dataclass(slots=True, eq=False, repr=False)
class ImportFrom(SmallStatement):
    """`module` with its leading dots; a name of "*" stands for all."""

    module: str
    names: tuple[tuple[str, str], ...]


@dataclass(slots=True, eq=False, repr=False)
class If(Statement):
    """`orelse` is the `if` that an `elif` is, or what follows `else`."""

    test: Expression
    body: Body
    orelse: If | Body


@dataclass(slots=True, eq=False, repr=False)
class For(Statement):
    target: Expression
    iterable: Expression
    body: Body
    orelse: Body


@dataclass(slots=True, eq=False, repr=False)
class While(Statement):
    test: Expression
    body: Body
    orelse: Body


@dataclass(slots=True, eq=False, repr=False)
class Handler(Site):
    """An `except`, with the name that it binds."""

    name: Name | None
    body: Body


@dataclass(slots=True, eq=False, repr=False)
class Try(Statement):
    body: Body
    handlers: tuple[Handler, ...]
    orelse: Body
    final: Body


@dataclass(slots=True, eq=False, repr=False)
class Context(Site):
    """A context manager of a `with`, and what it is bound to."""

    manager: Expression
    target: Expression | None


@dataclass(slots=True, eq=False, repr=False)
class With(Statement):
    contexts: tuple[Context, ...]
    body: Body


@dataclass(slots=True, eq=False, repr=False)
class Pattern(Site):
    """A pattern; of this very class where it binds nothing."""


@dataclass(slots=True, eq=False, repr=False)
class Capture(Pattern):
    """A pattern, if any, whose subject gets a name, if any."""

    pattern: Pattern | None
    name: str


@dataclass(slots=True, eq=False, repr=False)
class StarPattern(Pattern):
    name: str


@dataclass(slots=True, eq=False, repr=False)
class SequencePattern(Pattern):
    patterns: tuple[Pattern, ...]


@dataclass(slots=True, eq=False, repr=False)
class PartsPattern(Pattern):
    """A pattern of a mapping or a class: those of what it holds."""

    patterns: tuple[Pattern, ...]


@dataclass(slots=True, eq=False, repr=False)
class Case(Site):
    pattern: Pattern
    guard: Expression | None
    body: Body


@dataclass(slots=True, eq=False, repr=False)
class Match(Statement):
    subject: Expression
    cases: tuple[Case, ...]


@dataclass(slots=True, eq=False, repr=False)
class FunctionDef(Statement):
    """`docstring` is "" where the body has no lines of its own."""

    name: str
    parameters: tuple[Parameter, ...]
    decorators: tuple[Expression, ...]
    returns: Expression | None
    body: Body
    docstring: str


@dataclass(slots=True, eq=False, repr=False)
class ClassDef(Statement):
    name: str
    bases: tuple[Expression, ...]
    decorators: tuple[Expression, ...]
    body: Body


@dataclass(slots=True, eq=False, repr=False)
class Module(Site):
    body: Body
