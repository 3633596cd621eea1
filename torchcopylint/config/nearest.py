"""For each linted file the settings of the nearest configuration, below those of the command line."""

from __future__ import annotations

import os

from torchcopylint.config.file import Layer, file_in, load
from torchcopylint.config.settings import DEFAULT_EXCLUDES, Settings


class Nearest:
    """Settings by directory, each directory read once; `said` (from the command line) takes precedence."""

    def __init__(self, said: Settings) -> None:
        self.said = said
        self._layers: dict[str, Layer] = {}
        self._files: dict[str, Layer] = {}
        self._alike: dict[tuple[str, tuple[str, ...] | None], Settings] = {}

    def layer(self, directory: str) -> Layer:
        """The settings of the file that applies in an absolute directory; empty without a file."""
        known = self._layers.get(directory)
        if known is None:
            path, above = file_in(directory), os.path.dirname(directory)
            if path is not None:
                known = self._files.setdefault(path, load(path))
            else:
                known = self.layer(above) if above != directory else Layer()
            self._layers[directory] = known
        return known

    def settings(self, path: str) -> Settings:
        """The settings for one file, or in one directory."""
        absolute = os.path.abspath(path)
        layer = self.layer(absolute if os.path.isdir(absolute) else os.path.dirname(absolute))
        below = layer.settings
        if below.per_file_ignores:
            below = below.muting(os.path.relpath(absolute, layer.root).replace(os.sep, "/"))
        key = (layer.file, below.muted)
        if key not in self._alike:  # files with the same settings share them
            self._alike[key] = self.said.over(below)
        return self._alike[key]

    def excludes(self, directory: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The exclusions in an absolute directory: lists of patterns, each with the directory it is relative to."""
        layer = self.layer(directory)
        below, said = layer.settings, self.said
        in_file = (*(below.exclude or ()), *(below.extend_exclude or ()))
        if said.exclude is not None:
            in_file = below.extend_exclude or ()
        default = () if said.exclude is not None or below.exclude is not None else DEFAULT_EXCLUDES
        on_line = (*default, *(said.exclude or ()), *(said.extend_exclude or ()))
        return (layer.root or ".", in_file), (".", on_line)
