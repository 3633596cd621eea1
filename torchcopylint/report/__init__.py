"""Findings → text. One module per format, named as the format; each has `report(findings, out)`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from pkgutil import iter_modules
from typing import TextIO

from torchcopylint.finding import Finding

Report = Callable[[Iterable[Finding], TextIO], None]


def formats() -> list[str]:
    """The names of all formats."""
    return sorted(module.name.replace("_", "-") for module in iter_modules(__path__))


def load(name: str) -> Report:
    """The report function of the format of that name."""
    report: Report = import_module(f"{__name__}.{name.replace('-', '_')}").report
    return report
