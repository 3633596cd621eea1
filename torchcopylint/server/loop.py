"""Open programs and what is known about them: they are analysed after a pause, and requests about them answered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from urllib.parse import unquote

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from torchcopylint import __version__
from torchcopylint.config import ConfigError, Settings
from torchcopylint.config.user import place
from torchcopylint.confirm.session import NoTorch
from torchcopylint.domain.finding import Verdict
from torchcopylint.lone import Loss
from torchcopylint.report.harmless import harmless
from torchcopylint.server.actions import FIX_ALL, UNDONE, Writing, fix_all, meant, quick_fixes, wanted
from torchcopylint.server.analysis import Analysis
from torchcopylint.server.asking import Asking, interpreter_of
from torchcopylint.server.consent import Consents
from torchcopylint.server.diagnostics import Shown, diagnostics
from torchcopylint.server.position import Units
from torchcopylint.server.program import Page, Program
from torchcopylint.server.workers import Workers

_LATER = 0.4
"""Seconds after which programs that may depend on a change are analysed again."""

_NOTEBOOKS = types.NotebookDocumentSyncOptions(
    [types.NotebookDocumentFilterWithNotebook("*", [types.NotebookCellLanguage("python")])]
)


Result = TypeVar("Result")


class Server(LanguageServer):
    """Open programs, their findings and verdicts; documents and notebooks are identified by their URIs."""

    def __init__(self, said: Settings) -> None:
        super().__init__("torchcopylint", __version__, notebook_document_sync=_NOTEBOOKS)
        self._workers, self._asking, self._consents = Workers(said), Asking(), Consents()
        self._analyses: dict[str, Analysis] = {}
        self._verdicts: dict[str, dict[str, Verdict]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._published: dict[str, frozenset[str]] = {}
        self._told: set[str] = set()
        self._questions: set[asyncio.Task[None]] = set()
        self._confirming = ThreadPoolExecutor(1, "confirm")

    def shutdown(self) -> None:
        """Stops everything that is running."""
        self._confirming.shutdown(wait=False, cancel_futures=True)
        self.dismiss()
        super().shutdown()  # type: ignore[no-untyped-call]

    def dismiss(self) -> None:
        """Stops the workers, also those with torch."""
        self._workers.end()
        self._asking.end()

    def program(self, key: str) -> Program | None:
        """The current program under a URI; None if there is nothing to lint."""
        notebook = self.workspace.get_notebook_document(notebook_uri=key)
        path = to_fs_path(key) if key.startswith("file:") else None  # not what git or a remote side has
        if key.startswith("untitled:"):
            path = f"{self.workspace.root_path or '.'}/untitled{'.ipynb' if notebook else '.py'}"
        if not path:
            return None
        if notebook is not None:
            code = [cell.document for cell in notebook.cells if cell.kind == types.NotebookCellKind.Code]
            pages = [page for uri in code if (page := self._page(uri)) is not None]
            path = path if path.endswith(".ipynb") else f"{path}.ipynb"
            return Program(path, tuple(pages), cells=True)
        page = self._page(key)
        return Program(path, (page,)) if page is not None else None

    def _page(self, uri: str) -> Page | None:
        document = self.workspace.text_documents.get(unquote(uri))
        return Page(uri, document.version, document.source) if document is not None else None

    def key(self, uri: str) -> str:
        """The URI under which a document is analysed: its own, or its notebook's."""
        notebook = self.workspace.get_notebook_document(cell_uri=uri)
        return notebook.uri if notebook else uri

    @property
    def units(self) -> Units:
        """The units of the client's columns."""
        return Units(str(getattr(self.workspace.position_encoding, "value", self.workspace.position_encoding)))

    def schedule(self, key: str, delay: float) -> asyncio.Task[None]:
        """Schedules the analysis of a program; an earlier schedule is dropped."""
        if before := self._tasks.get(key):
            before.cancel()
        task = asyncio.get_running_loop().create_task(self._analyse(key, delay))
        self._tasks[key] = task
        return task

    def schedule_all(self, but: str = "") -> None:
        """Schedules a new analysis of all open programs, because something that they may depend on has changed."""
        for key in list(self._tasks):
            if key != but:
                self.schedule(key, _LATER)

    async def _analyse(self, key: str, delay: float) -> None:
        await asyncio.sleep(delay)
        try:
            await self._analyse_now(key)
        except Exception as error:
            self._tell([f"internal error: {type(error).__name__}: {error}; please report it"])
            raise

    async def _analyse_now(self, key: str) -> None:
        program = self.program(key)
        if program is None:
            return
        analysis = await self._workers.analyse(program)
        before = self._analyses.get(key)
        if before is None or before.program != program:
            self._verdicts.pop(key, None)  # they refer to an older text
        self._analyses[key] = analysis
        self.publish(key)
        self._tell(analysis.complaints)

    def _tell(self, complaints: Iterable[str]) -> None:
        """Reports errors to the user, each once."""
        for complaint in complaints:
            if complaint not in self._told:
                self._told.add(complaint)
                self.say(complaint, types.MessageType.Error)

    async def current(self, key: str) -> Analysis | None:
        """The analysis of the current text, computed immediately if needed."""
        while (program := self.program(key)) is not None:
            known = self._analyses.get(key)
            if known is not None and known.program == program:
                return known
            task = self.schedule(key, 0)
            await asyncio.wait([task])
            if not task.cancelled() and task.exception() is not None:
                return None
        return None

    def shown(self, key: str) -> list[Shown]:
        """The findings of the last analysis, as shown."""
        return diagnostics(self._analyses[key], self.units, self._verdicts.get(key, {}))

    def publish(self, key: str) -> None:
        """Shows the findings on every page of a program, and clears pages that are gone."""
        found: dict[str, list[types.Diagnostic]] = {}
        analysis = self._analyses[key]
        for one in self.shown(key):
            found.setdefault(one.page.uri, []).append(one.diagnostic)
        pages = {page.uri: page.version for page in analysis.program.pages}
        for uri in {*pages, *self._published.get(key, ())}:
            self.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(uri, found.get(uri, []), pages.get(uri))
            )
        self._published[key] = frozenset(pages)

    def close(self, key: str) -> None:
        """Forgets a program and clears its diagnostics."""
        if task := self._tasks.pop(key, None):
            task.cancel()
        for uri in self._published.pop(key, ()):
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))
        self._analyses.pop(key, None)
        self._verdicts.pop(key, None)

    def say(self, text: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """Shows a message to the user."""
        self.window_show_message(types.ShowMessageParams(kind, f"torchcopylint: {harmless(text)}"))

    @property
    def writing(self) -> Writing:
        """How the client wants to receive edits."""
        workspace = self.client_capabilities.workspace
        takes = workspace.workspace_edit if workspace else None
        return Writing(self.units, bool(takes and takes.document_changes))

    async def actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """The code actions at a position."""
        key = self.key(params.text_document.uri)
        analysis = await self.current(key)
        if analysis is None:
            return []
        found: list[types.CodeAction] = []
        here = meant(self.shown(key), params)
        if here and wanted(types.CodeActionKind.QuickFix.value, params.context.only):
            findings = [one.finding for one in here]
            remedies = self._told_of(analysis, await self._workers.remedies(analysis.program, findings))
            found += quick_fixes(zip(here, remedies or (), strict=False), self.writing)
        if wanted(FIX_ALL, params.context.only):
            changes = self._told_of(analysis, await self._workers.all_fixed(analysis))
            found += [fix_all(changes, self.writing)] if changes else []
        return found

    def _told_of(self, analysis: Analysis, found: Result | Loss) -> Result | None:
        """The remedies that a worker computed for findings; if it was lost, the user is told."""
        if isinstance(found, Loss):
            self._tell([f"{analysis.program.path}: no fixes can be offered: {UNDONE[found]}"])
            return None
        return found

    def ask(self, uri: str, fingerprint: str) -> None:
        """Tests a finding with torch in the background, so that the client need not wait."""
        task = asyncio.get_running_loop().create_task(self._confirm(uri, fingerprint))
        self._questions.add(task)
        task.add_done_callback(self._questions.discard)

    @property
    def asks(self) -> bool:
        """Whether a test with torch is still running."""
        return self._asking.busy

    async def _confirm(self, uri: str, fingerprint: str) -> None:
        key = self.key(uri)
        program = self.program(key)
        if program is None:
            return
        analysis = await self._workers.analyse(program, asks=True)
        finding = next((one for one in analysis.findings if one.fingerprint == fingerprint), None)
        if finding is None:
            self.say(next(iter(analysis.complaints), "this finding no longer exists"))
            return
        loop = asyncio.get_running_loop()
        try:
            interpreter = interpreter_of(analysis)
            if not await self._consents.to(interpreter, self.window_show_message_request_async):
                self.say(f"not confirmed: {interpreter.path!r} was not started")
                return
            verdict = await loop.run_in_executor(self._confirming, self._asking.verdict, interpreter, finding)
        except (NoTorch, ConfigError) as error:
            yours = f"under [confirm] in {place()}, " if place() else ""
            hint = f"set `python` to an interpreter that has torch {yours}or in [tool.torchcopylint.confirm]"
            self.say(f"could not confirm: {error}; {hint}", types.MessageType.Error)
            return
        self.say(f"{finding.code} {finding.slug}, line {finding.span.line}: {verdict}")
        if await self.current(key) and self.program(key) == program:
            self._verdicts.setdefault(key, {})[fingerprint] = verdict
            self.publish(key)
