"""Writes that land in a copy which reshape, flatten or contiguous had to make, and that nobody looks at again."""

from __future__ import annotations

from collections.abc import Iterator

from torchcopylint.domain.event import RelaidWritten
from torchcopylint.domain.sharing import LAYOUTS, Sharing
from torchcopylint.domain.use import WriteKind
from torchcopylint.interpret.events.other_names import continues
from torchcopylint.interpret.events.path import holders_of, place
from torchcopylint.interpret.events.phrases import Said
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Write
from torchcopylint.interpret.state.program import Handle
from torchcopylint.ir import TOP, Spot
from torchcopylint.ir.question import arguments_of, callee_of, receiver_of, text_of
from torchcopylint.ir.site import Site
from torchcopylint.ir.syntax import Attribute, Call
from torchcopylint.models.tensor import PERMUTING

_SAME_PLACE = PERMUTING | {"contiguous", "detach"}


def lost_in_relaid(frame: Frame) -> Iterator[RelaidWritten]:
    """A RelaidWritten for each in-place write that nobody reads to what is, or may be, a copy in another order."""
    for number, write in frame.log.memory.writes.items():
        copied = _relaid(frame, number, write) if write.kind is WriteKind.WRITE and not write.via else None
        if copied is None or continues(frame, write):
            continue
        call = copied.node
        sure = copied.how is Sharing.RELAID
        args = arguments_of(call)
        first = args[0].value if _of_torch(call) else receiver_of(call)
        likely = copied.how is Sharing.LAYOUT_OF_PERMUTATION
        yield RelaidWritten(
            node=write.node,
            name=text_of(call),
            source=_root_text(first),
            proof=write.proof if sure else 2 if likely else 1,
            place=place(frame),
            steps=((Said.RELAID if sure else Said.PERHAPS_RELAID).at(call),),
            sure=sure,
            write=write.words,
        )


def _relaid(frame: Frame, number: int, write: Write) -> Handle | None:
    """The call that made, or may have made, the copy that is written, where nobody looks at that copy again."""
    named = False
    for handle in frame.program.handles.chain(write.hand):
        named = named or bool(handle.name)
        if handle.how is Sharing.RELAID:
            return None if _looked_at(frame, number, write, named) else handle
        if handle.how in LAYOUTS:
            read = named or frame.log.memory.reads.get((write.hand, number))
            return None if read or not isinstance(handle.node, Call) else handle
    return None


def _looked_at(frame: Frame, number: int, write: Write, named: bool) -> bool:
    """Whether what was written is read, kept in something, or has a name that others may see."""
    if any(noticed == number for _, noticed in frame.log.memory.reads):
        return True
    if not named:
        return False
    return frame.function.name == TOP or bool(holders_of(frame, write.obj))


def _of_torch(call: Spot | None) -> bool:
    return text_of(callee_of(call)).startswith("torch.")


def _root_text(node: Site | None) -> str:
    """What the permutations were made of, as written: `x` of `x.T`, of `x.permute(1, 0)`, of `torch.t(x)`."""
    while True:
        inner, args = callee_of(node) or node, arguments_of(node)
        if args and _of_torch(node):
            node = args[0].value
        elif isinstance(inner, Attribute) and inner.attr in _SAME_PLACE:
            node = inner.value
        else:
            return text_of(node)
