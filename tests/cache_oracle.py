"""What is found with the cache is what is found without: `python tests/cache_oracle.py [edits] [seed]`.

Random edits of small projects of several files; after each, runs over the whole and over single files, with and
without the cache, say the same. Stops at the first difference, says what led to it, and keeps the project.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parent / "support"))

from random_edits import change_a_definition, edit
from random_projects import RandomProject

from torchcopylint import pool, run
from torchcopylint.cache.cache import Cache
from torchcopylint.cli import cli
from torchcopylint.config import Settings
from torchcopylint.outcome import Outcome

_EDITS_OF_ONE = 25
"""Edits after which another project is begun."""
_OPTIONS = ((), ("--confidence", "low"), ("--select", "TCL"), ("--ignore", "TCL401"), ("--extend-select", "TCL6"))


@dataclass(frozen=True, slots=True)
class Said:
    """What a run printed, and how it ended."""

    findings: str
    complaints: str
    exit_code: object

    def lines(self) -> list[str]:
        """All of it, line by line."""
        return [*self.findings.splitlines(), *self.complaints.splitlines(), f"exit code {self.exit_code}"]


class Differs(Exception):
    """With the cache another thing is found than without; says where, and what."""


@dataclass
class Oracle:
    """Edits projects below a folder and compares; counts what was seen, so that an idle comparison shows."""

    folder: Path
    random: Random
    counts: Counter[str] = field(default_factory=Counter)

    def edits(self, number: int) -> None:
        """That many edits, each followed by the comparisons; raises Differs."""
        project = self._begun(0)
        history = ["begin"]
        last = ""
        for done in range(1, number + 1):
            if done % _EDITS_OF_ONE == 0:
                project, history = self._begun(done), ["begin"]
            else:
                history.append(self._edited_during_a_run(project) if self.random.random() < 0.2 else edit(project))
            try:
                found = self._compare(project)
            except Differs as differs:
                raise Differs("\n  ".join([f"in {project.root}, after", *history, str(differs)])) from None
            self.counts.update({"edits": 1, "edits that changed what is found": found != last})
            last = found

    def _begun(self, number: int) -> RandomProject:
        project = RandomProject(self.folder / str(number), self.random)
        project.root.mkdir()
        project.begin()
        return project

    def _edited_during_a_run(self, project: RandomProject) -> str:
        """Edit while the program runs, after it has analysed a file; what that run says is not looked at."""
        said = list[str]()
        analyse, done = run._lint_target, list[str]()

        def analyse_and_edit(target: run.Target, *arguments: Any, **options: Any) -> Outcome:
            if done and not said:
                said.append(edit(project, (change_a_definition,)))
            done.append(target.path)
            return analyse(target, *arguments, **options)

        with patch.object(run, "_lint_target", analyse_and_edit):
            self._run(project.root, ".")
        return f"during a run, {said[0]}" if said else edit(project)

    def _compare(self, project: RandomProject) -> str:
        """Compare runs over the whole and over single files; what was found in the whole."""
        options = self.random.choice(_OPTIONS) if self.random.random() < 0.5 else ()
        whole = self._agreed(*self._place(project, ""), *options)
        if modules := project.modules():
            self._agreed(*self._place(project, self.random.choice(modules)), *options)
        return whole

    def _place(self, project: RandomProject, path: str) -> tuple[Path, str]:
        """A directory to stand in and a file or folder as it is called there: mostly from the root."""
        chance = self.random.random()
        if chance < 0.8:
            return project.root, path or "."
        if chance < 0.9:
            return self.folder, str(project.root / path)
        below = self.random.choice([project.root, *(each for each in project.root.iterdir() if each.is_dir())])
        return below, str(project.root / path)

    def _agreed(self, here: Path, *arguments: str) -> str:
        """What a run prints, with and without the cache."""
        cached = self._run(here, *arguments)
        fresh = self._run(here, "--no-cache", *arguments)
        if cached != fresh:
            difference = unified_diff(cached.lines(), fresh.lines(), "with the cache", "without", lineterm="")
            raise Differs("\n".join([f"in {here}: torchcopylint {' '.join(arguments)}", *difference]))
        self.counts.update({"runs": 1, "findings": cached.findings.count('"fingerprint"')})
        return fresh.findings

    def _run(self, here: Path, *arguments: str) -> Said:
        """A run of the program in this process."""
        output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        errors = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        with ExitStack() as scope:
            scope.enter_context(chdir(here))
            scope.enter_context(redirect_stdout(output))
            scope.enter_context(redirect_stderr(errors))
            scope.enter_context(patch.object(run, "_kept", self._counting(run._kept)))
            scope.enter_context(patch.object(pool, "lone", lambda work, items, lost, patience: map(work, items)))
            try:
                cli(["check", "--jobs", "1", "--output-format", "json", *arguments], "torchcopylint")
                code: object = 0
            except SystemExit as end:
                code = end.code
            texts = []
            for stream in (output, errors):
                stream.flush()
                texts.append(stream.buffer.getvalue().decode())
        return Said(texts[0], texts[1], code)

    def _counting(self, find: Callable[..., Outcome | None]) -> Callable[..., Outcome | None]:
        """The same search for a result, counted."""

        def counted(target: run.Target, settings: Settings, cache: Cache | None) -> Outcome | None:
            found = find(target, settings, cache)
            if cache is not None:
                self.counts["files from the cache" if found is not None else "files anew"] += 1
            return found

        return counted


def main(edits: int = 1000, seed: int = 0) -> int:
    """Compare, and print what was seen; 1 where the two ways differ."""
    folder = Path(tempfile.mkdtemp(prefix="torchcopylint-oracle-"))
    oracle = Oracle(folder, Random(seed))
    try:
        oracle.edits(edits)
    except Differs as differs:
        print(f"seed {seed}, {differs}")
        return 1
    finally:
        print(", ".join(f"{number} {what}" for what, number in oracle.counts.items()))
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
