"""Attempts drawn ahead of a scheduled quiz, so that a class that presses Start at one moment costs one write each.

A prepared attempt has its questions and no number and no times; it is nobody's attempt yet (``Attempt.objects`` does not see it).
Whether the learner may start, and until when, is decided at the start alone.
"""

import logging
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from assessments.models import Attempt, AttemptQuestion, Question, Quiz
from courses.models import Enrolment, Run
from lms.core.errors import DomainError

from .freezing import Freezer, mark_of
from .quizzes import draw_rules

logger = logging.getLogger(__name__)
AHEAD = timedelta(hours=1)
# Attempts of one transaction: what is waiting for the database meanwhile waits shortly.
BATCH = 100


def prepare_attempts(*, quiz: Quiz, now: datetime, run: Run | None = None) -> int:
    """Draw for everybody who may sit the quiz when it opens and has nothing drawn; gives for how many.

    Of one run, or of all that are open then. What was drawn before the quiz or its questions changed is drawn anew; a second run
    does nothing. Extra attempts that were granted are left to the ordinary start. Raises QuizNotReady.
    """
    drop_stale(quiz=quiz)
    freezer = Freezer.of(quiz)
    waiting = list(_without_a_draw(quiz, run=run, on=quiz.opens_at or now).values_list("pk", flat=True))
    prepared = 0
    for first in range(0, len(waiting), BATCH):
        prepared += _prepare(freezer, waiting[first : first + BATCH])
    return prepared


def _without_a_draw(quiz: Quiz, *, run: Run | None, on: datetime) -> QuerySet[Enrolment]:
    day = timezone.localdate(on)
    own = Attempt.objects.filter(enrolment=OuterRef("pk"), quiz=quiz)
    drawn = Attempt.prepared.filter(enrolment=OuterRef("pk"), quiz=quiz)
    rows = Enrolment.objects.filter(
        state__in=Enrolment.STUDYING_STATES,
        run__state=Run.State.OPEN,
        run__opens_on__lte=day,
        run__closes_on__gte=day,
        run__course__in=quiz.module.get_ancestors(),
    )
    if run is not None:
        rows = rows.filter(run=run)
    used = Count("attempts", filter=Q(attempts__quiz=quiz) & ~Q(attempts__state=Attempt.State.PREPARED))
    return (
        rows.exclude(Exists(drawn))
        .exclude(Exists(own.exclude(state=Attempt.State.GRADED)))
        .alias(used=used)
        .filter(used__lt=quiz.max_attempts)
        .order_by("pk")
    )


@transaction.atomic
def _prepare(freezer: Freezer, enrolment_ids: list[int]) -> int:
    attempts = [
        Attempt(
            quiz=freezer.quiz,
            enrolment_id=pk,
            number=0,
            state=Attempt.State.PREPARED,
            drawn_for=freezer.mark,
        )
        for pk in enrolment_ids
    ]
    rows = freezer.draw(attempts)
    # Somebody else may be preparing the same class: who was first has drawn. PostgreSQL gives ids of ignored rows to none.
    Attempt.objects.bulk_create(attempts, ignore_conflicts=True)
    ids = dict(
        Attempt.prepared.filter(public_id__in=[attempt.public_id for attempt in attempts]).values_list(
            "public_id", "pk"
        )
    )
    for row in rows:
        row.attempt_id = ids.get(row.attempt.public_id)
    AttemptQuestion.objects.bulk_create([row for row in rows if row.attempt_id], batch_size=500)
    return len(ids)


def is_fresh(attempt: Attempt) -> bool:
    """Whether a prepared attempt could be drawn from the quiz as it is now: its settings, and each question ready in this
    version. Questions that came to the banks since do not count against it. Two queries.
    """
    quiz = attempt.quiz
    return (
        attempt.drawn_for == mark_of(quiz, draw_rules(quiz))
        and not _gone_stale().filter(attempt=attempt).exists()
    )


def _gone_stale() -> QuerySet[AttemptQuestion]:
    return AttemptQuestion.objects.exclude(
        version__question__status=Question.Status.READY,
        version__question__current_version=F("version"),
    )


def drop_stale(*, quiz: Quiz) -> int:
    """Take back what was drawn ahead and would be drawn otherwise now; gives how many."""
    stale = Attempt.prepared.filter(quiz=quiz).filter(
        ~Q(drawn_for=mark_of(quiz, draw_rules(quiz))) | Exists(_gone_stale().filter(attempt=OuterRef("pk")))
    )
    return drop_prepared(stale)


@transaction.atomic
def drop_prepared(attempts: QuerySet[Attempt]) -> int:
    """Delete prepared attempts with their questions; those that are being started are let go. Gives how many."""
    ids = list(attempts.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True))
    AttemptQuestion.objects.filter(attempt__in=ids, attempt__state=Attempt.State.PREPARED).delete()
    return Attempt.prepared.filter(pk__in=ids).delete()[0]


def prepare_scheduled(*, now: datetime) -> int:
    """What the clock does: prepare what opens within the hour, and clear away what nobody came for. Gives how many prepared."""
    _clear_away(now=now)
    soon = Quiz.objects.filter(is_active=True, opens_at__gt=now, opens_at__lte=now + AHEAD)
    prepared = 0
    for quiz in soon.select_related("module"):
        try:
            prepared += prepare_attempts(quiz=quiz, now=now)
        except (DomainError, DatabaseError):
            # One that cannot be drawn must not keep the others waiting; the next look tries again.
            logger.exception("attempts at quiz %s could not be prepared", quiz.pk)
    return prepared


def _clear_away(*, now: datetime) -> None:
    today = timezone.localdate(now)
    over = (
        Q(quiz__is_active=False)
        | Q(quiz__closes_at__lte=now)
        | ~Q(enrolment__run__state=Run.State.OPEN)
        | Q(enrolment__run__closes_on__lt=today)
        | ~Q(enrolment__state__in=Enrolment.STUDYING_STATES)
    )
    drop_prepared(Attempt.prepared.filter(over))
