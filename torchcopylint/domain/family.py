"""The subtype of an object within its kind, if it matters: a parameter among tensors, a loss among modules."""

from __future__ import annotations

from enum import auto
from typing import NamedTuple, TypeAlias

from torchcopylint.domain.fact import Fact
from torchcopylint.domain.kind import Kind


class Family(Fact):
    """What distinguishes objects of one kind."""

    PARAMETER = auto()
    BUFFER = auto()
    BLANK = auto()
    """A tensor created to be filled: zeros, ones, empty."""
    OUTPUT = auto()
    """The output of a module."""
    BATCH = auto()
    """An item of a loader or dataset."""
    SAVED = auto()
    """A result that autograd keeps for backward."""

    STATELESS = auto()
    """A module without parameters."""
    LOSS = auto()
    LIGHTNING = auto()
    """A module that its trainer runs."""
    AUTOGRAD = auto()
    """A function of autograd's own kind."""
    DATASET = auto()

    PLAIN_SGD = auto()
    """An optimizer without moments."""

    LIVE = auto()
    """What a module hands out of its own."""
    NAMED = auto()
    """The same, each with its name."""
    CHAIN = auto()
    """Several containers, one after another."""
    LOADED = auto()
    """What goes through a loader."""

    GRAD_OFF = auto()
    GRAD_ON = auto()
    GRAD_PERHAPS = auto()
    """Contexts in which gradients are off, on, or either."""


class OfClass(NamedTuple):
    """Made by a class of torch's own, of this name."""

    name: str


class OfKind(NamedTuple):
    """A container of things of this kind."""

    kind: Kind


AnyFamily: TypeAlias = Family | OfClass | OfKind | None
