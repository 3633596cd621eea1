"""Calls that pick or reorder elements into a new tensor, and what writes where they were picked from.

The table has them as fresh; here is what people mean who write to what they give.
"""

from __future__ import annotations

PRODUCTS = frozenset("mm bmm addmm baddbmm addbmm mv addmv addr matmul".split())
"""Functions that read the elements of a factor many times; torch does not look whether `out` is one of them."""
UNCHECKED = PRODUCTS | {"tril", "triu"}
"""Functions that write into `out` without looking whether that overlaps what they read, unlike most."""
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
