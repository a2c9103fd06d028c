"""Requirements: set by the training department because of a decision; exemptions from them, and equal training recognised."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.models import (
    Exemption,
    ExternalTraining,
    Recognition,
    Requirement,
    RequirementMember,
    RequirementUnit,
)
from courses.permissions import may_manage_training
from lms.core.audit import record_event
from lms.core.errors import DomainError, NotAllowed
from lms.core.vietnamese import nfc

from .reasons import required_reason
from .runs import CODE, CodeTaken, CodeUnreadable

FIELDS = [
    "code",
    "title",
    "title_en",
    "course",
    "audience",
    "categories",
    "rank_codes",
    "positions",
    "recurrence",
    "starts_on",
    "due_on",
    "within_days",
    "newcomer_days",
    "decision_number",
    "decision_date",
    "decision_signer",
]
# What can still change once people are counted under it: what it says, and until when.
CHANGEABLE = {
    "title",
    "title_en",
    "due_on",
    "within_days",
    "decision_number",
    "decision_date",
    "decision_signer",
}


class RequirementCodeTaken(CodeTaken):
    message = _("Another requirement already has this code.")


class TermUnclear(DomainError):
    message = _("Give either the day it is to be completed by, or the number of days, and not both.")


class DueBeforeStart(DomainError):
    message = _("The day it is to be completed by lies before the day it holds from.")


class ListEmpty(DomainError):
    message = _("Name at least one person of the list.")


class RequirementRunning(DomainError):
    message = _(
        "The requirement holds already: whom it concerns, its course and its first day cannot change. End it, and set a new one."
    )


class RequirementEnded(DomainError):
    message = _("The requirement has ended already.")


class EndsTooEarly(DomainError):
    message = _("It cannot end before it has begun, or on a day gone by.")


class AlreadyExempt(DomainError):
    message = _("The official is already exempt from it.")


class ExemptionOver(DomainError):
    message = _("The exemption has ended already.")


class ExemptionBackwards(DomainError):
    message = _("The exemption ends before it begins.")


class TrainingNotEqual(DomainError):
    message = _("Only approved training taken elsewhere can be recognised.")


class AlreadyRecognised(DomainError):
    message = _("This training is already recognised for the requirement.")


def _require_right(actor, *, now: datetime) -> None:
    if not may_manage_training(actor, now=now):
        raise NotAllowed


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return getattr(value, "code", value)


def _clean(requirement: Requirement) -> None:
    requirement.code = nfc(requirement.code).upper()
    for name in ("title", "title_en", "decision_number", "decision_signer"):
        setattr(requirement, name, nfc(getattr(requirement, name)).strip())
    if not CODE.fullmatch(requirement.code):
        raise CodeUnreadable
    if (requirement.due_on is None) == (requirement.within_days is None):
        raise TermUnclear
    if requirement.due_on is not None and requirement.due_on < requirement.starts_on:
        raise DueBeforeStart
    requirement.full_clean(validate_unique=False, validate_constraints=False)


@transaction.atomic
def set_requirement(
    *, units: Iterable = (), members: Iterable = (), actor, now: datetime, **values: Any
) -> Requirement:
    """Require a course of an audience. ``values`` are fields of FIELDS; ``units`` and ``members`` as the audience needs."""
    _require_right(actor, now=now)
    unknown = values.keys() - set(FIELDS)
    if unknown:
        raise TypeError(f"not fields of a requirement: {sorted(unknown)}")
    requirement = Requirement(**values, created_by=actor, created_at=now)
    requirement.course = requirement.course.canonical
    _clean(requirement)
    by_list = requirement.audience == Requirement.Audience.LIST
    units, members = ([], list(members)) if by_list else (list(units), [])
    if by_list:
        requirement.categories, requirement.rank_codes, requirement.positions = [], [], []
        if not members:
            raise ListEmpty
    try:
        with transaction.atomic():
            requirement.save(force_insert=True)
    except IntegrityError as error:
        raise RequirementCodeTaken from error
    RequirementUnit.objects.bulk_create(
        [RequirementUnit(requirement=requirement, unit=unit) for unit in units]
    )
    RequirementMember.objects.bulk_create(
        [RequirementMember(requirement=requirement, person=person) for person in members], batch_size=1000
    )
    record_event(
        actor=actor,
        action="requirement.set",
        target=requirement,
        now=now,
        units=[unit.code for unit in units],
        people=len(members),
        **{name: _plain(getattr(requirement, name)) for name in FIELDS},
    )
    return requirement


@transaction.atomic
def change_requirement(*, requirement: Requirement, actor, now: datetime, **values: Any) -> Requirement:
    """Change what may still change: everything but the audience before its first day, then only CHANGEABLE."""
    _require_right(actor, now=now)
    kept = Requirement.objects.select_for_update(no_key=True, of=("self",)).get(pk=requirement.pk)
    before = {name: getattr(kept, name) for name in values}
    for name, value in values.items():
        setattr(kept, name, value.canonical if name == "course" else value)
    changed = sorted(name for name in values if getattr(kept, name) != before[name])
    if not changed:
        return kept
    begun = before.get("starts_on", kept.starts_on) <= timezone.localdate(now)
    if set(changed) - CHANGEABLE and begun:
        raise RequirementRunning
    if kept.ends_on is not None and kept.ends_on <= timezone.localdate(now):
        raise RequirementEnded
    _clean(kept)
    try:
        with transaction.atomic():
            kept.save(update_fields=changed)
    except IntegrityError as error:
        raise RequirementCodeTaken from error
    record_event(
        actor=actor,
        action="requirement.changed",
        target=kept,
        now=now,
        changes={name: [_plain(before[name]), _plain(getattr(kept, name))] for name in changed},
    )
    return kept


@transaction.atomic
def end_requirement(
    *, requirement: Requirement, ends_on: date, reason: str, actor, now: datetime
) -> Requirement:
    """Have it hold no longer from a day on, today at the earliest; days gone by keep their figures."""
    _require_right(actor, now=now)
    reason = required_reason(reason)
    if ends_on < timezone.localdate(now) or ends_on <= requirement.starts_on:
        raise EndsTooEarly
    rows = Requirement.objects.filter(pk=requirement.pk).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=timezone.localdate(now))
    )
    if rows.update(ends_on=ends_on) != 1:
        raise RequirementEnded
    requirement.ends_on = ends_on
    record_event(
        actor=actor,
        action="requirement.ended",
        target=requirement,
        now=now,
        ends_on=ends_on.isoformat(),
        reason=reason,
    )
    return requirement


@transaction.atomic
def grant_exemption(
    *,
    requirement: Requirement,
    person,
    valid_from: date,
    reason: str,
    actor,
    now: datetime,
    valid_to: date | None = None,
    document_number: str = "",
    scan: File | None = None,
) -> Exemption:
    """Exempt an official, with the reason and the paper that shows it. ``valid_to`` is the first day it no longer holds."""
    _require_right(actor, now=now)
    if actor.pk == person.pk:
        raise NotAllowed(_("Nobody decides on an exemption of one's own. Ask another administrator."))
    if valid_to is not None and valid_to <= valid_from:
        raise ExemptionBackwards
    standing = Exemption.objects.filter(requirement=requirement, person=person).filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=valid_from)
    )
    if valid_to is not None:
        standing = standing.filter(valid_from__lt=valid_to)
    if standing.exists():
        raise AlreadyExempt
    exemption = Exemption(
        requirement=requirement,
        person=person,
        valid_from=valid_from,
        valid_to=valid_to,
        reason=required_reason(reason),
        document_number=nfc(document_number).strip(),
        scan=scan or "",
        granted_by=actor,
        granted_at=now,
    )
    try:
        with transaction.atomic():
            exemption.save()
    except IntegrityError as error:
        raise AlreadyExempt from error
    record_event(
        actor=actor,
        action="exemption.granted",
        target=exemption,
        now=now,
        requirement=requirement.code,
        valid_from=valid_from.isoformat(),
        valid_to=valid_to.isoformat() if valid_to else None,
        # The reason may tell of health or family. It can be erased, the trail cannot.
    )
    return exemption


@transaction.atomic
def end_exemption(*, exemption: Exemption, reason: str, actor, now: datetime) -> Exemption:
    """From today on the official has to again; days gone by stay exempt."""
    _require_right(actor, now=now)
    reason, today = required_reason(reason), timezone.localdate(now)
    ends = max(today, exemption.valid_from)
    rows = Exemption.objects.filter(pk=exemption.pk).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=ends))
    if rows.update(valid_to=ends) != 1:
        raise ExemptionOver
    exemption.valid_to = ends
    record_event(actor=actor, action="exemption.ended", target=exemption, now=now, reason=reason)
    return exemption


@transaction.atomic
def recognise_training(
    *, requirement: Requirement, training: ExternalTraining, reason: str, actor, now: datetime
) -> Recognition:
    """Count approved training taken elsewhere as equal to the required course."""
    _require_right(actor, now=now)
    if actor.pk == training.person_id:
        raise NotAllowed(_("Nobody recognises training of one's own. Ask another administrator."))
    if training.state != ExternalTraining.State.APPROVED:
        raise TrainingNotEqual
    try:
        with transaction.atomic():
            recognition = Recognition.objects.create(
                requirement=requirement,
                training=training,
                reason=required_reason(reason),
                recognised_by=actor,
                recognised_at=now,
            )
    except IntegrityError as error:
        raise AlreadyRecognised from error
    record_event(
        actor=actor,
        action="training.recognised",
        target=recognition,
        now=now,
        requirement=requirement.code,
        training=training.pk,
        reason=recognition.reason,
    )
    return recognition
