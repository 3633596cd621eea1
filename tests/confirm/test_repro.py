"""Programs that are sent to a worker, and saved: they do what they say, and linted code stays text in them."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
import tokenize
from pathlib import Path

from blocks import blocks
from executables import questions, stand_in
from workspace import LOST, STALE, Run, places, write

from torchcopylint import cards
from torchcopylint.confirm.repro import program_of, repro
from torchcopylint.domain.finding import Finding, Span

SAMPLES = Path(__file__).parents[1] / "samples"
HEAD = [
    "# -*- coding: utf-8 -*-",
    "# Run it with an interpreter that has torch, which then imports nothing beside it but torchcopylint-witness.zip: "
    "python -I FILE",
]


def finding(path: str = "a.py", message: str = "m") -> Finding:
    trial = json.dumps({"kind": "raise", "facts": {}})
    return Finding(path, Span(1, 1, 1, 2), "TCL505", "discarded-copy", message, trial=trial)


def saved(found: Finding, written: str = "x = 1", reason: str = "r") -> str:
    again = {"kind": "raise", "facts": {}, "written": written, "fixed": "x = 2"}
    return repro(found, {"outcome": "confirmed", "reason": reason, "again": again})


def bound(program: str) -> dict[str, object]:
    """What the names of a saved program are bound to, by its text."""
    found = [node for node in ast.parse(program).body if isinstance(node, ast.Assign)]
    wanted = [node for node in found if ast.unparse(node.targets[0]) in ("AS_WRITTEN", "WITH_THE_FIX", "ABOUT")]
    return {ast.unparse(node.targets[0]): ast.literal_eval(node.value) for node in wanted}


def test_what_is_quoted_says_nothing_about_the_encoding(torchcopylint: Run, tmp_path: Path) -> None:
    name = "coding: latin-1 \u20ac.py"
    (tmp_path / name).write_text(LOST, encoding="utf-8")
    python = stand_in(tmp_path / "elsewhere" / "python")
    done = torchcopylint("--confirm", "--python", python, "--save-snippets", "saved", name)
    assert done.returncode == 1, done.stderr
    (file,) = (tmp_path / "saved").glob("*.py")
    with file.open("rb") as raw:
        assert tokenize.detect_encoding(raw.readline)[0] == "utf-8"
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[:2] == HEAD and name in lines[2]


def test_what_is_quoted_in_a_comment_stays_there() -> None:
    breaks = "".join(f"{char}open('x')" for char in "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
    program = saved(finding(f"a{breaks}.py", f"m{breaks}"), reason=f"r{breaks}\x1b[2J\u202e")
    comments, begin, _ = program.partition("\nimport sys\n")
    assert begin and len(comments.splitlines()) == 6 and all(line[0] == "#" for line in comments.splitlines())
    assert all(char.isprintable() for line in comments.split("\n") for char in line)
    assert isinstance(ast.parse(program).body[0], ast.Import)


def test_a_program_stays_a_text_whatever_it_holds() -> None:
    for written in ('"""\nopen("x")\n"""', "a\\", 'x = "a"', "\x0c\r\x00\u2028", "\ud800", "x = 1\n\ny = 2"):
        program = saved(finding(message="ends in\nimport sys"), written)
        told = bound(program)
        assert str(told["AS_WRITTEN"]).strip("\n") == written and told["WITH_THE_FIX"] == "\nx = 2\n"
        assert program_of(program).startswith("AS_WRITTEN = ") and program_of(program).endswith('x = 2\n"""')


def test_the_worker_is_sent_plain_ascii_without_comments(torchcopylint: Run, tmp_path: Path) -> None:
    python = stand_in(tmp_path / "elsewhere" / "python")
    text = "# -*- coding: latin-1 -*-\n\x0c\n" + STALE.replace("best", "b\u00e9st")
    (tmp_path / "a.py").write_text(text, encoding="latin-1")
    done = torchcopylint("--confirm", "--python", python, "a.py")
    assert [place.split()[1] for place in places(done.stdout)] == ["TCL401"], done.stderr
    sent = questions(python)
    assert sent.isascii()
    question = json.loads(sent.splitlines()[0])
    for program in (question["written"], question["fixed"]):
        assert "def program():" in program and "#" not in program


def test_a_link_in_the_directory_of_saved_programs_is_not_written_through(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=LOST)
    victim, link = tmp_path / "victim", tmp_path / "saved" / "TCL505-a-py-4-1.py"
    victim.write_text("mine")
    link.parent.mkdir()
    link.symlink_to(victim)
    python = stand_in(tmp_path / "elsewhere" / "python")
    assert torchcopylint("--python", python, "--save-snippets", "saved", "a.py").returncode == 1
    assert victim.read_text() == "mine" and not link.is_symlink() and link.read_text().startswith(HEAD[0])


ALL = """
import runpy, sys
for file in sys.argv[1:]:
    try:
        runpy.run_path(file, run_name="__main__")
    except SystemExit as end:
        print("ended", end.code, file)
"""


def test_every_saved_program_of_cards_and_samples_comes_to_its_verdict(torchcopylint: Run, tmp_path: Path) -> None:
    """All in one process, for torch takes seconds to import; each is a program of its own all the same."""
    for rule in cards.rules():
        for number, block in enumerate(blocks(rule.path)):
            if block.headings[-1] == "Bad" and block.language == "python":
                (tmp_path / f"{rule.code}_{number}.py").write_text(block.text, encoding="utf-8")
    shutil.copytree(SAMPLES, tmp_path / "samples")
    done = torchcopylint("--confirm", "--extend-select", "TCL", "--save-snippets", "saved", ".")
    assert done.returncode == 1, done.stderr
    files = sorted((tmp_path / "saved").glob("*.py"))
    assert len(files) > 60
    told = subprocess.run(
        [sys.executable, "-c", ALL, *files], capture_output=True, text=True, cwd=tmp_path / "saved", timeout=600
    )
    ends = [line for line in told.stdout.splitlines() if line.startswith("ended ")]
    assert len(ends) == len(files), told.stderr
    assert [line for line in ends if not line.startswith("ended 0 ")] == [], told.stdout
