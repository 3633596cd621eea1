#!/usr/bin/env bash
# Tensor.to_sparse of a sparse tensor gives the tensor itself.
# Expected: a copy (documentation of Tensor.to_sparse: "Returns a sparse copy of the tensor").
# Seen on torch 2.13.0 (CPU): the same object, so that a write to the one is a write to the other.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PROGRAM'
import torch

print("torch", torch.__version__)

matrix = torch.tensor([[0.0, 1.0], [2.0, 0.0]]).to_sparse()
copied = matrix.to_sparse()
copied.values().mul_(10)
print("expected", [1.0, 2.0])
print("seen    ", matrix.values().tolist(), "the same object:", copied is matrix)
assert "copy" in torch.Tensor.to_sparse.__doc__
assert copied is matrix and matrix.values().tolist() == [10.0, 20.0], "this has changed"
PROGRAM
