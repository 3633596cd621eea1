"""What torch says of every finding in tests/cases: `python tests/support/verdicts.py [processes]`.

Prints the verdicts by rule, and fails where another finding is refuted than tests/refuted.toml lists, or one of those
is not any more.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from blocks import blocks

from torchcopylint.config import Settings
from torchcopylint.confirm.question import Questions, questions
from torchcopylint.confirm.session import Session
from torchcopylint.files.source import Source
from torchcopylint.run import lint

HERE = Path(__file__).parents[1]


class Place(NamedTuple):
    """Where a finding of the cases is: the page, the heading above its block, the rule."""

    page: str
    heading: str
    code: str


def pages() -> list[Path]:
    """The pages of cases, in order."""
    return sorted((HERE / "cases").glob("*.md"))


def asked(of: list[Path]) -> list[tuple[Place, Questions]]:
    """Every finding in the pages, with the questions to torch about it, in order."""
    found = []
    for page in of:
        for block in blocks(page):
            if block.language == "python":
                outcome = lint(Source("a.py", block.text), Settings(asks=True))
                places = [Place(page.stem, block.headings[-1], finding.code) for finding in outcome.findings]
                asked = zip(places, outcome.findings, strict=True)
                found += [(place, questions(finding)) for place, finding in asked if finding.trial]
    return found


def listed() -> set[Place]:
    """The findings that tests/refuted.toml lists."""
    rows = tomllib.loads((HERE / "refuted.toml").read_text(encoding="utf-8"))["refuted"]
    return {Place(row["page"], row["heading"], row["code"]) for row in rows}


def main(jobs: int = 2) -> int:
    """Print the verdicts; 1 where the list of what is refuted is not right."""
    found = asked(pages())
    with Session(sys.executable, 10, jobs) as session:
        answers = session.together([questions for _, questions in found], [""] * len(found))
    table = Counter((place.code, answer["outcome"]) for (place, _), answer in zip(found, answers, strict=True))
    for code in sorted({code for code, _ in table}):
        print(code, *(f"{table[code, outcome]:>4} {outcome}" for outcome in ("confirmed", "inconclusive", "refuted")))
    for outcome, number in Counter(answer["outcome"] for answer in answers).most_common():
        print(f"{number:>6} {outcome}")
    refuted = {place for (place, _), answer in zip(found, answers, strict=True) if answer["outcome"] == "refuted"}
    for words, places in (("not listed", refuted - listed()), ("refuted no more", listed() - refuted)):
        for place in sorted(places):
            print(f"{words}: {place.page}: {place.heading}: {place.code}")
    return int(refuted != listed())


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))
