"""Calls that pick or reorder elements into a new tensor, and what writes where they were picked from.

The table has them as fresh; here is what people mean who write to what they give.
"""

from __future__ import annotations

_LANDS = {
    "diag": "{}.diagonal()",
    "masked_select": "{}[mask] = ...",
    "index_select": "{}.index_copy_(...)",
    "gather": "{}.scatter_(...)",
    "take_along_dim": "{}.scatter_(...)",
    "take": "{}.put_(...)",
}


def landing(word: str, source: str) -> str:
    """The expression that writes into the source what the call of that name picked; "" where there is none."""
    return _LANDS[word].format(source) if word in _LANDS and source else ""
