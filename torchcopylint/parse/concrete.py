"""Source → tree through libcst's; and, for a file with something to report, pieces of syntax → places."""

from __future__ import annotations

from collections.abc import Iterable

import libcst

from torchcopylint.domain.finding import Span
from torchcopylint.files.source import Source
from torchcopylint.ir import syntax
from torchcopylint.ir.site import Site
from torchcopylint.parse.cst import module_of
from torchcopylint.parse.depth import too_deep
from torchcopylint.parse.from_concrete import FromConcrete


def parse(source: Source) -> syntax.Module:
    """The tree of a source; raises ParseFailure, or TooDeep."""
    return FromConcrete().module(module_of(source.text))


def parse_part(text: str, statement: bool) -> syntax.Expression | syntax.Body | None:
    """A piece of source text: an expression, or statements; None of what is not Python."""
    if too_deep(text):
        return None
    try:
        if not statement:
            return FromConcrete().expression(libcst.parse_expression(text))
        lines = "\n".join(line.strip() for line in text.splitlines())
        return FromConcrete().body(libcst.parse_module(f"{lines}\n"))
    except libcst.ParserSyntaxError:
        return None


def concrete(site: Site) -> libcst.CSTNode:
    """The libcst node that a piece of syntax was read from; asked only of what libcst has read."""
    assert isinstance(site.origin, libcst.CSTNode)
    return site.origin


def spans_of(tree: syntax.Module, sites: Iterable[Site]) -> dict[object, Span]:
    """Where each of the pieces of syntax that are in the tree stands in its text; columns count characters."""
    from libcst.metadata import MetadataWrapper, PositionProvider

    whole = concrete(tree)
    assert isinstance(whole, libcst.Module)
    places = MetadataWrapper(whole, unsafe_skip_copy=True).resolve(PositionProvider)
    spans: dict[object, Span] = {}
    for site in sites:
        node = concrete(site)
        if node not in places:
            continue
        place = places[node]
        start, end = place.start, place.end
        spans[site] = Span(start.line, start.column + 1, end.line, end.column + 1)
    return spans
