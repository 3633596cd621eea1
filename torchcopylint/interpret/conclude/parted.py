"""Where a copy would part what is written from what is read: the syntax that a fix replaces, and its new text."""

from __future__ import annotations

from typing import Any

from torchcopylint.interpret.conclude.others import Other
from torchcopylint.interpret.conclude.path import cell_of
from torchcopylint.interpret.frame import Frame
from torchcopylint.interpret.log import Write
from torchcopylint.interpret.program import Handle
from torchcopylint.lower import source_of

Site = tuple[object, str]
NOWHERE: Site = (None, "")
_PLAIN = frozenset({"Name", "Attribute", "Subscript", "Call"})


def copy_site(frame: Frame, write: Write, other: Other | None) -> Site:
    """(syntax, text) that copies at the step after which the written and the read name share no more."""
    if other is not None and other.twin:
        return _twin_site(frame, write, other)
    if other is not None and other.kept:
        return copied(frame, other.links[-1]) if other.links else NOWHERE
    links = other.links if other is not None else _links(frame, write)
    named = bool(write.name) or bool(frame.program.handles.of(write.hand).name)
    return copied(frame, links[0]) if links and named else NOWHERE


def _links(frame: Frame, write: Write) -> tuple[Handle, ...]:
    chain = frame.program.handles.chain(write.hand)
    return tuple(h for h in chain if h.how not in ("same object", "", "attribute", "item"))


def copied(frame: Frame, link: Handle) -> Site:
    """(expression, text) that copies what a sharing step gives, where that is an expression."""
    node = link.node
    if type(node).__name__ not in _PLAIN or link.how.endswith(("(one of several)", "(a row)")):
        return NOWHERE
    return node, f"{source_of(node)}.{copying(frame, link)}"


def copying(frame: Frame, handle: Handle) -> str:
    """The call that copies what a handle stands for."""
    cell = cell_of(frame, handle.obj, handle.hand)
    return "copy()" if cell is not None and cell.kind == "ndarray" else "clone()"


def _twin_site(frame: Frame, write: Write, other: Other) -> Site:
    written = frame.program.handles.of(write.hand)
    for handle in (written, other.handle):
        if handle.how == "same object" and type(handle.node).__name__ == "Assign":
            return _assigned(frame, handle)
    return NOWHERE


def _assigned(frame: Frame, handle: Handle) -> Site:
    """`y = x`: the right side; `a = b = zeros(3)`: the whole statement, as two."""
    statement: Any = handle.node
    value, targets = statement.value, [target.target for target in statement.targets]
    if type(value).__name__ not in _PLAIN or any(type(t).__name__ not in ("Name", "Attribute") for t in targets):
        return NOWHERE
    copies = copying(frame, handle)
    if len(targets) == 1:
        return value, f"{source_of(value)}.{copies}"
    first, *rest = (source_of(target) for target in targets)
    return statement, "\n".join([f"{first} = {source_of(value)}", *(f"{name} = {first}.{copies}" for name in rest)])
