"""The expression that a fix would replace, with its source and that of what it is made from."""

from __future__ import annotations

from typing import TypedDict

from torchcopylint.interpret.frame import Frame
from torchcopylint.lower import source_of
from torchcopylint.value import Named


class Site(TypedDict):
    """The fields of an event that speak of its site."""

    site: object
    text: str
    of: str


def site_of(frame: Frame, node: object) -> Site:
    """An expression, its source, the source of its receiver or first argument; nothing where it is a statement."""
    text = source_of(node)
    if not text:
        return Site(site=None, text="", of="")
    func = getattr(node, "func", None)
    args = getattr(node, "args", ())
    receiver = getattr(func, "value", None)
    if isinstance(receiver, str) or _imported(frame, receiver):
        return Site(site=node, text=text, of=source_of(args[0].value) if args and not args[0].star else "")
    return Site(site=node, text=text, of=source_of(receiver if func is not None else getattr(node, "value", None)))


def _imported(frame: Frame, node: object) -> bool:
    """Whether a dotted name begins with something imported."""
    while not isinstance(node, str | None):
        node = getattr(node, "value", None)
    module = frame.program.file_of(frame.function.qualname)
    value = module.env.get(node, ()) if module is not None and node is not None else ()
    return len(value) == 1 and isinstance(value[0], Named)
