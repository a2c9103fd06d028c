"""Extra time and attempts beside the rules of a quiz."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assessments.models import Accommodation, Attempt, Quiz
from assessments.models.conduct import MOST_ATTEMPTS, MOST_MINUTES
from courses.models import Enrolment, Run
from lms.core.audit import record_event
from lms.core.errors import DomainError

from .conduct import checked_reason, lengthen, require_supervisor


class GrantsNothing(DomainError):
    message = _("Grant extra minutes (up to 600), extra attempts (up to 20), or both.")


class NotInClass(DomainError):
    message = _("Choose a learner who is studying in this class.")


class AlreadyWithdrawn(DomainError):
    message = _("This was withdrawn before.")


@transaction.atomic
def grant_accommodation(
    *,
    quiz: Quiz,
    run: Run,
    enrolment: Enrolment | None,
    extra_minutes: int,
    extra_attempts: int,
    reason: str,
    actor,
    now: datetime,
) -> Accommodation:
    """Grant one learner, or with no ``enrolment`` the whole class, more time and attempts at a quiz.

    An attempt that is open now gets the minutes at once. Grants add up. Raises NotAllowed, GrantsNothing, NotInClass,
    ReasonNeeded.
    """
    require_supervisor(actor=actor, quiz=quiz, run=run)
    fits = 0 <= extra_minutes <= MOST_MINUTES and 0 <= extra_attempts <= MOST_ATTEMPTS
    if not fits or extra_minutes + extra_attempts == 0:
        raise GrantsNothing
    if enrolment and (enrolment.run_id != run.pk or enrolment.state not in Enrolment.STUDYING_STATES):
        raise NotInClass
    granted = Accommodation.objects.create(
        quiz=quiz,
        run=run,
        enrolment=enrolment,
        extra_minutes=extra_minutes,
        extra_attempts=extra_attempts,
        reason=checked_reason(reason),
        granted_by=actor,
        granted_at=now,
    )
    extended = 0
    if extra_minutes:
        attempts = Attempt.objects.filter(quiz=quiz, enrolment__run=run)
        attempts = attempts.filter(enrolment=enrolment) if enrolment else attempts
        extended = lengthen(attempts, minutes=extra_minutes, quiz=quiz, run=run, now=now)
    record_event(
        actor=actor,
        action="accommodation.granted",
        target=granted,
        now=now,
        run=run.code,
        enrolment=enrolment.pk if enrolment else None,
        minutes=extra_minutes,
        attempts=extra_attempts,
        extended=extended,
        # The reason may tell of somebody's health: it is kept with the grant alone, where it can be emptied.
    )
    return granted


@transaction.atomic
def withdraw_accommodation(
    *, accommodation: Accommodation, reason: str, actor, now: datetime
) -> Accommodation:
    """Take a grant back for what is begun from now on; an open attempt keeps its time. Once.

    Raises NotAllowed, ReasonNeeded, AlreadyWithdrawn.
    """
    require_supervisor(actor=actor, quiz=accommodation.quiz, run=accommodation.run)
    reason = checked_reason(reason)
    updated = (
        Accommodation.objects.standing()
        .filter(pk=accommodation.pk)
        .update(withdrawn_by=actor, withdrawn_at=now, withdrawal_reason=reason)
    )
    if updated != 1:
        raise AlreadyWithdrawn
    record_event(
        actor=actor,
        action="accommodation.withdrawn",
        target=accommodation,
        now=now,
        run=accommodation.run.code,
    )
    return accommodation
