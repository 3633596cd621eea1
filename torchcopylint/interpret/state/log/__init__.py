"""What interpreting a function noticed, before it is known what it means: a module for each subject."""

from __future__ import annotations

from dataclasses import dataclass, field

from torchcopylint.interpret.state.log.autograd import (
    Averaged,
    Broken,
    Compared,
    Difference,
    GraphLog,
    Kept,
    Recurred,
    Refused,
    Required,
    Saved,
)
from torchcopylint.interpret.state.log.copying import CopyLog, CopyMade, DeepCopied, Discarded, Joined, Lacking, Taken
from torchcopylint.interpret.state.log.memory import MemoryLog, Read, Returned, SelfWritten, Write
from torchcopylint.interpret.state.log.places import (
    Aliased,
    Held,
    InSeveral,
    ItemStored,
    KeptAside,
    PartReplaced,
    Placed,
    PlaceLog,
    Rebound,
    Tie,
)
from torchcopylint.interpret.state.log.training import Converted, Departed, Loaded, Relinked, StateShared, TrainingLog


@dataclass(slots=True)
class Log:
    """Everything noticed in one function; tables only grow, so running a loop twice adds nothing twice.

    Each table says who fills it and who reads it; without a word on its keys, those are nodes.
    """

    memory: MemoryLog = field(default_factory=MemoryLog)
    copying: CopyLog = field(default_factory=CopyLog)
    graph: GraphLog = field(default_factory=GraphLog)
    training: TrainingLog = field(default_factory=TrainingLog)
    places: PlaceLog = field(default_factory=PlaceLog)


__all__ = [
    "Aliased",
    "Averaged",
    "Broken",
    "Compared",
    "Converted",
    "CopyMade",
    "DeepCopied",
    "Departed",
    "Difference",
    "Discarded",
    "Held",
    "InSeveral",
    "ItemStored",
    "Joined",
    "Kept",
    "KeptAside",
    "Lacking",
    "Loaded",
    "Log",
    "PartReplaced",
    "Placed",
    "Read",
    "Rebound",
    "Recurred",
    "Refused",
    "Relinked",
    "Required",
    "Returned",
    "Saved",
    "SelfWritten",
    "StateShared",
    "Taken",
    "Tie",
    "Write",
]
