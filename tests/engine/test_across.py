"""The examples under across/: small projects, most of several files, each linted as a whole and reported as marked."""

from __future__ import annotations

import itertools
import random
import re
from pathlib import Path

import pytest
from blocks import Block, blocks, expected
from workspace import TESTS

from torchcopylint.config import Settings
from torchcopylint.domain.finding import Finding
from torchcopylint.run import Target, run

ACROSS = TESTS / "across"
_NAME = re.compile(r"# ([\w/]+\.py)\n")
_ALL = [
    pytest.param(tuple(group), id=f"{path.stem}: {headings[-1]}")
    for path in sorted(ACROSS.glob("*.md"))
    for headings, group in itertools.groupby(blocks(path), key=lambda block: block.headings)
]
every_project = pytest.mark.parametrize("files", _ALL)

Found = list[tuple[str, int, str]]


def written(files: tuple[Block, ...], root: Path) -> list[str]:
    """The project's files on disk, each called what its first line says; their paths in order."""
    (root / "pyproject.toml").touch()
    for block in files:
        name = _NAME.match(block.text)
        assert name, f"line {block.line}: the first line must be a comment with the file's name"
        path = root / name[1]
        path.parent.mkdir(parents=True, exist_ok=True)
        for package in {p for p in path.relative_to(root).parents if p.name}:
            (root / package / "__init__.py").touch()
        path.write_text(block.text, encoding="utf-8")
    return sorted(str(path) for path in root.rglob("*.py"))


def findings(paths: list[str], jobs: int = 1) -> list[Finding]:
    """What is found in these files, on that many processes."""
    outcomes = list(run([Target(path) for path in paths], Settings(), jobs))
    assert not any(outcome.failure for outcome in outcomes), outcomes
    return [finding for outcome in outcomes for finding in outcome.findings]


def found(root: Path, paths: list[str], jobs: int = 1) -> Found:
    """The same as (file, line, code)."""
    every = findings(paths, jobs)
    return sorted((Path(f.path).relative_to(root).as_posix(), f.span.line, f.code) for f in every)


def marked(files: tuple[Block, ...]) -> Found:
    """What the marks in the project's files ask for."""
    names = [_NAME.match(block.text) for block in files]
    return sorted((n[1], line, code) for n, b in zip(names, files, strict=True) if n for line, code in expected(b.text))


@every_project
def test_project(files: tuple[Block, ...], tmp_path: Path) -> None:
    right = found(tmp_path, written(files, tmp_path)) == marked(files)
    known = any(heading.startswith("Known") for heading in files[0].headings)
    assert right != known, (
        f"line {files[0].line}: {'works now' if known else found(tmp_path, written(files, tmp_path))}"
    )


def test_neither_order_nor_processes_nor_company_change_what_is_found(tmp_path: Path) -> None:
    paths: list[str] = []
    for number, project in enumerate(_ALL):
        files: tuple[Block, ...] = project.values[0]  # type: ignore[assignment]
        root = tmp_path / str(number)
        root.mkdir()
        paths += written(files, root)
    alone = sorted(str(f) for path in paths for f in findings([path]))
    shuffled = random.Random(0).sample(paths, len(paths))
    assert alone
    assert sorted(map(str, findings(paths))) == alone
    assert sorted(map(str, findings(shuffled))) == alone
    assert sorted(map(str, findings(paths, jobs=3))) == alone


def test_a_step_in_another_file_says_which(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "keep.py").write_text(
        "class Keeper:\n    def take(self, model):\n        self.best = model.state_dict()\n", encoding="utf-8"
    )
    (tmp_path / "train.py").write_text(
        "import torch\nfrom keep import Keeper\n\n\ndef fit(model: torch.nn.Module, loader):\n"
        "    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n    keeper = Keeper()\n    keeper.take(model)\n"
        "    for x, y in loader:\n        torch.nn.functional.mse_loss(model(x), y).backward()\n"
        "        optimizer.step()\n    model.load_state_dict(keeper.best)\n",
        encoding="utf-8",
    )
    (finding,) = findings([str(tmp_path / "train.py")])
    assert [(Path(n.path).name, n.span.line) for n in finding.notes if n.path] == [("keep.py", 3)]
    assert not finding.edits, "what another file does is not mended from here"
