"""TCL307: a residual that an in-place layer has already changed."""

from __future__ import annotations

import re

from torchcopylint.domain.event import SharedWrite
from torchcopylint.domain.finding import Confidence, Judgement
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.sharing import Sure

_FLAG = re.compile(r"\binplace\s*=\s*True\b")
_FUNCTION = re.compile(r"\b(relu|relu6|elu|selu|celu|rrelu|leaky_relu|hardtanh|sigmoid|tanh|threshold|dropout)_\(")
_LAYER = re.compile(r"^[\w.]+(\[[^\]]*\])?\(\s*[\w.]+\s*\)$")


def write_to_residual(event: SharedWrite) -> Judgement | None:
    """An activation or dropout that works in place on a tensor that another name refers to and uses later."""
    kept = (*event.twins, *event.others, *((event.name,) if event.again_read else ()))
    if not kept or event.kind is not Kind.TENSOR or event.sure is not Sure.MUST or event.parameter or event.grad_off:
        return None
    if event.via or not (_FLAG.search(event.write) or _FUNCTION.search(event.write) or _is_layer(event.write)):
        return None
    how = f"but `{kept[0]}` refers to the same tensor" if kept[0] != event.name else "which is read again afterwards"
    fields = {"name": event.name, "how": how, "write": event.write, "fix": "inplace=False"}
    confidence = Confidence(max(2, event.proof))
    return Judgement("write-to-residual", event.node, fields, event.steps, confidence)


def _is_layer(write: str) -> bool:
    """`self.relu(x)`: a layer that writes; a function or method that writes ends in an underscore."""
    return _LAYER.match(write) is not None and not write.partition("(")[0].endswith("_")
