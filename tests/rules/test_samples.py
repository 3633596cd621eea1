"""The sample training scripts: the program finds in each the bugs that expected.txt names, and nothing else."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests" / "samples"
FINDING = re.compile(r"(?P<path>.+?):(?P<line>\d+):\d+: (?P<code>TCL\d{3}) ")
Place = tuple[str, int, str]


def expected() -> list[Place]:
    """The findings that expected.txt lists, as (file, line, code)."""
    rows = (row.replace(" ", "").split(":") for row in (SAMPLES / "expected.txt").read_text().splitlines())
    return [(name, int(line), code) for name, line, code in rows]


def lint() -> tuple[list[Place], str, int]:
    """What the program prints about the samples, as (file, line, code); its whole output; its exit code."""
    command = [sys.executable, "-m", "torchcopylint", "--output-format", "concise", "tests/samples"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    found = [match for row in done.stdout.splitlines() if (match := FINDING.match(row))]
    places = [(Path(m["path"]).relative_to("tests/samples").as_posix(), int(m["line"]), m["code"]) for m in found]
    return places, done.stdout + done.stderr, done.returncode


@pytest.fixture(scope="module")
def report() -> tuple[list[Place], str, int]:
    return lint()


def test_the_program_finds_exactly_the_expected_places(report: tuple[list[Place], str, int]) -> None:
    found, output, _ = report
    assert sorted(found) == expected(), output


def test_findings_come_in_the_order_of_files_and_lines(report: tuple[list[Place], str, int]) -> None:
    found, output, _ = report
    assert found == sorted(found), output


def test_findings_make_the_exit_code_one(report: tuple[list[Place], str, int]) -> None:
    _, output, exit_code = report
    assert exit_code == 1, output


def test_expected_is_sorted_and_covers_every_sample() -> None:
    assert expected() == sorted(expected())
    assert {name for name, _, _ in expected()} == {path.name for path in SAMPLES.glob("*.py")}
