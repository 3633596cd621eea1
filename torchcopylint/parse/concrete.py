"""Source → tree by way of libcst's; and, for a file with something to report, pieces of syntax → places."""

from __future__ import annotations

from collections.abc import Iterable

import libcst

from torchcopylint.domain.finding import Span
from torchcopylint.files.source import Source
from torchcopylint.ir import syntax
from torchcopylint.ir.site import Site
from torchcopylint.parse.depth import too_deep
from torchcopylint.parse.from_concrete import FromConcrete
from torchcopylint.parse.python import Complaint, ParseFailure, TooDeep, tree_of

_OF_NEWER_SYNTAX = (
    "invalid syntax",
    "expected '('",
    "f-string: ",
    "multiple exception types must be parenthesized",
    "iterable unpacking cannot be used in comprehension",
)


def parse(source: Source) -> syntax.Module:
    """The tree of a source; raises ParseFailure, or TooDeep."""
    return FromConcrete().module(module_of(source.text))


def module_of(text: str) -> libcst.Module:
    """libcst's own tree of a text; raises ParseFailure, or TooDeep."""
    if "\0" in text:
        raise ParseFailure(_complaint(text, Complaint("the file contains a null byte", 1, 1)))
    if too_deep(text):
        raise TooDeep
    try:
        return libcst.parse_module(text)
    except (MemoryError, RecursionError, KeyboardInterrupt):
        raise
    except UnicodeEncodeError:  # half of a pair of surrogates: Python says where
        own = tree_of(text)
        theirs = own if isinstance(own, Complaint) else Complaint("it holds half a character", 1, 1)
    except libcst.ParserSyntaxError as error:
        reason = error.message.removeprefix("parser error: ").removeprefix("tokenizer error: ")
        reason = "invalid syntax" if "expected one of" in reason else reason
        theirs = Complaint(reason, error.raw_line, error.raw_column + 1)
    except BaseException as error:  # what comes of its native part need not be an Exception
        theirs = Complaint(f"libcst cannot read it: {error}", 1, 1)
    raise ParseFailure(_complaint(text, theirs))


def _complaint(text: str, theirs: Complaint) -> Complaint:
    """What to say against a text that libcst does not read: in Python's words, which users know, as far as it has any.

    Unless that is about syntax that is newer than this Python: libcst has got past it.
    """
    own = tree_of(text)
    if not isinstance(own, Complaint) or (own.reason.startswith(_OF_NEWER_SYNTAX) and theirs.line > own.line):
        return theirs
    return own


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
