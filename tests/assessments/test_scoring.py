"""The pure rules of marking, over generated questions and answers."""

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.scoring import reaches, readings, score

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


# --- written answers --------------------------------------------------------------------------------------

NUMBERS = st.decimals(min_value=-10_000_000, max_value=10_000_000, places=3)


def number(text: str, *key: str, tolerance: str = "0") -> Decimal:
    return score("number", key, {"text": text}, Decimal(1), {"tolerance": tolerance})


def short(text: str, *key: str, matching: str = "case") -> Decimal:
    return score("short", key, {"text": text}, Decimal(1), {"matching": matching})


@given(value=NUMBERS, off=st.decimals(min_value=0, max_value=10, places=3), most=MARKS)
def test_a_number_is_right_up_to_the_tolerance_and_wrong_beyond_it(value, off, most):
    def mark(given: Decimal) -> Decimal:
        written = format(given, "f").replace(".", ",")
        return score("number", [str(value)], {"text": written}, most, {"tolerance": str(off)})

    assert mark(value) == mark(value + off) == mark(value - off) == most
    beyond = off + Decimal("10000000000.001")
    assert mark(value + beyond) == mark(value - beyond) == 0


@pytest.mark.parametrize("text", ["1822", "1.822", "1,822", "1 822", " 1822 ", "+1822"])
def test_thousands_may_be_parted_as_one_likes(text):
    assert number(text, "1822") == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12,5", "12.5"),
        ("12.5", "12.5"),
        ("1.234,5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("−5", "-5"),
        ("0,001", "0.001"),
    ],
)
def test_decimals_stand_after_a_comma_or_a_point(text, value):
    assert readings(text) == {Decimal(value)}


@pytest.mark.parametrize(
    "text", ["", " ", "năm", "12 34", "1.2.3", "1e5", "5.", "٣", "--5", "9" * 41, "1,2,3", "5 người"]
)
def test_what_is_no_number_is_wrong(text):
    assert readings(text) == set() and number(text, "5", tolerance="1000") == 0


@pytest.mark.parametrize(
    ("matching", "right"),
    [("exact", ["Hà Nội"]), ("case", ["Hà Nội", "hà nội"]), ("marks", ["Hà Nội", "hà nội", "HA NOI"])],
)
def test_a_short_answer_matches_as_closely_as_it_has_to(matching, right):
    written = ["Hà Nội", "hà nội", "HA NOI"]
    assert [text for text in written if short(text, "Huế", "Hà Nội", matching=matching)] == right


def test_composed_and_decomposed_letters_and_spaces_are_the_same_answer():
    assert short(unicodedata.normalize("NFD", "  Bộ   Nội vụ "), "Bộ Nội vụ", matching="exact") == 1


@given(text=st.text(max_size=60), key=st.lists(st.text(min_size=1, max_size=20), min_size=1), most=MARKS)
def test_whatever_is_typed_earns_all_or_nothing(text, key, most):
    for matching in ("exact", "case", "marks"):
        assert score("short", key, {"text": text}, most, {"matching": matching}) in (0, most)
    assert score("number", ["7"], {"text": text}, most, {}) in (0, most)


@pytest.mark.parametrize("nothing", [None, {}, {"text": ""}, {"text": "  "}, {"text": None}])
def test_nothing_typed_earns_nothing(nothing):
    assert score("short", [""], nothing, Decimal(1)) == 0 and score("number", ["0"], nothing, Decimal(1)) == 0


def test_the_pass_mark_is_not_reached_by_rounding():
    assert not reaches(score=Decimal("49.99"), max_score=Decimal(100), percent=50)
    assert reaches(score=Decimal("50.00"), max_score=Decimal(100), percent=50)
