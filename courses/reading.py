"""Which enrolment gives a learner the right to read a course's lessons."""

from datetime import datetime

from django.utils import timezone

from .models import CoursePage, Enrolment, LessonPage
from .panels import lesson_panel_marks
from .services.progress import is_open_for_study
from .steps import STEP_LENGTH

# Who held a place keeps what was read; who was taken out, or never came in, does not.
READING_STATES = [
    Enrolment.State.ENROLLED,
    Enrolment.State.IN_PROGRESS,
    Enrolment.State.COMPLETED,
    Enrolment.State.FAILED,
    Enrolment.State.EXPIRED,
]


def course_path_of(lesson: LessonPage) -> str:
    """The tree path of the course two levels above a lesson."""
    return lesson.path[: -2 * STEP_LENGTH]


def enrolments_in(user, *, course_path: str, lesson_id: int | None = None) -> list[Enrolment]:
    """The user's enrolments in the course at a tree path, with run and course: one query, none for a visitor.

    With a lesson's id also whether each has panels there (``panels.lesson_panels``).
    """
    if not user.is_authenticated:
        return []
    rows = Enrolment.objects.of(user).filter(run__course__path=course_path).select_related("run__course")
    if lesson_id is not None:
        rows = rows.annotate(**lesson_panel_marks(lesson_id))
    rows = list(rows)
    for row in rows:
        row.learner = user
    return rows


def reading_enrolment(enrolments: list[Enrolment], *, now: datetime) -> Enrolment | None:
    """Of several the one whose study counts now, else a completed one, else the latest; None when none lets read."""
    today = timezone.localdate(now)
    readable = [row for row in enrolments if row.state in READING_STATES and row.run.opens_on <= today]
    return max(
        readable,
        key=lambda row: (is_open_for_study(row, now=now), row.state == Enrolment.State.COMPLETED, row.pk),
        default=None,
    )


def course_at(path: str) -> CoursePage | None:
    return CoursePage.objects.filter(path=path).first()
