"""Studying: lessons opened and completed, criteria met, and the completion that follows.

nominated … enrolled → in progress with the first lesson opened → completed when every step is done. A completed
enrolment keeps its state and its figures whatever is published, added or dropped later; an open one is measured
against the course as it stands whenever something is done in it.

Each write that may complete an enrolment locks the enrolment's row first: two last steps done at one moment would
otherwise not see each other, and neither would complete it.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Model
from django.utils import timezone
from django.utils.translation import gettext as _

from courses.models import (
    CoursePage,
    Criterion,
    CriterionResult,
    Enrolment,
    LessonPage,
    LessonProgress,
    ModulePage,
    Run,
)
from courses.signals import enrolment_completed
from courses.steps import count_done, required_steps
from lms.core.audit import record_event
from lms.core.errors import NotAllowed

from .errors import LessonElsewhere, NotStudying

__all__ = [
    "LessonElsewhere",
    "NotStudying",
    "complete_lesson",
    "complete_those_done",
    "count_new_step",
    "drop_criterion",
    "is_open_for_study",
    "meet_criterion",
    "open_lesson",
    "reopen_lesson",
    "require_criterion",
    "save_position",
]

State = Enrolment.State
# A page left open on the desk is not study: one interval between two signs of life counts at most this long.
LONGEST_INTERVAL = timedelta(seconds=60)


def is_open_for_study(enrolment: Enrolment, *, now: datetime) -> bool:
    """Whether what the learner does counts now: a place held, in an open run, within its days."""
    run, today = enrolment.run, timezone.localdate(now)
    return (
        enrolment.state in Enrolment.STUDYING_STATES
        and run.state == Run.State.OPEN
        and run.opens_on <= today <= run.closes_on
    )


def _require_open(enrolment: Enrolment, *, now: datetime) -> None:
    if is_open_for_study(enrolment, now=now):
        return
    if enrolment.state in Enrolment.STUDYING_STATES and timezone.localdate(now) < enrolment.run.opens_on:
        raise NotStudying(_("The class opens on %(day)s.") % {"day": f"{enrolment.run.opens_on:%d/%m/%Y}"})
    raise NotStudying


def _require_lesson_of(enrolment: Enrolment, lesson: LessonPage) -> None:
    if not lesson.path.startswith(enrolment.run.course.path) or lesson.canonical_id_or_none is None:
        raise LessonElsewhere


def _lock(enrolment: Enrolment) -> Enrolment:
    """The enrolment as it stands, its row kept still until the transaction ends."""
    return (
        Enrolment.objects.select_for_update(no_key=True, of=("self",))
        .select_related("run__course", "learner")
        .get(pk=enrolment.pk)
    )


def reopen_lesson(*, enrolment: Enrolment, lesson: LessonPage, now: datetime) -> bool:
    """``open_lesson`` in one statement for the lesson the learner is in already; False when it is another one."""
    _require_open(enrolment, now=now)
    if enrolment.last_lesson_id != lesson.pk or enrolment.state != State.IN_PROGRESS:
        return False
    return bool(LessonProgress.objects.filter(enrolment=enrolment, lesson=lesson).update(last_seen_at=now))


def open_lesson(*, enrolment: Enrolment, lesson: LessonPage, now: datetime) -> None:
    """Note that the learner has the lesson open; the first one begins the study.

    Opening again begins a new interval of reading: the time away does not count.
    """
    _require_open(enrolment, now=now)
    _require_lesson_of(enrolment, lesson)
    with transaction.atomic():
        # One statement for a lesson opened first and for one opened again: a learner waits for each of them.
        LessonProgress.objects.bulk_create(
            [LessonProgress(enrolment=enrolment, lesson=lesson, opened_at=now, last_seen_at=now)],
            update_conflicts=True,
            unique_fields=["enrolment", "lesson"],
            update_fields=["last_seen_at"],
        )
        _begin(enrolment, lesson=lesson, now=now)


def _begin(enrolment: Enrolment, *, lesson: LessonPage | None, now: datetime) -> None:
    """Mark where the learner is, and the beginning of the study when this is it. One statement, and one for the event.

    Nothing leads back to ``enrolled`` once the study has begun, so an enrolment read as begun needs no second look.
    """
    here = {} if lesson is None else {"last_lesson": lesson}
    rows = Enrolment.objects.filter(pk=enrolment.pk)
    began = enrolment.state == State.ENROLLED and rows.filter(state=State.ENROLLED).update(
        state=State.IN_PROGRESS, started_at=now, **here
    )
    if began:
        enrolment.state, enrolment.started_at = State.IN_PROGRESS, now
        record_event(
            actor=enrolment.learner, action="enrolment.started", target=enrolment, now=now, in_no_role=True
        )
    elif here:
        rows.update(**here)
    if lesson is not None:
        enrolment.last_lesson_id = lesson.pk


def save_position(
    *, enrolment: Enrolment, lesson: LessonPage, position: int, now: datetime
) -> LessonProgress:
    """Keep how far the text was scrolled (per cent) and add the time since the last sign of life, 60 s at most.

    The time is the server's: of two tabs or a repeated message only the first to arrive counts an interval.
    Raises LessonProgress.DoesNotExist for a lesson never opened.
    """
    _require_open(enrolment, now=now)
    progress = LessonProgress.objects.get(enrolment=enrolment, lesson=lesson)
    interval = min(max(now - progress.last_seen_at, timedelta(0)), LONGEST_INTERVAL)
    position = min(max(position, 0), 100)
    LessonProgress.objects.filter(pk=progress.pk, last_seen_at=progress.last_seen_at).update(
        position=position, seconds=F("seconds") + int(interval.total_seconds()), last_seen_at=now
    )
    progress.position, progress.last_seen_at = position, now
    return progress


@transaction.atomic
def complete_lesson(*, enrolment: Enrolment, lesson: LessonPage, actor, now: datetime) -> LessonProgress:
    """The learner says the lesson is read. Only the enrolment's own learner may; a second time changes nothing."""
    if actor.pk != enrolment.learner_id:
        raise NotAllowed
    _require_lesson_of(enrolment, lesson)
    locked = _lock(enrolment)
    progress = LessonProgress.objects.filter(enrolment=locked, lesson=lesson).first()
    if progress is not None and progress.completed_at is not None:
        return progress
    _require_open(locked, now=now)
    if progress is None:
        progress = LessonProgress.objects.create(
            enrolment=locked, lesson=lesson, opened_at=now, last_seen_at=now
        )
    progress.completed_at = now
    progress.save(update_fields=["completed_at"])
    record_event(
        actor=actor,
        action="lesson.completed",
        target=progress,
        now=now,
        in_no_role=True,
        enrolment=locked.pk,
        lesson=lesson.pk,
        title=lesson.title,
        seconds=progress.seconds,
    )
    _begin(locked, lesson=lesson, now=now)
    _measure(locked, actor=actor, now=now)
    _take_over(enrolment, locked)
    return progress


@transaction.atomic
def meet_criterion(
    *, enrolment: Enrolment, criterion: Criterion, evidence: str, actor, now: datetime
) -> CriterionResult:
    """Note that a criterion is met, once and for good, and complete the enrolment if it was the last step.

    Called by the room that owns the criterion's kind, which decides that it is met; ``actor`` is None when the system
    closes something by itself. What was begun in time and closes after the run's last day still counts. On an
    enrolment that has ended the fact is kept and its state stays.
    """
    locked = _lock(enrolment)
    if criterion.course_id != locked.run.course_id:
        raise LessonElsewhere
    if locked.state in (State.NOMINATED, State.APPROVED):
        raise NotStudying
    result, created = CriterionResult.objects.get_or_create(
        enrolment=locked, criterion=criterion, defaults={"met_at": now, "evidence": evidence[:200]}
    )
    if created:
        record_event(
            actor=actor,
            action="criterion.met",
            target=result,
            now=now,
            enrolment=locked.pk,
            criterion=f"{criterion.kind}:{criterion.key}",
            evidence=result.evidence,
        )
        _begin(locked, lesson=None, now=now)
        _measure(locked, actor=actor, now=now)
        _take_over(enrolment, locked)
    return result


def _measure(enrolment: Enrolment, *, actor, now: datetime) -> None:
    """Count the steps of an open enrolment anew, and complete it when all are done. The row is locked."""
    if enrolment.state not in Enrolment.STUDYING_STATES:
        return
    steps = required_steps(enrolment.run.course)
    done = count_done(enrolment, steps)
    changes: dict = {"steps_done": done, "steps_total": steps.total}
    completed = steps.total > 0 and done == steps.total
    if completed:
        changes |= {"state": State.COMPLETED, "completed_at": now, "ended_at": now}
    Enrolment.objects.filter(pk=enrolment.pk, state__in=Enrolment.STUDYING_STATES).update(**changes)
    for name, value in changes.items():
        setattr(enrolment, name, value)
    if completed:
        record_event(actor=actor, action="enrolment.completed", target=enrolment, now=now, steps=steps.total)
        transaction.on_commit(
            lambda: enrolment_completed.send(sender=Enrolment, enrolment=enrolment, now=now)
        )


def _take_over(enrolment: Enrolment, locked: Enrolment) -> None:
    """Show the caller's object what was written."""
    for name in (
        "state",
        "started_at",
        "completed_at",
        "ended_at",
        "steps_done",
        "steps_total",
        "last_lesson_id",
    ):
        setattr(enrolment, name, getattr(locked, name))


@transaction.atomic
def require_criterion(
    *,
    course: CoursePage,
    module: ModulePage | None,
    kind: str,
    key: str,
    title: str,
    title_en: str,
    actor,
    now: datetime,
) -> Criterion:
    """Make something a step of the course, or bring its title and place up to date.

    Called by the room that owns the kind, after it has checked its actor. Open enrolments meet the new step the next
    time they are measured, completed ones stay completed.
    """
    wanted = {
        "course": course.canonical,
        "module": module.canonical if module else None,
        "title": title,
        "title_en": title_en,
        "is_active": True,
    }
    criterion, created = Criterion.objects.select_for_update(no_key=True).get_or_create(
        kind=kind, key=key, defaults=wanted
    )
    if created:
        count_new_step(course=criterion.course)
        record_event(
            actor=actor,
            action="criterion.required",
            target=criterion,
            now=now,
            kind=kind,
            key=key,
            course=course.code,
        )
        return criterion
    came_back = not criterion.is_active
    changes = {
        name: [_plain(getattr(criterion, name)), _plain(value)]
        for name, value in wanted.items()
        if getattr(criterion, name) != value
    }
    if changes:
        for name in changes:
            setattr(criterion, name, wanted[name])
        criterion.save(update_fields=list(changes))
        if came_back:
            count_new_step(course=criterion.course)
        record_event(actor=actor, action="criterion.changed", target=criterion, now=now, changes=changes)
    return criterion


def _plain(value: Any) -> Any:
    """As an audit event keeps it: a record by its number."""
    return value.pk if isinstance(value, Model) else value


@transaction.atomic
def drop_criterion(*, kind: str, key: str, actor, now: datetime) -> bool:
    """Stop asking for a criterion; what was met stays on record. False when it was not asked for."""
    dropped = Criterion.objects.filter(kind=kind, key=key, is_active=True).update(is_active=False)
    if dropped:
        criterion = Criterion.objects.select_related("course").get(kind=kind, key=key)
        record_event(actor=actor, action="criterion.dropped", target=criterion, now=now, kind=kind, key=key)
        complete_those_done(course=criterion.course, actor=actor, now=now)
    return bool(dropped)


def count_new_step(*, course: CoursePage) -> None:
    """Let the open enrolments of a course to which a step was added show the new total at once: one statement.

    A figure derived from the course, no change of state; each enrolment is measured exactly when something is done in it.
    """
    total = required_steps(course).total
    Enrolment.objects.active().filter(run__course=course, steps_done__lte=total).update(steps_total=total)


def complete_those_done(*, course: CoursePage, actor, now: datetime) -> int:
    """Complete the open enrolments to which nothing is left to do, since a step has gone from the course.

    Gives their number. Found by a constant number of queries, then completed one by one, each in its transaction.
    """
    steps = required_steps(course)
    if not steps.total:
        return 0
    open_enrolments = Enrolment.objects.active().filter(run__course=course, run__state=Run.State.OPEN)
    done: Counter[int] = Counter()
    for rows in (
        LessonProgress.objects.filter(completed_at__isnull=False, lesson__in=steps.lesson_ids),
        CriterionResult.objects.filter(criterion__in=steps.criterion_ids),
    ):
        counts = rows.filter(enrolment__in=open_enrolments).values_list("enrolment").annotate(Count("pk"))
        done.update(dict(counts.order_by()))
    completed = 0
    for enrolment_id in sorted(pk for pk, count in done.items() if count == steps.total):
        with transaction.atomic():
            enrolment = _lock(Enrolment(pk=enrolment_id))
            _measure(enrolment, actor=actor, now=now)
            completed += enrolment.state == State.COMPLETED
    return completed
