"""In-place writes to storage that somebody else reads."""

from __future__ import annotations

import re
from collections.abc import Iterator

from torchcopylint.event import SharedWrite
from torchcopylint.finding import Step
from torchcopylint.heap import Cell
from torchcopylint.interpret.access import DATA
from torchcopylint.interpret.classes import stored_attributes
from torchcopylint.interpret.conclude.path import cell_of, name_of, owner_of, place, steps_to
from torchcopylint.interpret.frame import Frame
from torchcopylint.interpret.log import Read, Write
from torchcopylint.lower import text_of
from torchcopylint.models.table import conditions
from torchcopylint.value import Id, contains

CONDITIONS = frozenset(conditions()) | {"device"}
_QUIET = frozenset({"asked", "tested", "shown", "iterated"})


def shared_writes(frame: Frame) -> Iterator[SharedWrite]:
    """A SharedWrite for each in-place write to tensors, arrays or other data."""
    for number, write in frame.log.writes.items():
        if write.kind == "write" and not write.via and not _continues(frame, write):
            event = _event(frame, number, write)
            if event is not None:
                yield event


def _continues(frame: Frame, write: Write) -> bool:
    """`x.sub_(m).div_(s)`, `relu(x.sub_(m), inplace=True)`: the second of two writes whose first is part of it."""
    inner = [getattr(getattr(write.node, "func", None), "value", None)]
    inner += [argument.value for argument in getattr(write.node, "args", ())[:1]]
    return any(any(w.node is part for part in inner) and w.hand == write.hand for w in frame.log.writes.values())


def _event(frame: Frame, number: int, write: Write) -> SharedWrite | None:
    roots = sorted({r[0] for r in write.regions if isinstance(r[0], int)})
    if not roots:
        return None
    owner, source = _owner(frame, write, roots)
    others = _other_reads(frame, number, write)
    if owner == "local" and not others and "expanded" not in write.layout:
        return None
    own = _own_reads(frame, number, write)
    chain = frame.program.handles.chain(write.hand)
    base = cell_of(frame, roots[0])
    links = [h for h in chain if h.how not in ("same object", "", "attribute", "item")]
    return SharedWrite(
        node=write.node,
        name=name_of(frame, write.hand),
        source=_repeated(frame, write) or source or (others[0][0] if others else ""),
        proof=write.proof,
        place=place(frame),
        steps=_steps(frame, write, others, own),
        write=write.words,
        alias=links[0].how if links else "same object",
        owner=owner,
        others=tuple(name for name, _ in others),
        own=bool(own),
        arithmetic=write.arithmetic,
        derived=_derived(frame, write),
        layout=write.layout,
        kind=write.thing,
        sure="must" if _directly(frame, write, others) else write.sure,
        named=bool(write.name),
        fills=base is not None and base.family == "blank",
        grad_off=write.grad_off,
        constant=write.constant,
        state=owner == "attribute" and _is_state(frame, source),
        called=bool(frame.program.calls.get(id(frame.function))),
        spared=_spared(frame, roots) or any("inplace" in name.replace("_", "") for name in write.tests),
        parameter=_is_parameter(base) or ".grad" in str(write.regions),
    )


def _directly(frame: Frame, write: Write, others: list[tuple[str, Read]]) -> bool:
    """Whether one of the other names is what this is a plain view of, whatever that shares with in its turn."""
    names = {name for name, _ in others}
    if write.sure != "conditional":
        return False
    for handle in frame.program.handles.chain(write.hand):
        if handle.name in names and handle.hand != write.hand & ~1:
            return True
        if handle.how in CONDITIONS:
            return False
    return False


def _repeated(frame: Frame, write: Write) -> str:
    """What an expanded tensor repeats, as written."""
    if "expanded" not in write.layout:
        return ""
    chain = frame.program.handles.chain(write.hand)
    node = next((h.node for h in chain if h.how == "expanded"), None)
    return text_of(getattr(getattr(node, "func", None), "value", None))


def _is_state(frame: Frame, name: str) -> bool:
    """Whether methods beside `__init__` set this attribute anew: then it is there to be changed."""
    attr = name.partition(".")[2].partition(".")[0].partition("[")[0]
    methods = frame.owner.cls.methods.values() if frame.owner is not None else ()
    return any(attr in stored_attributes(method) for method in methods if method.name != "__init__")


def _derived(frame: Frame, write: Write) -> bool:
    """Whether the value written is computed from the thing written: `x.copy_(f(x))`, `x[...] = x - m`."""
    name = frame.program.handles.of(write.hand).name
    args = [a.value for a in getattr(write.node, "args", ())]
    value = getattr(write.node, "value", None)
    words = " ".join(text_of(node) for node in [*args, value] if node is not None)
    return bool(name) and re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", words) is not None


def _spared(frame: Frame, roots: list[Id]) -> bool:
    """Every call of this function in the file hands it something made for the call."""
    calls = frame.program.calls.get(id(frame.function))
    names = {name for name, symbol in frame.symbols.items() if symbol in roots}
    return bool(calls) and bool(names) and all(call.gives_away(name) for call in calls or () for name in names)


def _is_parameter(base: Cell | None) -> bool:
    return base is not None and (base.kind == "module" or base.family == "parameter")


def _owner(frame: Frame, write: Write, roots: list[Id]) -> tuple[str, str]:
    """Whose storage it is; where it may be several, the one nobody minds least is not assumed: local wins."""
    found = [owner_of(frame, root) for root in roots]
    kinds = {kind for kind, _ in found}
    if len(kinds) > 1 and "local" in kinds:
        return "local", next(name for kind, name in found if kind == "local")
    kind, name = found[0]
    if kind in ("attribute", "global") and "." not in name:
        chain = frame.program.handles.chain(write.hand)
        name = next((h.name for h in chain if "." in h.name), name)
    return kind, name


def _other_reads(frame: Frame, number: int, write: Write) -> list[tuple[str, Read]]:
    """Uses of other names of the same storage after the write, with those names."""
    mine = _family(frame, write.hand)
    found: dict[str, Read] = {}
    for (hand, noticed), reads in frame.log.reads.items():
        if noticed != number or hand & ~1 in mine:
            continue
        handle = frame.program.handles.of(hand)
        seen = frame.log.seen.get(hand)
        if (
            not handle.name
            or handle.name == write.name
            or write.hand & ~1 in _family(frame, hand)
            or (seen and seen.kind not in DATA)
        ):
            continue
        if seen and not any(contains(a, b) or contains(b, a) for a in seen.regions for b in write.regions):
            continue
        for read in reads.values():
            if read.how not in _QUIET and read.node is not write.node:
                found.setdefault(handle.name, read)
    return list(found.items())


def _family(frame: Frame, hand: Id) -> set[Id]:
    """The handle and, where it is only another name for the same object, those names too."""
    family = {hand & ~1}
    for handle in frame.program.handles.chain(hand):
        family.add(handle.hand & ~1)
        if handle.how != "same object":
            break
    return family


def _own_reads(frame: Frame, number: int, write: Write) -> list[Read]:
    reads = frame.log.reads.get((write.hand, number), {})
    return [r for r in reads.values() if r.how not in _QUIET and r.node is not write.node]


def _steps(frame: Frame, write: Write, others: list[tuple[str, Read]], own: list[Read]) -> tuple[Step, ...]:
    steps = steps_to(frame, write.hand)
    steps.append(Step(write.node, "written here"))
    for name, read in others[:2]:
        steps.append(Step(read.node, f"`{name}` is read here, changed"))
    return tuple(steps)
