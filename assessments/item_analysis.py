"""What the answers say about the questions. Pure computation: the same rows in any order give the same figures.

An item is one version of a question: other words are another item. Only one attempt of each learner belongs in the rows
(the caller chooses the first): a second one is sat knowing the questions, and two of one person are not independent,
which every formula below takes them to be.

Marks are counted in whole hundredths, so that sums are exact; means use ``fsum``, whose result does not depend on order.
A figure that is not defined (nobody differs, too few learners) is None, never NaN.

Sources: L. Crocker & J. Algina, Introduction to Classical and Modern Test Theory (1986), chapters 7 (reliability) and 14
(item analysis); L. J. Cronbach, Psychometrika 16 (1951) 297–334; G. F. Kuder & M. W. Richardson, Psychometrika 2 (1937)
151–160; R. L. Ebel, Essentials of Educational Measurement (1972), chapter 14; R. A. Fisher, Metron 1 (1921) 3–32.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from math import atanh, fsum, sqrt, tanh
from statistics import median

from .item_figures import (
    THRESHOLDS,
    Analysis,
    AnswerRow,
    ChoiceFigures,
    Choices,
    Flag,
    ItemFigures,
    Reliability,
    Remark,
    Thirds,
    Thresholds,
)

_NORMAL_95 = 1.959964


def _hundredths(mark: Decimal) -> int:
    return int((mark * 100).to_integral_value())


def correlation(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Pearson's r; None for fewer than two pairs, or where one side does not vary."""
    if len(xs) < 2 or min(xs) == max(xs) or min(ys) == max(ys):
        return None
    mean_x, mean_y = fsum(xs) / len(xs), fsum(ys) / len(ys)
    spread = sqrt(fsum((x - mean_x) ** 2 for x in xs)) * sqrt(fsum((y - mean_y) ** 2 for y in ys))
    if not spread:
        return None
    together = fsum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    return max(-1.0, min(1.0, together / spread))


def correlation_from_sums(
    *, n: int, sx: float, sy: float, sxx: float, syy: float, sxy: float
) -> float | None:
    """Pearson's r from sums a database has made; of ratios from 0 to 1, whose spread the rounding of sums cannot hide.

    A spread within that rounding is none.
    """
    if n < 2:
        return None
    spread_x, spread_y = n * sxx - sx * sx, n * syy - sy * sy
    if min(spread_x, spread_y) <= 1e-9 * n * n:
        return None
    return max(-1.0, min(1.0, (n * sxy - sx * sy) / sqrt(spread_x * spread_y)))


def interval_of(r: float, n: int) -> tuple[float, float] | None:
    """The 95 % interval of a correlation of ``n`` pairs by Fisher's z: tanh(atanh r ± 1.96 ÷ √(n − 3))."""
    if n <= 3 or abs(r) >= 1:
        return None
    reach = _NORMAL_95 / sqrt(n - 3)
    return tanh(atanh(r) - reach), tanh(atanh(r) + reach)


def deviation_of(values: Sequence[float]) -> float | None:
    """The standard deviation with n − 1."""
    if len(values) < 2:
        return None
    mean = fsum(values) / len(values)
    return sqrt(fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def _spread(values: Collection[int]) -> int:
    """n² times the variance (with n) of whole numbers, exactly."""
    return len(values) * sum(value * value for value in values) - sum(values) ** 2


def cronbach_alpha(marks: Sequence[Sequence[int]]) -> float | None:
    """α = k ÷ (k − 1) × (1 − Σ variance of the items ÷ variance of the total), Cronbach (1951), formula 2.

    ``marks`` has one row per learner, all of the same length k; whole numbers, so that the result is exact up to the one
    division. Where every mark is 0 or 1 the variance of an item is p × q, and this is Kuder and Richardson's formula 20.
    None for fewer than two items or learners, and where all have the same total.
    """
    if len(marks) < 2 or len(marks[0]) < 2:
        return None
    items = len(marks[0])
    of_total = _spread([sum(row) for row in marks])
    if of_total == 0:
        return None
    of_items = sum(_spread(column) for column in zip(*marks, strict=True))
    return items * (of_total - of_items) / ((items - 1) * of_total)


def thirds_of(totals: Mapping[int, float]) -> dict[int, int]:
    """Each attempt's third of the total scores: 0 bottom, 1 middle, 2 top.

    By the middle of its rank, so that equal scores stay together whatever the order; thirds need not be of one size.
    """
    ordered = sorted(totals.values())
    lowest: dict[float, int] = {}
    counts: dict[float, int] = defaultdict(int)
    for rank, total in enumerate(ordered):
        lowest.setdefault(total, rank)
        counts[total] += 1
    n = len(ordered)
    result = {}
    for attempt, total in totals.items():
        twice_middle = 2 * lowest[total] + counts[total]
        result[attempt] = 0 if 3 * twice_middle < 2 * n else 2 if 3 * twice_middle > 4 * n else 1
    return result


def _count_thirds(attempts: Iterable[int], third: Mapping[int, int]) -> Thirds:
    counted = [0, 0, 0]
    for attempt in attempts:
        counted[third[attempt]] += 1
    return Thirds(*counted)


def _seconds_between(rows_of_attempts: Iterable[list[AnswerRow]]) -> dict[tuple[int, int], list[float]]:
    """Seconds from an attempt's answer before (in time) to each answer; the first of an attempt has none.

    Nobody measures when a question is read. This is the time between two answers, the later one's reading among it; an
    answer changed later counts where it was changed last.
    """
    gaps: dict[tuple[int, int], list[float]] = defaultdict(list)
    for rows in rows_of_attempts:
        saved = sorted(
            (row.saved_at, row.question, row.version) for row in rows if row.saved_at and row.is_answered
        )
        for (before, _q, _v), (at, question, version) in zip(saved, saved[1:], strict=False):
            gaps[question, version].append((at - before).total_seconds())
    return gaps


def _choice_figures(
    rows: Sequence[AnswerRow], choices: Choices, third: Mapping[int, int]
) -> list[ChoiceFigures]:
    takers: dict[str, list[int]] = {choice: [] for choice in choices.ids}
    takers[""] = []
    for row in rows:
        for choice in set(row.chosen) or {""}:
            if choice in takers:
                takers[choice].append(row.attempt)
    return [
        ChoiceFigures(
            id=choice, right=bool(choice) and choice in choices.right, taken=_count_thirds(attempts, third)
        )
        for choice, attempts in takers.items()
    ]


def has_suspect_key(choices: Sequence[ChoiceFigures], top: int, thresholds: Thresholds = THRESHOLDS) -> bool:
    """Whether more of the top third took some wrong choice than took any right one."""
    wrong = [choice.taken.top for choice in choices if choice.id and not choice.right]
    right = [choice.taken.top for choice in choices if choice.right]
    return top >= thresholds.fewest_in_third and bool(wrong and right) and max(wrong) > max(right)


def flags_of(
    *,
    learners: int,
    facility: float,
    discrimination: float | None,
    choices: Sequence[ChoiceFigures] = (),
    top: int = 0,
    thresholds: Thresholds = THRESHOLDS,
) -> list[Flag]:
    """What is worth a look, the gravest first; of few learners only that they are few."""
    if learners < thresholds.fewest:
        return [Flag.TOO_FEW]
    flags = []
    if has_suspect_key(choices, top, thresholds):
        flags.append(Flag.WRONG_KEY)
    if discrimination is not None and discrimination < 0:
        flags.append(Flag.NEGATIVE)
    elif discrimination is not None and discrimination < thresholds.discriminates:
        flags.append(Flag.NO_DISCRIMINATION)
    if facility >= thresholds.too_easy:
        flags.append(Flag.TOO_EASY)
    if facility <= thresholds.too_hard:
        flags.append(Flag.TOO_HARD)
    wrong = [choice for choice in choices if choice.id and not choice.right]
    if any(choice.taken.all < thresholds.idle_choice * learners for choice in wrong):
        flags.append(Flag.IDLE_CHOICE)
    return flags


def _item(
    rows: Sequence[AnswerRow],
    *,
    totals: Mapping[int, tuple[int, int]],
    third: Mapping[int, int],
    choices: Choices | None,
    gaps: Sequence[float],
    thresholds: Thresholds,
) -> ItemFigures:
    """Facility (Crocker & Algina, 14.1): mean mark ÷ maximum. Discrimination (14.4, corrected): r of the item with the rest.

    The rest is a ratio of its own maximum, because with random draws learners have different questions beside this one.
    """
    shares, rests = [], []
    for row in rows:
        mark, of = _hundredths(row.mark), _hundredths(row.max_mark)
        shares.append(mark / of)
        total, total_of = totals[row.attempt]
        if total_of > of:
            rests.append((mark / of, (total - mark) / (total_of - of)))
    facility = fsum(shares) / len(shares)
    deviation = deviation_of(shares)
    discrimination = None
    if len(rests) >= thresholds.fewest:
        discrimination = correlation([share for share, _rest in rests], [rest for _share, rest in rests])
    thirds = _count_thirds((row.attempt for row in rows), third)
    counted = _choice_figures(rows, choices, third) if choices else []
    return ItemFigures(
        question=rows[0].question,
        version=rows[0].version,
        learners=len(rows),
        unanswered=sum(1 for row in rows if not row.is_answered),
        facility=facility,
        facility_error=None if deviation is None else deviation / sqrt(len(rows)),
        discrimination=discrimination,
        interval=None if discrimination is None else interval_of(discrimination, len(rests)),
        thirds=thirds,
        choices=counted,
        seconds_between_answers=median(gaps) if gaps else None,
        flags=flags_of(
            learners=len(rows),
            facility=facility,
            discrimination=discrimination,
            choices=counted,
            top=thirds.top,
            thresholds=thresholds,
        ),
    )


def reliability_of(
    attempts: Mapping[int, Sequence[AnswerRow]], thresholds: Thresholds = THRESHOLDS
) -> Reliability:
    """α of a fixed form; where draws differ, of the items everybody had, if there are two of them.

    α belongs to one form that all have sat. The standard error of measurement is s × √(1 − α) (Crocker & Algina, 6.9), with
    s the standard deviation of the scores on these items; a negative α, which says that they do not measure one thing, has
    none.
    """
    by_item = [
        {(row.question, row.version): (_hundredths(row.mark), _hundredths(row.max_mark)) for row in rows}
        for rows in attempts.values()
    ]
    everywhere = sorted(set.intersection(*(set(items) for items in by_item))) if by_item else []
    remarks = []
    if any(len(items) != len(everywhere) for items in by_item):
        remarks.append(Remark.RANDOM_DRAWS)
        if len(everywhere) < 2:
            remarks.append(Remark.NOTHING_COMMON)
    marks = [[items[item][0] for item in everywhere] for items in by_item]
    alpha = cronbach_alpha(marks) if len(everywhere) >= 2 else None
    if alpha is None and len(everywhere) >= 2:
        remarks.append(Remark.NO_SPREAD)
    if alpha is not None and alpha < 0:
        remarks.append(Remark.NEGATIVE)
    if len(by_item) < thresholds.fewest_for_reliability:
        remarks.append(Remark.FEW_LEARNERS)
    error = None
    if alpha is not None and alpha >= 0:
        error = (deviation_of([sum(row) / 100 for row in marks]) or 0.0) * sqrt(max(0.0, 1 - alpha))
    one_mark = {items[item][1] for items in by_item for item in everywhere} == {100}
    return Reliability(
        alpha=alpha,
        items=len(everywhere),
        learners=len(by_item),
        is_kr20=one_mark and all(mark in (0, 100) for row in marks for mark in row),
        error=error,
        max_mark=sum(by_item[0][item][1] for item in everywhere) / 100 if by_item else 0.0,
        remarks=remarks,
    )


def analyse(
    rows: Iterable[AnswerRow], *, choices: Mapping[int, Choices], thresholds: Thresholds = THRESHOLDS
) -> Analysis:
    """Figures of every item and of the quiz. ``choices`` by version, of the kinds whose answer is taken from a list.

    Each attempt in ``rows`` is of another learner, and whole: with every question it asked. ``max_mark`` is above 0.
    """
    attempts: dict[int, list[AnswerRow]] = defaultdict(list)
    items: dict[tuple[int, int], list[AnswerRow]] = defaultdict(list)
    for row in rows:
        attempts[row.attempt].append(row)
        items[row.question, row.version].append(row)
    totals = {
        attempt: (
            sum(_hundredths(row.mark) for row in asked),
            sum(_hundredths(row.max_mark) for row in asked),
        )
        for attempt, asked in attempts.items()
    }
    shares = {attempt: total / of for attempt, (total, of) in totals.items()}
    third = thirds_of(shares)
    gaps = _seconds_between(attempts.values())
    bands = [0] * 10
    for total, of in totals.values():
        bands[min(9, 10 * total // of)] += 1
    scores = list(shares.values())
    return Analysis(
        learners=len(attempts),
        blank=sum(1 for asked in attempts.values() if not any(row.is_answered for row in asked)),
        mean=fsum(scores) / len(scores) if scores else None,
        median=median(scores) if scores else None,
        deviation=deviation_of(scores),
        bands=bands,
        reliability=reliability_of(attempts, thresholds),
        items=[
            _item(
                items[item],
                totals=totals,
                third=third,
                choices=choices.get(item[1]),
                gaps=gaps.get(item, ()),
                thresholds=thresholds,
            )
            for item in sorted(items)
        ],
    )
