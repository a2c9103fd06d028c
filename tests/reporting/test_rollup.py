"""Adding up a tree, against the naive way: look at every unit below, person by person."""

from hypothesis import given
from hypothesis import strategies as st

from lms.reporting.rollup import distinct_people, roll_up


@st.composite
def trees(draw) -> dict[int, int | None]:
    """Unit → parent, parents first; several roots may occur."""
    size = draw(st.integers(1, 25))
    parents: dict[int, int | None] = {}
    for unit in range(size):
        parents[unit] = draw(st.none() | st.integers(0, unit - 1)) if unit else None
    return parents


def below(parents: dict[int, int | None], top: int) -> set[int]:
    found = {top}
    while True:
        more = {unit for unit, parent in parents.items() if parent in found} - found
        if not more:
            return found
        found |= more


@given(trees(), st.data())
def test_a_parent_is_the_sum_of_its_children_and_its_own(parents, data):
    own = {unit: data.draw(st.tuples(st.integers(0, 50), st.integers(0, 50))) for unit in parents}
    totals = roll_up(parents, own, width=2)
    for unit in parents:
        expected = [sum(own[u][i] for u in below(parents, unit)) for i in range(2)]
        assert totals[unit] == expected


@given(trees(), st.data())
def test_a_person_is_counted_once_at_every_level(parents, data):
    units = st.sampled_from(sorted(parents))
    places = data.draw(st.dictionaries(st.integers(0, 20), st.sets(units, min_size=1, max_size=4)))
    people = distinct_people(parents, [(p, unit) for p, where in places.items() for unit in sorted(where)])
    for unit in parents:
        distinct = {person for person, where in places.items() if where & below(parents, unit)}
        assert people[unit] == len(distinct)


def test_a_subtree_can_be_added_up_alone():
    assert roll_up({5: 1, 6: 5}, {5: (1,), 6: (2,)}, width=1) == {5: [3], 6: [2]}
