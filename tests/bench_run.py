"""What a run costs beside parsing: `python tests/bench_run.py DIRECTORY...`, in seconds of one processor.

Three processes per directory, each alone: libcst parses every file; the program lints them without its cache; and the
same once more with a clock at each stage. They take turns for some rounds, so that what else the machine does falls on
all of them alike; ratios are to the first of the same round, the middle one with the least and the greatest.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median

CLOCK = """
import atexit, resource, sys
def report():
    used = [sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print("took", sum(used), sep="\\t", file=sys.stderr)
atexit.register(report)
"""
PARSE = """
import gc, pathlib, sys, libcst
gc.disable()
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.py")):
    try:
        libcst.parse_module(path.read_bytes())
    except Exception:
        pass
"""
LINT = """
import sys
from torchcopylint.cli import main
sys.argv[1:] = ["--no-cache", "--jobs", "1", "--exit-zero", "--output-format", "json-lines", sys.argv[1]]
main()
"""
STAGES = """
import gc, sys, time
from torchcopylint import interpret
from torchcopylint.parse import concrete, plain
from torchcopylint.project.project import Surroundings
spent, open_since = dict.fromkeys(("first look", "parse", "other files", "lower", "interpret"), 0.0), []
def clocked(stage, work):
    def run(*args, **named):
        start = time.process_time()
        open_since.append(0.0)
        try:
            return work(*args, **named)
        finally:
            took = time.process_time() - start
            spent[stage] += took - open_since.pop()
            if open_since:
                open_since[-1] += took
    return run
plain.parse = clocked("first look", plain.parse)
concrete.parse = clocked("parse", concrete.parse)
Surroundings.find = clocked("other files", Surroundings.find)
Surroundings.module = clocked("other files", Surroundings.module)
interpret.lower = clocked("lower", interpret.lower)
interpret.interpret = clocked("interpret", interpret.interpret)
from torchcopylint import pool
gc.disable()
pool.lone = lambda work, items, lost, patience: map(work, items)  # not in a child: the clock is in this process
from torchcopylint.cli import main
sys.argv[1:] = ["--no-cache", "--jobs", "1", "--exit-zero", "--output-format", "json-lines", sys.argv[1]]
try:
    main()
finally:
    print("stages", *(f"{stage}={seconds:.3f}" for stage, seconds in spent.items()), sep="\\t", file=sys.stderr)
"""


def seconds(script: str, directory: Path) -> tuple[float, dict[str, float]]:
    """Processor time of a process, with its children, that runs the script on a directory; the stages it reports."""
    done = subprocess.run([sys.executable, "-c", CLOCK + script, str(directory)], capture_output=True, text=True)
    rows = [line.split("\t") for line in done.stderr.splitlines()]
    took = [float(row[1]) for row in rows if row[0] == "took"]
    if done.returncode or not took:
        raise SystemExit(done.stderr)
    stages = [part.partition("=") for row in rows if row[0] == "stages" for part in row[1:]]
    return took[0], {stage: float(spent) for stage, _, spent in stages}


ROUNDS = 3


def main() -> None:
    """Print a line per directory."""
    for name in sys.argv[1:]:
        directory = Path(name)
        ratios: list[float] = []
        shares: dict[str, list[float]] = {}
        for _ in range(ROUNDS):
            parsing, _ = seconds(PARSE, directory)
            whole, _ = seconds(LINT, directory)
            _, stages = seconds(STAGES, directory)
            ratios.append(whole / parsing)
            for stage, spent in stages.items():
                shares.setdefault(stage, []).append(spent / parsing)
        shown = ", ".join(f"{stage} {median(found):.2f}" for stage, found in shares.items())
        spread = f"{median(ratios):.2f} times parsing ({min(ratios):.2f} to {max(ratios):.2f})"
        print(f"{directory.name}: whole run {spread}; of that {shown}")


if __name__ == "__main__":
    main()
