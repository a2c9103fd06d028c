"""How many are where in a class: counted from the enrolments, in a constant number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from .models import Enrolment, Run

State = Enrolment.State
# Who holds no place: the same states as ``RunQuerySet.with_seats_taken``.
WITHOUT_SEAT = [State.NOMINATED, State.WITHDRAWN, State.EXPIRED]


@dataclass(frozen=True)
class RunFigures:
    """Participations of one run.

    ``nominated``, ``enrolled``, ``started`` and ``completed`` count those who ever came so far. ``waiting`` are
    nominations not yet decided, ``late`` those who study past the deadline; ``failed`` and ``withdrawn`` had a place.
    """

    nominated: int = 0
    enrolled: int = 0
    started: int = 0
    completed: int = 0
    waiting: int = 0
    seats: int = 0
    late: int = 0
    failed: int = 0
    withdrawn: int = 0
    units: int = 0


def figures_of_runs(runs: Iterable[Run], *, on: date) -> dict[int, RunFigures]:
    """Figures by run id; one query."""
    ids = [run.pk for run in runs]
    rows = (
        Enrolment.objects.filter(run__in=ids)
        .order_by()
        .values("run")
        .annotate(
            nominated=Count("pk", filter=Q(nominated_at__isnull=False)),
            enrolled=Count("pk", filter=Q(enrolled_at__isnull=False)),
            started=Count("pk", filter=Q(started_at__isnull=False)),
            completed=Count("pk", filter=Q(state=State.COMPLETED)),
            waiting=Count("pk", filter=Q(state=State.NOMINATED)),
            seats=Count("pk", filter=~Q(state__in=WITHOUT_SEAT)),
            late=Count("pk", filter=Q(state__in=Enrolment.STUDYING_STATES, due_on__lt=on)),
            failed=Count("pk", filter=Q(state__in=[State.FAILED, State.EXPIRED])),
            withdrawn=Count("pk", filter=Q(state=State.WITHDRAWN, enrolled_at__isnull=False)),
            units=Count("unit", distinct=True, filter=Q(enrolled_at__isnull=False)),
        )
    )
    found = {row.pop("run"): RunFigures(**row) for row in rows}
    return {pk: found.get(pk, RunFigures()) for pk in ids}


def figures_of(run: Run, *, on: date) -> RunFigures:
    return figures_of_runs([run], on=on)[run.pk]


def seats_left(run: Run, figures: RunFigures) -> int | None:
    """None for no limit."""
    return None if run.capacity is None else max(run.capacity - figures.seats, 0)
