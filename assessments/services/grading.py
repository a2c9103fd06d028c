"""What an attempt scores: by rule at once, by a marker's hand when the marks are released.

Every score is the sum of stored marks and can be made again from stored rows alone (``recompute_score``).
"""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from assessments.models import Attempt, AttemptQuestion
from assessments.scoring import CENT, MARKED, reaches
from courses.models import Criterion
from courses.services.progress import meet_criterion

from .corrected_marks import mark_of
from .quizzes import CRITERION_KIND

NOTHING = Decimal("0.00")
# Two markers agree when they are no further apart than this share of the maximum; the mean counts then.
TOLERANCE = Decimal("0.1")


def marks_of(attempt: Attempt) -> list[tuple[AttemptQuestion, Decimal | None]]:
    """Every question of the attempt with the mark its stored answer earns; None while it waits for a marker."""
    rows = (
        attempt.questions.select_related("version", "correction")
        .prefetch_related("markings")
        .order_by("position")
    )
    return [
        (row, _mark_of(row, penalty=attempt.penalty_percent, markers=attempt.quiz.markers)) for row in rows
    ]


def agreed_mark(row: AttemptQuestion, *, markers: int) -> Decimal | None:
    """The deciding mark, else the mean of as many as the quiz asks for when they agree, else none yet."""
    markings = list(row.markings.all())
    deciding = next((marking for marking in markings if marking.decides), None)
    if deciding:
        return deciding.mark
    marks = [marking.mark for marking in markings]
    if len(marks) < markers or max(marks) - min(marks) > TOLERANCE * row.max_mark:
        return None
    return (sum(marks, NOTHING) / len(marks)).quantize(CENT, rounding=ROUND_HALF_UP)


def _mark_of(row: AttemptQuestion, *, penalty: int, markers: int) -> Decimal | None:
    given_to_all = row.correction and row.correction.gives_full_mark
    if row.version.kind in MARKED and not given_to_all:
        return agreed_mark(row, markers=markers) if row.is_answered else NOTHING
    return mark_of(row, penalty=penalty)


def recompute_score(attempt: Attempt) -> Decimal | None:
    """The score from the stored answers and marks alone: what an auditor compares with the stored one."""
    return _total([mark for _row, mark in marks_of(attempt)])


def _total(marks: list[Decimal | None]) -> Decimal | None:
    """Never below nothing, however many wrong answers cost something; None while one is missing."""
    given = [mark for mark in marks if mark is not None]
    return max(NOTHING, sum(given, NOTHING)) if len(given) == len(marks) else None


def settle_marks(attempt: Attempt) -> dict[str, Any]:
    """Store the marks, and give the fields of the attempt that follow: graded, or submitted while a marker is waited for.

    For an attempt whose row is locked.
    """
    marked = marks_of(attempt)
    for row, mark in marked:
        row.mark = mark
    AttemptQuestion.objects.bulk_update([row for row, _mark in marked], ["mark"])
    total = _total([mark for _row, mark in marked])
    if total is None:
        return {"state": Attempt.State.SUBMITTED, "score": None, "passed": None}
    return {
        "state": Attempt.State.GRADED,
        "score": total,
        "passed": reaches(score=total, max_score=attempt.max_score, percent=attempt.pass_percent),
    }


def tell_course(*, attempt: Attempt, actor, now: datetime) -> None:
    """Of a passed attempt: the course decides what follows; an enrolment that has ended keeps its state there."""
    criterion = Criterion.objects.filter(
        kind=CRITERION_KIND, key=str(attempt.quiz_id), is_active=True
    ).first()
    if criterion is None:
        return
    meet_criterion(
        enrolment=attempt.enrolment,
        criterion=criterion,
        evidence=f"#{attempt.number} · {attempt.percent} %",
        actor=actor,
        now=now,
    )
