"""A rule is claimed to be right about a line: torch is asked as if the analysis had reported it there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import auto
from typing import Any

from torchcopylint.cards import Rule, find
from torchcopylint.checks import checks, judged
from torchcopylint.confirm.ask import Asker, places
from torchcopylint.confirm.both import Answer, both
from torchcopylint.confirm.line import ask
from torchcopylint.confirm.session import Session
from torchcopylint.domain.event import Event, SharedWrite
from torchcopylint.domain.fact import Fact
from torchcopylint.domain.finding import Change, Judgement, Span
from torchcopylint.files.source import Source
from torchcopylint.interpret import interpret
from torchcopylint.interpret.state.program import Program
from torchcopylint.ir import Module, syntax
from torchcopylint.project.project import Project


class BadClaim(ValueError):
    """A claim that cannot be read; says why."""


class Basis(Fact):
    """What a claim could be asked about."""

    FINDING = auto()
    """The rule reports it, at some confidence."""
    EVENT = auto()
    """The rule does not report it; an event of the kind that it judges lies there."""
    NOTHING = auto()
    """The analysis saw nothing there that the rule could be about."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A line of a file, and the rule that is claimed to be right about it."""

    path: str
    line: int
    rule: Rule

    @classmethod
    def read(cls, text: str) -> Claim:
        """The claim that is written `PATH:LINE:CODE`. Raises BadClaim."""
        match = re.fullmatch(r"(.+):(\d+):(\w[\w-]*)", text, re.DOTALL)
        if match is None:
            raise BadClaim(f"{text!r} is not PATH:LINE:CODE")
        rule = find(match[3])
        if rule is None or rule.code.startswith("TCL9"):
            raise BadClaim(f"{text!r}: there is no rule {match[3]!r} that torch can be asked about")
        return cls(match[1], int(match[2]), rule)


@dataclass(frozen=True, slots=True)
class Asked:
    """A claim, what it is asked about, and the questions: about the event, and about what the line does in any case."""

    claim: Claim
    basis: Basis
    question: dict[str, Any]
    line: dict[str, Any]


def put(source: Source, tree: syntax.Module, claims: Sequence[Claim]) -> list[Asked]:
    """The question about each claim on one file, in order; source, tree: the file and its tree."""
    found: list[Asked] = []

    def look(module: Module, program: Program, events: tuple[Event, ...]) -> None:
        asker = Asker(module, program)
        reported = list(judged(events))
        nodes = [*(event.node for event in events), *(judgement.node for _, judgement in reported)]
        spans = places(asker.index, tree, nodes)
        for claim in claims:
            seen = _findings(claim, reported, spans) or _events(claim, events, spans)
            line = ask(asker.index, program, spans, claim.line, claim.rule.slug)
            if seen is None:
                found.append(Asked(claim, Basis.NOTHING, _NOTHING, line))
            else:
                question = asker.ask(seen.event, seen.changes, claim.rule.slug)
                if seen.basis is Basis.EVENT and "facts" in line and _may_be_meant(seen.event):
                    line["facts"]["meant"] = True
                found.append(Asked(claim, seen.basis, question, line))

    interpret(tree, source, Project().around(source.path), look=look)
    return found


def answers(session: Session, asked: Sequence[Asked]) -> list[Answer]:
    """What torch says to each claim, in order."""
    labels = [one.claim.rule.code for one in asked]
    of_event = session.answers([one.question for one in asked], labels, None)
    of_line = session.answers([one.line for one in asked], labels, None)
    every = zip(asked, of_event, of_line, strict=True)
    return [_together(one, event, line) for one, event, line in every]


def _together(asked: Asked, event: Answer, line: Answer) -> Answer:
    """The one answer to a claim: of what the event shows and what its line does."""
    if asked.basis is Basis.NOTHING:
        return line
    if asked.basis is Basis.FINDING:
        return both(event, line, "why" not in asked.line)
    if line["outcome"] != "inconclusive":
        return line
    if event["outcome"] == "confirmed":
        return {
            **event,
            "outcome": "inconclusive",
            "reason": f"{event['reason']}; whether that is meant, no run can say",
        }
    return event if event["outcome"] == "refuted" and "why" in asked.line else line


_NOTHING = {"why": "the analysis saw nothing there"}


@dataclass(frozen=True, slots=True)
class _Seen:
    basis: Basis
    event: Event
    changes: tuple[Change, ...] = ()


def _findings(claim: Claim, reported: Sequence[tuple[Event, Judgement]], spans: dict[object, Span]) -> _Seen | None:
    """What the rule itself reports on the line."""
    for event, judgement in reported:
        if judgement.slug == claim.rule.slug and _begins(spans.get(judgement.node), claim.line):
            return _Seen(Basis.FINDING, event, tuple(judgement.changes))
    return None


def _events(claim: Claim, events: Sequence[Event], spans: dict[object, Span]) -> _Seen | None:
    """What the rule might have reported on the line, had it judged otherwise."""
    judged_here = families(claim.rule)
    here = (e for e in events if isinstance(e, judged_here) and _begins(spans.get(e.node), claim.line))
    return next((_Seen(Basis.EVENT, event) for event in here), None)


def _begins(span: Span | None, line: int) -> bool:
    return span is not None and span.line <= line <= span.end_line


def _may_be_meant(event: Event) -> bool:
    """Whether the analysis saw a sign that a write is meant."""
    if not isinstance(event, SharedWrite):
        return False
    return event.spared or event.fills or event.parameter or event.grad_off or event.result is not None


def families(rule: Rule) -> tuple[type[Event], ...]:
    """The classes of event, next to their common base, that a rule judges members of."""
    name = rule.slug.replace("-", "_")
    kinds = [kind for kind, found in checks().items() if any(check.__name__ == name for check in found)]
    return tuple({one for kind in kinds for one in kind.__mro__ if Event in one.__bases__})
