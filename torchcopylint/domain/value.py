"""Abstract values: what a name may stand for. A value is a set of elements, written as a tuple."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from torchcopylint.domain.family import AnyFamily
from torchcopylint.domain.ground import Ground
from torchcopylint.domain.identity import Id
from torchcopylint.domain.kind import Kind
from torchcopylint.ir import Class, Function

MOST_ELEMENTS = 10


class Ref(NamedTuple):
    """An object, and the handle (the name it was taken under) through which it is reached."""

    obj: Id
    hand: Id


class Const(NamedTuple):
    """A literal of the program."""

    value: object
    tag: str = "const"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Const) and type(self.value) is type(other.value) and self.value == other.value

    def __hash__(self) -> int:
        return hash((type(self.value).__name__, self.value))


class Named(NamedTuple):
    """Something imported or built in, by its full dotted name."""

    name: str
    tag: str = "named"


class Scalar(NamedTuple):
    """A Python number, flag or text of unknown value."""

    tag: str = "scalar"


class Unknown(NamedTuple):
    """Nothing is known; more: of what was left out of a value, for it might be too many things."""

    more: bool = False
    tag: str = "unknown"


class Cut(NamedTuple):
    """A slice used as an index; the bounds as text where they are literals."""

    text: str = ":"
    tag: str = "slice"


class Bound(NamedTuple):
    """An attribute of something, about to be called."""

    receiver: Element
    attr: str
    tag: str = "bound"


class Narrow(NamedTuple):
    """The outcome of a test on a name's type: it is (or is not) of a kind."""

    name: str
    kinds: tuple[Kind, ...]
    holds: bool = True
    tag: str = "narrow"


@dataclass(frozen=True, slots=True, eq=False)
class Code:
    """A function of this file, with the function it was defined in."""

    function: Function
    home: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class KnownClass:
    """A class of this file: what its bases make it, and where its methods are found, nearest first.

    foreign: methods may come from a base that is not in this file and not torch's; ground: on what the kind rests.
    """

    cls: Class
    kind: Kind
    proof: int
    bases: tuple[KnownClass, ...] = ()
    family: AnyFamily = None
    home: str = ""
    foreign: bool = False
    ground: Ground = Ground.GUESSED

    def method(self, name: str) -> Function | None:
        """The method of this name, in this class or a base in the same file."""
        found = self.cls.methods.get(name)
        if found is not None:
            return found
        return next((m for base in self.bases if (m := base.method(name)) is not None), None)


class ClassOf(NamedTuple):
    """A class of this file as a value."""

    known: KnownClass
    tag: str = "class"


class Callee(NamedTuple):
    """A function of this file as a value, perhaps bound to a receiver."""

    code: Code
    receiver: Element | None = None
    tag: str = "code"


Element: TypeAlias = Ref | Const | Named | Scalar | Unknown | Cut | Bound | Narrow | ClassOf | Callee
Value: TypeAlias = tuple[Element, ...]

UNKNOWN: Value = (Unknown(),)
SCALAR: Value = (Scalar(),)
NONE: Value = (Const(None),)
NOTHING: Value = ()
MORE = Unknown(more=True)


def join_values(a: Value, b: Value) -> Value:
    """Whatever either may be: the elements of both, or of too many what `_cut` leaves.

    What was cut stays so, whatever it is joined with: otherwise the order of joining would decide what is left, and
    what a loop brings back would come and go.
    """
    if a is b or a == b or not b:
        return a
    if not a:
        return b
    merged = a + tuple(e for e in b if e not in a)
    return merged if len(merged) <= MOST_ELEMENTS and MORE not in merged else _cut(merged)


def _cut(value: Value) -> Value:
    """The oldest objects, each by its oldest handle; nothing is known of what else it may be."""
    hands: dict[Id, Id] = {}
    for obj, hand in refs_of(value):
        hands[obj] = min(hand, hands.get(obj, hand))
    return (*(Ref(obj, hands[obj]) for obj in sorted(hands)[:MOST_ELEMENTS]), MORE)


def refs_of(value: Value) -> tuple[Ref, ...]:
    """The references among a value's elements."""
    if len(value) == 1:
        element = value[0]
        return (element,) if type(element) is Ref else ()
    return tuple([e for e in value if type(e) is Ref])


def const_of(value: Value) -> object:
    """The literal a value is for sure, or Ellipsis' neighbour NotImplemented where it is none."""
    if len(value) == 1 and isinstance(value[0], Const):
        return value[0].value
    return NotImplemented
