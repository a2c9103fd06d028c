"""Marking what is written: one marker or two, then the marks of a class released together.

Until the release nothing of it is told to learners. Two markers do not see each other's mark; when theirs lie further apart
than ``grading.TOLERANCE`` of the maximum, somebody decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assessments.models import Attempt, AttemptQuestion, Marking, Quiz
from assessments.permissions import can_decide_marks, can_mark
from assessments.scoring import CENT
from courses.models import Run
from lms.core.audit import record_event
from lms.core.errors import DomainError, NotAllowed

from .grading import agreed_mark, settle_marks, tell_course


class MarksReleased(DomainError):
    message = _("The marks of this attempt are released; nothing can be changed here any more.")


class MarkInvalid(DomainError):
    """``place`` is "mark", "comment" or the id of a criterion."""

    def __init__(self, message, *, place: str):
        super().__init__(message)
        self.place = place


@dataclass(frozen=True)
class Released:
    """How many attempts were graded, and how many still wait for a mark."""

    graded: int
    waiting: int


def mark_of_points(row: AttemptQuestion, points: Mapping[str, Decimal]) -> Decimal:
    """The rubric's points as a share of the question's maximum. Raises MarkInvalid at the criterion."""
    rubric = row.version.content["rubric"]
    for criterion in rubric:
        given = points.get(criterion["id"])
        if given is None or not 0 <= given <= Decimal(criterion["points"]):
            message = _("Give 0 to %(most)s points.") % {"most": criterion["points"]}
            raise MarkInvalid(message, place=criterion["id"])
    of = sum(Decimal(criterion["points"]) for criterion in rubric)
    gained = sum(points[criterion["id"]] for criterion in rubric)
    return (row.max_mark * gained / of).quantize(CENT, rounding=ROUND_HALF_UP)


@transaction.atomic
def mark_answer(
    *,
    row: AttemptQuestion,
    actor,
    now: datetime,
    mark: Decimal | None = None,
    points: Mapping[str, Decimal] | None = None,
    comment: str = "",
) -> Marking:
    """Give or change one's own mark of an answer; of a question with a rubric from the ``points`` of each criterion.

    Raises NotAllowed, MarksReleased, MarkInvalid.
    """
    row = _locked(row, actor)
    others = row.markings.filter(decides=False).exclude(marker=actor).count()
    if others >= row.attempt.quiz.markers:
        raise NotAllowed(_("As many marks as the quiz asks for are given."))
    mark, points = _checked(row, mark, points)
    marking, _made = Marking.objects.update_or_create(
        row=row,
        marker=actor,
        decides=False,
        defaults={"mark": mark, "points": points, "comment": comment.strip(), "marked_at": now},
    )
    _settle(row)
    _record(row, marking, action="answer.marked", actor=actor, now=now)
    return marking


@transaction.atomic
def decide_mark(
    *,
    row: AttemptQuestion,
    actor,
    now: datetime,
    comment: str,
    mark: Decimal | None = None,
    points: Mapping[str, Decimal] | None = None,
) -> Marking:
    """Settle an answer whose markers differ, or, as the school's administrator, change any mark before its release.

    The comment says why. Raises NotAllowed, MarksReleased, MarkInvalid.
    """
    row = _locked(row, actor)
    if not can_decide_marks(actor, row):
        raise NotAllowed(_("Marks that agree are changed by the school only."))
    if not comment.strip():
        raise MarkInvalid(_("Say why this mark is right."), place="comment")
    mark, points = _checked(row, mark, points)
    marking, _made = Marking.objects.update_or_create(
        row=row,
        decides=True,
        defaults={
            "marker": actor,
            "mark": mark,
            "points": points,
            "comment": comment.strip(),
            "marked_at": now,
        },
    )
    _settle(row)
    _record(row, marking, action="answer.decided", actor=actor, now=now)
    return marking


def _locked(row: AttemptQuestion, actor) -> AttemptQuestion:
    """The answer with its attempt's row held, so that no mark slips in beside the release."""
    attempt = (
        Attempt.objects.select_for_update(of=("self",))
        .select_related("quiz", "enrolment__run")
        .get(pk=row.attempt_id)
    )
    if not can_mark(actor, attempt.enrolment.run) or attempt.enrolment.learner_id == actor.pk:
        raise NotAllowed(_("Only trainers of the class and the school mark its answers, never their own."))
    if attempt.state != Attempt.State.SUBMITTED:
        raise MarksReleased
    row = AttemptQuestion.objects.select_related("version").get(pk=row.pk)
    row.attempt = attempt
    return row


def _checked(
    row: AttemptQuestion, mark: Decimal | None, points: Mapping[str, Decimal] | None
) -> tuple[Decimal, dict[str, str]]:
    if row.version.content.get("rubric"):
        points = points or {}
        return mark_of_points(row, points), {name: str(value) for name, value in points.items()}
    if mark is None or not 0 <= mark <= row.max_mark:
        message = _("Give a mark from 0 to %(most)s.") % {"most": row.max_mark.normalize()}
        raise MarkInvalid(message, place="mark")
    return mark.quantize(CENT, rounding=ROUND_HALF_UP), {}


def _settle(row: AttemptQuestion) -> None:
    row.mark = agreed_mark(row, markers=row.attempt.quiz.markers)
    row.save(update_fields=["mark"])


def _record(row: AttemptQuestion, marking: Marking, *, action: str, actor, now: datetime) -> None:
    record_event(
        actor=actor,
        action=action,
        target=row.attempt,
        now=now,
        position=row.position,
        mark=str(marking.mark),
        counts=None if row.mark is None else str(row.mark),
        comment=marking.comment,
    )


def release_marks(*, quiz: Quiz, run: Run, actor, now: datetime) -> Released:
    """Grade every attempt of the class at this quiz whose answers are all marked; the others go on waiting."""
    if not can_mark(actor, run):
        raise NotAllowed(_("Only trainers of the class and the school release its marks."))
    waiting = Attempt.objects.filter(quiz=quiz, enrolment__run=run, state=Attempt.State.SUBMITTED)
    graded = 0
    for attempt_id in list(waiting.order_by("pk").values_list("pk", flat=True)):
        graded += _grade(attempt_id, actor=actor, now=now)
    return Released(graded=graded, waiting=waiting.count())


@transaction.atomic
def _grade(attempt_id: int, *, actor, now: datetime) -> bool:
    attempt = (
        Attempt.objects.select_for_update(of=("self",)).select_related("quiz", "enrolment").get(pk=attempt_id)
    )
    if attempt.state != Attempt.State.SUBMITTED or attempt.enrolment.learner_id == actor.pk:
        return False
    fields = settle_marks(attempt)
    if fields["state"] != Attempt.State.GRADED:
        return False
    standing = Attempt.objects.filter(pk=attempt_id, state=Attempt.State.SUBMITTED)
    if standing.update(**fields) != 1:
        return False
    for name, value in fields.items():
        setattr(attempt, name, value)
    record_event(
        actor=actor,
        action="attempt.graded",
        target=attempt,
        now=now,
        score=str(attempt.score),
        max_score=str(attempt.max_score),
        passed=attempt.passed,
    )
    if attempt.passed:
        tell_course(attempt=attempt, actor=actor, now=now)
    return True
