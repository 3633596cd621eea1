"""Findings at a position → code actions: fix, suppress, test with torch; and all safe fixes at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lsprotocol import types

from torchcopylint import cards
from torchcopylint.lone import Loss
from torchcopylint.server.analysis import Remedy
from torchcopylint.server.diagnostics import Shown
from torchcopylint.server.position import Units
from torchcopylint.server.program import Changes

CONFIRM = "torchcopylint.confirm"
FIX_ALL = "source.fixAll.torchcopylint"
UNDONE = {
    Loss.DIED: "the process that was to make them died; please report it",
    Loss.OVERTIME: "making them takes too long",
}
"""Why a lost worker has computed no fixes."""
KINDS = [types.CodeActionKind.QuickFix, FIX_ALL]


@dataclass(frozen=True, slots=True)
class Writing:
    """How edits are sent: the units of columns, and whether the client accepts versioned edits."""

    units: Units
    versioned: bool

    def edit(self, told: Changes) -> types.WorkspaceEdit:
        """Edits of the text in the editor."""
        changes = {
            page: [types.TextEdit(self.units.range(edit.span, page.lines), edit.text) for edit in edits]
            for page, edits in told
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
    """Whether actions of a kind are requested: that kind, or a parent kind."""
    return only is None or any(kind == one or kind.startswith(f"{one}.") for one in only)


def meant(shown: Sequence[Shown], params: types.CodeActionParams) -> list[Shown]:
    """The findings at the requested position, or those that the client names."""
    return [one for one in shown if one.page.uri == params.text_document.uri and _meant(one.diagnostic, params)]


def quick_fixes(found: Iterable[tuple[Shown, Remedy]], writing: Writing) -> Iterator[types.CodeAction]:
    """The code actions for findings."""
    for one, remedy in found:
        yield from _fix(one, remedy, writing)
        yield from _confirm(one)
        yield from _ignore(one, remedy, writing)


def fix_all(changes: Changes, writing: Writing) -> types.CodeAction:
    """All safe fixes."""
    return types.CodeAction("torchcopylint: apply all safe fixes", FIX_ALL, edit=writing.edit(changes))


def _meant(diagnostic: types.Diagnostic, params: types.CodeActionParams) -> bool:
    asked, own = params.range, diagnostic.range
    if asked.start <= own.end and own.start <= asked.end:
        return True
    return any(one.code == diagnostic.code and one.range.start == own.start for one in params.context.diagnostics)


def _fix(one: Shown, remedy: Remedy, writing: Writing) -> Iterator[types.CodeAction]:
    finding = one.finding
    if remedy.fix is not None:
        yield types.CodeAction(
            f"Fix {finding.slug}{'' if finding.fix == 'safe' else ' (unsafe: may change behaviour)'}",
            types.CodeActionKind.QuickFix,
            diagnostics=[one.diagnostic],
            is_preferred=finding.fix == "safe",
            edit=writing.edit(remedy.fix),
        )


def _confirm(one: Shown) -> Iterator[types.CodeAction]:
    rule = cards.find(one.finding.code)
    if rule is not None and cards.load(rule).confirm:
        title = "Confirm this with torch"
        command = types.Command(title=title, command=CONFIRM, arguments=[one.page.uri, one.finding.fingerprint])
        yield types.CodeAction(title, types.CodeActionKind.QuickFix, diagnostics=[one.diagnostic], command=command)


def _ignore(one: Shown, remedy: Remedy, writing: Writing) -> Iterator[types.CodeAction]:
    if remedy.ignore is not None:
        yield types.CodeAction(
            f"Ignore {one.finding.slug} here",
            types.CodeActionKind.QuickFix,
            diagnostics=[one.diagnostic],
            edit=writing.edit(remedy.ignore),
        )
