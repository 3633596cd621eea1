"""An answer → a file that a person can run: two short programs; the machinery that judges them lies beside it."""

from __future__ import annotations

import io
import os
import re
import zipfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from torchcopylint.domain.finding import Finding

MACHINERY = "torchcopylint-witness.zip"
"""The file beside saved programs that has what gives the stand-ins, watches the program and tells what it saw."""

_PACKAGE = Path(__file__).resolve().parents[1]
_NOT_NEEDED = frozenset({"server.py", "sandbox.py"})
_FIRST_TIME = (1980, 1, 1, 0, 0, 0)
_ENCODING = "# -*- coding: utf-8 -*-"
"""The first line: a comment in linted code, quoted below it, then says nothing about how the file is to be decoded."""
_HOW = (
    f"# Run it with an interpreter that has torch, which then imports nothing beside it but {MACHINERY}: python -I FILE"
)
_BEGIN = "import sys"
_SHOWS = "# It is the first of two programs that contradict each other: it exits with 0 where it is {}, else with 1."
_SAYS = "# It exits with 0 where it comes to the verdict above, else with 1."


def repro(finding: Finding, answer: dict[str, Any]) -> str:
    """The program of an answer as a file that runs by itself, "" where there was none."""
    if not answer.get("again"):
        return ""
    place = f"{finding.path}:{finding.span.line}:{finding.span.column}"
    said = f"{answer['outcome']}: {answer['reason']}"
    head = [f"{finding.code} {finding.slug}, {place}", finding.message, f"torchcopylint: {said}"]
    expected = answer.get("shows", answer["outcome"])
    again = {**answer["again"], "expected": expected}
    written, fixed = str(again.pop("written")), str(again.pop("fixed"))
    return "\n".join(
        [
            _ENCODING,
            _HOW,
            *(f"# {_plain(line)}" for line in head),
            _SAYS if expected == answer["outcome"] else _SHOWS.format(expected),
            _BEGIN,
            "from pathlib import Path",
            "",
            f"AS_WRITTEN = {_quoted(written)}",
            f"WITH_THE_FIX = {_quoted(fixed)}",
            f"ABOUT = {again!r}",
            "",
            f'sys.path.insert(0, str(Path(__file__).resolve().with_name("{MACHINERY}")))',
            "from torchcopylint.confirm.worker.replay import replay",
            "",
            "sys.exit(replay(ABOUT, AS_WRITTEN, WITH_THE_FIX))",
            "",
        ]
    )


def program_of(verdict_snippet: str) -> str:
    """The two programs of such a file, for a person to read."""
    found = verdict_snippet.partition(f"\n{_BEGIN}\n")[2].partition("\nABOUT = ")[0]
    return found.partition("\n\n")[2].strip()


def name_of(finding: Finding) -> str:
    """A file name for a finding's program: rule, file, line."""
    stem = re.sub(r"\W+", "-", finding.path, flags=re.ASCII).strip("-")[-60:]
    return f"{finding.code}-{stem}-{finding.span.line}-{finding.span.column}.py"


def save(program: str, path: str) -> None:
    """Writes such a file, and the machinery beside it. Raises OSError."""
    _write(program.encode("utf-8"), path)
    _write(machinery(), os.path.join(os.path.dirname(path), MACHINERY))


@cache
def machinery() -> bytes:
    """What judges saved programs: the modules of this package that need nothing but torch, as an archive to import."""
    held = io.BytesIO()
    parts = [_PACKAGE / "__init__.py", _PACKAGE / "confirm" / "__init__.py"]
    parts += sorted(p for p in (_PACKAGE / "confirm" / "worker").glob("*.py") if p.name not in _NOT_NEEDED)
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts:
            name = f"torchcopylint/{part.relative_to(_PACKAGE).as_posix()}"
            entry = zipfile.ZipInfo(name, _FIRST_TIME)
            archive.writestr(entry, part.read_bytes(), zipfile.ZIP_DEFLATED)
    return held.getvalue()


def _write(held: bytes, path: str) -> None:
    """In place of what is there: a link of that name is not followed."""
    with suppress(FileNotFoundError):
        os.unlink(path)
    with open(path, "xb") as file:
        file.write(held)


def _quoted(program: str) -> str:
    """A program as Python text, as readable as it can be: whatever it holds, it does not end before its end."""
    readable = all(char == "\n" or char.isprintable() for char in program) and not re.search(r'"""|\\|"\Z', program)
    return f'"""\n{program}\n"""' if readable else repr(program)


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in " ".join(text.split()))
