"""The two readers beside each other: where the IR or the text of a file differs, by libcst and by Python's own tree."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from torchcopylint.files.source import Source
from torchcopylint.ir import syntax
from torchcopylint.ir.site import Site
from torchcopylint.lower import lower
from torchcopylint.parse import concrete, plain
from torchcopylint.parse.python import ParseFailure, TooDeep
from torchcopylint.parse.stretch import Unparsed

_WORDS = (syntax.Expression, syntax.SmallStatement, syntax.Slice, syntax.From)


def differences(source: Source) -> Iterator[str]:
    """What the readers do not agree on, as sentences; nothing of what one of them cannot read."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 5000))
    try:
        ours, theirs = plain.parse(source), concrete.parse(source)
    except (ParseFailure, TooDeep):
        return
    finally:
        sys.setrecursionlimit(limit)
    code, other = str(lower(ours)).splitlines(), str(lower(theirs)).splitlines()
    yield from (f"{one!r} is {two!r} by libcst" for one, two in zip(code, other, strict=False) if one != two)
    if len(code) != len(other):
        yield f"{len(code)} instructions are {len(other)} by libcst"
    for one, two in zip(_everything(ours), _everything(theirs), strict=False):
        if type(one) is not type(two):
            yield f"{one.text!r} is {type(one).__name__}, and {type(two).__name__} by libcst"
            return
        if isinstance(one, _WORDS) and not isinstance(one.written, Unparsed) and _said(one) != _said(two):
            yield f"{_said(one)} is {_said(two)} by libcst"


def _everything(site: Site) -> Iterator[Site]:
    yield site
    for part in site.parts:
        yield from _everything(part)


def _said(site: Site) -> tuple[str, str, bool, bool]:
    """How it is written but for indentation, which libcst keeps apart."""
    alone = site.written.begins_line(site)
    inside = isinstance(site, syntax.Expression) and site.written.in_parentheses(site)
    return site.text, " ".join(site.code.split()).rstrip("; "), inside, alone
