"""rules/COPYING.md: its table is what the model and torch say, its claims are executed, and the program prints it."""

from __future__ import annotations

import warnings

import pytest

pytest.importorskip("torch")
from blocks import blocks
from copying import HEADER, WAYS, Way, cells, executed, foretold, measured
from documents import in_sync
from workspace import ROOT, Run

PAGE = ROOT / "rules" / "COPYING.md"
BANDS = {
    "none": (0, 0.7),
    "1x or more": (0.3, float("inf")),
    "1x": (0.3, 10),
    "about 10x": (2, float("inf")),
    "over 1000x": (100, float("inf")),
}
"""What a cost in words may be as a multiple of a clone of a million numbers; wide, for machines differ and are busy."""
every_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.words)


@pytest.fixture(autouse=True)
def quiet() -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def test_the_table_of_ways(update: bool) -> None:
    rows = [f"| {' | '.join(HEADER)} |", "|---" * len(HEADER) + "|"]
    for way in WAYS:
        row = cells(way)
        rows.append(f"| {' | '.join([row['way'], *(row[title] for title in HEADER[1:])])} |")
    in_sync(PAGE, "ways", "\n".join(rows), update)


@every_way
def test_torch_does_what_the_model_says(way: Way) -> None:
    assert foretold(way).items() <= executed(way).items()


def test_the_model_knows_most_of_the_ways() -> None:
    assert sum(bool(foretold(way)) for way in WAYS) >= 14


@every_way
def test_it_costs_about_what_is_said(way: Way) -> None:
    elements, least = way.slow
    assert executed(way)["new memory"] == "yes" or way.cost == "none"
    low, high = next(band for words, band in BANDS.items() if way.cost.startswith(words))
    assert any(low <= measured(way, 1_000_000) <= high for _ in range(3))
    if elements:
        assert any(measured(way, elements) > least for _ in range(3))


def test_the_claims_beside_the_table_are_true() -> None:
    pythons = [block for block in blocks(PAGE) if block.language == "python"]
    assert pythons
    for block in pythons:
        exec(compile("\n" * (block.line - 1) + block.text, PAGE, "exec"), {"__name__": "page"})


def test_the_program_prints_the_page_and_lists_it_last(torchcopylint: Run) -> None:
    for name in ("copying", "COPYING"):
        assert torchcopylint("rule", name).stdout == PAGE.read_text(encoding="utf-8")
    last = torchcopylint("rule").stdout.splitlines()[-1]
    assert last.startswith("copying ")
    assert "What makes a copy in PyTorch" in last


def test_a_name_that_is_almost_the_page_is_helped(torchcopylint: Run) -> None:
    assert "did you mean 'copying'?" in torchcopylint("rule", "copyng").stderr
