"""A finding's trial → the question that is tested with torch, looked at once more before anything of it is run."""

from __future__ import annotations

import json
from typing import Any

from torchcopylint.confirm.allowed import complaint
from torchcopylint.domain.finding import Finding

_NOTHING = {"why": "no program was stored for it"}
_FORGED = {"why": "the stored program is not one that may be run"}
"""A trial may come from a cache, and a cache from whoever made the project."""


def question(finding: Finding) -> dict[str, Any]:
    """The question about a finding; if there is none, or its programs may not be run, why."""
    if not finding.trial:
        return _NOTHING
    try:
        asked: dict[str, Any] = json.loads(finding.trial)
        return asked if "why" in asked or _may_be_run(asked) else _FORGED
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return _FORGED


def _may_be_run(asked: dict[str, Any]) -> bool:
    programs = [one[part] for one in (asked, *asked["narrower"]) for part in ("written", "fixed")]
    whole = isinstance(asked["kind"], str) and isinstance(asked["facts"], dict) and "texts" not in asked
    return whole and asked["kind"] != "pattern" and not any(complaint(program) for program in programs)
