"""Stand-ins: by which keys they are known, and defaults that need none."""

from __future__ import annotations

import ast
import re

from torchcopylint.confirm.allowed import LARGEST, is_text
from torchcopylint.confirm.reach import own_name
from torchcopylint.confirm.slice import Code, self_of
from torchcopylint.ir import LoadAttr, Parameter
from torchcopylint.ir.question import text_of


def key_path(code: Code, i: LoadAttr) -> str:
    """The key of the stand-in for an attribute: the path by which it is read, `self` whatever that is called."""
    root, path = code.root(i.dst)
    function = code.function
    if self_of(function) == root:
        return "self." + ".".join(map(own_name, path))
    return ".".join((root, *path))


def plain_default(parameter: Parameter) -> str | None:
    """A parameter's default, where it is a plain number or flag."""
    text = text_of(parameter.node) if parameter.node is not None else ""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
    return repr(value) if isinstance(value, (bool, int, float)) and abs(value) < LARGEST else None


def key_of(words: str) -> str:
    """The user's words for a stand-in, as they may stand in a program."""
    plain = " ".join(words.split()).replace('"', "'")
    while "__" in plain:
        plain = plain.replace("__", "_")
    plain = re.sub(r"[^\w .,:;/\-+*()\[\]`'=>]", "?", plain, flags=re.ASCII).replace("?", "-")[:50]
    return plain if is_text(plain) else "something"
