"""The command line as users, editors, hooks and CI see it: what is printed where, and the exit code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from workspace import BOTH, CLEAN, LOST, LOST_AT, ROOT, Run, places, write

# Exit codes


def test_findings_are_printed_in_the_form_of_flake8_and_exit_with_1(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=LOST)
    done = torchcopylint("a.py")
    assert re.fullmatch(r"a\.py:4:1: TCL505 \S.*\n", done.stdout)
    assert (done.returncode, done.stderr) == (1, "")


def test_no_findings_exit_with_0_in_silence(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=CLEAN)
    done = torchcopylint("a.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_exit_code_is_right_though_nobody_listens(tmp_path: Path) -> None:
    write(tmp_path, a=LOST)
    shell = f"{sys.executable} -m torchcopylint a.py >&-"
    assert subprocess.run(shell, shell=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}).returncode == 1


def test_exit_zero_prints_but_succeeds(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=LOST)
    done = torchcopylint("--exit-zero", "a.py")
    assert (done.returncode, places(done.stdout)) == (0, [f"a.py:{LOST_AT}"])


def test_a_missing_path_exits_with_2_and_the_others_are_linted(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=LOST)
    done = torchcopylint("gone.py", "a.py", "", "--exit-zero")
    assert (done.returncode, places(done.stdout)) == (2, [f"a.py:{LOST_AT}"])
    complaints = [f"torchcopylint: {path}: no such file or directory\n" for path in ("gone.py", "''")]
    assert done.stderr == "".join(complaints)


def test_a_command_that_is_misspelt_and_an_empty_directory_are_told(torchcopylint: Run, tmp_path: Path) -> None:
    told = torchcopylint("rul", "TCL401").stderr.splitlines()
    assert told[0] == "torchcopylint: rul: no such file or directory; did you mean the command 'rule'?"
    done = torchcopylint(".")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "torchcopylint: nothing to lint in .: no Python files, or all of them are excluded\n"
    assert torchcopylint("-q", ".").stderr == ""


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "Usage: torchcopylint [OPTIONS] PATHS..."),
        (["--no-such-option", "."], "No such option"),
        (["--output-format", "fancy", "."], "'fancy' is not one of concise, full, github"),
        (["--select", "TCL4,state-dict-snapshto", "."], "--select: unknown rule 'state-dict-snapshto'; did you mean"),
        (["--ignore", "E501", "."], "--ignore: unknown rule 'E501'"),
        (["--confidence", "certain", "."], "'certain' is not one of"),
        (["--jobs", "-1", "."], "Invalid value for '-j'"),
        (["-", "a.py"], "- cannot be combined"),
        (["--stdin-filename", "a.py", "b.py"], "--stdin-filename needs -"),
        (["rule", "TCL450"], "unknown rule 'TCL450'; did you mean 'TCL4"),
        (["rule", "discard-copy"], "unknown rule 'discard-copy'; did you mean 'discarded-copy'?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_explained_and_exits_with_2(torchcopylint: Run, arguments: list[str], complaint: str) -> None:
    done = torchcopylint(*arguments)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert done.stdout == ""


# Files that cannot be linted


def test_bad_files_are_findings_and_stop_nothing(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a="import torch\nx = torch.zeros(\n", c=LOST)
    (tmp_path / "b.py").write_bytes(b"import torch\n# \xe9\n")
    done = torchcopylint(".")
    assert places(done.stdout) == ["a.py:2:16: TCL901", "b.py:2:3: TCL902", f"c.py:{LOST_AT}"]
    assert "'(' was never closed" in done.stdout
    assert (done.returncode, done.stderr) == (1, "")


def test_a_syntax_error_is_told_in_any_file(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a="def f(:\n    pass\n")
    done = torchcopylint("a.py")
    assert re.fullmatch(r"a\.py:1:7: TCL901 cannot be parsed, so .*: invalid syntax\n", done.stdout)


def test_odd_but_valid_files_are_silent(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a="", b="\n", c="# torch", d="import torch\n\x0cx = '\\d'\n", e="x = '" + "y" * 1_000_000 + "'")
    (tmp_path / "f.py").write_bytes(b"\xef\xbb\xbfimport torch\r\nx = torch.zeros(3)\r\n")
    done = torchcopylint(".")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_rules_about_files_can_be_ignored_but_need_no_selecting(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a="import torch\ntorch.zeros(\n")
    assert places(torchcopylint("--select", "TCL401", "a.py").stdout) == ["a.py:2:12: TCL901"]
    assert torchcopylint("--ignore", "TCL901", "a.py").returncode == 0


# Standard input


def test_standard_input_is_linted_under_the_name_given(torchcopylint: Run) -> None:
    assert places(torchcopylint("-", input=LOST).stdout) == [f"stdin:{LOST_AT}"]
    assert places(torchcopylint("--stdin-filename", "src/a.py", "-", input=LOST).stdout) == [f"src/a.py:{LOST_AT}"]


def test_standard_input_may_be_excluded_by_name(torchcopylint: Run) -> None:
    arguments = ["--force-exclude", "--exclude", "gen", "--stdin-filename", "gen/a.py", "-"]
    assert torchcopylint(*arguments, input=LOST).stdout == ""


# The choice of rules


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        (["--select", "TCL505"], ["TCL505"]),
        (["--select", "tensor-of-tensor"], ["TCL107"]),
        (["--select", "TCL1,TCL5"], ["TCL505", "TCL107"]),
        (["--select", "TCL"], ["TCL505", "TCL107"]),
        (["--select", "TCL5", "--extend-select", "tensor-of-tensor"], ["TCL505", "TCL107"]),
        (["--ignore", "TCL1"], ["TCL505"]),
        (["--ignore", "TCL1", "--ignore", "TCL505"], []),
        (["--select", "TCL5", "--ignore", "TCL505"], []),
        (["--ignore", "TCL5", "--extend-select", "TCL505"], ["TCL505", "TCL107"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_the_choice_of_rules(torchcopylint: Run, arguments: list[str], codes: list[str]) -> None:
    printed = torchcopylint(*arguments, "-", input=BOTH).stdout
    assert [line.split()[1] for line in printed.splitlines()] == codes


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_report_that_cannot_be_written_is_told(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=LOST)
    with open("/dev/full", "w") as full:
        done = torchcopylint("a.py", capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.stderr == "torchcopylint: stopped: [Errno 28] No space left on device\n"
    assert done.returncode == 2


def test_statistics_count_rules_and_files(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=BOTH, b=LOST, c="x = 1\n")
    done = torchcopylint("--statistics", ".")
    assert [line.split() for line in done.stderr.splitlines()] == [
        ["1", "TCL107", "tensor-of-tensor"],
        ["2", "TCL505", "discarded-copy"],
        ["2", "files", "linted"],
        ["1", "files", "skipped"],
        ["0", "files", "failed"],
        ["0", "functions", "not", "analysed", "(over", "the", "budget)"],
    ]


def test_statistics_count_functions_that_cost_too_much(torchcopylint: Run, tmp_path: Path) -> None:
    body = "    x = torch.zeros(3)\n" + "    y = x[0] + x[1]\n" * 20_000 + "    x.clone()\n"
    write(tmp_path, a=f"import torch\n\ndef f():\n{body}")
    done = torchcopylint("--statistics", "a.py")
    assert done.stderr.splitlines()[-1].split() == ["1", "functions", "not", "analysed", "(over", "the", "budget)"]


def test_rule_lists_all_rules(torchcopylint: Run) -> None:
    rows = [line.split() for line in torchcopylint("rule").stdout.splitlines()]
    assert [row[0] for row in rows] == [*sorted(path.name[:6] for path in (ROOT / "rules").glob("TCL*.md")), "copying"]
    assert ["TCL401", "state-dict-snapshot", "on"] in [row[:3] for row in rows]


@pytest.mark.parametrize("name", ["TCL401", "tcl401", "state-dict-snapshot"])
def test_rule_prints_the_card_as_it_is_when_piped(torchcopylint: Run, name: str) -> None:
    assert torchcopylint("rule", name).stdout == (ROOT / "rules" / "TCL401-state-dict-snapshot.md").read_text()


def test_version_and_help(torchcopylint: Run) -> None:
    assert re.fullmatch(r"torchcopylint \d+\.\d+\.\d+\n", torchcopylint("--version").stdout)
    usage = torchcopylint("--help").stdout
    assert "--select" in usage and "rule" in usage
    assert torchcopylint("check", "--help").returncode == 0


def test_help_fits_a_screen_and_leaves_nothing_out(torchcopylint: Run) -> None:
    brief, whole = (torchcopylint(word, env={"COLUMNS": "80"}).stdout for word in ("-h", "--help"))
    assert len(brief.splitlines()) <= 32 and max(map(len, whole.splitlines())) <= 80
    inner = torchcopylint("check", "--help").stdout
    named = [re.findall(r"^  (?:-\w, )?(--[a-z-]+)", text, re.MULTILINE) for text in (whole, inner)]
    assert sorted(named[0]) == sorted([*named[1], "--version"])
    assert named[0][-4:] == ["--version", "--help", "--show-files", "--show-settings"]


@pytest.mark.parametrize(
    ("words", "completions"),
    [
        ("ru", ["rule"]),
        ("--output-fo", ["--output-format"]),
        ("src --output-fo", ["--output-format"]),
        ("check --exi", ["--exit-zero"]),
        ("--confidence h", ["high"]),
    ],
)
def test_a_shell_completes_commands_and_options(tmp_path: Path, words: str, completions: list[str]) -> None:
    line = f"torchcopylint {words}"
    asked = {"_TORCHCOPYLINT_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    command = [sys.executable, "-c", "import sys; from torchcopylint.cli import main; main()"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **asked}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert [row.partition(",")[2] for row in done.stdout.splitlines()] == completions, done.stderr
