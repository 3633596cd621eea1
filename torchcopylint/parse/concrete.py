"""Source → tree by way of libcst's; and, for a file with something to report, pieces of syntax → places."""

from __future__ import annotations

from collections.abc import Iterable

import libcst

from torchcopylint.domain.finding import Span
from torchcopylint.files.source import Source
from torchcopylint.ir import syntax
from torchcopylint.ir.site import Site
from torchcopylint.parse.from_concrete import FromConcrete
from torchcopylint.parse.python import Complaint, ParseFailure, refuse_deep, tree_of


def parse(source: Source) -> syntax.Module:
    """The tree of a source; raises ParseFailure, or TooDeep."""
    refuse_deep(source.text)
    try:
        return FromConcrete().module(libcst.parse_module(source.text))
    except libcst.ParserSyntaxError as error:
        # Python's own words are those that users know; libcst's stand in where only libcst complains.
        own = tree_of(source.text)
        reason = error.message.removeprefix("parser error: ")
        theirs = Complaint(reason, error.raw_line, error.raw_column + 1)
        raise ParseFailure(own if isinstance(own, Complaint) else theirs) from None
    except UnicodeEncodeError:
        own = tree_of(source.text)
        raise ParseFailure(own if isinstance(own, Complaint) else Complaint("it is no text", 1, 1)) from None


def parse_part(text: str, statement: bool) -> syntax.Expression | syntax.Body | None:
    """A piece of source text: an expression, or statements; None of what is no Python."""
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
