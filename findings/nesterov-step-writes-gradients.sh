#!/usr/bin/env bash
# torch.optim.SGD with Nesterov momentum changes the gradients of the parameters if foreach=True, and only then.
# Expected: a step leaves `.grad` as it was, for `foreach` chooses an implementation for its speed (documentation of
# torch.optim.SGD: "usually significantly more performant") and the other one does not change it.
# Seen on torch 2.13.0 (CPU): with foreach=True the gradient holds the step that was taken.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PROGRAM'
import torch

print("torch", torch.__version__)


def gradient_after_two_steps(foreach: bool) -> list[float]:
    weight = torch.nn.Parameter(torch.ones(2))
    optimizer = torch.optim.SGD([weight], lr=0.1, momentum=0.9, nesterov=True, foreach=foreach)
    weight.grad = torch.ones(2)
    optimizer.step()
    weight.grad = torch.ones(2)
    optimizer.step()
    return weight.grad.tolist()


print("expected", gradient_after_two_steps(foreach=False))
print("seen    ", gradient_after_two_steps(foreach=True))
assert gradient_after_two_steps(foreach=False) == [1.0, 1.0]
assert gradient_after_two_steps(foreach=True) != [1.0, 1.0], "this has changed"
PROGRAM
