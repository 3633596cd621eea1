"""Distributions, run on torch: attributes that are said to be an argument lie on its memory, samples on their own."""

from __future__ import annotations

from typing import Any

import pytest

from torchcopylint.models.distribution import DISTRIBUTION, FUNCTIONS
from torchcopylint.models.effect import Effect

torch = pytest.importorskip("torch")

MADE = {
    name.rpartition(".")[2]: effect.fields
    for name, effect in FUNCTIONS.items()
    if isinstance(effect, Effect) and name.count(".") == 2 and name.rpartition(".")[2][0].isupper()
}
KEEPING = [name for name, fields in MADE.items() if fields]
EITHER = {"probs", "logits", "covariance_matrix", "precision_matrix", "scale_tril"}
"""Arguments of which exactly one is given."""


def given(name: str, keyword: str) -> Any:
    """An argument for a distribution."""
    if keyword == "base_dist":
        return torch.distributions.Normal(torch.zeros(3), torch.ones(3))
    if keyword in ("covariance_matrix", "precision_matrix", "scale_tril"):
        return torch.eye(3)
    if keyword == "total_count":
        return torch.full((3,), 4.0)
    return torch.full((3,), 1.5 if keyword == "high" else 0.5)


def calls(name: str) -> list[dict[str, Any]]:
    """The arguments of a distribution by name, once for each of those of which one is given."""
    keywords = [names[0] for names in MADE[name]]
    always = {k: given(name, k) for k in keywords if k not in EITHER}
    return [always | {k: given(name, k)} for k in keywords if k in EITHER] or [always]


def memory(tensor: Any) -> int:
    return int(tensor.untyped_storage().data_ptr())


@pytest.mark.parametrize("name", KEEPING)
def test_the_attributes_are_the_arguments(name: str) -> None:
    for arguments in calls(name):
        kind = getattr(torch.distributions, name)
        made = kind(arguments["base_dist"], 1) if name == "Independent" else kind(**arguments)
        for names in MADE[name]:
            value = arguments.get(names[0])
            if torch.is_tensor(value):
                assert all(memory(getattr(made, attribute)) == memory(value) for attribute in names), names
            elif value is not None:
                assert all(getattr(made, attribute) is value for attribute in names)


@pytest.mark.parametrize("name", sorted(MADE))
def test_there_is_such_a_distribution(name: str) -> None:
    assert issubclass(getattr(torch.distributions, name), torch.distributions.Distribution)


def test_all_distributions_are_known() -> None:
    kinds = (getattr(torch.distributions, name) for name in torch.distributions.__all__)
    names = {kind.__name__ for kind in kinds if isinstance(kind, type)}
    found = {n for n in names if issubclass(getattr(torch.distributions, n), torch.distributions.Distribution)}
    assert found - {"Distribution", "ExponentialFamily"} == set(MADE)


def test_what_is_sampled_and_computed_is_new() -> None:
    mean = torch.zeros(3, requires_grad=True)
    made = torch.distributions.Normal(mean, torch.ones(3))
    results = {name: getattr(made, name) for name in DISTRIBUTION if hasattr(made, name)}
    for name, method in results.items():
        if name in ("sample_n", "perplexity"):
            continue
        result = method(torch.full((3,), 0.5)) if name in ("log_prob", "cdf", "icdf") else method()
        assert memory(result) != memory(mean), name
        assert result.requires_grad == (name not in ("sample", "entropy")), name
