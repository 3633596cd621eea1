"""How many findings are confirmed in a minute, after torch's import: `python tests/bench_confirm.py [count] [jobs]`.

The findings are those of the rules' own examples and of tests/cases, as often as it takes.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from itertools import cycle, islice
from pathlib import Path

from torchcopylint.config import Settings
from torchcopylint.confirm.question import questions
from torchcopylint.confirm.session import Session
from torchcopylint.files.source import Source
from torchcopylint.run import lint

sys.path.insert(0, str(Path(__file__).parent / "support"))
from blocks import blocks

ROOT = Path(__file__).parents[1]


def main(count: int = 200, jobs: int = 2) -> None:
    """Print the rate, and the verdicts."""
    pages = [*sorted((ROOT / "rules").glob("TCL[1-6]*.md")), *sorted((ROOT / "tests" / "cases").glob("*.md"))]
    texts = [block.text for page in pages for block in blocks(page) if block.language == "python"]
    begun = time.perf_counter()
    outcomes = [lint(Source("a.py", text), Settings(asks=True)) for text in texts]
    asked = [questions(finding) for outcome in outcomes for finding in outcome.findings if finding.trial]
    print(f"{len(asked)} findings cut out in {time.perf_counter() - begun:.1f} seconds")
    with Session(sys.executable, 10, jobs) as session:
        session.together(asked[:jobs], [""] * jobs)
        begun = time.perf_counter()
        chosen = list(islice(cycle(asked), count))
        answers = session.together(chosen, [""] * count)
        seconds = time.perf_counter() - begun
    print(f"{count} findings in {seconds:.1f} seconds on {jobs} processes: {count / seconds:.1f} a second")
    for outcome, number in Counter(answer["outcome"] for answer in answers).most_common():
        print(f"{number:>7} {outcome}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
