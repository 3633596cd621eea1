"""What is told of every case of a rule, also what is too unsure to be shown: golden/told has it word for word.

The cases say where something is reported; these texts say all else that is decided on the way there: how sure it is, by
which steps, in which words, with which fix, who shares storage with whom, and what
else the event says of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from blocks import blocks, unmarked
from workspace import ROOT, TESTS

from torchcopylint import cards
from torchcopylint.checks import judged
from torchcopylint.domain.event import Event
from torchcopylint.domain.fact import Fact
from torchcopylint.domain.finding import Judgement
from torchcopylint.files.source import Source
from torchcopylint.interpret import interpret
from torchcopylint.ir import syntax
from torchcopylint.ir.site import Site
from torchcopylint.parse.concrete import parse, spans_of

TOLD = TESTS / "golden" / "told"
PAGES = sorted((TESTS / "cases").glob("*.md"))


def told(path: Path) -> Iterator[str]:
    """The lines of what is told of the Bad of a rule's card, and then of each of its cases of which anything is."""
    rule = cards.find(path.stem)
    assert rule is not None
    pages = [(rule.path, "Bad"), (path, "")]
    for page, only in pages:
        for block in blocks(page):
            if block.language == "python" and only in ("", block.headings[-1]):
                found = list(_of_block(path.stem, unmarked(block.text)))
                yield from ("", block.headings[-1], *(f"  {line}" for line in found)) if found else ()


def _of_block(slug: str, text: str) -> Iterator[str]:
    source = Source("case.py", text)
    tree = parse(source)
    card = cards.load(next(rule for rule in cards.rules() if rule.slug == slug))
    for event, judgement in judged(interpret(tree, source)):
        assert event.place.function, f"nothing says in which function this is: {event}"
        if judgement.slug == slug:
            lines = _lines(tree, judgement)
            sure = judgement.confidence.name.lower()
            yield f"{lines[judgement.node]} ({sure}) {card.say(dict(judgement.fields))}"
            yield from (f"    {lines.get(s.node, '-')} {s.role.name.lower()}: {s.phrase}" for s in judgement.steps)
            yield from (f"    fix, line {lines[c.node]}: {c.text}".replace("\n", "\n      ") for c in judgement.changes)
            yield from (f"    {line}" for line in _drawn(judgement))
            yield f"    {type(event).__name__}: {', '.join(_facts(event))}"


def _lines(tree: syntax.Module, judgement: Judgement) -> dict[object, int]:
    nodes = (judgement.node, *(s.node for s in judgement.steps), *(c.node for c in judgement.changes))
    return {node: span.line for node, span in spans_of(tree, [n for n in nodes if isinstance(n, Site)]).items()}


def _drawn(judgement: Judgement) -> Iterator[str]:
    picture = judgement.picture
    if picture is not None:
        yield from (f"{storage.label}: {', '.join(storage.names)}" for storage in picture.storages)
        yield f"{picture.write} writes through {picture.writer}" if picture.write else "nothing is written"


def _facts(event: Event) -> Iterator[str]:
    """What the event says, as far as it is no syntax, in the order of its fields; nothing of what is not so."""
    for name in event.__dataclass_fields__:
        said = _said(getattr(event, name)).replace("\n", " ")
        if said and said not in ("0", "False", "None"):
            yield f"{name}={said}"


def _said(value: object) -> str:
    if isinstance(value, Fact):
        return value.name
    if isinstance(value, frozenset | tuple):
        parts = [_said(part) for part in value]
        return "+".join(filter(None, sorted(parts) if isinstance(value, frozenset) else parts))
    return str(value) if isinstance(value, str | int | None) else ""


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_what_is_told(path: Path, update: bool) -> None:
    golden = TOLD / f"{path.stem}.txt"
    text = "\n".join(told(path)).removeprefix("\n") + "\n"
    if update:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8"), f"{golden.relative_to(ROOT)}: see what --update changes"


def test_nothing_else_is_kept() -> None:
    assert {path.stem for path in TOLD.iterdir()} == {path.stem for path in PAGES}
