"""Fixes that would break code, which are therefore not made; beside each kind the like of it that is fixed."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import pytest
from blocks import blocks
from workspace import TESTS, Run, write

HEAD = """\
import copy
from typing import Optional

import torch
import torch.nn.functional as F
from torch import nn


"""
EVERY = ("--select", "TCL", "--confidence", "low")
PAGE = {
    title: {block.headings[-1].replace(" ", "_"): block.text for block in found}
    for title, found in groupby(blocks(TESTS / "cli" / "withheld.md"), lambda block: block.headings[1])
}
"""Heading → the programs under it, by their own headings."""
ONCE = {
    "a[0] = b[b > 0].clone()": "a[0] = b[b > 0]",
    "a[0] = copy.deepcopy(b[b > 0])": "a[0] = b[b > 0]",
    "a[0] = torch.stack([b, b]).clone()": "a[0] = torch.stack([b, b])",
    "a.copy_(b.clone().clone())": "a.copy_(b)",
    "a.copy_(copy.deepcopy(copy.deepcopy(b)))": "a.copy_(b)",
    "a[0] = copy.deepcopy(b.detach().clone())": "a[0] = b.detach()",
    "a[0] = b[b > 0].clone().detach()": "a[0] = b[b > 0].detach()",
    "a = b.clone().clone().clone()": "a = b.clone()",
    "a = copy.deepcopy(b.detach())": "a = b.detach().clone()",
    "a = copy.deepcopy(b.detach()).clone()": "a = b.detach().clone()",
    "a = torch.tensor(b.clone())": "a = b.detach().clone()",
    "a = torch.tensor(b.detach(), dtype=torch.float64)": "a = b.detach().to(dtype=torch.float64, copy=True)",
}
"""A line of a function of two tensors → what all fixes together make of it."""


def changed(torchcopylint: Run, folder: Path, title: str, *options: str) -> set[str]:
    """The names of those programs under a heading that `--fix` with these options changes."""
    programs = {name: HEAD + text for name, text in PAGE[title].items()}
    write(folder, **programs)
    done = torchcopylint(*EVERY, "--fix", *options, ".", cwd=folder)
    assert done.returncode in (0, 1), done.stderr
    return {name for name, text in programs.items() if (folder / f"{name}.py").read_text() != text}


@pytest.mark.parametrize("title", ["Backpropagated afterwards", "Perhaps no tensor", "Meant to show in both"])
def test_what_would_break_is_not_made_even_when_asked_for(torchcopylint: Run, tmp_path: Path, title: str) -> None:
    assert changed(torchcopylint, tmp_path, title, "--unsafe-fixes") == set()


@pytest.mark.parametrize("title", ["Nobody knows whether it is backpropagated", "Surely a tensor"])
def test_what_may_break_is_made_when_asked_for(torchcopylint: Run, tmp_path: Path, title: str) -> None:
    assert changed(torchcopylint, tmp_path, title, "--unsafe-fixes") == set(PAGE[title])


def test_no_value_is_cut_from_the_graph_unasked(torchcopylint: Run, tmp_path: Path) -> None:
    assert changed(torchcopylint, tmp_path, "Nobody knows whether it is backpropagated") == set()


def test_all_fixes_of_one_line_together_say_nothing_twice(torchcopylint: Run, tmp_path: Path) -> None:
    def program(line: str) -> str:
        return f"{HEAD}def f(a: torch.Tensor, b: torch.Tensor):\n    {line}\n    return a\n"

    names = {f"line{number}": line for number, line in enumerate(ONCE)}
    write(tmp_path, **{name: program(line) for name, line in names.items()})
    done = torchcopylint("--fix", "--unsafe-fixes", ".")
    assert done.returncode == 0, done.stdout
    made = {line: (tmp_path / f"{name}.py").read_text() for name, line in names.items()}
    assert made == {line: program(after) for line, after in ONCE.items()}


def test_one_copy_is_found_once(torchcopylint: Run) -> None:
    lines = (line for line in ONCE if line.count("clone") + line.count("deepcopy") == 1)
    for line in lines:
        text = f"{HEAD}def f(a: torch.Tensor, b: torch.Tensor):\n    {line}\n    return a\n"
        found = torchcopylint(*EVERY, "-", input=text).stdout.splitlines()
        assert len(found) == 1, found
