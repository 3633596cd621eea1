"""Documents with generated parts."""

from __future__ import annotations

import re
from pathlib import Path


def in_sync(path: Path, marker: str, text: str, update: bool) -> None:
    """The part of the document between the marker's two comments is `text`, or is made so."""
    document = path.read_text(encoding="utf-8")
    part = re.compile(rf"(?<=<!-- {marker} -->\n).*?(?=<!-- /{marker} -->)", re.DOTALL)
    assert part.search(document), f"{path}: no <!-- {marker} --> ... <!-- /{marker} -->"
    now = part.sub(lambda _: f"\n{text}\n\n", document)
    if update:
        path.write_text(now, encoding="utf-8")
    else:
        assert document == now, f"{path}: run this test with --update"
