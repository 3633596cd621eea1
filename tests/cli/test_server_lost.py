"""A text that ends the process which analyses it, or keeps it for ever, costs the editor that text and nothing else."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from breaking import ENDING
from workspace import CLEAN, LOST, configure

pytest_lsp = pytest.importorskip("pytest_lsp")

from editor import ENVIRONMENT, Editor, client  # noqa: E402
from lsprotocol import types  # noqa: E402

pytestmark = pytest.mark.asyncio(loop_scope="module")

DYING = f"{LOST}# die\n"
LINGERING = f"{LOST}# linger\n"
DIED = "internal error: the process that analysed it died; please report it"
WRITE = f"{CLEAN}x[x > 1].add_(1)\n"


@pytest_lsp.fixture(
    scope="module",
    config=pytest_lsp.ClientServerConfig(
        [*ENDING, "server"], client_factory=client, server_env={**ENVIRONMENT, "TEST_PATIENCE": "12"}
    ),
)
async def started(
    client: pytest_lsp.LanguageClient, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[pytest_lsp.LanguageClient]:
    root = tmp_path_factory.mktemp("project")
    configure(root, "")
    capabilities = pytest_lsp.client_capabilities("visual-studio-code")
    await client.initialize_session(types.InitializeParams(capabilities, root_uri=root.as_uri()))
    yield client
    await client.shutdown_session()
    assert client._server.returncode == 0


@pytest.fixture
def editor(started: Any, tmp_path: Path) -> Editor:
    configure(tmp_path, "")
    return Editor(started, tmp_path)


def said(editor: Editor, name: str) -> list[str]:
    """The messages to the user that name a file."""
    return [one.message for one in editor.client.messages if str(editor.root / name) in one.message]


async def told_of(editor: Editor, name: str) -> list[str]:
    """The same, when there is one: it follows what is shown in the text."""
    found: list[str] = await editor.until(lambda: said(editor, name))
    return found


def workers(editor: Editor) -> list[int]:
    """The processes that the editor's server analyses in."""
    return analysing(editor.client._server.pid)


def analysing(pid: int) -> list[int]:
    """The processes that a server analyses in."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


async def test_one_that_ends_it_is_named_and_the_next_is_answered(editor: Editor) -> None:
    assert [one.code for one in await editor.open("a.py", LOST)] == ["TCL505"]
    editor.change("a.py", DYING)
    (told,) = await editor.shown(editor.uri("a.py"))
    assert (told.code, told.range.start) == ("TCL902", types.Position(0, 0)) and DIED in told.message
    assert await told_of(editor, "a.py") == [f"torchcopylint: {editor.root / 'a.py'}: {DIED}"]
    assert [one.code for one in await editor.open("b.py", LOST)] == ["TCL505"]
    editor.change("a.py", f"{DYING}# again\n")
    assert [one.code for one in await editor.shown(editor.uri("a.py"))] == ["TCL902"]
    assert len(said(editor, "a.py")) == 1  # not at every keystroke
    editor.change("a.py", LOST)
    assert [one.code for one in await editor.shown(editor.uri("a.py"))] == ["TCL505"]


async def test_what_is_told_of_it_can_be_configured_away(editor: Editor) -> None:
    configure(editor.root, 'ignore = ["unreadable-file"]')
    assert await editor.open("a.py", DYING) == []
    assert await told_of(editor, "a.py")


async def test_one_that_takes_for_ever_keeps_nobody_waiting(editor: Editor) -> None:
    uri = editor.uri("slow.py")
    await editor.open("a.py", CLEAN)  # a worker is there
    opening = asyncio.create_task(editor.open("slow.py", LINGERING))
    await asyncio.sleep(0)
    told = await asyncio.wait_for(editor.open("b.py", LOST), 11)  # and not when the time of the other is over
    assert [one.code for one in told] == ["TCL505"]
    assert uri not in editor.client.published
    (told,) = await opening
    assert told.code == "TCL902" and "its analysis takes longer than 12 seconds" in told.message


async def test_one_that_nobody_waits_for_any_more_is_ended(editor: Editor) -> None:
    await editor.open("slow.py", LOST)
    for number in range(3):
        editor.change("slow.py", f"{LINGERING}# {number}\n")
        await asyncio.sleep(0.5)  # it is being analysed
    before = len(editor.client.history)
    editor.change("slow.py", LOST)
    assert [one.code for one in await editor.shown(editor.uri("slow.py"))] == ["TCL505"]
    assert len(editor.client.history) == before + 1

    def settled() -> bool:
        return len(workers(editor)) == 1

    await editor.until(settled, 4)  # and not only when its time is over


async def test_what_breaks_is_told_in_the_text(editor: Editor) -> None:
    (told,) = await editor.open("a.py", f"{LOST}# explode\n")
    assert told.code == "TCL902" and "internal error: ValueError: no idea what this is" in told.message
    assert len(await told_of(editor, "a.py")) == 1


async def test_one_that_takes_too_much_memory_is_marked(editor: Editor) -> None:
    (told,) = await editor.open("a.py", f"{LOST}# hoard\n")
    assert told.code == "TCL902" and "its analysis takes too much memory" in told.message
    assert [one.code for one in await editor.open("b.py", LOST)] == ["TCL505"]


async def test_what_a_worker_writes_comes_to_no_client(editor: Editor) -> None:
    assert [one.code for one in await editor.open("a.py", f"{LOST}# speak\n")] == ["TCL505"]
    assert [one.code for one in await editor.open("b.py", LOST)] == ["TCL505"]


async def test_fixes_that_end_it_are_not_offered_and_the_rest_is(editor: Editor) -> None:
    (one,) = await editor.open("a.py", f"{WRITE}# unfixable\n")
    actions = await editor.actions("a.py", one.range)
    assert "Fix write-to-index-copy" in actions and "torchcopylint: apply all safe fixes" not in actions
    assert "no fixes can be offered: the process that was to make them died" in (await told_of(editor, "a.py"))[0]
    editor.change("a.py", WRITE)
    (one,) = await editor.shown(editor.uri("a.py"))
    assert "torchcopylint: apply all safe fixes" in await editor.actions("a.py", one.range)


async def test_the_cells_of_a_notebook_are_parsed_by_workers_too(editor: Editor) -> None:
    """The server of this file ends where it parses anything itself."""
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": [*WRITE.splitlines(keepends=True), "x"]}
    text = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)
    (one,) = await editor.open("n.ipynb", text, language="json")
    actions = await editor.actions("n.ipynb", one.range)
    fixed = json.loads(editor.edited(actions["Fix write-to-index-copy"].edit)[editor.uri("n.ipynb")])
    assert fixed["cells"][0]["source"][-2] == "x[x > 1] += 1\n"
    assert "Ignore write-to-index-copy here" in actions and "torchcopylint: apply all safe fixes" in actions
    cell["source"] = [*cell["source"], "  # die"]
    editor.change("n.ipynb", json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    (told,) = await editor.shown(editor.uri("n.ipynb"))
    assert told.code == "TCL902" and DIED in told.message


async def test_a_process_that_somebody_else_ends_costs_nothing(editor: Editor) -> None:
    await editor.open("a.py", CLEAN)
    await editor.until(lambda: len(workers(editor)) == 1)
    os.kill(*workers(editor), signal.SIGKILL)
    editor.change("a.py", LOST)
    assert [one.code for one in await editor.shown(editor.uri("a.py"))] == ["TCL505"]
    assert said(editor, "a.py") == []


async def test_a_question_about_a_text_that_ends_it_is_answered(editor: Editor) -> None:
    (one,) = await editor.open("a.py", LOST)
    editor.change("a.py", DYING)
    asked = types.ExecuteCommandParams("torchcopylint.confirm", [editor.uri("a.py"), one.data["fingerprint"]])
    await editor.client.workspace_execute_command_async(asked)
    await editor.until(lambda: len(said(editor, "a.py")) == 2)  # to the question, and to the keystroke
    assert set(said(editor, "a.py")) == {f"torchcopylint: {editor.root / 'a.py'}: {DIED}"}


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
async def test_no_process_outlives_a_server_that_is_killed(tmp_path: Path) -> None:
    server = subprocess.Popen(
        [*ENDING, "server"], cwd=tmp_path, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with server:
        while not (found := analysing(server.pid)):
            await asyncio.sleep(0.05)
        server.kill()
    for _ in range(600):
        if not any(Path(f"/proc/{pid}/cmdline").exists() for pid in found):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"still there: {found}")
