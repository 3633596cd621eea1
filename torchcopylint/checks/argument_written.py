"""TCL309: a function that changes the caller's tensor."""

from __future__ import annotations

import re

from torchcopylint.domain.event import DefaultOf, Result, SharedWrite
from torchcopylint.domain.family import Family
from torchcopylint.domain.finding import Change, Confidence, Judgement
from torchcopylint.domain.kind import DATA, Kind
from torchcopylint.domain.layout import Layout
from torchcopylint.domain.sharing import SHALLOWS, Owner, Sure

YIELDS_TO = ("swap-through-views", "overlapping-write", "write-to-residual")

_PURE = re.compile(
    r"^(forward|__call__|call|training_step|apply_transform)$|loss|metric|transform|normali[sz]e|augment|attack"
    r"|accuracy|perturb|score|encode|decode|preprocess|to_xy|convert|distance|similarity"
)
_IN_PLACE = re.compile(r"[^_]_$|inplace|in_place|init|reset|step|update|fill|set_|copy_|mutate|scatter|clip_grad")
_BUFFERS = re.compile(
    r"^(out|output|outputs|buf|buffer|write_to|cache|.*_cache|.*_out|state|result|results|dst|grad.*|.*_grad)$"
)


def is_pure(name: str) -> bool:
    """Whether a function of this name is expected to leave its arguments alone: what it writes is told in it."""
    return _PURE.search(name) is not None and _IN_PLACE.search(name) is None


def argument_written(event: SharedWrite) -> Judgement | None:
    """An in-place write to a tensor argument in a function that is expected not to change its arguments."""
    name = event.place.function
    kinds = DATA | {Kind.DICT} if name == "forward" else DATA
    if (
        event.via
        or event.default is DefaultOf.ARGUMENT
        or event.owner is not Owner.ARGUMENT
        or event.kind not in kinds
        or Layout.EXPANDED in event.layout
    ):
        return None
    if event.alias in SHALLOWS:
        return None
    private = name.startswith("_") and not name.endswith("__")
    if not event.place.public and not event.called:
        return None
    # A function that shifts or scales what it is given by something of itself, and is given it again, is no setter.
    shifts = event.derived and (event.operator or "out=" not in event.write)
    proven = shifts and event.met_again and event.result is None and not _IN_PLACE.search(name)
    if (private and not proven) or event.place.family is Family.AUTOGRAD or event.sure is Sure.MAY:
        return None
    if event.place.documented or event.parameter or not (proven or is_pure(name)):
        return None
    if event.again:
        return None
    root = re.split(r"[.\[]", event.source)[0]
    guessed = event.sure is Sure.CONDITIONAL and event.proof < 2
    if event.spared or _BUFFERS.search(root) or root.endswith("_") or guessed:
        return None
    source = event.source if event.inside else root
    fields = {"name": event.name, "source": source, "write": event.write, "fix": f"{source} = {source}.{event.copying}"}
    whole = event.remedy.startswith(f"{root} = ") or not event.kept
    changes = (Change(event.site, event.remedy),) if event.site is not None and whole else ()
    if event.result is Result.NOTHING:
        return None
    told = event.result is Result.ITSELF and not event.watched
    confidence = Confidence.LOW if told else Confidence(max(1, event.proof))
    return Judgement("argument-written", event.node, fields, event.steps, confidence, changes)
