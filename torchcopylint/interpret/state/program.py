"""One file being interpreted: its functions and classes, the identities of objects and handles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from torchcopylint.domain.ground import Known
from torchcopylint.domain.heap import Cell, State
from torchcopylint.domain.identity import Id, base_of
from torchcopylint.domain.sharing import SLOTS, Owner, Sharing
from torchcopylint.domain.value import NOTHING, Callee, ClassOf, Code, KnownClass, Named, Value
from torchcopylint.ir import TOP, Block, Class, Function, Spot, enclosing, is_foreign, top_of
from torchcopylint.ir.question import text_of
from torchcopylint.ir.site import Site
from torchcopylint.models import AMBIENT
from torchcopylint.models.annotation import NOTHING_SAID, Annotation, read

if TYPE_CHECKING:
    from torchcopylint.interpret.callers.callers import Callers
    from torchcopylint.interpret.state.call_site import Handed
    from torchcopylint.interpret.state.frame import Frame
    from torchcopylint.project.project import Surroundings


Made: TypeAlias = tuple[Function, Spot | Class, str]
"""The function that makes something, the node, and what of all that the node makes it is."""


@dataclass(slots=True)
class Ids:
    """Even numbers for places in the program; the odd number above is an older object of the same place."""

    known: dict[Made, Id] = field(default_factory=dict)
    foreign: Callable[[Made], Id | None] = lambda made: None
    """The identities in functions of other files, the same for all files that use them."""

    def of(self, function: Function, node: Spot | Class, tag: str) -> Id:
        """The identity of what this node makes in this function."""
        key = (function, node, tag)
        found = self.known.get(key)
        if found is None:
            found = self.foreign(key) if is_foreign(function.qualname) else None
            found = self.known[key] = 2 * len(self.known) + 2 if found is None else found
        return found


@dataclass(slots=True, eq=False)
class Handle:
    """A name something was taken under: where, how, from which other handle."""

    hand: Id
    obj: Id
    node: Spot | None
    how: Sharing
    name: str = ""
    parent: Id | None = None
    named_at: Spot | None = None


@dataclass(slots=True)
class Handles:
    """All handles of a file; ways: those of which it is known how they were taken, by that."""

    known: dict[Id, Handle] = field(default_factory=dict)
    ways: dict[Sharing, list[Handle]] = field(default_factory=dict)

    def open(
        self, hand: Id, obj: Id, node: Spot | None, how: Sharing, name: str = "", parent: Id | None = None
    ) -> None:
        """Remember where a handle was taken; the first time counts."""
        if hand not in self.known:
            handle = self.known[hand] = Handle(hand, obj, node, how, name, parent, node if name else None)
            if how is not Sharing.MADE:
                self.ways.setdefault(how, []).append(handle)

    def absorb(self, other: Handles) -> None:
        """Know handles that were taken in other files' functions: copies, for they may be named here."""
        for hand in [hand for hand in other.known if hand not in self.known]:
            handle = self.known[hand] = replace(other.known[hand])
            if handle.how is not Sharing.MADE:
                self.ways.setdefault(handle.how, []).append(handle)

    def of(self, hand: Id) -> Handle:
        """The handle, an older iteration's as well as this one's."""
        return self.known[base_of(hand)]

    def name(self, hand: Id, name: str, node: Site | None) -> bool:
        """Give an unnamed handle its first name; False where it has one."""
        handle = self.known[base_of(hand)]
        if handle.name:
            return handle.name == name
        handle.name, handle.named_at = name, node
        return True

    def chain(self, hand: Id) -> list[Handle]:
        """The handle and those it was taken from, newest first; a place in a container is no link of its own."""
        return [h for one in self.ancestors(hand) if (h := self.of(one)).how not in SLOTS]

    def ancestors(self, hand: Id) -> list[Id]:
        """The handle and all that it was taken from, newest first."""
        found: list[Id] = []
        current: Id | None = hand
        while current is not None and len(found) < 12 and base_of(current) not in found:
            found.append(base_of(current))
            current = self.of(current).parent
        return found


class Birth(NamedTuple):
    """Where an object was made: the node, the loops around it, the function."""

    node: Spot | None
    rounds: tuple[Site, ...]
    function: Function


@dataclass(slots=True)
class Program:
    """A file's functions, classes and top-level names, and the tables that every frame shares."""

    run: Callable[[Frame, Block], None]
    """What interprets a block of a function."""
    surroundings: Surroundings | None = None
    """The project around the file."""
    files: dict[str, Function | None] = field(default_factory=dict)
    """The code of other files that was entered, by path."""
    foreign: dict[str, ClassOf | Callee | None] = field(default_factory=dict)
    """The classes and functions there, by the full names that lead to them."""
    harmless: set[str] = field(default_factory=set)
    """Those names that lead to what cannot matter to its callers."""
    stars: list[str] = field(default_factory=list)
    """Modules of which everything is imported."""
    ids: Ids = field(default_factory=Ids)
    """The identities of objects and handles."""
    handles: Handles = field(default_factory=Handles)
    """The handles by identity."""
    in_rows: dict[Id, tuple[int, ...]] = field(default_factory=dict)
    """Tensors whose elements are known to lie in a row, with their sizes; () where these are not known."""
    births: dict[Id, Birth] = field(default_factory=dict)
    """Where each object was made."""
    roots: dict[Id, tuple[Owner, str]] = field(default_factory=dict)
    """Objects that stand for what is not seen → whose they are, and under which name."""
    children: dict[Id, tuple[Id, str]] = field(default_factory=dict)
    """What was read off them → what it was read off, and the attribute or item."""
    origins: dict[Id, Id] = field(default_factory=dict)
    """What a call that is inlined brings here → what it was in the callee."""
    selves: dict[Id, KnownClass] = field(default_factory=dict)
    """The objects that stand for `self`."""
    outer: dict[str, State] = field(default_factory=dict)
    """Names and objects of enclosing functions, by qualified name."""
    kinds: dict[str, KnownClass] = field(default_factory=dict)
    """The classes, by qualified name."""
    class_slots: dict[str, dict[str, Value]] = field(default_factory=dict)
    """Class → its attributes."""
    starts: dict[str, State | None] = field(default_factory=dict)
    """Class → what `__init__` leaves behind."""
    attribute_kinds: dict[str, dict[str, Known]] = field(default_factory=dict)
    """Class → what its methods store in attributes."""
    stored: dict[Function, frozenset[str]] = field(default_factory=dict)
    """Method → the attributes of its first parameter that it sets."""
    defined: list[tuple[Function, str]] = field(default_factory=list)
    """The functions of the file, each with the one it is defined in."""
    watched: set[Id] = field(default_factory=set)
    """Handles of which every later write is noted."""
    absent: dict[Function, frozenset[str]] = field(default_factory=dict)
    """Function → its parameters whose default is None."""
    defaults: dict[Function, dict[str, Cell]] = field(default_factory=dict)
    """Function → the tensors, and holders of some, that stand for parameters which are not given."""
    replicated: dict[Id, Id] = field(default_factory=dict)
    """Object in several places → what holds it."""
    changed: set[Id] = field(default_factory=set)
    """Those objects that were written or added to."""
    slot_stores: set[Id] = field(default_factory=set)
    """Containers in which a single place was given something else."""
    calls: dict[Function, list[Handed]] = field(default_factory=dict)
    """Function → what calls in the file hand to it."""
    callers: Callers | None = None
    """What calls, in the file and around it, hand to its functions, by a look before anything is interpreted."""
    frames: dict[Function, Frame | None] = field(default_factory=dict)
    """Function → the frame it was interpreted in; None while that goes on."""
    texts: dict[Spot | None, str] = field(default_factory=dict)
    """Nodes as written."""
    training: bool = True
    """Whether the file has to do with training."""
    across: bool = True
    """Whether it has so much to do with it that the code of other files matters."""
    skipped: list[str] = field(default_factory=list)
    """The functions that were given up."""

    def free(self, frame: Frame, name: str) -> tuple[Value, Mapping[Id, Cell]]:
        """What a name that a function does not bind stands for, and the objects it reaches; empty if not the file's."""
        if name in frame.function.bound or frame.function.name == TOP:
            return NOTHING, {}
        home, top = frame.function.qualname, top_of(frame.function.qualname)
        while home != top:
            home = enclosing(home)
            state = self.outer.get(home)
            if state is not None and name in state.env:
                return state.env[name], state.heap
        return NOTHING, {}

    def made_at(self, handle: Handle) -> Spot | None:
        """The node that made what a handle was taken on, within the call that brought it here, where one did."""
        obj = self._origin(handle.obj)
        return self.handles.of(obj).node if obj != base_of(handle.obj) else handle.node

    def maker_of(self, handle: Handle) -> Function:
        """The function that made what a handle was taken on."""
        return self.births[self._origin(handle.obj)].function

    def _origin(self, obj: Id) -> Id:
        obj &= ~1
        while obj in self.origins and obj != self.origins[obj]:
            obj = base_of(self.origins[obj])
        return obj

    def file_of(self, qualname: str) -> State | None:
        """The names at the top of the file that a function or class is in."""
        return self.outer.get(top_of(qualname))

    def text(self, node: Spot | None) -> str:
        """A node as written; remembered, for loops are run more than once."""
        known = self.texts.get(node)
        if known is None:
            known = self.texts[node] = text_of(node)
        return known

    def absorb(self, other: Program) -> None:
        """Know all that is known of the functions of other files there; what is known here already stays."""
        for name in _ABSORBED:
            mine, theirs = getattr(self, name), getattr(other, name)
            mine.update([(key, known) for key, known in theirs.items() if key not in mine])
        for name in _NOTED:
            getattr(self, name).update(getattr(other, name))
        self.handles.absorb(other.handles)
        if self.surroundings is not None and other.surroundings is not None:
            self.surroundings.depend_on(other.surroundings)

    def forget(self) -> None:
        """Let go of everything, so that no cycle keeps the file's tree alive."""
        tables = (self.frames, self.outer, self.starts, self.calls, self.births, self.defaults, self.absent)
        for known in (*tables, self.ids.known, self.foreign):
            known.clear()
        self.callers = None

    def code(self, function: Function, home: str) -> Code:
        """A function as a value."""
        return Code(function, home)

    def define(self, frame: Frame, function: Function) -> None:
        """A function is defined here: it sees the names of this one."""
        self.outer[frame.function.qualname] = frame.here
        if not is_foreign(function.qualname) and all(known is not function for known, _ in self.defined):
            self.defined.append((function, frame.function.qualname))

    def owner_of(self, function: Function) -> KnownClass | None:
        """The class a method belongs to."""
        kind = self.kinds.get(function.owner)
        return kind if kind is not None and kind.cls.methods.get(function.name) is function else None

    def annotation(self, text: str, qualname: str) -> Annotation:
        """What an annotation in the function or class of that name says, by what names stand for in its file."""
        return read(text, lambda name: self._full(name, qualname)) if text else NOTHING_SAID

    def _full(self, name: str, qualname: str) -> str:
        """A dotted name as written → its full name; "" for what the file itself makes."""
        first, dot, rest = name.partition(".")
        file = self.file_of(qualname)
        value = file.env.get(first) if file is not None else None
        if value is None:
            return f"{AMBIENT.get(first, first)}{dot}{rest}"
        return next((f"{element.name}{dot}{rest}" for element in value if isinstance(element, Named)), "")


_ABSORBED = (
    "in_rows births roots children origins selves outer kinds class_slots starts attribute_kinds stored absent "
    "defaults replicated frames files"
).split()
"""The tables of a program that also hold for a file that uses its functions."""
_NOTED = "watched changed slot_stores".split()
