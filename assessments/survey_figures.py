"""What the answers to a survey come to: the 100-point scale, its bands, means, and what must stay hidden. No Django here.

A form is a list of indicators as a survey opened for a class keeps them: ``{"number", "kind", "heading", …}``. An answer
sheet maps numbers (as text, since JSON keeps it so) to what was chosen: ``{"1": 4, "2": 5, "3": "free text"}``.

Circular 10/2017/TT-BNV (evaluation of training of officials, in force from 1 March 2018): numbered forms, one option per
indicator, a form is invalid when more than 5 % of its indicators are unanswered. Value v of a scale of k is v/k·100
points; the bands begin at 80, 70 and 50 points. Free texts are remarks, not indicators: they may stay empty.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

LIKERT_5, LIKERT_10, FREE_TEXT = "likert5", "likert10", "text"
SCALES = {LIKERT_5: 5, LIKERT_10: 10}
BAND_STARTS = (80, 70, 50)  # points; below the last one is the fourth band
UNANSWERED_AT_MOST = Fraction(5, 100)
# Fewer valid answers than this could be guessed to be somebody's.
SMALLEST_GROUP = 5

Form = Sequence[Mapping[str, Any]]
Answers = Mapping[str, Any]


def scaled(form: Form) -> list[Mapping[str, Any]]:
    """The indicators of a form: what is answered by one step of a scale."""
    return [item for item in form if item["kind"] in SCALES]


def unanswered(form: Form, answers: Answers) -> list[int]:
    """The numbers of the indicators without an answer, in order."""
    return [item["number"] for item in scaled(form) if answers.get(str(item["number"])) is None]


def is_valid(form: Form, answers: Answers) -> bool:
    """Whether at most 5 % of the indicators are unanswered; exact, so 1 of 20 is valid and 1 of 19 is not."""
    return len(unanswered(form, answers)) <= UNANSWERED_AT_MOST * len(scaled(form))


def points(value: int, scale: int) -> Fraction:
    """Value v of a scale of k on the 100-point scale: v/k·100. Raises ValueError outside 1…k."""
    if not 1 <= value <= scale:
        raise ValueError(f"{value} is not on a scale of {scale}")
    return Fraction(value * 100, scale)


def band(mean: Fraction | float) -> int:
    """0 for 80 points and more, 1 for 70 to under 80, 2 for 50 to under 70, 3 below 50."""
    return next((n for n, start in enumerate(BAND_STARTS) if mean >= start), len(BAND_STARTS))


@dataclass(frozen=True)
class Figure:
    """A mean of ``count`` answers in points. ``hidden``: too few answers, so that nothing but this is told."""

    count: int
    total: Fraction
    hidden: bool = False

    @property
    def mean(self) -> Fraction | None:
        """None when there is nothing to show."""
        return self.total / self.count if self.count and not self.hidden else None

    @property
    def band(self) -> int | None:
        return None if self.mean is None else band(self.mean)


HIDDEN = Figure(0, Fraction(0), hidden=True)
NOTHING = Figure(0, Fraction(0))


@dataclass(frozen=True)
class IndicatorFigures:
    """``spread`` has how many chose each step, from 1 to k; empty when hidden."""

    item: Mapping[str, Any]
    figure: Figure
    spread: tuple[int, ...] = ()


@dataclass(frozen=True)
class GroupFigures:
    """The indicators under one heading; ``figure`` pools those of them that are shown."""

    item: Mapping[str, Any]  # the first indicator, which carries the heading
    figure: Figure
    indicators: tuple[IndicatorFigures, ...]


@dataclass(frozen=True)
class SurveyFigures:
    """``received`` answer sheets, of which ``valid`` count; ``invalid`` ones are kept and counted, not reckoned with."""

    received: int
    valid: int
    figure: Figure
    groups: tuple[GroupFigures, ...]

    @property
    def invalid(self) -> int:
        return self.received - self.valid


def pooled(figures: Iterable[Figure]) -> Figure:
    """The mean of all answers behind the figures that are shown.

    A hidden figure is left out of every sum. Were it in, whoever knows the sum and the other parts would have it by
    subtraction; so any two pooled figures differ by figures that are shown anyway.
    """
    figures = list(figures)
    shown = [figure for figure in figures if not figure.hidden]
    if not shown:
        return HIDDEN if figures else NOTHING
    return Figure(sum(f.count for f in shown), sum((f.total for f in shown), Fraction(0)))


def figures_of(form: Form, sheets: Iterable[Answers], *, hides_small: bool) -> SurveyFigures:
    """All figures of one survey in one class.

    With ``hides_small`` (anonymous surveys) nothing is told of fewer than five valid sheets, nor of an indicator that
    fewer than five of them answer.
    """
    sheets = list(sheets)
    valid = [answers for answers in sheets if is_valid(form, answers)]
    all_hidden = hides_small and len(valid) < SMALLEST_GROUP
    groups = []
    for items in _by_heading(scaled(form)):
        indicators = tuple(
            _indicator(item, valid, hides_small=hides_small, hidden=all_hidden) for item in items
        )
        groups.append(GroupFigures(items[0], pooled(row.figure for row in indicators), indicators))
    return SurveyFigures(
        received=len(sheets),
        valid=len(valid),
        figure=HIDDEN if all_hidden else pooled(group.figure for group in groups),
        groups=tuple(groups),
    )


def _indicator(
    item: Mapping[str, Any], valid: Sequence[Answers], *, hides_small: bool, hidden: bool
) -> IndicatorFigures:
    scale = SCALES[item["kind"]]
    values = [value for answers in valid if (value := answers.get(str(item["number"]))) is not None]
    if hidden or (hides_small and len(values) < SMALLEST_GROUP):
        return IndicatorFigures(item, HIDDEN)
    total = sum((points(value, scale) for value in values), Fraction(0))
    chosen = Counter(values)
    return IndicatorFigures(
        item, Figure(len(values), total), tuple(chosen[step] for step in range(1, scale + 1))
    )


def _by_heading(items: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Indicators in order, a new list wherever a heading begins; an empty heading goes on with the one before."""
    groups: list[list[Mapping[str, Any]]] = []
    for item in items:
        if not groups or (item["heading"] and item["heading"] != groups[-1][0]["heading"]):
            groups.append([])
        groups[-1].append(item)
    return groups


def texts_of(
    form: Form, sheets: Iterable[Answers], *, hides_small: bool
) -> list[tuple[Mapping[str, Any], list[str]]]:
    """The free texts by question, each list sorted by its words: neither order nor place ties two texts together.

    With ``hides_small`` none of fewer than five valid sheets.
    """
    valid = [answers for answers in sheets if is_valid(form, answers)]
    if hides_small and len(valid) < SMALLEST_GROUP:
        return []
    found = []
    for item in form:
        if item["kind"] == FREE_TEXT:
            texts = [text for answers in valid if (text := answers.get(str(item["number"])))]
            found.append((item, sorted(texts)))
    return found
