#!/usr/bin/env bash
# copy.deepcopy keeps what a tensor shares with its views, but not what a parameter shares with its own.
# Expected: what shares memory in the original shares it in the copy: so it is of plain tensors, and Python's
# documentation of copy gives deepcopy a memo so that what is shared stays shared.
# Seen on torch 2.13.0 (CPU): the copy of a parameter has memory of its own, apart from the copies of its views.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PROGRAM'
import copy

import torch

print("torch", torch.__version__)


def shared(whole: torch.Tensor) -> bool:
    copied, view = copy.deepcopy((whole, whole.detach()[:2]))
    with torch.no_grad():
        copied[0] = 5.0
    return view[0].item() == 5.0


print("expected", True, "as of a plain tensor:", shared(torch.zeros(4)))
print("seen    ", shared(torch.nn.Parameter(torch.zeros(4))))
assert shared(torch.zeros(4))
assert not shared(torch.nn.Parameter(torch.zeros(4))), "this has changed"
PROGRAM
