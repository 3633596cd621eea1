"""TCL308: a dataset that is changed by reading it."""

from __future__ import annotations

from torchcopylint.domain.event import SharedWrite
from torchcopylint.domain.family import Family
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import DATA, Kind
from torchcopylint.domain.sharing import Owner

_GETTERS = frozenset({"__getitem__", "__getitems__", "get_item", "get", "__iter__"})


def dataset_item_written(event: SharedWrite) -> Judgement | None:
    """An in-place write, in a dataset's getter, to what the dataset stores."""
    if event.place.function not in _GETTERS or event.owner not in (Owner.ATTRIBUTE, Owner.GLOBAL):
        return None
    if event.place.family is not Family.DATASET and event.place.function != "__getitem__":
        return None
    if event.place.owner is Kind.MODULE:
        return None
    if event.kind not in DATA or event.fills:
        return None
    fields = {"name": event.name, "source": event.source, "write": event.write, "fix": f"{event.name}.{event.copying}"}
    changes = (Change(event.site, event.remedy),) if event.site is not None else ()
    confidence = Confidence(max(1, event.proof))
    return Judgement("dataset-item-written", event.node, fields, event.steps, confidence, changes)
