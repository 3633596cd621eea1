"""Two names of one memory held against each other: whoever subtracts or compares them takes them for two."""

from __future__ import annotations

import re

from torchcopylint.domain.sharing import VIEWS, Sharing
from torchcopylint.interpret.events.path import parent_name
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Read
from torchcopylint.interpret.state.program import Handle
from torchcopylint.ir.question import arguments_of, bound_value, last_name, receiver_of, text_of
from torchcopylint.ir.site import Site
from torchcopylint.ir.syntax import BinaryOperation, Comparison, Conditional

_WHOLE = frozenset({Sharing.SAME_OBJECT, Sharing.ITSELF, Sharing.DATA, Sharing.DETACHED, Sharing.EXPANDED})
"""Ways to share all of the memory in the same order."""
_COMPARING = frozenset(
    "equal allclose isclose eq ne dist mse_loss l1_loss smooth_l1_loss sub subtract assert_close".split()
)


def compared(read: Read, links: tuple[Handle, ...], written: str, other: str) -> bool:
    """Whether a read subtracts or compares what was written and another name of it, element by element.

    A view is held against the same part of what it is a view of: of another part it may well be meant as it is now.
    """
    node = read.node
    text = text_of(node)
    if not (_compares(node) and _stands_in(written, text) and _stands_in(other, text)):
        return False
    taken = [text_of(link.node) for link in links if link.how in VIEWS]
    return all(link.how in _WHOLE or link.how in VIEWS for link in links) and all(_stands_in(t, text) for t in taken)


def _compares(node: Site) -> bool:
    if isinstance(node, BinaryOperation):
        return node.operator == "-"
    if isinstance(node, Comparison):
        return all(operator not in ("is", "is not", "in", "not in") for operator, _ in node.others)
    return last_name(node) in _COMPARING


def _stands_in(name: str, text: str) -> bool:
    return bool(name) and re.search(rf"(?<![\w.]){re.escape(name)}(?![\w(])", text) is not None


def gives_the_same(frame: Frame, handle: Handle) -> bool:
    """`b = a.requires_grad_()`, `b = self.identity(a)`: a name for what a call gives back of what it was given."""
    value = bound_value(handle.node)
    parent = parent_name(frame, handle)
    arguments = (argument.value for argument in arguments_of(value)[:1])
    given = value.parts if isinstance(value, Conditional) else (receiver_of(value), *arguments)
    return bool(parent) and any(text_of(part) == parent for part in given)
