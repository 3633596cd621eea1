"""A look inside: the code and the events of a file, as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from workspace import LOST, STALE, Run, write


def test_ir_prints_what_a_file_becomes(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=LOST)
    printed = torchcopylint("debug", "ir", "a.py").stdout
    assert "torch = import torch\n" in printed
    assert "x = %" in printed
    record = json.loads(torchcopylint("debug", "ir", "a.py", "--output-format", "json").stdout)
    assert (record["path"], record["code"]) == ("a.py", printed.splitlines())


def test_events_are_told_with_their_steps(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=STALE)
    printed = torchcopylint("debug", "events", "a.py").stdout.splitlines()
    at = next(n for n, line in enumerate(printed) if line.startswith("a.py:13:13: Snapshot(name='best'"))
    assert [line.split()[:2] for line in printed[at + 1 : at + 4]] == [
        ["a.py:13:13:", "TAKEN"],
        ["a.py:11:9:", "TRAINED"],
        ["a.py:14:5:", "READ"],
    ]
    records = json.loads(torchcopylint("debug", "events", "a.py", "--output-format", "json").stdout)
    stale = next(record for record in records if record["event"] == "Snapshot")
    assert (stale["function"], stale["facts"]["name"], stale["facts"]["kind"]) == ("train", "best", "STATE_DICT")
    assert [step["role"] for step in stale["steps"]] == ["TAKEN", "TRAINED", "READ"]


KINDS = """\
import torch


def attack(model, images: torch.Tensor, eps, state={}):
    noise = model(images).sum(dim=1)
    return noise


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(3, 3)

    def forward(self, x, scale):
        return self.fc(x) * scale
"""


def test_kinds_are_told_with_how_sure_they_are_and_why(torchcopylint: Run, tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    write(tmp_path / "code", a=KINDS, broken="def f(:\n")
    done = torchcopylint("debug", "kinds", "code", "--output-format", "json")
    assert "broken.py:1:7: " in done.stderr
    known = {(r["function"], r["name"]): (r["kind"], r["proof"], r["why"]) for r in json.loads(done.stdout)}
    assert {(r["path"], r["line"]) for r in json.loads(done.stdout)} == {("a.py", 4), ("a.py", 10), ("a.py", 14)}
    assert known["attack", "model"] == ("module", "medium", "by its uses, name, place or callers")
    assert known["attack", "images"] == ("tensor", "high", "as annotated or tested")
    assert known["attack", "eps"][0] == "unknown"
    assert known["forward", "x"][:2] == ("tensor", "medium")
    assert known["__init__", "return"] == ("none", "high", "as made")
    told = torchcopylint("debug", "kinds", "code/a.py").stdout.splitlines()
    assert "code/a.py:4: attack model: module (medium, by its uses, name, place or callers)" in told


def test_what_cannot_be_read_is_named_with_its_place(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a="def f(:\n")
    for path, complaint in (("a.py", "a.py:1:7: "), ("b.py", "b.py:1:1: No such file")):
        done = torchcopylint("debug", "events", path)
        assert done.returncode == 2
        assert done.stderr.startswith(f"torchcopylint: {complaint}"), done.stderr


def test_only_the_long_help_names_it(torchcopylint: Run) -> None:
    assert "debug" in torchcopylint("--help").stdout
    assert "debug" not in torchcopylint("-h").stdout


CLAIMS = """\
import torch

def loss(boxes: torch.Tensor, scores: torch.Tensor, scale: float):
    boxes[:, 2:] *= scale
    return (boxes * scores).sum()

def apart(boxes: torch.Tensor, scores: torch.Tensor, scale: float):
    boxes = boxes.clone()
    boxes[:, 2:] *= scale
    return (boxes * scores).sum()
"""


def test_a_claim_is_put_to_torch_whatever_the_rule_says(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, a=CLAIMS)
    done = torchcopylint("debug", "claim", "a.py:4:TCL309", "a.py:9:argument-written")
    assert done.returncode == 0, done.stderr
    records = json.loads(done.stdout)
    assert [(record["line"], record["basis"], record["outcome"]) for record in records] == [
        (4, "finding", "confirmed"),
        (9, "nothing", "refuted"),
    ]
    assert "the caller's `boxes` changed" in records[0]["reason"]


@pytest.mark.parametrize(
    ("claim", "words"),
    [("a.py", "is not PATH:LINE:CODE"), ("a.py:3:TCL901", "no rule"), ("none.py:3:TCL309", "none.py")],
)
def test_a_claim_that_cannot_be_read_is_named(torchcopylint: Run, tmp_path: Path, claim: str, words: str) -> None:
    write(tmp_path, a=CLAIMS)
    done = torchcopylint("debug", "claim", claim)
    assert (done.returncode, done.stdout) == (2, "") and words in done.stderr and "Traceback" not in done.stderr
