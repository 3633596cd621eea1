"""TCL313: two names for one tensor, one written, the other read as if it were a copy."""

from __future__ import annotations

import re

from torchcopylint.checks.argument_written import is_pure
from torchcopylint.domain.event import SharedWrite
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import DATA
from torchcopylint.domain.sharing import Sure

YIELDS_TO = (
    "argument-written",
    "dataset-item-written",
    "write-to-residual",
    "write-through-detach",
    "write-through-numpy",
    "conditional-copy",
    "write-to-view",
)
_BEFORE = re.compile(r"(^|_)(old|prev|previous|last|before|orig|original|initial|backup|saved|copy|clean|raw)(_|\d*$)")


def alias_written(event: SharedWrite) -> Judgement | None:
    """An in-place write through one of two names of a tensor, and a use of the other name afterwards."""
    if event.via and event.again_read:
        return _written_by_call(event)
    if not (event.twins or event.compared) or event.sure is not Sure.MUST or event.parameter or event.kind not in DATA:
        return None
    other = event.compared or event.twins[0]
    together = "\n" in event.remedy
    if not event.compared and not _meant_apart(event, other, together):
        return None
    how = "both names refer to the same tensor" if other in event.twins else "both names share one memory"
    fields = {"name": event.name, "other": other, "write": event.write, "fix": event.fix or f"{other}.{event.copying}"}
    fields["how"] = how
    changes = (Change(event.site, event.remedy),) if event.site is not None else ()
    return Judgement("alias-written", event.node, fields, event.steps, Confidence(max(1, event.proof)), changes)


_SAYS_SO = re.compile(r"inplace|in_place|(^|[._])(init|reset|fill|set|copy|scatter|update)_")
"""Names of functions that are there to write what they are given."""


def _written_by_call(event: SharedWrite) -> Judgement | None:
    """A function that is called writes what it is given and gives it back: the caller goes on with both."""
    wrong = event.sure is not Sure.MUST or event.parameter or event.kind not in DATA or event.fills
    called = event.write.partition("(")[0].lower()
    if wrong or _SAYS_SO.search(called) or is_pure(called.rpartition(".")[2]):
        return None
    how = "it writes into what it is given and gives that back"
    fields = {"name": event.name, "other": event.name, "write": event.write, "how": how}
    fields["fix"] = f"{event.name}.{event.copying}"
    return Judgement("alias-written", event.node, fields, event.steps, Confidence(max(1, event.proof)))


def _meant_apart(event: SharedWrite, other: str, together: bool) -> bool:
    """Whether two names of one object are used as if they were two."""
    if _shorthand(event.name, other, together) or (event.fills and not together):
        return False
    return event.own or _BEFORE.search(other) is not None


def _shorthand(name: str, other: str, together: bool) -> bool:
    """`w = self.w`, `self.w = w = zeros(3)`: a short name for an attribute that is meant to be the same."""
    return ("." in name) != ("." in other) and (together or not _BEFORE.search(other))
