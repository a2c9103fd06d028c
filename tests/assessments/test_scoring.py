"""The pure rules of marking, over generated questions and answers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.scoring import reaches, score

IDS = "abcdefgh"
MARKS = st.decimals(min_value="0.25", max_value="100", places=2)


@st.composite
def sittings(draw, kind=None):
    """(kind, key, chosen, other ids): a question with its key and an answer to it."""
    kind = kind or draw(st.sampled_from(["single", "multiple"]))
    ids = list(IDS[: draw(st.integers(2, len(IDS)))])
    most = 1 if kind == "single" else len(ids) - 1
    key = draw(st.lists(st.sampled_from(ids), min_size=1, max_size=most, unique=True))
    chosen = draw(st.lists(st.sampled_from(ids), max_size=1 if kind == "single" else len(ids), unique=True))
    return kind, key, chosen, [choice for choice in ids if choice not in key]


@given(sittings(), MARKS)
def test_a_mark_stays_between_nothing_and_the_maximum(sitting, most):
    kind, key, chosen, _others = sitting
    assert Decimal(0) <= score(kind, key, {"choices": chosen}, most) <= most


@given(sittings(), MARKS, st.randoms())
def test_the_order_of_choices_changes_no_mark(sitting, most, random):
    kind, key, chosen, _others = sitting
    mark = score(kind, key, {"choices": chosen}, most)
    random.shuffle(key)
    random.shuffle(chosen)
    assert score(kind, key, {"choices": chosen}, most) == mark


@given(sittings(), MARKS)
def test_the_names_of_choices_change_no_mark(sitting, most):
    kind, key, chosen, _others = sitting
    renamed = {name: f"x{number}" for number, name in enumerate(reversed(IDS))}
    mark = score(kind, key, {"choices": chosen}, most)
    assert score(kind, [renamed[k] for k in key], {"choices": [renamed[c] for c in chosen]}, most) == mark


@given(sittings(), MARKS)
def test_the_key_itself_earns_the_whole_mark_and_an_open_question_nothing(sitting, most):
    kind, key, _chosen, _others = sitting
    assert score(kind, key, {"choices": key}, most) == most
    for nothing in (None, {}, {"choices": []}, {"choices": None}):
        assert score(kind, key, nothing, most) == 0


@given(sittings(kind="multiple"), MARKS)
def test_one_more_right_choice_never_costs_and_one_more_wrong_never_brings(sitting, most):
    kind, key, chosen, others = sitting
    mark = score(kind, key, {"choices": chosen}, most)
    for more in key:
        assert score(kind, key, {"choices": [*chosen, more]}, most) >= mark
    for more in others:
        assert score(kind, key, {"choices": [*chosen, more]}, most) <= (mark if more not in chosen else most)


@pytest.mark.parametrize(
    ("chosen", "mark"),
    [
        ("ab", "1.00"),
        ("a", "0.50"),
        ("ac", "0.00"),
        ("abc", "0.50"),
        ("abcd", "0.00"),
        ("c", "0.00"),
        ("", "0.00"),
    ],
)
def test_part_marks_are_right_less_wrong_over_the_number_of_right_ones(chosen, mark):
    assert score("multiple", ["a", "b"], {"choices": list(chosen)}, Decimal(1)) == Decimal(mark)


def test_a_third_is_rounded_to_hundredths():
    assert score("multiple", "abc", {"choices": ["a"]}, Decimal(1)) == Decimal("0.33")
    assert score("multiple", "abc", {"choices": ["a", "b"]}, Decimal(1)) == Decimal("0.67")


def test_a_question_without_key_or_of_an_unknown_kind_is_refused():
    with pytest.raises(ValueError):
        score("single", [], {"choices": ["a"]}, Decimal(1))
    with pytest.raises(LookupError):
        score("essay", ["a"], {"choices": ["a"]}, Decimal(1))


def test_the_pass_mark_is_not_reached_by_rounding():
    assert not reaches(score=Decimal("49.99"), max_score=Decimal(100), percent=50)
    assert reaches(score=Decimal("50.00"), max_score=Decimal(100), percent=50)
