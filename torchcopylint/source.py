"""A file as text, with what is needed to say where it came from."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file: the path as the user named it, its decoded text."""

    path: str
    text: str

    def lines(self) -> list[str]:
        """The text's lines as Python counts them (a form feed or a Unicode separator ends none), without their ends."""
        return re.split(r"\r\n|\r|\n", self.text)


class Unreadable(Exception):
    """A file that gives no text: why, and where in it as far as that is known (line and column from 1)."""

    def __init__(self, reason: str, line: int = 1, column: int = 1) -> None:
        super().__init__(reason, line, column)
        self.reason, self.line, self.column = reason, line, column


def read(path: str) -> Source:
    """The file at `path`, decoded as Python would decode it; raises Unreadable."""
    return decode(path, read_bytes(path))


def read_bytes(path: str) -> bytes:
    """The bytes of the file at `path`; raises Unreadable."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None


def decode(path: str, raw: bytes) -> Source:
    """The bytes of a file as a Source, by its byte order mark or coding comment, else UTF-8; raises Unreadable."""
    encoding = _declared(raw)
    try:
        return Source(path, raw.removeprefix(BOM_UTF8).decode(encoding))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        before = raw[raw.rfind(b"\n", 0, error.start) + 1 : error.start]
        reason = f"byte 0x{raw[error.start]:02x} is not {encoding.upper()}"
        raise Unreadable(reason, line, len(before.decode(encoding, "replace")) + 1) from None
    except (UnicodeError, LookupError) as error:
        raise Unreadable(str(error)) from None


def _declared(raw: bytes) -> str:
    head = raw.split(b"\n", 2)[:2]
    if b"coding" not in b"".join(head):
        return "utf-8"
    from tokenize import detect_encoding  # only for the few files that name an encoding

    rows = iter([row + b"\n" for row in head])
    try:
        return detect_encoding(lambda: next(rows, b""))[0].removesuffix("-sig")
    except SyntaxError as error:
        raise Unreadable(str(error)) from None
