"""The command line as users, editors, hooks and CI see it: what is printed where, and the exit code."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, Run

LOST = "import torch\n\nx = torch.zeros(3)\nx.clone()\n"
LOST_AT = "4:1: TCL505"
CLEAN = "import torch\n\nx = torch.zeros(3)\ny = x.clone()\n"


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        (root / f"{name}.py").write_text(text)


def places(output: str) -> list[str]:
    """`path:line:column: CODE` of every line of concise output."""
    return [" ".join(line.split()[:2]) for line in output.splitlines()]


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


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "Usage: torchcopylint [OPTIONS] PATHS..."),
        (["--no-such-option", "."], "No such option"),
        (["--output-format", "fancy", "."], "'fancy' is not one of concise, full"),
        (["--select", "TCL4,state-dict-snapshto", "."], "--select: unknown rule 'state-dict-snapshto'; did you mean"),
        (["--ignore", "E501", "."], "--ignore: unknown rule 'E501'"),
        (["--confidence", "certain", "."], "'certain' is not one of"),
        (["--jobs", "-1", "."], "Invalid value for '-j'"),
        (["-", "a.py"], "- cannot be combined"),
        (["--stdin-filename", "a.py", "b.py"], "--stdin-filename needs -"),
        (["rule", "TCL411"], "unknown rule 'TCL411'; did you mean 'TCL409'?"),
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
    assert re.fullmatch(r"a\.py:1:7: TCL901 cannot be parsed: invalid syntax; .*\n", done.stdout)


def test_odd_but_valid_files_are_silent(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a="", b="\n", c="# torch", d="import torch\n\x0cx = '\\d'\n", e="x = '" + "y" * 1_000_000 + "'")
    (tmp_path / "f.py").write_bytes(b"\xef\xbb\xbfimport torch\r\nx = torch.zeros(3).clone()\r\n")
    done = torchcopylint(".")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_is_nested_too_deeply_is_told_and_stops_nothing(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a="import torch\nx = torch.zeros(3).clone()" + " + 1" * 20_000 + "\n", b=LOST)
    assert places(torchcopylint(".").stdout) == ["a.py:1:1: TCL902", f"b.py:{LOST_AT}"]


def test_the_rules_about_files_can_be_ignored_but_need_no_selecting(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a="import torch\ntorch.zeros(\n")
    assert places(torchcopylint("--select", "TCL401", "a.py").stdout) == ["a.py:2:12: TCL901"]
    assert torchcopylint("--ignore", "TCL901", "a.py").returncode == 0


BROKEN = """
import os, sys
import torchcopylint.interpret as engine
real = engine.interpret
def interpret(tree, source):
    if "explode" in source.text:
        raise ValueError("no idea\\nwhat this is")
    if "die" in source.text:
        os.kill(os.getpid(), 9)
    return real(tree, source)
engine.interpret = interpret
sys.argv[0] = "torchcopylint"
from torchcopylint.cli import main
main()
"""


def broken(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The program with an engine that breaks on files which say so."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", BROKEN, *arguments]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_internal_error_is_told_with_its_file_and_stops_nothing(tmp_path: Path, jobs: str) -> None:
    write(tmp_path, b="import torch  # explode\nx = torch.zeros(3).clone()\n", **{f"f{i:02}": LOST for i in range(40)})
    done = broken(tmp_path, "--jobs", jobs, "--exit-zero", ".")
    assert places(done.stdout) == [f"f{i:02}.py:{LOST_AT}" for i in range(40)]
    assert re.fullmatch(
        r"torchcopylint: b\.py: internal error: ValueError: no idea what this is \(.+:\d+\); please report it\n",
        done.stderr,
    )
    assert done.returncode == 2


def test_a_file_that_kills_its_process_is_named_and_stops_nothing(tmp_path: Path) -> None:
    write(tmp_path, f20="import torch  # die\nx = torch.zeros(3).clone()\n")
    write(tmp_path, **{f"f{i:02}": LOST for i in range(40) if i != 20})
    done = broken(tmp_path, "--jobs", "2", ".")
    assert places(done.stdout) == [f"f{i:02}.py:{LOST_AT}" for i in range(40) if i != 20]
    assert "f20.py: internal error: the process that analysed it died" in done.stderr
    assert done.returncode == 2


# Standard input


def test_standard_input_is_linted_under_the_name_given(torchcopylint: Run) -> None:
    assert places(torchcopylint("-", input=LOST).stdout) == [f"stdin:{LOST_AT}"]
    assert places(torchcopylint("--stdin-filename", "src/a.py", "-", input=LOST).stdout) == [f"src/a.py:{LOST_AT}"]


def test_standard_input_may_be_excluded_by_name(torchcopylint: Run) -> None:
    arguments = ["--force-exclude", "--exclude", "gen", "--stdin-filename", "gen/a.py", "-"]
    assert torchcopylint(*arguments, input=LOST).stdout == ""


# The choice of rules

BOTH = "import torch\n\nx = torch.zeros(3)\nx.clone()\ny = torch.tensor(x)\n"


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


# Configuration


def configure(root: Path, toml: str) -> None:
    (root / "pyproject.toml").write_text(f"[tool.torchcopylint]\n{toml}\n")


def test_the_nearest_pyproject_is_read_from_above_the_paths(torchcopylint: Run, tmp_path: Path) -> None:
    (tmp_path / "p" / "src").mkdir(parents=True)
    write(tmp_path / "p" / "src", a=BOTH)
    configure(tmp_path, 'ignore = ["TCL505"]')
    assert places(torchcopylint("p/src").stdout) == ["p/src/a.py:5:5: TCL107"]
    (tmp_path / "p" / "pyproject.toml").write_text("[project]\nname = 'p'\n")
    assert places(torchcopylint("p/src").stdout) == ["p/src/a.py:5:5: TCL107"]
    configure(tmp_path / "p", 'select = ["discarded-copy"]')
    assert places(torchcopylint("p/src/a.py").stdout) == ["p/src/a.py:4:1: TCL505"]


def test_the_command_line_goes_over_the_configuration(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=BOTH)
    configure(tmp_path, 'select = ["TCL5"]\nignore = ["TCL107"]')
    assert places(torchcopylint("a.py").stdout) == ["a.py:4:1: TCL505"]
    assert places(torchcopylint("--select", "TCL107", "a.py").stdout) == ["a.py:5:5: TCL107"]
    assert places(torchcopylint("--ignore", "TCL5", "a.py").stdout) == []
    assert places(torchcopylint("--extend-select", "TCL107", "--ignore", "TCL505", "a.py").stdout) == [
        "a.py:5:5: TCL107"
    ]


def test_excludes_are_relative_to_their_pyproject(torchcopylint: Run, tmp_path: Path) -> None:
    for name in ("src/gen", "gen", "build"):
        (tmp_path / name).mkdir(parents=True)
        write(tmp_path / name, a=LOST)
    configure(tmp_path, 'extend-exclude = ["/src/gen"]')
    assert places(torchcopylint("..", cwd=tmp_path / "src").stdout) == [f"../gen/a.py:{LOST_AT}"]
    configure(tmp_path, 'exclude = ["gen"]')
    assert places(torchcopylint(".").stdout) == [f"build/a.py:{LOST_AT}"]
    assert places(torchcopylint("--exclude", "build", ".").stdout) == [f"gen/a.py:{LOST_AT}", f"src/gen/a.py:{LOST_AT}"]


def test_what_is_excluded_is_linted_when_named_unless_forced(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=LOST)
    configure(tmp_path, 'exclude = ["a.py"]')
    assert places(torchcopylint("a.py").stdout) == [f"a.py:{LOST_AT}"]
    done = torchcopylint("--force-exclude", "a.py")
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("toml", "complaint"),
    [
        ("selct = []", "tool.torchcopylint.selct: unknown key; did you mean 'select'?"),
        ("extend_exclude = []", "tool.torchcopylint.extend_exclude: unknown key; did you mean 'extend-exclude'?"),
        ("select = 'TCL4'", "tool.torchcopylint.select: must be a list of strings, not 'TCL4'"),
        ("ignore = [401]", "tool.torchcopylint.ignore: must be a list of strings, not [401]"),
        ("ignore = ['TCL999']", "tool.torchcopylint.ignore: unknown rule 'TCL999'; did you mean 'TCL902'?"),
        ("confidence = 3", "tool.torchcopylint.confidence: must be a string, not 3"),
        ("confidence = 'sure'", "tool.torchcopylint.confidence: must be one of low, medium, high, not 'sure'"),
        ("select = [", "not valid TOML"),
    ],
)
def test_a_wrong_setting_is_named_with_file_and_key(
    torchcopylint: Run, tmp_path: Path, toml: str, complaint: str
) -> None:
    write(tmp_path, a=LOST)
    configure(tmp_path, toml)
    done = torchcopylint("a.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"torchcopylint: {tmp_path / 'pyproject.toml'}: ")
    assert complaint in done.stderr


# Many files, several processes


def test_the_number_of_processes_changes_nothing(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, **{f"f{i:02}": (LOST, BOTH, CLEAN, "import torch\nx = torch.zeros(\n")[i % 4] for i in range(60)})
    serial, parallel = torchcopylint("-j1", "."), torchcopylint("-j3", ".")
    assert serial.stdout == parallel.stdout
    assert places(serial.stdout) == sorted(places(serial.stdout))
    assert len(places(serial.stdout)) == 60


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    """Whether the process still runs; one that has ended and waits to be collected does not."""
    try:
        return not re.search(r"^State:\s+Z", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_no_child_is_left_however_it_ends(tmp_path: Path, ending: signal.Signals) -> None:
    body = "".join(f"def f{i}(x: torch.Tensor):\n    y = x.clone()\n    y += 1\n    return y\n\n\n" for i in range(150))
    write(tmp_path, **{f"f{i}": f"import torch\n\n\n{body}" for i in range(200)})
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "torchcopylint", "-j2", "."]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as program:
        deadline = time.monotonic() + 60
        while len(workers := children(program.pid)) < 2:
            assert program.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        program.send_signal(ending)
        assert program.stderr
        complaint = program.stderr.read()
    while any(map(alive, workers)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert "Traceback" not in complaint
    assert program.returncode == (130 if ending is signal.SIGINT else -ending)


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    write(tmp_path, **{f"f{i}": LOST * 400 for i in range(40)})
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    shell = f"{sys.executable} -m torchcopylint . | head -n 1"
    done = subprocess.run(shell, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert places(done.stdout) == ["f0.py:4:1: TCL505"]
    assert done.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_report_that_cannot_be_written_is_told(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=LOST)
    with open("/dev/full", "w") as full:
        done = torchcopylint("a.py", capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.stderr == "torchcopylint: stopped: [Errno 28] No space left on device\n"
    assert done.returncode == 2


# What a person sees


def on_terminal(root: Path, *arguments: str, **environment: str) -> str:
    """What the program writes to a terminal."""
    main, side = pty.openpty()
    settings = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80", **environment}
    command = [sys.executable, "-m", "torchcopylint", *arguments]
    with subprocess.Popen(command, cwd=root, env=settings, stdin=side, stdout=side, stderr=side):
        os.close(side)
        output = b""
        while True:
            try:
                output += os.read(main, 65536)
            except OSError:  # the other end is closed
                break
    os.close(main)
    return output.decode().replace("\r\n", "\n")


STALE = """\
import torch
from torch import nn

def train(model: nn.Module, loader, optimizer):
    best, lowest = None, 1e9
    for inputs in loader:
        loss = model(inputs).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if loss.item() < lowest:
            best, lowest = model.state_dict(), loss.item()
    model.load_state_dict(best)
"""


def test_full_output_shows_the_source_and_the_path_in_order(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=STALE)
    printed = torchcopylint("--output-format", "full", "a.py").stdout
    first, *rest = printed.splitlines()
    assert first == "a.py:12:13: TCL401 state-dict-snapshot"
    assert "  12 |             best, lowest = model.state_dict(), loss.item()" in rest
    assert any(re.match(r"     \| {13}\^{20}", line) for line in rest), printed
    notes = [int(match[1]) for line in rest if (match := re.match(r" +(\d+) \| ", line))]
    assert notes == [12, 10, 13], printed


def test_a_terminal_gets_full_output_in_colour_and_a_summary(tmp_path: Path) -> None:
    write(tmp_path, a=LOST)
    printed = on_terminal(tmp_path, "a.py", NO_COLOR="")
    assert "4 | x.clone()" in on_terminal(tmp_path, "a.py", NO_COLOR="1")
    assert "\033[" not in on_terminal(tmp_path, "a.py", NO_COLOR="1")
    assert "1 finding in 1 file (1 file checked)" in printed
    assert "checked" not in on_terminal(tmp_path, "-q", "a.py")


def test_statistics_count_rules_and_files(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=BOTH, b=LOST, c="x = 1\n")
    done = torchcopylint("--statistics", ".")
    assert [line.split() for line in done.stderr.splitlines()] == [
        ["1", "TCL107", "tensor-of-tensor"],
        ["2", "TCL505", "discarded-copy"],
        ["2", "files", "linted"],
        ["1", "files", "skipped"],
        ["0", "files", "failed"],
    ]


def test_rule_lists_all_rules(torchcopylint: Run) -> None:
    rows = [line.split() for line in torchcopylint("rule").stdout.splitlines()]
    assert [row[0] for row in rows] == sorted(path.name[:6] for path in (ROOT / "rules").glob("TCL*.md"))
    assert ["TCL401", "state-dict-snapshot", "on"] in [row[:3] for row in rows]


@pytest.mark.parametrize("name", ["TCL401", "tcl401", "state-dict-snapshot"])
def test_rule_prints_the_card_as_it_is_when_piped(torchcopylint: Run, name: str) -> None:
    assert torchcopylint("rule", name).stdout == (ROOT / "rules" / "TCL401-state-dict-snapshot.md").read_text()


def test_rule_prints_a_page_on_a_terminal(tmp_path: Path) -> None:
    printed = on_terminal(tmp_path, "rule", "TCL401", NO_COLOR="1")
    assert "```" not in printed and "## " not in printed
    assert "\nWhy it matters\n" in printed
    assert re.search(r"^    import torch$", printed, re.MULTILINE)
    prose = [line for line in printed.splitlines() if not line.startswith("    ")]
    assert max(map(len, prose)) <= 80


def test_version_and_help(torchcopylint: Run) -> None:
    assert re.fullmatch(r"torchcopylint \d+\.\d+\.\d+\n", torchcopylint("--version").stdout)
    usage = torchcopylint("--help").stdout
    assert "--select" in usage and "rule" in usage
    assert torchcopylint("check", "--help").returncode == 0


# pre-commit


def test_the_hook_runs_as_pre_commit_runs_it(torchcopylint: Run, tmp_path: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert (hook["id"], hook["language"], hook["require_serial"]) == ("torchcopylint", "python", True)
    assert hook["types_or"] == ["python"]
    program, *arguments = hook["entry"].split()
    assert program == "torchcopylint"
    (tmp_path / "gen").mkdir()
    write(tmp_path, a=LOST)
    write(tmp_path / "gen", b=LOST)
    configure(tmp_path, 'extend-exclude = ["gen"]')
    done = torchcopylint(*arguments, "a.py", "gen/b.py")
    assert (done.returncode, places(done.stdout)) == (1, [f"a.py:{LOST_AT}"])
