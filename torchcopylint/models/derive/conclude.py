"""From evidence to a row: what is declared and what was seen, folded into one statement per name."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from torchcopylint.models.derive.call import Slot
from torchcopylint.models.derive.evidence import Evidence
from torchcopylint.models.derive.observe import GraphObservation, Observation
from torchcopylint.models.table import Form, Kind, Returns, Row, When

CONDITIONS: tuple[tuple[When, str], ...] = (
    ("sparse", "stays"),
    ("dtype-or-device", "same-dtype"),
    ("layout", "contiguous"),
    ("dtype", "real"),
)
"""Which hint of an execution stands for which condition; the first that tells sharing from copying best is taken."""

Pair = tuple[Slot, Slot]

CERTAIN = 0.9
"""How well a hint must tell sharing executions from copying ones; below, sizes are taken to decide."""


def concluded(evidence: Evidence) -> Row:
    """The row that declaration and executions add up to; unknown when nothing was executed and nothing declared."""
    if not evidence.plain:
        return _from_declaration(evidence)
    evidence = _on_dense(evidence)
    declaration, plain, graph = evidence.declaration, evidence.plain, evidence.graph
    observed = [slot for one in plain for slot in one.written]
    writes = _positions(evidence, [*observed, *declaration.writes])
    aliases = _positions(evidence, [slot for one in plain for slot in one.shares])
    kind = _kind(evidence, bool(writes), bool(aliases))
    returns, many = _returns(plain)
    attached = any(one.attached for one in graph)
    inplace = kind in ("inplace", "metadata")
    when: When = ""
    if kind == "conditional":
        when = _when(evidence, [bool(one.shares) for one in plain])
    elif writes and not inplace:
        when = _when_written(evidence)
    pairs = _saved(evidence, inplace)
    return Row(
        name=evidence.callee.name,
        kind=kind,
        aliases=aliases,
        writes=() if kind == "metadata" else writes,
        same=any(one.same for one in plain),
        must=kind in ("view", "inplace", "metadata"),
        when=when,
        counter=_counter(plain),
        detaches=bool(graph) and not attached and any(one.could for one in graph) and kind != "none",
        attached=attached,
        saves=tuple(dict.fromkeys(name for name, _ in pairs)),
        saves_for=pairs,
        sure=_sure(evidence, inplace),
        multi=any(one.multi for one in graph),
        many=many,
        out=evidence.out,
        inplace_flag=evidence.inplace_flag,
        variadic=declaration.variadic,
        returns=returns,
        params=declaration.params,
        executed=True,
        source="executed",
    )


def _on_dense(evidence: Evidence) -> Evidence:
    """Leaves sparse inputs out, whose views are copies, unless the name is about going from one layout to another."""
    dense = tuple(one for one in evidence.plain if "sparse" not in one.hints)
    converts = any("stays" not in one.hints for one in evidence.plain if one.returns == "tensor" and one.hints)
    return replace(evidence, plain=dense) if dense and not converts else evidence


def _from_declaration(evidence: Evidence) -> Row:
    """What a schema alone allows to say; that a result is fresh is never among it."""
    declaration = evidence.declaration
    kind: Kind = "inplace" if declaration.writes else "conditional" if declaration.aliases else "unknown"
    return Row(
        name=evidence.callee.name,
        kind=kind,
        aliases=declaration.aliases,
        writes=declaration.writes,
        when="shape" if kind == "conditional" else "",
        returns="tensor" if declaration.schemas else "other",
        params=declaration.params,
        variadic=declaration.variadic,
        source="schema" if declaration.schemas else "signature",
    )


def _kind(evidence: Evidence, writes: bool, aliases: bool) -> Kind:
    plain = evidence.plain
    if evidence.callee.name.endswith("_") and (writes or any(one.reshaped for one in plain)):
        return "inplace" if any(one.changed for one in plain) or not any(one.reshaped for one in plain) else "metadata"
    if aliases:
        everywhere = all(one.entirely for one in plain)
        return "view" if everywhere else "conditional"
    kinds = {one.returns for one in plain}
    if kinds <= {"none"}:
        return "inplace" if writes else "none"
    return "fresh" if kinds & {"tensor", "tensors", "ndarray"} else "scalar"


def _positions(evidence: Evidence, slots: list[Slot]) -> tuple[int, ...]:
    found = {slot: evidence.declaration.position(slot) for slot in slots}
    if lost := [slot for slot, place in found.items() if place is None]:
        raise LookupError(f"{evidence.callee.name} shares or writes {lost}, which stand at no position")
    return tuple(sorted({place for place in found.values() if place is not None}))


def _returns(plain: tuple[Observation, ...]) -> tuple[Returns, bool]:
    """The commonest result of the shortest calls; and whether there were ever several tensors."""
    several = any(one.returns == "tensors" for one in plain)
    shortest = min(one.length for one in plain)
    counts = Counter(one.returns for one in plain if one.length == shortest)
    return min(counts, key=lambda name: (-counts[name], name)), several


def _counter(plain: tuple[Observation, ...]) -> bool:
    """False when a sharing result has a version counter of its own, or a write went by unnoticed."""
    asked = [one.counter for one in plain if one.counter is not None]
    arrays = not asked and any(one.shares and "array" in one.hints for one in plain)
    return all(asked) and not arrays and all(one.changed <= one.bumped for one in plain)


def _when_written(evidence: Evidence) -> When:
    """The condition of a write that only some executions showed."""
    named: tuple[tuple[str, When], ...] = (
        ("training", "training"), ("use_input_stats", "training"), ("momentum", "training"), ("max_norm", "max-norm")
    )  # fmt: skip
    found: When = next((when for name, when in named if evidence.declaration.accepts(name)), "shape")
    return "" if all(one.written for one in evidence.plain) else found


def _when(evidence: Evidence, shares: list[bool]) -> When:
    """The condition whose hint goes with sharing."""
    if any(evidence.declaration.accepts(name) for name in ("training", "train")):
        return "training"
    scores: list[tuple[float, When]] = []
    for condition, hint in CONDITIONS:
        held = [hint in one.hints for one in evidence.plain]
        scores.append((_balance(held, shares), condition))
    best, condition = max(scores, key=lambda score: score[0])
    return condition if best >= CERTAIN else "shape"


def _balance(held: list[bool], shares: list[bool]) -> float:
    """The mean of two rates: hint held where shared, hint did not where not."""
    yes = [h for h, s in zip(held, shares, strict=True) if s]
    no = [not h for h, s in zip(held, shares, strict=True) if not s]
    return (sum(yes) / max(len(yes), 1) + sum(no) / max(len(no), 1)) / 2


def _saved(evidence: Evidence, inplace: bool) -> tuple[tuple[str, str], ...]:
    """Pairs of names; what an in-place call keeps of the argument it wrote is its result."""
    pairs = {pair for one in evidence.graph for pair in one.saves}
    named = {(_name(evidence, kept, inplace), _name(evidence, needed, False)) for kept, needed in pairs}
    return tuple(sorted(named))


def _sure(evidence: Evidence, inplace: bool) -> tuple[tuple[str, str, Form], ...]:
    """The pairs that every ordinary call shows: with tensors beside argument 0, without, or both."""
    # the arguments a variadic parameter takes go by one name, which does not say which is kept for which
    told = [one for one in evidence.graph if one.ordinary and not evidence.declaration.variadic]
    alone = _always([one for one in told if one.tensors <= {0}])
    beside = _always([one for one in told if not one.tensors <= {0}])
    forms: dict[Pair, Form] = {}
    for pair in alone | beside:
        everywhere = (pair in alone and pair in beside) or all(one.tensors <= {0} for one in told)
        forms[pair] = "any" if everywhere else "alone" if pair in alone else "beside"
    named = {
        (_name(evidence, kept, inplace), _name(evidence, needed, False), form) for (kept, needed), form in forms.items()
    }
    return tuple(sorted(named))


def _always(told: list[GraphObservation]) -> set[Pair]:
    """Pairs seen in each execution in which both of their slots could take part."""
    return {
        (kept, needed)
        for kept, needed in {pair for one in told for pair in one.saves}
        if all((kept, needed) in one.saves for one in told if needed in one.asked and _takes_part(kept, one))
    }


def _takes_part(kept: Slot, one: GraphObservation) -> bool:
    return kept in one.tensors or str(kept).startswith("result")


def _name(evidence: Evidence, slot: Slot, inplace: bool) -> str:
    if inplace and slot == 0:
        return "result"
    if isinstance(slot, str):
        several = slot.startswith("result") and evidence.callee.operator.startswith("_foreach")
        return "result" if several else slot
    place = evidence.declaration.position(slot)
    params = evidence.declaration.params
    return params[place].lstrip("*") if place is not None and place < len(params) else str(slot)
