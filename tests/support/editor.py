"""A language client, and an editor around it: what is open in it, what is shown, what can be done."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Union

import pytest_lsp
from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features
from workspace import ROOT

SERVER = [sys.executable, "-m", "torchcopylint", "server"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def converter() -> Any:
    """What reads messages: actions with a command are actions, which lsprotocol takes for commands."""
    made = default_converter()

    def read(message: Any, _: object) -> types.Command | types.CodeAction:
        kind = types.Command if isinstance(message.get("command"), str) else types.CodeAction
        return made.structure(message, kind)

    made.register_structure_hook(Union[types.Command, types.CodeAction], read)  # noqa: UP007  as lsprotocol has it
    return made


def client() -> Any:
    """A client that keeps what is published, last of each document and all in order, and what is registered.

    What it is asked, it keeps too, and answers it with the next of `answers`, with nothing where there is none.
    """
    made = pytest_lsp.LanguageClient(converter_factory=converter)
    made.published, made.history, made.registered = {}, [], []
    made.questions, made.answers = [], []

    def published(params: types.PublishDiagnosticsParams) -> None:
        made.published[params.uri] = params
        made.history.append(params)

    def registered(params: types.RegistrationParams) -> None:
        made.registered += params.registrations

    def asked(params: types.ShowMessageRequestParams) -> types.MessageActionItem | None:
        made.questions.append(params)
        title = made.answers.pop(0) if made.answers else None
        return next((one for one in params.actions or () if one.title == title), None)

    own = {types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: published, types.CLIENT_REGISTER_CAPABILITY: registered}
    own[types.WINDOW_SHOW_MESSAGE_REQUEST] = asked
    register_lsp_features(made, {**DEFAULT_CLIENT_FEATURES, **own})
    return made


class Editor:
    """An editor with a project open in it."""

    def __init__(self, client: Any, root: Path) -> None:
        self.client, self.root = client, root
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}

    async def until(self, told: Callable[[], Any], seconds: float = 20) -> Any:
        end = time.monotonic() + seconds
        while not (found := told()):
            assert time.monotonic() < end, "nothing came"
            await asyncio.sleep(0.01)
        return found

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    async def open(self, name: str, text: str, *, language: str = "python") -> list[types.Diagnostic]:
        """What is shown in a document that is opened with this text, whatever is on disk."""
        uri = self.uri(name)
        self.texts[uri], self.versions[uri] = text, 1
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, language, 1, text))
        )
        return await self.shown(uri)

    def change(self, name: str, text: str) -> None:
        """The whole text is another one."""
        uri = self.uri(name)
        self.texts[uri], self.versions[uri] = text, self.versions[uri] + 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self.versions[uri], uri),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    async def shown(self, uri: str) -> list[types.Diagnostic]:
        """What is shown in a document as it is now."""
        version = self.versions[uri]
        published = self.client.published
        await self.until(lambda: uri in published and published[uri].version == version)
        return list(published[uri].diagnostics)

    async def actions(self, name: str, where: types.Range, *only: str) -> dict[str, types.CodeAction]:
        context = types.CodeActionContext([], only=list(only) or None)
        asked = types.CodeActionParams(types.TextDocumentIdentifier(self.uri(name)), where, context)
        return await self.asked(asked)

    async def asked(self, params: types.CodeActionParams) -> dict[str, types.CodeAction]:
        """The actions by title."""
        return {action.title: action for action in await self.client.text_document_code_action_async(params) or []}

    async def confirm(self, name: str, diagnostic: types.Diagnostic) -> None:
        """Chooses the action that asks torch."""
        action = (await self.actions(name, diagnostic.range))["Confirm this with torch"]
        assert action.kind == "quickfix" and action.command is not None
        asked = types.ExecuteCommandParams(action.command.command, action.command.arguments)
        await self.client.workspace_execute_command_async(asked)

    def edited(self, edit: types.WorkspaceEdit) -> dict[str, str]:
        """The texts that an edit makes."""
        if edit.document_changes is not None:
            for change in edit.document_changes:
                assert change.text_document.version == self.versions[change.text_document.uri]
        changes = edit.changes or {c.text_document.uri: c.edits for c in edit.document_changes}
        return {uri: self._applied(self.texts[uri], edits) for uri, edits in changes.items()}

    def _applied(self, text: str, edits: list[types.TextEdit]) -> str:
        rows = text.encode("utf-16-le").split("\n".encode("utf-16-le"))

        def offset(place: types.Position) -> int:
            return sum(len(row) + 2 for row in rows[: place.line]) + 2 * place.character

        raw = text.encode("utf-16-le")
        for edit in sorted(edits, key=lambda edit: offset(edit.range.start), reverse=True):
            start, end = offset(edit.range.start), offset(edit.range.end)
            raw = raw[:start] + edit.new_text.encode("utf-16-le") + raw[end:]
        return raw.decode("utf-16-le")
