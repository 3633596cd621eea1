"""Fixes of some findings only: those on changed lines, those that nobody knows yet, those that torch confirms."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from workspace import BOTH, COPIED, FIXED, IMPORTS, STALE, TRAIN, Run, commit, places, write

from torchcopylint.cli.confirmed import only_confirmed
from torchcopylint.config import Settings
from torchcopylint.domain.finding import Ruling, Verdict
from torchcopylint.run import HAND_BACK, Fixing, Outcome, lint_bytes

FIX = ("--fix", "--unsafe-fixes")
OLD = "import torch\n\nx = torch.zeros(3)\nz = torch.tensor(x)\n"


def test_since_fixes_what_changed_lines_bring_and_nothing_else(torchcopylint: Run, tmp_path: Path) -> None:
    other = TRAIN.replace("def train", "def other")
    write(tmp_path, a=f"{IMPORTS}\n\n{TRAIN}", b=STALE)
    commit(tmp_path)
    write(tmp_path, a=f"{IMPORTS}\n\n{TRAIN}\n\n{other}", new=STALE)
    changed = (tmp_path / "a.py").read_text()
    shown = torchcopylint("--diff", "--unsafe-fixes", "--since", "HEAD", ".")
    assert shown.stdout.count("+            best, lowest = copy.deepcopy") == 2 and shown.returncode == 1
    assert (tmp_path / "a.py").read_text() == changed
    done = torchcopylint(*FIX, "--since", "HEAD", ".")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "2 findings fixed in 2 files\n")
    copied = COPIED.replace("def train", "def other")
    assert (tmp_path / "a.py").read_text() == f"import copy\n\n{IMPORTS}\n\n{TRAIN}\n\n{copied}"
    assert (tmp_path / "b.py").read_text() == STALE
    assert (tmp_path / "new.py").read_text() == FIXED


def test_what_is_left_on_changed_lines_is_reported_where_it_is_now(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=OLD)
    commit(tmp_path)
    write(tmp_path, a=OLD.replace("z =", "\n\nx[x > 1].add_(1)\nz =") + "x.clone()\ny = torch.tensor(x)\n")
    done = torchcopylint("--fix", "--since", "HEAD", "a.py")
    assert places(done.stdout) == ["a.py:8:1: TCL505", "a.py:9:5: TCL107"]  # and not what has long been on line 7
    assert "x[x > 1] += 1\n" in (tmp_path / "a.py").read_text()
    assert done.stderr.splitlines()[0] == "1 finding fixed in 1 file"


def test_since_fixes_in_notebooks_by_the_lines_of_the_file(torchcopylint: Run, tmp_path: Path) -> None:
    def notebook(*cells: str) -> str:
        parts = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": c.splitlines(True)} for c in cells]
        return json.dumps({"cells": parts, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)

    old, new = "x = torch.tensor(x)\n1", "y = torch.tensor(x)\n2"
    (tmp_path / "n.ipynb").write_text(notebook(OLD, old))
    commit(tmp_path)
    (tmp_path / "n.ipynb").write_text(notebook(OLD, old, new))
    done = torchcopylint(*FIX, "--since", "HEAD", ".")
    assert (done.returncode, done.stderr) == (0, "1 finding fixed in 1 file\n")
    assert (tmp_path / "n.ipynb").read_text() == notebook(
        OLD, old, new.replace("torch.tensor(x)", "x.detach().clone()")
    )


def test_what_is_known_is_not_fixed_though_the_text_around_it_is(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=OLD)
    torchcopylint("baseline", "a.py")
    write(tmp_path, a=OLD + "y = torch.tensor(x)\n")
    done = torchcopylint(*FIX, "--baseline", "torchcopylint-baseline.json", "a.py")
    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / "a.py").read_text() == OLD + "y = x.detach().clone()\n"


SHIFT = """\


def shift(x: torch.Tensor):
    x[x > 1].add_(1)  # noqa: TCL107
    return x
"""


def test_with_confirm_only_what_torch_confirms_is_fixed(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=STALE + SHIFT)
    done = torchcopylint("--confirm", *FIX, "a.py")
    assert (tmp_path / "a.py").read_text() == FIXED + SHIFT.replace("  # noqa: TCL107", "")
    assert done.stderr.splitlines() == [
        "torchcopylint: a.py:20:5: TCL501 not fixed: torch confirms it, but this fix could not be run",
        "2 findings fixed in 1 file",
    ]
    assert places(done.stdout) == ["a.py:20:5: TCL501"] and "[confirmed: " in done.stdout
    assert done.returncode == 1


class Stub:
    """A text that is linted, and torch's word on all that is found in it."""

    def __init__(self, verdict: Verdict) -> None:
        self._verdict = verdict

    def outcomes(self, fixing: Fixing | None) -> Iterator[Outcome]:
        yield lint_bytes("a.py", STALE.encode(), Settings(), fixing=fixing)

    def again(self, paths: Sequence[str], fixing: Fixing) -> Iterator[Outcome]:
        return self.outcomes(fixing) if paths else iter(())

    def judged(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        for outcome in outcomes:
            yield replace(outcome, findings=tuple(replace(f, verdict=self._verdict) for f in outcome.findings))


@pytest.mark.parametrize(
    ("verdict", "why"),
    [
        (Verdict(Ruling.CONFIRMED, "x changed", by_fix=True), ""),
        (Verdict(Ruling.CONFIRMED, "x changed"), "torch confirms it, but this fix could not be run"),
        (Verdict(Ruling.PATTERN, "x changed", by_fix=True), "torch did not confirm it: pattern"),
        (Verdict(Ruling.REFUTED, "ran", by_fix=True), "torch did not confirm it: refuted: ran"),
        (Verdict(Ruling.INCONCLUSIVE, "no", by_fix=True), "torch did not confirm it: inconclusive: no"),
    ],
    ids=str,
)
def test_what_torch_says_decides_over_a_fix(verdict: Verdict, why: str) -> None:
    stub = Stub(verdict)
    fixing = Fixing(frozenset({"safe", "unsafe"}), HAND_BACK)
    (outcome,) = only_confirmed(stub, stub, fixing)  # type: ignore[arg-type]
    assert [reason.startswith(why) for _, reason in outcome.refused] == ([True] if why else [])
    assert (outcome.change[1].text if outcome.change else STALE) == (STALE if why else FIXED)
    assert [finding.verdict for finding in outcome.findings] == ([verdict] if why else [])


def test_without_torch_nothing_is_fixed(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=BOTH)
    done = torchcopylint("--confirm", "--python", tmp_path / "none", *FIX, "a.py")
    assert (done.returncode, len(places(done.stdout))) == (2, 2)
    assert done.stderr.count("not fixed: it was not tested with torch") == 2
    assert (tmp_path / "a.py").read_text() == BOTH
    done = torchcopylint("--confirm", "--python", tmp_path / "none", *FIX, "-", input=BOTH)
    assert (done.returncode, done.stdout) == (2, BOTH)
