"""A summary carried over to a call: the callee's objects in the caller's terms, its writes, copies and training."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from torchcopylint.domain.heap import YES, Cell, with_slot
from torchcopylint.domain.identity import Id, Region, base_of, is_older
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.sharing import Sharing
from torchcopylint.domain.value import (
    NONE,
    NOTHING,
    UNKNOWN,
    Bound,
    Callee,
    Const,
    Element,
    Ref,
    Value,
    join_values,
    refs_of,
)
from torchcopylint.interpret.carry import (
    carry_copies,
    carry_kept,
    carry_links,
    carry_standing,
    carry_training,
    carry_writes,
)
from torchcopylint.interpret.effects.departure import modules_leave
from torchcopylint.interpret.state.access import everything, load_attr, load_item
from torchcopylint.interpret.state.autograd import reached
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.program import Birth, Handle
from torchcopylint.ir.site import Site

MOST_OBJECTS = 60
"""So many of the callee's own objects are carried over: more are a tree of objects that nobody walks through."""


@dataclass(slots=True)
class Carried:
    """A summary being carried over to a call: which objects of the callee are which objects here."""

    frame: Frame
    inner: Frame
    node: Site
    known: dict[Id, Value] = field(default_factory=dict)
    made: int = 0

    def over(self) -> Value:
        """Apply everything; the call's value."""
        assert self.inner.state is not None
        stores = list(self._stores())
        for departed in self.inner.log.training.departed.values():
            if self.existed(departed.obj):
                modules_leave(self.frame, self.objects(departed.obj), self.node, departed.parameters)
        carry_links(self)
        # Written first: what is returned was taken after that, or the callee's own events tell of it.
        carry_writes(self)
        returned = self.value(self.inner.returned) or NONE
        carry_standing(self)
        for owner, key, value, sure in stores:
            self._store(owner, key, value, sure)
        self._outer_names()
        carry_training(self)
        carry_kept(self)
        carry_copies(self)
        return returned

    def value(self, value: Value) -> Value:
        """A value of the callee in the caller's terms."""
        found: Value = NOTHING
        for element in value:
            found = join_values(found, self._element(element))
        return found

    def _element(self, element: Element) -> Value:
        if type(element) is Ref:
            return self.objects(element.obj, element.hand)
        if type(element) is Bound:
            return tuple(Bound(e, element.attr) for e in self._element(element.receiver))
        if type(element) is Callee and element.receiver is not None:
            return tuple(Callee(element.code, e) for e in self._element(element.receiver))
        return (element,)

    def objects(self, obj: Id, hand: Id = 0) -> Value:
        """What an object of the callee is here: an argument, something reached from one, or new."""
        base = base_of(obj)
        if base in self.known:
            return self.known[base]
        if base in self.frame.here.heap:
            kept = hand if hand and hand in self.frame.here.marks else base
            return (Ref(base, kept if kept in self.frame.program.handles.known else base),)
        parent = self.frame.program.children.get(base)
        self.known[base] = NOTHING
        if parent is None or not self._rooted(base):
            self.known[base] = self._new(base, obj)
        elif owners := self.objects(parent[0]):
            self.known[base] = self._reached(owners, parent[1])
        return self.known[base]

    def _rooted(self, obj: Id) -> bool:
        """Whether an object hangs, attribute by attribute, on something that was there before the call."""
        children, seen = self.frame.program.children, set[Id]()
        while obj in children and obj not in seen:
            seen.add(obj)
            obj = base_of(children[obj][0])
        return obj in self.inner.symbols.values() or obj in self.inner.given or obj in self.frame.here.heap

    def _reached(self, owners: Value, key: str) -> Value:
        if key[0] == ".":
            return load_attr(self.frame, owners, key[1:], self.node, False)
        index: Value = (Const(_literal(key)),) if key != "[*]" else UNKNOWN
        return load_item(self.frame, owners, index, self.node)

    def _new(self, base: Id, obj: Id) -> Value:
        assert self.inner.state is not None
        cell = self.inner.state.heap.get(obj) or self.inner.state.heap.get(base)
        self.made += 1
        if cell is None or self.made > MOST_OBJECTS:
            return NOTHING
        handle = self.frame.program.handles.of(base)
        made = self.frame.make(
            self.node, f"from {base}", cell._replace(regions=frozenset(), slots={}, rest=NOTHING), handle.how
        )
        self.known[base] = (made,)
        self.frame.here.heap[made.obj] = self._cell(cell, made.obj)
        births = self.frame.program.births
        self.frame.program.origins[made.obj] = base
        for ref in refs_of(self._parent(handle))[:1]:
            self.frame.program.handles.of(made.hand).parent = ref.hand
        if cell.kind in (Kind.LIST, Kind.TUPLE, Kind.DICT):
            for held in refs_of(everything(self.frame.here.heap[made.obj])):
                self.frame.log.places.homes.setdefault(base_of(held.hand), made.hand)
        births.setdefault(made.obj, Birth(self.node, (), self.frame.function))
        return (made,)

    def _parent(self, handle: Handle) -> Value:
        """What a handle was taken from, here: known already, or one of a module's weights that the callee went over."""
        if handle.parent is None:
            return NOTHING
        parent = self.frame.program.handles.of(handle.parent)
        known = self.known.get(base_of(parent.obj))
        if known is None and Sharing.LIVE_WEIGHT in (h.how for h in self.frame.program.handles.chain(parent.hand)):
            return self.objects(parent.obj)
        return known or NOTHING

    def _cell(self, cell: Cell, me: Id) -> Cell:
        sources = self.ids(cell.sources)
        made = cell.attached == YES and cell.leaf == YES
        attached = reached(self.frame, cell, self.origins(cell))
        regions = self.regions(cell.regions)
        return cell._replace(
            regions=regions or frozenset({(me,)}),
            sources=sources,
            of=self.ids(cell.of),
            attached=attached if made else self.frame.attached(attached),
            slots={key: self.value(value) for key, value in cell.slots.items()},
            rest=self.value(cell.rest),
        )

    def origins(self, cell: Cell) -> list[Value]:
        """What a cell of the callee was computed from, as far as it is something here."""
        children = self.frame.program.children
        return [
            self.known[base_of(obj)] if base_of(obj) in self.known else self.objects(obj)
            for obj in cell.sources
            if base_of(obj) in self.known or obj in self.frame.here.heap or base_of(obj) in children
        ]

    def ids(self, ids: frozenset[Id]) -> frozenset[Id]:
        """What these objects of the callee are here, with what those were computed from."""
        found: set[Id] = set()
        for obj in ids:
            for ref in refs_of(self.known.get(base_of(obj), NOTHING)):
                found.add(ref.obj)
                found |= self.frame.here.heap[ref.obj].sources
            if base_of(obj) not in self.known and obj in self.frame.here.heap:
                found.add(obj)
            elif base_of(obj) in self.frame.program.children:
                found |= {ref.obj for ref in refs_of(self.objects(obj))}
        return frozenset(sorted(found)[:24])

    def regions(self, regions: frozenset[Region]) -> frozenset[Region]:
        """Regions of the callee in the caller's terms; what is the callee's own has none."""
        found: set[Region] = set()
        for region in regions:
            root = region[0]
            if not isinstance(root, int):
                continue
            for ref, rest in self._along(refs_of(self.objects(root)), region[1:]):
                cell = self.frame.here.heap.get(ref.obj)
                for outer in cell.regions if cell is not None else ():
                    found.add((*outer, *rest)[:7])
        return frozenset(found)

    def _along(self, refs: tuple[Ref, ...], path: Region) -> Iterator[tuple[Ref, Region]]:
        """What is reached from the objects by as much of the path as is known here, and the rest of the path."""
        for ref in refs:
            key = path[0] if path else ""
            held = refs_of(self.frame.here.heap[ref.obj].slots.get(key, NOTHING)) if isinstance(key, str) else ()
            if key and held and str(key)[0] == ".":
                yield from self._along(held, path[1:])
            else:
                yield ref, path

    def outside(self, regions: frozenset[Region]) -> frozenset[Region]:
        """Only those regions that existed before the call."""
        known = set()
        for region in regions:
            root = region[0]
            if isinstance(root, int) and self.existed(root):
                known.add(region)
        return self.regions(frozenset(known))

    def existed(self, obj: Id) -> bool:
        """Whether an object of the callee was there before the call."""
        base = base_of(obj)
        return base in self.inner.symbols.values() or base in self.inner.given or self._rooted(base)

    def _stores(self) -> Iterator[tuple[Value, str, Value, bool]]:
        """(objects here, slot, value, whether for sure) of what the callee leaves in what it was given, as all of it
        was before."""
        assert self.inner.state is not None
        for obj, cell in list(self.inner.state.heap.items()):
            if not self.existed(obj) or (not cell.slots and not cell.rest):
                continue
            before = self.inner.given.get(base_of(obj))
            for key, value in cell.slots.items():
                unchanged = before is not None and before.slots.get(key) == value
                if key[0] != "?" and not unchanged and not self._as_found(obj, key, value):
                    kept = before.slots.get(key, NOTHING) if before is not None else NOTHING
                    perhaps = f"?{key}" in cell.slots or (bool(kept) and set(kept) <= set(value))
                    yield self.objects(obj), key, self.value(value), not perhaps
            if cell.rest and (before is None or before.rest != cell.rest):
                yield self.objects(obj), "", self.value(cell.rest), False

    def _as_found(self, obj: Id, key: str, value: Value) -> bool:
        """Whether a slot holds just what was there when the callee first looked, and nothing that it was handed."""
        objects = [base_of(ref.obj) for ref in refs_of(value)]
        found = [self.frame.program.children.get(inner) for inner in objects]
        if not set(objects).isdisjoint(self.inner.symbols.values()):
            return False
        return bool(found) and all(place == (obj, key) for place in found)

    def _outer_names(self) -> None:
        """What the callee binds to names of an enclosing function or of the file."""
        assert self.inner.state is not None
        for name in self.inner.function.outer:
            bound = self.inner.state.env.get(name)
            if bound is not None and (name in self.frame.here.env or name not in self.frame.function.bound):
                here = self.value(bound)
                self._name_as(name, here)
                self.frame.here.env[name] = join_values(self.frame.here.env.get(name, NOTHING), here)

    def _name_as(self, name: str, value: Value) -> None:
        for ref in refs_of(value):
            if base_of(ref.obj) in self.frame.program.origins:
                self.frame.program.handles.name(ref.hand, name, self.node)

    def _store(self, owners: Value, key: str, value: Value, sure: bool) -> None:
        for ref in refs_of(owners):
            cell = self.frame.here.heap[ref.obj]
            self._name(ref, key, value)
            if not key:
                self.frame.update(ref.obj, rest=join_values(cell.rest, value))
            elif len(refs_of(owners)) > 1 or is_older(ref.obj) or not sure:
                self.frame.update(ref.obj, slots={**cell.slots, key: join_values(cell.slots.get(key, NOTHING), value)})
            else:
                self.frame.update(ref.obj, slots=with_slot(cell.slots, key, value))

    def _name(self, owner: Ref, key: str, value: Value) -> None:
        """What the call made and left in an attribute goes by that attribute's name here."""
        base = self.frame.program.handles.of(owner.hand).name
        if base and key[:1] == ".":
            self._name_as(f"{base}{key}", value)


def _literal(key: str) -> object:
    text = key[1:-1]
    return int(text) if text.lstrip("-").isdigit() else text.strip("'\"")
