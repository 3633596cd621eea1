"""Text of newer Python → the same in older words, every other character in its place.

What must not be lost on the way: the expressions in formatted strings, the comments, and where each line ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from torchcopylint.parse.cst import module_of

_LINE_END = re.compile(r"\r\n|\r|\n")
_OPENING = re.compile(r"(?:[ \t\f]|\\(?:\r\n|\r|\n))*\(")
_LAZY = re.compile(r"lazy\b([^a-z]*)(import|from)\b")


def in_older_words(text: str) -> str:
    """The text as an older Python reads it; raises ParseFailure where libcst does not, or TooDeep.

    A formatted string becomes a tuple of what it holds, a type alias an assignment; type parameters are gone.
    """
    module = module_of(text)
    places = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)
    page = _Page(text, places, [0, *(end.end() for end in _LINE_END.finditer(text))], list(text))
    waiting: list[cst.CSTNode] = [module]
    while waiting:
        node = waiting.pop()
        rewrite = _REWRITERS.get(type(node).__name__)
        waiting += node.children if rewrite is None else rewrite(page, node)
    return "".join(page.shown)


@dataclass(frozen=True, slots=True)
class _Page:
    """A text, where its nodes stand, where its lines begin, and what it becomes."""

    text: str
    places: Mapping[cst.CSTNode, CodeRange]
    starts: list[int]
    shown: list[str]

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Where a node begins and ends, without parentheses around it."""
        start, end = self.places[node].start, self.places[node].end
        return self.starts[start.line - 1] + start.column, self.starts[end.line - 1] + end.column

    def blank(self, start: int, end: int) -> None:
        """Nothing is left of a stretch but the ends of its lines."""
        for at in range(start, end):
            if self.shown[at] not in "\r\n":
                self.shown[at] = " "

    def keep(self, start: int, end: int) -> None:
        """A stretch is as it was."""
        self.shown[start:end] = self.text[start:end]

    def bracket(self, start: int, end: int) -> None:
        """Nothing is left of a stretch but a pair of brackets, in which lines may end, and the ends of lines."""
        self.blank(start, end)
        self.shown[start], self.shown[end - 1] = "(", ")"

    def keep_comments(self, node: cst.CSTNode) -> None:
        """The comments in a node are as they were."""
        for comment in _below(node):
            if isinstance(comment, cst.Comment):
                self.keep(*self.span(comment))


def _below(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    waiting = [node]
    while waiting:
        yield (node := waiting.pop())
        waiting += node.children


def _formatted(page: _Page, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A formatted string, or strings side by side: a tuple of the expressions in it."""
    fields = list(_fields(node))
    if isinstance(node, cst.ConcatenatedString) and not any(map(_is_formatted, _strings(node))):
        return
    page.bracket(*page.span(node))
    kept = 0
    for field in fields:
        inner = field.expression
        if isinstance(inner, cst.Yield) and not inner.lpar:
            continue  # not between commas
        start = page.span(field)[0]
        page.keep(start + 1, page.span(field.whitespace_after_expression)[1])
        page.shown[start] = "," if kept else " "
        if field.equal is not None:
            page.shown[page.span(field.equal.whitespace_before)[1]] = " "
        kept += 1
        yield inner
    page.keep_comments(node)


def _strings(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The strings that stand side by side."""
    if isinstance(node, cst.ConcatenatedString):
        yield from _strings(node.left)
        yield from _strings(node.right)
    else:
        yield node


def _is_formatted(node: cst.CSTNode) -> bool:
    return type(node).__name__ in ("FormattedString", "TemplatedString")


def _fields(node: cst.CSTNode) -> Iterator[cst.FormattedStringExpression]:
    """What stands in curly brackets in strings side by side, in order, also in the formats."""
    waiting: list[cst.CSTNode] = list(_strings(node))[::-1]
    while waiting:
        part = waiting.pop()
        if type(part).__name__ in ("FormattedStringExpression", "TemplatedStringExpression"):
            yield part  # type: ignore[misc]
        waiting += list(getattr(part, "parts", None) or getattr(part, "format_spec", None) or ())[::-1]


def _parameters(page: _Page, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Type parameters: the bracket that follows begins with them, or there is an empty one."""
    start, end = page.span(node)
    page.bracket(start, end)
    if following := _OPENING.match(page.text, end):
        page.shown[end - 1] = page.shown[following.end() - 1] = " "
    page.keep_comments(node)
    yield from ()


def _alias(page: _Page, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A type alias: an assignment, to a name in brackets."""
    assert isinstance(node, cst.TypeAlias)
    start, end = page.span(node.name)[0] - 1, page.span(node.name)[1]
    begin = page.span(node)[0]
    page.blank(begin, end)
    page.shown[begin] = "("
    page.shown[start : end - 1] = node.name.value
    page.shown[end - 1] = ")"
    if node.type_parameters is not None:
        page.shown[end - 1] = " "
        page.bracket(*(span := page.span(node.type_parameters)))
        page.shown[span[0]] = " "
        page.keep_comments(node.type_parameters)
    yield node.value


def _handler(page: _Page, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Exceptions without brackets: with another operator instead of the commas."""
    caught = getattr(node, "type", None)
    if isinstance(caught, cst.Tuple) and not caught.lpar:
        for element in caught.elements:
            if isinstance(element.comma, cst.Comma):
                page.shown[page.span(element.comma.whitespace_before)[1]] = "|"
    yield from node.children


def _lazy(page: _Page, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """An import that waits: one that does not."""
    start = page.span(node)[0]
    if words := _LAZY.match(page.text, start):
        page.shown[start : words.end()] = f"{words[2]}{' ' * len('lazy')}{words[1]}"
    yield from ()


def _starred(page: _Page, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """What a comprehension unpacks: the same, whole."""
    element = getattr(node, "elt", None)
    stars = page.span(element)[0] if isinstance(element, cst.StarredElement) else -1
    if type(node).__name__ == "StarredDictComp":
        stars = page.text.index("**", page.span(node)[0])
    if stars >= 0:
        while page.text[stars] == "*":
            page.shown[stars] = " "
            stars += 1
    yield from node.children


_REWRITERS: dict[str, Callable[[_Page, cst.CSTNode], Iterator[cst.CSTNode]]] = {
    "FormattedString": _formatted,
    "TemplatedString": _formatted,
    "ConcatenatedString": _formatted,
    "TypeParameters": _parameters,
    "TypeAlias": _alias,
    "ExceptHandler": _handler,
    "ExceptStarHandler": _handler,
    "LazyImport": _lazy,
    "LazyImportFrom": _lazy,
    "ListComp": _starred,
    "SetComp": _starred,
    "GeneratorExp": _starred,
    "StarredDictComp": _starred,
}
