"""How an official comes into a run and leaves it.

nominated → (approved) → enrolled; nominated, approved, enrolled, in progress → withdrawn. Approval gives the place at
once: ``approved_at`` and ``enrolled_at`` are the same moment and the state goes on to enrolled. Who was withdrawn before
studying anything may come back on the same row, so there is one enrolment per run and learner for good.

Places are counted while the run's row is locked, on SQLite by the transaction itself, which is IMMEDIATE.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from courses.models import Enrolment, Run
from courses.permissions import may_leave, may_manage_training, may_nominate_from
from courses.steps import required_steps
from lms.core.audit import record_event, record_events
from lms.core.errors import DomainError, NotAllowed
from lms.organisations.models import Posting

from .errors import AlreadyEnrolled, EnrolmentClosed, EnrolmentMoved, NotPosted, ReasonMissing, RunFull
from .reasons import required_reason

__all__ = [
    "AlreadyEnrolled",
    "EnrolmentClosed",
    "EnrolmentMoved",
    "NotPosted",
    "ReasonMissing",
    "RunFull",
    "approve_nomination",
    "approve_nominations",
    "decline_nomination",
    "enrol_learner",
    "main_posting",
    "nominate_official",
    "withdraw_enrolment",
]

State = Enrolment.State
WITHDRAWABLE_STATES = [State.NOMINATED, State.APPROVED, State.ENROLLED, State.IN_PROGRESS]


def main_posting(person, *, on: date) -> Posting:
    """Where the person sits on the day; raises NotPosted."""
    posting = Posting.objects.on(on).main().filter(person=person).select_related("unit").first()
    if posting is None:
        raise NotPosted
    return posting


def _lock_run(run: Run) -> Run:
    """The run as it stands, kept still until the transaction ends; locks on its key are left to others."""
    return Run.objects.select_for_update(no_key=True).select_related(None).get(pk=run.pk)


def _seats_left(run: Run) -> int | None:
    """None for no limit. Only true while the run is locked."""
    if run.capacity is None:
        return None
    return run.capacity - Run.objects.with_seats_taken().values_list("seats_taken", flat=True).get(pk=run.pk)


def _require_open(run: Run, policy: str, *, on: date) -> None:
    runs = Run.objects.filter(pk=run.pk)
    found = runs.open_for_enrolment(on=on) if policy == Run.Policy.SELF else runs.open_for_nomination(on=on)
    if not found.exists():
        raise EnrolmentClosed


def _enter(*, run: Run, posting: Posting, may_return: Q, **fields) -> Enrolment:
    """A new enrolment, or the withdrawn one of the same person taken up again where ``may_return`` allows it."""
    fields |= {
        "unit": posting.unit,
        "position": posting.position,
        "rank_name": posting.rank_name,
        "due_on": run.due_on,
        "ended_at": None,
        "end_reason": "",
    }
    try:
        with transaction.atomic():
            return Enrolment.objects.create(run=run, learner_id=posting.person_id, **fields)
    except IntegrityError:
        withdrawn = Enrolment.objects.filter(
            run=run, learner_id=posting.person_id, state=State.WITHDRAWN, started_at__isnull=True
        ).filter(may_return)
        if withdrawn.update(**fields) != 1:
            raise AlreadyEnrolled from None
        return Enrolment.objects.select_related("run", "learner", "unit").get(
            run=run, learner_id=posting.person_id
        )


@transaction.atomic
def nominate_official(*, run: Run, person, actor, now: datetime) -> Enrolment:
    """Put an official of the actor's units on the list of a run that takes nominations."""
    today = timezone.localdate(now)
    posting = main_posting(person, on=today)
    if not may_nominate_from(actor, posting.unit, now=now):
        raise NotAllowed
    _require_open(run, Run.Policy.NOMINATION, on=today)
    enrolment = _enter(
        run=run,
        posting=posting,
        may_return=Q(),
        state=State.NOMINATED,
        nominated_by=actor,
        nominated_at=now,
        approved_by=None,
        approved_at=None,
        enrolled_at=None,
    )
    record_event(
        actor=actor,
        action="enrolment.nominated",
        target=enrolment,
        now=now,
        run=run.code,
        unit=posting.unit.code,
    )
    return enrolment


def approve_nomination(*, enrolment: Enrolment, actor, now: datetime) -> Enrolment:
    """Give a nominated official a place; raises RunFull, EnrolmentClosed or EnrolmentMoved."""
    approved, refused = approve_nominations(
        run=enrolment.run, enrolment_ids=[enrolment.pk], actor=actor, now=now
    )
    if refused:
        raise refused[0][1]
    if not approved:
        raise EnrolmentMoved
    return approved[0]


@transaction.atomic
def approve_nominations(
    *, run: Run, enrolment_ids: Iterable[int], actor, now: datetime
) -> tuple[list[Enrolment], list[tuple[Enrolment, DomainError]]]:
    """Give places in the order of nomination, as far as they reach.

    Gives those approved, and those refused with the reason. Ids of other runs are passed over. The number of queries
    does not grow with the number of officials, but for one audit statement per thousand.
    """
    if not may_manage_training(actor, now=now):
        raise NotAllowed
    run = _lock_run(run)
    if run.state != Run.State.OPEN or timezone.localdate(now) > run.closes_on:
        raise EnrolmentClosed
    rows = list(
        Enrolment.objects.select_for_update(no_key=True, of=("self",))
        .filter(run=run, pk__in=list(enrolment_ids))
        .select_related("learner", "unit")
        .order_by("nominated_at", "pk")
    )
    left = _seats_left(run)
    approved: list[Enrolment] = []
    refused: list[tuple[Enrolment, DomainError]] = []
    for row in rows:
        row.run = run
        if row.state != State.NOMINATED:
            refused.append((row, EnrolmentMoved()))
        elif left is not None and len(approved) >= left:
            refused.append((row, RunFull()))
        else:
            approved.append(row)
    if approved:
        changes = {
            "state": State.ENROLLED,
            "approved_by": actor,
            "approved_at": now,
            "enrolled_at": now,
            "due_on": run.due_on,
            "steps_done": 0,
            "steps_total": required_steps(run.course).total,
        }
        updated = Enrolment.objects.filter(pk__in=[row.pk for row in approved], state=State.NOMINATED).update(
            **changes
        )
        if updated != len(approved):
            raise EnrolmentMoved
        for row in approved:
            for name, value in changes.items():
                setattr(row, name, value)
        record_events(
            actor=actor,
            action="enrolment.approved",
            targets=[(row, {"run": run.code}) for row in approved],
            now=now,
        )
    return approved, refused


@transaction.atomic
def enrol_learner(*, run: Run, learner, actor, now: datetime) -> Enrolment:
    """Take a place in a run that officials enter by themselves; only for oneself."""
    if actor.pk != learner.pk:
        raise NotAllowed
    today = timezone.localdate(now)
    run = _lock_run(run)
    _require_open(run, Run.Policy.SELF, on=today)
    posting = main_posting(learner, on=today)
    left = _seats_left(run)
    if left is not None and left <= 0:
        if Enrolment.objects.filter(run=run, learner=learner).exclude(state=State.WITHDRAWN).exists():
            raise AlreadyEnrolled
        raise RunFull
    enrolment = _enter(
        run=run,
        posting=posting,
        # Whom the school has taken out comes back through the school; who left by oneself may change one's mind.
        may_return=Q(end_reason=""),
        state=State.ENROLLED,
        enrolled_at=now,
        steps_done=0,
        steps_total=required_steps(run.course).total,
    )
    record_event(
        actor=actor,
        action="enrolment.enrolled",
        target=enrolment,
        now=now,
        run=run.code,
        unit=posting.unit.code,
    )
    return enrolment


@transaction.atomic
def decline_nomination(*, enrolment: Enrolment, reason: str, actor, now: datetime) -> Enrolment:
    """Refuse a nomination, with the reason its unit will read."""
    if not may_manage_training(actor, now=now):
        raise NotAllowed
    return _withdraw(
        enrolment=enrolment,
        states=[State.NOMINATED],
        reason=required_reason(reason),
        action="enrolment.declined",
        actor=actor,
        now=now,
    )


@transaction.atomic
def withdraw_enrolment(*, enrolment: Enrolment, reason: str, actor, now: datetime) -> Enrolment:
    """Take an official out of a run.

    The school may while the course is not completed, giving the reason; the unit's coordinator may take back a
    nomination; a learner may leave a run entered by oneself before studying anything, and need not say why.
    """
    if may_leave(actor, enrolment):
        states, reason = [State.ENROLLED], ""
    elif may_manage_training(actor, now=now):
        states, reason = WITHDRAWABLE_STATES, required_reason(reason)
    elif may_nominate_from(actor, enrolment.unit, now=now):
        states, reason = [State.NOMINATED], required_reason(reason)
    else:
        raise NotAllowed
    return _withdraw(
        enrolment=enrolment, states=states, reason=reason, action="enrolment.withdrawn", actor=actor, now=now
    )


def give_way(*, enrolment: Enrolment, actor, now: datetime) -> Enrolment:
    """Withdraw a participation, even a completed one, because the same person took part under another account as well.

    Called by the merge of two accounts, in its transaction and under its right.
    """
    reason = "Cùng một người đã tham gia lớp này bằng tài khoản khác"
    return _withdraw(
        enrolment=enrolment,
        states=list(State),
        reason=reason,
        action="enrolment.gave_way",
        actor=actor,
        now=now,
    )


def _withdraw(
    *, enrolment: Enrolment, states: list[str], reason: str, action: str, actor, now: datetime
) -> Enrolment:
    updated = Enrolment.objects.filter(pk=enrolment.pk, state__in=states).update(
        state=State.WITHDRAWN, ended_at=now, end_reason=reason
    )
    if updated != 1:
        raise EnrolmentMoved
    before = enrolment.state
    enrolment.state, enrolment.ended_at, enrolment.end_reason = State.WITHDRAWN, now, reason
    record_event(actor=actor, action=action, target=enrolment, now=now, before=before, reason=reason)
    return enrolment
