"""A borrow checker for PyTorch code.

discover ─Source→ parse ─tree→ lower ─ir→ interpret(models) ─events→ checks ─findings→ suppress → report

For other programs: `lint` takes a text, `lint_paths` takes files and directories, and both return findings. These
names, and the fields of `Finding`, are stable across versions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torchcopylint.api import Linted, LintError, lint, lint_paths
    from torchcopylint.config import ConfigError, Settings
    from torchcopylint.domain.finding import Confidence, Finding, Note, Severity, Span
    from torchcopylint.files.source import Source

__version__ = "0.1.0"
__all__ = [
    "Confidence",
    "ConfigError",
    "Finding",
    "LintError",
    "Linted",
    "Note",
    "Settings",
    "Severity",
    "Source",
    "Span",
    "lint",
    "lint_paths",
]
_HOMES = {
    "torchcopylint.api": ("Linted", "LintError", "lint", "lint_paths"),
    "torchcopylint.config": ("ConfigError", "Settings"),
    "torchcopylint.domain.finding": ("Confidence", "Finding", "Note", "Severity", "Span"),
    "torchcopylint.files.source": ("Source",),
}


def __getattr__(name: str) -> object:
    """The public names, imported on first use, so that the command line does not wait for them."""
    from importlib import import_module

    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
