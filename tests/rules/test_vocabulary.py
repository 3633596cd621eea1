"""No decision rests on the wording of a sentence: with other words for people, all that is decided stays the same."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from blocks import blocks, unmarked
from workspace import ROOT, TESTS

from torchcopylint.checks import judged
from torchcopylint.confirm.plan import Plan, not_here, plan
from torchcopylint.files.source import Source
from torchcopylint.interpret import interpret
from torchcopylint.interpret.events import phrases
from torchcopylint.interpret.events.phrases import THINGS, WAYS, Said
from torchcopylint.ir.question import text_of
from torchcopylint.parse.concrete import parse

PAGES = sorted([*(ROOT / "rules").glob("TCL*.md"), *(TESTS / "cases").rglob("*.md")])
LOOSE = tuple(name for name, value in vars(phrases).items() if name.isupper() and isinstance(value, str))
"""The phrases that stand by themselves: those of loops, and how a way to share is said with what was shared."""


@contextmanager
def other_words(seed: str) -> Iterator[None]:
    """Every phrase for people is a random word, which says nothing and speaks of nothing."""
    letters = random.Random(seed)

    def word() -> str:
        return "".join(letters.choices(string.ascii_lowercase, k=12))

    with pytest.MonkeyPatch.context() as patch:
        for said in Said:
            patch.setattr(said, "words", word())
            patch.setattr(said, "unnamed", word())
        for way in WAYS:
            patch.setitem(WAYS, way, word())
        for kind in THINGS:
            patch.setitem(THINGS, kind, word())
        for name in LOOSE:
            patch.setattr(phrases, name, word())
        yield


def asked(found: Plan | None) -> tuple[object, ...]:
    """What torch would be asked: the probe, its facts, what is watched, and how the control is made."""
    if found is None:
        return ()
    watched = [(text_of(node), tag) for node, tag in found.watched]
    others = [text_of(node) for node in found.others]
    return found.kind, text_of(found.node), repr(found.facts), watched, found.fix, text_of(found.at), found.end, others


def decisions(path: Path, text: str) -> tuple[list[tuple[object, ...]], list[str]]:
    """What is decided of a block of Python (rule, place, confidence, fix, path, plan), and the phrases of its path."""
    source = Source(str(path), text)
    decided, said = list[tuple[object, ...]](), list[str]()
    for event, judgement in judged(interpret(parse(source), source)):
        changes = [(text_of(change.node), change.text) for change in judgement.changes]
        steps = [(text_of(step.node), step.role) for step in judgement.steps]
        verdict = not_here(event, judgement.slug), asked(plan(event, judgement.slug))
        place = text_of(judgement.node)
        decided.append((judgement.slug, place, judgement.confidence, changes, judgement.imports, steps, *verdict))
        said += [step.phrase for step in judgement.steps]
    return decided, said


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_other_words_decide_nothing(path: Path) -> None:
    for block in blocks(path):
        if block.language != "python":
            continue
        text = unmarked(block.text)
        expected, phrased = decisions(path, text)
        with other_words(path.stem):
            found, random_words = decisions(path, text)
        assert found == expected, f"{path}:{block.line}"
        assert set(phrased).isdisjoint(random_words), "a phrase for people is not in the table"
