"""What is open in the editor → the programs to lint: a document, a notebook file, or the cells of a notebook."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property
from typing import NamedTuple

from torchcopylint.domain.finding import Edit, Span
from torchcopylint.files.notebook import Notebook
from torchcopylint.files.source import Source, decode

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


@dataclass(frozen=True)
class Page:
    """One text document in the editor."""

    uri: str
    version: int | None
    text: str

    @cached_property
    def lines(self) -> list[str]:
        """Its lines, without their ends."""
        return Source("", self.text).lines()


Changes = tuple[tuple[Page, list[Edit]], ...]
"""Pages, and the edits of each."""


class Place(NamedTuple):
    """A range of a page."""

    page: Page
    span: Span


@dataclass(frozen=True, slots=True)
class Program:
    """A path, the pages that make up what is linted, and whether they are the cells of a notebook.

    made: its source, once requested; it comes back with an analysis.
    """

    path: str
    pages: tuple[Page, ...]
    cells: bool = False
    made: list[Source] = field(default_factory=list, compare=False, repr=False)

    def source(self) -> Source:
        """The program as a source; raises Unreadable if the page is an invalid notebook file."""
        if not self.made:
            self.made.append(self._source())
        return self.made[0]

    def _source(self) -> Source:
        if self.cells:
            return decode(self.path, _notebook(self.pages).encode("utf-8", "surrogatepass"))
        (page,) = self.pages
        if self.path.endswith(".ipynb"):
            return decode(self.path, page.text.encode("utf-8", "surrogatepass"))
        return Source(self.path, page.text)

    def places(self, span: Span) -> Place:
        """The position of a span of the program in the editor; a span over several cells ends with its first cell."""
        held = self._held()
        if held is None or not held.rows:
            return Place(self.pages[0], span)
        if not self.cells:
            return Place(
                self.pages[0], Span(*held.place(span.line, span.column), *held.place(span.end_line, span.end_column))
            )
        first, last = (held.rows[min(line, len(held.rows)) - 1] for line in (span.line, span.end_line))
        page = self.pages[first.cell - 1]
        if last.cell != first.cell:
            return Place(page, Span(first.line, span.column, len(page.lines), len(page.lines[-1]) + 1))
        return Place(page, Span(first.line, span.column, last.line, span.end_column))

    def _held(self) -> Notebook | None:
        """The notebook, if it has been built: building it parses its cells, which the server itself must not do."""
        return self.made[0].notebook if self.made else None

    def changes(self, after: Source) -> Changes:
        """For each page that another version of the program changes: the edits."""
        texts = _texts(after.stored) if self.cells else [after.stored]
        pages = zip(self.pages, texts, strict=True)
        return tuple((page, differences(page.text, text)) for page, text in pages if page.text != text)


def _notebook(pages: Sequence[Page]) -> str:
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": page.text} for page in pages]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def _texts(stored: str) -> list[str]:
    return [cell["source"] for cell in json.loads(stored)["cells"]]


def differences(before: str, after: str) -> list[Edit]:
    """The edits that turn one text into the other: whole lines, without the common ones at either end."""
    old, new = _LINE.findall(before), _LINE.findall(after)
    head = _common(old, new)
    tail = min(_common(old[::-1], new[::-1]), min(len(old), len(new)) - head)
    middle = SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False)
    edits = []
    for kind, i, j, k, m in middle.get_opcodes():
        if kind != "equal":
            edits.append(_edit(old, head + i, head + j, "".join(new[head + k : head + m])))
    return edits


def _edit(old: list[str], first: int, last: int, text: str) -> Edit:
    """Lines replaced by a text; within a single line, the smallest range."""
    if last - first != 1:
        end = (
            (last + 1, 1) if last < len(old) or not old or old[-1].endswith(("\n", "\r")) else (last, len(old[-1]) + 1)
        )
        if first == last == len(old) and old and not old[-1].endswith(("\n", "\r")):
            return Edit(Span(len(old), len(old[-1]) + 1, len(old), len(old[-1]) + 1), f"\n{text}")
        return Edit(Span(first + 1, 1, *end), text)
    line = old[first].rstrip("\r\n")
    ending = old[first][len(line) :]
    if ending and text.endswith(ending):
        text = text[: -len(ending)]
    elif ending:
        return Edit(Span(first + 1, 1, first + 2, 1), text)
    head = _common(line, text)
    tail = min(_common(line[::-1], text[::-1]), min(len(line), len(text)) - head)
    return Edit(Span(first + 1, head + 1, first + 1, len(line) - tail + 1), text[head : len(text) - tail])


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """The length of the common beginning of two sequences."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
