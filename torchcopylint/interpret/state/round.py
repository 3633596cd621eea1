"""A loop being run."""

from __future__ import annotations

from dataclasses import dataclass

from torchcopylint.ir import NO_BLOCK, Block
from torchcopylint.ir.kind import LoopKind
from torchcopylint.ir.site import Site


@dataclass(frozen=True, slots=True, eq=False)
class Round:
    """A loop being run: what it goes over in the user's words, whether it iterates a loader, what it assigns."""

    node: Site
    over: str
    kind: LoopKind
    assigned: frozenset[str]
    loader: bool = False
    few: bool = False
    body: Block = NO_BLOCK
