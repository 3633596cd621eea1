"""Programs before and after fixing, executed: `python tests/run_fixed.py PLACE... [--unsafe] [--verbose]`.

A place is a folder, a Markdown file (each block of Python is a file; under *Known* it is left out; those in a folder
count as well), or a `.jsonl` whose records have their text under `code`. Of every file that `--fix` changes, all
functions and classes are called with stand-ins, before and after, and a file that is a program is run as one. No fix
may bring an exception, nor take a gradient away that it was not made to cut. What a fix only makes cheaper changes
nothing at all; what it puts right may come out otherwise. Fixing again changes nothing more, and no copy is asked for
twice. The exit code is 1 where a fix fails.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SUPPORT = ROOT / "tests" / "support"
sys.path[:0] = [str(ROOT), str(SUPPORT)]

from blocks import blocks, unmarked  # noqa: E402

ONLY_CHEAPER = frozenset({"TCL102", "TCL103", "TCL109", "TCL205"})
"""Rules whose fixes change nothing but the cost."""
CUTTING = frozenset({"TCL104", "TCL107", "TCL201", "TCL202", "TCL203", "TCL206", "TCL604"})
"""Rules whose fixes are made to cut a value from the graph."""
SILENCING = frozenset({"TCL201", "TCL204"})
"""Rules whose fixes are made to keep gradients from something."""
TWICE = re.compile(r"\.(detach|clone|copy)\(\)(\.detach\(\))?\.\1\(\)|deepcopy\((copy\.)?deepcopy\(")


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
    parser.add_argument("places", nargs="+", type=Path)
    parser.add_argument("--unsafe", action="store_true", help="make the unsafe fixes as well: they may change results")
    parser.add_argument("--verbose", action="store_true", help="name the files that were compared")
    given = parser.parse_args()
    failed = 0
    for place in given.places:
        compared, complaints = check(place, given.unsafe)
        if given.verbose:
            print(*(f"compared: {path} ({calls} calls)" for path, calls in compared.items()), sep="\n")
        print(*complaints, sep="\n", end="\n" if complaints else "")
        calls = sum(compared.values())
        print(f"{place}: {len(compared)} files fixed, {calls} calls compared, {len(complaints)} complaints", flush=True)
        failed += len(complaints)
    return 1 if failed else 0


def check(place: Path, unsafe: bool = False) -> tuple[dict[Path, int], list[Complaint]]:
    """The files of a place that are fixed, with how many calls in each were compared; and what speaks against it."""
    with tempfile.TemporaryDirectory() as scratch:
        before, after = Path(scratch, "before"), Path(scratch, "after")
        lay_out(place, before)
        shutil.copytree(before, after, symlinks=True)
        codes = fix(after, unsafe)
        paths = sorted(p.relative_to(after) for p in after.rglob("*.py"))
        changed = [path for path in paths if (before / path).read_bytes() != (after / path).read_bytes()]
        complaints = [told for path in changed for told in _written(path, before, after)]
        once = {path: (after / path).read_bytes() for path in changed}
        _lint(after, "--fix", *_level(unsafe))
        complaints += [Complaint(p, "fixing again", "changes it again") for p in changed if not _is(after / p, once[p])]
        for path, text in once.items():
            (after / path).write_bytes(text)
        results = _called([(root / path, root) for path in changed for root in (before, after)])
        compared = {path: len(old) for path, old in zip(changed, results[::2], strict=True)}
        for path, old, new in zip(changed, results[::2], results[1::2], strict=True):
            complaints += _compare_calls(path, old, new, codes.get(str(path), frozenset()))
        return compared, complaints


def _is(path: Path, text: bytes) -> bool:
    return path.read_bytes() == text


def lay_out(place: Path, folder: Path) -> None:
    """The programs of a place as the files of a folder."""
    if place.is_dir():
        shutil.copytree(place, folder, symlinks=True, copy_function=shutil.copyfile)
        for made in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
            made.chmod(0o755)
        for page in sorted(place.rglob("*.md")):
            lay_out(page, folder / f"{page.stem}_md")
        return
    folder.mkdir()
    if place.suffix == ".md":
        for block in blocks(place):
            if block.language == "python" and not any(title.startswith("Known") for title in block.headings):
                (folder / f"b{block.line}.py").write_text(unmarked(block.text), encoding="utf-8")
    else:
        for number, line in enumerate(place.read_text(encoding="utf-8").splitlines()):
            (folder / f"p{number}.py").write_text(json.loads(line)["code"], encoding="utf-8")


def fix(folder: Path, unsafe: bool) -> dict[str, frozenset[str]]:
    """Make the fixes in a folder; the codes of those that each file is offered."""
    codes: dict[str, set[str]] = {}
    allowed = ("safe", "unsafe") if unsafe else ("safe",)
    for record in json.loads(_lint(folder, "--output-format", "json", "--exit-zero")):
        if record["fix"] and record["fix"]["applicability"] in allowed:
            codes.setdefault(os.path.normpath(record["path"]), set()).add(record["code"])
    _lint(folder, "--fix", *_level(unsafe))
    return {path: frozenset(found) for path, found in codes.items()}


def _level(unsafe: bool) -> list[str]:
    return ["--unsafe-fixes"] if unsafe else []


def _lint(folder: Path, *options: str) -> str:
    every = ["--extend-select", "TCL", "--confidence", "low"]
    command = [sys.executable, "-m", "torchcopylint", "--no-cache", "-j", "1", *every, *options, "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=_environment(), check=False)
    if done.returncode > 1:
        raise SystemExit(f"{' '.join(command)}: {done.stderr[:2000]}")
    return done.stdout


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}


def _written(path: Path, before: Path, after: Path) -> Iterator[Complaint]:
    """What can be seen in the text alone: a copy, or a cut, that is asked for twice."""
    old, new = ((root / path).read_text(encoding="utf-8", errors="replace") for root in (before, after))
    for line in set(new.splitlines()) - set(old.splitlines()):
        if TWICE.search(line):
            yield Complaint(path, "the text", f"says it twice: {line.strip()}")


def _called(files: list[tuple[Path, Path]]) -> list[dict[str, object]]:
    """What came of calling everything in each file below its root."""
    asked = "".join(f"{json.dumps([str(path), str(root)])}\n" for path, root in files)
    command = [sys.executable, str(SUPPORT / "called.py")]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, env=_environment(), check=False)
    answers = done.stdout.splitlines()
    if done.returncode or len(answers) != len(files):
        raise SystemExit(f"cannot call: {done.stderr}")
    return [json.loads(answer) if answer else {} for answer in answers]


def _compare_calls(
    path: Path, old: dict[str, object], new: dict[str, object], codes: frozenset[str]
) -> list[Complaint]:
    found: list[Complaint] = []
    for call, was in old.items():
        now = new.get(call, {"raised": "something else than it was"})
        if _raised(was):
            continue
        if _raised(now):
            found.append(Complaint(path, call, f"raises {_raised(now)} now"))
        elif codes <= ONLY_CHEAPER and was != now:
            found.append(Complaint(path, call, f"gives {_short(now)} where it gave {_short(was)}"))
        else:
            found += [Complaint(path, call, what) for what in _lost(was, now, codes)]
    return found


def _lost(was: object, now: object, codes: frozenset[str]) -> Iterator[str]:
    """What is no longer part of the graph, and where a gradient is missing."""
    before, after = _graph(was), _graph(now)
    if after[0] < before[0] and not codes & CUTTING:
        yield f"{before[0] - after[0]} of {before[0]} results no longer hang on the graph"
    if after[1] < before[1] and not codes & SILENCING:
        yield f"{before[1] - after[1]} of {before[1]} gradients are missing"


def _graph(outcome: object) -> tuple[int, int]:
    hanging, gradients = outcome.get("graph", (0, 0)) if isinstance(outcome, dict) else (0, 0)
    return hanging, gradients


def _raised(outcome: object) -> str:
    return str(outcome["raised"]) if isinstance(outcome, dict) and "raised" in outcome else ""


def _short(outcome: object) -> str:
    text = json.dumps(outcome)
    return text if len(text) < 160 else f"{text[:156]} ..."


if __name__ == "__main__":
    raise SystemExit(main())
