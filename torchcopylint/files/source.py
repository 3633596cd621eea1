"""A file as text, with what is needed to report positions in it."""

from __future__ import annotations

import os
import re
from codecs import BOM_UTF8
from contextlib import suppress
from dataclasses import dataclass

from torchcopylint.domain.finding import Span
from torchcopylint.files.notebook import NotANotebook, Notebook, program
from torchcopylint.files.regular import LARGEST, MOST, TooLarge, read_regular
from torchcopylint.files.root import leads_out


@dataclass(frozen=True, slots=True)
class Source:
    """One file: the path as the user named it, its program, the encoding, whether a byte order mark leads.

    notebook: where the program is in the file, if that is a notebook.
    """

    path: str
    text: str
    encoding: str = "utf-8"
    marked: bool = False
    notebook: Notebook | None = None

    def lines(self) -> list[str]:
        """The text's lines as Python counts them (a form feed or a Unicode separator ends none), without their ends."""
        return _LINE_END.split(self.text)

    @property
    def newline(self) -> str:
        """How the first line ends."""
        end = _LINE_END.search(self.text)
        return end[0] if end else "\n"

    def stretch(self, span: Span) -> str:
        """The text at a place."""
        starts = [0, *(end.end() for end in _LINE_END.finditer(self.text))]
        return self.text[starts[span.line - 1] + span.column - 1 : starts[span.end_line - 1] + span.end_column - 1]

    def encoded(self) -> bytes:
        """The bytes of a file with this text; raises UnicodeError."""
        return (BOM_UTF8 if self.marked else b"") + self.stored.encode(self.encoding)

    @property
    def stored(self) -> str:
        """The text of the file itself: of a notebook not the program, but what holds it."""
        return self.notebook.stored if self.notebook else self.text


_LINE_END = re.compile(r"\r\n|\r|\n")


class Unreadable(Exception):
    """An unreadable file: why, and where if that is known (line and column from 1)."""

    def __init__(self, reason: str, line: int = 1, column: int = 1) -> None:
        super().__init__(reason, line, column)
        self.reason, self.line, self.column = reason, line, column


def read(path: str, most: int = LARGEST) -> Source:
    """The file at `path`, decoded as Python would decode it; raises Unreadable."""
    return decode(path, read_bytes(path, most))


def read_bytes(path: str, most: int = LARGEST) -> bytes:
    """The bytes of the file at `path`, which may have so many; raises Unreadable."""
    try:
        return read_regular(path, most)
    except TooLarge:
        raise too_large(most) from None
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None


def too_large(most: int) -> Unreadable:
    """The complaint about a text that has more bytes than allowed."""
    return Unreadable(f"it is larger than max-file-size ({most:,} bytes)")


class Unwritable(Exception):
    """An unwritable file; says why."""


def rewrite(before: Source, after: Source) -> None:
    """Replaces `before` with `after` atomically, keeping the mode. Raises Unwritable, also if the file has changed
    since it was read, is outside its project, or has other names.
    """
    from tempfile import mkstemp

    target = os.path.realpath(before.path)
    fresh = ""
    try:
        _check(before, target)
        handle, fresh = mkstemp(dir=os.path.dirname(target), prefix=".torchcopylint-")
        with open(handle, "wb") as file:
            file.write(after.encoded())
        _as_before(fresh, os.stat(target))
        os.replace(fresh, target)
    except (OSError, UnicodeError) as error:
        raise Unwritable(getattr(error, "strerror", None) or str(error)) from None
    finally:
        with suppress(OSError):
            os.unlink(fresh)


def _check(before: Source, target: str) -> None:
    """Whether the file that a path leads to may be replaced."""
    if leads_out(before.path):
        raise Unwritable(f"it is a link that leads out of the project, to {target}; pass that file itself to change it")
    if os.stat(target).st_nlink > 1:  # replaced, it would no longer be the same file under its other names
        raise Unwritable("it has several names (hard links), and only this one would be changed")
    if read_regular(target, MOST) != before.encoded():
        raise Unwritable("it has changed since it was read, or its encoding would not reproduce it exactly")
    if not os.access(target, os.W_OK):
        raise Unwritable("it is write-protected")


def _as_before(path: str, state: os.stat_result) -> None:
    """Gives a new file the owner, as far as that is allowed, and the mode of the one whose place it takes."""
    with suppress(OSError, AttributeError):
        os.chown(path, state.st_uid, state.st_gid)
    os.chmod(path, state.st_mode & 0o7777)


def decode(path: str, raw: bytes) -> Source:
    """The bytes of a file as a Source, by its byte order mark or coding comment, else UTF-8; raises Unreadable."""
    cells = path.endswith(".ipynb")
    encoding = "utf-8" if cells else _declared(raw)
    try:
        text = raw.removeprefix(BOM_UTF8).decode(encoding)
        text, notebook = program(text) if cells else (text, None)
        return Source(path, text, encoding, raw.startswith(BOM_UTF8), notebook)
    except NotANotebook as error:
        raise Unreadable(error.reason, error.line, error.column) from None
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        before = raw[raw.rfind(b"\n", 0, error.start) + 1 : error.start]
        reason = f"byte 0x{raw[error.start]:02x} is not {encoding.upper()}"
        raise Unreadable(reason, line, _width(before, encoding) + 1) from None
    except (UnicodeError, LookupError) as error:
        raise Unreadable(str(error)) from None


def _width(before: bytes, encoding: str) -> int:
    """How many characters the bytes are, as well as it can be told."""
    try:
        return len(before.decode(encoding, "replace"))
    except UnicodeError:  # some encodings cannot replace
        return 0


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
