"""Sums that are added up in the first of the things they sum."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from torchcopylint.domain.event import SumIntoFirst
from torchcopylint.domain.identity import Id, base_of
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.use import WriteKind
from torchcopylint.domain.value import refs_of
from torchcopylint.interpret.events.path import cell_of, end_of, is_anothers, place
from torchcopylint.interpret.events.phrases import Said
from torchcopylint.interpret.events.site import site_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.program import Handle
from torchcopylint.ir import TOP, Spot
from torchcopylint.ir.question import arguments_of, iterable_of, text_of, value_of
from torchcopylint.ir.site import Site

_FIRST = re.compile(r"^(?P<all>[A-Za-z_][\w.]*)\[0\](\.state_dict\(\)|\[['\"]\w+['\"]\])?$")

_ADDING_WEIGHTS = frozenset({"state_dict", "load_state_dict", "div", "true_divide"})


class Sum(NamedTuple):
    """Something added in place: the statement, the handle it goes through, the loops' iterables, a tensor or items."""

    node: Site
    hand: Id
    overs: tuple[str, ...]
    items: bool


def accumulations(frame: Frame) -> Iterator[SumIntoFirst]:
    """A SumIntoFirst for each `total = all[0]` to which the others of `all` are then added in place."""
    told: set[Spot | None] = set()
    for part, handle, everything in _in_first(frame):
        if handle.node not in told:
            told.add(handle.node)
            yield _event(frame, handle, everything, part)


def added_up(frame: Frame) -> set[Site]:
    """The writes, by their nodes, that a SumIntoFirst of a first of several, of known kind, tells of already."""
    return {part.node for part, handle, _ in _in_first(frame) if _proof(frame, handle) >= 2}


def _in_first(frame: Frame) -> Iterator[tuple[Sum, Handle, str]]:
    """What is added in place to the first of several, with the name that has and the words for all."""
    for part in _sums(frame):
        first = _first(frame, part.hand)
        if first is None:
            continue
        handle, everything = first
        if not _adds_others(part, everything) or (part.items and _starts_anew(frame, part, handle.name)):
            continue
        if _matters(frame, everything, part):
            yield part, handle, everything


def _sums(frame: Frame) -> Iterator[Sum]:
    for stored in frame.log.places.item_stores.values():
        if stored.aug:
            yield Sum(stored.node, stored.hand, stored.overs, True)
    for write in frame.log.memory.writes.values():
        if write.kind is WriteKind.WRITE and write.arithmetic and write.rounds and not write.via:
            overs = tuple(text_of(iterable_of(node)) for node in write.rounds)
            yield Sum(write.node, write.hand, overs, False)


def _first(frame: Frame, hand: Id) -> tuple[Handle, str] | None:
    """The handle that was bound to `all[0]`, and the words for all."""
    for handle in frame.program.handles.chain(hand):
        match = _FIRST.match(text_of(value_of(handle.named_at)))
        if match is not None:
            return handle, match["all"]
    return None


def _adds_others(part: Sum, everything: str) -> bool:
    """Whether what is added comes from the same things: they are named in it, or gone over."""
    args = arguments_of(part.node)
    added = text_of(args[0].value if args else value_of(part.node))
    named = re.compile(rf"(?<![\w.]){re.escape(everything)}(?!\w)")
    return any(named.search(words) for words in (added, *part.overs))


def _starts_anew(frame: Frame, part: Sum, name: str) -> bool:
    """Whether the items are replaced by new ones before they are added to: `avg[k] = first[k] * weight`."""
    own = re.compile(rf"(?<![\w.]){re.escape(name)}(?!\w)")
    stores = frame.log.places.item_stores.values()
    plain = [s.node for s in stores if not s.aug and base_of(s.hand) == base_of(part.hand)]
    return any(not own.search(text_of(value_of(node))) for node in plain)


def _matters(frame: Frame, everything: str, part: Sum) -> bool:
    """Whether anybody else can see the first one: it was handed in, belongs to the class, or is read again."""
    calls = frame.program.calls.get(frame.function)
    if calls and all(call.gives_away(everything) and call.frame.function.name != TOP for call in calls):
        return False
    root = everything.partition(".")[0]
    if root in frame.symbols:
        return True
    return any(is_anothers(frame, ref.obj) for ref in refs_of(end_of(frame).env.get(root, ())))


def _event(frame: Frame, handle: Handle, everything: str, part: Sum) -> SumIntoFirst:
    node = handle.named_at
    return SumIntoFirst(
        node=node,
        name=handle.name,
        source=text_of(value_of(node)),
        proof=_proof(frame, handle),
        place=place(frame),
        steps=(Said.FIRST_OF.at(node, handle.name, everything), Said.ADDED_UP.at(part.node)),
        **site_of(frame, node),
        kind=cell_of(frame, handle.obj).kind,
        call=text_of(node),
        change=text_of(part.node),
    )


def _proof(frame: Frame, handle: Handle) -> int:
    cell = cell_of(frame, handle.obj)
    if cell.kind in (Kind.TENSOR, Kind.STATE_DICT, Kind.NDARRAY):
        return cell.proof
    return 2 if _ADDING_WEIGHTS & frame.function.attributes else 1
