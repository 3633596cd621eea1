"""Two revisions' findings compared: what came, what went, what is told in other words, and the command as it is run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from ecosystem.compare import Difference, Found, Kind, compare, counted, read
from workspace import LOST, ROOT, git, write

RECORD = {
    "path": "train.py",
    **{"line": 4, "column": 1, "end_line": 4, "end_column": 10},
    **{"code": "TCL505", "name": "discarded-copy", "message": "`x.clone()` is dropped", "confidence": "high"},
    "steps": [{"path": "train.py", "line": 3, "column": 1, "end_line": 3, "end_column": 2, "text": "made here"}],
    **{"fix": None, "fingerprint": "f0"},
}
FOUND = read(RECORD)


def kinds(before: list[Found], after: list[Found]) -> list[tuple[Kind, ...]]:
    """What differs, difference by difference."""
    return [one.kinds for one in compare(before, after)]


def test_what_is_the_same_is_no_difference() -> None:
    other = replace(FOUND, line=9)
    assert compare([FOUND, other, FOUND], [other, FOUND, FOUND]) == []


def test_what_came_and_what_went() -> None:
    moved = replace(FOUND, line=5)
    assert compare([FOUND], [moved]) == [
        Difference((Kind.REMOVED,), FOUND, None),
        Difference((Kind.ADDED,), None, moved),
    ]
    assert kinds([FOUND], [replace(FOUND, rule="TCL102")]) == [(Kind.ADDED,), (Kind.REMOVED,)]
    assert kinds([FOUND], [FOUND, FOUND]) == [(Kind.ADDED,)]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"confidence": "low"}, Kind.CONFIDENCE),
        ({"end": (5, 1)}, Kind.EXTENT),
        ({"steps": (("other.py", 3, 1),)}, Kind.STEPS),
        ({"fix": "{'edits': []}"}, Kind.FIX),
        ({"fingerprint": "f1"}, Kind.FINGERPRINT),
        ({"message": "the copy is dropped"}, Kind.WORDING),
        ({"phrases": ("created here",)}, Kind.WORDING),
    ],
)
def test_what_differs_at_the_same_place(change: dict[str, object], kind: Kind) -> None:
    (difference,) = compare([FOUND], [replace(FOUND, **change)])  # type: ignore[arg-type]
    assert difference.kinds == (kind,)
    assert difference.only_worded == (kind is Kind.WORDING)


def test_findings_of_one_place_are_paired_with_those_most_like_them() -> None:
    low, worded = replace(FOUND, confidence="low"), replace(FOUND, message="the copy is dropped")
    assert kinds([FOUND, low], [replace(low, message="so"), FOUND]) == [(Kind.WORDING,)]
    assert kinds([low, FOUND], [worded]) == [(Kind.WORDING,), (Kind.REMOVED,)]


def test_wording_is_counted_where_nothing_else_differs() -> None:
    both = replace(FOUND, confidence="low", message="the copy is dropped")
    count = counted([*compare([FOUND], [both]), *compare([FOUND], [replace(FOUND, message="so")])])
    assert (count[Kind.CONFIDENCE], count[Kind.WORDING]) == (1, 1)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A repository of the program, committed, with one small package as its only source, at hand in the cache."""
    root = tmp_path / "repository"
    for part in ("torchcopylint", "rules", "tests/ecosystem"):
        (root / part).parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-R", str(ROOT / part), str(root / part)], check=True)
    (root / ".gitignore").write_text("__pycache__/\n")
    for name, text in (("packages", '[packages]\nsmall = "1.0"\n'), ("sources", "[packages]\n")):
        (root / "tests" / "ecosystem" / f"{name}.toml").write_text(text)
    (tmp_path / "cache" / "small-1.0").mkdir(parents=True)
    write(tmp_path / "cache" / "small-1.0", lost=LOST)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "state")
    return root


def test_the_command(copied: Path) -> None:
    def diff(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "tests/ecosystem/diff", "main", ".", "--cache", str(copied.parent / "cache")]
        environment = {**os.environ, "PYTHONPATH": ""}
        return subprocess.run([*command, *arguments], cwd=copied, env=environment, capture_output=True, text=True)

    card = copied / "rules" / "TCL505-discarded-copy.md"
    text = card.read_text(encoding="utf-8")
    card.write_text(text.replace('message = "', 'message = "Look: ', 1), encoding="utf-8")
    worded = diff()
    assert worded.stdout.splitlines()[-1] == "differences: 1 only in wording (--wording shows those in wording)"
    assert worded.returncode == 0
    again = diff("--wording")
    assert again.stderr.count("1 (kept)") == 2 and again.returncode == 1

    check = copied / "torchcopylint" / "checks" / "discarded_copy.py"
    check.write_text(
        check.read_text(encoding="utf-8").replace("    return Judgement(", "    return None and Judgement(")
    )
    gone = diff("--output-format", "json")
    (difference,) = json.loads(gone.stdout)["differences"]
    assert gone.returncode == 1
    assert (difference["kinds"], difference["package"], difference["path"]) == (["removed"], "small==1.0", "lost.py")
    assert (difference["code"], difference["line"], difference["source_line"]) == ("TCL505", 4, "x.clone()")
