"""An answer → a file that a person can run: the program first, what it needs below, and what it prints says it all."""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from torchcopylint.domain.finding import Finding

_PARTS = ("pretend", "standin", "measure", "observe", "learn", "probe", "names", "suspect", "text")
_BEGIN = "from __future__ import annotations"
_ENCODING = "# -*- coding: utf-8 -*-"
"""The first line: a comment in linted code, quoted below it, then says nothing about how the file is to be decoded."""
_HOW = "# Run it with an interpreter that has torch, which then imports nothing that lies beside it: python -I FILE"
_BELOW = "# ---- Below: what gives the stand-ins, watches the program, and tells what it saw. ----"


def repro(finding: Finding, answer: dict[str, Any]) -> str:
    """The program of an answer as a file that runs by itself, "" where there was none."""
    if not answer.get("written") or not finding.trial:
        return ""
    question = json.loads(finding.trial)
    place = f"{finding.path}:{finding.span.line}:{finding.span.column}"
    said = f"{answer['outcome']}: {answer['reason']}"
    head = [f"{finding.code} {finding.slug}, {place}", finding.message, f"torchcopylint: {said}"]
    comment = [f"# {_plain(line)}" for line in head]
    facts = {
        "kind": question["kind"],
        "facts": question["facts"],
        "choice": answer.get("choice") or {},
        "kinds": [answer.get("kinds", {}), answer.get("fixed_kinds", {})],
        "needs": answer.get("needs") or [{}, {}],
        "hints": answer.get("hints", {}),
        "said": _plain(finding.message),
    }
    return "\n".join(
        [
            _ENCODING,
            _HOW,
            *comment,
            _BEGIN,
            "",
            f"AS_WRITTEN = {_quoted(str(answer['written']))}",
            f"WITH_THE_FIX = {_quoted(str(answer['fixed']))}",
            f"ABOUT = {facts!r}",
            "",
            _BELOW,
            _machinery(),
            _END,
        ]
    )


def program_of(verdict_snippet: str) -> str:
    """The two programs of such a file, for a person to read."""
    return verdict_snippet.partition(f"\n{_BEGIN}\n")[2].partition("\nABOUT = ")[0].strip()


def name_of(finding: Finding) -> str:
    """A file name for a finding's program: rule, file, line."""
    stem = re.sub(r"\W+", "-", finding.path, flags=re.ASCII).strip("-")[-60:]
    return f"{finding.code}-{stem}-{finding.span.line}-{finding.span.column}.py"


def save(program: str, path: str) -> None:
    """Writes such a file, in place of what is there: a link of that name is not followed. Raises OSError."""
    with suppress(FileNotFoundError):
        os.unlink(path)
    with open(path, "x", encoding="utf-8") as file:
        file.write(program)


def _quoted(program: str) -> str:
    """A program as Python text, as readable as it can be: whatever it holds, it does not end before its end."""
    readable = all(char == "\n" or char.isprintable() for char in program) and not re.search(r'"""|\\|"\Z', program)
    return f'"""\n{program}\n"""' if readable else repr(program)


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in " ".join(text.split()))


@cache
def _machinery() -> str:
    """The modules that run programs, as one text."""
    here = Path(__file__).with_name("worker")
    kept = []
    for name in _PARTS:
        text = (here / f"{name}.py").read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if not line.startswith(("from torchcopylint.", "from __future__"))]
        kept.append("\n".join(lines))
    return "\n".join(kept)


_END = """

def _tell() -> None:
    kind, facts = ABOUT["kind"], ABOUT["facts"]
    choice = Choice(**{k: tuple(v) if isinstance(v, list) else v for k, v in ABOUT["choice"].items()})
    hints = {key: tuple(kinds) for key, kinds in ABOUT["hints"].items()}
    print(f"expected: {ABOUT['said']}")
    print(f"torch {torch.__version__}, {choice}")
    parts = zip(("as written", "with the fix"), (AS_WRITTEN, WITH_THE_FIX), ABOUT["kinds"], ABOUT["needs"])
    for words, text, kinds, needs in parts:
        program = Text(text.strip() + "\\n", [], hints, {int(n): came for n, came in needs.items()})
        program.kinds = dict(kinds)
        run = program.run(choice, graph=kind in ("kept", "target"), gradients=kind == "spoilt")
        told = {**facts, "lines": [run.line]}
        seen = harm(kind, told, run)
        if kind == "cost":
            counted = program.run(choice, measure="memory").costs[-1:]
            spent = [f"{one.memory:,} bytes of new memory, {one.operations} operations" for one in counted]
            spent += [f"{one.seconds * 1e6:.0f} microseconds" for one in program.run(choice, measure="time").costs[-1:]]
            seen = "; ".join([*filter(None, [seen]), *spent])
        stopped = f" (it stopped: {run.error})" if run.error and run.error not in seen else ""
        print(f"{words}: {seen or 'no harm'}{stopped}")


if __name__ == "__main__":
    _tell()
"""
