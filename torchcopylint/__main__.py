"""The program from its start: the command `torchcopylint`, and `python -m torchcopylint`."""

import os
import sys


def main() -> None:
    """Runs the command line of this process; neither it nor its child processes import from the current directory."""
    _leave_out_what_lies_here()
    from torchcopylint.cli import main

    main()


def _leave_out_what_lies_here() -> None:
    """Removes the current directory, and what PYTHONPATH names below it, from the import path.

    `python -m` puts the current directory first, and so does an empty entry of PYTHONPATH. A `click.py` that is there
    to be linted would be imported in place of the real one; so nothing at all is imported before this.
    """
    try:
        here = os.path.realpath(os.getcwd())
    except OSError:  # it was deleted
        return
    program = os.path.realpath(os.path.dirname(os.path.dirname(__file__)))
    named = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    below = {real for path in named if (real := os.path.realpath(path)).startswith(os.path.join(here, ""))}

    def stays(path: str) -> bool:
        real = os.path.realpath(path)
        return real == program or (real != here and real not in below)

    sys.path[:] = filter(stays, sys.path)
    os.environ["PYTHONPATH"] = os.pathsep.join(path for path in named if path and stays(path))
    os.environ["PYTHONSAFEPATH"] = "1"


if __name__ == "__main__":
    main()
