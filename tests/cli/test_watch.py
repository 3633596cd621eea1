"""--watch as it is used: a file is saved, and what it brings is printed at once; Ctrl-C ends it."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from breaking import ENDING
from workspace import CLEAN, LOST, ROOT, Run, configure, write

pytest.importorskip("watchfiles")

PROGRAM = [sys.executable, "-m", "torchcopylint"]
READY = "watching; press Ctrl-C to stop"


class Watching:
    """The program, and what it has written since one looked last."""

    def __init__(self, process: subprocess.Popen[bytes], out: int) -> None:
        self.process, self._out = process, out

    def run(self) -> str:
        """What the next run writes."""
        end = time.monotonic() + 30
        text = b""
        while READY.encode() not in text:
            assert time.monotonic() < end and self.process.poll() is None, text
            text += os.read(self._out, 65536)
        return text.decode()

    def finds(self, *places: str) -> None:
        """Comes to find these: what one saves may be seen in two steps, and is then looked at twice."""
        while found(self.run()) != list(places):
            pass

    def silent(self, seconds: float) -> bool:
        """Whether nothing is written for so long."""
        os.set_blocking(self._out, False)
        time.sleep(seconds)
        try:
            return not os.read(self._out, 65536)
        except BlockingIOError:
            return True
        finally:
            os.set_blocking(self._out, True)

    def interrupt(self) -> int:
        """The exit code after Ctrl-C, when nothing of it runs on."""
        os.killpg(self.process.pid, signal.SIGINT)
        code = self.process.wait(20)
        with pytest.raises(ProcessLookupError):
            os.killpg(self.process.pid, 0)
        return code


@contextmanager
def watching(
    root: Path, *arguments: str, terminal: bool = False, program: Sequence[str] = PROGRAM
) -> Iterator[Watching]:
    """The program, watching; standard output and standard error are one."""
    out, theirs = pty.openpty() if terminal else os.pipe()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "TERM": "xterm"}
    process = subprocess.Popen(
        [*program, "--watch", *arguments],
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Watching(process, out)
    finally:
        process.kill()
        process.wait()
        os.close(out)


def found(text: str) -> list[str]:
    return [line.split(": TCL")[0] for line in text.splitlines() if ": TCL" in line]


def test_what_is_saved_is_linted_at_once(tmp_path: Path) -> None:
    (tmp_path / "skipped").mkdir()
    configure(tmp_path, 'extend-exclude = ["skipped"]')
    write(tmp_path, a=LOST)
    with watching(tmp_path, ".") as program:
        program.finds("a.py:4:1")
        begun = time.monotonic()
        write(tmp_path, b=LOST)
        program.finds("a.py:4:1", "b.py:4:1")
        assert time.monotonic() - begun < 5  # a fraction of a second, on a machine that does nothing else
        (tmp_path / "new").write_text(LOST)
        (tmp_path / "new").replace(tmp_path / "a.py")  # as many editors save
        (tmp_path / "b.py").unlink()
        program.finds("a.py:4:1")
        (tmp_path / "sub").mkdir()
        write(tmp_path / "sub", d=LOST)
        program.finds("a.py:4:1", "sub/d.py:4:1")
        configure(tmp_path, 'ignore = ["TCL505"]')
        program.finds()
        configure(tmp_path, 'ignore = ["TCL5O5"]')
        while "unknown rule 'TCL5O5'" not in program.run():
            pass
        configure(tmp_path, 'extend-exclude = ["skipped"]')
        program.finds("a.py:4:1", "sub/d.py:4:1")
        while not program.silent(0.5):
            pass
        write(tmp_path / "skipped", c=LOST)
        (tmp_path / "notes.txt").write_text("x")
        assert program.silent(0.5)
        assert program.interrupt() == 130


@pytest.mark.parametrize("others", [[], [f"f{number:02}" for number in range(20)]], ids=["few files", "many files"])
def test_a_file_that_ends_its_process_is_named_and_the_watch_goes_on(tmp_path: Path, others: list[str]) -> None:
    write(tmp_path, a=LOST, **dict.fromkeys(others, CLEAN))
    told = "b.py: internal error: the process that analysed it died; please report it"
    with watching(tmp_path, "-j2", ".", program=ENDING) as program:
        program.finds("a.py:4:1")
        write(tmp_path, b=f"{LOST}# die\n")
        while told not in (text := program.run()):
            pass
        assert found(text) == ["a.py:4:1"]
        write(tmp_path, c=LOST)
        while found(text := program.run()) != ["a.py:4:1", "c.py:4:1"]:
            pass
        assert told in text
        write(tmp_path, b=LOST)
        program.finds("a.py:4:1", "b.py:4:1", "c.py:4:1")
        assert program.interrupt() == 130


def test_a_terminal_is_cleared_for_each_run(tmp_path: Path) -> None:
    write(tmp_path, a=LOST)
    with watching(tmp_path, "a.py", terminal=True) as program:
        first = program.run()
        assert "4 | x.clone()" in first and "\033[2J" not in first
        write(tmp_path, a=CLEAN, b=LOST)  # one of them is not asked for
        again = program.run()
        assert again.startswith("\033[2J") and "b.py" not in again
        assert program.interrupt() == 130


def test_what_cannot_be_watched_is_told(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=LOST)
    assert "--watch only reports" in torchcopylint("--watch", "--fix", "a.py").stderr
    write(tmp_path, watchfiles="raise ImportError\n")
    (tmp_path / "here").mkdir()  # nothing is imported from the current directory, or from below it
    instead = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    done = torchcopylint("--watch", "../a.py", cwd=tmp_path / "here", env=instead)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "torchcopylint: --watch needs watchfiles: pip install 'torchcopylint[watch]'\n"
