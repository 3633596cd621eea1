"""Installed packages → those with their own rules, by the entry point group `torchcopylint.rules`.

Asking importlib.metadata costs more than linting a small file. Looking for the files that it would read, and reading
only those that name the group, costs a few milliseconds; nothing of a package is imported to find its rules.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from torchcopylint.files.regular import read_regular

GROUP = "torchcopylint.rules"
_SECTION = re.compile(rf"^\[{re.escape(GROUP)}\]\s*$(.*?)(?=^\[|\Z)", re.MULTILINE | re.DOTALL)
_ENTRY = re.compile(r"^\s*([^\s=#;][^=]*?)\s*=\s*([\w.]+)\s*$", re.MULTILINE)


class PluginError(Exception):
    """An unusable plugin; says which and why."""


class Plugin(NamedTuple):
    """A package with rules: the entry point's name, the package's dotted name, whose installation names it."""

    name: str
    module: str
    distribution: str

    def __str__(self) -> str:
        return f"plugin {self.name!r} ({self.distribution})"

    def directory(self) -> Path:
        """The directory of the package, found without importing it."""
        from importlib.util import find_spec

        first, *rest = self.module.split(".")
        spec = find_spec(first)
        places = list(spec.submodule_search_locations or ()) if spec is not None else []
        found = [path for place in places if (path := Path(place, *rest)).is_dir()]
        if not found:
            raise PluginError(f"{self}: there is no package {self.module!r}")
        return found[0]


@cache
def plugins() -> tuple[Plugin, ...]:
    """The plugins of all installed packages, by name."""
    found = {plugin.name: plugin for path in reversed(_places()) for plugin in _plugins_at(path)}
    return tuple(found[name] for name in sorted(found))


def _places() -> list[str]:
    """Where packages are installed; never the current directory, whose code may be here only to be linted."""
    here = os.getcwd()
    return [path for path in dict.fromkeys(sys.path) if path and os.path.abspath(path) != here]


def _plugins_at(path: str) -> Iterator[Plugin]:
    try:
        names = sorted(name for name in os.listdir(path) if name.endswith((".dist-info", ".egg-info")))
    except OSError:  # missing, or an archive
        return
    for name in names:
        try:
            raw = read_regular(os.path.join(path, name, "entry_points.txt"))
        except OSError:
            continue
        if GROUP.encode() in raw and (section := _SECTION.search(raw.decode("utf-8", "replace"))):
            for entry in _ENTRY.finditer(section[1]):
                yield Plugin(entry[1], entry[2], name.rpartition(".")[0])
