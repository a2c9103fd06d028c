"""Keeping signals for review. A path of its own: saving answers neither waits for it nor fails with it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assessments.models import Attempt, AttemptSignal, Quiz, SignalNote
from courses.models import Run
from lms.core.audit import record_event
from lms.core.errors import DomainError, NotAllowed
from lms.core.vietnamese import nfc

from .conduct import require_supervisor

MOST_AT_ONCE = 20
MOST_PER_ATTEMPT = 200
LARGEST = 1_000_000
# What the page reports, and the whole numbers that say more.
REPORTED = {
    AttemptSignal.Kind.HIDDEN: ("seconds",),
    AttemptSignal.Kind.PASTE: ("position", "characters"),
}


class BadSignals(DomainError):
    message = _("These are no signals.")


class NoteEmpty(DomainError):
    message = _("Write down what was decided first.")


def report_signals(*, attempt: Attempt, signals: Any, actor, now: datetime) -> int:
    """Keep what the open page of the learner reports; gives how many were kept.

    ``signals``: at most MOST_AT_ONCE of {"kind", and its numbers}. Beyond MOST_PER_ATTEMPT nothing more is kept, and a
    closed attempt keeps none. Not a change of state: no audit event. Raises NotAllowed, BadSignals.
    """
    if actor.pk != attempt.enrolment.learner_id:
        raise NotAllowed(_("Only the learner may open the attempt."))
    if not isinstance(signals, list) or len(signals) > MOST_AT_ONCE:
        raise BadSignals
    rows = [_read(signal, attempt, now) for signal in signals]
    if not attempt.takes_answers(now=now):
        return 0
    rows = rows[: max(0, MOST_PER_ATTEMPT - attempt.signals.count())]
    AttemptSignal.objects.bulk_create(rows)
    return len(rows)


def _read(signal: Any, attempt: Attempt, now: datetime) -> AttemptSignal:
    kind = signal.get("kind") if isinstance(signal, dict) else None
    if not isinstance(kind, str) or kind not in REPORTED:
        raise BadSignals
    detail = {name: signal.get(name) for name in REPORTED[AttemptSignal.Kind(kind)]}
    if not all(type(value) is int and 0 <= value <= LARGEST for value in detail.values()):
        raise BadSignals
    return AttemptSignal(attempt=attempt, kind=kind, at=now, detail=detail)


@transaction.atomic
def note_address(*, attempt: Attempt, address: str, actor, now: datetime) -> bool:
    """Remember where the open attempt is written from; a change of it is a signal. Gives whether it changed.

    Raises NotAllowed.
    """
    if actor.pk != attempt.enrolment.learner_id:
        raise NotAllowed(_("Only the learner may open the attempt."))
    before = attempt.address
    if before == address:
        return False
    moved = Attempt.objects.open().filter(pk=attempt.pk, address=before).update(address=address)
    if moved != 1 or not before or attempt.signals.count() >= MOST_PER_ATTEMPT:
        return False
    AttemptSignal.objects.create(
        attempt=attempt, kind=AttemptSignal.Kind.ADDRESS, at=now, detail={"from": before, "to": address}
    )
    return True


@transaction.atomic
def note_decision(*, attempt: Attempt, quiz: Quiz, run: Run, text: str, actor, now: datetime) -> SignalNote:
    """Write down what was decided after the signals were looked at. Raises NotAllowed, NoteEmpty."""
    require_supervisor(actor=actor, quiz=quiz, run=run)
    if attempt.quiz_id != quiz.pk or attempt.enrolment.run_id != run.pk:
        raise NotAllowed(_("Only trainers of the class and the school may do this."))
    words = nfc(text).strip()[: SignalNote._meta.get_field("text").max_length]
    if not words:
        raise NoteEmpty
    note = SignalNote.objects.create(attempt=attempt, text=words, noted_by=actor, noted_at=now)
    record_event(actor=actor, action="attempt.signals_noted", target=attempt, now=now, note=note.pk)
    return note
