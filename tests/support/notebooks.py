"""Notebooks, made of the text of their cells."""

from __future__ import annotations

import json
import re
from typing import Any


def code(source: str, *, listed: bool = True) -> dict[str, Any]:
    lines: object = re.findall(r"[^\n]*\n|[^\n]+", source) if listed else source
    outputs = [{"output_type": "stream", "name": "stdout", "text": ["\u00e9\u6f22 </x>\n"]}]
    return {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": outputs, "source": lines}


def notebook(*cells: str | dict[str, Any], language: str = "python", **style: Any) -> str:
    every = [code(cell) if isinstance(cell, str) else cell for cell in cells]
    about = {"kernelspec": {"language": language, "name": "x"}}
    whole = {"cells": every, "metadata": about, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, **{"indent": 1, "ensure_ascii": False, **style}) + "\n"
