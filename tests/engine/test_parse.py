"""Text to tree: what is no Python is told at its place, in Python's words; what would break the parser is refused."""

from __future__ import annotations

import pytest

from torchcopylint.domain.finding import Span
from torchcopylint.files.source import Source
from torchcopylint.ir import syntax
from torchcopylint.parse.concrete import parse, spans_of
from torchcopylint.parse.python import ParseFailure


@pytest.mark.parametrize(
    ("text", "reason", "line", "column"),
    [
        pytest.param("x = 1\nif x\n    y\n", "expected ':'", 2, 5, id="colon"),
        pytest.param("x = (\n", "'(' was never closed", 1, 5, id="bracket"),
        pytest.param("print 'x'\n", "Missing parentheses in call to 'print'", 1, 1, id="python 2"),
        pytest.param("def f():\nx\n", "expected an indented block", 2, 1, id="indentation"),
        pytest.param("x = 1\ny = '\ud83d'\n", "U+D83D is half of a character", 2, 6, id="half a character"),
        pytest.param("x = 1\ny = 'a\0b'\n", "the file contains a null byte", 2, 7, id="null byte"),
    ],
)
def test_what_is_no_python_is_told_with_its_place(text: str, reason: str, line: int, column: int) -> None:
    with pytest.raises(ParseFailure) as error:
        parse(Source("a.py", text))
    assert error.value.complaint.reason.startswith(reason)
    assert error.value.complaint[1:] == (line, column)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("x = 1", id="no newline"),
        pytest.param("x = 1\r\nif x:\r\n\ty = 2\r\n", id="crlf and tab"),
        pytest.param("x = 1\n\x0c\ny = 2\n", id="form feed"),
        pytest.param("x = '" + "a" * 1_000_000 + "'", id="huge line"),
        pytest.param("x = [" + "1, " * 5000 + "]", id="huge list"),
        pytest.param("x = t'{a}' rt'{b}' t''\n", id="t-strings side by side"),
        pytest.param(
            "match x:\n    case [1, *_]:\n        pass\ntry:\n    pass\nexcept* E:\n    pass\n", id="new syntax"
        ),
    ],
)
def test_odd_but_valid_text_is_parsed(text: str) -> None:
    assert parse(Source("a.py", text)).code == text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("type X = int\n\nx = 1 2\n", 3, id="behind newer syntax"),
        pytest.param("def f[T](x: T): pass\nx = (\n", 2, id="never closed behind it"),
        pytest.param("x = b'a' t'{b}'\n", 1, id="bytes before a t-string"),
        pytest.param("x = '\ud800'\n", 1, id="no text"),
    ],
)
def test_what_libcst_alone_or_not_even_that_can_read_is_told(text: str, line: int) -> None:
    with pytest.raises(ParseFailure) as error:
        parse(Source("a.py", text))
    assert error.value.complaint.line == line


def test_places_count_characters_from_one() -> None:
    tree = parse(Source("a.py", "\nif x:\n\té = 'ü' + y\n"))
    test = tree.body[0]
    assert isinstance(test, syntax.If)
    statement = test.body[0]
    assert isinstance(statement, syntax.Assign) and isinstance(statement.value, syntax.BinaryOperation)
    assert spans_of(tree, [statement, statement.value.right]) == {
        statement: Span(3, 2, 3, 13),
        statement.value.right: Span(3, 12, 3, 13),
    }
