"""What was noticed of training: optimizers, what they hold and step, and modules that are converted."""

from __future__ import annotations

from dataclasses import dataclass, field

from torchcopylint.domain.identity import Id, Region
from torchcopylint.domain.use import Conversion
from torchcopylint.ir import Spot
from torchcopylint.ir.site import Site


@dataclass(frozen=True, slots=True, eq=False)
class Relinked:
    """A thing that was copied or replaced, while an optimizer holds the old one; step: where that steps."""

    node: Spot | None
    thing: Id
    optimizer: Id
    step: Site | None = None
    copied: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class StateShared:
    """The handles of two optimizers, from where the first was given the live state of the second."""

    node: Site
    target: Id
    source: Id


@dataclass(frozen=True, slots=True, eq=False)
class Converted:
    """A module that was cast or moved itself, by which handle."""

    node: Site
    hand: Id
    obj: Id
    how: Conversion


@dataclass(frozen=True, slots=True, eq=False)
class Departed:
    """A module whose weights got other storage; parameters: they are other objects, too."""

    obj: Id
    parameters: bool


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A state dict that is loaded; before: it may have been there before the function was called."""

    node: Site
    before: bool


@dataclass(slots=True)
class TrainingLog:
    """Optimizers, steps and conversions."""

    stepped: set[Region] = field(default_factory=set)
    """What optimizers step. From `training` and calls that are inlined; read by `history_and_target`."""
    step_rounds: dict[Site, tuple[Site, ...]] = field(default_factory=dict)
    """Calls of `step` → the loops around them. From the same; read by `copy`."""
    optimized: set[Id] = field(default_factory=set)
    """Objects given to optimizers. From `optimizer`; read by `saved_write`."""
    trainees: set[Id] = field(default_factory=set)
    """Handles that an optimizer holds which steps. From `training`; read by `live_buffer`."""
    relinked: dict[Spot | None, Relinked] = field(default_factory=dict)
    """From `optimizer`; read by `broken_link`."""
    unlinked: dict[Id, Site] = field(default_factory=dict)
    """Object of which a part was replaced → where. From `optimizer`; read where a call is inlined."""
    shared_states: dict[Site, StateShared] = field(default_factory=dict)
    """From `training`; read by `shared_state`."""
    loaded: dict[str, Loaded] = field(default_factory=dict)
    """By the state dict that is loaded, as written. From `training`; read by `across_methods`."""
    departed: dict[Id, Departed] = field(default_factory=dict)
    """By number. From `departure`; read where a call is inlined."""
    converted: dict[int, Converted] = field(default_factory=dict)
    """By number. From `action`; read by `conversion`."""
    bound_from: dict[Site | None, str] = field(default_factory=dict)
    """Expression → the name or attribute that it is bound to. From `store`, `transfer`; read by `conversion`."""
