"""Whether `--confirm` can say no, measured: `python tests/claims.py FOLDER... [--verbose] [--rule CODE] [--jobs N]`.

A folder holds Python files with marks at the ends of lines: `# bad: TCL301|TCL309 @also 42` is a bug that these rules
are right about, here or on line 42; `# good: TCL102` is code that looks like one and is right. Each rule of each mark
is claimed to be right, and torch is asked (`torchcopylint debug claim`): bugs should be confirmed, right code should be
refuted. Printed are the verdicts by mark and by rule, and the causes of what stays open.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1])]

from torchcopylint.confirm.claim import Asked, Claim, answers, put  # noqa: E402
from torchcopylint.confirm.session import Session  # noqa: E402
from torchcopylint.files.source import read  # noqa: E402
from torchcopylint.parse.concrete import parse  # noqa: E402

MARK = re.compile(r"#\s*(bad|good):\s*(TCL\d+(?:\|TCL\d+)*)(?:\s*@also\s*(\d+(?:\s*,\s*\d+)*))?")
OUTCOMES = ("confirmed", "refuted", "inconclusive")


@dataclass(frozen=True)
class Mark:
    """What a mark says of one rule: `bad` or `good`; a claim for each line that it names, its own first."""

    path: str
    line: int
    word: str
    code: str
    claims: tuple[Claim, ...]

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.word} {self.code}"


def main() -> int:
    """Read the marks, ask torch, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("places", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--verbose", action="store_true", help="print the verdict on each mark")
    parser.add_argument("--rule", action="append", default=[], metavar="CODE", help="only marks of this rule")
    parser.add_argument("--python", default=sys.executable, metavar="PATH", help="the interpreter that has torch")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="how many workers run programs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write questions and answers to a file")
    given = parser.parse_args()
    marks = [m for path in files(given.places) for m in marks_of(path)]
    marks = [m for m in marks if not given.rule or m.code in given.rule]
    asked = questions(marks)
    claims = list(asked)
    with Session(given.python, jobs=given.jobs) as session:
        said = dict(zip(claims, answers(session, list(asked.values())), strict=True))
    verdicts = {mark: verdict(mark, said) for mark in marks}
    if given.verbose:
        for mark, (claim, answer) in verdicts.items():
            print(f"{mark}: {asked[claim].basis.name.lower()}: {answer['outcome']}: {answer['reason']}")
    if given.json:
        given.json.write_text(json.dumps([record(m, asked[c], a) for m, (c, a) in verdicts.items()], indent=1))
    tell(verdicts)
    return 0


def files(places: Sequence[Path]) -> Iterator[Path]:
    """The Python files of folders, and files as they are."""
    for place in places:
        yield from sorted(place.rglob("*.py")) if place.is_dir() else [place]


def marks_of(path: Path) -> Iterator[Mark]:
    """The marks of a file."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if match := MARK.search(line):
            lines = [number, *(int(n) for n in (match[3] or "").split(",") if n)]
            for code in match[2].split("|"):
                claims = tuple(Claim.read(f"{path}:{n}:{code}") for n in lines)
                yield Mark(str(path), number, match[1], code, claims)


def questions(marks: Sequence[Mark]) -> dict[Claim, Asked]:
    """What torch is asked about each claim; each file is analysed once."""
    by_path: dict[str, list[Claim]] = defaultdict(list)
    for mark in marks:
        by_path[mark.path] += mark.claims
    found: dict[Claim, Asked] = {}
    for path, claims in by_path.items():
        source = read(path)
        found.update((one.claim, one) for one in put(source, parse(source), list(dict.fromkeys(claims))))
    return found


def verdict(mark: Mark, said: dict[Claim, dict[str, Any]]) -> tuple[Claim, dict[str, Any]]:
    """The answer that counts for a mark, and the claim that got it: of several lines one must be right."""
    first = mark.claims[0]
    confirmed = next((c for c in mark.claims if said[c]["outcome"] == "confirmed"), None)
    open_ = next((c for c in mark.claims if said[c]["outcome"] == "inconclusive"), first)
    chosen = confirmed or open_
    return chosen, said[chosen]


def record(mark: Mark, asked: Asked, answer: dict[str, Any]) -> dict[str, Any]:
    """A mark as plain data, with the question and the answer."""
    basis = asked.basis.name.lower()
    plain = {"path": mark.path, "line": mark.line, "mark": mark.word, "code": mark.code, "basis": basis}
    return {**plain, "question": asked.question, "line question": asked.line, "answer": answer}


def cause(answer: dict[str, Any]) -> str:
    """Why an answer is open, in words that do not name what it is about."""
    words = re.sub(r"`[^`]*`|'[^']*'", "...", answer["reason"])
    return re.sub(r"\d+", "n", words)[:90]


def tell(verdicts: dict[Mark, tuple[Claim, dict[str, Any]]]) -> None:
    """Print the counts: by mark, by rule, by cause."""
    for word in ("good", "bad"):
        mine = {mark: answer for mark, (_, answer) in verdicts.items() if mark.word == word}
        counts = Counter(answer["outcome"] for answer in mine.values())
        print(f"{word}: {len(mine)} claims: " + ", ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES))
        by_rule = Counter((mark.code, answer["outcome"]) for mark, answer in mine.items())
        for code in sorted({code for code, _ in by_rule}):
            print(f"    {code}: " + ", ".join(f"{by_rule[code, o]} {o}" for o in OUTCOMES if by_rule[code, o]))
        causes = Counter(cause(answer) for answer in mine.values() if answer["outcome"] == "inconclusive")
        for words, number in causes.most_common():
            print(f"    {number} open: {words}")


if __name__ == "__main__":
    sys.exit(main())
