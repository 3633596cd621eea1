"""With the cache the same is found as without it, after any edit: a little of what tests/cache_oracle.py does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from cache_oracle import Differs, Oracle

from torchcopylint.project.looked import Looked
from torchcopylint.project.project import Surroundings


def test_the_cache_changes_nothing(tmp_path: Path) -> None:
    oracle = Oracle(tmp_path, Random(0))
    oracle.edits(40)
    assert oracle.counts["edits that changed what is found"] > 5
    assert min(oracle.counts["files from the cache"], oracle.counts["files anew"]) > 20


def test_a_cache_that_rests_on_less_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = Surroundings.looked

    def less(self: Surroundings) -> Looked:
        return replace(looked(self), files={})

    monkeypatch.setattr(Surroundings, "looked", less)
    with pytest.raises(Differs, match="with the cache"):
        Oracle(tmp_path, Random(3)).edits(20)
