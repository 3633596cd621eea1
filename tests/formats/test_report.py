"""What a person sees on a terminal: findings with their source and path, rule cards as pages."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from workspace import LOST, ROOT, STALE, STALE_AT, Run, write

from torchcopylint.domain.finding import Finding, Ruling, Span, Verdict
from torchcopylint.report import load


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


def test_full_output_shows_the_source_and_the_path_in_order(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=STALE)
    printed = torchcopylint("--output-format", "full", "a.py").stdout
    first, *rest = printed.splitlines()
    assert first == f"a.py:{STALE_AT} state-dict-snapshot (error, high confidence)"
    assert "  13 |             best, lowest = model.state_dict(), loss.item()" in rest
    assert any(re.match(r"     \| {13}\^{20}", line) for line in rest), printed
    notes = [int(match[1]) for line in rest if (match := re.match(r" +(\d+) \| ", line))]
    assert notes == [13, 11, 14], printed


def underlined(torchcopylint: Run, root: Path, line: str) -> list[str]:
    """The source line and the marks under it that full output shows for a line that drops a result."""
    write(root, a=f"import torch\n\nx = torch.zeros(3)\nif x is not None:\n{line}\n")
    return torchcopylint("--output-format", "full", "a.py").stdout.splitlines()[-3:-1]


def test_a_verdict_is_told_in_either_format() -> None:
    verdict = Verdict(Ruling.PATTERN, "`best` changed from 0 to 1")
    finding = Finding("a.py", Span(3, 1, 3, 9), "TCL401", "state-dict-snapshot", "No snapshot", verdict=verdict)
    for style in ("concise", "full"):
        out = io.StringIO()
        load(style)([finding], out)
        assert "pattern: `best` changed from 0 to 1" in out.getvalue()


def test_marks_stand_under_what_they_mean(torchcopylint: Run, tmp_path: Path) -> None:
    assert underlined(torchcopylint, tmp_path, "\tx.clone()") == ["  5 | \tx.clone()", "    | \t^^^^^^^^^"]
    wide = underlined(torchcopylint, tmp_path, " '\u6f22\u5b57'; x.clone()")
    assert wide == ["  5 |  '\u6f22\u5b57'; x.clone()", "    | " + " " * 9 + "^^^^^^^^^"]
    spread = underlined(torchcopylint, tmp_path, " x.masked_fill(  # why\n  x > 1, 0.0)")
    assert spread == ["  5 |  x.masked_fill(  # why", "    |  " + "^" * 21]


def test_a_long_line_is_cut_around_what_is_meant(torchcopylint: Run, tmp_path: Path) -> None:
    source, marks = underlined(torchcopylint, tmp_path, f" '{'a' * 500}'; x.clone(); '{'b' * 500}'")
    assert len(source) < 140
    start = marks.index("^")
    assert source[start : start + 9] == "x.clone()" and marks.count("^") == 9


def test_what_a_terminal_would_obey_is_not_printed(torchcopylint: Run, tmp_path: Path) -> None:
    source, marks = underlined(torchcopylint, tmp_path, " '\033[2J'; x.clone()")
    assert source == r"  5 |  '\x1b[2J'; x.clone()"
    assert source[marks.index("^") :] == "x.clone()"


def test_a_terminal_gets_full_output_in_colour_and_a_summary(tmp_path: Path) -> None:
    write(tmp_path, a=LOST)
    printed = on_terminal(tmp_path, "a.py", NO_COLOR="")
    assert "4 | x.clone()" in on_terminal(tmp_path, "a.py", NO_COLOR="1")
    assert "\033[" not in on_terminal(tmp_path, "a.py", NO_COLOR="1")
    assert "1 finding in 1 file (1 file checked)" in printed
    assert "checked" not in on_terminal(tmp_path, "-q", "a.py")


def test_rule_prints_a_page_on_a_terminal(tmp_path: Path) -> None:
    printed = on_terminal(tmp_path, "rule", "TCL401", NO_COLOR="1")
    assert "```" not in printed and "## " not in printed
    assert "\nWhy it matters\n" in printed
    assert re.search(r"^    import torch$", printed, re.MULTILINE)
    prose = [line for line in printed.splitlines() if not line.startswith("    ")]
    assert max(map(len, prose)) <= 80


LINK = "\033]8;;"


def test_a_terminal_gets_links_to_the_cards_and_a_file_does_not(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=LOST)
    card = (ROOT / "rules" / "TCL505-discarded-copy.md").as_uri()
    for style in ("full", "concise", "grouped"):
        printed = on_terminal(tmp_path, "--output-format", style, "a.py", NO_COLOR="", TERM="xterm")
        assert f"{LINK}{card}\033\\" in printed and f"TCL505\033[0m{LINK}\033\\" in printed
        assert "\033" not in on_terminal(tmp_path, "--output-format", style, "a.py", NO_COLOR="1", TERM="xterm")
        assert "\033" not in on_terminal(tmp_path, "--output-format", style, "a.py", NO_COLOR="", TERM="dumb")
        assert "\033" not in torchcopylint("--output-format", style, "a.py", env={"NO_COLOR": ""}).stdout


def test_a_long_run_tells_a_terminal_how_far_it_is(torchcopylint: Run, tmp_path: Path) -> None:
    body = "".join(f"def f{i}(x: torch.Tensor):\n    y = x.clone()\n    y += 1\n    return y\n\n\n" for i in range(150))
    write(tmp_path, **{f"f{i:02}": f"import torch\n\n\n{body}" for i in range(40)}, z=LOST)
    printed = on_terminal(tmp_path, "-j1", ".", NO_COLOR="1", TERM="xterm")
    told = re.findall(r"\r(\d+) of 41 files\b", printed)
    assert told and list(map(int, told)) == sorted(map(int, told))
    assert f"\r{' ' * 40}\rz.py:4:1: TCL505" in printed  # the line is cleared before a finding is printed
    assert "of 41 files" not in on_terminal(tmp_path, "-q", "-j1", ".", NO_COLOR="1", TERM="xterm")
    assert torchcopylint("-j1", ".").stderr == ""
