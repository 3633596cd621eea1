"""The public API: text or paths → findings, with the settings and messages of the command line."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace

from torchcopylint.config import Nearest, Settings, selectors
from torchcopylint.domain.finding import Finding
from torchcopylint.files.discover import discover, skipping
from torchcopylint.files.source import Source
from torchcopylint.run import Target, run
from torchcopylint.run import lint as outcome_of


class LintError(Exception):
    """A source that could not be analysed because of a bug in torchcopylint; says which."""


@dataclass(frozen=True, slots=True)
class Linted:
    """The result for one path: its findings in order of position, and why it could not be linted ("": it was)."""

    path: str
    findings: tuple[Finding, ...] = ()
    failure: str = ""


def lint(source: Source | str, settings: Settings | None = None) -> tuple[Finding, ...]:
    """The findings in one text, in order of position; the text is never imported or run.

    source: a text of Python, or a `Source` with the path by which findings name it; a path that exists also says
    where the project's other files are. settings: which rules, which confidence; no configuration file is read. Text
    that is not Python gives the finding TCL901. Raises ConfigError for a rule that does not exist, and LintError if the
    analysis itself fails.
    """
    source = Source("<text>", source) if isinstance(source, str) else source
    outcome = outcome_of(source, _checked(settings))
    if outcome.failure:
        raise LintError(f"{source.path}: {outcome.failure}")
    return outcome.findings


def lint_paths(
    paths: Iterable[str | os.PathLike[str]], settings: Settings | None = None, jobs: int = 1
) -> Iterator[Linted]:
    """The results for each Python file and notebook under the paths, in order of path, one after the other.

    settings: they take precedence over the nearest configuration of each file, like the command line. jobs: the number
    of
    processes, 0 for one for each CPU. Files that are excluded or ignored by git are left out, as on the command line.

    A path that does not exist, a file that cannot be read and an analysis that fails are reported in `failure` or as a
    finding (TCL901, TCL902), and do not affect other files. Raises ConfigError for an invalid setting, here or in a
    file.
    """
    known = Nearest(_checked(settings))
    found = discover([os.fspath(path) for path in paths], skipping(known))
    every = sorted((*found.files, *found.unreadable))
    targets = [Target(path, found.unreadable.get(path, ""), known.settings(path)) for path in every]
    yield from (Linted(path, failure="no such file or directory") for path in found.missing)
    with closing(run(targets, known.said, jobs)) as outcomes:
        for outcome in outcomes:
            yield Linted(outcome.path, outcome.findings, outcome.failure)


def _checked(settings: Settings | None) -> Settings:
    """The settings with the names of rules as codes; raises ConfigError."""
    if settings is None:
        return Settings()

    def codes(names: tuple[str, ...] | None, where: str) -> tuple[str, ...] | None:
        return None if names is None else selectors(names, where)

    return replace(
        settings,
        select=codes(settings.select, "select"),
        ignore=codes(settings.ignore, "ignore"),
        extend_select=codes(settings.extend_select, "extend_select"),
    )
