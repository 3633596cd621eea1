#!/usr/bin/env bash
# torch.mm with one of its factors as out= gives other numbers than without, and says nothing.
# Expected: the product, as torch.add(a, b, out=a) gives the sum, or an error as for other writes that overlap what
# they read (documentation of torch.mm names no such limit of `out`).
# Seen on torch 2.13.0 (CPU): wrong numbers.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PROGRAM'
import torch

print("torch", torch.__version__)

factor = torch.full((64, 64), 2.0) + torch.eye(64)
expected = factor @ factor
torch.mm(factor, factor, out=factor)
wrong = ~torch.isclose(factor, expected)
print("expected", expected[wrong][:3].tolist())
print("seen    ", factor[wrong][:3].tolist(), f"and {int(wrong.sum())} wrong numbers in all")
assert not torch.allclose(factor, expected), "this has changed"
PROGRAM
