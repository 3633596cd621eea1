"""States that a loop carries from iteration to iteration, seen where backward goes through them again."""

from __future__ import annotations

from torchcopylint.domain.family import AnyFamily
from torchcopylint.domain.heap import NO, YES
from torchcopylint.domain.identity import Id, base_of, is_older
from torchcopylint.domain.kind import Kind
from torchcopylint.interpret.state.frame import Frame
from torchcopylint.interpret.state.log import Recurred
from torchcopylint.ir.site import Site

_CUTS = frozenset({"detach", "detach_", "data", "no_grad"})


def note_recurrent(frame: Frame, sources: frozenset[Id], node: Site) -> None:
    """`backward` in every iteration reaches what an earlier iteration made of the same state: its graph is freed."""
    if not frame.rounds or frame.guards or frame.protected or frame.grad_off:
        return
    rounds = tuple(r.node for r in frame.rounds)
    for source in sorted(s for s in sources if is_older(s)):
        cell, handle = frame.here.heap.get(source), frame.program.handles.of(source)
        birth = frame.program.births.get(base_of(source))
        if cell is None or cell.attached == NO or not handle.name or birth is None or birth.rounds != rounds:
            continue
        before = {s for s in cell.sources if is_older(s)}
        surely = any((c := frame.here.heap.get(s)) is not None and c.attached == YES for s in before)
        made = handle.named_at or handle.node
        if source in cell.sources and surely and made not in frame.log.graph.recurred:
            proof, families = _known(frame, cell.sources)
            if proof:
                frame.log.graph.recurred[made] = Recurred(made, node, rounds[-1], handle.name, proof, families)


def _known(frame: Frame, sources: frozenset[Id]) -> tuple[int, frozenset[AnyFamily]]:
    """(how well it is known that the modules do not cut the graph themselves, which of torch's layers they are)."""
    found = {base_of(s): c for s in sources if (c := frame.here.heap.get(s)) is not None and c.kind is Kind.MODULE}
    if not found:
        return 0, frozenset()
    proof = 3
    for cell in found.values():
        if cell.cls is not None:
            proof = min(proof, 0 if _cuts(frame) else 1 if cell.cls.foreign else 3)
        elif not cell.family:
            proof = min(proof, 2)
    return proof, frozenset(cell.family for cell in found.values())


def _cuts(frame: Frame) -> bool:
    """Whether a method of the file's classes cuts anything from the graph."""
    return any(function.owner and function.attributes & _CUTS for function, _ in frame.program.defined)
