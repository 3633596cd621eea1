"""Regions of storage: what is said to be apart is so in the memory of real arrays, and so is what lies within."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from torchcopylint.domain.identity import (
    Region,
    base_of,
    contains,
    is_older,
    older,
    overlap,
    root_of,
    rooted_in,
    roots_of,
)

ARRAY = np.arange(5 * 4 * 3).reshape(5, 4, 3)

_bounds = st.sampled_from(("", "0", "1", "2", "3", "4", "12", "-1", "-2", "-4"))
_cuts = st.one_of(
    st.sampled_from(("0", "1", "2", "3", "-1", "-2", ":")),
    st.builds("{}:{}".format, _bounds, _bounds),
    st.builds("{}:{}:{}".format, _bounds, _bounds, st.sampled_from(("", "1", "2", "-1"))),
)
_index = st.lists(_cuts, min_size=1, max_size=2).flatmap(
    lambda cuts: st.sampled_from([cuts, ["...", *cuts], [*cuts, "..."], [cuts[0], "...", cuts[-1]]])
)
parts = st.one_of(_index.map(lambda cuts: f"[{','.join(cuts)}]"), st.just("*"))
paths = st.lists(parts, max_size=2).map(lambda found: (0, *found))
often = settings(max_examples=200, deadline=None)


def memory(region: Region) -> frozenset[int]:
    """Which elements of an array a region may be."""
    found = [ARRAY]
    for part in region[1:]:
        found = [picked for array in found for picked in (_rows(array) if part == "*" else [_at(array, str(part))])]
    return frozenset(int(number) for array in found for number in np.ravel(array))


def _at(array: np.ndarray, part: str) -> np.ndarray:
    try:
        return np.asarray(eval(f"array{part}", {"array": array}))
    except IndexError:
        return array[:0]


def _rows(array: np.ndarray) -> list[np.ndarray]:
    return [np.asarray(row) for row in array] if array.ndim else []


@often
@given(paths, paths)
def test_what_does_not_overlap_has_no_element_in_common(a: Region, b: Region) -> None:
    assert overlap(a, b) or memory(a).isdisjoint(memory(b))


@often
@given(paths, paths)
def test_what_lies_within_is_a_part_of_it(a: Region, b: Region) -> None:
    assert not contains(a, b) or memory(b) <= memory(a)


@often
@given(paths, parts)
def test_each_part_of_a_region_lies_within_it_unless_it_is_one_of_several(a: Region, part: str) -> None:
    assert contains(a, (*a, part)) == ("*" not in a)
    assert not contains((*a, part), a)
    assert overlap(a, (*a, part))
    assert overlap((*a, part), a)


@often
@given(paths, paths)
def test_to_overlap_goes_both_ways(a: Region, b: Region) -> None:
    assert overlap(a, b) == overlap(b, a)
    assert overlap(a, a)


_plain = st.one_of(
    st.integers(0, 11).map(lambda n: (f"{n}", range(n, n + 1))),
    st.builds(lambda low, high: (f"{low}:{high}", range(low, high)), st.integers(0, 11), st.integers(0, 11)),
    st.integers(1, 11).map(lambda high: (f":{high}", range(high))),
    st.integers(0, 11).map(lambda low: (f"{low}:", range(low, 99))),
)


@often
@given(_plain, _plain, st.sampled_from(("[{}]", "[...,{}]", "[1,{}]", "[{},:2]")))
def test_what_is_counted_from_the_beginning_overlaps_just_where_it_does(
    a: tuple[str, range], b: tuple[str, range], index: str
) -> None:
    assume(a[1] and b[1])
    both = max(a[1].start, b[1].start) < min(a[1].stop, b[1].stop)
    assert overlap((0, index.format(a[0])), (0, index.format(b[0]))) == both


@pytest.mark.parametrize(
    ("a", "b", "may"),
    [
        ("[-1]", "[-2]", False),
        ("[-1]", "[-1]", True),
        ("[-12]", "[-2]", False),
        ("[-1]", "[0]", True),
        ("[-1]", "[-2:]", True),
        ("[:-1]", "[-1]", True),
        ("[0,-1]", "[1,-1]", False),
        ("[...,0]", "[...,1]", False),
        ("[...,0]", "[...,0:2]", True),
        ("[...,0]", "[...,1,0]", True),
        ("[...,1,0]", "[...,0]", True),
        ("[0,...]", "[1,...]", False),
        ("[0,...,1]", "[0,...,2]", True),
        ("[0]", "[0,1]", True),
        ("[0]", "[1,0]", False),
        ("[0]", "*", True),
        ("*", "*", True),
        ("['a']", "['b']", False),
        ("['a']", "['a']", True),
        ("['a']", "[0]", False),
        ("[0]", "['a']", False),
        ("['a']", "*", True),
        (".grad", ".data", False),
        (".grad", ".grad", True),
        (".grad", "*", True),
        (".grad", "[0]", True),
        (".grad", "#[0]@2", True),
        ("#[0]@2", "#[1]@2", False),
        ("#[0]@2", "#[0]@2", True),
        ("#[0]@2", "#[1]@4", True),
        ("#[0]@2", "[1]", True),
        ("#[0]@2", "*", True),
    ],
)
def test_parts(a: str, b: str, may: bool) -> None:
    assert overlap((0, a), (0, b)) == overlap((0, b), (0, a)) == may
    assert overlap((0, "[2]", a), (0, "[2]", b)) == may
    assert not overlap((0, a), (2, b))


def test_regions_of_several_objects() -> None:
    regions: list[Region] = [(4, "*"), (7,), (4,)]
    assert [*roots_of(regions)] == [root_of(region) for region in regions] == [4, 7, 4]
    assert rooted_in((4, "*", ".grad"), {4: 5, 5: 9}) == (5, "*", ".grad")
    assert rooted_in((4, "*"), {5: 9}) == (4, "*")


@pytest.mark.parametrize(("number", "base", "old"), [(4, 4, 5), (5, 4, 5), (0, 0, 1)])
def test_numbers(number: int, base: int, old: int) -> None:
    assert (base_of(number), older(number), is_older(number)) == (base, old, number == old)
