"""A saved program once more: it is judged as it was when it was saved, and says whether it comes to the same."""

from __future__ import annotations

from typing import Any

import torch

from torchcopylint.confirm.worker.trial import trial

_BUDGET = 60.0
"""Seconds: nobody waits for other findings here, and a slow machine is to come to the same."""


def replay(about: dict[str, Any], written: str, fixed: str) -> int:
    """Run both programs, tell what was seen, and return 0 where it is what the verdict said, else 1.

    about: the job without its programs, with "expected", the outcome that the verdict had.
    """
    found = trial({**about, "written": _plain(written), "fixed": _plain(fixed), "budget": _BUDGET})
    same = found["outcome"] == about["expected"]
    print(f"torch {torch.__version__}{', ' * bool(found['with'])}{found['with']}")
    print(f"{found['outcome']}: {found['reason']}")
    if not same:
        print(f"this differs from the result when it was saved: {about['expected']}")
    return int(not same)


def _plain(text: str) -> str:
    return text.strip("\n") + "\n"
