"""Two answers about one finding → one: what its own slice shows, and what its line does in a run of the whole function.

The slice asks the analysis's own question, the line whatever the rule asks of any line: only together do they decide.
"""

from __future__ import annotations

from typing import Any

Answer = dict[str, Any]


def both(event: Answer, line: Answer, asked: bool) -> Answer:
    """The one answer; asked: whether a question about the line could be put, so that its answer may speak against.

    Where the two contradict each other it says what both saw, "shows" what its program comes to.
    """
    said, other = event["outcome"], line["outcome"]
    if said == "inconclusive":
        return line if other != "inconclusive" else event
    if other not in (said, "inconclusive") or (said == "refuted" and asked and other != "refuted"):
        return {**event, "outcome": "inconclusive", "reason": f"{event['reason']}; but {line['reason']}", "shows": said}
    return event
