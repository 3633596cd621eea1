"""A finding's trial → the questions that are tested with torch, looked at once more before anything of it is run."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from torchcopylint.confirm.allowed import complaint
from torchcopylint.domain.finding import Finding

_NOTHING = {"why": "no program was stored for it"}
_FORGED = {"why": "the stored program is not one that may be run"}
"""A trial may come from a cache, and a cache from whoever made the project."""


class Questions(NamedTuple):
    """What is asked about one finding: about its event, and about what its line does whatever the analysis saw there.

    Where one cannot be asked, or its programs may not be run, why.
    """

    event: dict[str, Any]
    line: dict[str, Any]


def questions(finding: Finding) -> Questions:
    """What is asked about a finding."""
    if not finding.trial:
        return Questions(_NOTHING, _NOTHING)
    try:
        event: dict[str, Any] = json.loads(finding.trial)
        line: dict[str, Any] = event.pop("line", _NOTHING)
        whole = all("why" in one or _may_be_run(one) for one in (event, line))
        return Questions(event, line) if whole else Questions(_FORGED, _FORGED)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Questions(_FORGED, _FORGED)


def _may_be_run(asked: dict[str, Any]) -> bool:
    programs = [one[part] for one in (asked, *asked["narrower"]) for part in ("written", "fixed")]
    whole = isinstance(asked["kind"], str) and isinstance(asked["facts"], dict) and "texts" not in asked
    return whole and asked["kind"] != "pattern" and not any(complaint(program) for program in programs)
