"""What tests write into a folder, and how the program is named there: files, settings, repositories, places."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"

LOST = "import torch\n\nx = torch.zeros(3)\nx.clone()\n"
LOST_AT = "4:1: TCL505"
CLEAN = "import torch\n\nx = torch.zeros(3)\ny = x.clone()\n"
BOTH = "import torch\n\nx = torch.zeros(3)\nx.clone()\ny = torch.tensor(x)\n"
"""Files: one with a result that is dropped on line 4, one without, one with a tensor of a tensor on line 5 as well."""

TRAIN = """\
def train(model: nn.Module, loader, optimizer):
    best, lowest = None, 1e9
    for inputs in loader:
        loss = model(inputs).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if loss.item() < lowest:
            best, lowest = model.state_dict(), loss.item()
    model.load_state_dict(best)
"""
IMPORTS = "import torch\nfrom torch import nn\n"
STALE = f"{IMPORTS}\n\n{TRAIN}"
STALE_AT = "13:13: TCL401"
COPIED = TRAIN.replace("model.state_dict()", "copy.deepcopy(model.state_dict())")
FIXED = f"import copy\n\n{IMPORTS}\n\n{COPIED}"
"""A training loop whose best weights are no copy, what it needs, a file of it, and the same after the fix."""

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def write(root: Path, **files: str) -> None:
    """Writes Python files, given by their names without the ending."""
    for name, text in files.items():
        (root / f"{name}.py").write_text(text)


def configure(root: Path, toml: str) -> None:
    """Writes a pyproject.toml with these settings."""
    (root / "pyproject.toml").write_text(f"[tool.torchcopylint]\n{toml}\n")


def places(output: str) -> list[str]:
    """`path:line:column: CODE` of every line of concise output."""
    return [" ".join(line.split()[:2]) for line in output.splitlines()]


def git(root: Path, *arguments: str) -> None:
    """Runs git in a directory, whatever the user's own configuration says."""
    identity = {f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    config = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    environment = {**os.environ, **identity, **config}
    subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, env=environment)


def commit(root: Path) -> None:
    """Commits all that is in a repository, which is made if there is none."""
    if not (root / ".git").exists():
        git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "state")
