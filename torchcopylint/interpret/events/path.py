"""The path of an event: where a thing was made, how it got its names, what happened to it."""

from __future__ import annotations

from collections.abc import Iterable

from torchcopylint.domain.event import Place
from torchcopylint.domain.finding import Step
from torchcopylint.domain.heap import Cell, State
from torchcopylint.domain.identity import Id, Region, base_of, older, roots_of
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.sharing import Owner, Sharing
from torchcopylint.domain.value import Const, KnownClass, refs_of
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
    if module is None:
        return True
    lists = [module.heap[ref.obj].slots.values() for ref in refs_of(module.env.get("__all__", ()))]
    names = {element.value for slots in lists for value in slots for element in value if isinstance(element, Const)}
    return not names or frame.function.qualname.partition(".")[0] in names


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
        return name_of(frame, into) or next((h.name for h in known if h.parent == into and h.name), "")
    return ""


def end_of(frame: Frame) -> State:
    """What is known where a function ends, by whichever way; nothing of one that never does."""
    return frame.state if frame.state is not None else State()


def cell_of(frame: Frame, obj: Id, hand: Id = 0) -> Cell:
    """What was known of an object, at the end or when it was last read; a cell that says nothing of an unknown one."""
    heap = end_of(frame).heap
    return heap.get(obj) or heap.get(older(obj)) or frame.log.memory.seen.get(hand, Cell())


def cell_when_read(frame: Frame, handle: Handle) -> Cell:
    """What was known of what a handle leads to, when it was last read or else at the end."""
    return frame.log.memory.seen.get(handle.hand) or cell_of(frame, handle.obj, handle.hand)


def itself(frame: Frame) -> Cell:
    """What is known at the end of the object that a method is called on."""
    return cell_of(frame, frame.symbols.get(me(frame), 0))


def me(frame: Frame) -> str:
    """The name of a function's first parameter: a method's object."""
    return next((parameter.name for parameter in frame.function.parameters), "")


def in_attribute(frame: Frame, attr: str) -> set[Id]:
    """The objects that an attribute of a method's object may hold when the method ends."""
    return {base_of(ref.obj) for ref in refs_of(itself(frame).slots.get(f".{attr}", ()))}


def all_frames(frame: Frame) -> list[Frame]:
    """The functions of the file, and of others, that were interpreted; not those that were given up."""
    return [other for other in frame.program.frames.values() if other is not None]


def other_methods(frame: Frame) -> list[Frame]:
    """The other methods of a method's class; none of a function."""
    others = [other for other in all_frames(frame) if other is not frame and other.owner is frame.owner]
    return others if frame.owner is not None else []


def holders_of(frame: Frame, obj: Id) -> list[Id]:
    """What holds an object in an attribute or as an item when the function ends."""
    held = ((holder, v) for holder, c in end_of(frame).heap.items() for v in (*c.slots.values(), c.rest))
    return [holder for holder, value in held if any(base_of(ref.obj) == base_of(obj) for ref in refs_of(value))]


def parts_of(frame: Frame, kind: KnownClass) -> list[KnownClass]:
    """The classes of the file whose objects `__init__` makes as parts of one of this class."""
    start = frame.program.starts.get(kind.cls.qualname) or State()
    return [cell.cls for cell in start.heap.values() if cell.cls is not None and cell.cls is not kind]


def in_module(frame: Frame, regions: Iterable[Region]) -> bool:
    """Whether some of these regions lie in a module."""
    return any(cell_of(frame, root).kind is Kind.MODULE for root in roots_of(regions))


def of_module(frame: Frame, handle: Handle) -> bool:
    """Whether what a handle leads to lies in a module: its weights and buffers."""
    return in_module(frame, cell_when_read(frame, handle).regions)


def goes_over(frame: Frame, hand: Id) -> bool:
    """Whether a handle came up in going over the weights of a module, or the entries of a state dict."""
    return any(h.how is Sharing.LIVE_WEIGHT for h in frame.program.handles.chain(hand))


def name_of(frame: Frame, hand: Id) -> str:
    """The name a handle goes by: its own, or the nearest among those it was taken from."""
    handles = frame.program.handles
    return next((handle.name for handle in (handles.of(hand), *handles.chain(hand)) if handle.name), "")


def parent_name(frame: Frame, handle: Handle) -> str:
    """The name of what a handle was taken from; "" where that has none, or it was taken from nothing."""
    return name_of(frame, handle.parent) if handle.parent is not None else ""


def owner_of(frame: Frame, root: Id, inside: tuple[Id, ...] = ()) -> tuple[Owner, str]:
    """(whose it is, its name); inside: what was found on the way, for two objects may hold each other."""
    base = base_of(root)
    birth = frame.program.births.get(base)
    parent = frame.program.children.get(base)
    home = birth.function if birth is not None else frame.function
    elsewhere = home is not frame.function
    if parent is not None and base not in inside and (elsewhere or base not in frame.program.roots):
        kind, name = owner_of(frame, parent[0], (*inside, base))
        return kind, f"{name}{parent[1]}"
    owner = frame.owner
    if elsewhere and owner is not None and owner.method(home.name) is home:
        return Owner.ATTRIBUTE, frame.program.handles.of(base).name
    if base in frame.program.roots:
        return frame.program.roots[base]
    if elsewhere and home.name == TOP:
        return Owner.GLOBAL, frame.program.handles.of(base).name
    return Owner.LOCAL, frame.program.handles.of(base).name if base in frame.program.handles.known else ""


def is_anothers(frame: Frame, obj: Id) -> bool:
    """Whether somebody who is not seen here has an object, or what it lies in."""
    return any(owner_of(frame, root)[0] is not Owner.LOCAL for root in roots_of(cell_of(frame, obj).regions))
