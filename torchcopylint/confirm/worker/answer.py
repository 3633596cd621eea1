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
    one.kinds = dict(job.get("kinds", {}))
    return one, other


def branches(job: dict[str, Any], run: Run) -> str:
    """How the tests came out that were chosen, in the user's words; those that were computed say it themselves."""
    words = job.get("test_words", {})
    told = [(words.get(str(n), ""), came) for n, (came, computed) in sorted(run.tests.items()) if not computed]
    shown = [f"`{text}` taken to be {'true' if came else 'false'}" for text, came in told if text]
    more = f" and {len(shown) - 3} more tests chosen" if len(shown) > 3 else ""
    return ", ".join(shown[:3]) + more


def answer(
    job: dict[str, Any],
    outcome: str,
    reason: str,
    written: Text,
    fixed: Text,
    choice: Choice | None = None,
    chosen: str = "",
    ran: bool = True,
) -> dict[str, Any]:
    """The answer as plain data. ran: whether the program came to what is asked about, with or without harm.

    again: a job that comes to the same answer: where stand-ins decided it, with these and the programs as they were
    mended.
    """
    return {
        "outcome": outcome,
        "ran": ran,
        "reason": reason,
        "with": ", ".join(filter(None, [str(choice), chosen])) if choice else "",
        "written": written.shown(),
        "fixed": fixed.shown(),
        "again": {**_asked(job), **(_decided(written, fixed, choice) if choice else {})},
    }


_ASKED = (
    "kind", "facts", "tests", "test_words", "shapes", "left_out", "unsure", "written", "fixed",
    "hints",
    "written_lines", "fixed_lines", "written_needs", "fixed_needs", "written_whole", "fixed_whole",
)  # fmt: skip


def _asked(job: dict[str, Any]) -> dict[str, Any]:
    """What decides a job, without the narrower ones that may come with it."""
    return {name: job[name] for name in _ASKED if name in job}


def _decided(written: Text, fixed: Text, choice: Choice) -> dict[str, Any]:
    """The programs of a job as they were mended, and the stand-ins with which they were run."""
    return {
        "choice": {name: getattr(choice, name) for name in Choice.__dataclass_fields__},
        "kinds": written.kinds,
        "hints": {key: list(kinds) for key, kinds in {**fixed.hints, **written.hints}.items()},
        "written": written.shown(),
        "fixed": fixed.shown(),
        "written_lines": written.shown_lines(),
        "fixed_lines": fixed.shown_lines(),
        "written_whole": [],
        "fixed_whole": [],
    }
