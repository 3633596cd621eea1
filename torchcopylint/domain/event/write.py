"""Writes that are visible where nothing expects them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import auto

from torchcopylint.domain.event.event import Event
from torchcopylint.domain.fact import Fact
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import NO_FLAGS, Flag
from torchcopylint.domain.sharing import Owner, Sharing, Sure


class DefaultOf(Fact):
    """Whose default a thing is that is made once."""

    ARGUMENT = auto()
    ATTRIBUTE = auto()
    """Of a class."""


class Overlap(Fact):
    """Why it goes wrong that a tensor is written from a view of itself."""

    SWAPPED = auto()
    """The view's place was written before the view was read."""
    SHIFTED = auto()
    SHIFTED_LEFT = auto()
    PART = auto()
    PERMUTED = auto()
    FACTOR = auto()
    """A product is written into one of its factors."""


class Result(Fact):
    """What a function gives that says by it that it is there to write."""

    NOTHING = auto()
    ITSELF = auto()
    """The very tensor that it wrote."""


@dataclass(frozen=True, slots=True)
class SharedWrite(Event):
    """An in-place write to storage that is read elsewhere.

    name: the name written through; write: the write as written; alias: how that name came to share; owner: of the
    storage; source: the owner's name; others: names of the same storage read afterwards; twins: further names of the
    very object read afterwards; compared: another name that is then subtracted from what was written, or compared;
    ways: how the nearest other name shares with the written one; kept: it was taken from the written one; own: the
    written name is read afterwards; again_read: it is, though what the writing call gave back goes on as something
    else; remedy: the text of `site` with a copy that parts them; operator: written by `+=`
    or the like; arithmetic, derived: the operation, or the value written, computes from what was there; constant: a
    literal; layout: flags of what is written, kind: what it is; sure: how surely it reaches the name that is read;
    named: it has a name; fills: the storage was made blank; grad_off: gradients are off; parameter: it belongs to a
    module's weights or gradients;
    spared: every call in the file hands over something made for it; called: there is one; watched: one hands over what
    others look at; met_again: one hands over the same again, in the next iteration of a loop; result: what the function
    gives; inside: the argument is not a tensor but holds the one that is written, which source then names; again: the
    function has written it before; via: a function that is called here does so; state: methods of the class set the
    attribute anew; default: whose default is written.
    """

    write: str = ""
    alias: Sharing = Sharing.SAME_OBJECT
    owner: Owner = Owner.LOCAL
    others: tuple[str, ...] = ()
    twins: tuple[str, ...] = ()
    compared: str = ""
    ways: tuple[Sharing, ...] = ()
    kept: bool = False
    own: bool = False
    again_read: bool = False
    arithmetic: bool = False
    operator: bool = False
    derived: bool = False
    layout: frozenset[Flag] = NO_FLAGS
    kind: Kind = Kind.UNKNOWN
    sure: Sure = Sure.MUST
    named: bool = False
    fills: bool = False
    grad_off: bool = False
    constant: bool = False
    parameter: bool = False
    spared: bool = False
    state: bool = False
    called: bool = False
    watched: bool = False
    met_again: bool = False
    result: Result | None = None
    inside: bool = False
    again: bool = False
    via: bool = False
    default: DefaultOf | None = None

    @property
    def copying(self) -> str:
        """The call that copies what is written: an array has no `clone`."""
        return "copy()" if self.kind is Kind.NDARRAY else "clone()"


@dataclass(frozen=True, slots=True)
class SelfWrite(Event):
    """A tensor written from a view of itself: name the tensor, source the view as written, write the statement.

    raises: torch sees it and refuses; remedy: the text of `site` with a copy.
    """

    write: str = ""
    raises: bool = False


@dataclass(frozen=True, slots=True)
class SwapThroughViews(SelfWrite):
    """The view's place was written before the view was read."""


@dataclass(frozen=True, slots=True)
class OverlappingWrite(SelfWrite):
    """Target and source overlap."""

    why: Overlap = Overlap.SHIFTED


@dataclass(frozen=True, slots=True)
class SharedDefault(Event):
    """A tensor made once, as the default of an argument or as an attribute of a class (how), that a write changes."""

    how: DefaultOf = DefaultOf.ARGUMENT
    write: str = ""
