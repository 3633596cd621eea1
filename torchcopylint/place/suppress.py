"""Findings and their text → those that no comment suppresses, and the comments that suppress nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from torchcopylint import cards
from torchcopylint.config import Settings
from torchcopylint.domain.finding import Confidence, Finding
from torchcopylint.files.source import Source
from torchcopylint.place.comment import Comment, comments, speaks
from torchcopylint.place.fingerprint import fingerprint


def suppress(
    findings: Iterable[Finding], source: Source, settings: Settings, complete: bool = True
) -> tuple[Finding, ...]:
    """The findings of a source to show, without those that its comments suppress.

    If the analysis was `complete`, comments of ours that suppressed nothing are findings themselves.
    """
    found = tuple(findings)
    shown = tuple(finding for finding in found if _shows(settings, finding))
    if not speaks(source.text):
        return shown
    said = list(comments(source.text))
    if not said:
        return shown
    own = list(_without_reason(said, source))
    if complete:
        own += _unused(said, (*found, *own), source, settings)
    own = [finding for finding in own if _shows(settings, finding)]
    everything = (*shown, *fingerprint(own, source))
    kept = (finding for finding in everything if all(comment.covers(finding) is None for comment in said))
    return tuple(sorted(kept, key=lambda finding: (finding.span, finding.code)))


def _shows(settings: Settings, finding: Finding) -> bool:
    rule = cards.find(finding.code)
    return rule is not None and settings.shows(cards.load(rule), finding.confidence)


def _unused(said: list[Comment], found: tuple[Finding, ...], source: Source, settings: Settings) -> Iterator[Finding]:
    """TCL900 for each comment of ours with a name that suppresses nothing although its rule is selected."""
    for comment in said:
        used = {name for finding in found for name in comment.covers(finding) or ()}
        unused = tuple(name for name in comment.own_names() if name not in used and _sought(name, settings))
        if comment.ours and not comment.all and not comment.names:
            yield _finding("unused-suppression", comment, source, {"why": "name a rule, as in `ignore[TCL401]`"})
        elif unused:
            stranger = next(filter(None, map(_stranger, unused)), "")
            why = stranger or f"there is no finding of {' or '.join(f'`{_shown(name)}`' for name in unused)}; remove it"
            yield _finding("unused-suppression", comment, source, {"why": why}, () if stranger else unused)


def _sought(name: str, settings: Settings) -> bool:
    """Whether a name is that of a selected rule, or of no rule at all."""
    meant = [rule for rule in cards.rules() if rule.code.startswith(name) or rule.slug.upper() == name]
    if any(rule.code.startswith("TCL9") for rule in meant):
        return False
    return not meant or any(settings.shows(cards.load(rule), Confidence.HIGH) for rule in meant)


def _stranger(name: str) -> str:
    """The complaint about a name that no rule has; only the user knows what was meant."""
    shown = _shown(name)
    if any(rule.code.startswith(shown) or rule.slug == shown for rule in cards.rules()):
        return ""
    nearest = cards.nearest(shown)
    return f"no rule is called `{shown}`" + (f"; did you mean `{nearest}`?" if nearest else "")


def _shown(name: str) -> str:
    return name if name.startswith("TCL") else name.lower()


def _without_reason(said: list[Comment], source: Source) -> Iterator[Finding]:
    for comment in said:
        if comment.own_names() and not comment.reasoned:
            yield _finding("suppression-without-reason", comment, source, {})


def _finding(
    slug: str, comment: Comment, source: Source, fields: dict[str, str], unused: tuple[str, ...] = ()
) -> Finding:
    rule = cards.find(slug)
    if rule is None:
        raise cards.CardError(f"{cards.directory()}: no card for the rule {slug!r}")
    card, span = cards.load(rule), comment.span
    lines = source.lines()
    line = lines[span.line - 1]
    text = line[span.column - 1 : span.end_column - 1].strip()
    edits = comment.without(unused, line) if unused and span.line < len(lines) else ()
    return Finding(
        path=source.path,
        span=span,
        code=rule.code,
        slug=slug,
        message=card.say({"comment": text, **fields}),
        source_lines={span.line: line},
        fix=card.fix if edits else "",
        edits=edits,
    )
