"""Judgements → findings: nodes become positions in the text, fields fill the card's message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from torchcopylint.domain.finding import Finding, Judgement, Note, Span
from torchcopylint.domain.ground import Ground
from torchcopylint.fix import Proposal, needed, preview, propose
from torchcopylint.ir.site import Site
from torchcopylint.parse.concrete import spans_of

if TYPE_CHECKING:
    from torchcopylint.cards import Card
    from torchcopylint.files.source import Source
    from torchcopylint.ir import syntax
    from torchcopylint.project.project import Surroundings

_CONTEXT = 3
"""Lines shown before and after those of a finding."""

Judged = tuple[Judgement, "Card"]


def locate(
    judged: Iterable[Judged], tree: syntax.Module, source: Source, surroundings: Surroundings
) -> tuple[Finding, ...]:
    """The judgements as findings: with positions, messages and their source lines, in order, each once.

    A step in another file names that file; a judgement about another file is left to that file's own analysis.
    """
    every = [node for judgement, _ in judged for node in _nodes(judgement)]
    spans = spans_of(tree, every)
    other = surroundings.spans_of([node for node in every if node not in spans])
    found: dict[tuple[Span, str], Finding] = {}
    for judgement, card in judged:
        if judgement.node in spans:
            finding = _finding(judgement, card, spans, other, source)
            found.setdefault((finding.span, finding.code), finding)
    return tuple(found[key] for key in sorted(found))


def _nodes(judgement: Judgement) -> list[Site]:
    nodes = (judgement.node, *(step.node for step in judgement.steps))
    return [*(node for node in nodes if isinstance(node, Site)), *needed(judgement)]


def _finding(
    judgement: Judgement,
    card: Card,
    spans: Mapping[object, Span],
    other: Mapping[object, tuple[str, Span]],
    source: Source,
) -> Finding:
    notes = tuple(note for step in judgement.steps if (note := _note(step.node, step.phrase, spans, other)) is not None)
    proposal = propose(judgement, spans, source) if card.fix != "none" else Proposal()
    here = [spans[judgement.node], *(note.span for note in notes if not note.path)]
    return Finding(
        path=source.path,
        span=spans[judgement.node],
        code=card.rule.code,
        slug=card.rule.slug,
        message=card.say(dict(judgement.fields)),
        notes=notes,
        confidence=judgement.confidence,
        severity=card.severity if judgement.severity is None else judgement.severity,
        source_lines=_around([*here, *(edit.span for edit in proposal.edits)], source.lines()),
        fix=_applicability(judgement, card) if proposal.edits else "",
        edits=proposal.edits,
        imports=judgement.imports if proposal.edits else (),
        preview=preview(proposal.edits, source),
        no_fix=proposal.refusal,
        picture=judgement.picture,
        trial=judgement.trial,
    )


def _applicability(judgement: Judgement, card: Card) -> str:
    """ "safe" if the card's fixes are safe and this one does not rely on a guess; otherwise "unsafe"."""
    firm = judgement.harmless and judgement.ground > Ground.GUESSED
    return card.fix if firm else "unsafe"


def _around(spans: list[Span], lines: list[str]) -> dict[int, str]:
    """The lines of the spans and a few around them, by number."""
    near = {n for span in spans for n in range(span.line - _CONTEXT, span.end_line + _CONTEXT + 1)}
    return {number: lines[number - 1] for number in sorted(near) if 1 <= number <= len(lines)}


def _note(
    node: object, phrase: str, spans: Mapping[object, Span], other: Mapping[object, tuple[str, Span]]
) -> Note | None:
    if node in spans:
        return Note(spans[node], phrase)
    path, span = other.get(node, ("", None))
    return Note(span, phrase, path) if span is not None else None
