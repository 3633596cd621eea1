"""A file whose process dies, or takes for ever: it is named, and every other file is reported as if it were not there.

However many processes there are, and in every format: the report is whole, and the exit code says that it is not all.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from breaking import ending
from workspace import LOST, LOST_AT, places, write

DYING = "import torch  # die\nx = torch.zeros(3).clone()\n"
LINGERING = DYING.replace("die", "linger")
DIED = "internal error: the process that analysed it died; please report it"
LATE = "cannot be read, so nothing in it was checked: its analysis takes longer than 6 seconds"
WRITE = "import torch\n\nx = torch.zeros(3)\nx[x > 1].add_(1)\n"

MANY = [f"f{number:02}" for number in range(20)]
FEW = ["f00", "f07", "f19"]
WAYS = {"few files": (FEW, []), "one worker": (MANY, ["-j1"]), "two workers": (MANY, ["-j2"])}
"""Names of files, of which f07 is lost, and options: each is a way of its own to processes."""


READERS: dict[str, Callable[[str], object]] = {
    "json": json.loads,
    "sarif": json.loads,
    "gitlab": json.loads,
    "rdjson": json.loads,
    "junit": ElementTree.fromstring,
    "html": lambda text: text.index("</html>"),
}
"""What reads a format, and raises an exception where a report of it breaks off."""


@pytest.mark.parametrize("names", WAYS.values(), ids=WAYS)
def test_a_file_that_ends_its_process_is_named_and_stops_nothing(tmp_path: Path, names: Any) -> None:
    files, options = names
    write(tmp_path, **{**dict.fromkeys(files, LOST), "f07": DYING})
    done = ending(tmp_path, *options, "--statistics", ".")
    assert places(done.stdout) == [f"{name}.py:{LOST_AT}" for name in files if name != "f07"]
    complaint, *statistics = done.stderr.splitlines()
    assert complaint == f"torchcopylint: f07.py: {DIED}"
    assert "      1 files failed" in statistics
    assert done.returncode == 2


@pytest.mark.parametrize("names", WAYS.values(), ids=WAYS)
def test_a_file_that_takes_for_ever_is_a_finding_and_stops_nothing(tmp_path: Path, names: Any) -> None:
    files, options = names
    write(tmp_path, **{**dict.fromkeys(files, LOST), "f07": LINGERING})
    done = ending(tmp_path, *options, ".", patience=6)
    assert places(done.stdout) == [f"{name}.py:{'1:1: TCL902' if name == 'f07' else LOST_AT}" for name in files]
    assert LATE in done.stdout
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize("names", WAYS.values(), ids=WAYS)
def test_a_file_that_takes_too_much_memory_is_a_finding_and_stops_nothing(tmp_path: Path, names: Any) -> None:
    files, options = names
    write(tmp_path, **{**dict.fromkeys(files, LOST), "f07": f"{LOST}# hoard\n"})
    done = ending(tmp_path, *options, ".")
    assert places(done.stdout) == [f"{name}.py:{'1:1: TCL902' if name == 'f07' else LOST_AT}" for name in files]
    assert "its analysis takes too much memory" in done.stdout
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize("style", READERS)
@pytest.mark.parametrize("names", [WAYS["few files"], WAYS["two workers"]], ids=["few files", "two workers"])
def test_the_report_is_whole(tmp_path: Path, style: str, names: Any) -> None:
    files, options = names
    write(tmp_path, **{**dict.fromkeys(files, LOST), "f07": DYING})
    done = ending(tmp_path, *options, "--output-format", style, ".")
    READERS[style](done.stdout)
    assert [name for name in MANY if f"{name}.py" in done.stdout] == [name for name in files if name != "f07"]
    assert (done.returncode, done.stderr) == (2, f"torchcopylint: f07.py: {DIED}\n")


def test_on_standard_input_too(tmp_path: Path) -> None:
    done = ending(tmp_path, "--output-format", "json", "--stdin-filename", "a.py", "-", input=DYING)
    assert (json.loads(done.stdout), done.returncode) == ([], 2)
    assert done.stderr == f"torchcopylint: a.py: {DIED}\n"
    done = ending(tmp_path, "-", input=LINGERING, patience=6)
    assert (places(done.stdout), done.returncode) == (["stdin:1:1: TCL902"], 1) and LATE in done.stdout


def test_a_process_that_ends_over_fixes_costs_the_fixes_of_its_file(tmp_path: Path) -> None:
    write(tmp_path, a=WRITE, b=f"{WRITE}# unfixable\n", c=WRITE)
    done = ending(tmp_path, "--fix", ".")
    assert (done.stderr, done.returncode) == (f"torchcopylint: b.py: {DIED}\n2 findings fixed in 2 files\n", 2)
    assert [(tmp_path / f"{name}.py").read_text() for name in "abc"] == [
        WRITE.replace("].add_(1)", "] += 1"),
        f"{WRITE}# unfixable\n",
        WRITE.replace("].add_(1)", "] += 1"),
    ]
    done = ending(tmp_path, "--fix", "-", input=f"{WRITE}# unfixable\n")
    assert (done.stdout, done.returncode) == (f"{WRITE}# unfixable\n", 2)
    assert done.stderr == f"torchcopylint: stdin: {DIED}\n0 findings fixed\n"


def test_what_was_lost_is_not_kept_and_tried_again(tmp_path: Path) -> None:
    write(tmp_path, a=LOST, b=DYING)
    assert [ending(tmp_path, ".").stderr for _ in range(2)] == [f"torchcopylint: b.py: {DIED}\n"] * 2
    write(tmp_path, b=LOST)
    assert places(ending(tmp_path, ".").stdout) == [f"{name}.py:{LOST_AT}" for name in "ab"]


def test_a_baseline_is_not_recorded_without_a_file(tmp_path: Path) -> None:
    write(tmp_path, a=LOST, b=DYING)
    done = ending(tmp_path, "baseline", ".")
    assert (done.stdout, done.returncode) == ("", 2)
    assert f"b.py: {DIED}" in done.stderr and "nothing was recorded" in done.stderr
    assert not list(tmp_path.glob("*.json"))
