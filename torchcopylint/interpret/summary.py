"""Functions of the file: each interpreted once on its own, its effect then carried over to every call."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from torchcopylint.heap import MAYBE, NO, Cell, State, join
from torchcopylint.interpret.access import held_at, load_attr
from torchcopylint.interpret.effectful import fate, read, touch
from torchcopylint.interpret.entry import enter
from torchcopylint.interpret.frame import Frame
from torchcopylint.interpret.result import unknown_call
from torchcopylint.models import evidence
from torchcopylint.models.effect import Shape
from torchcopylint.value import (
    NONE,
    NOTHING,
    UNKNOWN,
    Bound,
    Callee,
    Const,
    Element,
    Id,
    Kind,
    Ref,
    Region,
    Value,
    join_values,
    refs_of,
)

MOST_OBJECTS = 150


def call_code(frame: Frame, callee: Callee, args: list[Value], keywords: dict[str, Value], node: object) -> Value:
    """The value of a call to a function of this file, with all that it does to what it is given."""
    function = callee.code.function
    if callee.receiver is not None and not _static(function):
        args = [(callee.receiver,), *args]
    for value in (*args, *keywords.values()):
        read(frame, value, node, "passed", deep=False)
    body = frame if callee.code.home != frame.function.qualname else None
    if body is None:
        frame.program.outer[frame.function.qualname] = frame.here
    inner = enter(frame.program, function)
    if inner is None or inner.state is None or function.generator:
        for value in (*args, *keywords.values()):
            fate(frame, value, "passed")
        return unknown_call(frame, Shape(tuple(args), keywords), node)
    carried = Carried(frame, inner, node)
    _bind(carried, args, keywords)
    return carried.over()


def _static(function: object) -> bool:
    decorators = getattr(getattr(function, "node", None), "decorators", ())
    return any(getattr(getattr(d, "decorator", None), "value", "") == "staticmethod" for d in decorators)


def _bind(carried: Carried, args: list[Value], keywords: dict[str, Value]) -> None:
    position = 0
    given: dict[str, Value] = {}
    for parameter in carried.inner.function.parameters:
        symbol = carried.inner.symbols.get(parameter.name)
        value: Value = NOTHING
        if parameter.kind == "plain" and position < len(args):
            value = args[position]
            position += 1
        elif parameter.name in keywords:
            value = keywords[parameter.name]
        if symbol is not None:
            carried.known[symbol] = value
            given[parameter.name] = value
    call = Handed(carried.frame, carried.node, given)
    carried.frame.program.calls.setdefault(id(carried.inner.function), []).append(call)


@dataclass(frozen=True, slots=True, eq=False)
class Handed:
    """What one call in the file hands to a function's parameters."""

    frame: Frame
    node: object
    given: dict[str, Value]

    def gives_away(self, parameter: str) -> bool:
        """Whether the caller made what it hands over, and does not look at it again."""
        refs = refs_of(self.given.get(parameter, NOTHING))
        return bool(refs) and all(self._made_here(ref) and not self._read_after(ref) for ref in refs)

    def _made_here(self, ref: Ref) -> bool:
        program = self.frame.program
        cells = (state.heap.get(ref.obj) for state in (self.frame.state, *self.frame.exits) if state is not None)
        cell = next((c for c in cells if c is not None), None)
        roots = {r[0] & ~1 for r in cell.regions if isinstance(r[0], int)} if cell is not None else {ref.obj & ~1}
        births = {root: program.births.get(root) for root in roots}
        return all(
            birth is not None and birth[2] is self.frame.function and root not in program.roots
            for root, birth in births.items()
        )

    def _read_after(self, ref: Ref) -> bool:
        log = self.frame.log
        numbers = {n for n, write in log.writes.items() if write.node is self.node and write.via}
        return any(
            read.node is not self.node
            for (hand, number), reads in log.reads.items()
            if number in numbers and self.frame.program.handles.of(hand).obj & ~1 == ref.obj & ~1
            for read in reads.values()
        )


def note_run(frame: Frame, ref: Ref, args: list[Value], keywords: dict[str, Value], node: object) -> None:
    """A module of this file is called: what its forward writes into its arguments is written here."""
    cell = frame.here.heap[ref.obj]
    forward = cell.cls.method("forward") if isinstance(cell.cls, Kind) else None
    inner = enter(frame.program, forward) if forward is not None else None
    if inner is not None and inner.state is not None:
        carried = Carried(frame, inner, node)
        _bind(carried, [(ref,), *args], keywords)
        carried.writes()


def make_instance(frame: Frame, kind: Kind, args: list[Value], keywords: dict[str, Value], node: object) -> Value:
    """A new object of a class of this file, as its `__init__` leaves it."""
    made = frame.make(node, "instance", Cell(kind.kind, 3, family=kind.family, cls=kind, made="fresh"))
    start = kind.method("__init__")
    if kind.kind == "module" and not frame.program.training:
        return (made,)
    if start is not None:
        call_code(frame, Callee(frame.program.code(start, ""), made), args, keywords, node)
    elif kind.kind == "optimizer":
        for value in args[:1]:
            frame.update(made.obj, slots={".held": value})
    return (made,)


@dataclass(slots=True)
class Carried:
    """A summary being carried over to a call: which objects of the callee are which objects here."""

    frame: Frame
    inner: Frame
    node: object
    known: dict[Id, Value] = field(default_factory=dict)
    made: int = 0

    def over(self) -> Value:
        """Apply everything; the call's value."""
        assert self.inner.state is not None
        self._stores()
        self.writes()
        returned = self.value(self.inner.returned) or NONE
        self._training()
        self._copies()
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
        base = obj & ~1
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
            obj = children[obj][0] & ~1
        return obj in self.inner.symbols.values() or obj in self.inner.given or obj in self.frame.here.heap

    def _reached(self, owners: Value, key: str) -> Value:
        if key[0] == ".":
            return load_attr(self.frame, owners, key[1:], self.node, False)
        found: Value = NOTHING
        for ref in refs_of(owners):
            cell = self.frame.here.heap[ref.obj]
            index: Value = (Const(_literal(key)),) if key != "[*]" else UNKNOWN
            if cell.kind not in ("tensor", "ndarray"):
                found = join_values(found, held_at(self.frame, ref, cell, index, self.node))
        return found

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
        if handle.parent is not None:
            parent = self.known.get(self.frame.program.handles.of(handle.parent).obj & ~1, NOTHING)
            for ref in refs_of(parent)[:1]:
                self.frame.program.handles.of(made.hand).parent = ref.hand
        births.setdefault(made.obj, (self.node, (), self.frame.function))
        return (made,)

    def _cell(self, cell: Cell, me: Id) -> Cell:
        sources = self._ids(cell.sources)
        attached = cell.attached
        if attached == MAYBE and cell.sources:
            here = [self.frame.here.heap[s].attached for s in sources if s in self.frame.here.heap]
            attached = max(here) if here else MAYBE
        regions = self.regions(cell.regions)
        return cell._replace(
            regions=regions or frozenset({(me,)}),
            sources=sources,
            of=self._ids(cell.of),
            attached=self.frame.attached(attached),
            slots={key: self.value(value) for key, value in cell.slots.items()},
            rest=self.value(cell.rest),
        )

    def _ids(self, ids: frozenset[Id]) -> frozenset[Id]:
        found: set[Id] = set()
        for obj in ids:
            for ref in refs_of(self.known.get(obj & ~1, NOTHING)):
                found.add(ref.obj)
                found |= self.frame.here.heap[ref.obj].sources
            if obj & ~1 not in self.known and obj in self.frame.here.heap:
                found.add(obj)
            elif obj & ~1 in self.frame.program.children:
                found |= {ref.obj for ref in refs_of(self.objects(obj))}
        return frozenset(sorted(found)[:24])

    def regions(self, regions: frozenset[Region]) -> frozenset[Region]:
        """Regions of the callee in the caller's terms; what is the callee's own has none."""
        found: set[Region] = set()
        for region in regions:
            root = region[0]
            if not isinstance(root, int):
                continue
            for ref in refs_of(self.objects(root)):
                cell = self.frame.here.heap.get(ref.obj)
                for outer in cell.regions if cell is not None else ():
                    found.add((*outer, *region[1:])[:7])
        return frozenset(found)

    def outside(self, regions: frozenset[Region]) -> frozenset[Region]:
        """Only those regions that existed before the call."""
        known = set()
        for region in regions:
            root = region[0]
            if isinstance(root, int) and self._existed(root):
                known.add(region)
        return self.regions(frozenset(known))

    def _existed(self, obj: Id) -> bool:
        base = obj & ~1
        return base in self.inner.symbols.values() or base in self.inner.given or self._rooted(base)

    def _stores(self) -> None:
        assert self.inner.state is not None
        for obj, cell in list(self.inner.state.heap.items()):
            if not self._existed(obj) or (not cell.slots and not cell.rest):
                continue
            before = self.inner.given.get(obj & ~1)
            for key, value in cell.slots.items():
                if before is not None and before.slots.get(key) == value:
                    continue
                if all(self.frame.program.children.get(r.obj & ~1) == (obj, key) for r in refs_of(value)) and refs_of(
                    value
                ):
                    continue
                self._store(obj, key, value)
            if cell.rest and (before is None or before.rest != cell.rest):
                self._store(obj, "", cell.rest)

    def _store(self, obj: Id, key: str, value: Value) -> None:
        mapped = self.value(value)
        for ref in refs_of(self.objects(obj)):
            cell = self.frame.here.heap[ref.obj]
            if not key:
                self.frame.update(ref.obj, rest=join_values(cell.rest, mapped))
            else:
                self.frame.update(ref.obj, slots={**cell.slots, key: mapped})

    def writes(self) -> None:
        """What the callee writes into what it is given is written here."""
        for number, write in self.inner.log.writes.items():
            regions = self.outside(write.regions)
            if not regions:
                continue
            if write.kind == "train":
                self.frame.log.stepped |= regions
                for region in regions:
                    if isinstance(region[0], int):
                        fate(self.frame, (Ref(region[0], region[0]),), "trained")
            mine = self.frame.program.ids.of(self.frame.function, self.node, f"carried {number}")
            hands = refs_of(self.objects(write.obj)) if self._existed(write.obj) else ()
            hand = hands[0].hand if hands else write.hand
            self.frame.log.writes[mine] = replace(
                write,
                node=self.node,
                hand=hand,
                obj=hands[0].obj if hands else write.obj,
                regions=regions,
                rounds=tuple(r.node for r in self.frame.rounds),
                grad_off=write.grad_off or self.frame.grad_off,
                via=(write.node, *write.via)[:4],
            )
            touch(self.frame, regions, mine)

    def _training(self) -> None:
        log, mine = self.inner.log, self.frame.log
        rounds = tuple(r.node for r in self.frame.rounds)
        if any(not inner for inner in log.backward_rounds.values()):
            mine.backward_rounds[id(self.node)] = rounds
        elif log.backward_rounds:
            mine.inner_training.add(id(self.node))
        if any(not inner for inner in log.step_rounds.values()):
            mine.step_rounds[id(self.node)] = rounds
        for obj in log.backwarded:
            for ref in refs_of(self.known.get(obj, NOTHING)):
                mine.roots |= {ref.obj & ~1} if obj in log.roots else set()
                mine.backwarded |= {ref.obj & ~1} | {s & ~1 for s in self.frame.here.heap[ref.obj].sources}
        if log.backwarded:
            self.frame.last_backward = self._ids(self.inner.last_backward) or self.frame.last_backward
        for obj, on in log.ran.items():
            for ref in refs_of(self.known.get(obj, NOTHING)):
                mine.ran[ref.obj] = on and not self.frame.grad_off
        for obj, fates in log.fates.items():
            for what in fates:
                fate(self.frame, self.known.get(obj, NOTHING), what)

    def _copies(self) -> None:
        for made, copy in self.inner.log.copies.items():
            if copy.rounds or copy.guarded or not self.frame.rounds:
                continue
            source = self.inner.log.copied_from.get(made)
            kind, proof = copy.kind, copy.proof
            for ref in refs_of(self.objects(source)) if source is not None else ():
                cell = self.frame.here.heap[ref.obj]
                if cell.kind != "unknown":
                    kind, proof = cell.kind, cell.proof
            outer = {ref.obj & ~1 for ref in refs_of(self.known.get(made, NOTHING))}
            key = next(iter(outer), made)
            self.frame.log.copies[key] = replace(
                copy,
                kind=kind,
                proof=proof,
                rounds=tuple(self.frame.rounds),
                guarded=self.frame.guards > 0,
                via=(self.node, *copy.via)[:4],
            )
            self.frame.log.fates.setdefault(key, set()).update(self.inner.log.fates.get(made, set()) - {"returned"})


def _literal(key: str) -> object:
    text = key[1:-1]
    return int(text) if text.lstrip("-").isdigit() else text.strip("'\"")


__all__ = ["NO", "State", "call_code", "evidence", "join", "make_instance"]
