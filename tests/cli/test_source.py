"""How the bytes of a file become text, and which files are told to be no text."""

from __future__ import annotations

from codecs import BOM_UTF8, BOM_UTF16_LE
from pathlib import Path

import pytest

from torchcopylint.files.source import Source, Unreadable, decode, read


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        pytest.param(b"", "", id="empty"),
        pytest.param("x = 'é'\r\n".encode(), "x = 'é'\r\n", id="utf-8"),
        pytest.param(BOM_UTF8 + b"x = 1", "x = 1", id="byte order mark"),
        pytest.param(BOM_UTF8 + b"# coding: utf-8\n", "# coding: utf-8\n", id="byte order mark and comment"),
        pytest.param(b"# -*- coding: latin-1 -*-\nx = '\xe9'", "# -*- coding: latin-1 -*-\nx = 'é'", id="comment"),
        pytest.param(
            b"#!/bin/sh\n# vim: fileencoding=cp1252\n'\x80'", "#!/bin/sh\n# vim: fileencoding=cp1252\n'€'", id="2"
        ),
        pytest.param(b"'coding: latin-1'\nx = 1", "'coding: latin-1'\nx = 1", id="no comment"),
    ],
)
def test_a_file_is_decoded_as_python_decodes_it(raw: bytes, text: str) -> None:
    assert decode("a.py", raw).text == text


@pytest.mark.parametrize(
    ("raw", "reason", "line", "column"),
    [
        pytest.param("a = 1\nb = 'ä".encode() + b"\xe9'", "byte 0xe9 is not UTF-8", 2, 7, id="latin-1"),
        pytest.param(BOM_UTF16_LE + "x".encode("utf-16-le"), "byte 0xff is not UTF-8", 1, 1, id="utf-16"),
        pytest.param(b"# coding: nonsense\n", "unknown encoding: nonsense", 1, 1, id="unknown"),
        pytest.param(b"# coding: idna\n\xe9", "byte 0xe9 is not IDNA", 2, 1, id="an encoding that cannot replace"),
        pytest.param(b"# coding: hex\n61", "'hex' is not a text encoding", 1, 1, id="no text encoding"),
        pytest.param(BOM_UTF8 + b"# coding: latin-1\n", "encoding problem: utf-8", 1, 1, id="contradiction"),
    ],
)
def test_what_is_no_text_is_told_with_its_place(raw: bytes, reason: str, line: int, column: int) -> None:
    with pytest.raises(Unreadable) as error:
        decode("a.py", raw)
    assert error.value.reason.startswith(reason)
    assert (error.value.line, error.value.column) == (line, column)


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="No such file"):
        read(str(tmp_path / "gone.py"))


def test_lines_end_where_python_ends_them() -> None:
    assert Source("a.py", "a\r\nb\rc\x0cd\u2028e\nf").lines() == ["a", "b", "c\x0cd\u2028e", "f"]
