"""In-place writes to storage that somebody else reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from torchcopylint.domain.event import Result, SharedWrite
from torchcopylint.domain.family import Family
from torchcopylint.domain.finding import Step
from torchcopylint.domain.heap import Cell
from torchcopylint.domain.identity import Id, base_of, roots_of
from torchcopylint.domain.kind import DATA, Kind
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.sharing import CONDITIONS, NO_LINK, Owner, Sharing, Sure
from torchcopylint.domain.use import WriteKind
from torchcopylint.domain.value import NONE, NOTHING, Ref, Value, refs_of
from torchcopylint.interpret.classes import stored_attributes
from torchcopylint.interpret.events.copy_remedy import copy_site
from torchcopylint.interpret.events.other_names import Other, continues, other_reads, own_reads, read_again
from torchcopylint.interpret.events.path import cell_of, is_anothers, name_of, owner_of, place, steps_to
from torchcopylint.interpret.events.phrases import Said
from torchcopylint.interpret.events.shared_default import default_of
from torchcopylint.interpret.events.sum_into_first import added_up
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Read, Write
from torchcopylint.ir import walk
from torchcopylint.ir.question import arguments_of, receiver_of, targets_of, text_of, value_of
from torchcopylint.ir.site import Site
from torchcopylint.ir.syntax import AugmentedAssign, Slice, Subscript


def shared_writes(frame: Frame) -> Iterator[SharedWrite]:
    """A SharedWrite for each in-place write to tensors, arrays or other data."""
    summed, before, surest = added_up(frame), set[str](), _surest(frame)
    for number, write in frame.log.memory.writes.items():
        if write.via and surest.get((write.node, write.hand)) != number:
            continue  # a call is told of once, however often it writes
        if write.kind is WriteKind.WRITE and write.node not in summed and not continues(frame, write):
            event = _event(frame, number, write)
            if event is None:
                continue
            if write.via and event.owner is Owner.ARGUMENT and not (event.again_read or event.others or event.twins):
                continue  # what a function does to its caller's is told where it does so
            yield replace(event, again=event.source in before) if event.owner is Owner.ARGUMENT else event
            if event.owner is Owner.ARGUMENT and event.sure is not Sure.MAY:
                before.add(event.source)


def _surest(frame: Frame) -> dict[tuple[Site, Id], int]:
    """By call and handle, the write of which most is known among those that the call makes through it."""
    found: dict[tuple[Site, Id], int] = {}
    writes = frame.log.memory.writes
    for number, write in writes.items():
        if write.via and write.kind is WriteKind.WRITE:
            known = writes.get(found.get((write.node, write.hand), 0))
            if known is None or (write.sure is Sure.MUST, write.proof) > (known.sure is Sure.MUST, known.proof):
                found[write.node, write.hand] = number
    return found


def _event(frame: Frame, number: int, write: Write) -> SharedWrite | None:
    roots = sorted(set(roots_of(write.regions)))
    owner, source = _owner(frame, write, roots)
    others = other_reads(frame, number, write)
    again = read_again(frame, number, write)
    if owner is Owner.LOCAL and not others and again is None and Layout.EXPANDED not in write.layout:
        return None
    twins = [other for other in others if other.twin]
    apart = [other for other in others if not other.twin]
    nearest = min(apart, key=_conditions, default=None) or next(iter(twins), None)
    chain = frame.program.handles.chain(write.hand)
    base = cell_of(frame, roots[0])
    links = [h for h in chain if h.how not in NO_LINK]
    site, remedy = copy_site(frame, write, nearest)
    inside = owner is Owner.ARGUMENT and _inside(write, base)
    return SharedWrite(
        node=write.node,
        name=name_of(frame, write.hand),
        source=_repeated(frame, write)
        or (_target(write) if inside else "")
        or source
        or (others[0].name if others else ""),
        proof=write.proof,
        ground=write.ground,
        place=place(frame),
        steps=_steps(frame, write, apart or twins, again),
        site=site,
        remedy=remedy,
        write=write.words,
        alias=links[0].how if links else Sharing.SAME_OBJECT,
        ways=tuple(dict.fromkeys(link.how for link in nearest.links)) if nearest is not None else (),
        kept=nearest is not None and nearest.kept,
        owner=owner,
        others=tuple(other.name for other in apart),
        twins=tuple(other.name for other in twins),
        compared=next((other.name for other in others if other.compared), ""),
        own=bool(own_reads(frame, number, write)),
        again_read=again is not None,
        arithmetic=write.arithmetic,
        operator=isinstance(write.node, AugmentedAssign),
        derived=_derived(frame, write),
        layout=write.layout,
        kind=write.thing,
        sure=_certainty(write, nearest),
        named=bool(write.name),
        fills=base.family is Family.BLANK,
        grad_off=write.grad_off,
        constant=write.constant,
        state=owner is Owner.ATTRIBUTE and _is_state(frame, source),
        default=default_of(frame, write),
        called=bool(frame.program.calls.get(frame.function)),
        watched=owner is Owner.ARGUMENT and _watched(frame, roots),
        met_again=owner is Owner.ARGUMENT and _met_again(frame, roots),
        inside=inside,
        via=bool(write.via),
        result=_result(frame, write, roots) if owner is Owner.ARGUMENT else None,
        spared=_spared(frame, roots) or any("inplace" in name.replace("_", "") for name in write.tests),
        parameter=_is_parameter(base)
        or any(_is_parameter(cell_of(frame, h.obj)) for h in chain)
        or ".grad" in str(write.regions),
    )


def _inside(write: Write, base: Cell) -> bool:
    """Whether what is written is held by an argument that is itself no tensor."""
    if base.kind in (*DATA, Kind.MODULE, Kind.PARAMS):
        return False
    return base.kind is not Kind.UNKNOWN or any(str(part).startswith("['") for r in write.regions for part in r)


def _target(write: Write) -> str:
    """The tensor that a statement or call writes into a part of, as written."""
    target = next(iter(targets_of(write.node)), None) or receiver_of(write.node)
    while isinstance(target, Subscript) and (len(target.indices) > 1 or isinstance(target.indices[0].value, Slice)):
        target = target.value
    return text_of(target)


def _conditions(other: Other) -> int:
    return sum(link.how in CONDITIONS for link in other.links)


def _certainty(write: Write, other: Other | None) -> Sure:
    """How surely the write reaches the name that is read: what that shares with further names does not matter."""
    if other is None or write.sure is Sure.MAY:
        return write.sure
    if not other.read.alone:
        return Sure.MAY
    return Sure.CONDITIONAL if _conditions(other) else Sure.MUST


def _repeated(frame: Frame, write: Write) -> str:
    """What an expanded tensor repeats, as written."""
    if Layout.EXPANDED not in write.layout:
        return ""
    chain = frame.program.handles.chain(write.hand)
    node = next((h.node for h in chain if h.how is Sharing.EXPANDED), None)
    return text_of(receiver_of(node))


def _is_state(frame: Frame, name: str) -> bool:
    """Whether methods beside `__init__` set this attribute anew: then it is there to be changed."""
    attr = name.partition(".")[2].partition(".")[0].partition("[")[0]
    methods = frame.owner.cls.methods.values() if frame.owner is not None else ()
    return any(attr in stored_attributes(frame.program, method) for method in methods if method.name != "__init__")


def _derived(frame: Frame, write: Write) -> bool:
    """Whether the value written is computed from the thing written: `x.copy_(f(x))`, `x[...] = x - m`."""
    name = frame.program.handles.of(write.hand).name
    args = [argument.value for argument in arguments_of(write.node)]
    words = " ".join(text_of(node) for node in [*args, value_of(write.node)] if node is not None)
    return bool(name) and re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", words) is not None


def _spared(frame: Frame, roots: list[Id]) -> bool:
    """Every call of this function in the file hands it something made for the call."""
    calls = frame.program.calls.get(frame.function, ())
    names = {name for name, symbol in frame.symbols.items() if symbol in roots}
    return bool(calls) and bool(names) and all(call.gives_away(name) for call in calls for name in names)


def _watched(frame: Frame, roots: list[Id]) -> bool:
    """Some call of this function in the file hands it what is somebody else's, or what is looked at again."""
    names = {name for name, symbol in frame.symbols.items() if symbol in roots}
    calls = frame.program.calls.get(frame.function, ())
    return any(is_anothers(call.frame, ref.obj) or call.reads_after(ref) for call in calls for name in names
               for ref in refs_of(call.given.get(name, NOTHING)))  # fmt: skip


def _met_again(frame: Frame, roots: list[Id]) -> bool:
    """Some call of this function in the file hands it the same again, in the next iteration of a loop."""
    names = {name for name, symbol in frame.symbols.items() if symbol in roots}
    calls = frame.program.calls.get(frame.function, ())
    given = ((call, ref) for call in calls for name in names for ref in refs_of(call.given.get(name, NOTHING)))
    return any(call.hands_over_again(ref) for call, ref in given)


def _result(frame: Frame, write: Write, roots: list[Id]) -> Result | None:
    """What the function gives, where that says that it is there to write: nothing, or the very tensor it wrote."""
    if all(given.value == NONE for given in frame.log.memory.returns.values()) and not frame.yielded:
        return Result.NOTHING
    tensors = {root for root in roots if cell_of(frame, root).kind in DATA}
    order = {i.node: n for n, i in enumerate(walk(frame.function.body))}
    for given in frame.log.memory.returns.values():
        node, value = given.node, given.value
        held = (inner for ref in refs_of(value) for inner in _together(frame, ref))
        if order.get(node, 0) > order.get(write.node, 0) and any(
            {base_of(ref.obj) for ref in refs_of(part)} <= tensors for part in (value, *held) if refs_of(part)
        ):
            return Result.ITSELF
    return None


def _together(frame: Frame, ref: Ref) -> Iterable[Value]:
    """What a tuple that is returned holds."""
    cell = cell_of(frame, ref.obj)
    return cell.slots.values() if cell.kind is Kind.TUPLE else ()


def _is_parameter(base: Cell) -> bool:
    return base.kind is Kind.MODULE or base.family is Family.PARAMETER


def _owner(frame: Frame, write: Write, roots: list[Id]) -> tuple[Owner, str]:
    """Whose storage it is; where it may be several, the one nobody minds least is not assumed: local wins."""
    found = [owner_of(frame, root) for root in roots]
    kinds = {kind for kind, _ in found}
    if Owner.LOCAL in kinds:
        return Owner.LOCAL, next(name for kind, name in found if kind is Owner.LOCAL)
    kind, name = found[0]
    if kind in (Owner.ATTRIBUTE, Owner.GLOBAL) and "." not in name:
        chain = frame.program.handles.chain(write.hand)
        name = next((h.name for h in chain if "." in h.name), name)
    return kind, name


def _steps(frame: Frame, write: Write, others: list[Other], again: Read | None) -> tuple[Step, ...]:
    steps = steps_to(frame, write.hand)
    steps += [s for o in others[:1] if o.kept or o.twin for s in steps_to(frame, o.handle.hand) if s not in steps]
    steps.append(Said.WRITTEN.at(write.node))
    for other in others[:2]:
        steps.append(Said.READ_CHANGED.at(other.read.node, other.name))
    if again is not None and not others:
        steps.append(Said.READ_CHANGED.at(again.node, write.name))
    return tuple(steps)
