"""The rules as a flake8 plugin: a file from flake8 → lines, columns and messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from torchcopylint import __version__

if TYPE_CHECKING:
    import ast

    from torchcopylint.config import Nearest

_OPTIONS = {
    "select": "Of torchcopylint's rules, report only these: codes, code prefixes or names.",
    "ignore": "Do not report these torchcopylint rules.",
    "extend_select": "Also report these torchcopylint rules.",
}


class Plugin:
    """Lints one file; the project's own configuration applies, below flake8's options that begin with
    torchcopylint-."""

    name = "torchcopylint"
    version = __version__
    _known: Nearest

    def __init__(self, tree: ast.AST, filename: str, lines: Sequence[str]) -> None:
        self._path, self._text = filename, "".join(lines)

    @classmethod
    def add_options(cls, manager: Any) -> None:
        """Adds the options to flake8's, on its command line and in its configuration files."""
        common = {"parse_from_config": True, "default": None}
        for name, text in _OPTIONS.items():
            option = f"--torchcopylint-{name.replace('_', '-')}"
            manager.add_option(option, comma_separated_list=True, metavar="RULES", help=text, **common)
        manager.add_option(
            "--torchcopylint-confidence",
            choices=["low", "medium", "high"],
            help="The minimum confidence of torchcopylint findings.",
            **common,
        )

    @classmethod
    def parse_options(cls, options: Any) -> None:
        """Takes over the options; an invalid name ends flake8 with a message."""
        from torchcopylint import config

        chosen: dict[str, Any] = {}
        with _told():
            for name in _OPTIONS:
                said = getattr(options, f"torchcopylint_{name}")
                if said is not None:
                    chosen[name] = config.selectors(said, f"--torchcopylint-{name.replace('_', '-')}")
            if options.torchcopylint_confidence is not None:
                chosen["confidence"] = config.confidence(options.torchcopylint_confidence, "--torchcopylint-confidence")
            cls._known = config.Nearest(config.Settings(**chosen))

    def run(self) -> Iterator[tuple[int, int, str, type[Plugin]]]:
        """Line from 1, column from 0, code and message of each finding."""
        from torchcopylint.files.source import Source
        from torchcopylint.report.harmless import harmless
        from torchcopylint.run import lint

        with _told():
            outcome = lint(Source(self._path, self._text), self._known.settings(self._path))
        if outcome.broken:
            yield 1, 0, f"TCL902 {harmless(outcome.broken)}", Plugin
        for finding in outcome.findings:
            span = finding.span
            yield span.line, span.column - 1, f"{finding.code} {harmless(finding.message)}", Plugin


@contextmanager
def _told() -> Iterator[None]:
    """Turns an invalid setting into an error that flake8 prints without a traceback."""
    from torchcopylint.cards import CardError
    from torchcopylint.config import ConfigError

    try:
        yield
    except (ConfigError, CardError) as error:
        from flake8.exceptions import ExecutionError

        raise ExecutionError(f"torchcopylint: {error}") from None
