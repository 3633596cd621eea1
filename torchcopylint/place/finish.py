"""Findings with lines and columns → those to report: fingerprinted, and without what comments suppress."""

from __future__ import annotations

from collections.abc import Iterable

from torchcopylint.config import Settings
from torchcopylint.domain.finding import Finding
from torchcopylint.files.source import Source
from torchcopylint.place.comment import speaks_to_us


def finish(
    findings: Iterable[Finding], source: Source, settings: Settings, complete: bool = True
) -> tuple[Finding, ...]:
    """What is reported of one source's findings; complete: whether the whole source was analysed.

    Only then is a comment that suppresses nothing reported.
    """
    found = tuple(findings)
    if not found and not speaks_to_us(source.text):
        return ()
    from torchcopylint.place.fingerprint import fingerprint
    from torchcopylint.place.suppress import suppress

    return suppress(fingerprint(found, source), source, settings, complete)
