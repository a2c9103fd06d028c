"""A course as one learner sees it: modules, lessons and criteria, what is done, where to go on.

Everything is read set-based: the number of queries is the same for a course of two lessons and of two hundred.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import (
    DateTimeField,
    DecimalField,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    PositiveSmallIntegerField,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils.translation import get_language
from wagtail.models import Page, Site

from .criteria import CriterionState, criterion_states, criterion_url
from .models import CoursePage, Criterion, CriterionResult, Enrolment
from .page_links import page_url
from .steps import STEP_LENGTH

PERIODS = DecimalField(max_digits=5, decimal_places=1)


@dataclass
class LessonOutline:
    """``page_id`` is the source page's; title and url are those of the reader's language where it is translated."""

    page_id: int
    title: str
    url: str
    periods: Decimal
    minutes: int
    is_compulsory: bool
    done: bool
    current: bool
    opened: bool
    position: int  # per cent of the text scrolled to


@dataclass
class CriterionOutline:
    criterion: Criterion
    title: str
    url: str
    done: bool
    state: CriterionState | None


@dataclass
class ModuleOutline:
    """``page_id`` 0 stands for criteria of the course as a whole. Words and ``slug`` are those of the reader's language."""

    page_id: int
    title: str
    code: str
    slug: str = ""
    summary: str = ""
    periods: Decimal = Decimal(0)
    lessons: list[LessonOutline] = field(default_factory=list)
    criteria: list[CriterionOutline] = field(default_factory=list)

    @property
    def done(self) -> int:
        return sum(step.done for step in self.steps)

    @property
    def total(self) -> int:
        return len(self.steps)

    @property
    def steps(self) -> list[LessonOutline | CriterionOutline]:
        """What counts for completion, in order."""
        return [lesson for lesson in self.lessons if lesson.is_compulsory] + self.criteria


@dataclass
class Outline:
    """``done`` of ``total`` are the steps as the course stands now. ``next_url`` is "" when nothing is left to do."""

    course_title: str
    course_url: str
    modules: list[ModuleOutline]
    next_url: str
    next_title: str
    done: int
    total: int

    @property
    def lessons(self) -> list[LessonOutline]:
        return [lesson for module in self.modules for lesson in module.lessons]

    @property
    def percent(self) -> int:
        return self.done * 100 // self.total if self.total else 0

    @property
    def missing(self) -> list[LessonOutline | CriterionOutline]:
        """What is still to be done for completion."""
        return [step for module in self.modules for step in module.steps if not step.done]


def outline_for(
    enrolment: Enrolment, *, current_lesson_id: int | None = None, with_criterion_states: bool = True
) -> Outline:
    """The outline of an enrolment's course. ``current`` is the lesson given, else the last one opened.

    Two queries and those of the criterion kinds, in any language. The enrolment should come with ``run__course``.
    """
    title, url, modules = _modules(
        enrolment.run.course,
        enrolment=enrolment,
        current_lesson_id=current_lesson_id or enrolment.last_lesson_id,
    )
    results = CriterionResult.objects.filter(enrolment=enrolment, criterion=OuterRef("pk"))
    criteria = list(_criteria_of(enrolment.run.course).annotate(is_met=Exists(results)))
    states = criterion_states(enrolment, criteria) if with_criterion_states and criteria else {}
    modules += _place(
        modules,
        [
            CriterionOutline(
                criterion=criterion,
                title=criterion.display_title,
                url=criterion_url(criterion, enrolment),
                done=criterion.is_met,
                state=states.get(criterion.pk),
            )
            for criterion in criteria
        ],
    )
    steps = [step for module in modules for step in module.steps]
    next_url, next_title = _next_step(modules, last_lesson_id=enrolment.last_lesson_id)
    return Outline(
        course_title=title,
        course_url=url,
        modules=modules,
        next_url=next_url,
        next_title=next_title,
        done=sum(step.done for step in steps),
        total=len(steps),
    )


def outline_of_course(
    course: CoursePage, *, current_lesson_id: int | None = None, with_criteria: bool = False
) -> Outline:
    """The same for someone who is not enrolled: nothing done, no way to a test. One query, two with the criteria."""
    title, url, modules = _modules(course, enrolment=None, current_lesson_id=current_lesson_id)
    if with_criteria:
        tests = [
            CriterionOutline(criterion=row, title=row.display_title, url="", done=False, state=None)
            for row in _criteria_of(course)
        ]
        modules += _place(modules, tests)
    total = sum(module.total for module in modules)
    return Outline(
        course_title=title, course_url=url, modules=modules, next_url="", next_title="", done=0, total=total
    )


def _criteria_of(course: CoursePage) -> QuerySet[Criterion]:
    return Criterion.objects.filter(course=course, is_active=True)


def _course_pages(course: CoursePage, *, language: str, enrolment: Enrolment | None) -> list[dict[str, Any]]:
    """The course, its published modules and their published lessons in the order of the tree, each with what the
    enrolment has done of it; behind or before them their translations into the reader's language. One query.
    """
    in_course = Q(path__startswith=course.path, live=True, depth__lte=len(course.path) // STEP_LENGTH + 2)
    rows = _page_rows(in_course, enrolment=enrolment)
    if language != settings.LANGUAGE_CODE:
        keys = Page.objects.filter(in_course).values("translation_key")
        translated = Q(translation_key__in=keys, locale__language_code=language, live=True)
        # A union lets the database take each half by its own index, which an OR of the two would not.
        rows = rows.union(_page_rows(translated, enrolment=None), all=True)
    return list(rows.order_by("path"))


def _page_rows(condition: Q, *, enrolment: Enrolment | None) -> QuerySet:
    pages = Page.objects.filter(condition).order_by()
    if enrolment is None:
        done = {
            "opened_at": Value(None, output_field=DateTimeField()),
            "completed_at": Value(None, output_field=DateTimeField()),
            "position": Value(None, output_field=PositiveSmallIntegerField()),
        }
    else:
        own = Q(lessonpage__progress__enrolment=enrolment)
        pages = pages.annotate(own=FilteredRelation("lessonpage__progress", condition=own))
        done = {name: F(f"own__{name}") for name in ("opened_at", "completed_at", "position")}
    return pages.values("pk", "path", "title", "slug", "url_path", "translation_key").annotate(
        code=F("modulepage__code"),
        summary=F("modulepage__summary"),
        periods=Coalesce("modulepage__periods", "lessonpage__periods", output_field=PERIODS),
        minutes=F("lessonpage__minutes"),
        is_compulsory=F("lessonpage__is_compulsory"),
        **done,
    )


def _modules(
    course: CoursePage, *, enrolment: Enrolment | None, current_lesson_id: int | None
) -> tuple[str, str, list[ModuleOutline]]:
    """The course's title and address, and its modules with their lessons."""
    language = get_language() or settings.LANGUAGE_CODE
    sources, translated = [], {}
    for row in _course_pages(course, language=language, enrolment=enrolment):
        if row["path"].startswith(course.path):
            sources.append(row)
        else:
            translated[row["translation_key"]] = row
    course_title, course_url = course.title, ""
    modules: dict[str, ModuleOutline] = {}
    roots = Site.get_site_root_paths()
    for row in sources:
        words = translated.get(row["translation_key"], row)
        shown = settings.LANGUAGE_CODE if words is row else language
        url = page_url(words["url_path"], language=shown, roots=roots)
        depth = (len(row["path"]) - len(course.path)) // STEP_LENGTH
        if depth == 0:
            course_title, course_url = words["title"], url
        elif depth == 1:
            modules[row["path"]] = ModuleOutline(
                page_id=row["pk"],
                title=words["title"],
                code=row["code"] or "",
                slug=words["slug"],
                summary=words["summary"] or "",
                periods=row["periods"] or Decimal(0),
            )
        elif row["path"][:-STEP_LENGTH] in modules and row["minutes"] is not None:
            modules[row["path"][:-STEP_LENGTH]].lessons.append(
                LessonOutline(
                    page_id=row["pk"],
                    title=words["title"],
                    url=url,
                    periods=row["periods"],
                    minutes=row["minutes"],
                    is_compulsory=row["is_compulsory"],
                    done=row["completed_at"] is not None,
                    current=row["pk"] == current_lesson_id,
                    opened=row["opened_at"] is not None,
                    position=row["position"] or 0,
                )
            )
    return course_title, course_url, list(modules.values())


def _place(modules: list[ModuleOutline], criteria: Iterable[CriterionOutline]) -> list[ModuleOutline]:
    """Put each criterion under its module; gives a last part for those of the course as a whole."""
    by_id = {module.page_id: module for module in modules}
    whole = ModuleOutline(page_id=0, title="", code="")
    for step in criteria:
        by_id.get(step.criterion.module_id or 0, whole).criteria.append(step)
    return [whole] if whole.criteria else []


def _next_step(modules: list[ModuleOutline], *, last_lesson_id: int | None) -> tuple[str, str]:
    """Where "continue" leads: the lesson last opened if it is not done, else the next step after it, else the first left."""
    order = [step for module in modules for step in [*module.lessons, *module.criteria]]
    at = next(
        (
            n
            for n, step in enumerate(order)
            if isinstance(step, LessonOutline) and step.page_id == last_lesson_id
        ),
        0,
    )
    for step in [*order[at:], *order[:at]]:
        optional = (
            isinstance(step, LessonOutline) and not step.is_compulsory and step.page_id != last_lesson_id
        )
        if not step.done and not optional and step.url:
            return step.url, step.title
    return "", ""
