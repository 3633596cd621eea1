"""Branches, loops, exceptions and contexts: where states part and meet, and loops run until nothing new comes."""

from __future__ import annotations

import re

from torchcopylint import ir
from torchcopylint.domain.ageing import age, alive, reachable
from torchcopylint.domain.family import AnyFamily, Family
from torchcopylint.domain.ground import UNKNOWN_KIND, Ground
from torchcopylint.domain.heap import Cell, Heap, State, join
from torchcopylint.domain.identity import Id, base_of, is_older
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.use import ReadHow
from torchcopylint.domain.value import NOTHING, UNKNOWN, Const, Named, Narrow, Value, refs_of
from torchcopylint.interpret.effects.iterate import elements
from torchcopylint.interpret.operate import COMPARED
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.mixed import note_there
from torchcopylint.interpret.state.round import Round
from torchcopylint.interpret.state.touch import read
from torchcopylint.ir.kind import LoopKind
from torchcopylint.ir.question import iterable_of
from torchcopylint.ir.site import Site

MOST_ROUNDS = 5
LOADER_WORDS = ("loader", "batches", "dataset")
_SEVERAL = re.compile(r"(?:(?:enumerate|reversed|sorted|list|tqdm)\()*[\w.]*(?:loaders|datasets)\b(?!\()")
"""What goes over whole loaders or data sets, and not over what one gives."""


def branch(frame: Frame, i: ir.If) -> None:
    """Both arms, joined; a test on a type narrows what it tests in each arm."""
    test = frame.get(i.test)
    read(frame, test, i.node, ReadHow.TESTED)
    _take_for_numbers(frame, test)
    before = frame.here
    guard, exits = _varies(frame, i), len(frame.exits)
    frame.tests.append(i.reads)
    with frame.guarded(guard):
        frame.state = before.copy()
        _narrow(frame, test, True)
        descents = _run_arm(frame, i.body)
        taken = frame.state
        frame.state = before if taken is not before else before.copy()
        _narrow(frame, test, False)
        other_descents = _run_arm(frame, i.orelse)
    frame.tests.pop()
    other = frame.state
    _note_parted(frame, descents, taken, other)
    _note_parted(frame, other_descents, other, taken)
    frame.state = join(taken, other)
    if guard and frame.rounds and (taken is None) != (other is None):
        frame.guards += 1
        frame.lasting[-1] += 1
    elif not frame.rounds and len(frame.exits) > exits:
        frame.parted = True


def _run_arm(frame: Frame, block: ir.Block) -> dict[Site, set[Id]]:
    """Run an arm of a branch; the calls of backward in it, with what they went through."""
    frame.descents.append({})
    if frame.state is not None:
        frame.program.run(frame, block)
    return frame.descents.pop()


def _note_parted(frame: Frame, descents: dict[Site, set[Id]], here: State | None, there: State | None) -> None:
    """Backward went through what an arm no longer has in the end, and the other arm has: that alone goes on with it."""
    if not descents or here is None or there is None:
        return
    held, elsewhere = alive(here), alive(there)
    for node, through in descents.items():
        for obj in through & elsewhere:
            key = (node, base_of(obj))
            frame.log.graph.parted[key] = frame.log.graph.parted.get(key, True) and obj not in held


def _varies(frame: Frame, i: ir.If) -> bool:
    """Whether the test can come out differently from iteration to iteration."""
    if not frame.rounds:
        return i.first
    assigned = frame.rounds[-1].assigned
    return i.varies or i.first or any(name in assigned or name.partition(".")[0] in assigned for name in i.reads)


def _take_for_numbers(frame: Frame, test: Value) -> None:
    """What was compared and is tested for its truth is a number: of several elements numpy would not say which."""
    for mask in refs_of(test):
        for ref in refs_of(frame.here.heap[mask.obj].slots.get(COMPARED, NOTHING)):
            frame.update(ref.obj, kind=Kind.SCALAR, regions=frozenset())


def _narrow(frame: Frame, test: Value, holds: bool) -> None:
    for element in test:
        if type(element) is Narrow and len(test) == 1:
            _narrow_name(frame, element, element.holds == holds)
        elif type(element) is Const and len(test) == 1 and bool(element.value) != holds and element.value is not None:
            frame.state = None if isinstance(element.value, bool) else frame.state


def _narrow_name(frame: Frame, test: Narrow, holds: bool) -> None:
    if frame.state is None or test.kinds == (Kind.UNKNOWN,):
        return
    value = frame.here.env.get(test.name)
    if value is None:
        _narrow_attribute(frame, test, holds)
        return
    if test.kinds == (Kind.NONE,):
        kept = tuple(
            e for e in value if (isinstance(e, Const) and e.value is None) == holds or not isinstance(e, Const)
        )
        if kept:
            frame.here.env[test.name] = kept
        if not holds:
            note_there(frame, kept)
        return
    for ref in refs_of(value):
        cell = frame.here.heap.get(ref.obj)
        if cell is None:
            continue
        known = test.kinds[0] if len(test.kinds) == 1 else Kind.UNKNOWN
        if holds and known in (Kind.TENSOR, Kind.NDARRAY, Kind.MODULE, Kind.LIST, Kind.DICT, Kind.TUPLE):
            frame.update(ref.obj, kind=known, proof=3, ground=Ground.DECLARED)
        elif holds and cell.kind not in test.kinds and Kind.CLASS not in test.kinds:
            frame.update(ref.obj, **UNKNOWN_KIND._asdict())
    if not holds and frame.state is not None and Kind.CLASS not in test.kinds:
        kept = tuple(e for e in value if (c := frame.cell(e)) is None or c.kind not in test.kinds)
        if kept != value:
            frame.here.env[test.name] = kept or UNKNOWN


def _narrow_attribute(frame: Frame, test: Narrow, holds: bool) -> None:
    """Of `self.x` it is only noted what it is not: other names of the object know no better."""
    root, *attributes = test.name.split(".")
    value = frame.here.env.get(root, NOTHING)
    for attribute in attributes:
        value = tuple(e for ref in refs_of(value) for e in frame.here.heap[ref.obj].slots.get(f".{attribute}", NOTHING))
    for ref in refs_of(value):
        cell = frame.here.heap[ref.obj]
        if not holds and cell.kind in test.kinds and Kind.CLASS not in test.kinds and cell.kind is not Kind.UNKNOWN:
            frame.update(ref.obj, **UNKNOWN_KIND._asdict())


def loop(frame: Frame, i: ir.Loop) -> None:
    """Rounds until the state at the head stops growing; what a round made counts as older in the next."""
    iterable = frame.get(i.iterable) if i.iterable else NOTHING
    if iterable:
        read(frame, iterable, i.node, ReadHow.ITERATED)
    frame.rounds.append(_round(frame, i, iterable))
    frame.born.append(set())
    frame.lasting.append(0)
    _forget_places(frame)
    head, leaving, ends = frame.here, None, None
    for _ in range(MOST_ROUNDS):
        back, left = _one_round(frame, i, iterable, head.copy())
        leaving = join(leaving, left)
        if back is None:
            frame.log.copying.once.add(i.node)
            break
        if i.kind is LoopKind.COMPREHENSION:
            head = join(head, back) or head
            break
        aged = age(back, frame.born[-1], head)
        ends = join(ends, aged)
        grown = join(head, aged)
        assert grown is not None
        if grown.same_as(head):
            break
        head = grown
    frame.rounds.pop()
    frame.born.pop()
    frame.guards -= frame.lasting.pop()
    _leave(frame, i, ends if ends is not None and _over_weights(head.heap, iterable) else head, leaving)


def _over_weights(heap: Heap, iterable: Value) -> bool:
    """Whether a loop goes over the parameters of a module, of which there are some."""
    refs = refs_of(iterable)
    return bool(refs) and len(refs) == len(iterable) and all(_holds_weights(heap, heap[r.obj], 2) for r in refs)


def _holds_weights(heap: Heap, cell: Cell, depth: int) -> bool:
    if cell.kind is Kind.PARAMS or cell.family is Family.PARAMETER:
        return True
    held = (heap[r.obj] for v in (cell.rest, *cell.slots.values()) for r in refs_of(v)) if depth else ()
    return cell.kind in (Kind.LIST, Kind.TUPLE, Kind.ITEMS) and any(_holds_weights(heap, c, depth - 1) for c in held)


def _forget_places(frame: Frame) -> None:
    """What was put into containers that are gone is not what this loop will have put into its own."""
    state, watched = frame.here, frame.program.watched
    places = [hand for hand in state.marks if is_older(hand) and base_of(hand) in watched]
    alive = reachable(state) if places else set()
    for hand in places:
        if hand not in alive:
            del state.marks[hand]


def _leave(frame: Frame, i: ir.Loop, head: State, leaving: State | None) -> None:
    frame.state = head
    if i.kind is LoopKind.WHILE:
        frame.program.run(frame, i.head)
        if frame.get(i.test) == (Const(True),) and leaving is not None:
            frame.state = None
    if frame.state is not None:
        frame.program.run(frame, i.orelse)
    frame.state = join(frame.state, leaving)


def _one_round(frame: Frame, i: ir.Loop, iterable: Value, start: State) -> tuple[State | None, State | None]:
    frame.state = start
    frame.breaks.append([])
    frame.continues.append([])
    guards, frame.lasting[-1] = frame.guards - frame.lasting[-1], 0
    frame.guards = guards
    if i.kind is LoopKind.WHILE:
        frame.program.run(frame, i.head)
        _take_for_numbers(frame, frame.get(i.test))
    else:
        frame.temps[i.item] = elements(frame, iterable, i.node, "element")
    frame.program.run(frame, i.body)
    back: State | None = frame.state
    for state in frame.continues.pop():
        back = join(back, state)
    left: State | None = None
    for state in frame.breaks.pop():
        left = join(left, state)
    return back, left


def _round(frame: Frame, i: ir.Loop, iterable: Value) -> Round:
    node = iterable_of(i.node)
    over = frame.program.text(node) if node is not None else ""
    plain = over.lower()
    loader = any(w in plain for w in LOADER_WORDS) and "range(" not in plain and not _SEVERAL.match(plain)
    for ref in refs_of(iterable):
        cell = frame.here.heap.get(ref.obj)
        loader = loader or (cell is not None and (cell.kind is Kind.LOADER or cell.family is Family.LOADED))
    few = _few(over)
    return Round(i.node, over, i.kind, i.assigned, loader, few, i.body)


def _few(over: str) -> bool:
    digits = over.removeprefix("range(").removesuffix(")")
    return over.startswith("range(") and digits.isdigit() and int(digits) <= 4


def attempt(frame: Frame, i: ir.Try) -> None:
    """A handler may start anywhere in the body; `finally` sees every way out."""
    before = frame.here.copy()
    exits = len(frame.exits)
    frame.protected += bool(i.handlers)
    frame.program.run(frame, i.body)
    frame.protected -= bool(i.handlers)
    after = frame.state
    met = join(before, after)
    if after is not None and i.orelse:
        frame.program.run(frame, i.orelse)
        after = frame.state
    for handler in i.handlers:
        assert met is not None
        frame.state = met.copy()
        frame.program.run(frame, handler)
        after = join(after, frame.state)
    frame.state = after
    if i.final:
        _final(frame, i, met, exits)


def _final(frame: Frame, i: ir.Try, met: State | None, exits: int) -> None:
    alive = frame.state
    frame.state = join(alive, met)
    for state in frame.exits[exits:]:
        frame.state = join(frame.state, state)
    frame.program.run(frame, i.final)
    if alive is None:
        frame.state = None


_TURNED_OFF: dict[AnyFamily, bool | None] = {Family.GRAD_OFF: True, Family.GRAD_PERHAPS: True, Family.GRAD_ON: False}


def within(frame: Frame, i: ir.With) -> None:
    """A context manager; some turn gradients off or on."""
    value = frame.get(i.context)
    off: bool | None = None
    for element in value:
        cell = frame.cell(element)
        family = cell.family if cell is not None and cell.kind is Kind.CONTEXT else None
        if isinstance(element, Named) and element.name.endswith(("no_grad", "inference_mode")):
            family = Family.GRAD_OFF
        off = _TURNED_OFF.get(family, off)
    frame.temps[i.bound] = value
    expects = any(
        word in frame.program.text(i.node) for word in ("raises", "assertRaises", "suppress", "warns", "profile")
    )
    frame.protected += expects
    with frame.gradients(off):
        frame.program.run(frame, i.body)
    frame.protected -= expects
