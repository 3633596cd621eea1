"""States under other identities: what an iteration of a loop made is an older object of its place in the next."""

from __future__ import annotations

from collections.abc import Mapping

from torchcopylint.domain.heap import Cell, Heap, Pending, State, join_cells
from torchcopylint.domain.identity import Id, is_older, older, rooted_in
from torchcopylint.domain.value import Bound, Callee, Element, Ref, Value

_NEW = State()


def age(state: State, born: set[Id], before: State) -> State:
    """The state as the next iteration of a loop sees it: what this iteration made is now an older one of its kind.

    before: the state the iteration began with; what is still as it was there mentions nothing that the iteration made.
    """
    old = {i: older(i) for i in born if not is_older(i)}
    if not old:
        return state
    kept = before if before.heap.keys().isdisjoint(old) else _NEW
    env = {n: value if kept.env.get(n) is value else _older(value, old) for n, value in state.env.items()}
    heap = Heap()
    for obj, cell in state.heap.items():
        aged = cell if kept.heap.get(obj) is cell else _older_cell(cell, old)
        key = old.get(obj, obj)
        heap[key] = join_cells(heap[key], aged) if key in heap else aged
    return State(env, heap, _older_marks(state, old), frozenset(_older_pending(p, old) for p in state.saved))


def _older_marks(state: State, old: Mapping[Id, Id]) -> dict[Id, frozenset[int]]:
    marks: dict[Id, frozenset[int]] = {}
    used = reachable(state) if state.marks else set()
    for hand, writes in state.marks.items():
        if hand in used:
            key = old.get(hand, hand)
            marks[key] = marks[key] | writes if key in marks else writes
    return marks


def _older_pending(pending: Pending, old: Mapping[Id, Id]) -> Pending:
    regions = frozenset(rooted_in(r, old) for r in pending.regions)
    return pending._replace(made=old.get(pending.made, pending.made), regions=regions)


def renamed(state: State, ids: Mapping[Id, Id]) -> State:
    """The state with these objects, and the handles of their own, under other identities."""
    env = {name: _older(value, ids) for name, value in state.env.items()}
    heap = Heap()
    for obj, cell in state.heap.items():
        heap[ids.get(obj, obj)] = _older_cell(cell, ids)
    saved = frozenset(_older_pending(p, ids) for p in state.saved)
    return State(env, heap, {ids.get(hand, hand): writes for hand, writes in state.marks.items()}, saved)


def reachable(state: State) -> set[Id]:
    """The handles by which anything can still be reached from a name."""
    return _reached(state)[0]


def alive(state: State) -> set[Id]:
    """The objects that can still be reached from a name."""
    return _reached(state)[1]


def _reached(state: State) -> tuple[set[Id], set[Id]]:
    hands: set[Id] = set()
    waiting = [*state.env.values()]
    seen: set[Id] = set()
    while waiting:
        for element in waiting.pop():
            ref = element if type(element) is Ref else getattr(element, "receiver", None)
            if type(ref) is not Ref:
                continue
            hands.add(ref.hand)
            if ref.obj not in seen:
                seen.add(ref.obj)
                cell = state.heap[ref.obj]
                waiting += [*cell.slots.values(), cell.rest]
    return hands, seen


def _older(value: Value, old: Mapping[Id, Id]) -> Value:
    if not any(_touched(e, old) for e in value):
        return value
    return tuple(dict.fromkeys(_older_element(e, old) for e in value))


def _touched(element: Element, old: Mapping[Id, Id]) -> bool:
    if type(element) is Ref:
        return element.obj in old or element.hand in old
    return type(element) is Bound or type(element) is Callee


def _older_element(element: Element, old: Mapping[Id, Id]) -> Element:
    if type(element) is Ref:
        return Ref(old.get(element.obj, element.obj), old.get(element.hand, element.hand))
    if type(element) is Bound:
        return Bound(_older_element(element.receiver, old), element.attr)
    if type(element) is Callee and element.receiver is not None:
        return Callee(element.code, _older_element(element.receiver, old))
    return element


def _older_cell(cell: Cell, old: Mapping[Id, Id]) -> Cell:
    regions = cell.regions
    if any(region[0] in old for region in regions):
        regions = frozenset(rooted_in(r, old) for r in regions)
    sources = _older_ids(cell.sources, old)
    of = _older_ids(cell.of, old)
    slots = cell.slots
    if any(_touched(e, old) for value in slots.values() for e in value):
        slots = {key: _older(value, old) for key, value in slots.items()}
    rest = _older(cell.rest, old)
    parts = ((regions, cell.regions), (sources, cell.sources), (of, cell.of), (slots, cell.slots), (rest, cell.rest))
    if all(new is known for new, known in parts):
        return cell
    return cell._replace(regions=regions, sources=sources, of=of, slots=slots, rest=rest)


def _older_ids(ids: frozenset[Id], old: Mapping[Id, Id]) -> frozenset[Id]:
    if not ids or ids.isdisjoint(old):
        return ids
    return frozenset(old.get(i, i) for i in ids)
