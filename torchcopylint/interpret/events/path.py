"""The path of an event: where a thing was made, how it got its names, what happened to it."""

from __future__ import annotations

from torchcopylint.domain.event import Place
from torchcopylint.domain.finding import Step
from torchcopylint.domain.heap import Cell
from torchcopylint.domain.identity import Id, base_of, older, roots_of
from torchcopylint.domain.value import Const, refs_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.program import Handle
from torchcopylint.ir import TOP

_IN_PLACE = ("in-place", "in place", "inplace")


def place(frame: Frame) -> Place:
    """Where in the program a function's events lie."""
    function, owner = frame.function, frame.owner
    return Place(
        function=function.name,
        owner=owner.kind if owner is not None else "",
        family=owner.family if owner is not None else "",
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
        if handle.how == "self" or node is frame.function or not hasattr(node, "children"):
            continue
        phrase = _phrase(frame, handle)
        inner = frame.program.made_at(handle)
        if inner is not handle.node and handle.named_at is handle.node and hasattr(inner, "children"):
            steps.append(Step(inner, f"{handle.how or 'made'} here"))
        if steps and steps[-1].node is node:
            if handle.how == "same object":
                continue
            steps.pop()
        steps.append(Step(node, phrase))
    return steps


def _phrase(frame: Frame, handle: Handle) -> str:
    shown = f"`{handle.name}` " if handle.name else ""
    parent = frame.program.handles.of(handle.parent).name if handle.parent is not None else ""
    if handle.how in ("", "attribute", "item", "an element"):
        return f"{shown}{'is made' if shown else 'made'} here"
    if handle.how == "same object":
        return f"{shown}is the same object{f' as `{parent}`' if parent else ''}"
    if handle.how.startswith("references to"):
        return f"{shown}holds {handle.how}, not copies" if shown else f"{handle.how}, not copies"
    how = _PERHAPS.get(handle.how, handle.how)
    words = how + (f" of `{parent}`" if parent and how.startswith(("a view", "a shallow copy")) else "")
    return f"{shown}is {words}" if shown else f"{words}, taken here"


_PERHAPS = {
    "device": "a copy only on another device",
    "layout": "a copy only where the strides allow no view",
    "layout of a permutation": "a copy only where the strides allow no view",
    "dtype-or-device": "a copy only where the dtype or the device is another",
    "dtype or device": "a copy only where the dtype or the device is another",
    "dtype": "a copy only where the dtype is another",
    "copy-flag": "a copy only with `copy=True`",
    "shape": "a copy only where there is more than one tensor",
    "sparse": "a copy only where the layout is another",
    "training": "a copy only in training",
    "index": "a view or a copy, as the index is",
    "argument": "the same memory where a tensor is given",
    "expanded": "a view that repeats its values",
    "detached": "the same memory without the graph",
}
"""What links two names where it depends: the words of the table, for people."""


def container_of(frame: Frame, hand: Id) -> str:
    """The name of the container in which a handle is a place."""
    held = frame.log.held.get(base_of(hand))
    known = frame.program.handles.known.values()
    for into in held.into if held is not None else ():
        name = name_of(frame, into) or next((h.name for h in known if h.parent == into and h.name), "")
        if name:
            return name
    return ""


def step(node: object, phrase: str) -> Step | None:
    """A step where the node is syntax."""
    return Step(node, phrase) if hasattr(node, "children") else None


def cell_of(frame: Frame, obj: Id, hand: Id = 0) -> Cell | None:
    """What was known of an object, at the end or when it was last read."""
    for state in (frame.state, *frame.exits):
        if state is not None:
            found = state.heap.get(obj) or state.heap.get(base_of(obj)) or state.heap.get(older(obj))
            if found is not None:
                return found
    return frame.log.seen.get(hand)


def of_module(frame: Frame, handle: Handle) -> bool:
    """Whether what a handle leads to lies in a module: its weights and buffers."""
    cell = frame.log.seen.get(handle.hand) or cell_of(frame, handle.obj, handle.hand)
    roots = [cell_of(frame, root) for root in roots_of(cell.regions)] if cell is not None else []
    return any(root is not None and root.kind == "module" for root in roots)


def goes_over(frame: Frame, hand: Id) -> bool:
    """Whether a handle came up in going over the weights of a module, or the entries of a state dict."""
    return any(h.how == "the live weights" for h in frame.program.handles.chain(hand))


def name_of(frame: Frame, hand: Id) -> str:
    """The name a handle goes by: its own, or the nearest among those it was taken from."""
    for handle in frame.program.handles.chain(hand):
        if handle.name:
            return handle.name
    return ""


def owner_of(frame: Frame, root: Id) -> tuple[str, str]:
    """(whose it is, its name): "argument", "attribute", "global" or "local"."""
    base = base_of(root)
    birth = frame.program.births.get(base)
    parent = frame.program.children.get(base)
    elsewhere = birth is not None and birth[2] is not frame.function
    if parent is not None and (elsewhere or base not in frame.program.roots):
        kind, name = owner_of(frame, parent[0])
        return kind, f"{name}{parent[1]}"
    owner = frame.owner
    if birth is not None and elsewhere and owner is not None and owner.method(birth[2].name) is birth[2]:
        return ("attribute" if birth[2].name != TOP else "global"), frame.program.handles.of(base).name
    if base in frame.program.roots:
        kind, name = frame.program.roots[base]
        return ("attribute" if kind == "self" else kind), name
    if birth is not None and birth[2] is not frame.function and birth[2].name == TOP:
        return "global", frame.program.handles.of(base).name
    return "local", frame.program.handles.of(base).name if base in frame.program.handles.known else ""


def is_anothers(frame: Frame, obj: Id) -> bool:
    """Whether somebody who is not seen here has an object, or what it lies in."""
    cell = cell_of(frame, obj)
    roots = [*roots_of(cell.regions)] if cell is not None else []
    return any(owner_of(frame, root)[0] != "local" for root in roots)
