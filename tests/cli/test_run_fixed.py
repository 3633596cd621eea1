"""What `run_fixed.py` holds against a fix, and that the cards' fixes give it nothing to say."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from workspace import ROOT, TESTS, write

sys.path.append(str(TESTS))

import run_fixed

GAVE: dict[str, object] = {"gave": [1.0], "graph": [2, 2]}
CUT: dict[str, object] = {"gave": [1.0], "graph": [1, 2]}
WITHOUT: dict[str, object] = {"gave": [1.0], "graph": [2, 0]}
OTHER: dict[str, object] = {"gave": [2.0], "graph": [2, 2]}
RAISED: dict[str, object] = {"raised": "TypeError"}


@pytest.mark.parametrize(
    ("was", "now", "code", "told"),
    [
        pytest.param(GAVE, RAISED, "TCL401", ["raises TypeError now"], id="an exception"),
        pytest.param(RAISED, GAVE, "TCL401", [], id="an exception less"),
        pytest.param(GAVE, CUT, "TCL408", ["1 of 2 results no longer hang on the graph"], id="a cut"),
        pytest.param(GAVE, CUT, "TCL202", [], id="a cut that is the fix"),
        pytest.param(GAVE, WITHOUT, "TCL202", ["2 of 2 gradients are missing"], id="no gradients"),
        pytest.param(GAVE, WITHOUT, "TCL201", [], id="no gradients, which is the fix"),
        pytest.param(GAVE, OTHER, "TCL401", [], id="another result"),
    ],
)
def test_what_is_worse_is_told(was: object, now: object, code: str, told: list[str]) -> None:
    found = run_fixed._compare_calls(Path("a.py"), {"f()": was}, {"f()": now}, frozenset({code}))
    assert [complaint.what for complaint in found] == told


def test_what_only_costs_less_gives_the_same() -> None:
    found = run_fixed._compare_calls(Path("a.py"), {"f()": GAVE}, {"f()": OTHER}, frozenset({"TCL102"}))
    assert len(found) == 1


def test_a_call_that_is_gone_is_told() -> None:
    assert run_fixed._compare_calls(Path("a.py"), {"f()": GAVE}, {"import": RAISED}, frozenset())


@pytest.mark.parametrize(
    "line", ["x.detach().detach()", "x.clone().detach().clone()", "copy.deepcopy(copy.deepcopy(x))"]
)
def test_what_is_said_twice_is_told(tmp_path: Path, line: str) -> None:
    for name, text in {"before": "x\n", "after": f"{line}\n"}.items():
        (tmp_path / name).mkdir()
        write(tmp_path / name, a=text)
    assert list(run_fixed._written(Path("a.py"), tmp_path / "before", tmp_path / "after"))


def test_the_fixes_of_the_cards_break_nothing() -> None:
    compared, complaints = run_fixed.check(ROOT / "rules", unsafe=True)
    assert not complaints
    assert len(compared) > 30 and sum(compared.values()) > 300
