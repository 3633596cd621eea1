"""Joining is a join: the laws, on generated values, cells and states; joins.md shows what they come to, in tables.

Without the laws a loop may never end, or end at less than what happens: its state is joined with what a round brings
until a round brings nothing new.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lattice import FIRST, LAST, LATTICES, Lattice, ids, joined, regions, replaced, settled, states, values

from torchcopylint.domain import heap, value
from torchcopylint.domain.ageing import age, reachable, renamed
from torchcopylint.domain.family import Family
from torchcopylint.domain.ground import Ground
from torchcopylint.domain.heap import (
    MOST_SOURCES,
    Cell,
    Heap,
    State,
    join,
    join_cells,
    join_slots,
    perhaps_one,
    with_slot,
)
from torchcopylint.domain.identity import Region, is_older, older, overlap
from torchcopylint.domain.kind import Kind
from torchcopylint.domain.layout import Dtype, Layout
from torchcopylint.domain.origin import Origin
from torchcopylint.domain.sharing import Sure
from torchcopylint.domain.value import MORE, MOST_ELEMENTS, NOTHING, Bound, Callee, Const, Ref, Value, join_values

every_lattice = pytest.mark.parametrize("lattice", LATTICES, ids=lambda lattice: lattice.name)
often = settings(max_examples=100, deadline=None)


# The laws


@every_lattice
@often
@given(data=st.data())
def test_the_order_of_two_does_not_matter(lattice: Lattice, data: st.DataObject) -> None:
    a, b = data.draw(lattice.things), data.draw(lattice.things)
    assert lattice.same(lattice.join(a, b), lattice.join(b, a))


@every_lattice
@often
@given(data=st.data())
def test_the_order_of_three_does_not_matter(lattice: Lattice, data: st.DataObject) -> None:
    a, b, c = (data.draw(lattice.things) for _ in range(3))
    assert lattice.same(lattice.join(lattice.join(a, b), c), lattice.join(a, lattice.join(b, c)))


@every_lattice
@often
@given(data=st.data())
def test_what_is_joined_with_itself_stays_as_it_is(lattice: Lattice, data: st.DataObject) -> None:
    a = data.draw(lattice.things)
    assert lattice.join(a, a) == a


@every_lattice
@often
@given(data=st.data())
def test_what_is_less_stays_less(lattice: Lattice, data: st.DataObject) -> None:
    """Monotone: a round that begins with more does not end with less."""
    a, more, c = (data.draw(lattice.things) for _ in range(3))
    b = lattice.join(a, more)
    assert lattice.below(a, b)
    assert lattice.below(lattice.join(a, c), lattice.join(b, c))


@every_lattice
@often
@given(data=st.data())
def test_what_brings_nothing_new_changes_nothing_not_even_the_order(lattice: Lattice, data: st.DataObject) -> None:
    """By this a loop ends: its state is compared as it is, and not as a set."""
    a, b = data.draw(lattice.things), data.draw(lattice.things)
    both = lattice.join(a, b)
    assert lattice.join(both, a) == lattice.join(both, b) == both


# What a join keeps


@often
@given(values, values)
def test_a_value_may_be_what_either_may_be_or_it_was_cut(a: Value, b: Value) -> None:
    both = join_values(a, b)
    assert len(set(both)) == len(both)
    if MORE not in both:
        assert set(both) == {*a, *b}
        assert len(both) <= MOST_ELEMENTS
        return
    oldest = {obj: min(hand for o, hand in _refs((*a, *b)) if o == obj) for obj, _ in _refs((*a, *b))}
    assert set(both) - {MORE} == {Ref(obj, oldest[obj]) for obj in sorted(oldest)[:MOST_ELEMENTS]}
    assert MORE in {*a, *b} or len({*a, *b}) > MOST_ELEMENTS


def _refs(found: Value) -> list[Ref]:
    return [element for element in found if isinstance(element, Ref)]


@pytest.mark.parametrize(("number", "cut"), [(MOST_ELEMENTS, False), (MOST_ELEMENTS + 1, True)])
def test_a_value_holds_so_many_elements(number: int, cut: bool) -> None:
    found = joined([Const(n) for n in range(number)])
    assert (found == (MORE,)) == cut
    assert cut or found == tuple(Const(n) for n in range(number))


@pytest.mark.parametrize(("number", "kept"), [(MOST_SOURCES, MOST_SOURCES), (MOST_SOURCES + 1, MOST_SOURCES)])
def test_of_many_sources_the_latest_are_kept(number: int, kept: int) -> None:
    both = join_cells(Cell(sources=frozenset({0, 3})), Cell(sources=frozenset(range(number))))
    assert both.sources == frozenset(range(number - kept, number))


def test_a_join_of_states_is_one_of_their_names_objects_marks_and_of_what_backward_needs() -> None:
    first = State({"a": (Ref(100, 100),)}, Heap({100: Cell(Kind.TENSOR)}), {100: frozenset({1})})
    second = State({"a": (Ref(102, 102),), "b": (Const(1),)}, Heap({100: Cell(Kind.LIST), 102: Cell(Kind.LIST)}), {})
    second.marks = {100: frozenset({2}), 102: frozenset({3})}
    both = join(first, second)
    assert both is not None
    assert both.env == {"a": (Ref(100, 100), Ref(102, 102)), "b": (Const(1),)}
    assert both.heap == {100: Cell(mixed=True), 102: Cell(Kind.LIST)}
    assert both.marks == {100: frozenset({1, 2}), 102: frozenset({3})}


def test_a_path_that_is_not_taken_adds_nothing() -> None:
    state = State({"a": NOTHING})
    assert join(None, state) is join(state, None) is state
    assert join(None, None) is None


@often
@given(states)
def test_a_copy_is_changed_apart(state: State) -> None:
    kept = replaced(state, {})
    copy = state.copy()
    assert copy.same_as(state)
    copy.env["new"], copy.heap[0], copy.marks[0] = NOTHING, Cell(), frozenset({9})
    assert state.same_as(kept)
    assert isinstance(copy.heap, Heap)


@often
@given(states, states)
def test_states_are_the_same_where_nothing_differs(a: State, b: State) -> None:
    assert a.same_as(b) == all(getattr(a, part) == getattr(b, part) for part in State.__slots__)
    for part in State.__slots__:
        mixed = replace(a, **{part: getattr(b, part)})
        assert mixed.same_as(a) == (getattr(a, part) == getattr(b, part))


def test_of_an_object_that_is_not_there_nothing_is_known() -> None:
    found = Heap()
    assert found[100] == Cell()
    assert found.get(100) is None
    assert not found


# Who is where


@often
@given(states, st.lists(regions, max_size=2))
def test_who_shares_with_regions_is_who_has_one_that_overlaps(state: State, asked: list[Region]) -> None:
    expected = {o for o, cell in state.heap.items() if any(overlap(r, w) for r in cell.regions for w in asked)}
    assert state.sharing(iter(asked)) == expected


@often
@given(states)
def test_reachable_is_what_a_name_leads_to(state: State) -> None:
    assert reachable(state) == set(_reachable(state))


def _reachable(state: State) -> Iterator[int]:
    """The handles that stand in a name, or in an object that such a handle leads to."""
    held = [element for value in state.env.values() for element in value]
    for element in held:
        ref = getattr(element, "receiver", element)
        if isinstance(ref, Ref):
            yield ref.hand
            cell = state.heap[ref.obj]
            inner = [e for value in (*cell.slots.values(), cell.rest) for e in value]
            held += [e for e in inner if e not in held]


# The rounds of a loop


@often
@given(states, st.permutations(range(FIRST, LAST)))
def test_under_other_numbers_all_is_as_it_was(state: State, order: list[int]) -> None:
    numbers = dict(zip(range(FIRST, LAST), order, strict=True))
    assert settled(renamed(state, numbers)) == settled(replaced(state, numbers))
    assert renamed(state, {}).same_as(state)


@often
@given(states, st.frozensets(ids, max_size=6))
def test_what_a_round_made_is_older_in_the_next(state: State, born: frozenset[int]) -> None:
    """Two that come to be one are joined, and of handles that lead nowhere the marks are dropped."""
    aged = age(state, set(born), State())
    old = {number: older(number) for number in born if not is_older(number)}
    if not old:
        assert aged is state
        return
    cells, marks = defaultdict[int, list[Cell]](list), defaultdict[int, set[int]](set)
    for obj, cell in state.heap.items():
        cells[old.get(obj, obj)].append(replaced(cell, old))
    for hand in state.marks.keys() & reachable(state):
        marks[old.get(hand, hand)] |= state.marks[hand]
    assert settled(aged.env) == settled(replaced(state.env, old))
    assert settled(aged.heap) == settled({obj: reduce(join_cells, found) for obj, found in cells.items()})
    assert aged.marks == marks
    assert aged.saved == replaced(state.saved, old)
    assert isinstance(aged.heap, Heap)


@often
@given(states, states, st.frozensets(ids, min_size=1, max_size=6))
def test_what_is_as_it_was_before_the_round_need_not_be_looked_at(a: State, b: State, born: frozenset[int]) -> None:
    """`before` only saves work, where it mentions nothing that the round made."""
    before = age(a, set(born), State())
    state = join(before, b)
    assert state is not None
    assert age(state, set(born), before).same_as(age(state, set(born), State()))
    if any(number in state.heap and not is_older(number) for number in born):
        assert age(state, set(born), state).same_as(age(state, set(born), State()))


@often
@given(states, st.frozensets(ids, max_size=6))
def test_what_does_not_change_is_not_made_again(state: State, born: frozenset[int]) -> None:
    """A state is compared with the one before it after every round: what is the very same is compared at once."""
    aged = age(state, set(born), State())
    mentioned = [number for number in born if not is_older(number)]
    for name, held in state.env.items():
        if not any(number in str(held) for number in map(str, mentioned)) and not any(_bound(e) for e in held):
            assert aged.env[name] is held


def _bound(element: object) -> bool:
    return isinstance(element, Bound | Callee)


# Slots and layouts


def test_a_slot_that_is_set_is_no_longer_perhaps_unset() -> None:
    before: Mapping[str, Value] = {".x": (Const(1),), "?.x": NOTHING, "?.y": NOTHING}
    after = with_slot(before, ".x", (Const(2),))
    assert after == {".x": (Const(2),), "?.y": NOTHING}
    assert before[".x"] == (Const(1),)


def test_an_attribute_that_only_one_of_them_has_is_perhaps_unset() -> None:
    one, other = {".x": (Const(1),), "[0]": NOTHING}, {".y": (Const(2),), ".z": NOTHING}
    both = join_slots({**one, ".z": NOTHING}, other)
    assert both == {".x": (Const(1),), ".y": (Const(2),), ".z": NOTHING, "[0]": NOTHING, "?.x": NOTHING, "?.y": NOTHING}


@pytest.mark.parametrize("index", [Layout.MASK, Layout.INDEXED])
def test_what_is_picked_out_of_a_mask_may_be_a_single_one(index: Layout) -> None:
    layout = frozenset({index, Dtype.INT64})
    assert perhaps_one(layout) == (layout | {Layout.PERHAPS_ONE} if index is Layout.MASK else layout)


# Tables

_TABLES = Path(__file__).parent / "joins.md"
_WORDS: dict[str, Any] = {
    **{name: getattr(heap, name) for name in ("NO", "MAYBE", "YES")},
    **{member.name: member for enum in (Ground, Layout, Dtype, Sure) for member in enum},
    **{name: Ref(100 + n, 100 + n) for n, name in enumerate("abc")},
    "Family": Family,
    "Kind": Kind,
    "Origin": Origin,
    "a_class": value,
    "another_class": heap,
    "storage": frozenset({(100,)}),
    "other_storage": frozenset({(102,)}),
}


def rows() -> list[Any]:
    """The rows of the tables, as (one cell, the other, what is known of their join)."""
    found, heading = [], ""
    for number, line in enumerate(_TABLES.read_text(encoding="utf-8").splitlines(), 1):
        heading = line.strip("# ") if line.startswith("#") else heading
        columns = re.findall(r"(?<=\| )`(.*?)` (?=\|)", line.replace("\\|", "|"))
        if columns:
            found.append(pytest.param(*columns, id=f"{number} {heading}"))
    return found


@pytest.mark.parametrize(("one", "other", "both"), rows())
def test_tables(one: str, other: str, both: str) -> None:
    first, second = (Cell(**eval(f"dict({text})", _WORDS)) for text in (one, other))
    expected = eval(f"dict({both})", _WORDS)
    for a, b in ((first, second), (second, first)):
        assert settled(join_cells(a, b)) == settled(join_cells(a, b)._replace(**expected))
