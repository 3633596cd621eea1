"""Text from files and names → text that terminals and CI logs display without interpreting it.

A name or a line of source may hold characters that move the cursor, turn the direction of writing or cannot be seen,
line ends that begin a line of their own, and commands that CI systems look for in whatever a job prints:
`::error::` at the beginning of a line (GitHub), `##[error]` and `##vso[...]` anywhere in one (GitHub, Azure).
"""

from __future__ import annotations

import re
from dataclasses import replace

from torchcopylint.domain.finding import Finding

_JOINER = "[\u200c\u200d]"
_LETTER = "[^\x00-\x7f\u200c\u200d]"
_COMMAND = r"(?<=#)#(?=\w*\[)"
_OBEYED = re.compile(
    "[\x00-\x08\n-\x1f\x7f-\x9f"  # all control characters except tab
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"  # invisible, or they change the direction of the text around them
    "\ud800-\udfff]"
    f"|(?<!{_LETTER}){_JOINER}|{_JOINER}(?!{_LETTER})"  # between non-Latin letters they are part of the word
    rf"|{_COMMAND}"
    r"|(?<!\S):(?=:[A-Za-z][\w-]*(?:\s.*?)?::)"
)
_NAMED = {"\n": r"\n", "\r": r"\r"}
_IN_DOCUMENT = re.compile(_COMMAND)


def harmless(text: str) -> str:
    """The text, on one line, with an escape such as `\\x1b` in the place of each character that would be obeyed."""
    return _OBEYED.sub(lambda found: _NAMED.get(found[0]) or _escape(ord(found[0])), text)


def harmless_lines(text: str) -> str:
    """A text of several lines, each of them harmless."""
    return "\n".join(map(harmless, text.split("\n")))


def harmless_finding(finding: Finding) -> Finding:
    """A finding as people see it, with harmless text and names; its source lines are unchanged, because columns refer
    to them.

    In a notebook that is the finding in its cell.
    """
    shown = finding.shown
    notes = (replace(note, phrase=harmless(note.phrase), path=harmless(note.path)) for note in shown.notes)
    verdict = shown.verdict and replace(shown.verdict, reason=harmless(shown.verdict.reason))
    path, message = harmless(shown.path), harmless(shown.message)
    return replace(shown, path=path, message=message, notes=tuple(notes), verdict=verdict)


def harmless_json(document: str) -> str:
    """An equivalent ASCII JSON document in which no CI system finds a command."""
    return _IN_DOCUMENT.sub(r"\\u0023", document)


def harmless_xml(text: str) -> str:
    """Equivalent escaped XML or HTML text, with references instead of characters that would be interpreted."""
    return _OBEYED.sub(lambda found: f"&#{ord(found[0])};", text)


def _escape(code: int) -> str:
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a name that is not UTF-8
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
