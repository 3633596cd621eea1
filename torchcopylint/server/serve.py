"""The handlers of messages, and the life of the server."""

from __future__ import annotations

import logging
import os
import signal
import sys
from typing import BinaryIO

from lsprotocol import types

from torchcopylint.config import Settings
from torchcopylint.report.harmless import harmless_lines
from torchcopylint.server.actions import CONFIRM, KINDS
from torchcopylint.server.diagnostics import hover
from torchcopylint.server.loop import Server

_REST = 0.15
"""Seconds without a keystroke after which a text is analysed."""


def serve(said: Settings) -> None:
    """Serves one client on standard input and output until it leaves; said: the settings of the command line."""
    _log()
    if sys.stdin.isatty():
        print("torchcopylint: waiting for an editor; press Ctrl-C to stop", file=sys.stderr, flush=True)
    messages = _alone()
    server = Server(said)
    _listen(server)
    signal.signal(signal.SIGINT, lambda *_: _leave(server, 130))  # else it would wait for the next message
    server.start_io(*messages)
    if server.asks:
        _leave(server, 0)  # rather than wait for a torch that is just being loaded


def _alone() -> tuple[BinaryIO, BinaryIO]:
    """The streams for messages, for the server alone: nothing else, in any process, may write between them.

    Nor does a process that outlives it hold them open, from which the client would not see that it has ended.
    """
    both = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere if sys.stderr is None else 2, 1)
    os.close(nowhere)
    sys.stdout = sys.stderr
    return both


class _Harmless(logging.Formatter):
    """The error, with a traceback if there is one; it may contain text from the client, and editors show it."""

    def format(self, record: logging.LogRecord) -> str:
        return harmless_lines(super().format(record))


def _log() -> None:
    """Sends warnings and errors to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Harmless("torchcopylint: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def _leave(server: Server, code: int) -> None:
    """Ends the process immediately; a worker that is being started ends when the server is gone."""
    server.dismiss()
    os._exit(code)


def _listen(server: Server) -> None:
    """Registers the handlers."""

    @server.feature(types.INITIALIZED)
    def _(params: types.InitializedParams) -> None:
        _watch(server)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def _(params: types.DidOpenTextDocumentParams) -> None:
        server.schedule(params.text_document.uri, 0)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def _(params: types.DidChangeTextDocumentParams) -> None:
        server.schedule(params.text_document.uri, _REST)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def _(params: types.DidSaveTextDocumentParams) -> None:
        server.schedule(params.text_document.uri, 0)
        server.schedule_all(but=params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def _(params: types.DidCloseTextDocumentParams) -> None:
        server.close(params.text_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    def _(params: types.DidOpenNotebookDocumentParams) -> None:
        server.schedule(params.notebook_document.uri, 0)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def _(params: types.DidChangeNotebookDocumentParams) -> None:
        server.schedule(params.notebook_document.uri, _REST)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_SAVE)
    def _(params: types.DidSaveNotebookDocumentParams) -> None:
        server.schedule_all()

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def _(params: types.DidCloseNotebookDocumentParams) -> None:
        server.close(params.notebook_document.uri)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def _(params: types.DidChangeWatchedFilesParams) -> None:
        server.schedule_all()

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def _(params: types.HoverParams) -> types.Hover | None:
        key = server.key(params.text_document.uri)
        analysis = await server.current(key)
        return hover(server.shown(key), params.text_document.uri, params.position) if analysis else None

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(KINDS))
    async def _(params: types.CodeActionParams) -> list[types.CodeAction]:
        return await server.actions(params)

    @server.command(CONFIRM)
    def _(uri: str, fingerprint: str) -> None:
        server.ask(uri, fingerprint)


def _watch(server: Server) -> None:
    """Asks the client to report changes to configuration and code, if it can."""
    workspace = server.client_capabilities.workspace
    watching = workspace.did_change_watched_files if workspace else None
    if watching is None or not watching.dynamic_registration:
        return
    globs = ("**/pyproject.toml", "**/torchcopylint.toml", "**/*.py")
    options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(glob) for glob in globs])
    registration = types.Registration("watched", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
    server.client_register_capability(types.RegistrationParams([registration]))
