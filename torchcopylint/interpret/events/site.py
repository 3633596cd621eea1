"""The expression that a fix would replace, with its source and that of what it is made from."""

from __future__ import annotations

from typing import TypedDict

from torchcopylint.domain.value import Named
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.ir import Spot
from torchcopylint.ir.question import arguments_of, binds_one, bound_value, callee_of, operand_of, receiver_of, value_of
from torchcopylint.ir.site import Site
from torchcopylint.ir.syntax import Expression, Name


class Replaceable(TypedDict):
    """The fields of an event that speak of its site."""

    site: Expression | None
    text: str
    of: str


def site_of(frame: Frame, node: Spot | None) -> Replaceable:
    """An expression, or what a statement binds to one name, with its sources; nothing for other statements."""
    bound = _bound(node)
    if not isinstance(bound, Expression):
        return Replaceable(site=None, text="", of="")
    func, args, receiver = callee_of(bound), arguments_of(bound), receiver_of(bound)
    if isinstance(func, Name) or _imported(frame, receiver):
        of = operand_of(args[0].value) if args and not args[0].star else ""
    else:
        of = operand_of(receiver) if receiver is not None else ""
    return Replaceable(site=bound, text=operand_of(bound), of=of)


def _bound(node: Spot | None) -> Spot | None:
    return bound_value(node) if binds_one(node) else node


def _imported(frame: Frame, node: Site | None) -> bool:
    """Whether a dotted name begins with something imported."""
    while (inner := value_of(node)) is not None:
        node = inner
    module = frame.program.file_of(frame.function.qualname)
    value = module.env.get(node.name, ()) if module is not None and isinstance(node, Name) else ()
    return len(value) == 1 and isinstance(value[0], Named)
