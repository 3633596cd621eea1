#!/usr/bin/env bash
# copy.deepcopy of a parameter drops the attributes that were set on it.
# Expected: they are copied, as they are for a plain tensor, and as copy.copy and pickle keep those of a parameter
# (documentation of Python's copy: a deep copy "inserts copies into it of the objects found in the original").
# Seen on torch 2.13.0 (CPU): a copied model has lost the marks on its weights, such as which ones not to decay.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PROGRAM'
import copy
import pickle

import torch
from torch import nn

print("torch", torch.__version__)


def marked(tensor: torch.Tensor) -> torch.Tensor:
    tensor.no_decay = True
    return tensor


def kept(tensor: torch.Tensor) -> bool:
    return getattr(tensor, "no_decay", False)


layer = nn.Linear(2, 2)
marked(layer.weight)
print("expected", kept(copy.deepcopy(marked(torch.ones(2)))), "as of a plain tensor")
print("seen    ", kept(copy.deepcopy(layer).weight), "by pickle:", kept(pickle.loads(pickle.dumps(layer)).weight))
assert kept(copy.deepcopy(marked(torch.ones(2))))
assert kept(copy.copy(layer.weight)) and kept(pickle.loads(pickle.dumps(layer)).weight)
assert not kept(copy.deepcopy(layer.weight)), "this has changed"
assert not kept(copy.deepcopy(layer).weight), "this has changed"
PROGRAM
