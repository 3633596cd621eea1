#!/usr/bin/env bash
# Two parameters added through views get one gradient tensor, and a second backward adds to it twice.
# Expected: gradients accumulate, so after two equal backward passes each gradient is twice that of one (documentation
# of torch.autograd.backward: "This function accumulates gradients in the leaves").
# Seen on torch 2.13.0 (CPU): both `.grad` lie in one memory; the second pass adds to it once for each parameter: three times.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PROGRAM'
import torch

print("torch", torch.__version__)

a, b = torch.nn.Parameter(torch.zeros(3)), torch.nn.Parameter(torch.zeros(3))


def backward(one: torch.Tensor, two: torch.Tensor) -> None:
    (one + two - 1).pow(2).sum().backward()


backward(a, b)
backward(a, b)
plain = a.grad.clone()
a.grad = b.grad = None
backward(a.view(-1), b.view(-1))
once = a.grad.clone()
backward(a.view(-1), b.view(-1))
print("expected", (2 * once).tolist(), "as without views:", plain.tolist())
print("seen    ", a.grad.tolist(), "one memory:", a.grad.data_ptr() == b.grad.data_ptr())
assert torch.equal(plain, 2 * once)
assert torch.equal(a.grad, 3 * once) and a.grad.data_ptr() == b.grad.data_ptr(), "this has changed"
PROGRAM
