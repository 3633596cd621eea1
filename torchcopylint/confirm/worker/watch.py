"""What changes between the moments of a run: what a line writes, what is written after it, how often backward ran."""

from __future__ import annotations

from typing import Any

import torch

from torchcopylint.confirm.worker.observe import Moment, Seen, again
from torchcopylint.confirm.worker.pretend import Tiny


class Watch:
    """Notes in each moment of one run what has changed since the ones before."""

    def __init__(self) -> None:
        self.moments: list[Moment] = []
        self.backwards = 0
        self.unknown: list[str] = []
        self._backward: Any = None

    def __enter__(self) -> Watch:
        self._backward = torch.autograd.backward
        Tiny.called = self.unknown

        def counted(*args: Any, **kwargs: Any) -> Any:
            self.backwards += 1
            return self._backward(*args, **kwargs)

        torch.autograd.backward = counted
        return self

    def __exit__(self, *error: object) -> None:
        torch.autograd.backward = self._backward
        Tiny.called = None

    def note(self, moment: Moment) -> None:
        """The run is at this moment."""
        moment.backwards = self.backwards
        last = self.moments[-1] if self.moments else None
        if moment.tag == "after" and last is not None and last.tag == "before":
            moment.wrote = changed(last)
            moment.unknown = next(iter(self.unknown), "")
        self.unknown.clear()
        if moment.tag in ("returned", "end"):
            for earlier in self.moments:
                if earlier.tag == "after":
                    earlier.later = changed(earlier)
        self.moments.append(moment)


def changed(moment: Moment) -> dict[str, Seen]:
    """What the names of a moment held then and is something else by now, as it is now."""
    found: dict[str, Seen] = {}
    known: dict[int, Seen | None] = {}
    for path, was in moment.names.items():
        if was.identity not in known:
            now = again(was)
            known[was.identity] = now if now.version != was.version or now.differs(was) else None
        if (now_ := known[was.identity]) is not None:
            found[path] = now_
    return found
