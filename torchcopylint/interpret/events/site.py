"""The expression that a fix would replace, with its source and that of what it is made from."""

from __future__ import annotations

from typing import TypedDict

from torchcopylint.domain.value import Named
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.lower import operand_of


class Site(TypedDict):
    """The fields of an event that speak of its site."""

    site: object
    text: str
    of: str


def site_of(frame: Frame, node: object) -> Site:
    """An expression, or what a statement binds to one name, with its sources; nothing for other statements."""
    node = _bound(node)
    if not hasattr(node, "lpar"):
        return Site(site=None, text="", of="")
    func = getattr(node, "func", None)
    args = getattr(node, "args", ())
    receiver = getattr(func, "value", None)
    if isinstance(receiver, str) or _imported(frame, receiver):
        return Site(site=node, text=operand_of(node), of=operand_of(args[0].value) if args and not args[0].star else "")
    return Site(site=node, text=operand_of(node), of=operand_of(receiver) if receiver is not None else "")


def _bound(node: object) -> object:
    targets = [part.target for part in getattr(node, "targets", ())] or [getattr(node, "target", None)]
    single = len(targets) == 1 and targets[0] is not None and not hasattr(targets[0], "elements")
    assigns = hasattr(node, "targets") or hasattr(node, "annotation")
    return getattr(node, "value", None) if single and assigns else node


def _imported(frame: Frame, node: object) -> bool:
    """Whether a dotted name begins with something imported."""
    while not isinstance(node, str | None):
        node = getattr(node, "value", None)
    module = frame.program.file_of(frame.function.qualname)
    value = module.env.get(node, ()) if module is not None and node is not None else ()
    return len(value) == 1 and isinstance(value[0], Named)
