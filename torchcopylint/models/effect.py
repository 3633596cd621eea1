"""What a call does, in terms of its arguments: the only language in which models speak to the interpreter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from torchcopylint.domain.family import AnyFamily
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import NO_FLAGS, Flag
from torchcopylint.domain.sharing import Sharing
from torchcopylint.domain.use import Conversion, CopyHow, TakeHow
from torchcopylint.domain.value import NOTHING, Value, const_of
from torchcopylint.models.language import Act, Gives, Grad

HIGH, MEDIUM, LOW, NONE = 3, 2, 1, 0


@dataclass(frozen=True, slots=True)
class Effect:
    """One call's effect. Arguments are numbered from 0; for methods 0 is the receiver.

    result, grad, act: what it gives, what that is to the graph, what else is done (`models/language.py`); on: the
    arguments that the act concerns.
    kind, proof: what the result is and how sure that is. of: the arguments the result is made from.
    counter: the result shares the version counter.
    sharing: how the result came to share, where that is more than its being a view or a shallow copy.
    writes: arguments written in place, with gradients off where grad is never.
    conversion: what is done to a module itself. remedy: what to write instead of a method that there is not, "{}" for
    its receiver.
    layout: flags of the result.
    itself: what perhaps shares may be the very argument. indices: of several results the second is whole numbers.
    certain: the result is of this kind whatever the arguments are, as a constructor's is. own: what it makes surely has
    storage of its own.
    saves: pairs (kept for backward, for the gradient of) of arguments; -1 is the result.
    sizes: it makes a tensor whose elements lie in a row; its sizes, () where they are not known.
    deferred: what it writes, or gives, is there only once somebody has waited for it.
    copy: what makes a copy that somebody may want to judge. pure: nothing happens when the result is dropped.
    fields: of a record, for each argument the attributes that it is found under; the first is its keyword.
    takes: what it does with one argument, should that be a copy made for it, and which.
    """

    result: Gives = Gives.UNKNOWN
    kind: Kind = Kind.UNKNOWN
    proof: int = HIGH
    of: tuple[int, ...] = (0,)
    grad: Grad = Grad.FLOWS
    counter: bool = True
    writes: tuple[int, ...] = ()
    sharing: Sharing | None = None
    conversion: Conversion | None = None
    remedy: str = ""
    layout: frozenset[Flag] = NO_FLAGS
    act: Act | None = None
    on: tuple[int, ...] = ()
    copy: CopyHow | None = None
    pure: bool = False
    family: AnyFamily = None
    deferred: bool = False
    takes: tuple[TakeHow, int] | None = None
    itself: bool = False
    saves: tuple[tuple[int, int], ...] = ()
    indices: bool = False
    certain: bool = False
    own: bool = True
    sizes: tuple[int, ...] | None = None
    fields: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """A call as a model sees it: arguments by position (the receiver first), by keyword, the kinds they have, and the
    first one's traits: the layout flags that the effect which made it gave it."""

    args: tuple[Value, ...]
    keywords: Mapping[str, Value] = field(default_factory=dict)
    kinds: tuple[Kind, ...] = ()
    traits: frozenset[Flag] = NO_FLAGS
    sizes: tuple[int, ...] | None = None
    """Of the first, where its elements are known to lie in a row; () where only that is known."""

    def value(self, index: int, keyword: str = "") -> Value:
        """The argument at a position or under a keyword; empty where it is not given."""
        if index < len(self.args):
            return self.args[index]
        return self.keywords.get(keyword, NOTHING)

    def const(self, index: int, keyword: str = "") -> object:
        """The literal given, or NotImplemented."""
        return const_of(self.value(index, keyword))

    def flag(self, keyword: str) -> bool:
        """Whether the keyword is given as True."""
        return const_of(self.keywords.get(keyword, NOTHING)) is True

    def kind(self, index: int) -> Kind:
        """The kind of a positional argument, "unknown" where there is none."""
        return self.kinds[index] if index < len(self.kinds) else Kind.UNKNOWN


def leaf(shape: Shape) -> Grad:
    """The graph state of something made with, without, or with an unknown `requires_grad=`."""
    given = shape.keywords.get("requires_grad", NOTHING)
    flag = const_of(given) if given else False
    if not isinstance(flag, bool):
        return Grad.PERHAPS
    return Grad.LEAF if flag else Grad.NEVER


Model = Effect | Callable[[Shape], Effect | None]
