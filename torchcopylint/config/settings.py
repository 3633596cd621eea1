"""Settings as the program uses them, from one source or from several combined."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from torchcopylint import cards
from torchcopylint.config.declaration import Declaration
from torchcopylint.domain.finding import Confidence
from torchcopylint.files.gitignore import Patterns
from torchcopylint.files.regular import LARGEST

DEFAULT_EXCLUDES = (
    ".bzr",
    ".direnv",
    ".eggs",
    ".git",
    ".hg",
    ".ipynb_checkpoints",
    ".mypy_cache",
    ".nox",
    ".pytest_cache",
    ".ruff_cache",
    ".svn",
    ".tox",
    ".venv",
    "__pycache__",
    "build",
    "dist",
    "node_modules",
    "site-packages",
    "venv",
)


@dataclass(frozen=True, slots=True)
class Confirm:
    """How findings are tested with torch: the interpreter that has it (None: this one), the seconds for each program.

    The interpreter is as it is spelled in `file`, which says so.
    """

    python: str | None = None
    deadline: int | None = None
    file: str = ""


@dataclass(frozen=True, slots=True)
class PerFile:
    """Rules that are not reported in some files: a pattern in .gitignore syntax, the rules."""

    pattern: str
    rules: tuple[str, ...]

    def matches(self, path: str) -> bool:
        """Whether it applies to the file at `path`, relative to the directory of the settings and with slashes."""
        return Patterns([self.pattern]).matches_within(path)


@dataclass(frozen=True, slots=True)
class Settings:
    """One source of settings, or several combined; None: not set.

    muted: rules that are never reported; asks: findings carry the programs with which torch can test them.
    """

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] | None = None
    per_file_ignores: tuple[PerFile, ...] | None = None
    exclude: tuple[str, ...] | None = None
    extend_exclude: tuple[str, ...] | None = None
    confidence: Confidence | None = None
    max_file_size: int | None = None
    cache_dir: str | None = None
    baseline: str | None = None
    models: tuple[Declaration, ...] | None = None
    confirm: Confirm | None = None
    muted: tuple[str, ...] | None = None
    asks: bool | None = None

    @property
    def largest(self) -> int:
        """The largest size of a file that is read."""
        return self.max_file_size or LARGEST

    def shows(self, card: cards.Card, confidence: Confidence) -> bool:
        """Whether a finding of that rule with that confidence is reported."""
        if card.rule.code.startswith(self.muted or ()):
            return False
        chosen = _longest(card.rule.code, (*(self.select or ()), *(self.extend_select or ())))
        if chosen < 0 and card.on and (self.select is None or card.rule.code.startswith("TCL9")):
            chosen = 0
        floor = card.shown_from if self.confidence is None else self.confidence
        return chosen > _longest(card.rule.code, self.ignore or ()) and confidence >= floor

    def over(self, below: Settings) -> Settings:
        """These settings where they are set, otherwise those below; a select starts the choice of rules anew."""
        if self.select is not None:
            below = replace(below, ignore=None, extend_select=None)
        said = {item.name: getattr(self, item.name) for item in fields(self) if getattr(self, item.name) is not None}
        if self.extend_select and below.extend_select:
            said["extend_select"] = below.extend_select + self.extend_select
        return replace(below, **said)

    def muting(self, path: str) -> Settings:
        """These settings for one file, which is relative to their directory: without the rules ignored there."""
        rules = tuple(code for entry in self.per_file_ignores or () if entry.matches(path) for code in entry.rules)
        return replace(self, muted=rules) if rules else self


def _longest(code: str, prefixes: Iterable[str]) -> int:
    return max((len(prefix) for prefix in prefixes if code.startswith(prefix)), default=-1)
