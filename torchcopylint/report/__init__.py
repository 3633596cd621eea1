"""Findings → text: the formats by name, and what several of them share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from pkgutil import iter_modules
from typing import TextIO

import torchcopylint.report.formats as formats_package
from torchcopylint.domain.finding import Finding

Report = Callable[[Iterable[Finding], TextIO], None]


def formats() -> list[str]:
    """The names of all formats."""
    return sorted(module.name.replace("_", "-") for module in iter_modules(formats_package.__path__))


def load(name: str) -> Report:
    """The report function of the format of that name."""
    report: Report = import_module(f"{formats_package.__name__}.{name.replace('-', '_')}").report
    return report
