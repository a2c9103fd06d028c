"""Where records belong under the structure of another day: the pure rules, over generated histories."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.organisations.lineage import Span, homes

BEGINNING = date(2019, 1, 1)


def day(number: int) -> date:
    return BEGINNING + timedelta(days=number)


@st.composite
def histories(draw):
    """(spans, heirs, origins) as the services leave them: who ends has an heir that stands on that day, or none."""
    spans: dict[int, Span] = {0: Span(day(0), None, None, None)}
    heirs: dict[int, int] = {}
    origins: dict[int, int] = {}
    for today in range(1, draw(st.integers(1, 25))):
        standing = [unit for unit, span in spans.items() if span.end is None]
        chosen = draw(st.sampled_from(standing))
        what = draw(st.sampled_from(["found", "end", "merge", "become"]))
        new = len(spans)
        if what == "found":
            spans[new] = Span(day(today), None, chosen, chosen)
        elif chosen != 0 and spans[chosen].start < day(today):
            span = spans[chosen]
            if what == "become":
                parent = span.last_parent
                spans[new] = Span(day(today), None, parent, parent)
                origins[new] = chosen
                heirs[chosen] = new
            elif what == "merge":
                others = [unit for unit in standing if unit != chosen and not below(spans, unit, chosen)]
                heirs[chosen] = draw(st.sampled_from(others))
            goes_to = heirs.get(chosen, span.last_parent)
            spans[chosen] = Span(span.start, day(today), span.first_parent, span.last_parent)
            for unit, child in spans.items():
                if child.last_parent == chosen and child.end is None and unit != goes_to:
                    spans[unit] = Span(child.start, None, child.first_parent, goes_to)
    return spans, heirs, origins


def below(spans, unit, above) -> bool:
    while unit is not None:
        if unit == above:
            return True
        unit = spans[unit].last_parent
    return False


@given(histories(), st.integers(-2, 30))
def test_every_unit_has_one_home_that_stands_on_the_day_or_none(history, number):
    spans, heirs, origins = history
    found = homes(spans, heirs=heirs, origins=origins, day=day(number))
    assert found.keys() == spans.keys()
    for unit, home in found.items():
        assert home is None or spans[home].holds(day(number))
        if spans[unit].holds(day(number)):
            assert home == unit


@given(histories(), st.integers(0, 30))
def test_nobody_is_left_outside_while_the_ministry_stands(history, number):
    spans, heirs, origins = history
    assert None not in homes(spans, heirs=heirs, origins=origins, day=day(number)).values()


@given(histories())
def test_before_anything_stood_nothing_has_a_home(history):
    spans, heirs, origins = history
    assert set(homes(spans, heirs=heirs, origins=origins, day=day(-1)).values()) == {None}


@pytest.mark.parametrize(
    ("number", "home"),
    [(0, 1), (10, 2), (20, 3), (30, 3)],
    ids=["before", "after the merger", "after the next", "later"],
)
def test_records_go_from_heir_to_heir(number, home):
    spans = {
        1: Span(day(0), day(10), None, None),
        2: Span(day(5), day(20), None, None),
        3: Span(day(0), None, None, None),
    }
    assert homes(spans, heirs={1: 2, 2: 3}, origins={}, day=day(number))[1] == home
