"""Findings → the fixed text: exact fixes, applied until nothing changes, each one verified."""

from torchcopylint.fix.propose import Proposal, needed, propose
from torchcopylint.fix.rounds import Fixed, fix, preview
from torchcopylint.fix.stored import edited, stored

__all__ = ["Fixed", "Proposal", "edited", "fix", "needed", "preview", "propose", "stored"]
