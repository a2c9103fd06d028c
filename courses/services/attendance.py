"""Who was at a session: marked on the list, or checked in by the learner with the code on the wall."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.models import Attendance, Enrolment, Run, Session
from courses.permissions import may_mark_attendance
from lms.core.audit import record_event, record_events
from lms.core.errors import DomainError, NotAllowed
from lms.core.vietnamese import nfc

from .sessions import RunFinished, SessionMoved

State = Attendance.State
# Neither 0 and O nor 1, I and L: the code is read from a wall and typed on a phone.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 6
OPEN_MINUTES = (5, 15, 30, 60)


class TooEarly(DomainError):
    message = _("Attendance is marked from the day of the session on.")


class LeaveWithoutReason(DomainError):
    message = _("Give the reason of every absence with leave.")


class NotOnList(DomainError):
    message = _("Somebody is no longer on the list of the class. Load the page again.")


class CodeNotOpen(DomainError):
    message = _("This code is not open for any class of yours today. Look at it again, or ask the trainer.")


class MarkedOtherwise(DomainError):
    message = _("The trainer has already marked you as absent. Speak to the trainer.")


class NotTheDay(DomainError):
    message = _("The code can be opened on the day of the session only.")


@dataclass(frozen=True)
class Mark:
    """``seen`` is the state the list showed, "" for none: what stands otherwise by now is left alone. None: whatever it is."""

    state: str
    reason: str = ""
    seen: str | None = None


@dataclass(frozen=True)
class Marked:
    """How many marks have changed, and whose were left because somebody else had written meanwhile."""

    changed: int
    left: list[Enrolment]


def learners_of_run(run: Run) -> QuerySet[Enrolment]:
    """Who is on the list of the class, in the order of their names."""
    return (
        Enrolment.objects.filter(run=run, state__in=Enrolment.HOLDING_STATES)
        .select_related("learner", "unit", "run")
        .order_by("learner__name_key", "pk")
    )


def _locked(session: Session, *, actor, now: datetime) -> Session:
    """The session's row, so that two lists sent at once are written one after the other."""
    if not may_mark_attendance(actor, session.run, now=now):
        raise NotAllowed
    kept = (
        Session.objects.select_for_update(no_key=True, of=("self",)).select_related("run").get(pk=session.pk)
    )
    if kept.is_cancelled:
        raise SessionMoved
    if kept.run.state == Run.State.FINISHED:
        raise RunFinished
    return kept


@transaction.atomic
def mark_attendance(*, session: Session, marks: Mapping[int, Mark], actor, now: datetime) -> Marked:
    """Write these marks, by id of the enrolment. The others stay as they are."""
    kept = _locked(session, actor=actor, now=now)
    if kept.day > timezone.localdate(now):
        raise TooEarly
    learners = {row.pk: row for row in learners_of_run(kept.run)}
    if marks.keys() - learners.keys():
        raise NotOnList
    present = {row.enrolment_id: row for row in Attendance.objects.filter(session=kept, enrolment__in=marks)}
    made, changed, told, left = [], [], [], []
    for pk, mark in marks.items():
        state = State(mark.state)
        reason = "" if state == State.PRESENT else " ".join(nfc(mark.reason).split())[:300]
        if state == State.EXCUSED and not reason:
            raise LeaveWithoutReason
        row = present.get(pk)
        if row and (row.state, row.reason) == (state, reason):
            continue
        before = row.state if row else ""
        if mark.seen is not None and before != mark.seen:
            if before != state:
                left.append(learners[pk])
            continue
        row = row or Attendance(session=kept, enrolment_id=pk)
        row.session, row.enrolment = kept, learners[pk]
        row.state, row.reason, row.how = state, reason, Attendance.How.LIST
        row.marked_by, row.marked_at = actor, now
        (changed if before else made).append(row)
        # Reasons stay out of the trail: why somebody was away can be erased, the trail cannot.
        told.append((row, {"before": before, "state": state.value}))
    Attendance.objects.bulk_create(made)
    Attendance.objects.bulk_update(changed, ["state", "reason", "how", "marked_by", "marked_at"])
    if told:
        record_events(actor=actor, action="attendance.marked", targets=told, now=now)
    return Marked(len(told), left)


def _new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _number in range(CODE_LENGTH))


@transaction.atomic
def open_check_in(*, session: Session, minutes: int, actor, now: datetime) -> Session:
    """A new code for the wall, good for so many minutes of the session's day; an earlier code is good no more."""
    kept = _locked(session, actor=actor, now=now)
    if kept.day != timezone.localdate(now):
        raise NotTheDay
    if minutes not in OPEN_MINUTES:
        raise ValueError(f"not a time a code is open for: {minutes}")
    code = _new_code()
    while Session.objects.filter(check_in_code=code).exists():
        code = _new_code()
    kept.check_in_code, kept.check_in_until = code, now + timedelta(minutes=minutes)
    kept.save(update_fields=["check_in_code", "check_in_until"])
    # The code itself is no business of the trail while it is good.
    record_event(
        actor=actor,
        action="session.check_in_opened",
        target=kept,
        now=now,
        until=kept.check_in_until.isoformat(),
    )
    return kept


@transaction.atomic
def close_check_in(*, session: Session, actor, now: datetime) -> Session:
    """The code is good no more. Closing twice changes nothing."""
    kept = _locked(session, actor=actor, now=now)
    if not kept.check_in_code:
        return kept
    kept.check_in_code, kept.check_in_until = "", None
    kept.save(update_fields=["check_in_code", "check_in_until"])
    record_event(actor=actor, action="session.check_in_closed", target=kept, now=now)
    return kept


def tidy_code(code: str) -> str:
    """As it is kept: capitals without blanks and hyphens."""
    return "".join(sign for sign in code.upper() if sign.isalnum())[:8]


def session_of_code(*, code: str, learner, now: datetime) -> Session | None:
    """The session of the learner's own classes that this code is open for."""
    code = tidy_code(code)
    if not code:
        return None
    day = timezone.localdate(now)
    open_now = Session.objects.standing().filter(check_in_code=code, check_in_until__gt=now, day=day)
    return open_now.of_learner(learner).exclude(run__state=Run.State.FINISHED).select_related("run").first()


@transaction.atomic
def check_in(*, code: str, learner, now: datetime) -> Attendance:
    """The learner says oneself to be there. Again is as good as once; nobody can be named but oneself."""
    session = session_of_code(code=code, learner=learner, now=now)
    if session is None:
        raise CodeNotOpen
    # The lock keeps closing the code and the trainer's list apart from this.
    session = (
        Session.objects.select_for_update(no_key=True, of=("self",)).select_related("run").get(pk=session.pk)
    )
    if session.check_in_code != tidy_code(code) or not session.takes_check_ins(now):
        raise CodeNotOpen
    enrolment = learners_of_run(session.run).get(learner=learner)
    known = Attendance.objects.filter(session=session, enrolment=enrolment).first()
    if known is not None:
        if known.state != State.PRESENT:
            raise MarkedOtherwise
        return known
    attendance = Attendance(
        session=session,
        enrolment=enrolment,
        state=State.PRESENT,
        how=Attendance.How.CODE,
        marked_by=learner,
        marked_at=now,
    )
    attendance.save(force_insert=True)
    record_event(
        actor=learner,
        action="attendance.checked_in",
        target=attendance,
        now=now,
        in_no_role=True,
        state="present",
    )
    return attendance
