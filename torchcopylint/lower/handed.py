"""What a call says of the names in it: evidence for what they are, beside the attributes that are read off them."""

from __future__ import annotations

from collections.abc import Iterator

from torchcopylint.ir import Argument, LoadAttr, Operand, syntax
from torchcopylint.ir.question import dotted
from torchcopylint.lower.scope import Scope

_TWO_SIDED = frozenset(
    "matmul bmm mm cross_entropy mse_loss l1_loss smooth_l1_loss huber_loss nll_loss kl_div binary_cross_entropy "
    "binary_cross_entropy_with_logits cosine_similarity pairwise_distance".split()
)
_OF_TENSORS = frozenset({"dim", "keepdim"})
_COUNTED = frozenset({"size", "view", "flatten"})


def note_call(scope: Scope, node: syntax.Call, func: Operand, args: tuple[Argument, ...], result: Operand) -> None:
    """Remember of a name that it is called, "()"; how its methods are called, "dim=" and "size(n)"; which functions it
    is handed to, "@F.relu"; and what the result came of."""
    if isinstance(node.func, syntax.Attribute):
        owner = _owner_of(scope, func)
        _note_form(scope, owner, node.func.attr, args)
        _note_handed(scope, node.func, args)
        scope.computed[result] = ((owner, f"{node.func.attr}()~"), *_fed(node.func, args))
    elif isinstance(node.func, syntax.Name) and args:
        scope.note(func, "()")
        scope.computed[result] = tuple(_fed(node.func, args))


def _fed(func: syntax.Expression, args: tuple[Argument, ...]) -> Iterator[tuple[Operand, str]]:
    """What is handed over first, where the name of what is called says what the result comes of."""
    name = dotted(func)
    if name and args and not args[0].star and not args[0].keyword:
        yield args[0].value, f"@{name}()~"


def _note_form(scope: Scope, owner: Operand, method: str, args: tuple[Argument, ...]) -> None:
    """Keywords and numbers that only a tensor's methods take."""
    if any(argument.keyword in _OF_TENSORS for argument in args):
        scope.note(owner, "dim=")
    if method in _COUNTED and args and not args[0].keyword and not args[0].star:
        scope.note(owner, f"{method}(n)")


def _owner_of(scope: Scope, func: Operand) -> Operand:
    """What a method was read off a moment ago."""
    return next(i.obj for i in reversed(scope.block) if type(i) is LoadAttr and i.dst == func)


def _note_handed(scope: Scope, func: syntax.Attribute, args: tuple[Argument, ...]) -> None:
    plain = [argument.value for argument in args[:3] if not argument.star]
    for value in plain if func.attr in _TWO_SIDED else plain[:1]:
        scope.note(value, f"@{dotted(func)}")
