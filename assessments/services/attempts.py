"""Sitting a quiz: start, save an answer, submit, close what ran over its time.

The one lock of an attempt is its own row: a save and a submit of the same attempt wait for each other, so that
no answer is acknowledged after the score was made. Nothing here takes the lock of the audit trail but start and submit.
"""

import json
import logging
import uuid
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.utils.translation import gettext_lazy as _

from assessments.models import Accommodation, Attempt, AttemptQuestion, Quiz
from assessments.models.banks import QuestionKind
from assessments.permissions import (
    NotStudying,
    belongs_to_course,
    can_conduct,
    latest_end,
    why_not_enter,
)
from courses.models import Enrolment
from lms.core.audit import record_event
from lms.core.errors import DomainError, NotAllowed

from .answer_files import require_files
from .answers import BadAnswer, read_answer
from .corrected_marks import follow_corrections
from .freezing import Freezer
from .grading import settle_marks, tell_course
from .preparing import drop_prepared, is_fresh

logger = logging.getLogger(__name__)
MAX_SEQUENCE = 2_000_000_000
MAX_POSITION = 32_767  # what its column holds; SQLite's driver takes no number of any length
# A whole examination hall in one sweep; the next one is half a minute away.
SWEEP_AT_MOST = 2000


class AttemptClosed(DomainError):
    message = _("This attempt is closed. Answers are no longer taken.")


class StaleTab(DomainError):
    message = _("This quiz was opened in another tab or on another device.")


class QuestionPassed(DomainError):
    message = _("You have gone on from this question, and there is no way back in this quiz.")


class StaleAnswer(DomainError):
    """A newer answer to the same question is stored; ``sequence`` is its number."""

    message = _("A newer answer to this question is already stored.")

    def __init__(self, sequence: int):
        super().__init__()
        self.sequence = sequence


def start_attempt(
    *, quiz: Quiz, enrolment: Enrolment, actor, now: datetime, password: str = "", address: str = ""
) -> Attempt:
    """Begin an attempt, or give the open one back: two clicks, two tabs and two devices share one.

    What is drawn is frozen here: question versions, their order, the order of choices, marks, deadline, pass mark.
    ``password`` and the network ``address`` are asked for here alone: an open attempt goes on anywhere.
    Raises NotAllowed for another's enrolment, and NotStudying, RunNotOpen, OutsideWindow, NoAttemptsLeft,
    WaitBeforeNextAttempt, NetworkNotAllowed, WrongPassword or QuizNotReady.
    """
    if actor.pk != enrolment.learner_id:
        raise NotAllowed(_("Only the learner may start the attempt."))
    if not belongs_to_course(quiz, enrolment.run):
        raise NotStudying
    if standing := _open_attempt(quiz, enrolment, now=now):
        return standing
    try:
        return _create_attempt(
            quiz=quiz, enrolment=enrolment, actor=actor, now=now, password=password, address=address
        )
    except (IntegrityError, DomainError):
        # Another request of the same learner may have been first: its attempt is the one.
        standing = _open_attempt(quiz, enrolment, now=now)
        if standing is None:
            raise
        return standing


def _open_attempt(quiz: Quiz, enrolment: Enrolment, *, now: datetime) -> Attempt | None:
    attempt = Attempt.objects.open().filter(quiz=quiz, enrolment=enrolment).first()
    if attempt and not close_if_overdue(attempt=attempt, now=now).is_open:
        return None
    return attempt


@transaction.atomic
def _create_attempt(
    *, quiz: Quiz, enrolment: Enrolment, actor, now: datetime, password: str, address: str
) -> Attempt:
    if reason := why_not_enter(quiz=quiz, enrolment=enrolment, password=password, address=address, now=now):
        raise reason
    extra = Accommodation.objects.allowance(quiz=quiz, enrolment=enrolment).minutes
    closes_at = min(
        now + timedelta(minutes=quiz.time_limit_minutes + extra),
        latest_end(quiz, enrolment.run, extra_minutes=extra),
    )
    begun = {
        "state": Attempt.State.IN_PROGRESS,
        "number": Attempt.objects.filter(quiz=quiz, enrolment=enrolment).count() + 1,
        "started_at": now,
        "closes_at": closes_at,
        "accepts_until": closes_at + timedelta(seconds=quiz.grace_seconds),
        "navigation": quiz.navigation,
        "furthest": 1 if quiz.navigation == Quiz.Navigation.FORWARD else None,
    }
    attempt = _begin_prepared(quiz, enrolment, begun) or _draw_and_begin(quiz, enrolment, begun)
    record_event(
        actor=actor,
        action="attempt.started",
        target=attempt,
        now=now,
        in_no_role=True,
        number=attempt.number,
        prepared=bool(attempt.drawn_for),
    )
    return attempt


def _begin_prepared(quiz: Quiz, enrolment: Enrolment, begun: dict[str, Any]) -> Attempt | None:
    """What was drawn ahead becomes the attempt, by one write; None when there is nothing that holds."""
    attempt = Attempt.prepared.filter(quiz=quiz, enrolment=enrolment).first()
    if attempt is None:
        return None
    attempt.quiz, attempt.enrolment = quiz, enrolment
    if not is_fresh(attempt):
        drop_prepared(Attempt.prepared.filter(pk=attempt.pk))
        return None
    if Attempt.prepared.filter(pk=attempt.pk).update(**begun) != 1:
        return None
    for name, value in begun.items():
        setattr(attempt, name, value)
    return attempt


def _draw_and_begin(quiz: Quiz, enrolment: Enrolment, begun: dict[str, Any]) -> Attempt:
    attempt = Attempt(quiz=quiz, enrolment=enrolment, **begun)
    rows = Freezer.of(quiz).draw([attempt])
    attempt.save()
    AttemptQuestion.objects.bulk_create(rows)
    return attempt


def open_tab(*, attempt: Attempt, actor, now: datetime) -> uuid.UUID:
    """Make the asking tab the one that may save; every other tab of the attempt is stale from now on.

    Not a change of state but of who holds the pen: no audit event. Raises AttemptClosed.
    """
    if actor.pk != attempt.enrolment.learner_id:
        raise NotAllowed(_("Only the learner may open the attempt."))
    token = uuid.uuid4()
    updated = Attempt.objects.open().filter(pk=attempt.pk, accepts_until__gte=now).update(tab_token=token)
    if updated != 1:
        raise AttemptClosed
    return token


# Saving an answer is the platform's hottest write. Its two statements are written out: the ORM took longer to put them
# together than the database to answer them. The databases differ in the lock alone.
_READ = """
SELECT question.id, question.choice_order, version.kind, question.sequence, question.answer,
  attempt.state = %(open)s AND attempt.accepts_until >= %(now)s, attempt.tab_token = %(token)s, attempt.furthest
FROM assessments_attemptquestion question
  JOIN assessments_attempt attempt ON attempt.id = question.attempt_id
  JOIN courses_enrolment enrolment ON enrolment.id = attempt.enrolment_id
  JOIN assessments_questionversion version ON version.id = question.version_id
WHERE attempt.public_id = %(attempt)s AND enrolment.learner_id = %(learner)s AND question.position = %(position)s
"""
# Whether the attempt takes answers, from this tab, to this question, is looked at again in the statement that writes, while it
# holds the attempt's row: between a look before and a write after it a submit could make the score without the answer.
_STORE = """
UPDATE assessments_attemptquestion SET answer = %(answer)s, sequence = %(sequence)s, saved_at = %(now)s
WHERE id = %(question)s AND sequence < %(sequence)s AND attempt_id = (
  SELECT id FROM assessments_attempt
  WHERE public_id = %(attempt)s AND state = %(open)s AND accepts_until >= %(now)s AND tab_token = %(token)s
    AND (furthest IS NULL OR furthest = %(position)s) {lock}
)
"""


def save_answer(
    *,
    attempt_id: uuid.UUID,
    position: int,
    answer: Any,
    sequence: int,
    tab_token: uuid.UUID,
    actor,
    now: datetime,
) -> int:
    """Store one answer; when this returns and its transaction is committed, the answer is safe.

    One read, and one conditional update, which holds the attempt's row and outside a transaction commits by itself. A
    repeated save of the same number and words succeeds again (its acknowledgement may have been lost); an older number
    never overwrites a newer one. Gives the stored number. Raises AttemptQuestion.DoesNotExist (not the actor's attempt,
    no such question, or one that is not reached yet), AttemptClosed, StaleTab, QuestionPassed, StaleAnswer, BadAnswer.
    """
    if not isinstance(sequence, int) or isinstance(sequence, bool) or not 0 < sequence <= MAX_SEQUENCE:
        raise BadAnswer
    if position > MAX_POSITION:
        raise AttemptQuestion.DoesNotExist
    asked = {
        "attempt": _as_stored(Attempt, "public_id", attempt_id),
        "learner": actor.pk,
        "position": position,
        "token": _as_stored(Attempt, "tab_token", tab_token),
        "open": Attempt.State.IN_PROGRESS.value,
        "now": _as_stored(Attempt, "accepts_until", now),
    }
    place = _find_place(asked)
    stored = read_answer(place.kind, place.choice_order, answer)
    if place.kind == QuestionKind.FILE:
        require_files(place.question_id, stored["files"])
    if place.is_passed:
        return _acknowledged_again(place, stored, sequence)
    if not _store(place, asked, answer=stored, sequence=sequence):
        return _acknowledged_again(_find_place(asked), stored, sequence)
    return sequence


def _acknowledged_again(place: "_Place", answer: dict[str, Any], sequence: int) -> int:
    """The same message again; raises what keeps any other from being stored."""
    if (place.sequence, place.answer) == (sequence, answer):
        return sequence
    raise QuestionPassed if place.is_passed else StaleAnswer(place.sequence)


class _Place(NamedTuple):
    """Where an answer goes, and what stands there."""

    question_id: int
    choice_order: list
    kind: str
    sequence: int
    answer: dict[str, Any] | None
    is_passed: bool


def _find_place(asked: dict[str, object]) -> _Place:
    """Raises as ``save_answer`` does when nothing can be stored there."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, asked)
        found = cursor.fetchone()
    if found is None:
        raise AttemptQuestion.DoesNotExist
    question_id, choice_order, kind, sequence, answer, takes_answers, has_the_pen, furthest = found
    if furthest is not None and asked["position"] > furthest:
        raise AttemptQuestion.DoesNotExist
    if not takes_answers:
        raise AttemptClosed
    if not has_the_pen:
        raise StaleTab
    is_passed = furthest is not None and asked["position"] < furthest
    return _Place(
        question_id, json.loads(choice_order), kind, sequence, answer and json.loads(answer), is_passed
    )


def _store(place: _Place, asked: dict[str, object], *, answer: dict[str, Any], sequence: int) -> bool:
    """Whether it was stored: not when the attempt, the pen or the number has moved on since the place was found."""
    lock = connection.ops.for_update_sql(no_key=True) if connection.features.has_select_for_update else ""
    written = {
        "question": place.question_id,
        "answer": _as_stored(AttemptQuestion, "answer", answer),
        "sequence": sequence,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STORE.format(lock=lock), asked | written)
        return cursor.rowcount == 1


def _as_stored(model: type[models.Model], name: str, value: object) -> object:
    """A value as this database's driver takes it for a field."""
    return model._meta.get_field(name).get_db_prep_save(value, connection)


def move_on(*, attempt: Attempt, position: int, tab_token: uuid.UUID, actor, now: datetime) -> bool:
    """From this question to the next one where there is no way back; False when this tab or question is not where it stands.

    A second time does nothing. Like a save it is data, not a change of state: no audit event. Raises NotAllowed, AttemptClosed.
    """
    if actor.pk != attempt.enrolment.learner_id:
        raise NotAllowed(_("Only the learner may go on in the attempt."))
    if not attempt.takes_answers(now=now):
        raise AttemptClosed
    if not attempt.questions.filter(position=position + 1).exists():
        return False
    standing = Attempt.objects.taking_answers(now=now).filter(
        pk=attempt.pk, tab_token=tab_token, furthest=position
    )
    return standing.update(furthest=position + 1) == 1


@transaction.atomic
def submit_attempt(*, attempt: Attempt, actor, now: datetime, stop_reason: str = "") -> Attempt:
    """Close and score an attempt, once: a second submit gives the same result back.

    ``actor`` is the learner; None when the clock closes it, which leaves open what has been given more time meanwhile;
    with ``stop_reason`` who supervises the class and ends the attempt before its time. An attempt that ran over ends at
    the moment it stopped taking answers, however late this is called. It is graded at once unless a marker has to read
    something of it. A pass meets the quiz's criterion of the course.
    """
    if stop_reason:
        if not can_conduct(actor, attempt.enrolment.run):
            raise NotAllowed(_("Only trainers of the class and the school may do this."))
    elif actor is not None and actor.pk != attempt.enrolment.learner_id:
        raise NotAllowed(_("Only the learner may submit the attempt."))
    locked = (
        Attempt.objects.select_for_update(of=("self",)).select_related("quiz", "enrolment").get(pk=attempt.pk)
    )
    if not locked.is_open:
        return locked
    if actor is None and locked.takes_answers(now=now):
        return locked
    is_stopped = bool(stop_reason) and locked.takes_answers(now=now)
    by_clock = now >= locked.closes_at and not is_stopped
    if is_stopped:
        locked.stopped_by, locked.stop_reason = actor, stop_reason
    ended_at = min(now, locked.accepts_until)
    follow_corrections(locked)
    fields = settle_marks(locked) | {
        "submitted_at": ended_at,
        "submitted_by_clock": by_clock,
        "stopped_by": locked.stopped_by,
        "stop_reason": locked.stop_reason,
    }
    for name, value in fields.items():
        setattr(locked, name, value)
    if Attempt.objects.open().filter(pk=locked.pk).update(**fields) != 1:
        raise AttemptClosed
    record_event(
        actor=actor,
        action="attempt.stopped" if is_stopped else "attempt.submitted",
        target=locked,
        now=now,
        in_no_role=not stop_reason,
        score=None if locked.score is None else str(locked.score),
        max_score=str(locked.max_score),
        passed=locked.passed,
        by_clock=by_clock,
        **({"reason": stop_reason} if is_stopped else {}),
    )
    if locked.passed:
        tell_course(attempt=locked, actor=actor, now=ended_at)
    return locked


def close_if_overdue(*, attempt: Attempt, now: datetime) -> Attempt:
    """What every reader of an attempt calls first, so that a sleeping worker never leaves one open."""
    if attempt.is_open and not attempt.takes_answers(now=now):
        return submit_attempt(attempt=attempt, actor=None, now=now)
    return attempt


def close_overdue_attempts(*, now: datetime) -> int:
    """Submit every open attempt past its deadline and grace, each in its own transaction; gives how many."""
    closed = 0
    for attempt in list(Attempt.objects.past_deadline(now=now).order_by("accepts_until")[:SWEEP_AT_MOST]):
        try:
            submit_attempt(attempt=attempt, actor=None, now=now)
            closed += 1
        except (DomainError, DatabaseError):
            # One that cannot be closed must not keep the others open; the next sweep tries again.
            logger.exception("attempt %s could not be closed", attempt.public_id)
    return closed
