"""Supervising a quiz while it is written: more time, words to the learners, ending it.

A closed attempt is never touched: time is added by updates that look at state and deadline in the statement that writes,
so that an attempt which closes at the same moment either was given the time first or stays closed.
"""

import logging
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from assessments.models import Attempt, ExamMessage, Quiz
from assessments.models.conduct import LONGEST_REASON, MOST_MINUTES
from assessments.permissions import belongs_to_course, can_conduct, run_ends_at
from courses.models import Run
from lms.core.audit import record_event
from lms.core.errors import DomainError, NotAllowed
from lms.core.vietnamese import nfc

from .attempts import submit_attempt

logger = logging.getLogger(__name__)


class ReasonNeeded(DomainError):
    message = _("Give a reason; it is kept.")


class BadAmount(DomainError):
    message = _("Say how many minutes, from 1 to 600.")


class NobodyWriting(DomainError):
    message = _("Nobody is writing this quiz now, so nothing was changed.")


class MessageEmpty(DomainError):
    message = _("Write the message first.")


def checked_reason(reason: str) -> str:
    """The reason as it is kept, or ReasonNeeded."""
    words = nfc(reason).strip()[:LONGEST_REASON]
    if not words:
        raise ReasonNeeded
    return words


def require_supervisor(*, actor, quiz: Quiz, run: Run) -> None:
    """Raises NotAllowed but for who supervises the run and a quiz of its course."""
    if not can_conduct(actor, run) or not belongs_to_course(quiz, run):
        raise NotAllowed(_("Only trainers of the class and the school may do this."))


def _writing(quiz: Quiz, run: Run, attempt: Attempt | None, *, now: datetime) -> QuerySet[Attempt]:
    """The attempts that take answers now: all of the class, or the one."""
    attempts = Attempt.objects.taking_answers(now=now).filter(quiz=quiz, enrolment__run=run)
    return attempts.filter(pk=attempt.pk) if attempt else attempts


def lengthen(attempts: QuerySet[Attempt], *, minutes: int, quiz: Quiz, run: Run, now: datetime) -> int:
    """Move the end of those that take answers, none past the run's last day; gives how many now end later.

    For the services of this package: whoever calls has checked the right and records the act.
    """
    end, more = run_ends_at(run), timedelta(minutes=minutes)
    ids = list(attempts.values_list("pk", flat=True))
    taking = Attempt.objects.filter(pk__in=ids).taking_answers(now=now)
    # Those near the last day first: what they become is no longer in reach of the second statement.
    cut = taking.filter(closes_at__gt=end - more, closes_at__lt=end).update(
        closes_at=end, accepts_until=end + timedelta(seconds=quiz.grace_seconds)
    )
    moved = taking.filter(closes_at__lte=end - more).update(
        closes_at=F("closes_at") + more, accepts_until=F("accepts_until") + more
    )
    return cut + moved


@transaction.atomic
def extend_attempts(
    *, quiz: Quiz, run: Run, minutes: int, reason: str, actor, now: datetime, attempt: Attempt | None = None
) -> int:
    """Add minutes to everybody who is writing, or to ``attempt`` alone; gives to how many.

    A supervisor may pass the window of the quiz, never the run's last day. Recorded once. Raises NotAllowed, BadAmount,
    ReasonNeeded, and NobodyWriting when nothing was changed.
    """
    require_supervisor(actor=actor, quiz=quiz, run=run)
    if not 0 < minutes <= MOST_MINUTES:
        raise BadAmount
    reason = checked_reason(reason)
    changed = lengthen(_writing(quiz, run, attempt, now=now), minutes=minutes, quiz=quiz, run=run, now=now)
    if not changed:
        raise NobodyWriting
    record_event(
        actor=actor,
        action="attempt.extended",
        target=attempt or quiz,
        now=now,
        run=run.code,
        minutes=minutes,
        attempts=changed,
        reason=reason,
    )
    return changed


@transaction.atomic
def send_message(
    *, quiz: Quiz, run: Run, text: str, actor, now: datetime, attempt: Attempt | None = None
) -> ExamMessage:
    """Tell everybody who is writing, or the learner of ``attempt``. Raises NotAllowed, MessageEmpty, NobodyWriting."""
    require_supervisor(actor=actor, quiz=quiz, run=run)
    words = nfc(text).strip()[: ExamMessage._meta.get_field("text").max_length]
    if not words:
        raise MessageEmpty
    if not _writing(quiz, run, attempt, now=now).exists():
        raise NobodyWriting
    message = ExamMessage.objects.create(
        quiz=quiz, run=run, attempt=attempt, text=words, sent_by=actor, sent_at=now
    )
    record_event(
        actor=actor,
        action="exam_message.sent",
        target=attempt or quiz,
        now=now,
        run=run.code,
        # To one learner it is kept with the attempt alone, where it can be emptied.
        text="" if attempt else words,
    )
    return message


def stop_attempts(
    *, quiz: Quiz, run: Run, reason: str, actor, now: datetime, attempt: Attempt | None = None
) -> int:
    """Hand in for everybody who is writing, or for ``attempt`` alone; gives how many were ended.

    Each is scored and recorded in a transaction of its own: one that fails keeps no other open. What the learner handed
    in at the same moment stays the learner's. Raises NotAllowed, ReasonNeeded, NobodyWriting.
    """
    require_supervisor(actor=actor, quiz=quiz, run=run)
    reason = checked_reason(reason)
    ended = 0
    writing = _writing(quiz, run, attempt, now=now).select_related("enrolment__run").order_by("pk")
    for row in list(writing):
        try:
            closed = submit_attempt(attempt=row, actor=actor, now=now, stop_reason=reason)
        except (DomainError, DatabaseError):
            logger.exception("attempt %s could not be ended", row.public_id)
            continue
        ended += closed.stopped_by_id == actor.pk and closed.submitted_at == now
    if not ended:
        raise NobodyWriting
    return ended
