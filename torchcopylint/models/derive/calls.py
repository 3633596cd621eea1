"""Calls written by hand (calls.toml), where samples and schemas would miss the case that matters."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from torchcopylint.models.derive.arguments import WORLDS
from torchcopylint.models.derive.call import Call
from torchcopylint.models.derive.catalogue import Callee

FILE = Path(__file__).with_name("calls.toml")


def written(callee: Callee) -> Iterator[Call]:
    """The hand-made calls for a name, its own before those of its last part; a property is read on every world."""
    by_name = _lines()
    lines = by_name.get(callee.name) or by_name.get(callee.name.rsplit(".", 1)[1])
    for line in lines or (["x"] if callee.form == "property" else []):
        yield from _calls(line)


def bare(callee: Callee) -> Iterator[Call]:
    """For a method nothing else is known of: called without arguments."""
    if callee.form == "method":
        yield from _calls("x")


@cache
def _lines() -> dict[str, list[str]]:
    data: dict[str, Any] = tomllib.loads(FILE.read_text("utf-8"))
    alike = {name: group["lines"] for group in data["alike"] for name in group["names"]}
    return {**alike, **data["calls"]}


def _calls(line: str) -> Iterator[Call]:
    torch.default_generator.manual_seed(0)
    for make in WORLDS.values() if "x" in line else (WORLDS["vector"],):
        names: dict[str, Any] = {"x": make(), "v": WORLDS["vector"](), "m": WORLDS["matrix"](), "i": WORLDS["image"]()}
        try:
            yield eval(f"call({line})", {"call": _call, "torch": torch, "np": np, **names})
        except (RuntimeError, TypeError, IndexError):  # this world has no such argument
            continue


def _call(*args: Any, **kwargs: Any) -> Call:
    return Call(args, kwargs)
