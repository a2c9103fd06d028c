"""The figures of surveys: points, bands, validity, and that nothing hidden can be had by subtraction."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.survey_figures import (
    HIDDEN,
    SMALLEST_GROUP,
    Figure,
    band,
    figures_of,
    is_valid,
    points,
    pooled,
    texts_of,
    unanswered,
)

KINDS = ["likert5", "likert10", "text"]
STEPS = {"likert5": 5, "likert10": 10}


def item(number: int, kind: str = "likert5", heading: str = "") -> dict:
    return {"number": number, "kind": kind, "heading": heading, "text": f"Chỉ báo {number}"}


def form_of(count: int) -> list[dict]:
    return [item(number) for number in range(1, count + 1)]


@st.composite
def forms_with_sheets(draw):
    """A form and sheets that fit it, some with gaps."""
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=8))
    form = [
        item(number, kind, draw(st.sampled_from(["", "Nội dung", "Giảng viên"])))
        for number, kind in enumerate([*kinds, "likert5"], start=1)
    ]

    def value(line):
        if line["kind"] == "text":
            return st.text(max_size=5)
        return st.one_of(st.none(), st.integers(1, STEPS[line["kind"]]))

    sheet = st.fixed_dictionaries({str(line["number"]): value(line) for line in form})
    return form, draw(st.lists(sheet, max_size=12))


@pytest.mark.parametrize(
    ("value", "scale", "expected"), [(5, 5, 100), (4, 5, 80), (1, 5, 20), (7, 10, 70), (1, 10, 10)]
)
def test_a_step_of_a_scale_is_its_share_of_100(value, scale, expected):
    assert points(value, scale) == expected


@pytest.mark.parametrize("value", [0, 6, -1])
def test_what_is_not_on_the_scale_has_no_points(value):
    with pytest.raises(ValueError, match="scale of 5"):
        points(value, 5)


@pytest.mark.parametrize(
    ("mean", "expected"),
    [(100, 0), (80, 0), (Fraction(7999, 100), 1), (70, 1), (Fraction(6999, 100), 2), (50, 2), (49.9, 3), (0, 3)],
)  # fmt: skip
def test_a_band_begins_at_its_lowest_point(mean, expected):
    assert band(mean) == expected


@pytest.mark.parametrize(
    ("indicators", "missing", "valid"),
    [(20, 1, True), (20, 2, False), (19, 1, False), (40, 2, True), (40, 3, False), (5, 0, True), (5, 1, False)],
)  # fmt: skip
def test_a_form_is_invalid_beyond_five_per_cent_unanswered(indicators, missing, valid):
    answers = {str(number): 3 for number in range(1, indicators + 1 - missing)}
    assert is_valid(form_of(indicators), answers) is valid
    assert len(unanswered(form_of(indicators), answers)) == missing


def test_remarks_may_stay_empty():
    assert is_valid([item(1), item(2, "text")], {"1": 5})


def test_figures_worked_by_hand():
    form = [item(1, heading="A"), item(2), item(3, "likert10", heading="B")]
    sheets = [{"1": 5, "2": 4, "3": 10}, {"1": 3, "2": 4, "3": 5}, {"1": 1, "2": None, "3": 1}]
    figures = figures_of(form, sheets, hides_small=False)
    assert (figures.received, figures.valid, figures.invalid) == (3, 2, 1)
    first, second = figures.groups
    assert [row.figure.mean for row in first.indicators] == [80, 80]
    assert first.figure.mean == 80 and second.figure.mean == 75
    # All six answers of the two valid forms: 100 + 60 + 80 + 80 + 100 + 50.
    assert figures.figure.mean == Fraction(470, 6) and figures.figure.band == 1
    assert first.indicators[0].spread == (0, 0, 1, 0, 1)


@given(forms_with_sheets())
def test_means_stay_on_the_scale_and_every_sheet_is_counted(pair):
    form, sheets = pair
    figures = figures_of(form, sheets, hides_small=False)
    assert figures.received == len(sheets) == figures.valid + figures.invalid
    for group in figures.groups:
        for row in group.indicators:
            assert sum(row.spread) == row.figure.count <= figures.valid
            if row.figure.mean is not None:
                assert 0 < row.figure.mean <= 100
    if figures.valid:
        assert 0 < figures.figure.mean <= 100


@given(forms_with_sheets(), st.randoms())
def test_the_order_of_the_sheets_tells_nothing(pair, chance):
    form, sheets = pair
    mixed = chance.sample(sheets, len(sheets))
    assert figures_of(form, sheets, hides_small=True) == figures_of(form, mixed, hides_small=True)
    assert texts_of(form, sheets, hides_small=True) == texts_of(form, mixed, hides_small=True)


@given(forms_with_sheets())
def test_fewer_than_five_valid_answers_show_nothing(pair):
    form, sheets = pair
    figures = figures_of(form, sheets, hides_small=True)
    rows = [row for group in figures.groups for row in group.indicators]
    if figures.valid < SMALLEST_GROUP:
        assert figures.figure == HIDDEN and texts_of(form, sheets, hides_small=True) == []
        assert all(row.figure == HIDDEN and row.spread == () for row in rows)
    else:
        assert all(row.figure.hidden or row.figure.count >= SMALLEST_GROUP for row in rows)


@given(forms_with_sheets())
def test_no_hidden_figure_can_be_had_by_subtraction(pair):
    """What all says less what the shown parts say leaves nothing, so there is nothing to reckon with."""
    form, sheets = pair
    figures = figures_of(form, sheets, hides_small=True)
    for whole, parts in [
        (figures.figure, [group.figure for group in figures.groups]),
        *((group.figure, [row.figure for row in group.indicators]) for group in figures.groups),
    ]:
        shown = [part for part in parts if not part.hidden]
        if whole.hidden:
            continue
        assert whole.count == sum(part.count for part in shown)
        assert whole.total == sum(part.total for part in shown)


figures = st.builds(Figure, st.integers(1, 50), st.builds(Fraction, st.integers(1, 5000)), st.booleans())


@given(st.lists(figures, max_size=8), st.sets(st.integers(0, 7)))
def test_two_pooled_figures_differ_by_shown_ones_only(parts, chosen):
    """A trainer's figure less another's: whatever classes each teaches, a hidden class is in neither."""
    some = [part for n, part in enumerate(parts) if n in chosen]
    rest = [part for n, part in enumerate(parts) if n not in chosen and not part.hidden]
    everything, part = pooled(parts), pooled(some)
    assert everything.count - part.count == sum(figure.count for figure in rest)
    assert everything.total - part.total == sum((figure.total for figure in rest), Fraction(0))


def test_control_a_pool_with_the_hidden_ones_in_it_would_give_a_small_class_away():
    small, large = Figure(2, Fraction(40), hidden=True), Figure(20, Fraction(1600))
    careless = Figure(small.count + large.count, small.total + large.total)
    assert (careless.total - large.total, careless.count - large.count) == (small.total, small.count)
    assert pooled([small, large]) == large
