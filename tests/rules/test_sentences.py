"""What users read stands by itself: no missing name, no name said to be itself, no idiom that needs explaining."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from string import Formatter

import pytest
from blocks import blocks, unmarked
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from workspace import ROOT, TESTS

from torchcopylint import cards
from torchcopylint.cli import cli
from torchcopylint.cli.named import COMMANDS
from torchcopylint.config import Settings
from torchcopylint.domain.finding import Confidence
from torchcopylint.domain.sharing import Sharing
from torchcopylint.files.source import Source
from torchcopylint.interpret.events.phrases import Said, taken
from torchcopylint.run import lint

PAGES = sorted([*(ROOT / "rules").glob("TCL*.md"), *(TESTS / "cases").rglob("*.md")])
EVERYTHING = Settings(select=("TCL",), confidence=Confidence.LOW)
NAMES = st.sampled_from(["", "x", "self.module", "best"])
OF_ITSELF = re.compile(r"`([^`]+)`[^`]* (?:as|of|by|with) `\1`")
"""A name that is said to be the same as itself, or a view, a copy or the first of itself."""
OLD_IDIOMS = re.compile(
    r"\b(takes?|taken|taking) (it|them|nothing|(a|the|its) finding|findings) back\b"
    r"|\bis no (snapshot|leaf|copy|Python)\b"
    r"|\b(used|read) (here|on|again), changed\b"
    r"|changed once more|told apart|\bgoes on training\b|\bwhat is kept\b",
    re.IGNORECASE,
)
"""Turns of phrase that were in use once and that nobody understood at first reading."""


def stumbles(sentence: str) -> str:
    """What a reader would stumble over in a message or a step; "" if nothing."""
    if re.search(r"`(None|\s*)`", sentence) or sentence.count("`") % 2:
        return "a name is missing"
    if OF_ITSELF.search(sentence):
        return "a name is said to be itself"
    return "two spaces" if "  " in sentence or sentence != sentence.strip() else ""


@given(name=NAMES, parent=NAMES)
def test_a_step_says_something_whatever_the_names_are(name: str, parent: str) -> None:
    for said in Said:
        places = sum(field == "" for _, field, _, _ in Formatter().parse(said.words))
        for names in product((name, parent), repeat=places):
            phrase = said.at(None, *names, way="a view").phrase
            assert phrase and not stumbles(phrase), phrase
            assert len({n for n in names if n}) == places or not any(n and f"`{n}`" in phrase for n in names), phrase


@given(name=NAMES, parent=NAMES, how=st.sampled_from(list(Sharing)))
def test_a_step_says_how_a_thing_was_taken_whatever_the_names_are(name: str, parent: str, how: Sharing) -> None:
    phrase = taken(how, None, name, parent).phrase
    assert phrase and not stumbles(phrase), phrase


@pytest.mark.parametrize("rule", cards.own_rules(), ids=lambda rule: rule.code)
def test_a_message_says_something_whatever_the_names_are(rule: cards.Rule) -> None:
    card = cards.load(rule)
    names = [name for _, name, _, _ in Formatter().parse(card.message) if name]
    whole = {name: f"value_{number}" for number, name in enumerate(names)}
    assert card.say(whole) == card.message.format_map(whole)
    for lacking in names:
        assert not stumbles(card.say({**whole, lacking: ""})), "a value is missing"
    if len(set(names)) > 1:
        assert "one_name" not in card.say(dict.fromkeys(names, "one_name")), "all values are the same"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_no_message_and_no_step_stumbles(path: Path) -> None:
    for block in blocks(path):
        if block.language != "python":
            continue
        for finding in lint(Source("a.py", unmarked(block.text)), EVERYTHING).findings:
            for sentence in (finding.message, *(note.phrase for note in finding.notes)):
                assert not stumbles(sentence), f"{path}:{block.line}: {stumbles(sentence)}: {sentence}"
                assert not OLD_IDIOMS.search(sentence), f"{path}:{block.line}: {sentence}"


def test_cards_pages_and_help_avoid_the_old_idioms() -> None:
    pages = [
        *(ROOT / "rules").glob("*.md"),
        *(ROOT / ".github").glob("*.md"),
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
    ]
    found = [f"{page.name}: {match[0]}" for page in pages for match in OLD_IDIOMS.finditer(page.read_text("utf-8"))]
    for command in ("", *COMMANDS):
        told = CliRunner().invoke(cli, [*command.split(), "--help"]).output
        found += [f"{command} --help: {match[0]}" for match in OLD_IDIOMS.finditer(told)]
    assert not found
