"""Item analysis: values worked by hand, against Python's own statistics, and what holds for any answers."""

import math
import random
import statistics
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.item_analysis import (
    analyse,
    correlation,
    correlation_from_sums,
    cronbach_alpha,
    flags_of,
    interval_of,
    thirds_of,
)
from assessments.item_figures import AnswerRow, Choices, Flag, Remark, Thirds, Thresholds

ANY_NUMBER = Thresholds(fewest=2, fewest_in_third=1, fewest_for_reliability=2)
# Four learners, three questions, each mark 0 or 1: totals 3, 2, 1, 0.
LADDER = [[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]]


def rows_of(marks, *, of=1) -> list[AnswerRow]:
    """One row per cell; None is a question that learner did not get."""
    return [
        AnswerRow(attempt, question, 10 + question, Decimal(mark), Decimal(of))
        for attempt, row in enumerate(marks)
        for question, mark in enumerate(row)
        if mark is not None
    ]


def by_question(analysis) -> dict:
    return {item.question: item for item in analysis.items}


# --- Worked by hand ---------------------------------------------------------------------------------------------
def test_facility_discrimination_and_reliability_of_a_ladder_are_those_worked_by_hand():
    analysis = analyse(rows_of(LADDER), choices={}, thresholds=ANY_NUMBER)
    items = by_question(analysis)
    assert [items[question].facility for question in range(3)] == [0.75, 0.5, 0.25]
    # Question 0: deviations ¼ ¼ ¼ −¾ with the rest 2 1 0 0: ¾ ÷ √(¾ × 2¾). Question 1: 1 ÷ √(1 × 2).
    assert items[0].discrimination == pytest.approx(0.75 / math.sqrt(0.75 * 2.75))
    assert items[1].discrimination == pytest.approx(1 / math.sqrt(2))
    # Standard error of the facility: √(1/3) ÷ √4.
    assert items[1].facility_error == pytest.approx(math.sqrt(1 / 3) / 2)
    # Σpq = 3/16 + 4/16 + 3/16, variance of the total 20/16: 3/2 × (1 − 10/20).
    reliability = analysis.reliability
    assert (reliability.alpha, reliability.is_kr20, reliability.items) == (0.75, True, 3)
    assert reliability.remarks == []
    # s = √(5/3), times √(1 − 0.75).
    assert reliability.error == pytest.approx(math.sqrt(5 / 3) / 2)
    assert (analysis.mean, analysis.median) == (0.5, 0.5)
    assert analysis.deviation == pytest.approx(math.sqrt(5 / 3) / 3)
    assert analysis.bands == [1, 0, 0, 1, 0, 0, 1, 0, 0, 1]


def test_alpha_of_part_marks_worked_by_hand():
    # Items 2 4 6 and 1 3 2 (variances 8/3 and 2/3), totals 3 7 8 (14/3): 2 × (1 − (10/3) ÷ (14/3)).
    assert cronbach_alpha([[2, 1], [4, 3], [6, 2]]) == pytest.approx(2 * (1 - 10 / 14))


def test_two_items_that_say_the_opposite_have_a_negative_alpha_and_no_error_of_measurement():
    reliability = analyse(rows_of([[1, 0, 1], [0, 1, 0], [1, 0, 0]]), choices={}).reliability
    # Σpq = 6/9, variance of the total 2/9: 3/2 × (1 − 3).
    assert reliability.alpha == pytest.approx(-3.0)
    assert reliability.error is None
    assert Remark.NEGATIVE in reliability.remarks


def test_the_interval_of_a_correlation_is_fishers():
    # r = 0.5, n = 28: z = 0.5493, reach 1.96 ÷ 5 = 0.392: tanh 0.1573 and tanh 0.9413.
    low, high = interval_of(0.5, 28)
    assert (round(low, 3), round(high, 3)) == (0.156, 0.736)
    assert interval_of(0.5, 3) is None
    assert interval_of(1.0, 30) is None


def test_thirds_keep_equal_scores_together():
    scores = dict(enumerate([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]))
    assert thirds_of(scores) == {0: 0, 1: 0, 2: 1, 3: 1, 4: 2, 5: 2}
    assert set(thirds_of(dict.fromkeys(range(7), 0.4)).values()) == {1}


def test_choices_are_counted_by_third_with_those_who_left_the_question_open():
    taken = ["a", "a", "b", "b", "a", "", "b", "b", ""]
    rows = []
    for attempt, choice in enumerate(taken):  # attempt 0 has the best rest, 8 the worst
        rows.append(
            AnswerRow(
                attempt, 1, 11, Decimal(choice == "a"), Decimal(1), (choice,) if choice else (), bool(choice)
            )
        )
        rows.append(AnswerRow(attempt, 2, 12, Decimal(20 - 2 * attempt), Decimal(20)))
    item = by_question(analyse(rows, choices={11: Choices("abc", "a")}))[1]
    assert item.thirds == Thirds(3, 3, 3)
    assert {choice.id: choice.taken for choice in item.choices} == {
        "a": Thirds(bottom=0, middle=1, top=2),
        "b": Thirds(bottom=2, middle=1, top=1),
        "c": Thirds(),
        "": Thirds(bottom=1, middle=1, top=0),
    }
    assert [choice.right for choice in item.choices] == [True, False, False, False]
    assert item.unanswered == 2


def test_the_time_between_answers_is_the_median_gap_before_an_answer_and_the_first_has_none():
    start = datetime(2026, 3, 2, 8, tzinfo=UTC)

    def row(attempt, question, second):
        saved = None if second is None else start + timedelta(seconds=second)
        return AnswerRow(attempt, question, question, Decimal(1), Decimal(1), (), second is not None, saved)

    # Gaps before question 2: 30, 50, and 10 where it was answered after 3; before 3: 20.
    rows = [row(0, 1, 0), row(0, 2, 30), row(0, 3, 50), row(1, 1, 5), row(1, 2, 55), row(1, 3, None)]
    rows += [row(2, 3, 0), row(2, 2, 10)]
    seconds = {q: item.seconds_between_answers for q, item in by_question(analyse(rows, choices={})).items()}
    assert seconds == {1: None, 2: 30, 3: 20}


# --- Flags --------------------------------------------------------------------------------------------------------
def suspect(top_right: int, top_wrong: int, n: int = 30) -> list[Flag]:
    rows = []
    for attempt in range(n):
        rank = attempt // (n // 3)  # 0 are the best
        picks = "a" if (attempt % 10 < top_right if rank == 0 else attempt % 2) else "b"
        rows.append(AnswerRow(attempt, 1, 11, Decimal(picks == "a"), Decimal(1), (picks,)))
        rows.append(AnswerRow(attempt, 2, 12, Decimal(100 - 3 * attempt), Decimal(100)))
    assert top_right + top_wrong == 10
    return by_question(analyse(rows, choices={11: Choices("ab", "a")}))[1].flags


def test_a_key_the_best_do_not_choose_is_pointed_at():
    assert Flag.WRONG_KEY in suspect(2, 8)
    assert Flag.WRONG_KEY not in suspect(5, 5)
    assert Flag.WRONG_KEY not in suspect(8, 2)


@pytest.mark.parametrize(
    ("facility", "discrimination", "expected"),
    [
        (0.9, 0.3, [Flag.TOO_EASY]),
        (0.89, 0.2, []),
        (0.2, 0.5, [Flag.TOO_HARD]),
        (0.5, 0.19, [Flag.NO_DISCRIMINATION]),
        (0.95, -0.01, [Flag.NEGATIVE, Flag.TOO_EASY]),
        (1.0, None, [Flag.TOO_EASY]),
    ],
)
def test_the_flags_of_figures_at_the_edges(facility, discrimination, expected):
    assert flags_of(learners=10, facility=facility, discrimination=discrimination) == expected
    assert flags_of(learners=9, facility=facility, discrimination=discrimination) == [Flag.TOO_FEW]


def test_a_wrong_choice_hardly_anybody_takes_is_pointed_at():
    assert flags_of(
        learners=100,
        facility=0.5,
        discrimination=0.4,
        choices=analyse(
            [AnswerRow(n, 1, 1, Decimal(1), Decimal(1), ("a" if n % 2 else "b",)) for n in range(100)],
            choices={1: Choices("abc", "a")},
        ).items[0].choices,
    ) == [Flag.IDLE_CHOICE]  # fmt: skip


# --- Random draws ---------------------------------------------------------------------------------------------------
def test_where_draws_differ_only_the_questions_everybody_got_have_a_reliability():
    common = [[1, 1, 1, None], [1, 1, None, 1], [1, 0, 0, None], [0, 0, None, 0]]
    reliability = analyse(rows_of(common), choices={}).reliability
    assert reliability.items == 2
    assert reliability.alpha == cronbach_alpha([row[:2] for row in LADDER])
    assert reliability.remarks == [Remark.RANDOM_DRAWS, Remark.FEW_LEARNERS]
    apart = analyse(rows_of([[1, 1, None], [None, 0, 1]]), choices={}).reliability
    assert apart.alpha is None
    assert Remark.NOTHING_COMMON in apart.remarks


def test_another_version_of_a_question_is_another_item():
    rows = [*rows_of([[1, 1], [0, 1]]), AnswerRow(9, 0, 99, Decimal(1), Decimal(1))]
    items = analyse(rows, choices={}).items
    assert [(item.question, item.version, item.learners) for item in items] == [
        (0, 10, 2), (0, 99, 1), (1, 11, 2),
    ]  # fmt: skip


def test_nobody_and_nothing_give_no_figures_and_no_error():
    empty = analyse([], choices={})
    assert (empty.learners, empty.mean, empty.median, empty.deviation) == (0, None, None, None)
    assert (empty.reliability.alpha, empty.items) == (None, [])
    alone = analyse(rows_of([[1]]), choices={})
    assert (alone.deviation, alone.items[0].discrimination, alone.items[0].facility_error) == (
        None,
        None,
        None,
    )


# --- Against Python's statistics --------------------------------------------------------------------------------------
def test_it_agrees_with_pythons_own_statistics():
    chance = random.Random(7)
    able = [chance.random() for _ in range(200)]
    marks = [[sum(chance.random() < skill for _ in range(4)) for _ in range(12)] for skill in able]
    analysis = analyse(rows_of(marks, of=4), choices={})
    totals = [sum(row) for row in marks]
    for question, item in by_question(analysis).items():
        column = [row[question] for row in marks]
        rest = [total - mark for total, mark in zip(totals, column, strict=True)]
        assert item.discrimination == pytest.approx(statistics.correlation(column, rest), abs=1e-12)
        assert item.facility == pytest.approx(statistics.fmean(column) / 4, abs=1e-12)
    of_items = sum(statistics.pvariance([row[q] for row in marks]) for q in range(12))
    alpha = 12 / 11 * (1 - of_items / statistics.pvariance(totals))
    assert analysis.reliability.alpha == pytest.approx(alpha, abs=1e-12)
    assert not analysis.reliability.is_kr20
    assert analysis.deviation == pytest.approx(statistics.stdev(totals) / 48, abs=1e-12)
    assert analysis.reliability.error == pytest.approx(
        statistics.stdev(totals) * math.sqrt(1 - alpha), abs=1e-9
    )


# --- What holds for any answers ---------------------------------------------------------------------------------------
MARKS = st.decimals(min_value=0, max_value=2, places=2)
TABLES = st.integers(1, 5).flatmap(
    lambda width: st.lists(
        st.lists(MARKS | st.just(Decimal(0)) | st.just(Decimal(1)), min_size=width, max_size=width),
        min_size=1,
        max_size=14,
    )
)


def shaken(rows: list[AnswerRow], chance: random.Random) -> list[AnswerRow]:
    return chance.sample(rows, len(rows))


@given(TABLES, st.randoms(use_true_random=False))
def test_the_order_of_learners_and_questions_changes_nothing(table, chance):
    rows = rows_of(table, of=2)
    assert analyse(shaken(rows, chance), choices={}, thresholds=ANY_NUMBER) == analyse(
        rows, choices={}, thresholds=ANY_NUMBER
    )


@given(TABLES, st.randoms(use_true_random=False))
def test_renaming_learners_and_questions_changes_no_figure(table, chance):
    learners = chance.sample(range(len(table)), len(table))
    questions = chance.sample(range(len(table[0])), len(table[0]))
    moved = [[table[learner][question] for question in questions] for learner in learners]
    before = analyse(rows_of(table, of=2), choices={}, thresholds=ANY_NUMBER)
    after = analyse(rows_of(moved, of=2), choices={}, thresholds=ANY_NUMBER)
    assert after.reliability == before.reliability
    assert (after.mean, after.median, after.deviation) == (before.mean, before.median, before.deviation)
    for item in after.items:
        same = before.items[questions[item.question]]
        assert (item.facility, item.discrimination) == (same.facility, same.discrimination)


@given(TABLES)
def test_figures_stay_within_their_bounds_and_are_none_rather_than_nan(table):
    analysis = analyse(rows_of(table, of=2), choices={}, thresholds=ANY_NUMBER)
    assert sum(analysis.bands) == analysis.learners == len(table)
    for item in analysis.items:
        assert 0 <= item.facility <= 1
        assert item.discrimination is None or -1 <= item.discrimination <= 1
        assert item.thirds.all == item.learners
        for part in fields(item):
            value = getattr(item, part.name)
            assert not (isinstance(value, float) and math.isnan(value))
    alpha = analysis.reliability.alpha
    assert alpha is None or (alpha <= 1 and not math.isnan(alpha))


@given(st.integers(0, 2), st.lists(MARKS, min_size=2, max_size=12))
def test_a_question_all_answer_alike_has_no_discrimination(same, others):
    table = [[Decimal(same), mark] for mark in others]
    item = by_question(analyse(rows_of(table, of=2), choices={}, thresholds=ANY_NUMBER))[0]
    assert item.discrimination is None
    assert item.facility == same / 2


@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), max_size=12))
def test_a_correlation_is_symmetric_and_bounded(pairs):
    xs, ys = [x for x, _y in pairs], [y for _x, y in pairs]
    r = correlation(xs, ys)
    assert r == correlation(ys, xs)
    assert r is None or -1 <= r <= 1


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), max_size=40))
def test_a_correlation_from_sums_is_that_of_the_pairs(pairs):
    xs, ys = [x / 100 for x, _y in pairs], [y / 100 for _x, y in pairs]
    r = correlation_from_sums(
        n=len(pairs),
        sx=sum(xs),
        sy=sum(ys),
        sxx=sum(x * x for x in xs),
        syy=sum(y * y for y in ys),
        sxy=sum(x * y for x, y in pairs) / 10000,
    )
    assert r == pytest.approx(correlation(xs, ys), abs=1e-6)
