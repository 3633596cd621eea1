"""What a finding is in a notebook, how a verdict is said, and in which words a path."""

from __future__ import annotations

from dataclasses import replace

import pytest

from torchcopylint.domain.finding import Finding, InCell, Note, Ruling, Span, Verdict
from torchcopylint.domain.sharing import Sharing
from torchcopylint.interpret.events import phrases

WHERE = Span(12, 1, 12, 9)
FOUND = Finding(
    "a.ipynb", WHERE, "TCL505", "discarded-copy", "it is dropped", (Note(WHERE, "made here"),), preview=((12, "x"),)
)


def test_a_finding_is_shown_as_it_is() -> None:
    assert FOUND.shown is FOUND


def test_a_finding_in_a_notebook_is_shown_in_its_cell() -> None:
    inside = Span(2, 1, 2, 9)
    cell = InCell(3, inside, (Note(inside, "made here"),), {2: "x.clone()"}, ((2, "x"),))
    shown = replace(FOUND, in_cell=cell).shown
    told = {"notes": cell.notes, "source_lines": cell.source_lines, "preview": cell.preview}
    assert shown == replace(FOUND, path="a.ipynb:cell 3", span=inside, **told)


@pytest.mark.parametrize("outcome", Ruling, ids=str)
def test_a_verdict_in_words(outcome: Ruling) -> None:
    assert str(Verdict(outcome, "the write shows")) == f"{outcome.value}: the write shows"


def test_every_way_to_share_has_words() -> None:
    assert set(phrases.WAYS) == set(Sharing)
