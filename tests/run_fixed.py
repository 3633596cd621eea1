"""Programs before and after the safe fixes, executed: `python tests/run_fixed.py FOLDER... [--unsafe] [--verbose]`.

Of every file that `--fix` changes, all functions and classes are called with stand-ins, before and after, and a file
that is a program is run as one. No fix may bring an exception. What a fix only makes cheaper changes nothing at all;
what it puts right may come out otherwise. The exit code is 1 where a fix fails.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
CALLED = ROOT / "tests" / "support" / "called.py"
ALSO = "TCL109,TCL205"
"""Rules with safe fixes that are off by default."""
ONLY_CHEAPER = frozenset({"TCL102", "TCL103", "TCL109", "TCL205"})
"""Rules whose fixes change nothing but the cost."""


@dataclass(frozen=True)
class Complaint:
    """What a fix did that it may not: in which file, in which call, in words."""

    path: Path
    call: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}: {self.call}: {self.what}"


def main() -> int:
    """Fix, run, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--unsafe", action="store_true", help="make the unsafe fixes as well: they may change results")
    parser.add_argument("--verbose", action="store_true", help="name the files that were compared")
    given = parser.parse_args()
    failed = 0
    for folder in given.folders:
        compared, complaints = check(folder, given.unsafe)
        if given.verbose:
            print(*(f"compared: {path} ({calls} calls)" for path, calls in compared.items()), sep="\n")
        print(*complaints, sep="\n", end="\n" if complaints else "")
        calls = sum(compared.values())
        print(f"{folder}: {len(compared)} files fixed, {calls} calls compared, {len(complaints)} complaints")
        failed += len(complaints)
    return 1 if failed else 0


def check(folder: Path, unsafe: bool = False) -> tuple[dict[Path, int], list[Complaint]]:
    """The files of a folder that are fixed, with how many calls in each were compared; and what speaks against it."""
    with tempfile.TemporaryDirectory() as scratch:
        before, after = Path(scratch, "before"), Path(scratch, "after")
        shutil.copytree(folder, before, symlinks=True)
        shutil.copytree(folder, after, symlinks=True)
        codes = fix(after, unsafe)
        compared: dict[Path, int] = {}
        complaints: list[Complaint] = []
        for path in sorted(p.relative_to(after) for p in after.rglob("*.py")):
            if (before / path).read_bytes() != (after / path).read_bytes():
                calls, found = compare(path, before, after, codes.get(str(path), frozenset()))
                compared[path] = calls
                complaints += found
        return compared, complaints


def fix(folder: Path, unsafe: bool) -> dict[str, frozenset[str]]:
    """Make the fixes in a folder; the codes of what was found in each file and is gone."""
    found = _findings(folder)
    more = ["--unsafe-fixes"] if unsafe else []
    _lint(folder, "--fix", *more)
    left = _findings(folder)
    return {path: frozenset(codes) - frozenset(left.get(path, ())) or frozenset(codes) for path, codes in found.items()}


def _findings(folder: Path) -> dict[str, list[str]]:
    codes: dict[str, list[str]] = {}
    for record in json.loads(_lint(folder, "--output-format", "json", "--exit-zero")):
        if record["fix"] and record["fix"]["applicability"] == "safe":
            codes.setdefault(os.path.normpath(record["path"]), []).append(record["code"])
    return codes


def _lint(folder: Path, *options: str) -> str:
    command = [sys.executable, "-m", "torchcopylint", "--no-cache", "-j", "1", "--extend-select", ALSO, *options, "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=_environment(), check=False)
    if done.returncode > 1:
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}


def compare(path: Path, before: Path, after: Path, codes: frozenset[str]) -> tuple[int, list[Complaint]]:
    """How many calls of a file were compared, and what came out worse."""
    old, new = _called(path, before), _called(path, after)
    found = list(_compare_calls(path, old, new, codes <= ONLY_CHEAPER))
    if "__main__" in (before / path).read_text(encoding="utf-8", errors="replace"):
        was, now = _run(path, before), _run(path, after)
        if now[0] and not was[0]:
            found.append(Complaint(path, "the program", f"fails now: {now[1]}"))
    return len(old), found


def _compare_calls(path: Path, old: dict[str, object], new: dict[str, object], same: bool) -> Iterator[Complaint]:
    for call, was in old.items():
        now = new.get(call)
        if _raised(now) and not _raised(was):
            yield Complaint(path, call, f"raises {_raised(now)} now")
        elif same and was != now:
            yield Complaint(path, call, f"gives {_short(now)} where it gave {_short(was)}")


def _raised(outcome: object) -> str:
    return str(outcome["raised"]) if isinstance(outcome, dict) and "raised" in outcome else ""


def _short(outcome: object) -> str:
    text = json.dumps(outcome)
    return text if len(text) < 160 else f"{text[:156]} ..."


def _called(path: Path, root: Path) -> dict[str, object]:
    command = [sys.executable, str(CALLED), str(root / path), str(root)]
    done = subprocess.run(
        command, cwd=root, capture_output=True, text=True, env=_environment(), timeout=600, check=False
    )
    if done.returncode or not done.stdout:
        raise SystemExit(f"{root / path}: cannot be called: {done.stderr.strip().rpartition(chr(10))[2]}")
    found: dict[str, object] = json.loads(done.stdout)
    return found


def _run(path: Path, root: Path) -> tuple[int, str]:
    command = [sys.executable, "-W", "ignore", str(root / path)]
    done = subprocess.run(
        command, cwd=root, capture_output=True, text=True, env=_environment(), timeout=600, check=False
    )
    return done.returncode, done.stderr.strip().rpartition("\n")[2]


def _python(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    options = {"cwd": root, "capture_output": True, "text": True, "env": _environment(), "timeout": 600}
    return subprocess.run([sys.executable, *arguments], check=False, **options)  # type: ignore[call-overload]


if __name__ == "__main__":
    raise SystemExit(main())
