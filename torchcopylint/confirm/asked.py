"""The words of a plan: what torch is asked, what takes the place of the harm in the control, where a run is watched.

The values are what the process that runs the programs knows these by.
"""

from __future__ import annotations

from torchcopylint.domain.fact import Fact


class Probe(Fact):
    """What a run is searched for."""

    SHARED = "shared"
    """A write that changes another name's value."""
    STALE = "stale"
    """What was kept is not what it was when it was kept."""
    LOST = "lost"
    """A write that changes nothing."""
    KEPT = "kept"
    """What is kept keeps its graph."""
    TARGET = "target"
    """A target of a loss that is attached."""
    LINK = "link"
    """An optimizer that steps what is not in use."""
    RAISE = "raise"
    """An error."""
    SPOILT = "spoilt"
    """A write to what backward needs."""
    REPLICATED = "replicated"
    """One object in several places."""
    DEFAULT = "default"
    """A default that all calls write to."""
    OUTCOME = "outcome"
    """A write that leaves behind something else than the fix does."""
    COST = "cost"
    """Time or memory for nothing."""
    GROWN = "grown"
    """What is copied again in every iteration, as it grows."""
    LEAF = "leaf"
    """What is not a leaf."""
    ADRIFT = "adrift"
    """An optimizer apart from its model."""
    ALIKE = "alike"
    """Modules with the same first values."""
    CONVERTED = "converted"
    """A module that was converted in place."""
    LINE = "line"
    """What a line does, whatever the analysis saw there."""


class Ask(Fact):
    """What is asked about a line."""

    WRITES = "writes"
    """Whether it changes what another name, the caller or the object holds."""
    EXPANDED = "expanded"
    """Whether it writes to elements on the same memory."""
    SPOILS = "spoils"
    """Whether it spoils a gradient."""
    ORDER = "order"
    """Whether it comes out otherwise where what it reads is copied before it writes."""
    TARGET = "target"
    """Whether what a loss is given as its target is attached."""
    KEEPS_GRAPH = "keeps graph"
    """Whether what it keeps is attached, over more than one backward."""
    LEAF = "leaf"
    """Whether what it makes requires a gradient and is no leaf."""
    LIVE = "live"
    """Whether what it keeps changes afterwards."""
    LOST = "lost"
    """Whether it changes nothing."""
    RAISES = "raises"
    """Whether torch raises."""
    NEEDED = "needed"
    """Whether all comes out the same without the copy that it makes."""
    GROWS = "grows"
    """Whether what it puts together grows in every round of a loop."""
    HOT = "hot"
    """Whether it copies in every round of a loop that computes."""
    GIVEN = "given"
    """Whether what it copies, or makes a tensor of, is of the kind that the rule speaks of."""


class Cure(Fact):
    """What the control does in place of the harm."""

    NONE = ""
    CHANGES = "changes"
    """The finding's own fix, and nothing where there is none."""
    COPY_WRITTEN = "copy written"
    COPY_RESULT = "copy result"
    DETACH_VALUE = "detach value"
    DETACH_RESULT = "detach result"
    DETACH_ARGUMENT = "detach argument"
    LAND = "land"
    """What is written to a copy is put back where that came from."""
    KEEP = "keep"
    """A dropped result is kept."""
    RELINK = "relink"
    APART = "apart"
    REFRESH = "refresh"
    CLONE_TENSOR = "clone tensor"
    GATHER = "gather"
    EACH = "each"
    DEEPCOPY = "deepcopy"
    """In place of packing and unpacking."""
    THROUGH = "through"
    """Without the detour through Python."""
    UNCOPIED = "uncopied"
    ANEW = "anew"


class Tag(Fact):
    """A place of a program at which a run is watched."""

    WRITE = "write"
    TAKEN = "taken"
    TAKEN_TOO = "taken too"
    """Where what was kept was taken, if that is another place than where it is kept."""
    CHANGE = "change"
    CHANGED = "changed"
    USED = "used"
    COMPARED = "compared"
    KEPT = "kept"
    STEPPED = "stepped"
    MADE = "made"
    END = "end"

    @property
    def word(self) -> str:
        """What a run calls the place."""
        return str(self.value).partition(" ")[0]
