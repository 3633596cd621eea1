"""What only terminals can show: colour, links."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

_END = "\033[0m"


@dataclass(frozen=True, slots=True)
class Style:
    """How text is styled: not at all, or with colour and links for a terminal."""

    on: bool

    def bold(self, text: str) -> str:
        return self._wrap("\033[1m", text)

    def red(self, text: str) -> str:
        return self._wrap("\033[1;31m", text)

    def cyan(self, text: str) -> str:
        return self._wrap("\033[36m", text)

    def link(self, text: str, path: Path) -> str:
        """The text as a link to a file, if the terminal supports links (OSC 8)."""
        return f"\033]8;;{path.resolve().as_uri()}\033\\{text}\033]8;;\033\\" if self.on else text

    def _wrap(self, mark: str, text: str) -> str:
        return f"{mark}{text}{_END}" if self.on and text else text


def style_for(out: TextIO) -> Style:
    """The style for what is written to `out`: plain unless it is a terminal whose user wants colour."""
    return Style(out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb")
