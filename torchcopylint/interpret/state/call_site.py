"""What calls in the file hand to a function, and whether the caller looks at it again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from torchcopylint.domain.identity import Id, base_of, roots_of
from torchcopylint.domain.use import ReadHow
from torchcopylint.domain.value import NOTHING, Ref, Value, refs_of
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Read
from torchcopylint.ir import Move, walk
from torchcopylint.ir.question import value_of
from torchcopylint.ir.site import Site


@dataclass(frozen=True, slots=True, eq=False)
class Handed:
    """What one call in the file hands to a function's parameters."""

    frame: Frame
    node: Site
    given: dict[str, Value]

    def gives_away(self, parameter: str) -> bool:
        """Whether the caller made what it hands over, and does not look at it again."""
        refs = refs_of(self.given.get(parameter, NOTHING))
        return bool(refs) and all(self._made_here(ref) and not self.reads_after(ref) for ref in refs)

    def _made_here(self, ref: Ref) -> bool:
        program = self.frame.program
        cells = (state.heap.get(ref.obj) for state in (self.frame.state, *self.frame.exits) if state is not None)
        cell = next((c for c in cells if c is not None), None)
        roots = {base_of(root) for root in roots_of(cell.regions)} if cell is not None else {base_of(ref.obj)}
        births = {root: program.births.get(root) for root in roots}
        return all(
            birth is not None and birth.function is self.frame.function and root not in program.roots
            for root, birth in births.items()
        )

    def reads_after(self, ref: Ref) -> bool:
        """Whether the caller looks at what it handed over once more, other than as what the call gave back."""
        return any(read.node is not self.node for read in self._reads(ref))

    def hands_over_again(self, ref: Ref) -> bool:
        """Whether the caller hands it over at the same place once more, in the next iteration of a loop."""
        return any(read.node is self.node and read.how is ReadHow.PASSED for read in self._reads(ref))

    def _reads(self, ref: Ref) -> Iterator[Read]:
        """What the caller does with what it handed over after the function that is called has written it."""
        log = self.frame.log
        numbers = {n for n, write in log.memory.writes.items() if write.node is self.node and write.via}
        for (hand, number), reads in log.memory.reads.items():
            if number in numbers and self._is_it(hand, ref):
                yield from reads.values()

    def _is_it(self, hand: Id, ref: Ref) -> bool:
        """Whether a handle is of what was handed over, and not of what the call gave back."""
        handles = self.frame.program.handles
        if base_of(handles.of(hand).obj) != base_of(ref.obj):
            return False
        chain = handles.chain(hand)
        return all(value_of(handle.node) is not self.node for handle in chain) and chain[0].name not in self._results()

    def _results(self) -> set[str]:
        """The names that what the call gives is bound to, perhaps the very one it was handed over under."""
        body = walk(self.frame.function.body)
        return {i.dst for i in body if isinstance(i, Move) and value_of(i.node) is self.node}
