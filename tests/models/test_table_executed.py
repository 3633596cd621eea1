"""Rows of the table against torch itself: every second row that shares or writes, and a sample of those that say fresh.

With `TORCHCOPYLINT_EVERY_ROW=1`, every row that shares or writes.
"""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import zip_longest
from random import Random
from typing import Any

import pytest

torch = pytest.importorskip("torch")
for needed in ("numpy", "expecttest"):
    pytest.importorskip(needed, reason=f"the calls come from torch's own samples, which need {needed}")

from trial import tried  # noqa: E402

from torchcopylint.models.derive.call import Call  # noqa: E402
from torchcopylint.models.derive.catalogue import Callee, catalogue  # noqa: E402
from torchcopylint.models.derive.declare import declared  # noqa: E402
from torchcopylint.models.derive.evidence import calls_of  # noqa: E402
from torchcopylint.models.derive.isolate import apart  # noqa: E402
from torchcopylint.models.derive.samples import samples  # noqa: E402
from torchcopylint.models.table import Row, names, row  # noqa: E402

EVERY = "TORCHCOPYLINT_EVERY_ROW" in os.environ
ROWS = [found for name in names() if (found := row(name)) and found.executed and name in catalogue()]
ACTING = [found for found in ROWS if found.kind in ("view", "conditional", "inplace", "metadata") or found.writes]
FRESH = [found for found in ROWS if found.kind == "fresh" and not found.writes]
CHOSEN = ACTING if EVERY else ACTING[::2]
CHOSEN += Random(20).sample(FRESH, 100 if EVERY else 50)
CHOSEN_NAMES = [found.name for found in CHOSEN]

INCOMPARABLE = {
    "Tensor.__dlpack__": "a capsule",
    "Tensor.storage": "a storage",
    "Tensor.untyped_storage": "a storage",
    "torch.to_dlpack": "a capsule",
    "torch.frombuffer": "a bytearray",
}
"""Rows whose results or arguments are neither tensor nor array."""
SPARSE = {f"Tensor.{name}" for name in "ccol_indices col_indices crow_indices indices row_indices values".split()}
SPARSE |= {"Tensor.coalesce", "Tensor.resize_as_sparse_", "torch.resize_as_sparse_"}
"""Rows of what only sparse tensors have; the trial is about dense ones."""
QUANTISED = {"Tensor.int_repr", "torch.int_repr"}


@pytest.fixture(scope="module")
def sampled() -> dict[str, list[Call]]:
    """Torch's own sample calls, by operation."""
    return samples()


@pytest.fixture(scope="module")
def wrong(sampled: dict[str, list[Call]]) -> dict[str, list[str]]:
    """What torch does otherwise than the rows say, by name; run in processes of their own, for torch has crashes."""
    callees = catalogue()

    def put_on_trial(found: Row) -> list[str]:
        callee: Callee = callees[found.name]
        by_hand, others = calls_of(callee, declared(callee), sampled)
        Random(1).shuffle(by_hand)
        calls: list[Call] = [call for both in zip_longest(by_hand, others) for call in both if call]
        return tried(callee, found, calls)

    torch.set_num_threads(1)
    return dict(zip(CHOSEN_NAMES, apart(put_on_trial, CHOSEN), strict=True))


@pytest.mark.parametrize("name", [n for n in CHOSEN_NAMES if n not in {*INCOMPARABLE, *SPARSE, *QUANTISED}])
def test_torch_does_what_the_row_says(name: str, wrong: dict[str, list[str]]) -> None:
    assert not wrong[name], f"{row(name)}"


LIES: list[tuple[str, dict[str, Any], str]] = [
    ("Tensor.view", {"kind": "fresh", "aliases": (), "must": False}, "shares memory with arguments [0]"),
    ("Tensor.clone", {"kind": "view", "aliases": (0,), "must": True}, "is a copy"),
    ("Tensor.contiguous", {"same": False}, "returns its argument itself"),
    ("Tensor.data", {"counter": True}, "has its own version counter"),
    ("Tensor.detach", {"counter": False}, "shares version counter"),
    ("Tensor.add_", {"kind": "fresh", "aliases": (), "writes": (), "must": False}, "writes argument 0"),
    ("Tensor.abs", {"kind": "inplace", "aliases": (0,), "writes": (0,), "must": True}, "does not return its argument"),
    ("torch.nn.functional.batch_norm", {"counter": True}, "does not count the write"),
    ("Tensor.add_", {"counter": False}, "counts the write"),
    ("Tensor.mul", {"attached": False}, "carries the graph"),
    ("Tensor.mul", {"detaches": True}, "does not cut the graph"),
    ("Tensor.eq", {"attached": True}, "never carries the graph"),
    ("Tensor.unbind", {"multi": False}, "refuses writes to its views"),
    ("Tensor.t", {"multi": True}, "allows writes to its views"),
    ("Tensor.exp", {"saves_for": (), "sure": ()}, "keeps result for the gradient of self"),
    ("Tensor.exp", {"sure": (("self", "self", "any"),)}, "does not keep self for self"),
]
"""False rows: a name, what is changed of its row, what the trial says to that."""


@pytest.fixture(scope="module")
def found_out(sampled: dict[str, list[Call]]) -> dict[tuple[str, str], list[str]]:
    """What the trial says to each false row, by name and the complaint that is due."""

    def put_on_trial(lie: tuple[str, dict[str, Any], str]) -> list[str]:
        name, change, _ = lie
        callee, honest = catalogue()[name], row(name)
        assert honest is not None
        by_hand, others = calls_of(callee, declared(callee), sampled)
        return tried(callee, replace(honest, **change), [*by_hand, *others])

    said = apart(put_on_trial, LIES)
    return {(name, due): complaints for (name, _, due), complaints in zip(LIES, said, strict=True)}


@pytest.mark.parametrize(("name", "due"), [(name, due) for name, _, due in LIES])
def test_a_row_that_lies_is_found_out(name: str, due: str, found_out: dict[tuple[str, str], list[str]]) -> None:
    assert due in found_out[name, due]
