"""Probability distributions of torch: which keep the tensors they are made of, and under which attributes.

Seen on torch 2.13: `Normal(loc, scale).loc`, `.mean` and `.mode` are the very tensor `loc`, or an expanded view of it,
so that whoever writes it changes the distribution; samples are new. `Categorical` normalises what it is given: a copy.
"""

from __future__ import annotations

from torchcopylint.domain.kind import Kind
from torchcopylint.models.effect import Effect, Model
from torchcopylint.models.language import Gives, Grad

_LOCATED = (("loc", "mean", "mode"), ("scale",))
_FIELDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "Normal": (("loc", "mean", "mode"), ("scale", "stddev")),
    "Laplace": _LOCATED,
    "Cauchy": (("loc", "mode"), ("scale",)),
    "Gumbel": (("loc", "mode"), ("scale",)),
    "LogNormal": (("loc",), ("scale",)),
    "StudentT": (("df",), ("loc", "mode"), ("scale",)),
    "VonMises": (("loc", "mean", "mode"), ("concentration",)),
    "MultivariateNormal": (
        ("loc", "mean", "mode"),
        ("covariance_matrix",),
        ("precision_matrix",),
        ("scale_tril",),
    ),
    "Gamma": (("concentration",), ("rate",)),
    "Dirichlet": (("concentration",),),
    "Exponential": (("rate",),),
    "Poisson": (("rate", "mean", "variance"),),
    "Uniform": (("low",), ("high",)),
    "HalfNormal": (("scale",),),
    "HalfCauchy": (("scale",),),
    "Weibull": (("scale",), ("concentration",)),
    "Bernoulli": (("probs", "mean"), ("logits",)),
    "Geometric": (("probs",), ("logits",)),
    "Binomial": (("total_count",), ("probs",), ("logits",)),
    "NegativeBinomial": (("total_count",), ("probs",), ("logits",)),
    "Independent": (("base_dist",),),
}
"""For each argument the attributes that are it; the first is its keyword."""
_COPYING = (
    "Beta Categorical Chi2 ContinuousBernoulli FisherSnedecor InverseGamma Kumaraswamy LKJCholesky LogisticNormal "
    "LowRankMultivariateNormal MixtureSameFamily Multinomial OneHotCategorical OneHotCategoricalStraightThrough Pareto "
    "RelaxedBernoulli RelaxedOneHotCategorical TransformedDistribution Wishart GeneralizedPareto"
).split()
_COMPUTED = Effect(Gives.FRESH, Kind.TENSOR, of=(0, 1), pure=True)

DISTRIBUTION: dict[str, Model] = {
    **dict.fromkeys(("sample", "sample_n"), Effect(Gives.FRESH, Kind.TENSOR, of=(), grad=Grad.NEVER)),
    "rsample": Effect(Gives.FRESH, Kind.TENSOR, of=(0,)),
    **dict.fromkeys("log_prob cdf icdf".split(), _COMPUTED),
    **dict.fromkeys("entropy perplexity".split(), Effect(Gives.FRESH, Kind.TENSOR, of=(0,), pure=True)),
}


def _made(name: str, fields: tuple[tuple[str, ...], ...]) -> dict[str, Model]:
    effect = Effect(Gives.RECORD, Kind.DISTRIBUTION, of=tuple(range(4)), fields=fields, certain=True)
    return {f"torch.distributions.{name}": effect, f"torch.distributions.{name.lower()}.{name}": effect}


FUNCTIONS: dict[str, Model] = {
    **{full: model for name, fields in _FIELDS.items() for full, model in _made(name, fields).items()},
    **{full: model for name in _COPYING for full, model in _made(name, ()).items()},
    "torch.distributions.kl_divergence": _COMPUTED,
    "torch.distributions.kl.kl_divergence": _COMPUTED,
}
