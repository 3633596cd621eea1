"""A self-contained web page: findings by file or rule, their paths drawn into the source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TextIO

from torchcopylint import __version__, cards
from torchcopylint.domain.finding import Finding, Note, Span
from torchcopylint.report import drawing
from torchcopylint.report.harmless import harmless

_PAGE = Path(__file__).with_name("page")


def report(findings: Iterable[Finding], out: TextIO) -> None:
    """Writes the page to `out`; it loads nothing from elsewhere."""
    found = list(findings)
    style, script = ((_PAGE / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    out.write('<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n')
    out.write('<meta name="viewport" content="width=device-width, initial-scale=1">\n')
    out.write(f"<title>torchcopylint: {len(found)} findings</title>\n<style>\n{style}</style>\n</head>\n<body>\n")
    out.writelines(_head(found))
    out.write("<main>\n")
    for path, group in groupby(found, key=lambda finding: finding.path):
        out.write(f'<section class="group"><h2>{_text(path)}</h2>\n')
        for finding in group:
            out.writelines(_finding(finding))
        out.write("</section>\n")
    out.write('</main>\n<p id="none" hidden>Nothing matches.</p>\n')
    out.write(f"<footer>torchcopylint {__version__}</footer>\n<script>\n{script}</script>\n</body>\n</html>\n")


def _head(found: list[Finding]) -> Iterator[str]:
    """The title and the controls."""
    files = len({finding.path for finding in found})
    yield f'<header><h1>torchcopylint</h1>\n<p><span id="count">{len(found)}</span> of {len(found)} findings in '
    yield f"{files} files</p>\n"
    yield '<form id="filters">\n<input id="search" type="search" placeholder="Search" aria-label="Search">\n'
    rules = Counter((finding.code, finding.slug) for finding in found)
    yield from _choice(
        "rule", "All rules", [(code, f"{code} {slug} ({n})") for (code, slug), n in sorted(rules.items())]
    )
    paths = Counter(finding.path for finding in found)
    yield from _choice("file", "All files", [(path, f"{path} ({n})") for path, n in sorted(paths.items())])
    severities = {finding.severity for finding in found}
    yield from _choice("severity", "Any severity", [(v.name.lower(), v.name.lower()) for v in sorted(severities)])
    levels = {finding.confidence for finding in found}
    yield from _choice("confidence", "Any confidence", [(v.name.lower(), v.name.lower()) for v in sorted(levels)])
    yield '<label><input id="by-rule" type="checkbox"> by rule</label>\n</form></header>\n'


def _choice(name: str, everything: str, options: list[tuple[str, str]]) -> Iterator[str]:
    yield f'<select id="{name}" aria-label="{name}"><option value="">{everything}</option>\n'
    for value, text in options:
        yield f'<option value="{escape(harmless(value))}">{_text(text)}</option>\n'
    yield "</select>\n"


def _finding(finding: Finding) -> Iterator[str]:
    rule = cards.find(finding.code)
    line = finding.span.line
    facts = {
        "code": finding.code,
        "slug": finding.slug,
        "path": finding.path,
        "severity": finding.severity.name.lower(),
        "confidence": finding.confidence.name.lower(),
    }
    data = " ".join(f'data-{key}="{escape(harmless(value))}"' for key, value in facts.items())
    anchor = f"{finding.code}-{finding.fingerprint[:12] or line}"
    yield f'<article id="{escape(anchor)}" {data}>\n'
    place = f"{finding.path}:{line}:{finding.span.column}"
    where = f" in <code>{_text(finding.function)}</code>" if finding.function else ""
    yield f'<h3><a href="#{escape(anchor)}">{finding.code}</a> {_text(finding.slug)}</h3>\n'
    yield f'<p class="place">{_text(place)}{where} · {facts["severity"]} · {facts["confidence"]} confidence</p>\n'
    yield f'<p class="message">{_marked(finding.message)}</p>\n'
    if finding.verdict:
        yield f'<p class="verdict">{_text(str(finding.verdict))}</p>\n'
    yield from _source(finding)
    if finding.picture:
        yield f"<figure>{drawing.storages(finding.picture)}</figure>\n"
    why = cards.load(rule).section("Why it matters") if rule else None
    if why:
        yield f"<details><summary>Why it matters</summary><p>{_marked(' '.join(why.text.split()))}</p></details>\n"
    yield "</article>\n"


def _source(finding: Finding) -> Iterator[str]:
    """The lines around the finding, with the steps marked in place and described below."""
    notes = finding.notes
    if all(note.path or note.span != finding.span for note in notes):
        notes = (Note(finding.span, ""), *notes)
    rows: list[str] = []
    at: dict[int, int] = {}
    before = 0
    for number, line in sorted(finding.source_lines.items()):
        if before and number > before + 1:
            rows.append('<span class="gap">⋯</span>')
        before = number
        here = [(step, note) for step, note in enumerate(notes, 1) if (note.path, note.span.line) == ("", number)]
        for step, _ in here:
            at[step] = len(rows)
        code = _line(line, [(step, note.span) for step, note in here], finding.span)
        rows.append(f'<span class="line"><b>{number}</b><code>{code}</code></span>')
        for step, note in here:
            if note.phrase:
                at[step] = len(rows)
                rows.append(f'<span class="note" data-step="{step}">{step} {_marked(note.phrase)}</span>')
    for step, note in enumerate(notes, 1):
        if note.path:
            rows.append(f'<span class="gap">{_text(note.path)}:{note.span.line}</span>')
            at[step] = len(rows)
            rows.append(f'<span class="note" data-step="{step}">{step} {_marked(note.phrase)}</span>')
    if not rows:
        return
    steps = [at[step] for step in range(1, len(notes) + 1) if step in at]
    way = drawing.way(steps, len(rows))
    yield f'<div class="source" data-steps="{len(steps)}">{way}<pre>{"".join(rows)}</pre></div>\n'
    if len(steps) > 1:
        yield (
            '<p class="walk"><button type="button" data-walk="-1" aria-label="previous step">◀</button> '
            f"<output>{len(steps)} steps</output> "
            '<button type="button" data-walk="1" aria-label="next step">▶</button></p>\n'
        )


def _line(line: str, steps: list[tuple[int, Span]], own: Span) -> str:
    """A source line with the first span of a step marked."""
    if not steps:
        return _text(line)
    step, span = next(((n, s) for n, s in steps if s == own), steps[0])
    begin = span.column - 1
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    kind = "own" if span == own else "step"
    inside = f'<mark class="{kind}" data-step="{step}">{_text(line[begin:end])}</mark>'
    return f"{_text(line[:begin])}{inside}{_text(line[end:])}"


def _marked(text: str) -> str:
    """Text whose `code` is shown as such."""
    parts = _text(text).split("`")
    return "".join(f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(parts))


def _text(text: str) -> str:
    return escape(harmless(text), quote=False)
