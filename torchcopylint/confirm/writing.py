"""What those who spell instructions know of the program that is being written."""

from __future__ import annotations

from typing import Protocol

from torchcopylint.confirm.asked import Tag
from torchcopylint.confirm.plan import Plan
from torchcopylint.confirm.reach import Reach
from torchcopylint.confirm.slice import Code
from torchcopylint.ir import LoadAttr


class Writing(Protocol):
    """A program being written: what of the file it reaches, what is asked, whether it is the one with the fix.

    free: names that nothing in the program binds, with what stands for them; tags: syntax, and as what
    it is watched.
    """

    reach: Reach
    plan: Plan
    fixed: bool
    free: dict[str, str]
    tags: dict[object, list[Tag]]

    def unknown(self, code: Code, operand: str, words: str) -> str:
        """A stand-in for what an operand holds."""

    def hint(self, code: Code, i: LoadAttr, key: str) -> None:
        """Remember what an attribute of a stand-in may be."""
