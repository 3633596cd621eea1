"""Markdown → text for a terminal: the little that rule cards use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import wrap

_BOLD, _CODE, _PLAIN = "\033[1m", "\033[36m", "\033[0m"
_INLINE_CODE = re.compile(r"`([^`]+)`")
_BEGINS_BLOCK = re.compile(r"#+ |`{3,}|[-*] |\d+\. |\|")
_NO_BREAK = "\N{NO-BREAK SPACE}"


def markdown(text: str, width: int, colour: bool) -> str:
    """The text with paragraphs wrapped to `width` and code indented; with bold headings where `colour`."""
    shown = "".join(f"{line}\n" for line in _blocks(text, width))
    if colour:
        return _INLINE_CODE.sub(rf"{_CODE}\1{_PLAIN}", shown).replace(_NO_BREAK, " ")
    return re.sub(r"\033\[\d*m", "", shown).replace(_NO_BREAK, " ")


def _blocks(text: str, width: int) -> Iterator[str]:
    paragraph: list[str] = []
    fence = ""
    for line in [*text.splitlines(), ""]:
        if fence:
            fence = "" if line.strip() == fence else fence
            if fence:
                yield f"    {line}".rstrip()
            continue
        begins = _BEGINS_BLOCK.match(line)
        if paragraph and (begins or not line.strip()):
            yield from _paragraph(paragraph, width)
            paragraph = []
        if begins and line.startswith("```"):
            fence = "`" * (len(line) - len(line.lstrip("`")))
        elif begins and line.startswith("#"):
            yield f"{_BOLD}{line.lstrip('# ')}{_PLAIN}"
        elif not line.strip() or line.startswith("|"):
            yield line
        else:
            paragraph.append(line.strip())


def _paragraph(lines: list[str], width: int) -> list[str]:
    # A space inside code must not become a line break.
    text = _INLINE_CODE.sub(lambda code: code[0].replace(" ", _NO_BREAK), " ".join(lines))
    hanging = "  " if _BEGINS_BLOCK.match(text) else ""
    return wrap(text, width, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False)
