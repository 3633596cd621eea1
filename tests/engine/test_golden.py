"""The documents under golden/: a block of Python, and after it the IR or the events that the program makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from blocks import Block, blocks
from workspace import TESTS

from torchcopylint.files.source import Source
from torchcopylint.interpret import interpret
from torchcopylint.lower import lower
from torchcopylint.parse.concrete import parse

GOLDEN = TESTS / "golden"


def printed(language: str, path: Path, python: str) -> str:
    """The text that the program prints for a block of Python, in the language of the block that follows it."""
    source = Source(str(path), python)
    tree = parse(source)
    if language == "ir":
        return f"{lower(tree)}".rstrip("\n") + "\n"
    return "".join(f"{event}\n" for event in interpret(tree, source))


def pairs(path: Path) -> list[tuple[str, Block]]:
    """Each block to compare, with the Python that it belongs to: the nearest above it."""
    python, found = "", []
    for block in blocks(path):
        if block.language == "python":
            python = block.text
        elif block.language in ("ir", "events"):
            found.append((python, block))
    return found


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.md")), ids=lambda path: path.stem)
def test_golden(path: Path, update: bool) -> None:
    if update:
        rewrite(path)
    assert pairs(path), f"{path} compares nothing"
    for python, block in pairs(path):
        assert printed(block.language, path, python) == block.text, (
            f"{path}:{block.line} ({' > '.join(block.headings)})"
        )


def rewrite(path: Path) -> None:
    """The document again, with what the program prints now; from the end, so that line numbers stay right."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    for python, block in reversed(pairs(path)):
        start = block.line - 1
        lines[start : start + block.text.count("\n")] = [printed(block.language, path, python)]
    path.write_text("".join(lines), encoding="utf-8")
