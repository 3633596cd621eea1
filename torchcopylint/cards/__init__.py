"""Rule cards: one Markdown file per rule; those of plugins; Markdown as plain text."""

from torchcopylint.cards.card import (
    OWN,
    Block,
    Card,
    CardError,
    Rule,
    Section,
    complaints,
    directory,
    find,
    load,
    nearest,
    own_rules,
    pages,
    prose,
    read,
    rules,
)

__all__ = [
    "OWN",
    "Block",
    "Card",
    "CardError",
    "Rule",
    "Section",
    "complaints",
    "directory",
    "find",
    "load",
    "nearest",
    "own_rules",
    "pages",
    "prose",
    "read",
    "rules",
]
