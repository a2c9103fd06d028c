"""Runs: made, changed, opened and finished by the training department.

draft → open → finished, and back to open when a class was finished by mistake.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.models import CoursePage, Enrolment, Run, RunTrainer, Session
from courses.permissions import may_manage_training
from lms.core.audit import record_event
from lms.core.errors import DomainError, NotAllowed
from lms.core.vietnamese import nfc
from lms.organisations.models import Role, RoleGrant

__all__ = [
    "CapacityTooSmall",
    "CodeTaken",
    "CodeUnreadable",
    "CourseFixed",
    "DatesDoNotFit",
    "DecisionMissing",
    "PolicyFixed",
    "RunMoved",
    "SessionsOutside",
    "TrainerUnknown",
    "create_run",
    "finish_run",
    "open_run",
    "update_run",
]

# What stands in the address of a class: letters, figures, full stops, hyphens.
CODE = re.compile(r"[A-Z0-9](?:[A-Z0-9.-]*[A-Z0-9])?")
FIELDS = [
    "code",
    "title",
    "title_en",
    "policy",
    "opens_on",
    "closes_on",
    "due_on",
    "capacity",
    "decision_number",
    "decision_date",
    "decision_signer",
]


class CodeTaken(DomainError):
    message = _("Another class already has this code.")


class CodeUnreadable(DomainError):
    message = _(
        "A code is made of letters without marks, figures, full stops and hyphens, such as CCHC-2025.01."
    )


class DatesDoNotFit(DomainError):
    message = _(
        "The class must close on or after the day it opens, and its deadline must lie between the two."
    )


class CapacityTooSmall(DomainError):
    message = _("More places than that are already taken.")


class DecisionMissing(DomainError):
    message = _("Enter the number, the date and the signer of the decision before opening the class.")


class TrainerUnknown(DomainError):
    message = _("Only people who hold the role of trainer can teach a class.")


class PolicyFixed(DomainError):
    message = _("The way of enrolment cannot change once somebody is on the list of the class.")


class CourseFixed(DomainError):
    message = _("The course of a class cannot change once somebody is on its list.")


class SessionsOutside(DomainError):
    message = _("Sessions of the class lie outside these days. Move them or call them off first.")


class RunMoved(DomainError):
    """The run is no longer in a state from which the step can be taken."""

    message = _("The class has changed in the meantime. Load the page again to see how it stands.")


def _require_right(actor, *, now: datetime) -> None:
    if not may_manage_training(actor, now=now):
        raise NotAllowed


def _clean(run: Run) -> None:
    """Normalise and check what one row can say of itself."""
    run.code = nfc(run.code).upper()
    for name in ("title", "title_en", "decision_number", "decision_signer"):
        setattr(run, name, nfc(getattr(run, name)))
    if not CODE.fullmatch(run.code):
        raise CodeUnreadable
    if run.opens_on > run.closes_on or not run.opens_on <= run.due_on <= run.closes_on:
        raise DatesDoNotFit
    run.full_clean(validate_unique=False, validate_constraints=False)


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _save(run: Run, **how: Any) -> None:
    try:
        with transaction.atomic():
            run.save(**how)
    except IntegrityError:
        raise CodeTaken from None


def _set_trainers(run: Run, trainers: Iterable) -> list[str]:
    """Make these the trainers of the run; gives their names when that changed something."""
    wanted = {person.pk: person for person in trainers}
    present = set(run.trainer_links.values_list("person_id", flat=True))
    added = wanted.keys() - present
    known = RoleGrant.objects.filter(person__in=added, role=Role.TRAINER).values_list("person_id", flat=True)
    if added - set(known):
        raise TrainerUnknown
    if wanted.keys() == present:
        return []
    run.trainer_links.exclude(person__in=wanted).delete()
    RunTrainer.objects.bulk_create([RunTrainer(run=run, person_id=pk) for pk in sorted(added)])
    return [str(wanted[pk]) for pk in sorted(wanted)]


@transaction.atomic
def create_run(
    *,
    course: CoursePage,
    code: str,
    title: str,
    opens_on: date,
    closes_on: date,
    due_on: date,
    actor,
    now: datetime,
    title_en: str = "",
    policy: str = Run.Policy.NOMINATION,
    capacity: int | None = None,
    decision_number: str = "",
    decision_date: date | None = None,
    decision_signer: str = "",
    trainers: Iterable = (),
) -> Run:
    """A run in preparation: nobody but the training department and its trainers sees it."""
    _require_right(actor, now=now)
    run = Run(
        course=course.canonical,
        code=code,
        title=title,
        title_en=title_en,
        policy=policy,
        opens_on=opens_on,
        closes_on=closes_on,
        due_on=due_on,
        capacity=capacity,
        decision_number=decision_number,
        decision_date=decision_date,
        decision_signer=decision_signer,
    )
    _clean(run)
    _save(run, force_insert=True)
    names = _set_trainers(run, trainers)
    values = {name: _as_json(getattr(run, name)) for name in FIELDS}
    record_event(
        actor=actor,
        action="run.created",
        target=run,
        now=now,
        course=run.course.code,
        trainers=names,
        **values,
    )
    return run


@transaction.atomic
def update_run(*, run: Run, actor, now: datetime, trainers: Iterable | None = None, **values: Any) -> Run:
    """Change a run that is not finished; ``values`` are fields of ``FIELDS`` or ``course``.

    A new deadline reaches everybody who has not ended. The places cannot become fewer than those taken, which are
    counted while the run's row is locked, as approvals do.
    """
    _require_right(actor, now=now)
    unknown = values.keys() - {*FIELDS, "course"}
    if unknown:
        raise TypeError(f"not fields of a run: {sorted(unknown)}")
    kept = Run.objects.select_for_update(no_key=True).get(pk=run.pk)
    if kept.state == Run.State.FINISHED:
        raise RunMoved
    before = {name: getattr(kept, name) for name in [*FIELDS, "course_id"]}
    for name, value in values.items():
        setattr(kept, name, value.canonical if name == "course" else value)
    _clean(kept)
    changed = [name for name in before if getattr(kept, name) != before[name]]
    _check_against_enrolments(kept, changed)
    _check_against_sessions(kept, changed)
    if kept.state == Run.State.OPEN:
        _require_decision(kept)
    if changed:
        _save(kept, update_fields=changed)
    if "due_on" in changed:
        Enrolment.objects.filter(run=kept).exclude(state__in=Enrolment.ENDED_STATES).update(
            due_on=kept.due_on
        )
    changes = {name: [_as_json(before[name]), _as_json(getattr(kept, name))] for name in changed}
    names = [] if trainers is None else _set_trainers(kept, trainers)
    if changes or names:
        record_event(actor=actor, action="run.changed", target=kept, now=now, changes=changes, trainers=names)
    return kept


def _check_against_enrolments(run: Run, changed: list[str]) -> None:
    if "capacity" in changed and run.capacity is not None:
        taken = Run.objects.with_seats_taken().values_list("seats_taken", flat=True).get(pk=run.pk)
        if taken > run.capacity:
            raise CapacityTooSmall(
                _("%(taken)s places are already taken; there cannot be fewer.") % {"taken": taken}
            )
    if {"policy", "course_id"} & set(changed) and run.enrolments.exists():
        raise CourseFixed if "course_id" in changed else PolicyFixed


def _check_against_sessions(run: Run, changed: list[str]) -> None:
    if not {"opens_on", "closes_on"} & set(changed):
        return
    outside = Q(day__lt=run.opens_on) | Q(day__gt=run.closes_on)
    if Session.objects.standing().filter(outside, run=run).exists():
        raise SessionsOutside


def _require_decision(run: Run) -> None:
    """A class units send people to is opened by decision (quyết định mở lớp); self-paced ones may do without."""
    if run.policy == Run.Policy.SELF:
        return
    if not (run.decision_number and run.decision_date and run.decision_signer):
        raise DecisionMissing


@transaction.atomic
def open_run(*, run: Run, actor, now: datetime) -> Run:
    """Let units nominate, or officials enrol; a run finished by mistake is opened again."""
    _require_right(actor, now=now)
    kept = Run.objects.select_for_update(no_key=True).get(pk=run.pk)
    _require_decision(kept)
    return _move(
        kept, {Run.State.DRAFT, Run.State.FINISHED}, Run.State.OPEN, "run.opened", actor=actor, now=now
    )


@transaction.atomic
def finish_run(*, run: Run, actor, now: datetime) -> Run:
    """Nothing is studied any more; who has not completed stays as they are, late or not, for the reports."""
    _require_right(actor, now=now)
    kept = Run.objects.get(pk=run.pk)
    return _move(kept, {Run.State.OPEN}, Run.State.FINISHED, "run.finished", actor=actor, now=now)


def _move(run: Run, sources: set[str], state: str, action: str, *, actor, now: datetime) -> Run:
    before = run.state
    updated = Run.objects.filter(pk=run.pk, state=before).filter(state__in=sources).update(state=state)
    if updated != 1:
        raise RunMoved
    run.state = state
    record_event(actor=actor, action=action, target=run, now=now, before=before)
    return run
