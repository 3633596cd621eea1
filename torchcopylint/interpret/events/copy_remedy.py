"""Where a copy would part what is written from what is read: the syntax that a fix replaces, and its new text."""

from __future__ import annotations

from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.sharing import NO_LINK, Sharing
from torchcopylint.interpret.events.other_names import Other
from torchcopylint.interpret.events.path import cell_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Write
from torchcopylint.interpret.state.program import Handle
from torchcopylint.ir import is_foreign
from torchcopylint.ir.question import code_of, method_of, receiver_of, source_of
from torchcopylint.ir.site import Site
from torchcopylint.ir.syntax import Assign, Attribute, Call, ExpressionStatement, Name, Statement, Subscript

Remedy = tuple[Site | None, str]
NOWHERE: Remedy = (None, "")
_PLAIN = (Name, Attribute, Subscript, Call)


def copy_site(frame: Frame, write: Write, other: Other | None) -> Remedy:
    """(syntax, text) that copies at the step after which the written and the read name share no more."""
    chain = frame.program.handles.chain(write.hand)
    expanded = next((h for h in chain if h.how is Sharing.EXPANDED), None)
    if expanded is not None and Layout.EXPANDED in write.layout:
        return copied(frame, expanded) if any(h.name for h in chain[: chain.index(expanded) + 1]) else NOWHERE
    parameter = _direct(frame, chain)
    if parameter:
        return _before(frame, write, parameter)
    if other is not None and other.twin:
        return _twin_site(frame, write, other)
    if other is not None and other.kept:
        return copied(frame, other.links[-1])
    return _named_site(frame, write, chain)


def _direct(frame: Frame, chain: list[Handle]) -> str:
    """The parameter that is written as it was given, or through a view that has no name."""
    if any(h.name for h in chain[:-1]) or frame.symbols.get(chain[-1].name) != chain[-1].hand:
        return ""
    return chain[-1].name if chain[-1].hand not in frame.program.selves else ""


def _before(frame: Frame, write: Write, name: str) -> Remedy:
    """The statement of the write with the parameter copied before it, where that statement has a line of its own."""
    if write.rounds or not _begins_line(frame.function.node, write.node):
        return NOWHERE
    copies = copying(frame, frame.program.handles.of(frame.symbols[name]))
    return write.node, f"{name} = {name}.{copies}\n{code_of(write.node)}"


def _begins_line(node: Site, wanted: Site | None) -> bool:
    """Whether below a node some statement that has a line for itself begins with what is wanted."""
    if isinstance(node, Statement) and node.written.begins_line(node):
        part: Site | None = node.value if isinstance(node, ExpressionStatement) else node
        while part is not wanted and part is not None:
            part = receiver_of(part)
        return part is wanted
    return any(_begins_line(part, wanted) for part in node.parts)


def _named_site(frame: Frame, write: Write, chain: list[Handle]) -> Remedy:
    """What gave the written name its view; or what it was bound to."""
    links = [h for h in chain if h.how not in NO_LINK]
    named = next((h for h in chain if h.name), None)
    if not write.name or named is None:
        return NOWHERE
    if links:
        return copied(frame, links[0])
    bound = named.named_at if isinstance(named.named_at, Assign) else named.node
    return assigned(frame, named, bound) if isinstance(bound, Assign) else NOWHERE


def copied(frame: Frame, link: Handle) -> Remedy:
    """(expression, text) that copies what a sharing step gives, where that is an expression."""
    node = link.node
    if is_foreign(frame.program.maker_of(link).qualname):
        return NOWHERE
    if not isinstance(node, _PLAIN) or link.how in (Sharing.PART, Sharing.ROW):
        return NOWHERE
    return node, f"{source_of(node)}.{copying(frame, link)}"


def copying(frame: Frame, handle: Handle) -> str:
    """The call that copies what a handle stands for."""
    return "copy()" if cell_of(frame, handle.obj, handle.hand).kind is Kind.NDARRAY else "clone()"


def _twin_site(frame: Frame, write: Write, other: Other) -> Remedy:
    written = frame.program.handles.of(write.hand)
    for handle in (written, other.handle):
        if isinstance(handle.node, Assign):
            return assigned(frame, handle, handle.node)
    return NOWHERE


def assigned(frame: Frame, handle: Handle, statement: Assign) -> Remedy:
    """`y = x`: the right side; `a = b = zeros(3)`: the whole statement, as two."""
    if is_foreign(frame.program.maker_of(handle).qualname):
        return NOWHERE
    value, targets = statement.value, statement.targets
    if method_of(value).endswith("_"):  # a copy of what it gives back is no longer what it changed
        return NOWHERE
    if not isinstance(value, _PLAIN) or any(not isinstance(target, Name | Attribute) for target in targets):
        return NOWHERE
    copies = copying(frame, handle)
    if len(targets) == 1:
        return value, f"{source_of(value)}.{copies}"
    first, *rest = (source_of(target) for target in targets)
    return statement, "\n".join([f"{first} = {source_of(value)}", *(f"{name} = {first}.{copies}" for name in rest)])
