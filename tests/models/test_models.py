"""The models written by hand, against torch, numpy and Python: each row that says what happens to memory is executed.

A case is the word that the models have for the result's memory and the calls that prove it: fresh (shares nothing),
view (shares with an argument it names), perhaps (one call shares, another does not), same (is an argument), nothing
(a number, None). What a call writes must be what the row says it writes.
"""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from workspace import Run, places, write

torch = pytest.importorskip("torch")
pytest.importorskip("numpy")

from conduct import agrees, conduct, fresh_things, says, try_function, try_layer, try_method  # noqa: E402
from hand_cases import (  # noqa: E402
    FUNCTIONS,
    LAYERS,
    METHODS,
    NOT_EXECUTED,
)
from numpy_cases import NUMPY_TRIED  # noqa: E402

from torchcopylint.domain.kind import Kind  # noqa: E402
from torchcopylint.domain.value import Const  # noqa: E402
from torchcopylint.models import array, container, layer, library, module, tensor  # noqa: E402
from torchcopylint.models.effect import Effect, Model, Shape  # noqa: E402

FIRST = ["f(a)", "f(v)", "f(i)", "f(sq)", "f([a, a])", "f(a, 1)", "f(v, v)", "f(i, i)", "f(3)", "f((2, 3))", "f(1, 3)"]
"""Calls of a function of numpy, of which the first that numpy accepts is taken."""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_does_what_its_row_says(name: str) -> None:
    word, *calls = FUNCTIONS[name]
    tried = [try_function(name, call, fresh_things()) for call in calls]
    assert {says(effect) for _, effect in tried} == {word}
    effect = tried[0][1]
    assert effect is not None
    assert not agrees(word, effect, [did for did, _ in tried])


@pytest.mark.parametrize("call", ['f("ij,kj->ik", x, y)', 'f("ij,->ij", x, torch.tensor(2.0))', 'f("i,i->i", v, v)'])
def test_a_product_by_einsum_is_computed_even_where_a_factor_is_a_number(call: str) -> None:
    things = fresh_things() | {"v": torch.rand(3)}
    did, effect = try_function("torch.einsum", call, things)
    assert says(effect) == "fresh" and not did.shares


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("kind", "name"), METHODS)
def test_a_method_does_what_its_row_says(kind: str, name: str) -> None:
    word, *calls = METHODS[kind, name]
    tried = [try_method(Kind(kind), name, call, fresh_things()) for call in calls]
    assert {says(effect) for _, effect in tried} == {word}
    effect = tried[0][1]
    assert effect is not None
    assert not agrees(word, effect, [did for did, _ in tried])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NUMPY_TRIED)
def test_a_function_of_numpy_makes_its_own(name: str) -> None:
    for call in FIRST:
        try:
            did, effect = try_function(f"numpy.{name}", call, fresh_things())
        except (TypeError, ValueError, IndexError, ArithmeticError):
            continue
        assert says(effect) in ("fresh", "nothing", "unknown"), call
        assert not did.shares and not did.same and not did.writes, call
        return
    pytest.fail("numpy accepts none of the calls: write one among the functions")


@pytest.mark.parametrize("made", LAYERS)
def test_a_layer_does_to_its_input_what_is_foretold(made: str) -> None:
    word, *modes = LAYERS[made]
    tried = [try_layer(made, mode == "train", torch.rand(2, 4, 6) * 8 - 4) for mode in modes]
    effect = tried[0][1]
    assert effect is not None
    assert {says(foretold) for _, foretold in tried} == {word}
    assert not agrees(word, effect, [did for did, _ in tried])


def test_a_layer_that_sees_a_transposed_input_may_copy_it() -> None:
    flat = torch.rand(4, 3, 2).transpose(1, 2)
    assert not conduct(torch.nn.Flatten(), (flat,), {}).shares


def layers() -> dict[str, type]:
    return {
        name: kind
        for name, kind in vars(torch.nn).items()
        if isinstance(kind, type) and issubclass(kind, torch.nn.Module)
    }


def test_every_layer_that_takes_inplace_is_known() -> None:
    heedless = {"AlphaDropout", "FeatureAlphaDropout"}
    takes = {}
    for name, kind in layers().items():
        parameters = list(inspect.signature(kind).parameters)
        if "inplace" in parameters and name not in heedless:
            takes[name] = parameters.index("inplace")
    assert takes == layer.INPLACE_AT


@pytest.mark.parametrize("name", ["AlphaDropout", "FeatureAlphaDropout"])
def test_a_layer_that_does_not_heed_inplace_writes_nothing(name: str) -> None:
    made = layers()[name](0.5, inplace=True).train()
    assert not conduct(lambda given: made(given), (torch.rand(2, 4, 6),), {}).writes


@pytest.mark.filterwarnings("ignore")
def test_no_other_layer_shares_with_its_input_or_writes_it() -> None:
    sizes = [(2, 4), (2, 4, 6), (2, 4, 6, 6)]
    ran = set()
    for name in sorted(layers().keys() - layer.INPLACE_AT.keys() - layer.SHARING.keys() - {"Sequential"}):
        for given in ((), (2,), (4,), (4, 4), (4, 4, 1), (1, 1), (2, 0.5)):
            for size in sizes:
                try:
                    made = layers()[name](*given)
                    did = conduct(made, (torch.rand(size),), {})
                except (TypeError, ValueError, RuntimeError, IndexError, AssertionError):
                    continue
                ran.add(name)
                assert not did.shares and not did.writes, f"{name}{given} of {size}"
    assert len(ran) > 70


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", sorted(layer.STATELESS))
def test_a_layer_called_stateless_holds_nothing(name: str) -> None:
    for given in ((), (2,), (2, 2), (0.1, 20), (1, (2, 2))):
        try:
            made = layers()[name](*given)
        except (TypeError, ValueError, AssertionError):
            continue
        assert not [*made.parameters(), *made.buffers()]
        return
    pytest.fail("torch accepts none of the arguments")


LIES = [
    ("numpy.copy", "f(a)", "view", Effect("view"), "not view of [0]"),
    ("numpy.transpose", "f(a)", "fresh", Effect("fresh"), "not fresh of [0]"),
    ("numpy.transpose", "f(a)", "perhaps", Effect("perhaps"), "not perhaps of [0]"),
    ("numpy.transpose", "f(a)", "same", Effect("same"), "not same of [0]"),
    ("numpy.add", "f(v, v)", "view", Effect("view", of=(1,)), "not view of [1]"),
    ("numpy.put", "f(a, [0], 9.0)", "nothing", Effect("none"), "writes [[0]], not ()"),
    ("numpy.add", "f(v, v)", "fresh", Effect("fresh", writes=(0,)), "writes [[]], not (0,)"),
    ("copy.copy", "f(model)", "fresh", Effect("fresh"), "not fresh of [0]"),
    ("copy.deepcopy", "f(model.state_dict())", "view", Effect("view"), "not view of [0]"),
]


@pytest.mark.parametrize(("name", "call", "word", "lie", "due"), LIES)
def test_a_row_that_lies_is_found_out(name: str, call: str, word: str, lie: Effect, due: str) -> None:
    did, _ = try_function(name, call, fresh_things())
    assert agrees(word, lie, [did]).startswith(due)


FORWARD = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.part = {part}

    def forward(self, x: torch.Tensor):
        {body}
        return y.sum()
"""


@pytest.mark.parametrize(
    ("part", "body", "found"),
    [
        ("nn.ReLU(inplace=True)", "y = self.part(x)", ["a.py:12:13: TCL309"]),
        ("nn.LeakyReLU(0.2, inplace=True)", "y = self.part(x)", ["a.py:12:13: TCL309"]),
        ("nn.ReLU()", "y = self.part(x)", []),
        ("nn.Identity()", "y = self.part(x).add_(1)", ["a.py:12:13: TCL309"]),
        ("nn.Linear(3, 3)", "y = self.part(x).add_(1)", []),
        ("nn.ReLU(inplace=True)", "y = self.part(x.clone())", []),
    ],
)
def test_what_a_layer_writes_is_seen(
    torchcopylint: Run, tmp_path: Path, part: str, body: str, found: list[str]
) -> None:
    write(tmp_path, a=FORWARD.format(part=part, body=body))
    assert places(torchcopylint("a.py").stdout) == found


# every row has its case

TABLES: dict[str, dict[str, Model]] = {
    "module": module.MODULE,
    "optimizer": module.OPTIMIZER,
    "ndarray": array.NDARRAY,
    "scaler": module.SCALER,
    "accelerator": library.ACCELERATOR,
    "tensor": {name[7:]: model for name, model in tensor.SPECIAL.items() if name.startswith("Tensor.")},
    "list": container.LIST,
    "dict": container.DICT,
}
PREFIXED: list[tuple[str, dict[str, Model]]] = [
    ("", module.FUNCTIONS),
    ("", container.COPYING),
    ("builtins.", container.BUILTINS),
    ("", library.LIBRARIES),
    ("numpy.", array.NUMPY),
    ("", {name: model for name, model in tensor.SPECIAL.items() if name.startswith("torch.")}),
]
PLAIN = Shape(((Const(0),),) * 2, {}, (Kind.UNKNOWN,) * 2)


def speaks_of_memory(model: Model) -> bool:
    effect = model(PLAIN) if callable(model) else model
    return isinstance(effect, Effect) and (bool(effect.writes) or says(effect) not in ("unknown", "nothing"))


def test_every_row_about_memory_has_a_case_or_is_counted() -> None:
    rows = {f"{prefix}{name}" for prefix, table in PREFIXED for name, model in table.items() if speaks_of_memory(model)}
    proven = {*FUNCTIONS, *(f"numpy.{name}" for name in NUMPY_TRIED)}
    assert rows - proven == {name for name in NOT_EXECUTED if isinstance(name, str)}
    methods = {
        (kind, name) for kind, table in TABLES.items() for name, model in table.items() if speaks_of_memory(model)
    }
    assert methods - METHODS.keys() == {key for key in NOT_EXECUTED if isinstance(key, tuple)}


def test_what_is_not_executed_has_a_reason() -> None:
    assert all(NOT_EXECUTED.values())
