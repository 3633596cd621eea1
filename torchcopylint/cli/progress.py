"""Progress of a long run, shown only on a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torchcopylint.outcome import Outcome

_PATIENCE, _PAUSE = 1.0, 0.1
"""Seconds before anything is shown, and between two updates."""

_WIDTH = 40


def progress(outcomes: Iterable[Outcome], total: int, quiet: bool) -> Iterator[Outcome]:
    """The outcomes as they come; meanwhile a line on standard error shows how many files are done."""
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield from outcomes
        return
    start = shown = monotonic()
    visible = False
    try:
        for done, outcome in enumerate(outcomes, 1):
            now = monotonic()
            if visible and (outcome.findings or outcome.failure):
                visible = _say("")  # the next output may go to the same terminal
            yield outcome
            if done < total and now - start > _PATIENCE and now - shown > _PAUSE:
                sys.stdout.flush()
                visible, shown = _say(f"{done} of {total} files"), now
    finally:
        if visible:
            _say("")


def _say(text: str) -> bool:
    sys.stderr.write(f"\r{text:<{_WIDTH}}\r{text}")
    sys.stderr.flush()
    return bool(text)
