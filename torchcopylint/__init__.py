"""A borrow checker for PyTorch code.

discover ─Source→ parse ─tree→ lower ─ir→ interpret(models) ─events→ checks ─findings→ suppress → report
"""

__version__ = "0.1.0"
