"""A program's patches → those of its file: the same, except for notebooks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from torchcopylint.domain.finding import Edit, Finding, InCell, Note, Span
from torchcopylint.files.notebook import Notebook, cell_of, lines_of, program
from torchcopylint.files.source import Source
from torchcopylint.fix.patch import Lines, Patch, apply, patches_of

_CONTEXT = 3


def edited(source: Source, edits: Iterable[Edit]) -> Source:
    """The source with edits of its program applied to its file."""
    return patched(source, patches_of(edits, Lines(source.text)))


def patched(source: Source, patches: Iterable[Patch]) -> Source:
    """The source with patches of its program applied to its file."""
    if source.notebook is None:
        return replace(source, text=apply(source.text, patches))
    lines = Lines(source.text)
    own = [part for patch in sorted(set(patches)) for part in _in_file(patch, lines, source.notebook)]
    text, notebook = program(apply(source.notebook.stored, own))
    return replace(source, text=text, notebook=notebook)


def stored(finding: Finding, source: Source) -> Finding:
    """A finding in a program, translated to its notebook and its cell; any other is unchanged."""
    if source.notebook is None or not source.notebook.rows:
        return finding
    held = source.notebook
    spans = [finding.span, *(note.span for note in finding.notes if not note.path)]
    numbers = {n for span in spans for n in range(_line(span.line, held) - _CONTEXT, _line(span.line, held) + _CONTEXT)}
    rows = held.stored.split("\n")
    return replace(
        finding,
        span=_span(finding.span, held),
        notes=tuple(note if note.path else Note(_span(note.span, held), note.phrase) for note in finding.notes),
        source_lines={number: rows[number - 1] for number in sorted(numbers) if 1 <= number <= len(rows)},
        edits=_edits(finding.edits, source, held),
        preview=tuple((_line(number, held), row) for number, row in finding.preview),
        in_cell=_in_cell(finding, held),
    )


def _in_cell(finding: Finding, held: Notebook) -> InCell:
    cell = cell_of(held, finding.span.line)
    first, last = lines_of(held, cell)

    def own(span: Span) -> Span:
        begin = lines_of(held, cell_of(held, span.line))[0] - 1
        return Span(span.line - begin, span.column, span.end_line - begin, span.end_column)

    notes = [
        note
        if note.path
        else Note(own(note.span), note.phrase, "" if first <= note.span.line <= last else _path(finding, note, held))
        for note in finding.notes
    ]
    lines = {number - first + 1: row for number, row in finding.source_lines.items() if first <= number <= last}
    preview = tuple((n - first + 1 if first <= n <= last else 0, row) for n, row in finding.preview)
    return InCell(cell, own(finding.span), tuple(notes), lines, preview)


def _path(finding: Finding, note: Note, held: Notebook) -> str:
    return f"{finding.path}:cell {cell_of(held, note.span.line)}"


def _line(line: int, held: Notebook) -> int:
    return held.place(line, 1)[0]


def _span(span: Span, held: Notebook) -> Span:
    line, column = held.place(span.line, span.column)
    end_line, end_column = held.place(span.end_line, span.end_column)
    return Span(line, column, end_line, end_column)


def _edits(edits: Iterable[Edit], source: Source, held: Notebook) -> tuple[Edit, ...]:
    lines, whole = Lines(source.text), Lines(held.stored)
    found: list[Edit] = []
    for edit in edits:
        start = lines.offset(edit.span.line, edit.span.column)
        end = lines.offset(edit.span.end_line, edit.span.end_column)
        parts = _in_file(Patch(start, end, edit.text), lines, held)
        found += [Edit(Span(*whole.place(part.start), *whole.place(part.end)), part.text) for part in parts]
    return tuple(found)


def _in_file(patch: Patch, lines: Lines, held: Notebook) -> list[Patch]:
    """The patches of the file: unchanged text in the middle of a replacement is not rewritten."""
    line, column = lines.place(patch.start)
    start = held.offset(line, column)
    if patch.start == patch.end:
        return [Patch(start, start, held.written(patch.text, line))]
    end = held.offset(*lines.place(patch.end), ends=True)
    old = lines.text[patch.start : patch.end]
    before, kept, after = patch.text.partition(old) if patch.text.count(old) == 1 else (patch.text, "", "")
    if kept:
        around = (Patch(start, start, held.written(before, line)), Patch(end, end, held.written(after, line)))
        return [part for part in around if part.text]
    return [Patch(start, end, held.written(patch.text, line))]
