"""A program → its findings, with the settings that apply to it; knowledge about other files is kept."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from torchcopylint.cards import CardError
from torchcopylint.config import ConfigError, Nearest, Settings
from torchcopylint.domain.finding import Finding
from torchcopylint.files.discover import skipping
from torchcopylint.files.root import entries, root_of
from torchcopylint.files.source import Source
from torchcopylint.fix import edited
from torchcopylint.lone import Loss
from torchcopylint.outcome import Outcome, about_file, attempt
from torchcopylint.place.annotate import annotate
from torchcopylint.place.baseline import BaselineError, load
from torchcopylint.project.project import Project, Surroundings
from torchcopylint.run import HAND_BACK, Fixing, lint, lint_with_fixes, lost
from torchcopylint.server.analysis import Analysis, Remedy
from torchcopylint.server.program import Changes, Program


@dataclass(slots=True)
class Analyst:
    """Analyses one program at a time, in a process that may be lost; said: the settings of the command line."""

    said: Settings
    project: Project = field(default_factory=Project)
    stamps: dict[str, tuple[int, int]] = field(default_factory=dict)

    def analyse(self, program: Program, asks: bool = False) -> Analysis:
        """The findings in a program; asks: each finding with the program that tests it with torch."""

        def work(settings: Settings) -> Outcome:
            settings = replace(settings, asks=True) if asks else settings
            around = self._around(program.path)
            outcome = attempt(program.path, settings, lambda: lint(program.source(), settings, around))
            return replace(outcome, findings=_without_known(outcome.findings, settings))

        return self._analysis(program, work)

    def lost(self, program: Program, why: Loss, patience: float) -> Analysis:
        """What is shown for a program whose process died or took more than `patience` seconds."""
        return self._analysis(program, lambda settings: lost(program.path, why, settings, patience))

    def remedies(self, program: Program, findings: Sequence[Finding]) -> list[Remedy]:
        """The possible remedies for each finding."""
        return [Remedy(_fixed(program, finding), _ignored(program, finding)) for finding in findings]

    def all_fixed(self, analysis: Analysis) -> Changes | None:
        """The safe fixes of a program, or None if there are none."""
        if analysis.settings is None or not any(finding.fix == "safe" for finding in analysis.findings):
            return None
        source = analysis.program.source()
        shown = {finding.fingerprint for finding in analysis.findings}
        fixing = Fixing(frozenset({"safe"}), HAND_BACK, makes=lambda finding: finding.fingerprint in shown)
        try:
            outcome = lint_with_fixes(source, analysis.settings, self._around(analysis.program.path), fixing)
            return analysis.program.changes(outcome.change[1]) if outcome.change else None
        except CardError:
            return None
        finally:
            self._remember()

    def _analysis(self, program: Program, work: Callable[[Settings], Outcome]) -> Analysis:
        """The outcome that `work` gives for the settings of a program, as shown."""
        try:
            settings = self._settings(program)
            return Analysis(program) if settings is None else _shown(program, work(settings), settings)
        except (ConfigError, CardError, BaselineError) as error:
            return Analysis(program, complaints=(str(error),))
        finally:
            self._remember()

    def _settings(self, program: Program) -> Settings | None:
        """The settings for a program, from the current files; None if it is not linted."""
        known = Nearest(self.said)
        directory = os.path.dirname(program.path)
        skips = skipping(known, root_of(directory, entries) or directory)
        if any(exclude.skip_named(program.path) for exclude in skips(directory)):
            return None
        return known.settings(program.path)

    def _around(self, path: str) -> Surroundings:
        """The project around a file; what was read is forgotten when any of it changes."""
        if any(_stamp(name) != stamp for name, stamp in self.stamps.items()):
            self.project, self.stamps = Project(), {}
        return self.project.around(path)

    def _remember(self) -> None:
        for name in (*self.project.outlines, *self.project.texts, *self.project.listings, *self.project.scanned):
            if name not in self.stamps:
                self.stamps[name] = _stamp(name)


def _shown(program: Program, outcome: Outcome, settings: Settings) -> Analysis:
    """An outcome as shown: a failed analysis is reported in the text too, which would otherwise seem clean."""
    found, complaints = outcome.findings, outcome.complaints
    if outcome.broken:
        found += about_file(Source(program.path, ""), settings, "unreadable-file", outcome.broken)
        complaints = (f"{program.path}: {outcome.broken}", *complaints)
    return Analysis(program, found if program.pages else (), complaints, settings)


def _fixed(program: Program, finding: Finding) -> Changes | None:
    """The fix of one finding; None if there is none."""
    return program.changes(edited(program.source(), finding.edits)) if finding.fix else None


def _ignored(program: Program, finding: Finding) -> Changes | None:
    """A comment that suppresses one finding; None if no comment can."""
    annotated = annotate(program.source(), [finding])
    return program.changes(edited(program.source(), annotated.edits)) if annotated.done else None


def _without_known(findings: Sequence[Finding], settings: Settings) -> tuple[Finding, ...]:
    if settings.baseline is None:
        return tuple(findings)
    known = load(settings.baseline)
    return tuple(finding for finding in findings if not known.knows(finding))


def _stamp(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def warm_up() -> None:
    """Loads everything that an analysis needs, so that the first one is as fast as the others."""
    text = "import torch\n\n\ndef f(x: torch.Tensor):\n    x.clone()\n    return torch.tensor(x)\n"
    lint(Source("warm.py", text), Settings())
    gc.collect()
    gc.freeze()  # what is loaded now stays: there is no point in collecting it again and again
