"""Fixes as users meet them: what the program does to files, what it leaves alone, what it says, how it exits."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from codecs import BOM_UTF8
from pathlib import Path

import pytest
from workspace import CLEAN, COPIED, FIXED, IMPORTS, STALE, Run, write

FIX = ("--select", "TCL401", "--fix", "--unsafe-fixes")


def test_a_fix_is_written_and_nothing_is_left(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=STALE)
    done = torchcopylint(*FIX, "a.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "1 finding fixed in 1 file\n")
    assert (tmp_path / "a.py").read_text() == FIXED
    again = torchcopylint(*FIX, "a.py")
    assert (again.returncode, again.stderr) == (0, "0 findings fixed\n")
    assert (tmp_path / "a.py").read_text() == FIXED


def test_an_unsafe_fix_is_announced_but_not_made(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=STALE)
    done = torchcopylint("--select", "TCL401", "--fix", "a.py")
    assert (done.returncode, done.stdout.split()[1]) == (1, "TCL401")
    assert done.stderr.startswith("0 findings fixed\n1 can be fixed with --fix --unsafe-fixes")
    assert (tmp_path / "a.py").read_text() == STALE
    assert torchcopylint("--unsafe-fixes", "a.py").returncode == 2


def test_a_diff_changes_nothing_and_applies(torchcopylint: Run, tmp_path: Path) -> None:
    text = STALE.rstrip("\n")
    write(tmp_path, a=text)
    done = torchcopylint("--diff", *FIX, "a.py")
    assert (done.returncode, done.stderr) == (1, "1 finding would be fixed in 1 file\n")
    assert (tmp_path / "a.py").read_text() == text
    subprocess.run(["patch", "-p0", "-s"], input=done.stdout, text=True, cwd=tmp_path, check=True)
    assert (tmp_path / "a.py").read_text() == FIXED.rstrip("\n")


def test_standard_input_is_fixed_to_standard_output(torchcopylint: Run, tmp_path: Path) -> None:
    done = torchcopylint(*FIX, "-", input=STALE)
    assert (done.returncode, done.stdout) == (0, FIXED)
    done = torchcopylint("--select", "TCL401", "--fix", "-", input=STALE)
    assert (done.returncode, done.stdout) == (1, STALE)
    assert "stdin:" in done.stderr and "TCL401" in done.stderr
    for text in (CLEAN, "x = (\n"):
        assert torchcopylint(*FIX, "-", input=text).stdout == text


def test_what_is_taken_back_is_not_fixed(torchcopylint: Run, tmp_path: Path) -> None:
    text = STALE.replace("model.state_dict(), loss.item()", "model.state_dict(), loss.item()  # noqa: TCL401")
    write(tmp_path, a=text)
    assert torchcopylint(*FIX, "a.py").returncode == 0
    assert (tmp_path / "a.py").read_text() == text


def test_the_pool_fixes_every_file(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, **{f"f{number:02}": STALE if number % 2 else CLEAN for number in range(30)})
    done = torchcopylint("-j2", *FIX, ".")
    assert (done.returncode, done.stderr) == (0, "15 findings fixed in 15 files\n")
    for number in range(30):
        assert (tmp_path / f"f{number:02}.py").read_text() == (FIXED if number % 2 else CLEAN)


# The bytes and the file


@pytest.mark.parametrize(
    ("head", "encoding", "mark"),
    [
        pytest.param("", "utf-8", BOM_UTF8, id="byte order mark"),
        pytest.param("# -*- coding: latin-1 -*-\n# caf\xe9\n", "latin-1", b"", id="latin-1"),
        pytest.param("# \u6f22\u5b57 \x0c\n", "utf-8", b"", id="wide"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_bytes_that_are_not_fixed_stay(
    torchcopylint: Run, tmp_path: Path, head: str, encoding: str, mark: bytes, newline: str
) -> None:
    def stored(text: str) -> bytes:
        return mark + text.replace("\n", newline).encode(encoding)

    tail = "\n\nx = '\xe9' ;  y=1   \n\t\n"
    (tmp_path / "a.py").write_bytes(stored(head + STALE + tail))
    assert torchcopylint(*FIX, "a.py").returncode == 0
    assert (tmp_path / "a.py").read_bytes() == stored(f"{head}import copy\n\n{IMPORTS}\n\n{COPIED}{tail}")


def test_mode_and_links_stay(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, real=STALE)
    (tmp_path / "real.py").chmod(0o750)
    (tmp_path / "link.py").symlink_to("real.py")
    assert torchcopylint(*FIX, "link.py").returncode == 0
    assert (tmp_path / "link.py").is_symlink()
    assert (tmp_path / "real.py").read_text() == FIXED
    assert stat.S_IMODE((tmp_path / "real.py").stat().st_mode) == 0o750
    assert sorted(os.listdir(tmp_path)) == ["link.py", "real.py"]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is protected from root")
def test_a_protected_file_is_told_and_left(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=STALE)
    (tmp_path / "a.py").chmod(0o444)
    done = torchcopylint(*FIX, "a.py")
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        2,
        "torchcopylint: a.py: not fixed: it is write-protected",
    )
    assert (tmp_path / "a.py").read_text() == STALE


# The import


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("import copy\n", "import copy\n", id="there"),
        pytest.param("import copy as cp\n", "import copy as cp\n", id="alias"),
        pytest.param("from copy import deepcopy\n", "from copy import deepcopy\n", id="member"),
        pytest.param("from copy import deepcopy as dc\n", "from copy import deepcopy as dc\n", id="member alias"),
        pytest.param("import argparse\nimport os\n", "import argparse\nimport copy\nimport os\n", id="in order"),
        pytest.param("import argparse\n\n", "import argparse\nimport copy\n\n", id="last"),
        pytest.param("import abc\nfrom os import sep\n", "import abc\nimport copy\nfrom os import sep\n", id="from"),
        pytest.param('"""Doc."""\n\n', '"""Doc."""\n\nimport copy\n\n', id="docstring"),
        pytest.param("#!/bin/x\n# Text.\n", "#!/bin/x\n# Text.\nimport copy\n\n", id="header"),
        pytest.param("#!/bin/x\n\n# Ours.\n", "#!/bin/x\n\nimport copy\n\n# Ours.\n", id="comment"),
        pytest.param(
            "from __future__ import annotations\n\n",
            "from __future__ import annotations\n\nimport copy\n\n",
            id="future",
        ),
        pytest.param("try:\n    import copy\nexcept ImportError:\n    pass\n", None, id="guarded"),
    ],
)
def test_the_import_goes_where_it_belongs(torchcopylint: Run, before: str, after: str | None) -> None:
    done = torchcopylint(*FIX, "-", input=before + STALE)
    call = {"import copy as cp\n": "cp.deepcopy", "from copy import deepcopy\n": "deepcopy"}.get(
        before, "copy.deepcopy"
    )
    call = "dc" if " as dc" in before else call
    assert done.stdout == (before if after is None else after) + STALE.replace(
        "model.state_dict()", f"{call}(model.state_dict())"
    )
    assert done.returncode == 0


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(STALE.replace("loader,", "loader, copy,"), id="argument"),
        pytest.param(STALE.replace("for inputs", "for copy, inputs"), id="loop"),
        pytest.param(STALE.replace("\n\n\ndef", "\n\n\ndef copy(x):\n    return x\n\n\ndef"), id="function"),
        pytest.param(STALE.replace("import nn", "import nn\nfrom mine import copy"), id="other import"),
        pytest.param(
            STALE.replace("    best, lowest = N", "    from shutil import copy\n    best, lowest = N"), id="inner"
        ),
    ],
)
def test_a_name_that_is_taken_leaves_the_fix_out(torchcopylint: Run, text: str) -> None:
    done = torchcopylint(*FIX, "-", input=text)
    assert (done.returncode, done.stdout) == (1, text)
    assert re.search(
        r"stdin:\d+:\d+: TCL401 not fixed: it needs `import copy`, but `copy` means something else here", done.stderr
    )


def test_a_name_in_another_scope_does_not_matter(torchcopylint: Run) -> None:
    text = STALE + "\n\nclass A:\n    def copy(self, copy):\n        copy = 1\n"
    done = torchcopylint(*FIX, "-", input=text)
    assert (done.returncode, done.stdout) == (0, text.replace(STALE, FIXED))


# What is in the stretch that is replaced


@pytest.mark.parametrize(
    "call",
    [
        "model.state_dict(\n                prefix='a  b',  # kept\n            )",
        "model.state_dict(prefix='" + "x" * 80 + "')",
        "(model.state_dict())",
        "model . state_dict( )",
    ],
    ids=["lines", "long", "brackets", "blanks"],
)
def test_what_a_fix_wraps_stays_as_it_was_written(torchcopylint: Run, call: str) -> None:
    done = torchcopylint(*FIX, "-", input=STALE.replace("model.state_dict()", call))
    wrapped = f"(copy.deepcopy({call}))" if call.startswith("(") else f"copy.deepcopy({call})"
    assert (done.returncode, done.stdout) == (0, f"import copy\n\n{STALE.replace('model.state_dict()', wrapped)}")


def test_full_output_shows_what_the_fix_writes(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=STALE)
    printed = torchcopylint("--output-format", "full", "--select", "TCL401", "a.py")
    assert printed.stdout.rstrip().splitlines()[-3:] == [
        "  fix (unsafe):",
        "   1 + import copy",
        "  13 +             best, lowest = copy.deepcopy(model.state_dict()), loss.item()",
    ]
    assert "1 can be fixed with --fix --unsafe-fixes" in printed.stderr
