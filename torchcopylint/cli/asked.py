"""The request to `check`: the command line as one object, and which options cannot be combined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of `check` as given; settings: the options that choose rules and files, by name."""

    paths: tuple[str, ...]
    output_format: str | None
    output_file: str | None
    baseline: str | None
    since: str | None
    force_exclude: bool
    stdin_filename: str | None
    jobs: int
    no_cache: bool
    watch: bool
    confirm: str | None
    python: str | None
    show_snippet: bool
    save_snippets: str | None
    fix: bool
    unsafe_fixes: bool
    diff: bool
    add_ignore: bool
    ignore_reason: str
    exit_zero: bool
    statistics: bool
    show_files: bool
    show_settings: bool
    quiet: bool
    settings: Mapping[str, Any]

    @classmethod
    def of(cls, paths: tuple[str, ...], options: Mapping[str, Any]) -> Asked:
        """The paths and the options as click gives them."""
        own = {field.name for field in fields(cls)}
        settings = {name: value for name, value in options.items() if name not in own}
        return cls(paths=paths, settings=settings, **{name: options[name] for name in options if name in own})

    @property
    def stdin(self) -> bool:
        """Whether standard input is linted."""
        return self.paths == ("-",)

    @property
    def named(self) -> tuple[str, ...]:
        """The paths whose settings apply: those that are linted, or the file name given for standard input."""
        own = (self.stdin_filename,) if self.stdin_filename else tuple(path for path in self.paths if path != "-")
        return own or (".",)

    @property
    def confirms(self) -> bool:
        """Whether findings are tested with torch."""
        return self.confirm is not None or self.show_snippet or self.save_snippets is not None

    def contradiction(self) -> str:
        """The message about options that cannot be combined; "" if there are none."""
        return next(self._contradictions(), "")

    def _contradictions(self) -> Iterator[str]:
        fixes = self.fix or self.diff
        if "-" in self.paths and len(self.paths) > 1:
            yield "- cannot be combined with other paths."
        if self.stdin_filename and not self.stdin:
            yield "--stdin-filename needs - as the only path."
        if self.unsafe_fixes and not fixes:
            yield "--unsafe-fixes needs --fix or --diff."
        if self.add_ignore and (fixes or self.stdin):
            yield "--add-ignore writes into files; it cannot be combined with -, --fix or --diff."
        if self.ignore_reason and not self.add_ignore:
            yield "--ignore-reason needs --add-ignore."
        if self.watch and (self.stdin or fixes or self.add_ignore):
            yield "--watch only reports; it cannot be combined with -, --fix, --diff or --add-ignore."
