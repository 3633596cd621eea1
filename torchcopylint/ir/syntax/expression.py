"""The expressions of Python, as far as anything is asked of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from torchcopylint.ir.kind import ParameterKind
from torchcopylint.ir.site import Site


@dataclass(slots=True, eq=False, repr=False)
class Expression(Site):
    """An expression; of this very class where nothing is asked of what it consists of."""


class Argument(NamedTuple):
    """An argument of a call: positional, by keyword, or unpacked (`star` 1 for *, 2 for **)."""

    value: Expression
    keyword: str = ""
    star: int = 0


class Element(NamedTuple):
    """An element of a display, perhaps with a star."""

    value: Expression
    star: bool = False


class Index(NamedTuple):
    """One of what stands between the brackets of a subscript, perhaps with a star."""

    value: Expression | Slice
    star: bool = False


class Item(NamedTuple):
    """An item of a dict display; without a key it is one with `**`."""

    key: Expression | None
    value: Expression


class Parameter(NamedTuple):
    """A parameter."""

    name: str
    annotation: Expression | None
    default: Expression | None
    kind: ParameterKind


@dataclass(slots=True, eq=False, repr=False)
class Name(Expression):
    """A name; True, False and None are names too."""

    name: str

    @property
    def text(self) -> str:
        """The name, whether in parentheses or not."""
        return self.name


@dataclass(slots=True, eq=False, repr=False)
class Integer(Expression):
    number: int


@dataclass(slots=True, eq=False, repr=False)
class Float(Expression):
    number: float


@dataclass(slots=True, eq=False, repr=False)
class Imaginary(Expression):
    pass


@dataclass(slots=True, eq=False, repr=False)
class String(Expression):
    """A literal text or bytes; raw: what stands between the quotation marks; value: what that means."""

    raw: str
    value: object


@dataclass(slots=True, eq=False, repr=False)
class JoinedStrings(Expression):
    """String literals side by side: the first and the rest."""

    left: Expression
    right: Expression


@dataclass(slots=True, eq=False, repr=False)
class FormattedString(Expression):
    values: tuple[Expression, ...]


@dataclass(slots=True, eq=False, repr=False)
class EllipsisLiteral(Expression):
    pass


@dataclass(slots=True, eq=False, repr=False)
class Attribute(Expression):
    value: Expression
    attr: str


@dataclass(slots=True, eq=False, repr=False)
class Subscript(Expression):
    """`single`: there is one index, and neither star nor comma makes a tuple of it."""

    value: Expression
    indices: tuple[Index, ...]
    single: bool


@dataclass(slots=True, eq=False, repr=False)
class Slice(Site):
    lower: Expression | None
    upper: Expression | None
    step: Expression | None


@dataclass(slots=True, eq=False, repr=False)
class Call(Expression):
    func: Expression
    args: tuple[Argument, ...]


@dataclass(slots=True, eq=False, repr=False)
class BinaryOperation(Expression):
    left: Expression
    operator: str
    right: Expression


@dataclass(slots=True, eq=False, repr=False)
class BooleanOperation(Expression):
    """`operator` is "and" or "or"."""

    left: Expression
    operator: str
    right: Expression


@dataclass(slots=True, eq=False, repr=False)
class UnaryOperation(Expression):
    operator: str
    operand: Expression


@dataclass(slots=True, eq=False, repr=False)
class Comparison(Expression):
    left: Expression
    others: tuple[tuple[str, Expression], ...]


@dataclass(slots=True, eq=False, repr=False)
class Conditional(Expression):
    test: Expression
    body: Expression
    orelse: Expression


@dataclass(slots=True, eq=False, repr=False)
class Display(Expression):
    elements: tuple[Element, ...]


@dataclass(slots=True, eq=False, repr=False)
class Tuple(Display):
    pass


@dataclass(slots=True, eq=False, repr=False)
class List(Display):
    pass


@dataclass(slots=True, eq=False, repr=False)
class Set(Display):
    pass


@dataclass(slots=True, eq=False, repr=False)
class Dict(Expression):
    items: tuple[Item, ...]


@dataclass(slots=True, eq=False, repr=False)
class Filter(Site):
    """The `if` of a comprehension."""

    test: Expression


@dataclass(slots=True, eq=False, repr=False)
class Rounds(Site):
    """The `for` of a comprehension, with its filters and the next `for`."""

    target: Expression
    iterable: Expression
    filters: tuple[Filter, ...]
    inner: Rounds | None


@dataclass(slots=True, eq=False, repr=False)
class Comprehension(Expression):
    """A comprehension; `key` that of a dict's item; unpacked: what `value` holds is taken, as in `[*x for x in y]`."""

    value: Expression
    rounds: Rounds
    key: Expression | None = None
    unpacked: bool = False


@dataclass(slots=True, eq=False, repr=False)
class ListComprehension(Comprehension):
    pass


@dataclass(slots=True, eq=False, repr=False)
class SetComprehension(Comprehension):
    pass


@dataclass(slots=True, eq=False, repr=False)
class DictComprehension(Comprehension):
    pass


@dataclass(slots=True, eq=False, repr=False)
class Generator(Comprehension):
    pass


@dataclass(slots=True, eq=False, repr=False)
class Lambda(Expression):
    parameters: tuple[Parameter, ...]
    body: Expression


@dataclass(slots=True, eq=False, repr=False)
class NamedExpression(Expression):
    target: Expression
    value: Expression


@dataclass(slots=True, eq=False, repr=False)
class From(Site):
    """`from x` in `yield from x`."""

    iterable: Expression


@dataclass(slots=True, eq=False, repr=False)
class Yield(Expression):
    value: Expression | From | None


@dataclass(slots=True, eq=False, repr=False)
class Await(Expression):
    awaited: Expression
