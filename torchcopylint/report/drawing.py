"""Pictures as SVG: which names share storage, and the path from step to step beside the source lines."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from itertools import pairwise

from torchcopylint.domain.finding import Picture
from torchcopylint.report.harmless import harmless

ROW = 22
"""The height of a source line in pixels, as in the page's style sheet."""

_WIDTH, _NAME, _BOX, _STEP = 540, 150, 160, 38
_CHAR = 8
"""The maximum width of a character in the pictures, in pixels."""


def storages(picture: Picture) -> str:
    """Names on the left, storages on the right, a line from each name to its storage; the write in red."""
    parts: list[str] = []
    top = 8
    for storage in picture.storages:
        height = max(len(storage.names), 1) * _STEP - 8
        parts.append(_box(_WIDTH - _BOX - 8, top, _BOX, height, storage.label, "storage"))
        for number, name in enumerate(storage.names):
            y = top + number * _STEP
            writes = name == picture.writer
            parts.append(_box(8, y, _NAME, _STEP - 8, name, "name writes" if writes else "name"))
            parts.extend(_pointer(y + (_STEP - 8) / 2, picture.write if writes else "", writes))
        top += height + 24
    words = ", ".join(f"{' and '.join(s.names)} point at {s.label}" for s in picture.storages)
    label = words + (f"; {picture.write} writes through {picture.writer}" if picture.write else "")
    return (
        f'<svg class="sharing" viewBox="0 0 {_WIDTH} {top - 16}" role="img" aria-label="{_text(label)}">'
        f"{''.join(parts)}</svg>"
    )


def _box(x: float, y: float, width: float, height: float, text: str, kind: str) -> str:
    shown = _cut(text, width)
    return (
        f'<g class="{kind}"><title>{_text(text)}</title>'
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>'
        f'<text x="{x + width / 2}" y="{y + height / 2 + 5}">{_text(shown)}</text></g>'
    )


def _pointer(y: float, write: str, writes: bool) -> Iterator[str]:
    left, right = 8 + _NAME, _WIDTH - _BOX - 8
    kind = "write" if writes else "points"
    yield f'<path class="{kind}" d="M{left} {y} H{right - 8}"/>'
    yield f'<path class="{kind} head" d="M{right} {y} l-9 -5 v10 z"/>'
    if write:
        shown = _text(_cut(write, right - left - 16))
        yield f'<text class="write" x="{(left + right) / 2}" y="{y - 7}"><title>{_text(write)}</title>{shown}</text>'


def _text(text: str) -> str:
    return html.escape(harmless(text))


def _cut(text: str, width: float) -> str:
    longest = int(width // _CHAR)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def way(rows: Sequence[int], height: int) -> str:
    """The steps of a path as numbered dots at these rows of a source, with an arrow from each to the next."""
    parts: list[str] = []
    for number, (here, there) in enumerate(pairwise(rows), 1):
        y, z = _middle(here), _middle(there)
        bend = 30 - min(26, 8 + abs(there - here) * 3)
        parts.append(f'<path class="leg" data-step="{number + 1}" d="M30 {y} C{bend} {y} {bend} {z} 30 {z}"/>')
    for number, row in enumerate(rows, 1):
        y = _middle(row)
        parts.append(
            f'<g class="dot" data-step="{number}"><circle cx="34" cy="{y}" r="8"/>'
            f'<text x="34" y="{y + 4}">{number}</text></g>'
        )
    return f'<svg class="way" width="46" height="{height * ROW}" aria-hidden="true">{"".join(parts)}</svg>'


def _middle(row: int) -> float:
    return row * ROW + ROW / 2
