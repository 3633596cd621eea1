"""Which files of a project import what: for a file, those that may call what it defines."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection
from dataclasses import dataclass, field

_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]*(\([^)]*\)|[^\n#]*)|import[ \t]+([^\n#]*))", re.MULTILINE
)
_WORD = re.compile(r"\w+")
_FIRST = re.compile(r"\W")
_OTHERS = sys.stdlib_module_names | {"torch", "numpy"}
MOST_CALLERS = 20
"""So many files are looked at for what they hand to the functions of one: the first in the order of their paths."""


_CALL = re.compile(r"\b(\w+)\s*\(")


@dataclass(slots=True)
class Importers:
    """Word of an import statement → the files that have it there, in order; file → the names that it calls.

    Statements that lead to Python's own library, or to others that are certainly not the project's, do not count.
    """

    by_word: dict[str, list[str]] = field(default_factory=dict)
    words: dict[str, frozenset[str]] = field(default_factory=dict)
    called: dict[str, frozenset[str]] = field(default_factory=dict)

    def add(self, path: str, text: str) -> None:
        """Take a file in."""
        own = (found for found in _IMPORT.findall(text) if _FIRST.split(found[0] or found[2], 1)[0] not in _OTHERS)
        words = self.words[path] = frozenset(word for found in own for part in found for word in _WORD.findall(part))
        for word in words:
            self.by_word.setdefault(word, []).append(path)
        self.called[path] = frozenset(_CALL.findall(text))

    def calling(self, module: str, names: Collection[str], but: str) -> tuple[str, ...]:
        """The first files that import a module of that name, or one of the names from anywhere, and call one of
        these, without that one."""
        importing = {path for word in (module, *names) for path in self.by_word.get(word, ()) if path != but}
        return tuple([path for path in sorted(importing) if not self.called[path].isdisjoint(names)][:MOST_CALLERS])
