"""TCL402: a new container of the same live tensors."""

from __future__ import annotations

from torchcopylint.checks.parameter_snapshot import COPY_WORDS
from torchcopylint.domain.event import Snapshot
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.rewrite import detached_clone
from torchcopylint.domain.sharing import SHALLOWS, Sharing
from torchcopylint.domain.use import ReadHow

_PLAIN = frozenset({Sharing.DETACHED, Sharing.DATA, Sharing.DEVICE})
_SHALLOW = SHALLOWS | _PLAIN | {Sharing.LIVE_WEIGHT, Sharing.LAYOUT, Sharing.FLOAT32, Sharing.ARRAY}

_ONLY_THE_CONTAINER = "`{}` copies only the container, not the tensors"
_WHY = {
    Sharing.SHALLOW: _ONLY_THE_CONTAINER,
    Sharing.SHALLOW_OBJECT: _ONLY_THE_CONTAINER,
    Sharing.DEVICE: "`{}` does not copy tensors that are already on the device",
    Sharing.LAYOUT: "`{}` does not copy tensors that are contiguous already",
    Sharing.FLOAT32: "`{}` does not copy tensors of float32",
    Sharing.ARRAY: "`{}` gives arrays on the same memory",
}
_USES_OF_A_COPY = frozenset({ReadHow.COMPUTED, ReadHow.LOADED, ReadHow.SAVED, ReadHow.RETURNED})


def shallow_state_copy(event: Snapshot) -> Judgement | None:
    """A shallow copy of a state dict or list of parameters, used as a snapshot after training."""
    if event.kind not in (Kind.STATE_DICT, Kind.PARAMS, Kind.LIST, Kind.DICT) or not event.trained:
        return None
    if event.kind in (Kind.LIST, Kind.DICT) and not event.each:
        return None
    if event.how not in _SHALLOW or not _used_as_copy(event):
        return None
    remedy = _remedy(event)
    general = "{k: v.clone() ...}" if event.kind in (Kind.STATE_DICT, Kind.DICT) else "[p.clone() ...]"
    why = _WHY.get(event.how, "`{}` does not copy the tensors").format(event.call)
    fields = {"name": event.name, "why": why, "fix": remedy or general}
    changes = (Change(event.site, remedy),) if remedy else ()
    imports = ("copy",) if remedy.startswith("copy.") else ()
    return Judgement("shallow-state-copy", event.node, fields, event.steps, Confidence.MEDIUM, changes, imports)


def _used_as_copy(event: Snapshot) -> bool:
    """What is only gone through counts where it was taken out of the modules' hands and is called what a copy is."""
    if event.uses & _USES_OF_A_COPY:
        return True
    return event.how in _PLAIN and ReadHow.READ in event.uses and COPY_WORDS.search(event.name.lower()) is not None


def _remedy(event: Snapshot) -> str:
    """The same with copies of the tensors, if it is clear how."""
    if not event.text:
        return ""
    if event.how is Sharing.DEVICE:
        if event.text.endswith((".cpu()", ".cuda()")):
            return f'{event.of}.to("{"cpu" if event.text.endswith(".cpu()") else "cuda"}", copy=True)'
        return f"{event.text[:-1]}, copy=True)" if ".to(" in event.text and event.text[-2] not in "(," else ""
    if event.how in SHALLOWS:
        each = f"[p.detach().clone() for p in {event.of}]" if event.kind in (Kind.PARAMS, Kind.LIST) else ""
        return (each or f"copy.deepcopy({event.of})") if event.of else ""
    return detached_clone(event.text) if event.how is Sharing.LIVE_WEIGHT else f"{event.text}.clone()"
