"""Do the tests notice a changed decision? Makes small changes of the program, and tells which no test noticed.

    python tests/mutate.py domain --sample 150 --seed 1
    python tests/mutate.py interpret/events/copy.py

Not part of a run of the tests: all changes of a room take an hour, a sample of 150 some minutes. Each change is made in
a process forked from the collected tests, which runs those that reach the changed lines, until one fails. A change that
cannot make a difference is listed in equivalents.toml, with the reason.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path

TESTS = Path(__file__).parent
sys.path[:0] = [str(TESTS.parent), str(TESTS), str(TESTS / "support")]

import pytest  # noqa: E402
from hypothesis import Phase  # noqa: E402
from hypothesis import settings as hypothesis_settings  # noqa: E402
from killing import Killing  # noqa: E402
from mutants import Mutant, texts  # noqa: E402
from remembering import read_once  # noqa: E402

KILLERS = (
    "engine/test_lattice.py",
    "engine/test_regions.py",
    "engine/test_finding.py",
    "engine/test_golden.py",
    "engine/test_across.py::test_project",
    "rules/test_cases.py",
    "rules/test_cards.py",
    "rules/test_told.py",
)
"""The tests that are asked: those that drive the analysis in this process, and do not run torch."""
EQUIVALENTS = TESTS / "equivalents.toml"
LEAST, MOST_EQUIVALENT = 85, 5
"""So many of a hundred changes must be noticed at least, and may be called equivalent at most."""

Key = tuple[str, str, str, str]


def main() -> int:
    """Makes the changes asked for; 1 where too few are noticed, 2 where the tests fail as they are."""
    asked = _parser().parse_args()
    mutants = [mutant for text in texts(asked.part) for mutant in text.mutants()]
    mutants = [mutant for mutant in mutants if not asked.function or mutant.function in asked.function]
    total = len(mutants)
    if asked.sample and asked.sample < total:
        mutants = random.Random(asked.seed).sample(mutants, asked.sample)
    if asked.list:
        print(*mutants, f"{total} changes", sep="\n")
        return 0
    results = dict[Mutant, str | None]()
    killing = _killed(sorted(mutants, key=lambda m: (m.file.path, m.number)), results)
    if killing.broken:
        print("these tests fail as the program is:", *killing.broken, sep="\n")
        return 2
    return _told(results, total)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="+", help="files or directories of torchcopylint/, as `domain`")
    parser.add_argument("--sample", type=int, default=0, help="so many changes, chosen by chance (0: all of them)")
    parser.add_argument("--seed", type=int, default=0, help="what chance begins with")
    parser.add_argument("--function", action="append", help="only changes of this function, or of these")
    parser.add_argument("--list", action="store_true", help="list the changes, make none")
    return parser


def _killed(mutants: Sequence[Mutant], results: dict[Mutant, str | None]) -> Killing:
    profile = {"derandomize": True, "database": None, "deadline": None, "phases": (Phase.explicit, Phase.generate)}
    hypothesis_settings.register_profile("mutate", **profile)
    hypothesis_settings.load_profile("mutate")
    start = time.monotonic()

    def tell(mutant: Mutant, by: str | None) -> None:
        results[mutant] = by
        done = f"{len(results)}/{len(mutants)} {time.monotonic() - start:.0f} s"
        if by is None:
            print(f"not noticed ({done}): {mutant}", flush=True)
        elif len(results) % 25 == 0:
            print(done, flush=True)

    read_once()
    killing = Killing(mutants, tell)
    options = ["-q", "-s", "--tb=no", "--assert=plain", "-p", "no:cacheprovider", "-k", "not proof"]
    pytest.main([*options, *(str(TESTS / name) for name in KILLERS)], plugins=[killing])
    return killing


def _told(results: dict[Mutant, str | None], total: int) -> int:
    known = _equivalents()
    survived = [mutant for mutant, by in results.items() if by is None]
    equal = [mutant for mutant in survived if _key(mutant) in known]
    wrong = [mutant for mutant, by in results.items() if by and _key(mutant) in known]
    real = len(results) - len(equal)
    noticed = len(results) - len(survived)
    counts = f"{noticed} noticed, {len(survived) - len(equal)} not, {len(equal)} equivalent"
    print(f"{len(results)} of {total} changes: {counts}")
    print(f"{100 * noticed / max(real, 1):.1f} in 100 of those that make a difference are noticed", end=", ")
    print(f"{100 * len(equal) / max(len(results), 1):.1f} in 100 are called equivalent")
    for mutant in wrong:
        print(f"called equivalent, but noticed by {results[mutant]}: {mutant}")
    return int(100 * noticed < LEAST * real or 100 * len(equal) > MOST_EQUIVALENT * len(results) or bool(wrong))


def _equivalents() -> dict[Key, str]:
    """Changes that make no difference, and why."""
    entries = tomllib.loads(EQUIVALENTS.read_text(encoding="utf-8")).get("equivalent", ())
    return {(e["file"], e["function"], e["before"], e["after"]): e["reason"] for e in entries}


def _key(mutant: Mutant) -> Key:
    return (mutant.file.path, mutant.function, *mutant.difference)


if __name__ == "__main__":
    sys.exit(main())
