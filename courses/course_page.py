"""What the public page of a course shows: syllabus, trainers, runs, and the one thing to do next.

The syllabus is the source language's, with the words of the reader's language laid over it: a course half translated is
shown whole. The number of queries does not grow with the course.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from lms.organisations.models import Posting

from .models import CoursePage, Enrolment, Run
from .outline import Outline, outline_for, outline_of_course

FALLBACK_FIELDS = ["introduction", "outcomes", "completion_rule", "audience", "format_note"]
# A person may have been in several runs of a course: the most telling enrolment is shown.
STATE_ORDER = [
    "in_progress",
    "enrolled",
    "approved",
    "nominated",
    "completed",
    "failed",
    "expired",
    "withdrawn",
]


@dataclass
class SyllabusLesson:
    title: str
    periods: Decimal
    minutes: int
    is_compulsory: bool
    url: str = ""  # for those enrolled
    done: bool = False


@dataclass
class SyllabusModule:
    """``anchor`` is what the module's own address leads to."""

    title: str
    anchor: str
    code: str = ""
    summary: str = ""
    periods: Decimal = Decimal(0)
    lessons: list[SyllabusLesson] = field(default_factory=list)
    criteria: list[str] = field(default_factory=list)

    @property
    def minutes(self) -> int:
        return sum(lesson.minutes for lesson in self.lessons)


@dataclass
class RunLine:
    """A run as the public page shows it. ``places_left`` is None where there is no limit."""

    run: Run
    places_left: int | None
    is_running: bool
    enrol_url: str

    @property
    def is_full(self) -> bool:
        return self.places_left == 0


def module_anchor(slug: str) -> str:
    return f"module-{slug}"


def syllabus(outline: Outline, *, may_read: bool) -> list[SyllabusModule]:
    """Modules with their lessons and tests; lessons lead on only for those who may read them."""
    return [
        SyllabusModule(
            title=module.title,
            anchor=module_anchor(module.slug if module.page_id else "final"),
            code=module.code,
            summary=module.summary,
            periods=module.periods,
            lessons=[
                SyllabusLesson(
                    title=lesson.title,
                    periods=lesson.periods,
                    minutes=lesson.minutes,
                    is_compulsory=lesson.is_compulsory,
                    url=lesson.url if may_read else "",
                    done=lesson.done,
                )
                for lesson in module.lessons
            ],
            criteria=[step.title for step in module.criteria],
        )
        for module in outline.modules
    ]


def run_lines(source: CoursePage, *, on: date) -> list[RunLine]:
    """The announced runs, soonest first: one query."""
    runs = Run.objects.filter(course=source, state=Run.State.OPEN, closes_on__gte=on)
    lines = []
    for run in runs.with_seats_taken().order_by("opens_on", "pk"):
        left = None if run.capacity is None else max(0, run.capacity - run.seats_taken)
        is_running = run.opens_on <= on
        may_enrol = run.policy == Run.Policy.SELF and is_running and left != 0
        enrol_url = reverse("courses:enrol", args=[run.code]) if may_enrol else ""
        lines.append(RunLine(run=run, places_left=left, is_running=is_running, enrol_url=enrol_url))
    return lines


def trainers_of(source: CoursePage, *, on: date) -> list[dict[str, str]]:
    """Name, position and unit of each trainer, in the order given: two queries."""
    people = [link.person for link in source.trainer_links.select_related("person").order_by("sort_order")]
    postings = (
        Posting.objects.on(on).main().filter(person__in=people).select_related("unit") if people else []
    )
    seats = {posting.person_id: posting for posting in postings}
    return [
        {
            "name": person.get_full_name(),
            "detail": seats[person.pk].position if person.pk in seats else "",
            "unit": seats[person.pk].unit.display_name if person.pk in seats else "",
        }
        for person in people
    ]


def my_enrolment(source: CoursePage, user) -> Enrolment | None:
    """The reader's own most telling enrolment in the course."""
    if not user.is_authenticated:
        return None
    mine = Enrolment.objects.of(user).filter(run__course=source).select_related("run__course")
    return min(mine, key=lambda enrolment: (STATE_ORDER.index(enrolment.state), -enrolment.pk), default=None)


def course_context(page: CoursePage, request: HttpRequest) -> dict[str, Any]:
    """Everything ``courses/course_page.html`` reads beside the page itself."""
    today = timezone.localdate()
    # In the tree of the source language the page itself; a preview of a page not yet saved has no children to show.
    source = page.canonical if page.pk else page
    enrolment = my_enrolment(source, request.user)
    is_mine = enrolment is not None and enrolment.state in [
        *Enrolment.STUDYING_STATES,
        Enrolment.State.COMPLETED,
    ]
    outline = outline_for(enrolment, with_criterion_states=False) if is_mine else None
    modules = []
    if page.pk:
        shown = outline or outline_of_course(source, with_criteria=True)
        modules = syllabus(shown, may_read=outline is not None)
    runs = run_lines(source, on=today) if page.pk else []
    texts = {}
    for name in FALLBACK_FIELDS:
        own = getattr(page, name)
        texts[name] = {
            "value": own or getattr(source, name),
            "lang": "" if own or source == page else settings.LANGUAGE_CODE,
        }
    return {
        "modules": modules,
        "lesson_count": sum(len(module.lessons) for module in modules),
        "criterion_count": sum(len(module.criteria) for module in modules),
        "minutes": sum(module.minutes for module in modules),
        "texts": texts,
        "trainers": trainers_of(source, on=today) if page.pk else [],
        "runs": runs,
        "enrolment": enrolment,
        "outline": outline,
        "continue_url": (outline.next_url or reverse("courses:my_course", args=[enrolment.pk]))
        if outline
        else "",
        # Somebody who is studying, or has asked to, is not asked to enrol again.
        "first_enrolable": None
        if enrolment and enrolment.state not in [Enrolment.State.WITHDRAWN, Enrolment.State.EXPIRED]
        else next((line for line in runs if line.enrol_url), None),
    }
