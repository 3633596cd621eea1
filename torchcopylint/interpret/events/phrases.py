"""What people read of a path: every phrase of a step, with the step's role, and the words for each way to share.

Nothing is decided by these words: whoever asks what a step is asks for its role.
"""

from __future__ import annotations

from enum import Enum

from torchcopylint.domain.finding import Role, Step
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.sharing import Sharing


class Said(Enum):
    """What is said at a step: its role, and a phrase with places for the names that it speaks of."""

    def __init__(self, role: Role, words: str) -> None:
        self.role = role
        self.words = words

    def at(self, node: object, *names: object) -> Step:
        """The step at a syntax node."""
        return Step(node, self.words.format(*names), self.role)

    MADE = Role.MADE, "made here"
    NAMED_MADE = Role.MADE, "`{}` is made here"
    MADE_ONCE = Role.MADE, "`{}` is made here, once"
    MADE_BY = Role.MADE, "{} here"
    MADE_ATTACHED = Role.MADE, "made here, still attached"
    SAME = Role.NAMED, "`{}` is the same object as `{}`"
    SAME_OBJECT = Role.NAMED, "`{}` is the same object"
    UNNAMED_SAME = Role.NAMED, "is the same object as `{}`"
    UNNAMED_SAME_OBJECT = Role.NAMED, "is the same object"
    SAME_MODULE = Role.NAMED, "`{}` is the same module as `{}`"
    FIRST_OF = Role.NAMED, "`{}` is the first of `{}`"
    HOLDS_LIVE = Role.TAKEN, "`{}` holds {}, not copies"
    LIVE = Role.TAKEN, "{}, not copies"
    TAKEN_AS = Role.TAKEN, "`{}` is {}"
    TAKEN = Role.TAKEN, "{}, taken here"
    VIEW_TAKEN = Role.TAKEN, "a view, taken here"
    RELAID = Role.TAKEN, "a copy: these strides allow no view"
    PERHAPS_RELAID = Role.TAKEN, "a view, or a copy if it must"
    MEMORY_SHARED = Role.TAKEN, "`{}` and this share their memory from here on"
    MOMENTS_SHARED = Role.TAKEN, "both have the same moments from here on"
    ONE_OBJECT = Role.TAKEN, "one object, several places"
    TAKEN_FOR_MEMO = Role.TAKEN, "taken for the memo here"

    COPIED = Role.COPIED, "copied here"
    COPIED_EACH_ROUND = Role.COPIED, "copied here, in every round"
    ALL_COPIED = Role.COPIED, "all of `{}` is copied in every round"
    SAME_FUNCTION_COPIED = Role.COPIED, "copied here: the copy keeps the same function"

    HANDED_OUT = Role.KEPT, "handed out here"
    HANDED_OUT_AS_IS = Role.KEPT, "`{}` is handed out here as it is"
    KEPT_NOT_COPIED = Role.KEPT, "kept here, not copied"
    KEPT_FOR_OTHERS = Role.KEPT, "kept here as `{}`, to be used in another method"
    KEPT_WITH_GRAPH = Role.KEPT, "kept here, with its graph, in every round"
    AVERAGED = Role.KEPT, "averaged here, with the graph of all that went in before"
    CARRIED_ON = Role.KEPT, "`{}` hangs on what the last round made of it"
    FUNCTION_KEPT = Role.KEPT, "`{}` keeps a function around `{}`"
    SAVED = Role.KEPT, "autograd keeps `{}` for backward here"
    RESULT_SAVED = Role.KEPT, "autograd keeps the result for backward here"

    WRITTEN = Role.WRITTEN, "written here"
    WRITTEN_AFTER = Role.WRITTEN, "and written in place here"
    WRITTEN_WITH_GRADIENTS = Role.WRITTEN, "written here, with gradients on"
    ADDED_UP = Role.WRITTEN, "added up in it here"
    CHANGES_SOURCE = Role.WRITTEN, "this changes `{}` too"
    CHANGES_BOTH = Role.WRITTEN, "`{}` changes both"
    CHANGES_REFERRED = Role.WRITTEN, "`{}` changes what it refers to"
    CHANGES_KEPT = Role.WRITTEN, "`{}` changes what was kept"
    CHANGES_HANDED_OUT = Role.WRITTEN, "`{}` changes what was handed out"
    TRAINS_REFERRED = Role.TRAINED, "`{}` trains what it refers to"
    TRAINS_KEPT = Role.TRAINED, "`{}` trains what was kept"
    TRAINS_HANDED_OUT = Role.TRAINED, "`{}` trains what was handed out"
    TRAINED = Role.TRAINED, "the network is trained here"
    STEPPED_OLD = Role.TRAINED, "the old parameters are stepped here"
    ONE_STEPS = Role.TRAINED, "the one steps"
    OTHER_STEPS = Role.TRAINED, "so does the other"
    REPLACED = Role.REPLACED, "copied or replaced here"
    REBOUND = Role.REPLACED, "`{}` becomes another tensor here, and is not read again"
    ENTRY_REPLACED = Role.REPLACED, "`{}` gets another tensor here, the model does not"
    CAST = Role.REPLACED, "`{}` itself is cast here"
    MOVED = Role.REPLACED, "`{}` itself is moved here"
    TRANSFER = Role.WRITTEN, "the transfer is only started here"

    USED_CHANGED = Role.READ, "used here, changed"
    NAME_USED_CHANGED = Role.READ, "`{}` is used here, changed"
    OTHER_USED_CHANGED = Role.READ, "the other is used here, changed"
    READ_CHANGED = Role.READ, "`{}` is read here, changed"
    LOOKED_AT_EARLY = Role.READ_EARLY, "looked at here, with nothing in between that waits"
    USED_CAST = Role.USED, "`{}` is used on here, cast"
    USED_MOVED = Role.USED, "`{}` is used on here, moved"
    USED_AS_TARGET = Role.USED, "used as a target here"
    BACKWARD = Role.USED, "backward needs it as it was"
    BACKWARD_AGAIN = Role.USED, "backward goes through it again in the next round"
    NO_GRADIENT = Role.USED, "`.grad` is None here"
    NOT_A_LEAF = Role.USED, "still on the graph, so no leaf"
    NO_METHOD = Role.USED, "{} has no such method"

    IN_LOOP = Role.LOOP, "in this loop"
    HOT_LOOP = Role.LOOP, "this loop runs for every batch or step"
    CALLED = Role.CALL, "called here"


THINGS = {
    Kind.MODULE: "a module",
    Kind.TENSOR: "a tensor",
    Kind.OPTIMIZER: "an optimizer",
    Kind.STATE_DICT: "a state dict",
}
"""What lacks a method, as a kind is called where one of it is spoken of."""
WAYS = {
    Sharing.MADE: "made",
    Sharing.SAME_OBJECT: "the same object",
    Sharing.RECEIVER: "the object itself",
    Sharing.ATTRIBUTE: "an attribute",
    Sharing.ITEM: "an item",
    Sharing.ELEMENT: "an element",
    Sharing.KEPT: "kept",
    Sharing.YIELDED: "handed out",
    Sharing.VIEW: "a view",
    Sharing.ROW: "a view (a row)",
    Sharing.PART: "a view (one of several)",
    Sharing.PARTS: "several views",
    Sharing.EXPANDED: "a view that repeats its values",
    Sharing.DETACHED: "the same memory without the graph",
    Sharing.DATA: "its `.data`",
    Sharing.ARRAY: "an array on the same memory",
    Sharing.OF_ARRAY: "on the same memory",
    Sharing.PARAMETER: "a parameter on the same storage",
    Sharing.BUFFER: "a buffer on the same storage",
    Sharing.ITSELF: "the tensor itself",
    Sharing.GRADIENT: "its gradient",
    Sharing.DECLARED: "written by your declaration",
    Sharing.LIVE_WEIGHT: "the live weights",
    Sharing.LIVE_STATE: "references to the live weights",
    Sharing.LIVE_OPTIMIZER_STATE: "references to the live optimizer state",
    Sharing.SHARED_STATE: "on the same state",
    Sharing.SHALLOW: "a shallow copy",
    Sharing.SHALLOW_OBJECT: "a shallow copy (`copy.copy`)",
    Sharing.DEEP_COPY: "a deep copy",
    Sharing.PICKED: "a copy (advanced indexing)",
    Sharing.RELAID: "a copy in another order",
    Sharing.ARGUMENT: "the same memory where a tensor is given",
    Sharing.COPY_FLAG: "a copy only with `copy=True`",
    Sharing.DEVICE: "a copy only on another device",
    Sharing.DTYPE: "a copy only where the dtype is another",
    Sharing.DTYPE_OR_DEVICE: "a copy only where the dtype or the device is another",
    Sharing.INDEX: "a view or a copy, as the index is",
    Sharing.LAYOUT: "a copy only where the strides allow no view",
    Sharing.LAYOUT_OF_PERMUTATION: "a copy only where the strides allow no view",
    Sharing.MAX_NORM: "the same memory, written where `max_norm` is given",
    Sharing.SHAPE: "a copy only where there is more than one tensor",
    Sharing.SPARSE: "a copy only where the layout is another",
    Sharing.TRAINING: "a copy only in training",
}
"""What a handle is, taken so, as it stands after "is"."""
OF_PARENT = "{} of `{}`"
"""The words for a way to share with what was shared."""
LOOP_OVER = "the loop over `{}`"
LOOP = "the `while` loop"
SOME_LOOP = "the loop"
"""What a loop is called."""
