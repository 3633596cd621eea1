"""The path of an event: where a thing was made, how it got its names, what happened to it."""

from __future__ import annotations

from torchcopylint.domain.event import Place
from torchcopylint.domain.finding import Step
from torchcopylint.domain.heap import Cell
from torchcopylint.domain.identity import Id, base_of, older, roots_of
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.sharing import Owner, Sharing
from torchcopylint.domain.value import Const, refs_of
from torchcopylint.interpret.events.phrases import WAYS, Said, taken
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.program import Handle
from torchcopylint.ir import TOP
from torchcopylint.ir.site import Site

_IN_PLACE = ("in-place", "in place", "inplace")


def place(frame: Frame) -> Place:
    """Where in the program a function's events lie."""
    function, owner = frame.function, frame.owner
    return Place(
        function=function.name,
        owner=owner.kind if owner is not None else None,
        family=owner.family if owner is not None else None,
        documented=any(word in function.docstring.lower() for word in _IN_PLACE)
        or any(p.name in ("inplace", "in_place", "out") for p in function.parameters)
        or "mark_dirty" in function.attributes,
        public=_exported(frame),
    )


def _exported(frame: Frame) -> bool:
    """Whether the file's `__all__`, where it has one, names the function or its class."""
    module = frame.program.file_of(frame.function.qualname)
    for ref in refs_of(module.env.get("__all__", ())) if module is not None else ():
        names = (
            [e.value for v in module.heap[ref.obj].slots.values() for e in v if isinstance(e, Const)] if module else []
        )
        return not names or frame.function.qualname.partition(".")[0] in names
    return True


def steps_to(frame: Frame, hand: Id) -> list[Step]:
    """How a handle came to be, oldest first: made here, taken as a view here, bound to a name here."""
    steps: list[Step] = []
    for handle in reversed(frame.program.handles.chain(hand)):
        node = handle.named_at or handle.node
        if handle.how is Sharing.RECEIVER or node is frame.function or not isinstance(node, Site):
            continue
        inner = frame.program.made_at(handle)
        if inner is not handle.node and handle.named_at is handle.node and isinstance(inner, Site):
            steps.append(Said.MADE_BY.at(inner, way=WAYS[handle.how]))
        if steps and steps[-1].node is node:
            if handle.how is Sharing.SAME_OBJECT:
                continue
            steps.pop()
        steps.append(_said(frame, handle, node))
    return steps


def _said(frame: Frame, handle: Handle, node: Site) -> Step:
    """What is said of a handle where it was taken or named."""
    parent = frame.program.handles.of(handle.parent).name if handle.parent is not None else ""
    return taken(handle.how, node, handle.name, parent)


def container_of(frame: Frame, hand: Id) -> str:
    """The name of the container in which a handle is a place."""
    held = frame.log.places.held.get(base_of(hand))
    known = frame.program.handles.known.values()
    for into in held.into if held is not None else ():
        name = name_of(frame, into) or next((h.name for h in known if h.parent == into and h.name), "")
        if name:
            return name
    return ""


def cell_of(frame: Frame, obj: Id, hand: Id = 0) -> Cell | None:
    """What was known of an object, at the end or when it was last read."""
    for state in (frame.state, *frame.exits):
        if state is not None:
            found = state.heap.get(obj) or state.heap.get(base_of(obj)) or state.heap.get(older(obj))
            if found is not None:
                return found
    return frame.log.memory.seen.get(hand)


def of_module(frame: Frame, handle: Handle) -> bool:
    """Whether what a handle leads to lies in a module: its weights and buffers."""
    cell = frame.log.memory.seen.get(handle.hand) or cell_of(frame, handle.obj, handle.hand)
    roots = [cell_of(frame, root) for root in roots_of(cell.regions)] if cell is not None else []
    return any(root is not None and root.kind is Kind.MODULE for root in roots)


def goes_over(frame: Frame, hand: Id) -> bool:
    """Whether a handle came up in going over the weights of a module, or the entries of a state dict."""
    return any(h.how is Sharing.LIVE_WEIGHT for h in frame.program.handles.chain(hand))


def name_of(frame: Frame, hand: Id) -> str:
    """The name a handle goes by: its own, or the nearest among those it was taken from."""
    for handle in frame.program.handles.chain(hand):
        if handle.name:
            return handle.name
    return ""


def owner_of(frame: Frame, root: Id) -> tuple[Owner, str]:
    """(whose it is, its name)."""
    base = base_of(root)
    birth = frame.program.births.get(base)
    parent = frame.program.children.get(base)
    elsewhere = birth is not None and birth.function is not frame.function
    if parent is not None and (elsewhere or base not in frame.program.roots):
        kind, name = owner_of(frame, parent[0])
        return kind, f"{name}{parent[1]}"
    owner = frame.owner
    if birth is not None and elsewhere and owner is not None and owner.method(birth.function.name) is birth.function:
        return (Owner.ATTRIBUTE if birth.function.name != TOP else Owner.GLOBAL), frame.program.handles.of(base).name
    if base in frame.program.roots:
        return frame.program.roots[base]
    if birth is not None and birth.function is not frame.function and birth.function.name == TOP:
        return Owner.GLOBAL, frame.program.handles.of(base).name
    return Owner.LOCAL, frame.program.handles.of(base).name if base in frame.program.handles.known else ""


def is_anothers(frame: Frame, obj: Id) -> bool:
    """Whether somebody who is not seen here has an object, or what it lies in."""
    cell = cell_of(frame, obj)
    roots = [*roots_of(cell.regions)] if cell is not None else []
    return any(owner_of(frame, root)[0] is not Owner.LOCAL for root in roots)
