"""Training taken elsewhere: entered with its paper, decided by the school."""

from datetime import date, datetime
from decimal import Decimal

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils import timezone

from courses.models import ExternalTraining
from courses.permissions import may_enter_training_of, may_manage_training
from lms.core.audit import record_event
from lms.core.errors import NotAllowed
from lms.core.vietnamese import nfc

from .enrolments import main_posting
from .errors import (
    NotPosted,
    OwnTraining,
    ReasonMissing,
    TrainingAlreadyEntered,
    TrainingDecided,
    TrainingInFuture,
)

State = ExternalTraining.State


@transaction.atomic
def enter_external_training(
    *,
    person,
    title: str,
    organiser: str,
    started_on: date,
    finished_on: date,
    periods: Decimal,
    scan: File,
    actor,
    now: datetime,
    document_number: str = "",
) -> ExternalTraining:
    """Put a course taken elsewhere on a person's record, to wait for the school."""
    if not may_enter_training_of(actor, person, now=now):
        raise NotAllowed
    today = timezone.localdate(now)
    if finished_on > today:
        raise TrainingInFuture
    training = ExternalTraining(
        person=person,
        unit=_unit_then(person, finished_on, today=today),
        title=" ".join(nfc(title).split()),
        organiser=" ".join(nfc(organiser).split()),
        started_on=started_on,
        finished_on=finished_on,
        periods=periods,
        document_number=document_number.strip(),
        scan=scan,
        entered_by=actor,
        entered_at=now,
    )
    training.full_clean(validate_constraints=False)
    same = ExternalTraining.objects.filter(
        person=person, title=training.title, finished_on=finished_on, state__in=ExternalTraining.LIVE_STATES
    )
    if same.exists():
        raise TrainingAlreadyEntered
    try:
        with transaction.atomic():
            training.save()
    except IntegrityError as error:
        # Another tab was faster; anything else about the row was checked above.
        raise TrainingAlreadyEntered from error
    record_event(
        actor=actor,
        action="external_training.entered",
        target=training,
        now=now,
        periods=str(training.periods),
        finished_on=finished_on.isoformat(),
    )
    return training


def _unit_then(person, day: date, *, today: date):
    """Where the person sat when the course ended; for days before the first posting, where they sit today."""
    try:
        return main_posting(person, on=day).unit
    except NotPosted:
        return main_posting(person, on=today).unit


def approve_external_training(*, training: ExternalTraining, actor, now: datetime) -> ExternalTraining:
    """Its tiết count from now on."""
    return _decide(training, State.APPROVED, of=[State.SUBMITTED], actor=actor, now=now, reason="")


def decline_external_training(
    *, training: ExternalTraining, reason: str, actor, now: datetime
) -> ExternalTraining:
    """Its tiết do not count; one that was approved by mistake stops counting."""
    if not reason.strip():
        raise ReasonMissing
    return _decide(
        training, State.DECLINED, of=ExternalTraining.LIVE_STATES, actor=actor, now=now, reason=reason
    )


@transaction.atomic
def _decide(
    training: ExternalTraining, state: State, *, of: list[State], actor, now: datetime, reason: str
) -> ExternalTraining:
    if not may_manage_training(actor, now=now):
        raise NotAllowed
    if actor.pk == training.person_id:
        raise OwnTraining
    before = _move(training, state, of=of, now=now, decided_by=actor, reason=nfc(reason).strip())
    record_event(
        actor=actor,
        action=f"external_training.{state.value}",
        target=training,
        now=now,
        before=before,
        reason=training.reason,
    )
    return training


@transaction.atomic
def take_back_external_training(*, training: ExternalTraining, actor, now: datetime) -> ExternalTraining:
    """A wrong entry, while the school has not decided."""
    if not may_enter_training_of(actor, training.person, now=now):
        raise NotAllowed
    before = _move(training, State.WITHDRAWN, of=[State.SUBMITTED], now=now, decided_by=actor)
    record_event(actor=actor, action="external_training.withdrawn", target=training, now=now, before=before)
    return training


def _move(training: ExternalTraining, state: State, *, of: list[State], now: datetime, **values) -> str:
    """Take the step if it can still be taken; gives the state before. Raises TrainingDecided."""
    kept = ExternalTraining.objects.select_for_update(no_key=True, of=("self",)).get(pk=training.pk)
    if kept.state not in of:
        raise TrainingDecided
    changes = {"state": state, "decided_at": now, **values}
    ExternalTraining.objects.filter(pk=training.pk).update(**changes)
    for name, value in changes.items():
        setattr(training, name, value)
    return kept.state
