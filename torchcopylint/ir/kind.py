"""Which of its kind an instruction or parameter is; the values are the words that it is printed with."""

from __future__ import annotations

from torchcopylint.domain.fact import Fact


class LoopKind(Fact):
    """What makes a loop."""

    FOR = "for"
    WHILE = "while"
    COMPREHENSION = "comprehension"


class BuildKind(Fact):
    """What is built of items."""

    LIST = "list"
    TUPLE = "tuple"
    SET = "set"
    GENERATOR = "generator"
    TEXT = "text"


class JumpKind(Fact):
    """How a block is left."""

    BREAK = "break"
    CONTINUE = "continue"
    RAISE = "raise"


class ParameterKind(Fact):
    """What a parameter takes."""

    PLAIN = "plain"
    STAR = "star"
    """All further arguments by position."""
    KEYWORD = "keyword"
    """By keyword only."""
    DOUBLE_STAR = "double star"
    """All further arguments by keyword."""


TAKES_MORE = frozenset({ParameterKind.STAR, ParameterKind.DOUBLE_STAR})
