"""Who of a class has not started, is writing, is idle, has handed in: set-based, a constant number of queries."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from courses.models import Enrolment, Run

from .models import Attempt, AttemptQuestion, AttemptSignal, Quiz

# Nothing saved for so long, by somebody who is writing: worth a look.
IDLE_AFTER = timedelta(minutes=5)


@dataclass
class Progress:
    answered: int = 0
    questions: int = 0
    signals: int = 0
    idle_minutes: int = 0
    minutes_left: int = 0


def supervised(run: Run, quiz: Quiz) -> QuerySet[Enrolment]:
    """Who may write the quiz or has written it, each with the newest attempt's figures.

    Adds ``attempt_id``, ``attempt_state``, ``begun_at``, ``closes_at``, ``accepts_until`` and ``active_at``, the last
    saved answer or the start.
    """
    newest = Attempt.objects.filter(enrolment=OuterRef("pk"), quiz=quiz).order_by("-number")
    saved = (
        AttemptQuestion.objects.filter(attempt=OuterRef("attempt_id"))
        .order_by()
        .values("attempt")
        .annotate(at=Max("saved_at"))
        .values("at")
    )

    def of_newest(name: str) -> Subquery:
        return Subquery(newest.values(name)[:1])

    studying = Q(state__in=Enrolment.STUDYING_STATES)
    return (
        Enrolment.objects.filter(run=run)
        .annotate(attempt_id=of_newest("pk"))
        .filter(studying | Q(attempt_id__isnull=False))
        .annotate(
            attempt_state=of_newest("state"),
            begun_at=of_newest("started_at"),
            closes_at=of_newest("closes_at"),
            accepts_until=of_newest("accepts_until"),
            active_at=Coalesce(Subquery(saved), F("begun_at")),
        )
    )


def in_state(state: str, *, now: datetime) -> Q:
    """``waiting``, ``writing`` (idle ones too), ``idle`` or ``done``; anything else lets all through."""
    is_open = Q(attempt_state=Attempt.State.IN_PROGRESS, accepts_until__gte=now)
    return {
        "waiting": Q(attempt_id__isnull=True),
        "writing": is_open,
        "idle": is_open & Q(active_at__lt=now - IDLE_AFTER),
        "done": Q(attempt_id__isnull=False) & ~is_open,
    }.get(state, Q())


def counts(rows: QuerySet[Enrolment], *, now: datetime) -> dict[str, int]:
    """How many are in each state; one query."""
    states = ("waiting", "writing", "idle", "done")
    return rows.aggregate(**{name: Count("pk", filter=in_state(name, now=now)) for name in states})


def attach_attempts(enrolments: list[Enrolment], *, now: datetime) -> None:
    """Give each row ``attempt`` and ``progress``; three queries. A typed answer that was emptied counts as none."""
    ids = [row.attempt_id for row in enrolments if row.attempt_id]
    attempts = Attempt.objects.select_related("stopped_by").in_bulk(ids)
    progress: dict[int, Progress] = {pk: Progress() for pk in ids}
    for attempt_id, answer in AttemptQuestion.objects.filter(attempt__in=ids).values_list(
        "attempt_id", "answer"
    ):
        of_attempt = progress[attempt_id]
        of_attempt.questions += 1
        of_attempt.answered += any((answer or {}).values())
    counted = AttemptSignal.objects.filter(attempt__in=ids).order_by().values_list("attempt")
    for attempt_id, count in counted.annotate(count=Count("pk")):
        progress[attempt_id].signals = count
    for row in enrolments:
        row.attempt = attempts.get(row.attempt_id)
        row.progress = progress.get(row.attempt_id)
        if row.progress:
            row.progress.idle_minutes = max(0, int((now - row.active_at).total_seconds() // 60))
            row.progress.minutes_left = max(0, int((row.closes_at - now).total_seconds() // 60))
