"""Files as read by one of the two readers: their trees and their code, kept while they may be needed again."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from torchcopylint.files.source import Source
from torchcopylint.parse.python import ParseFailure, TooDeep

if TYPE_CHECKING:
    from torchcopylint.ir import Module, syntax

_MOST_KEPT = 48
"""The number of files kept; a libcst tree takes about a hundred times the memory of its text."""


@dataclass(slots=True)
class Reading:
    """What one reader has read; parse: how it reads."""

    parse: Callable[[Source], syntax.Module]
    trees: OrderedDict[str, tuple[str, syntax.Module]] = field(default_factory=OrderedDict)
    modules: OrderedDict[str, Module | None] = field(default_factory=OrderedDict)
    notes: dict[str, dict[object, object]] = field(default_factory=dict)
    """What later stages note down of a file, for as long as its code is kept."""
    codes: OrderedDict[str, tuple[syntax.Module, Module]] = field(default_factory=OrderedDict)
    """Path → the code that the kept tree was lowered to."""

    def tree(self, source: Source) -> syntax.Module:
        """The tree of a file's text, parsed once while it is kept; raises ParseFailure or TooDeep."""
        path = os.path.abspath(source.path)
        text, tree = self.trees.pop(path, ("", None))
        if tree is None or text != source.text:
            tree = self.parse(source)
        self.trees[path] = source.text, tree
        if len(self.trees) > _MOST_KEPT:
            self.trees.popitem(last=False)
        return tree

    def code(self, source: Source) -> Module:
        """The code of a file's own text, kept with its tree; raises as `tree` does."""
        from torchcopylint.lower import lower

        tree = self.tree(source)
        path = os.path.abspath(source.path)
        known, module = self.codes.pop(path, (None, None))
        if module is None or known is not tree:
            module = lower(tree)
        self.codes[path] = tree, module
        if len(self.codes) > _MOST_KEPT:
            self.codes.popitem(last=False)
        return module

    def part(self, path: str, text: str, words: frozenset[str]) -> Module | None:
        """The code of a text, or without such functions of it as have none of the words; None if it cannot be read."""
        from torchcopylint.lower import lower
        from torchcopylint.parse.excerpt import excerpt

        try:
            if self.trees.get(path, ("",))[0] == text:
                return self.code(Source(path, text))
            tree = excerpt(text, words)
            return lower(tree) if tree is not None else None
        except (ParseFailure, TooDeep, RecursionError):
            return None

    def module(self, path: str, name: str, text: Callable[[str], str | None]) -> Module | None:
        """The code of a file, its functions named `name:...`; None if it cannot be read or parsed."""
        if path in self.modules:
            self.modules.move_to_end(path)
            return self.modules[path]
        made = self._lowered(path, name, text(path))
        self.modules[path] = made
        if len(self.modules) > _MOST_KEPT:
            gone, _ = self.modules.popitem(last=False)
            self.notes.pop(gone, None)
        return made

    def _lowered(self, path: str, name: str, text: str | None) -> Module | None:
        from torchcopylint.lower import lower

        try:
            return lower(self.tree(Source(path, text)), name) if text is not None else None
        except (ParseFailure, TooDeep, RecursionError):
            return None


def by_libcst() -> Reading:
    """A reading by libcst's tree, which alone gives findings."""
    from torchcopylint.parse.concrete import parse

    return Reading(parse)


def by_python() -> Reading:
    """A reading by Python's own tree, for a first look."""
    from torchcopylint.parse.plain import parse

    return Reading(parse)
