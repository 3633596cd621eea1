"""The shipped table of torch's calls: that it can be read, is in order, and says nothing that contradicts itself."""

from __future__ import annotations

import subprocess
import sys
from typing import get_args

import pytest

from torchcopylint.models.table import Kind, Row, Source, conditions, names, row, torch_version

ROWS = [found for name in names() if (found := row(name))]


def rows(*kinds: Kind) -> list[Row]:
    return [found for found in ROWS if found.kind in kinds]


def test_it_is_read_without_importing_torch() -> None:
    code = "import sys; from torchcopylint.models.table import row; assert row('Tensor.view').must; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "torch" not in loaded and "numpy" not in loaded


def test_it_says_which_release_it_is_for() -> None:
    assert torch_version().split(".")[0] == "2"


def test_names_are_sorted_and_each_has_a_row() -> None:
    assert list(names()) == sorted(set(names()))
    assert len(ROWS) == len(names()) > 1500


def test_a_name_torch_does_not_have_has_no_row() -> None:
    assert row("Tensor.frobnicate") is None
    assert row("view") is None


@pytest.mark.parametrize(
    "namespace", ["Tensor", "torch", "torch.nn.functional", "torch.linalg", "torch.fft", "torch.special"]
)
def test_every_namespace_is_there(namespace: str) -> None:
    assert sum(name.rpartition(".")[0] == namespace for name in names()) > 20


def test_rows_use_the_closed_vocabularies() -> None:
    assert {found.kind for found in ROWS} == set(get_args(Kind))
    assert {found.when for found in ROWS} <= set(conditions())
    assert {found.source for found in ROWS} == set(get_args(Source))


def test_a_conditional_row_says_its_condition_and_no_other_alias_does() -> None:
    for found in rows("conditional"):
        assert found.when and not found.must and found.aliases, found
    for found in rows("view", "inplace", "metadata"):
        assert not found.when and (found.must or not found.executed), found


def test_only_rows_that_share_have_aliases() -> None:
    for found in rows("fresh", "scalar", "none", "unknown"):
        assert not found.aliases and not found.same and not found.must and not found.multi, found


def test_what_a_fresh_row_writes_it_writes_under_a_condition() -> None:
    for found in rows("fresh"):
        assert bool(found.writes) == bool(found.when), found


def test_unknown_rows_were_never_executed_but_for_those_written_by_hand() -> None:
    assert all(not found.executed or found.source == "hand" for found in rows("unknown"))


def test_a_row_never_executed_is_not_fresh_unless_a_person_says_so() -> None:
    assert all(found.executed or found.source == "hand" for found in rows("fresh", "view", "scalar", "none"))


def test_what_is_surely_kept_may_be_kept() -> None:
    for found in ROWS:
        assert {(kept, needed) for kept, needed, _ in found.sure} <= set(found.saves_for), found
        assert set(found.saves) == {kept for kept, _ in found.saves_for}, found


def test_several_results_are_marked_as_many() -> None:
    assert all(found.many for found in ROWS if found.returns == "tensors")
    assert all(found.many for found in ROWS if found.multi)


def test_a_row_that_carries_the_graph_does_not_cut_it() -> None:
    assert not [found for found in ROWS if found.attached and found.detaches]


def test_the_parameters_of_arguments_that_matter_have_names() -> None:
    """All but constructors, whose first argument has none that could be given by keyword."""
    for found in ROWS:
        if found.executed and not found.variadic:
            assert max([*found.aliases, *found.writes], default=-1) < max(len(found.params), 1), found
