"""How large the table of torch's calls is and how long it takes to load: `python tests/bench_table.py [runs]`.

Each run is a fresh interpreter, which measures from its first look at the table: reading the file and finding one row,
then finding a hundred more.
"""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path
from statistics import median

from torchcopylint.models import table

MEASURE = """
from time import perf_counter as now
from torchcopylint.models.table import names, row
start = now()
row("Tensor.view")
first = now()
for name in names()[::17][:100]: row(name)
print(*(1000 * (b - a) for a, b in ((start, first), (first, now()))))
"""


def main(runs: int) -> None:
    """Print sizes in bytes and the medians of the times in milliseconds."""
    data = Path(table.__file__).with_name("table.tsv").read_bytes()
    print(f"{len(table.names())} rows, {len(data)} bytes, {len(gzip.compress(data))} compressed")
    command = [sys.executable, "-c", MEASURE]
    lines = [subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(runs)]
    times = [median(column) for column in zip(*([float(cell) for cell in line.split()] for line in lines), strict=True)]
    for label, time in zip(("load and first row", "a hundred rows more"), times, strict=True):
        print(f"{label}: {time:.2f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
