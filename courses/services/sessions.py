"""Sessions of a class: planned, changed and called off by the training department."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.models import Attendance, Run, Session
from courses.permissions import may_manage_training
from lms.core.audit import record_event
from lms.core.errors import DomainError, NotAllowed
from lms.core.templatetags.ui import day as day_words
from lms.core.vietnamese import nfc

from .reasons import required_reason

FIELDS = ["day", "begins_at", "ends_at", "room", "topic", "trainer", "periods"]


class EndsTooEarly(DomainError):
    message = _("The session must end after it begins.")


class OutsideWindow(DomainError):
    message = _("The day lies outside the days of study of the class.")


class TrainerNotOfRun(DomainError):
    message = _("Only a trainer of the class can hold its sessions.")


class TrainerTaken(DomainError):
    message = _("The trainer holds another session at that time.")


class RoomTaken(DomainError):
    message = _("The classroom is taken at that time.")


class ClassTaken(DomainError):
    message = _("The class has another session at that time.")


class RunFinished(DomainError):
    message = _("A finished class does not change. Open it again first.")


class SessionMoved(DomainError):
    """Somebody changed it, or called it off, since the page was opened."""

    message = _("The session has changed in the meantime. Load the page again to see how it stands.")


class AlreadyMarked(DomainError):
    message = _(
        "Attendance has been marked already, so the session cannot move to another day or be called off."
    )


def _require_right(actor, *, now: datetime) -> None:
    if not may_manage_training(actor, now=now):
        raise NotAllowed


def _locked_run(run_id: int, *, on: date) -> Run:
    """The run, with every class that has this day among its days of study locked as well.

    Whoever plans for the same day locks the same rows first, in the same order, so that two sessions planned at once
    cannot take one room or one trainer.
    """
    same_days = Q(opens_on__lte=on, closes_on__gte=on)
    rows = Run.objects.filter(same_days | Q(pk=run_id)).order_by("pk").select_for_update(no_key=True)
    run = next(row for row in rows if row.pk == run_id)
    if run.state == Run.State.FINISHED:
        raise RunFinished
    return run


def _clean(session: Session, run: Run) -> None:
    session.topic = " ".join(nfc(session.topic).split())
    session.room = " ".join(nfc(session.room).split())
    if session.ends_at <= session.begins_at:
        raise EndsTooEarly
    if not run.opens_on <= session.day <= run.closes_on:
        raise OutsideWindow(
            _("The class is held from %(first)s to %(last)s.")
            % {"first": day_words(run.opens_on), "last": day_words(run.closes_on)}
        )
    session.full_clean(validate_unique=False, validate_constraints=False)


def _require_free(session: Session) -> None:
    """Neither the class, nor the trainer, nor the room is taken; says by which class."""
    wanted = Q(run=session.run_id)
    if session.trainer_id:
        wanted |= Q(trainer=session.trainer_id)
    if session.room:
        wanted |= Q(room__iexact=session.room)
    others = Session.objects.standing().exclude(pk=session.pk).filter(wanted, day=session.day)
    clash = (
        others.filter(begins_at__lt=session.ends_at, ends_at__gt=session.begins_at)
        .select_related("run")
        .order_by("begins_at", "pk")
        .first()
    )
    if clash is None:
        return
    told = {"run": clash.run.display_title, "code": clash.run.code, "hours": clash.hours}
    if clash.run_id == session.run_id:
        raise ClassTaken(_("The class already has a session at %(hours)s on that day.") % told)
    if session.trainer_id and clash.trainer_id == session.trainer_id:
        raise TrainerTaken(_("The trainer teaches “%(run)s” (%(code)s) at %(hours)s on that day.") % told)
    raise RoomTaken(_("The classroom is taken by “%(run)s” (%(code)s) at %(hours)s on that day.") % told)


def _require_trainer(session: Session) -> None:
    if session.trainer_id and not session.run.trainer_links.filter(person=session.trainer_id).exists():
        raise TrainerNotOfRun


def _as_json(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    return value.isoformat() if isinstance(value, date | time) else str(value)


@transaction.atomic
def plan_session(
    *,
    run: Run,
    day: date,
    begins_at: time,
    ends_at: time,
    topic: str,
    periods: Decimal,
    actor,
    now: datetime,
    room: str = "",
    trainer=None,
) -> Session:
    """A session on one of the class's days of study; class, trainer and room are free at that time."""
    _require_right(actor, now=now)
    kept = _locked_run(run.pk, on=day)
    session = Session(
        run=kept,
        day=day,
        begins_at=begins_at,
        ends_at=ends_at,
        room=room,
        topic=topic,
        periods=periods,
        trainer=trainer,
        changed_at=now,
    )
    _clean(session, kept)
    _require_trainer(session)
    _require_free(session)
    session.save(force_insert=True)
    values = {name: _as_json(getattr(session, name)) for name in FIELDS}
    record_event(actor=actor, action="session.planned", target=session, now=now, run=kept.code, **values)
    return session


@transaction.atomic
def change_session(*, session: Session, seen_version: int, actor, now: datetime, **values: Any) -> Session:
    """Change a session that stands; ``values`` are fields of ``FIELDS``. Refused when it is no longer as it was seen."""
    _require_right(actor, now=now)
    unknown = values.keys() - set(FIELDS)
    if unknown:
        raise TypeError(f"not fields of a session: {sorted(unknown)}")
    run = _locked_run(session.run_id, on=values.get("day", session.day))
    kept = _locked_session(session.pk)
    if kept.is_cancelled or kept.version != seen_version:
        raise SessionMoved
    before = {name: getattr(kept, name) for name in FIELDS}
    for name, value in values.items():
        setattr(kept, name, value)
    kept.run = run
    _clean(kept, run)
    changed = [name for name in FIELDS if getattr(kept, name) != before[name]]
    if not changed:
        return kept
    if "trainer" in changed:
        _require_trainer(kept)
    if "day" in changed and Attendance.objects.filter(session=kept).exists():
        raise AlreadyMarked
    _require_free(kept)
    kept.version += 1
    kept.changed_at = now
    kept.save(update_fields=[*changed, "version", "changed_at"])
    changes = {name: [_as_json(before[name]), _as_json(getattr(kept, name))] for name in changed}
    record_event(actor=actor, action="session.changed", target=kept, now=now, changes=changes)
    return kept


@transaction.atomic
def cancel_session(*, session: Session, reason: str, actor, now: datetime) -> Session:
    """Call a session off; it stays in the timetable with its reason, its trainer and its room are free."""
    _require_right(actor, now=now)
    reason = required_reason(reason)
    kept = _locked_session(session.pk)
    if kept.is_cancelled:
        raise SessionMoved
    if kept.run.state == Run.State.FINISHED:
        raise RunFinished
    if Attendance.objects.filter(session=kept).exists():
        raise AlreadyMarked
    kept.cancelled_reason = reason
    kept.version += 1
    kept.changed_at = now
    kept.check_in_code, kept.check_in_until = "", None
    kept.save(update_fields=["cancelled_reason", "version", "changed_at", "check_in_code", "check_in_until"])
    record_event(actor=actor, action="session.cancelled", target=kept, now=now, reason=reason)
    return kept


def _locked_session(pk: int) -> Session:
    rows = Session.objects.select_for_update(no_key=True, of=("self",)).select_related("run")
    return rows.get(pk=pk)
