"""What the program finds in a source at a revision: kept, so that a base that others are compared with is run once."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from compare import Found, read
from program import lint
from revision import Revision
from sources import Source

OPTIONS = ("--no-cache", "--quiet", "--confidence", "low", "--select", "TCL", "--output-format", "json")


class NoReport(Exception):
    """A run that ended without a report; says what it said."""


@dataclass(frozen=True, slots=True)
class Result:
    """The findings, and what the program complained of; seconds: what the run took, None where it was kept."""

    findings: list[Found]
    complaints: list[str]
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Results:
    """Results below a folder, one file for each code and source; jobs: processes of one run."""

    directory: Path
    jobs: int

    def of(self, source: Source, files: Path, revision: Revision, program: Callable[[], Path]) -> Result:
        """What is found in these files of the source; `program` gives the folder of the revision's code.

        Raises NoReport.
        """
        kept = self.directory / revision.code[:16] / f"{str(source).replace('/', '+')}.json"
        try:
            record = json.loads(kept.read_text(encoding="utf-8"))
            if record["made_by"] == _made_by():
                return Result([read(one) for one in record["findings"]], record["complaints"], None)
        except (OSError, ValueError, KeyError, TypeError):
            pass  # not there, or cut short by an interrupted run
        root = program()
        ran = lint(root, files, *OPTIONS, "--jobs", str(self.jobs))
        try:
            findings = json.loads(ran.output)
            result = Result([read(one) for one in findings], _complaints(ran.errors, root), ran.seconds)
        except (ValueError, KeyError, TypeError):
            said = ran.errors.strip() or "nothing"
            raise NoReport(f"{source}: {revision} ended with {ran.exit_code} and said {said}") from None
        _write(kept, {"made_by": _made_by(), "findings": findings, "complaints": result.complaints})
        return result


def _made_by() -> list[str]:
    """What the findings depend on beside the code and the source."""
    try:
        parser = version("libcst")
    except PackageNotFoundError:
        parser = "none"
    return [platform.python_version(), parser, *OPTIONS]


def _complaints(errors: str, root: Path) -> list[str]:
    """What the program said on standard error, without the folder that its code happened to be in."""
    return [line.replace(f"{root}{os.sep}", "") for line in errors.splitlines() if line.strip()]


def _write(path: Path, record: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}")
    beside.write_text(json.dumps(record), encoding="utf-8")
    beside.replace(path)
