"""A job's two programs, and an answer about them as plain data."""

from __future__ import annotations

from typing import Any

from torchcopylint.confirm.worker.probe import Run
from torchcopylint.confirm.worker.standin import Choice
from torchcopylint.confirm.worker.text import Text


def texts(job: dict[str, Any]) -> tuple[Text, Text]:
    """The two programs of a job, as written and with the fix."""
    hints = {key: tuple(kinds) for key, kinds in job["hints"].items()}
    one, other = (
        Text(
            job[which],
            job[f"{which}_lines"],
            dict(hints),
            {int(number): came for number, came in job.get(f"{which}_needs", {}).items()},
        )
        for which in ("written", "fixed")
    )
    return one, other


def branches(job: dict[str, Any], run: Run) -> str:
    """How the tests came out that were chosen, in the user's words; those that were computed say it themselves."""
    words = job.get("test_words", {})
    told = [(words.get(str(n), ""), came) for n, (came, computed) in sorted(run.tests.items()) if not computed]
    shown = [f"`{text}` taken to be {'true' if came else 'false'}" for text, came in told if text]
    more = f" and {len(shown) - 3} more tests chosen" if len(shown) > 3 else ""
    return ", ".join(shown[:3]) + more


def answer(
    outcome: str, reason: str, written: Text, fixed: Text, choice: Choice | None = None, chosen: str = ""
) -> dict[str, Any]:
    """The answer as plain data."""
    return {
        "outcome": outcome,
        "reason": reason,
        "choice": {name: getattr(choice, name) for name in Choice.__dataclass_fields__} if choice else {},
        "with": ", ".join(filter(None, [str(choice), chosen])) if choice else "",
        "written": written.shown(),
        "fixed": fixed.shown(),
        "kinds": written.kinds,
        "fixed_kinds": fixed.kinds,
        "needs": [{str(n): came for n, came in text.needs.items()} for text in (written, fixed)],
        "hints": {key: list(kinds) for key, kinds in {**fixed.hints, **written.hints}.items()},
    }
