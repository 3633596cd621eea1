#!/usr/bin/env bash
# Two optimizers that are given one tensor as their learning rate share it: a scheduler of the one slows down the other.
# Expected: a scheduler changes the learning rate of its own optimizer alone, as with a number (documentation of
# torch.optim.lr_scheduler.ExponentialLR: "Decays the learning rate of each parameter group by gamma every epoch").
# Seen on torch 2.13.0 (CPU): the optimizers keep the tensor itself, and the scheduler writes it in place: the other
# optimizer, the variable that the tensor came from, and learning rates kept for a log all change.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PROGRAM'
import torch
from torch import nn
from torch.optim import SGD
from torch.optim.lr_scheduler import ExponentialLR

print("torch", torch.__version__)


def other_rate(rate: float | torch.Tensor) -> float:
    first, second = (SGD([nn.Parameter(torch.ones(1))], lr=rate) for _ in range(2))
    scheduler = ExponentialLR(first, gamma=0.5)
    first.step()
    scheduler.step()
    return float(second.param_groups[0]["lr"])


rate = torch.tensor(1.0)
print("expected", other_rate(1.0))
print("seen    ", other_rate(rate), "of the variable:", rate.item())
assert other_rate(1.0) == 1.0
assert rate.item() == 0.5, "this has changed"
assert other_rate(torch.tensor(1.0)) == 0.5, "this has changed"
PROGRAM
