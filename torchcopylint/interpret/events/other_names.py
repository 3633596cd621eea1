"""Who reads what a write changed, under which other name, and how that name came to share it."""

from __future__ import annotations

from dataclasses import dataclass

from torchcopylint.domain.identity import Id, base_of, contains
from torchcopylint.domain.kind import DATA, Kind
from torchcopylint.domain.sharing import NO_LINK, Sharing
from torchcopylint.domain.use import QUIET
from torchcopylint.interpret.events.comparison import compared, gives_the_same
from torchcopylint.interpret.events.path import cell_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Read, Write
from torchcopylint.interpret.state.program import Handle
from torchcopylint.ir import Move, Spot, StoreAttr, walk
from torchcopylint.ir.question import arguments_of, last_name, receiver_of, targets_of, text_of, value_of
from torchcopylint.ir.site import Site
from torchcopylint.ir.syntax import Attribute, Conditional, Name


@dataclass(frozen=True, slots=True, eq=False)
class Other:
    """Another name of what was written, read afterwards.

    handle: the name's; links: the sharing steps between the written name and it, nearest to the written one first;
    kept: it was taken from the written name (else it is what that was taken from, or its sister); twin: it is the very
    object; compared: that use holds it against what was written.
    """

    name: str
    read: Read
    handle: Handle
    links: tuple[Handle, ...] = ()
    kept: bool = False
    twin: bool = False
    compared: bool = False


def continues(frame: Frame, write: Write) -> bool:
    """`x.sub_(m).div_(s)`, `relu(x.sub_(m), inplace=True)`: the second of two writes whose first is part of it."""
    inner = [receiver_of(write.node), *(argument.value for argument in arguments_of(write.node)[:1])]
    return any(any(w.node is part for part in inner) and w.hand == write.hand for w in frame.log.memory.writes.values())


def other_reads(frame: Frame, number: int, write: Write) -> list[Other]:
    """Uses of other names of the same storage after the write, one for each name."""
    found: dict[str, Other] = {}
    for (hand, noticed), reads in frame.log.memory.reads.items():
        if noticed != number or base_of(hand) == base_of(write.hand):
            continue
        handle = frame.program.handles.of(hand)
        if not handle.name or handle.name == write.name or not _meets(frame, hand, write):
            continue
        links, kept = _between(frame, write.hand, hand)
        twin = not links and bool(_twins(frame, write.hand) & _twins(frame, hand))
        for read in reads.values():
            if read.how in QUIET or read.node is write.node:
                continue
            against = compared(read, links, write.name, handle.name)
            if links or twin or (against and _twins(frame, write.hand, True) & _twins(frame, hand, True)):
                other = Other(handle.name, read, handle, links, kept, not links, against)
                first = found.setdefault(handle.name, other)
                if against and not first.compared:
                    found[handle.name] = other
    return list(found.values())


def own_reads(frame: Frame, number: int, write: Write) -> list[Read]:
    """Uses of the written name itself after the write."""
    reads = frame.log.memory.reads.get((write.hand, number), {})
    return [r for r in reads.values() if r.how not in QUIET and r.node is not write.node]


def read_again(frame: Frame, number: int, write: Write) -> Read | None:
    """`y = f(self.act(x)) + x`: the first use of the written name again, where what the writing call gives back is
    taken for something else: it goes on under another name, or without one."""
    if not write.given_back if write.via else last_name(write.node).endswith("_"):
        return None  # it gives something else; or it says that it writes
    dropped = write.node in frame.log.copying.dropped
    handed = (receiver_of(write.node), *(argument.value for argument in arguments_of(write.node)))
    if not write.name or dropped or write.name not in map(text_of, handed):
        return None
    uses = (read for read in own_reads(frame, number, write) if _names(read.node, write.name, write.node))
    first = next(uses, None)
    return first if first is not None and not _bound_to(frame, write.node, write.name) else None


def _names(node: Site, name: str, beside: Site) -> bool:
    """Whether a piece of syntax names something, other than in that part of it."""
    waiting = [node]
    while waiting:
        site = waiting.pop()
        if site is beside or (isinstance(site, Conditional) and beside in site.parts):
            continue
        if isinstance(site, Name | Attribute) and text_of(site) == name:
            return True
        waiting += site.parts
    return False


def _bound_to(frame: Frame, node: Site, name: str) -> bool:
    """Whether the value of an expression, or one of several that it is picked from, is bound to that name."""
    for i in walk(frame.function.body):
        if isinstance(i, Move | StoreAttr) and name in map(text_of, targets_of(i.node)):
            value = value_of(i.node)
            if node in (value.parts if isinstance(value, Conditional) else (value,)):
                return True
    return False


def _meets(frame: Frame, hand: Id, write: Write) -> bool:
    seen = frame.log.memory.seen[hand]
    kind = seen.kind  # what it is may only have shown later
    if kind is Kind.UNKNOWN:
        kind = cell_of(frame, frame.program.handles.of(hand).obj).kind
    return kind in DATA and any(contains(a, b) or contains(b, a) for a in seen.regions for b in write.regions)


def _twins(frame: Frame, hand: Id, given_back: bool = False) -> set[Id]:
    """The handle and, where it surely is only another name for the same object, those names too.

    given_back: also names for what a call gives back.
    """
    family = {base_of(hand)}
    for handle in frame.program.handles.chain(hand):
        family.add(base_of(handle.hand))
        if handle.how is not Sharing.SAME_OBJECT:
            break
        if not (_renames(handle.node) or (given_back and gives_the_same(frame, handle))):
            break
    return family


def _renames(node: Spot | None) -> bool:
    """`b = a`, `a = b = f()`: what comes out of a container or an unpacking may be another of its elements."""
    targets = targets_of(node)
    plain = all(isinstance(target, Name | Attribute) for target in targets)
    return plain and (len(targets) > 1 or isinstance(value_of(node), Name | Attribute))


def _between(frame: Frame, written: Id, read: Id) -> tuple[tuple[Handle, ...], bool]:
    """The sharing steps from the written handle to the one read, up to what both were taken from; whether the read one
    was taken from the written one."""
    up, down = frame.program.handles.chain(written), frame.program.handles.chain(read)
    met = next((h for h in up if h in down), None)
    mine = up[: up.index(met)] if met is not None else up
    theirs = down[: down.index(met)] if met is not None else down
    links = (*mine, *reversed(theirs))
    return tuple(h for h in links if h.how not in NO_LINK), not any(h.how not in NO_LINK for h in mine)
