"""Makes the program read each text once: for running the same tests over and over with the analysis changed.

To be called before anything of the program beside this is imported, as names are bound when they are imported.
"""

from __future__ import annotations

from collections.abc import Callable

import libcst.metadata

import torchcopylint.lower
from torchcopylint.files.source import Source
from torchcopylint.ir import Module, syntax
from torchcopylint.parse import concrete, plain


def read_once() -> None:
    """From here on trees, their code and their places are kept for as long as the program runs."""
    concrete.parse = _parse_once(concrete.parse)
    plain.parse = _parse_once(plain.parse)
    torchcopylint.lower.lower = _lower_once(torchcopylint.lower.lower)
    libcst.metadata.MetadataWrapper = _wrap_once(libcst.metadata.MetadataWrapper)  # type: ignore[misc, assignment]


def _parse_once(parse: Callable[[Source], syntax.Module]) -> Callable[[Source], syntax.Module]:
    kept = dict[str, syntax.Module]()

    def parsed(source: Source) -> syntax.Module:
        if source.text not in kept:
            kept[source.text] = parse(source)
        return kept[source.text]

    return parsed


def _lower_once(lower: Callable[..., Module]) -> Callable[..., Module]:
    kept = dict[tuple[object, ...], Module]()

    def lowered(tree: syntax.Module, name: str = "", displayed: frozenset[int] = frozenset()) -> Module:
        key = (tree, name, displayed)
        if key not in kept:
            kept[key] = lower(tree, name, displayed)
        return kept[key]

    return lowered


def _wrap_once(wrapper: type) -> Callable[..., object]:
    kept = dict[tuple[libcst.Module, bool], object]()

    def wrapped(module: libcst.Module, unsafe_skip_copy: bool = False) -> object:
        key = (module, unsafe_skip_copy)
        if key not in kept:
            kept[key] = wrapper(module, unsafe_skip_copy)
        return kept[key]

    return wrapped
