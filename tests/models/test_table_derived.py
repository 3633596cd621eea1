"""The table derived again from the torch that is installed, and what that says about the one in the package.

On the release the table is for, every row must come out the same. On another release names come and go; then no row
may come out that shares or writes an argument of which the shipped table says that nothing happens to it.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from workspace import ROOT

from torchcopylint.models.derive import hand
from torchcopylint.models.generate import NEEDED, as_text, differences, main, misleading, summary
from torchcopylint.models.table import Row, names, row

for needed in NEEDED:
    pytest.importorskip(needed, reason=f"deriving the table runs torch's own samples, which need {needed}")


def test_the_torch_at_hand_derives_the_shipped_table() -> None:
    """Every fifth row; with another torch, or another way to derive, run `generate --check` on all of them."""
    command = [sys.executable, "-m", "torchcopylint.models.generate", "--check", "5"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, (
        f"{done.stdout}{done.stderr}\nif torch is right: python -m torchcopylint.models.generate"
    )


def shipped() -> dict[str, Row]:
    return {name: found for name in names() if (found := row(name))}


def test_writing_the_table_out_gives_the_file_in_the_package() -> None:
    text = as_text("2.13.0", shipped().values())
    assert text == Path(ROOT / "torchcopylint" / "models" / "table.tsv").read_text("utf-8")


def test_a_new_view_a_lost_name_and_a_changed_kind_are_all_told() -> None:
    rows = shipped()
    rows["Tensor.brand_new"] = replace(rows.pop("Tensor.view"), name="Tensor.brand_new")
    rows["torch.stack"] = replace(rows["torch.stack"], kind="view", aliases=(0,))
    assert differences(rows) == [
        "changed: torch.stack aliases: () -> (0,)",
        "changed: torch.stack kind: fresh -> view",
        "gone: Tensor.view",
        "new: Tensor.brand_new is view",
    ]


def test_of_rows_that_were_left_out_nothing_is_said() -> None:
    rows = shipped()
    del rows["Tensor.view"], rows["torch.stack"]
    assert differences(rows, {"Tensor.view"}) == ["gone: torch.stack"]


def test_on_another_release_only_what_would_mislead_is_told() -> None:
    rows = shipped()
    del rows["Tensor.view"]
    rows["torch.stack"] = replace(rows["torch.stack"], kind="view", aliases=(0,))
    rows["torch.add"] = replace(rows["torch.add"], writes=(1,))
    rows["torch.reshape"] = replace(rows["torch.reshape"], kind="fresh", aliases=())
    assert misleading(rows) == [
        "torch.add may write argument 1",
        "torch.stack may share argument 0",
    ]


def test_the_summary_counts_names_and_those_never_executed() -> None:
    every = shipped()
    rows = [every["Tensor.view"], every["torch.stack"], every["torch.cudnn_convolution"]]
    assert summary(rows) == "3 names: 1 fresh, 1 unknown, 1 view; 1 never executed, 1 of them unknown"


def test_an_argument_it_does_not_know_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--chek"], ["--check", "0"], ["--check", "few"], ["5"]):
        assert main(arguments) == 2
        assert capsys.readouterr().err == "usage: generate [--check [N]]\n"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('names = ["Tensor.to"]\nkind = "view"', "hand.toml: row 1 (Tensor.to): has no reason"),
        ('reason = "so"\nkind = "view"', "hand.toml: row 1 (?): has no names"),
        ('names = ["Tensor.to"]\nreason = "so"\nkinds = "view"', "hand.toml: row 1 (Tensor.to): a row has no kinds"),
    ],
)
def test_a_hand_written_row_must_say_why(
    text: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "hand.toml"
    file.write_text(f"[[row]]\n{text}\n", "utf-8")
    monkeypatch.setattr(hand, "FILE", file)
    with pytest.raises(hand.HandError) as raised:
        hand.corrections()
    assert str(raised.value) == complaint


def test_hand_written_rows_are_marked_as_such() -> None:
    every = shipped()
    assert {name for name, found in every.items() if found.source == "hand"} == hand.corrections().keys()
