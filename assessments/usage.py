"""How often questions were asked and how they did, for lists of many of them: sums made by the database.

The same figures as the item analysis, but over all quizzes, and of a question's present words only: what was said of the
old ones does not speak for the new. Of each participation the first attempt counts: a condition on the row itself, because
looking for each learner's first over all classes would cost a list more than it tells.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Count, F, FloatField, Q, Sum
from django.db.models.functions import Cast, NullIf

from .item_analysis import correlation_from_sums, flags_of
from .item_figures import THRESHOLDS, Flag
from .models import Attempt, AttemptQuestion, Question


@dataclass(frozen=True)
class QuestionUsage:
    """``asked`` counts every attempt that drew the question, in any words; the rest is of its present ones."""

    asked: int = 0
    learners: int = 0
    facility: float | None = None
    discrimination: float | None = None
    flags: list[Flag] = field(default_factory=list)


@dataclass(frozen=True)
class BankUsage:
    """Of a bank's questions: times asked together, mean facility of those with figures, and how many are worth a look."""

    asked: int = 0
    facility: float | None = None
    to_look_at: int = 0


NEVER_ASKED, EMPTY_BANK = QuestionUsage(), BankUsage()


def usage_of_questions(question_ids: Collection[int]) -> dict[int, QuestionUsage]:
    """By question id, those never asked left out; two queries."""
    asked = dict(
        AttemptQuestion.objects.filter(version__question__in=question_ids)
        .exclude(attempt__state=Attempt.State.PREPARED)
        .order_by()
        .values_list("version__question")
        .annotate(Count("pk"))
    )
    figures = {row.pop("version__question"): row for row in _sums(question_ids)} if asked else {}
    return {pk: _usage(times, figures.get(pk)) for pk, times in asked.items()}


def _sums(question_ids: Collection[int]):
    """n, Σx, Σy, Σx², Σy², Σxy of each question's present version; x its mark and y the rest, as ratios of their maximum."""
    x = Cast("mark", FloatField()) / Cast("max_mark", FloatField())
    rest_of = Cast(F("attempt__max_score") - F("max_mark"), FloatField())
    y = Cast(F("attempt__score") - F("mark"), FloatField()) / NullIf(rest_of, 0.0)
    has_rest = Q(y__isnull=False)
    return (
        AttemptQuestion.objects.filter(
            version__question__in=question_ids,
            version=F("version__question__current_version"),
            attempt__number=1,
            attempt__submitted_at__isnull=False,
            attempt__score__isnull=False,
            mark__isnull=False,
            max_mark__gt=0,
        )
        .annotate(x=x, y=y)
        .order_by()
        .values("version__question")
        .annotate(
            learners=Count("pk"),
            share=Sum("x"),
            n=Count("pk", filter=has_rest),
            sx=Sum("x", filter=has_rest),
            sy=Sum("y"),
            sxx=Sum(F("x") * F("x"), filter=has_rest),
            syy=Sum(F("y") * F("y")),
            sxy=Sum(F("x") * F("y")),
        )
    )


def _usage(asked: int, row: dict | None) -> QuestionUsage:
    if row is None:
        return QuestionUsage(asked=asked)
    learners, share = row.pop("learners"), row.pop("share")
    discrimination = correlation_from_sums(**row) if row["n"] >= THRESHOLDS.fewest else None
    facility = share / learners
    return QuestionUsage(
        asked=asked,
        learners=learners,
        facility=facility,
        discrimination=discrimination,
        flags=flags_of(learners=learners, facility=facility, discrimination=discrimination),
    )


def usage_of_banks(category_ids: Collection[int]) -> dict[int, BankUsage]:
    """By bank id; three queries."""
    banks = dict(Question.objects.filter(category__in=category_ids).values_list("pk", "category"))
    by_bank: dict[int, list[QuestionUsage]] = {}
    for question, usage in usage_of_questions(list(banks)).items():
        by_bank.setdefault(banks[question], []).append(usage)
    return {bank: _together(usages) for bank, usages in by_bank.items()}


def _together(usages: list[QuestionUsage]) -> BankUsage:
    facilities = [usage.facility for usage in usages if usage.facility is not None]
    return BankUsage(
        asked=sum(usage.asked for usage in usages),
        facility=sum(facilities) / len(facilities) if facilities else None,
        to_look_at=sum(1 for usage in usages if set(usage.flags) - {Flag.TOO_FEW}),
    )
