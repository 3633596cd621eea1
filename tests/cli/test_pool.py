"""Many files on several processes: the same answers, whatever a file or the world does to a process."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from breaking import ending
from workspace import BOTH, CLEAN, LOST, LOST_AT, ROOT, Run, places, write

from torchcopylint.lone import Loss
from torchcopylint.pool import pool


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_internal_error_is_told_with_its_file_and_stops_nothing(tmp_path: Path, jobs: str) -> None:
    write(tmp_path, b="import torch  # explode\nx = torch.zeros(3).clone()\n", **{f"f{i:02}": LOST for i in range(40)})
    done = ending(tmp_path, "--jobs", jobs, "--exit-zero", ".")
    assert places(done.stdout) == [f"f{i:02}.py:{LOST_AT}" for i in range(40)]
    assert re.fullmatch(
        r"torchcopylint: b\.py: internal error: ValueError: no idea what this is \(.+:\d+\); please report it\n",
        done.stderr,
    )
    assert done.returncode == 2


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_item_that_takes_too_long_costs_no_other(jobs: int) -> None:
    def work(item: int) -> int:
        time.sleep(60 if item == 3 else 0)
        return item

    items = list(range(20))
    answers = list(pool(work, items, jobs, lambda item, why: (item, why), patience=0.3))
    assert answers == [(3, Loss.OVERTIME) if item == 3 else item for item in items]


def test_what_work_raises_is_raised_here() -> None:
    def work(item: int) -> int:
        raise KeyError(item)

    with pytest.raises(KeyError, match="7"):
        list(pool(work, [7], 1, lambda item, why: item))


def test_the_number_of_processes_changes_nothing(torchcopylint: Run, tmp_path: Path) -> None:
    write(tmp_path, **{f"f{i:02}": (LOST, BOTH, CLEAN, "import torch\nx = torch.zeros(\n")[i % 4] for i in range(60)})
    serial, parallel = torchcopylint("-j1", "."), torchcopylint("-j3", ".")
    assert serial.stdout == parallel.stdout
    assert places(serial.stdout) == sorted(places(serial.stdout))
    assert len(places(serial.stdout)) == 60


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    """Whether the process still runs; one that has ended and waits to be collected does not."""
    try:
        return not re.search(r"^State:\s+Z", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_no_child_is_left_however_it_ends(tmp_path: Path, ending: signal.Signals) -> None:
    body = "".join(f"def f{i}(x: torch.Tensor):\n    y = x.clone()\n    y += 1\n    return y\n\n\n" for i in range(150))
    write(tmp_path, **{f"f{i}": f"import torch\n\n\n{body}" for i in range(200)})
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "torchcopylint", "-j2", "--output-file", "out/report.txt", "."]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as program:
        deadline = time.monotonic() + 60
        while len(workers := children(program.pid)) < 2:
            assert program.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        program.send_signal(ending)
        assert program.stderr
        complaint = program.stderr.read()
    while any(map(alive, workers)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert "Traceback" not in complaint
    assert program.returncode == (130 if ending is signal.SIGINT else -ending)
    assert not (tmp_path / "out" / "report.txt").exists()
    if ending is signal.SIGINT:
        assert list((tmp_path / "out").iterdir()) == []


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    write(tmp_path, **{f"f{i}": LOST * 400 for i in range(6)})
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    shell = f"{sys.executable} -m torchcopylint . | head -n 1"
    done = subprocess.run(shell, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert places(done.stdout) == ["f0.py:4:1: TCL505"]
    assert done.stderr == ""
