"""The language server as an editor meets it: a real client at the other end of `python -m torchcopylint server`."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from executables import ran, stand_in
from workspace import CLEAN, COPIED, FIXED, IMPORTS, LOST, ROOT, STALE, TRAIN, Run, configure, write

pytest_lsp = pytest.importorskip("pytest_lsp")

from editor import ENVIRONMENT, SERVER, Editor, client  # noqa: E402
from lsprotocol import types  # noqa: E402

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project."""
    root = (
        tmp_path_factory.mktemp("project") / "build" / "a + \u6f22"
    )  # what is skipped below a project is not, above it
    root.mkdir(parents=True)
    configure(root, "")
    return root


@pytest_lsp.fixture(
    scope="module", config=pytest_lsp.ClientServerConfig(SERVER, client_factory=client, server_env=ENVIRONMENT)
)
async def started(client: pytest_lsp.LanguageClient, root: Path) -> AsyncIterator[None]:
    capabilities = pytest_lsp.client_capabilities("visual-studio-code")
    await client.initialize_session(types.InitializeParams(capabilities, root_uri=root.as_uri()))
    yield
    await client.shutdown_session()
    assert client._server.returncode == 0


@pytest.fixture
def editor(started: Any, root: Path) -> Editor:
    return Editor(started, root)


def codes(diagnostics: list[types.Diagnostic]) -> list[str]:
    return [str(one.code) for one in diagnostics]


def at(diagnostic: types.Diagnostic) -> tuple[int, int, int, int]:
    start, end = diagnostic.range.start, diagnostic.range.end
    return start.line, start.character, end.line, end.character


async def test_what_is_quoted_is_harmless_and_half_a_character_is_told(editor: Editor) -> None:
    (one,) = await editor.open("odd.py", LOST.replace("clone()", 'clone(memory_format="\x1b[2J\u202e")'))
    assert r'`x.clone(memory_format="\x1b[2J\u202e")` returns' in one.message
    (one,) = await editor.open("half.py", f"{LOST}'\ud83d'\n")
    assert one.code == "TCL901" and "U+D83D is half of a character" in one.message


async def test_a_cell_that_is_no_python_does_not_silence_its_notebook(editor: Editor) -> None:
    first = {"cell_type": "code", "metadata": {}, "outputs": [], "source": "import torch\nx = torch.zeros(3)"}
    cells = [first, {**first, "source": "y ="}, {**first, "source": "x.clone()\n1"}]
    shown = await editor.open("cells.ipynb", json.dumps({"cells": cells, "nbformat": 4}), language="json")
    assert codes(shown) == ["TCL901", "TCL505"]


async def test_a_text_that_is_too_large_is_passed_over_and_said(editor: Editor) -> None:
    configure(editor.root, f"max-file-size = {len(LOST)}")
    assert codes(await editor.open("large.py", LOST)) == ["TCL505"]
    editor.change("large.py", f"{LOST}\n")
    (one,) = await editor.shown(editor.uri("large.py"))
    assert one.code == "TCL902" and f"larger than max-file-size ({len(LOST)} bytes)" in one.message
    configure(editor.root, "")


async def test_what_is_written_is_linted_and_not_what_is_on_disk(editor: Editor) -> None:
    write(editor.root, a=CLEAN)
    (one,) = await editor.open("a.py", LOST)
    assert (one.code, one.source, at(one), one.severity) == ("TCL505", "torchcopylint", (3, 0, 3, 9), 1)
    card = (ROOT / "rules" / "TCL505-discarded-copy.md").as_uri()
    assert one.code_description is not None and one.code_description.href == card
    for text in (LOST.replace("x.clone()", "x.clone("), LOST + "y", CLEAN):  # faster than it is analysed
        editor.change("a.py", text)
    assert await editor.shown(editor.uri("a.py")) == []
    editor.change("a.py", "import torch\ny = (\n")
    (one,) = await editor.shown(editor.uri("a.py"))
    assert (one.code, at(one)[:2]) == ("TCL901", (1, 4))
    editor.client.text_document_did_close(
        types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(editor.uri("a.py")))
    )
    await editor.until(lambda: not editor.client.published[editor.uri("a.py")].diagnostics)


async def test_keystrokes_do_not_queue(editor: Editor) -> None:
    await editor.open("keys.py", STALE)
    published = editor.client.history
    before = len(published)
    for number in range(100):
        editor.change("keys.py", STALE + f"# {number}\n")
    assert codes(await editor.shown(editor.uri("keys.py"))) == ["TCL401"]
    assert len(published) - before < 10


async def test_steps_are_related_information_and_hover_is_the_card(editor: Editor) -> None:
    (one,) = await editor.open("steps.py", STALE)
    assert [(info.location.uri, info.location.range.start.line) for info in one.related_information or ()] == [
        (editor.uri("steps.py"), line) for line in (12, 10, 13)
    ]
    place = types.TextDocumentIdentifier(editor.uri("steps.py"))
    told = await editor.client.text_document_hover_async(types.HoverParams(place, one.range.start))
    assert told.contents.kind == "markdown" and told.range == one.range
    assert told.contents.value.startswith("### TCL401 state-dict-snapshot\n") and "## Limits" in told.contents.value
    assert "```toml" not in told.contents.value
    assert await editor.client.text_document_hover_async(types.HoverParams(place, types.Position(0, 0))) is None


async def test_a_step_in_another_file_is_found_there(editor: Editor) -> None:
    keeper = (
        "# \u6f22\nclass Keeper:\n    def take(self, model):\n        '\U0001f600'; self.best = model.state_dict()\n"
    )
    write(editor.root, keep=keeper)
    body = TRAIN.replace(
        "best, lowest = model.state_dict(), loss", "lowest = loss; keeper.take(model)\n            loss"
    )
    body = body.replace("best, lowest = None", "keeper, lowest = Keeper()").replace(
        "state_dict(best)", "state_dict(keeper.best)"
    )
    (one,) = await editor.open("train.py", f"from keep import Keeper\n{IMPORTS}\n\n{body}")
    (info,) = [info for info in one.related_information or () if info.location.uri == editor.uri("keep.py")]
    assert (one.code, info.location.range.start) == ("TCL401", types.Position(3, 26))
    write(editor.root, keep=keeper.replace("model.state_dict()", "None"))
    place = types.TextDocumentIdentifier(editor.uri("train.py"))
    editor.client.text_document_did_save(types.DidSaveTextDocumentParams(place))
    await editor.until(lambda: not editor.client.published[editor.uri("train.py")].diagnostics)


async def test_a_caller_that_changes_tells_what_an_argument_is(editor: Editor) -> None:
    (editor.root / "pyproject.toml").touch()
    halved = "def halved(signal):\n    window = signal[2:5]\n    window *= 0.5\n    return max(signal), window\n"
    text = f"import torch\n\n\n{halved}\n\nKERNEL = torch.ones(3)\n"
    caller = "from filters import halved\n\n\ndef main():\n    return halved([0.0, 1.0, 2.0])\n"
    write(editor.root, filters=text, main=caller)
    assert not await editor.open("filters.py", text)
    write(editor.root, main=f"import torch\n{caller}".replace("[0.0, 1.0, 2.0]", "torch.rand(8)"))
    place = types.TextDocumentIdentifier(editor.uri("filters.py"))
    editor.client.text_document_did_save(types.DidSaveTextDocumentParams(place))
    await editor.until(lambda: [one.code for one in editor.client.published[editor.uri("filters.py")].diagnostics])


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
async def test_fixes_come_with_their_import_and_count_as_the_client_does(editor: Editor, newline: str) -> None:
    def wide(text: str) -> str:
        return text.replace("            best, lowest =", "            '\U0001f600\u6f22'; best, lowest =").replace(
            "\n", newline
        )

    name = f"fix{len(newline)}.py"
    (one,) = await editor.open(name, wide(STALE))
    assert at(one) == (12, 19, 12, 65)
    actions = await editor.actions(name, types.Range(one.range.end, one.range.end))
    action = actions["Fix state-dict-snapshot (unsafe: may change behaviour)"]
    assert (action.kind, action.is_preferred, list(action.diagnostics or ())) == ("quickfix", False, [one])
    assert editor.edited(action.edit) == {editor.uri(name): wide(FIXED)}
    ignored = editor.edited(actions["Ignore state-dict-snapshot here"].edit)[editor.uri(name)]
    assert f"loss.item()  # torchcopylint: ignore[state-dict-snapshot]{newline}" in ignored
    editor.change(name, ignored)
    assert await editor.shown(editor.uri(name)) == []
    assert await editor.actions(name, types.Range(one.range.start, one.range.start)) == {}


async def test_safe_fixes_are_made_at_once(editor: Editor) -> None:
    text = f"{CLEAN}x[x > 1].add_(1)\ny = torch.stack([x]).clone()\nx.clone()  # noqa: TCL401\n"
    found = await editor.open("all.py", text)
    assert codes(found) == ["TCL501", "TCL102", "TCL505", "TCL900"]
    assert [tuple(one.tags or ()) for one in found] == [(), (), (), (types.DiagnosticTag.Unnecessary,)]
    everywhere = types.Range(types.Position(0, 0), types.Position(9, 0))
    only = await editor.actions("all.py", everywhere, "source.fixAll")
    assert list(only) == ["torchcopylint: apply all safe fixes"]
    (action,) = only.values()
    after = f"{CLEAN}x[x > 1] += 1\ny = torch.stack([x])\nx.clone()\n"
    assert editor.edited(action.edit) == {editor.uri("all.py"): after}
    quick = await editor.actions("all.py", found[0].range, "quickfix")
    assert quick["Fix write-to-index-copy"].is_preferred
    assert not any(action.kind != "quickfix" for action in quick.values())
    assert await editor.actions("all.py", everywhere, "refactor") == {}
    assert len(await editor.actions("all.py", everywhere)) >= 8


async def test_the_nearest_configuration_holds_and_its_changes_too(editor: Editor) -> None:
    (editor.root / "part").mkdir()
    configure(editor.root / "part", 'ignore = ["TCL505"]')
    assert await editor.open("part/a.py", LOST) == []
    (watchers,) = [one.register_options["watchers"] for one in editor.client.registered]
    assert "**/pyproject.toml" in [one["globPattern"] for one in watchers]

    async def configured(toml: str) -> None:
        configure(editor.root / "part", toml)
        changed = types.FileEvent(editor.uri("part/pyproject.toml"), types.FileChangeType.Changed)
        editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([changed]))

    def shown() -> list[types.Diagnostic]:
        return list(editor.client.published[editor.uri("part/a.py")].diagnostics)

    await configured("")
    await editor.until(shown)
    await configured('ignore = ["TCL5O5"]')
    await editor.until(lambda: not shown())

    def told() -> list[types.ShowMessageParams]:
        return [one for one in editor.client.messages if "unknown rule" in one.message]

    await editor.until(told)
    (message,) = told()
    assert "part/pyproject.toml: tool.torchcopylint.ignore: unknown rule 'TCL5O5'" in message.message
    await configured('extend-exclude = ["b.py"]')
    await editor.until(shown)
    assert await editor.open("part/b.py", LOST) == []
    for name in ("build/c.py", ".venv/c.py"):  # nor what is never linted
        assert await editor.open(name, LOST) == []


async def test_torch_is_asked_and_its_verdict_shown(editor: Editor) -> None:
    (one,) = await editor.open("ask.py", LOST)
    messages = editor.client.messages
    before = len(messages)
    await editor.confirm("ask.py", one)
    (_,) = await editor.open("meanwhile.py", LOST)  # nothing waits for torch
    assert len(messages) == before
    await editor.until(lambda: len(messages) > before, 60)  # torch is being loaded
    assert messages[before].message.startswith("torchcopylint: TCL505 discarded-copy, line 4: confirmed: ")
    await editor.until(lambda: "[" in editor.client.published[editor.uri("ask.py")].diagnostics[0].message)
    (now,) = editor.client.published[editor.uri("ask.py")].diagnostics
    assert now.message.startswith(f"{one.message} [confirmed: ")
    editor.change("ask.py", LOST + "\n")
    assert [one.message] == [told.message for told in await editor.shown(editor.uri("ask.py"))]


async def test_an_interpreter_that_the_project_names_is_started_only_if_the_user_lets_it(editor: Editor) -> None:
    messages, questions, answers = editor.client.messages, editor.client.questions, editor.client.answers

    async def confirmed(name: str, *said: str) -> str:
        """What is said in the end of a finding that is put to torch; said: what the user answers."""
        (one,) = await editor.open(name, LOST)
        before = len(messages)
        answers[:] = said
        await editor.confirm(name, one)
        await editor.until(lambda: len(messages) > before)
        assert not answers
        return str(messages[-1].message)

    first, second = (stand_in(editor.root / name / "bin" / "python") for name in ("first", "second"))
    configure(editor.root / "first", 'confirm.python = "bin/python"')
    said = await confirmed("first/a.py")  # the question is closed without an answer
    assert not ran(first) and f"not confirmed: '{first}' was not started" in said
    (question,) = questions
    assert f"'{first}' would be started, because {editor.root / 'first' / 'pyproject.toml'}: " in question.message
    assert "tool.torchcopylint.confirm.python names it" in question.message
    assert "inconclusive: asked python" in await confirmed("first/a.py", "Start it") and ran(first)
    assert len(questions) == 2
    assert "inconclusive: asked python" in await confirmed("first/b.py")  # known, and not asked again
    configure(editor.root / "second", f'confirm.python = "{second}"')
    for name in ("second/a.py", "second/b.py"):
        assert "was not started" in await confirmed(name, *(["Do not start it"] if name.endswith("a.py") else []))
    assert len(questions) == 3 and not ran(second)


async def test_without_torch_it_says_so(editor: Editor) -> None:
    (editor.root / "bare").mkdir()
    configure(editor.root / "bare", 'confirm.python = "none/python"')
    (one,) = await editor.open("bare/a.py", LOST)
    before = len(editor.client.messages)
    editor.client.answers[:] = ["Start it"]
    await editor.confirm("bare/a.py", one)
    await editor.until(lambda: len(editor.client.messages) > before)
    said = editor.client.messages[-1].message
    assert str(editor.root / "bare" / "none" / "python") in said and "[tool.torchcopylint.confirm]" in said


def notebook_of(editor: Editor, *cells: str) -> tuple[types.DidOpenNotebookDocumentParams, list[str]]:
    uris = [
        f"{editor.uri('n.ipynb')}#{number}".replace("file:", "vscode-notebook-cell:") for number in range(len(cells))
    ]
    editor.texts.update(zip(uris, cells, strict=True))
    editor.versions.update(dict.fromkeys(uris, 1))
    documents = [types.TextDocumentItem(uri, "python", 1, text) for uri, text in zip(uris, cells, strict=True)]
    kinds = [types.NotebookCell(types.NotebookCellKind.Code, uri) for uri in uris]
    notebook = types.NotebookDocument(editor.uri("n.ipynb"), "jupyter-notebook", 1, kinds)
    return types.DidOpenNotebookDocumentParams(notebook, documents), uris


async def test_the_cells_of_a_notebook_are_one_program(editor: Editor) -> None:
    cells = f"%matplotlib inline\n{IMPORTS}", f"'\U0001f600'\n{TRAIN}", "x = torch.zeros(3)\n", "x.clone(); x"
    opened, uris = notebook_of(editor, *cells)
    editor.client.notebook_document_did_open(opened)
    assert [codes(await editor.shown(uri)) for uri in uris] == [[], ["TCL401"], [], ["TCL505"]]
    (one,) = await editor.shown(uris[1])
    assert at(one) == (9, 12, 9, 58)
    assert {info.location.uri for info in one.related_information or ()} == {uris[1]}
    place = types.TextDocumentIdentifier(uris[1])
    asked = types.CodeActionParams(place, one.range, types.CodeActionContext([one]))
    actions = await editor.asked(asked)
    assert editor.edited(actions["Fix state-dict-snapshot (unsafe: may change behaviour)"].edit) == {
        uris[0]: f"%matplotlib inline\nimport copy\n\n{IMPORTS}",
        uris[1]: f"'\U0001f600'\n{COPIED}",
    }
    ignored = editor.edited(actions["Ignore state-dict-snapshot here"].edit)
    assert list(ignored) == [uris[1]] and "ignore[state-dict-snapshot]" in ignored[uris[1]]
    notebook = types.NotebookDocumentIdentifier(opened.notebook_document.uri)
    editor.client.notebook_document_did_close(
        types.DidCloseNotebookDocumentParams(notebook, [types.TextDocumentIdentifier(uri) for uri in uris])
    )
    await editor.until(lambda: not editor.client.published[uris[1]].diagnostics)


async def test_what_has_no_file_yet_is_linted_and_what_is_somewhere_else_is_not(editor: Editor) -> None:
    for uri in ("git:/a.py?ref", "untitled:Untitled-1"):
        item = types.TextDocumentItem(uri, "python", 1, LOST)
        editor.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    await editor.until(lambda: "untitled:Untitled-1" in editor.client.published)
    assert codes(list(editor.client.published["untitled:Untitled-1"].diagnostics)) == ["TCL505"]
    assert "git:/a.py?ref" not in editor.client.published


async def test_a_notebook_that_is_opened_as_text_has_its_places_in_the_file(editor: Editor) -> None:
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": ["x.clone()\n", "1"]}
    first = {**cell, "source": ["import torch\n", "x = torch.zeros(3)"]}
    text = json.dumps({"cells": [first, cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)
    (one,) = await editor.open("raw.ipynb", text, language="json")
    line = text.split("\n")[one.range.start.line]
    assert line[one.range.start.character : one.range.end.character] == "x.clone()"
    actions = await editor.actions("raw.ipynb", one.range)
    ignored = json.loads(editor.edited(actions["Ignore discarded-copy here"].edit)[editor.uri("raw.ipynb")])
    assert ignored["cells"][1]["source"][0] == "x.clone()  # torchcopylint: ignore[discarded-copy]\n"
    (one,) = await editor.open("broken.ipynb", "[]", language="json")
    assert one.code == "TCL902"


@pytest_lsp.fixture(
    loop_scope="module", config=pytest_lsp.ClientServerConfig(SERVER, client_factory=client, server_env=ENVIRONMENT)
)
async def plain(client: pytest_lsp.LanguageClient, tmp_path: Path) -> AsyncIterator[None]:
    """A client that can do little, and counts in bytes."""
    general = types.GeneralClientCapabilities(position_encodings=["utf-8"])
    capabilities = types.ClientCapabilities(general=general)
    told = await client.initialize_session(types.InitializeParams(capabilities, root_uri=tmp_path.as_uri()))
    assert told.capabilities.position_encoding == "utf-8"
    yield


async def test_columns_are_counted_as_agreed_and_the_end_of_the_client_is_the_end(plain: Any, tmp_path: Path) -> None:
    editor = Editor(plain, tmp_path)
    (one,) = await editor.open("a.py", LOST.replace("x.clone", "'\U0001f600\u6f22'; x.clone"))
    assert at(one) == (3, 11, 3, 20)
    await editor.confirm("a.py", one)  # torch takes longer to load than all that follows
    (tmp_path / "pyproject.toml").write_text("[tool.torchcopylint]\nignore = ['TCL5']\n")  # nobody tells
    editor.change("a.py", LOST)
    assert await editor.shown(editor.uri("a.py")) == []
    begun = time.monotonic()
    plain._server.stdin.close()
    assert await asyncio.wait_for(plain._server.wait(), 30) == 0
    assert time.monotonic() - begun < 2


async def test_a_person_who_starts_it_is_told_and_can_leave(tmp_path: Path) -> None:
    main, side = pty.openpty()
    process = subprocess.Popen(SERVER, cwd=tmp_path, env=ENVIRONMENT, stdin=side, stdout=side, stderr=side)
    os.close(side)
    assert b"waiting for an editor" in os.read(main, 1000)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    os.close(main)


async def test_without_pygls_it_says_what_is_missing(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, pygls="raise ModuleNotFoundError('No module named pygls', name='pygls')\n")
    (tmp_path / "here").mkdir()
    path = f"{tmp_path}{os.pathsep}{ROOT}"
    done = torchcopylint("server", cwd=tmp_path / "here", env={"PYTHONPATH": path}, input="")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("pip install 'torchcopylint[server]'\n")
