"""--add-ignore: suppresses the current findings with comments written into the files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from torchcopylint.cli.failure import say
from torchcopylint.cli.tally import Tally, count

if TYPE_CHECKING:
    from torchcopylint.outcome import Outcome


def ignoring(outcomes: Iterable[Outcome], reason: str, tally: Tally) -> Iterator[Outcome]:
    """The outcomes with the findings that no comment can suppress; for all others a comment is written."""
    from torchcopylint.files.regular import MOST
    from torchcopylint.files.source import Unreadable, Unwritable, read, rewrite
    from torchcopylint.fix import edited
    from torchcopylint.place.annotate import annotate

    written, files = 0, 0
    for outcome in outcomes:
        if not outcome.findings:
            yield outcome
            continue
        try:
            source = read(outcome.path, MOST)
            annotated = annotate(source, outcome.findings, " ".join(reason.split()))
            if annotated.done:
                rewrite(source, edited(source, annotated.edits))
                written, files = written + len(annotated.done), files + 1
            yield replace(outcome, findings=annotated.left)
        except Unreadable:
            yield outcome
        except Unwritable as error:
            tally.complain(f"{outcome.path}: no comment was written: {error}")
            yield outcome
    say(f"{count(written, 'finding')} ignored in {count(files, 'file')}")
