"""Changes of nodes → edits of the text, which keep the user's own formatting where the change's text normalises it."""

from __future__ import annotations

import re
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import libcst as cst

from torchcopylint.domain.finding import Edit, Judgement, Span
from torchcopylint.files.source import Source
from torchcopylint.fix.names import Names, Taken
from torchcopylint.ir.question import source_of, text_of
from torchcopylint.ir.site import Site
from torchcopylint.ir.syntax import Expression, Name
from torchcopylint.parse.concrete import concrete
from torchcopylint.parse.newer import tokens

_CUT = " ..."


def needed(judgement: Judgement) -> Iterator[Site]:
    """The nodes whose positions `propose` needs."""
    for change in judgement.changes:
        if isinstance(change.node, Site):
            yield change.node
        yield from _expressions(change.node)


@dataclass(frozen=True, slots=True)
class Proposal:
    """The edits of a fix, including missing imports; or none, and the reason, if it is to be reported."""

    edits: tuple[Edit, ...] = ()
    refusal: str = ""


def propose(judgement: Judgement, spans: Mapping[object, Span], source: Source) -> Proposal:
    """A judgement's fix, or none if it would lose something of the source."""
    if any(change.node not in spans for change in judgement.changes):  # in another file
        return Proposal()
    edits = set[Edit]()
    names = Names(source) if judgement.changes and judgement.imports else None
    for change in judgement.changes:
        span = spans[change.node]
        old = source.stretch(span)
        new = _in_own_words(change.text, change.node, spans, source)
        if _CUT in new.replace(old, "") or (new and _loses_comment(old, new)):
            return Proposal()
        for module in judgement.imports if names else ():
            try:
                new, added = names.resolve(module, new, span.line)  # type: ignore[union-attr]
            except Taken as name:
                return Proposal(refusal=f"it needs `import {name}`, but `{name}` means something else here")
            edits |= {added} if added else set()
        edits.add(Edit(span if new else _with_line(span, source), new))
    return Proposal(tuple(sorted(edits, key=lambda edit: edit.span)))


def _with_line(span: Span, source: Source) -> Span:
    """The whole lines of removed code, if nothing else is on them."""
    rows = source.lines()
    if rows[span.line - 1][: span.column - 1].strip() or rows[span.end_line - 1][span.end_column - 1 :].strip():
        return span
    if span.end_line == len(rows):
        return Span(span.line, 1, span.end_line, len(rows[-1]) + 1)
    return Span(span.line, 1, span.end_line + 1, 1)


def _indented(text: str, span: Span, source: Source) -> str:
    """Text of several lines, indented like the line it begins on."""
    row = source.lines()[span.line - 1] if "\n" in text else ""
    blank = row[: len(row) - len(row.lstrip())]
    return f"{source.newline}{blank}".join(text.split("\n"))


def _in_own_words(text: str, node: object, spans: Mapping[object, Span], source: Source) -> str:
    """The text with the node's parts as written in the source, where they were regenerated from their nodes."""
    parts: dict[str, str] = {}
    for part in (node, *_expressions(node)):
        if isinstance(part, Name) or not isinstance(part, Site):
            continue
        exact = source.stretch(spans[part])
        origin = concrete(part)
        if isinstance(origin, cst.BaseExpression):
            exact = f"{_code(origin.lpar)}{exact}{_code(origin.rpar)}"
        for shown in (source_of(part), text_of(part)):
            if shown and shown != exact:
                parts.setdefault(shown, exact)
    pieces = [text]
    for shown, exact in parts.items():  # the outermost first; what has been put in, at the odd places, is left alone
        pieces = [
            piece
            for place, whole in enumerate(pieces)
            for piece in (
                _joined(re.split(rf"(?<!\w){re.escape(shown)}(?!\w)", whole), exact) if place % 2 == 0 else [whole]
            )
        ]
    span = spans[node]
    return "".join(piece if place % 2 else _indented(piece, span, source) for place, piece in enumerate(pieces))


def _code(marks: Sequence[cst.CSTNode]) -> str:
    return "".join(cst.Module([]).code_for_node(mark) for mark in marks)


def _joined(rest: list[str], exact: str) -> list[str]:
    """The pieces with `exact` between each two, so that what is ours stands at even places."""
    return [piece for one in rest for piece in (one, exact)][:-1]


def _expressions(site: object) -> Iterator[Expression]:
    pending = [site] if isinstance(site, Site) else []
    while pending:
        one = pending.pop(0)
        if isinstance(one, Expression):
            yield one
        pending += one.parts


def _loses_comment(old: str, new: str) -> bool:
    """Whether a comment in the old text is not in the new one."""
    return "#" in old and any(comment not in new for comment in _comments(old))


def _comments(text: str) -> Iterator[str]:
    try:
        for token in tokens(f"({text}\n)"):
            if token.type == tokenize.COMMENT:
                yield token.string
    except (tokenize.TokenError, SyntaxError):
        yield text
