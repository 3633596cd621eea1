"""Findings at a place → what can be done about them: fix, take back, ask torch; and all safe fixes at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lsprotocol import types

from torchcopylint import cards
from torchcopylint.files.source import Source
from torchcopylint.server.analysis import Analysis, fixed, ignored
from torchcopylint.server.diagnostics import Shown
from torchcopylint.server.position import Units
from torchcopylint.server.program import Program

CONFIRM = "torchcopylint.confirm"
FIX_ALL = "source.fixAll.torchcopylint"
KINDS = [types.CodeActionKind.QuickFix, FIX_ALL]


@dataclass(frozen=True, slots=True)
class Writing:
    """How changes are told: the units of columns, and whether the client takes changes of a version."""

    units: Units
    versioned: bool

    def edit(self, program: Program, after: Source) -> types.WorkspaceEdit:
        """What makes another version of a program of the one in the editor."""
        changes = {
            page: [types.TextEdit(self.units.range(edit.span, page.lines), edit.text) for edit in edits]
            for page, edits in program.changes(after)
        }
        if not self.versioned:
            return types.WorkspaceEdit(changes={page.uri: edits for page, edits in changes.items()})
        return types.WorkspaceEdit(
            document_changes=[
                types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(page.uri, page.version), edits)
                for page, edits in changes.items()
            ]
        )


def wanted(kind: str, only: Sequence[str] | None) -> bool:
    """Whether actions of a kind are asked for: that kind, or one that it is a part of."""
    return only is None or any(kind == one or kind.startswith(f"{one}.") for one in only)


def quick_fixes(
    analysis: Analysis, shown: Sequence[Shown], params: types.CodeActionParams, writing: Writing
) -> Iterator[types.CodeAction]:
    """What can be done about the findings at the place that is asked about, or that the client names."""
    for one in shown:
        if one.page.uri == params.text_document.uri and _meant(one.diagnostic, params):
            yield from _fix(analysis, one, writing)
            yield from _confirm(one)
            yield from _ignore(analysis, one, writing)


def fix_all(program: Program, after: Source, writing: Writing) -> types.CodeAction:
    """All safe fixes."""
    return types.CodeAction("torchcopylint: make all safe fixes", FIX_ALL, edit=writing.edit(program, after))


def _meant(diagnostic: types.Diagnostic, params: types.CodeActionParams) -> bool:
    asked, own = params.range, diagnostic.range
    if asked.start <= own.end and own.start <= asked.end:
        return True
    return any(one.code == diagnostic.code and one.range.start == own.start for one in params.context.diagnostics)


def _fix(analysis: Analysis, one: Shown, writing: Writing) -> Iterator[types.CodeAction]:
    finding = one.finding
    if finding.fix:
        yield types.CodeAction(
            f"Fix {finding.slug}{'' if finding.fix == 'safe' else ' (unsafe: may change more)'}",
            types.CodeActionKind.QuickFix,
            diagnostics=[one.diagnostic],
            is_preferred=finding.fix == "safe",
            edit=writing.edit(analysis.program, fixed(analysis.program, finding)),
        )


def _confirm(one: Shown) -> Iterator[types.CodeAction]:
    rule = cards.find(one.finding.code)
    if rule is not None and cards.load(rule).confirm:
        title = "Confirm this with torch"
        command = types.Command(title=title, command=CONFIRM, arguments=[one.page.uri, one.finding.fingerprint])
        yield types.CodeAction(title, types.CodeActionKind.QuickFix, diagnostics=[one.diagnostic], command=command)


def _ignore(analysis: Analysis, one: Shown, writing: Writing) -> Iterator[types.CodeAction]:
    after = ignored(analysis.program, one.finding)
    if after is not None:
        yield types.CodeAction(
            f"Ignore {one.finding.slug} here",
            types.CodeActionKind.QuickFix,
            diagnostics=[one.diagnostic],
            edit=writing.edit(analysis.program, after),
        )
