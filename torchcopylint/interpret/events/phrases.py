"""What people read of a path: every phrase of a step, with the step's role, and the words for each way to share.

Nothing is decided by these words: code that needs to know what a step is asks for its role.
"""

from __future__ import annotations

from enum import Enum

from torchcopylint.domain.finding import Role, Step
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.sharing import LIVE, SHALLOWS, VIEWS, Sharing
from torchcopylint.ir import Spot


class Said(Enum):
    """What is said at a step: its role, a phrase, and, where the phrase has places for names, one without names.

    The second phrase is used if a name is missing, or if two names are the same and the first would repeat itself.
    `{way}` stands for one of WAYS, which is not a name.
    """

    def __init__(self, role: Role, words: str, unnamed: str = "") -> None:
        self.role = role
        self.words = words
        self.unnamed = unnamed or words

    def at(self, node: Spot | None, *names: str, way: str = "") -> Step:
        """The step at a syntax node, said with these names if that makes sense."""
        distinct = all(names) and len(set(names)) == len(names)
        return Step(node, (self.words if distinct else self.unnamed).format(*names, way=way), self.role)

    MADE = Role.MADE, "`{}` is created here", "created here"
    MADE_ONCE = Role.MADE, "`{}` is created here, once", "created here, once"
    MADE_BY = Role.MADE, "this gives {way}"
    MADE_ATTACHED = Role.MADE, "created here, still attached to the graph"
    SAME = Role.NAMED, "`{}` is the same object as `{}`", "still the same object"
    SAME_OBJECT = Role.NAMED, "`{}` is another name for the same object", "the same object"
    UNNAMED_SAME = Role.NAMED, "the same object as `{}`", "the same object"
    SAME_MODULE = Role.NAMED, "`{}` is the same module as `{}`", "another name for the same module"
    FIRST_OF = Role.NAMED, "`{}` is the first element of `{}`", "this takes the first element"
    HOLDS_LIVE = Role.TAKEN, "`{}` holds {way}, not copies", "this gives {way}, not copies"
    TAKEN_AS = Role.TAKEN, "`{}` is {way}", "this gives {way}"
    VIEW_TAKEN = Role.TAKEN, "this gives a view, not a copy"
    RELAID = Role.TAKEN, "a copy: these strides do not allow a view"
    PERHAPS_RELAID = Role.TAKEN, "a view, or a copy if the strides do not allow one"
    MEMORY_SHARED = Role.TAKEN, "this shares memory with `{}` from here on", "both share memory from here on"
    MOMENTS_SHARED = Role.TAKEN, "both optimizers share the same moments from here on"
    ONE_OBJECT = Role.TAKEN, "the same object in several places"
    TAKEN_FOR_MEMO = Role.TAKEN, "the second argument is the memo, not the destination"

    COPIED = Role.COPIED, "copied here"
    COPIED_EACH_ROUND = Role.COPIED, "copied here, in every iteration"
    ALL_COPIED = Role.COPIED, "all of `{}` is copied in every iteration", "everything is copied in every iteration"
    SAME_FUNCTION_COPIED = Role.COPIED, "copied here; the copy keeps the same function"

    HANDED_OUT = Role.KEPT, "yielded here without a copy"
    HANDED_OUT_AS_IS = Role.KEPT, "`{}` is returned here without a copy", "returned here without a copy"
    KEPT_NOT_COPIED = Role.KEPT, "stored here without a copy"
    KEPT_FOR_OTHERS = Role.KEPT, "stored here as `{}`, for another method", "stored here for another method"
    KEPT_WITH_GRAPH = Role.KEPT, "stored here with its graph, in every iteration"
    AVERAGED = Role.KEPT, "averaged here, with the graph of everything averaged before"
    CARRIED_ON = Role.KEPT, "`{}` depends on its value from the last iteration", "depends on the last iteration"
    FUNCTION_KEPT = Role.KEPT, "`{}` stores a function that uses `{}`", "a function that uses the module is stored here"
    SAVED = Role.KEPT, "autograd saves `{}` for backward here", "autograd saves the result for backward here"

    WRITTEN = Role.WRITTEN, "written in place here"
    WRITTEN_WITH_GRADIENTS = Role.WRITTEN, "written in place here, with gradients enabled"
    ADDED_UP = Role.WRITTEN, "the others are added to it here"
    CHANGES_SOURCE = Role.WRITTEN, "this changes `{}` too", "this changes the original too"
    CHANGES_BOTH = Role.WRITTEN, "`{}` changes both", "this changes both"
    CHANGES_REFERRED = Role.WRITTEN, "`{}` changes the memory they share", "this changes the memory they share"
    CHANGES_KEPT = Role.WRITTEN, "`{}` overwrites what was stored", "this overwrites what was stored"
    CHANGES_HANDED_OUT = Role.WRITTEN, "`{}` overwrites what was handed out", "this overwrites what was handed out"
    TRAINS_REFERRED = Role.TRAINED, "`{}` updates the tensors they share", "this updates the tensors they share"
    TRAINS_KEPT = Role.TRAINED, "`{}` updates what was stored", "this updates what was stored"
    TRAINS_HANDED_OUT = Role.TRAINED, "`{}` updates what was handed out", "this updates what was handed out"
    TRAINED = Role.TRAINED, "the network is trained here"
    STEPPED_OLD = Role.TRAINED, "this still updates the old parameters"
    ONE_STEPS = Role.TRAINED, "one optimizer steps here"
    OTHER_STEPS = Role.TRAINED, "the other one steps here"
    REPLACED = Role.REPLACED, "copied or replaced here"
    REBOUND = Role.REPLACED, "`{}` is bound to another tensor here and not read again", "bound here and not read again"
    ENTRY_REPLACED = (
        Role.REPLACED,
        "`{}` is replaced in the dict, but not in the model",
        "replaced in the dict, but not in the model",
    )
    CAST = Role.REPLACED, "this casts `{}` itself", "this casts the module itself"
    MOVED = Role.REPLACED, "this moves `{}` itself", "this moves the module itself"
    TRANSFER = Role.WRITTEN, "this only starts the transfer"

    READ_CHANGED = Role.READ, "`{}` is read here with its new values", "read here with its new values"
    OTHER_READ_CHANGED = Role.READ, "the other one is read here with its new values"
    LOOKED_AT_EARLY = Role.READ_EARLY, "read here before anything waits for the transfer"
    USED_CAST = Role.USED, "`{}` is used here after the cast", "used here after the cast"
    USED_MOVED = Role.USED, "`{}` is used here after the move", "used here after the move"
    USED_AS_TARGET = Role.USED, "used as a target here"
    BACKWARD = Role.USED, "backward needs the old value here"
    BACKWARD_AGAIN = Role.USED, "backward goes through it again in the next iteration"
    NO_GRADIENT = Role.USED, "`.grad` is None here"
    NOT_A_LEAF = Role.USED, "still on the graph, so not a leaf"
    NO_METHOD = Role.USED, "{way} has no such method"

    IN_LOOP = Role.LOOP, "in this loop"
    HOT_LOOP = Role.LOOP, "this loop runs once per batch or step"
    CALLED = Role.CALL, "called here"


THINGS = {
    Kind.MODULE: "a module",
    Kind.TENSOR: "a tensor",
    Kind.OPTIMIZER: "an optimizer",
    Kind.STATE_DICT: "a state dict",
}
"""What lacks a method, as a kind is called where one of it is spoken of."""
WAYS = {
    Sharing.MADE: "a new object",
    Sharing.SAME_OBJECT: "the same object",
    Sharing.RECEIVER: "the object itself",
    Sharing.ATTRIBUTE: "an attribute",
    Sharing.ITEM: "an item",
    Sharing.ELEMENT: "an element",
    Sharing.KEPT: "a stored object",
    Sharing.YIELDED: "a yielded object",
    Sharing.VIEW: "a view",
    Sharing.ROW: "a view (one row)",
    Sharing.PART: "a view (one of several)",
    Sharing.PARTS: "several views",
    Sharing.EXPANDED: "an expanded view",
    Sharing.DETACHED: "a detached tensor on the same memory",
    Sharing.DATA: "a `.data` tensor on the same memory",
    Sharing.ARRAY: "an array on the same memory",
    Sharing.OF_ARRAY: "a tensor on the memory of the array",
    Sharing.PARAMETER: "a parameter on the same memory",
    Sharing.BUFFER: "a buffer on the same memory",
    Sharing.ITSELF: "the same tensor",
    Sharing.GRADIENT: "the live gradient",
    Sharing.DECLARED: "an alias, by your own declaration",
    Sharing.LIVE_WEIGHT: "one of the live weights",
    Sharing.LIVE_STATE: "references to the live weights",
    Sharing.LIVE_OPTIMIZER_STATE: "references to the live optimizer state",
    Sharing.SHARED_STATE: "an optimizer with shared state",
    Sharing.SHALLOW: "a shallow copy",
    Sharing.SHALLOW_OBJECT: "a shallow copy (`copy.copy`)",
    Sharing.DEEP_COPY: "a deep copy",
    Sharing.PICKED: "a copy (advanced indexing)",
    Sharing.RELAID: "a copy with another memory layout",
    Sharing.ARGUMENT: "the same memory if a tensor is passed",
    Sharing.COPY_FLAG: "a copy only with `copy=True`",
    Sharing.DEVICE: "a copy only if the device differs",
    Sharing.DTYPE: "a copy only if the dtype differs",
    Sharing.FLOAT32: "a copy only if the dtype is not float32",
    Sharing.DTYPE_OR_DEVICE: "a copy only if the dtype or the device differs",
    Sharing.INDEX: "a view or a copy (depending on the index)",
    Sharing.LAYOUT: "a copy only if the strides do not allow a view",
    Sharing.LAYOUT_OF_PERMUTATION: "a copy only if the strides do not allow a view",
    Sharing.MAX_NORM: "the same memory, written if `max_norm` is given",
    Sharing.SHAPE: "a copy only if there is more than one tensor",
    Sharing.SPARSE: "a copy only if the layout differs",
    Sharing.TRAINING: "a copy only in training",
}
"""What was taken, in words that fit behind "is" and "this gives"."""
OF_PARENT = "{} of `{}`"
"""The words for a way to share together with the name of what was shared."""
LOOP_OVER = "the loop over `{}`"
LOOP = "the `while` loop"
SOME_LOOP = "the loop"
"""What a loop is called."""

_JUST_MADE = frozenset({Sharing.MADE, Sharing.ATTRIBUTE, Sharing.ITEM, Sharing.ELEMENT})
_OF_PARENT = VIEWS | SHALLOWS | {Sharing.EXPANDED, Sharing.INDEX}
"""Ways to share that are said with what was shared: "a view of `x`"."""


def taken(how: Sharing, node: Spot | None, name: str, parent: str) -> Step:
    """The step at which a thing was taken from another, or was made; either name may be "", and both the same."""
    if how in _JUST_MADE:
        return Said.MADE.at(node, name)
    if how is Sharing.SAME_OBJECT:
        if name and parent:
            return Said.SAME.at(node, name, parent)
        return Said.SAME_OBJECT.at(node, name) if name else Said.UNNAMED_SAME.at(node, parent)
    way = WAYS[how]
    if how in LIVE:
        return Said.HOLDS_LIVE.at(node, name, way=way)
    if how in _OF_PARENT and parent not in ("", name):
        way = OF_PARENT.format(way, parent)
    return Said.TAKEN_AS.at(node, name, way=way)
