"""What waits to be marked, as its markers see it: without names where the quiz says so, without the other marker's mark."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from courses.models import Run

from .models import Attempt, AttemptQuestion, Marking, Quiz
from .models.marking import to_be_marked


def queue_of(*, quiz: Quiz, run: Run, marker) -> QuerySet[AttemptQuestion]:
    """The answers this marker may mark, the own ones left out.

    Rows carry ``given`` (marks by single markers), ``is_mine`` and ``is_decided``.
    """
    rows = to_be_marked(quiz_id=quiz.pk, run_id=run.pk).exclude(attempt__enrolment__learner_id=marker.pk)
    single = Marking.objects.filter(row=OuterRef("pk"), decides=False)
    rows = rows.annotate(
        given=Count("markings", filter=Q(markings__decides=False)),
        is_mine=Exists(single.filter(marker_id=marker.pk)),
        is_decided=Exists(Marking.objects.filter(row=OuterRef("pk"), decides=True)),
    ).select_related("version__question", "attempt__enrolment__learner")
    return rows.prefetch_related("markings__marker")


def still_waiting(rows: QuerySet[AttemptQuestion], quiz: Quiz) -> QuerySet[AttemptQuestion]:
    """Of ``queue_of``: for a mark of the asking marker."""
    return rows.filter(mark__isnull=True, is_mine=False, given__lt=quiz.markers)


@dataclass(frozen=True)
class ShownAnswer:
    """``state``: waiting, half (one of two marks is given), differs, marked, decided. ``markings`` are those that may be seen."""

    row: AttemptQuestion
    title: str
    state: str
    is_mine: bool
    markings: list[Marking]
    own: Marking | None

    @property
    def text(self) -> str:
        return (self.row.answer or {}).get("text", "")

    @property
    def files(self) -> list:
        return self.row.handed_in

    @property
    def rubric(self) -> list[dict[str, Any]]:
        return self.row.version.content.get("rubric", [])


def paper_name(attempt: Attempt, quiz: Quiz) -> str:
    """The learner, or a number that tells nothing of them."""
    if quiz.anonymous_marking:
        return _("Paper %(number)s") % {"number": str(attempt.public_id)[:6].upper()}
    return attempt.enrolment.learner.get_full_name()


def shown_answer(row: AttemptQuestion, *, quiz: Quiz, marker) -> ShownAnswer:
    markings = list(row.markings.all())
    single = [marking for marking in markings if not marking.decides]
    own = next((marking for marking in single if marking.marker_id == marker.pk), None)
    decided = next((marking for marking in markings if marking.decides), None)
    if decided:
        state = "decided"
    elif row.mark is not None:
        state = "marked"
    elif len(single) >= quiz.markers:
        state = "differs"
    else:
        state = "half" if single else "waiting"
    # One marker's mark would lead the other's hand.
    is_open = state in ("differs", "marked", "decided")
    return ShownAnswer(
        row=row,
        title=paper_name(row.attempt, quiz),
        state=state,
        is_mine=own is not None,
        markings=markings if is_open else [own] if own else [],
        own=own,
    )


@dataclass(frozen=True)
class Waiting:
    """Of one quiz in a class: attempts and answers not released yet, in numbers."""

    attempts: int
    answers: int
    for_me: int
    differing: int
    marked: int
    ready: int  # attempts whose answers are all marked

    @classmethod
    def of(cls, *, quiz: Quiz, run: Run, marker) -> "Waiting":
        """Two queries."""
        rows = queue_of(quiz=quiz, run=run, marker=marker).order_by()
        found = list(rows.prefetch_related(None).values_list("attempt_id", "mark", "given", "is_mine"))
        unmarked = {attempt for attempt, mark, _given, _mine in found if mark is None}
        every = {attempt for attempt, *_rest in found}
        return cls(
            attempts=len(every),
            answers=len(found),
            for_me=sum(
                1 for _a, mark, given, mine in found if mark is None and not mine and given < quiz.markers
            ),
            differing=sum(1 for _a, mark, given, _mine in found if mark is None and given >= quiz.markers),
            marked=sum(1 for _a, mark, _given, _mine in found if mark is not None),
            ready=len(every - unmarked),
        )

    @staticmethod
    def by_quiz(run: Run) -> Counter[int]:
        """Attempts that wait for the release, by quiz."""
        waiting = Attempt.objects.filter(enrolment__run=run, state=Attempt.State.SUBMITTED)
        return Counter(waiting.values_list("quiz_id", flat=True))
