"""The examples under cases/: each block is reported exactly on its marked lines; what is known to fail still fails.

Under a heading that ends with "at --confidence low" also what is too unsure to be shown by default is reported.

Those under cases/quiet/ are programs that are right: no rule may report anything in them, not even those that are off.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from blocks import Block, blocks, code_of, expected, reported
from workspace import TESTS

from torchcopylint import cards
from torchcopylint.domain.finding import Confidence

CASES = TESTS / "cases"
EVERY = tuple(rule.code for rule in cards.rules() if not rule.code.startswith("TCL9"))
KNOWN = ("Known miss", "Known false alarm")
LOW = "at --confidence low"
"""What headings end with under which all findings are shown; by default nothing is reported there."""

_ALL = [(path, block) for path in sorted(CASES.glob("*.md")) for block in blocks(path) if block.language == "python"]


def known(block: Block) -> bool:
    """Whether the block stands under a heading of what the program is known to get wrong."""
    return any(heading.startswith(KNOWN) for heading in block.headings)


def least(block: Block) -> Confidence | None:
    """The least confidence of the findings that are shown of a block, where that is not for the cards to say."""
    return Confidence.LOW if any(heading.endswith(LOW) for heading in block.headings) else None


def cases(every: list[tuple[Path, Block]], wrong: bool) -> pytest.MarkDecorator:
    """Those of the blocks that the program is, or is not, known to get wrong."""
    chosen = [
        pytest.param(path, block, id=f"{path.stem}:{block.line} {block.headings[-1]}")
        for path, block in every
        if known(block) == wrong
    ]
    return pytest.mark.parametrize(("path", "block"), chosen)


@cases(_ALL, wrong=False)
def test_case(path: Path, block: Block) -> None:
    code, low = code_of(path.stem), least(block)
    assert reported(path, block.text, code, confidence=low) == expected(block.text), f"{path}:{block.line}"
    assert low is None or reported(path, block.text, code) == [], f"{path}:{block.line}: this is shown by default"


def test_some_cases_show_what_is_not_shown_by_default() -> None:
    assert sum(least(block) is not None and bool(expected(block.text)) for _, block in _ALL) >= 20


@cases(_ALL, wrong=True)
def test_known_to_be_wrong(path: Path, block: Block) -> None:
    works = reported(path, block.text, code_of(path.stem)) == expected(block.text)
    assert not works, f"{path}:{block.line}: this works now: move it out of {block.headings[1]!r}"


_QUIET = [(path, block) for path in sorted((CASES / "quiet").glob("*.md")) for block in blocks(path)]
_LEAST = 150
"""So many programs at least are linted with every rule and must report nothing."""


@cases(_QUIET, wrong=False)
def test_every_rule_is_silent(path: Path, block: Block) -> None:
    assert reported(path, block.text, *EVERY) == [], f"{path}:{block.line}"


@cases(_QUIET, wrong=True)
def test_known_false_alarm(path: Path, block: Block) -> None:
    assert reported(path, block.text, *EVERY), f"{path}:{block.line}: this is silent now: move it up"


def test_there_are_many_quiet_programs_and_each_is_one() -> None:
    assert len(_QUIET) >= _LEAST
    assert len({block.text for _, block in _QUIET}) == len(_QUIET)
    for path, block in _QUIET:
        compile(block.text, f"{path}:{block.line}", "exec")


def test_every_file_of_cases_belongs_to_a_rule() -> None:
    for path in CASES.glob("*.md"):
        assert code_of(path.stem)
        assert path.read_text(encoding="utf-8").startswith(f"# {path.stem}\n")
