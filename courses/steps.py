"""What has to be done to complete a course, and how much of it an enrolment has done.

Steps are the compulsory lessons that are published under a published module, and the active criteria. Pages are those
of the source language: a translation shares its source's progress.
"""

from dataclasses import dataclass

from wagtail.models import Page

from .models import CoursePage, Criterion, CriterionResult, Enrolment, LessonPage, LessonProgress, ModulePage

STEP_LENGTH = Page.steplen  # characters of ``path`` per level of the page tree


@dataclass(frozen=True)
class Steps:
    lesson_ids: frozenset[int]
    criterion_ids: frozenset[int]

    @property
    def total(self) -> int:
        return len(self.lesson_ids) + len(self.criterion_ids)


def required_steps(course: CoursePage) -> Steps:
    """Three queries, whatever the size of the course."""
    modules = set(
        ModulePage.objects.live().filter(path__startswith=course.path).values_list("path", flat=True)
    )
    lessons = LessonPage.objects.live().filter(path__startswith=course.path, is_compulsory=True)
    return Steps(
        lesson_ids=frozenset(
            pk for pk, path in lessons.values_list("pk", "path") if path[:-STEP_LENGTH] in modules
        ),
        criterion_ids=frozenset(
            Criterion.objects.filter(course=course, is_active=True).values_list("pk", flat=True)
        ),
    )


def count_done(enrolment: Enrolment, steps: Steps) -> int:
    """How many of the steps the enrolment has done; what is no longer a step does not count."""
    lessons = LessonProgress.objects.filter(enrolment=enrolment, completed_at__isnull=False)
    results = CriterionResult.objects.filter(enrolment=enrolment)
    return len(steps.lesson_ids.intersection(lessons.values_list("lesson_id", flat=True))) + len(
        steps.criterion_ids.intersection(results.values_list("criterion_id", flat=True))
    )
